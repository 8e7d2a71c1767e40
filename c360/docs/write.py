"""The page into a file."""

from __future__ import annotations

from pathlib import Path

from c360.config.load import Config
from c360.docs.dictionary import dictionary
from c360.docs.page import Contents, page
from c360.docs.quality_history import history
from c360.errors import ConfigError
from c360.query import opened


def write_docs(config: Config, out: Path, lake: str | None = None) -> Path:
    """Write the dictionary, the lineage and, where a lake is given, how good its data were.

    Args:
        config: all of conf.
        out: the file, if it ends in .html; else a folder, in which it is index.html.
        lake: read without an engine; None for none.

    Returns:
        The file.

    Raises:
        ConfigError: nothing can be written there.
        C360Error: there is no table in the lake.
    """
    file = out if out.suffix.lower() in (".html", ".htm") else out / "index.html"
    if file.is_dir():
        raise ConfigError(f"{file} is a folder; name a file such as docs.html, or a folder for index.html")
    quality = history(opened(lake)) if lake is not None else None
    sources = {name: source.description for name, source in config.sources.items()}
    text = page(Contents(dictionary(config), sources, quality))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as problem:
        raise ConfigError(f"{file} cannot be written: {problem.strerror}; name another place") from None
    return file
