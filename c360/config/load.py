"""conf/ into frozen models, or one list of everything that is wrong with it.

A folder has `c360.yml`, `segments.yml` and `audiences.yml`, which may be left out as all their keys have defaults, and
a file `sources/<source>.yml` for each source. A file of the same name under `local/` is laid over it, key by key; one
that is only there counts as well. `local/` is not under version control: it is for one machine's paths and wishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from c360.config.base import Model
from c360.config.check import SourceCheck
from c360.config.document import Loc, Mistake, Node, changed, merged, read
from c360.config.explain import Checked, M, checked, no_such
from c360.config.models import Settings, SourceConfig
from c360.config.secrets import Secrets, UnresolvedError, environment, mask
from c360.errors import ConfigError

if TYPE_CHECKING:
    from c360.config.audiences import Audiences
    from c360.config.segments import Segments

SETTINGS, SEGMENTS, AUDIENCES, SOURCES, LOCAL = "c360.yml", "segments.yml", "audiences.yml", "sources", "local"
"""The names in a configuration folder."""


def _no_audiences() -> Audiences:
    from c360.config.audiences import Audiences

    return Audiences()


@dataclass(frozen=True)
class Config:
    """All of conf/.

    Attributes:
        settings: c360.yml.
        segments: segments.yml.
        sources: by name, in alphabetical order.
        folder: where it was read from.
        audiences: audiences.yml.
    """

    settings: Settings
    segments: Segments
    sources: Mapping[str, SourceConfig]
    folder: Path
    audiences: Audiences = field(default_factory=_no_audiences)


def load(folder: Path, *, source: str | None = None, check_sql: bool = True) -> Config:
    """Read the configuration.

    Args:
        folder: usually `conf`.
        source: read this source only; the files of others are not looked at.
        check_sql: also check the SQL in it. It costs more time than all the rest, so a run may leave it out while no
            file has changed since it was last checked.

    Raises:
        ConfigError: something is wrong with it; every mistake of every file is a line, sorted by file and line.
    """
    reader = _Reader(folder)
    config = reader.config(source, check_sql)
    if reader.mistakes:
        raise ConfigError("\n".join(map(str, reader.sorted_mistakes())))
    assert config is not None, "what cannot be read is a mistake"
    return config


def mistakes(folder: Path) -> list[Mistake]:
    """Everything that is wrong with the configuration, sorted by file and line; empty if `load` accepts it."""
    reader = _Reader(folder)
    reader.config(None, check_sql=True)
    return reader.sorted_mistakes()


def json_schema(kind: Literal["source", "settings", "segments", "audiences"]) -> dict[str, Any]:
    """The JSON Schema of one kind of file, with which editors complete and check it while it is written."""
    from c360.config.audiences import Audiences
    from c360.config.segments import Segments

    models: dict[str, type[Model]] = {
        "source": SourceConfig,
        "settings": Settings,
        "segments": Segments,
        "audiences": Audiences,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **models[kind].model_json_schema(by_alias=True)}


class _Reader:
    """Reads one folder once, and collects what is wrong on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mistakes: list[Mistake] = []
        self.unresolved: set[tuple[Path, str]] = set()
        env_file = Path(".env")
        variables, unreadable = environment(env_file)
        said = "not readable; write NAME=value, with the value's quotes closed"
        self.mistakes += [Mistake(env_file, line, "", said) for line in unreadable]
        self.secrets = Secrets(folder.absolute().parent, variables)

    def sorted_mistakes(self) -> list[Mistake]:
        masked = (
            replace(m, where=mask(m.where), problem=mask(m.problem), allowed=mask(m.allowed) if m.allowed else None)
            for m in self.mistakes
        )
        return sorted(dict.fromkeys(masked), key=lambda m: (str(m.file), m.line or 0, m.where, m.problem))

    def config(self, source: str | None, check_sql: bool) -> Config | None:
        """None if anything is wrong; `mistakes` then says what."""
        from c360.config.segments import Segments

        if not self.folder.is_dir():
            looked_for = f"looked for {SETTINGS} and {SOURCES}/<source>.yml in {self.folder.absolute()}"
            self.mistakes.append(Mistake(self.folder, None, "", f"there is no such folder; {looked_for}"))
            return None
        self.mistakes += self._strays()
        settings = self._file(SETTINGS, Settings)
        segments = self._file(SEGMENTS, Segments)
        audiences = self._audiences(check_sql)
        sources = {name: self._source(name, check_sql) for name in self._wanted(source)}
        read_whole = {name: found for name, found in sources.items() if found is not None}
        if self.mistakes or settings is None or segments is None or audiences is None:
            return None
        return Config(settings, segments, read_whole, self.folder, audiences)

    def _wanted(self, source: str | None) -> list[str]:
        """The sources to read."""
        names = self._source_names()
        if not names:
            problem = "no source is configured; write one file for each source, such as sources/retail.yml"
            self.mistakes.append(Mistake(self.folder / SOURCES, None, "", problem))
        elif source is not None and source not in names:
            problem = no_such("source", source, names)
            self.mistakes.append(Mistake(self.folder / SOURCES, None, "", problem, ", ".join(names)))
            return []
        return names if source is None else [source]

    def _source_names(self) -> list[str]:
        return sorted({file.stem for base in self._bases() for file in (base / SOURCES).glob("*.yml")})

    def _bases(self) -> tuple[Path, Path]:
        return self.folder, self.folder / LOCAL

    def _strays(self) -> Iterator[Mistake]:
        """YAML files that nothing would read, so that a misspelt name is not silently without effect."""
        for base in self._bases():
            for file in (*base.glob("*.y*ml"), *(base / SOURCES).glob("*.yaml")):
                if file.parent.name == SOURCES:
                    yield Mistake(file, None, "", f"is not read; name it {file.stem}.yml")
                elif file.name not in (SETTINGS, SEGMENTS, AUDIENCES):
                    allowed = f"{SETTINGS}, {SEGMENTS}, {AUDIENCES}, {SOURCES}/<source>.yml"
                    yield Mistake(file, None, "", "is not read", allowed)

    def _source(self, name: str, check_sql: bool) -> SourceConfig | None:
        node = self._node(f"{SOURCES}/{name}.yml")
        if node is None:
            return None
        result = self._checked(node, SourceConfig)
        if result.model is None:
            return None
        if result.model.source != name and ("source",) not in result.doubtful:
            problem = f"{result.model.source!r} is not the name of the file; write {name}, or rename the file"
            self.mistakes.append(node.mistake(("source",), problem))
        self._add(SourceCheck(result.model, node, result.doubtful).mistakes(check_sql))
        return result.model

    def _audiences(self, check_names: bool) -> Audiences | None:
        from c360.config.audience_check import AudienceCheck, people_columns
        from c360.config.audiences import Audiences

        node = self._node(AUDIENCES)
        if node is None:
            return self._file(AUDIENCES, Audiences)
        result = self._checked(node, Audiences)
        if result.model is not None and check_names and (columns := people_columns()):
            self._add(AudienceCheck(result.model, node, columns, self._source_names()).mistakes())
        return result.model

    def _file(self, name: str, model: type[M]) -> M | None:
        node = self._node(name)
        if node is None:
            return model() if not any((base / name).exists() for base in self._bases()) else None
        return self._checked(node, model).model

    def _checked(self, node: Node, model: type[M]) -> Checked[M]:
        result = checked(node, model)
        self._add(result.mistakes)
        return result

    def _add(self, found: Iterable[Mistake]) -> None:
        """Mistakes of a file, without those that only follow from a reference that led nowhere."""
        self.mistakes += [m for m in found if (m.file, m.where) not in self.unresolved]

    def _node(self, name: str) -> Node | None:
        """A file's tree, overlaid, with secrets in their places; None if it cannot be read or is not there."""
        trees: list[Node | None] = []
        for base in self._bases():
            if (base / name).exists():
                tree, problems = read(base / name)
                self.mistakes += problems
                trees.append(tree)
        whole = [tree for tree in trees if tree is not None]
        if not whole or len(whole) < len(trees):
            return None
        node = reduce(merged, whole)
        return changed(node, lambda scalar, loc: self._resolved(scalar, loc, node))

    def _resolved(self, scalar: Node, loc: Loc, root: Node) -> Node:
        text = str(scalar.content)
        try:
            value = self.secrets.resolve(text)
        except UnresolvedError as problem:
            mistake = root.mistake(loc, str(problem))
            self.mistakes.append(mistake)
            self.unresolved.add((mistake.file, mistake.where))
            return scalar
        return scalar if value == text else replace(scalar, content=value, plain=False, written=text)
