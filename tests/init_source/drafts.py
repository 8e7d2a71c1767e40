"""Sample files written and drafted, as c360's own loader reads the draft."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from c360.config import Column, SourceConfig, SourceTable
from c360.config.load import load
from c360.ingest.preview import findings
from c360.init_source import draft


@dataclass(frozen=True)
class Draft:
    """A draft: its text, and the source it declares."""

    text: str
    source: SourceConfig

    @property
    def table(self) -> SourceTable:
        """Its only table."""
        (table,) = self.source.tables.values()
        return table

    @property
    def types(self) -> dict[str, str]:
        """Column → type of its only table."""
        return {name: column.type for name, column in self.table.columns.items()}

    def column(self, name: str) -> Column:
        """A column of its only table."""
        return self.table.columns[name]

    def line(self, start: str) -> str:
        """The one line that begins so."""
        (line,) = (line.strip() for line in self.text.splitlines() if line.strip().startswith(start))
        return line


def drafted(folder: Path, files: dict[str, str | bytes], *, source: str = "shop") -> Draft:
    """Write files into a landing folder, draft their source, and demand that c360 check finds nothing wrong with it."""
    landing = folder / "landing" / source
    for name, content in files.items():
        file = landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return drafted_from(folder, [landing], source=source)


def drafted_from(folder: Path, paths: list[Path], *, source: str = "shop") -> Draft:
    """The same of files that lie there."""
    text = draft(paths, source)
    assert text == draft(paths, source)
    conf = folder / "conf"
    (conf / "sources").mkdir(parents=True, exist_ok=True)
    (conf / f"sources/{source}.yml").write_text(text, "utf-8")
    config = load(conf)
    stopping = [found.text for found in findings(config, folder / "landing") if found.stops]
    assert stopping == [], "what was drafted does not read what it was drafted from"
    return Draft(text, config.sources[source])


def lines(header: str, *rows: str) -> str:
    """A CSV text."""
    return "\n".join([header, *rows, ""])


def one_column(name: str, *values: str) -> str:
    """A CSV text of a number and one column."""
    return lines(f"row_id,{name}", *(f'{at},"{value}"' for at, value in enumerate(values, 1)))
