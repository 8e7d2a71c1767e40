"""The commands, and the options that several of them have; no logic of their own."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from c360.errors import ConfigError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="c360: from messy extracts to one trusted picture of every customer.",
)

DEFAULT_LANDING = "data/landing"


class EngineName(StrEnum):
    """The engines a run can ask for."""

    auto = "auto"
    sail = "sail"
    spark = "spark"


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


Conf = Annotated[str, typer.Option("--conf", envvar="C360_CONF", help="folder of the configuration")]
LakePath = Annotated[str, typer.Option("--lake", envvar="C360_LAKE", help="folder of the lake")]
Landing = Annotated[
    str, typer.Option("--landing", envvar="C360_LANDING", help="folder of delivered files, one per source")
]
EngineOption = Annotated[
    EngineName, typer.Option("--engine", envvar="C360_ENGINE", help="auto: the active session, else Sail")
]
FormatOption = Annotated[Format, typer.Option("--format", help="how rows are printed")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="at most so many rows")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="show the whole trace of an error")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="see everything as of this day")]


def day_of(text: str | None) -> date | None:
    """The day that --as-of names.

    Raises:
        ConfigError: it names none.
    """
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--as-of: {text!r} is not a date; write it as 2025-03-31") from None
    if not 1900 <= day.year < 2200:
        raise ConfigError(f"--as-of: {text} is no day anybody can mean; write it as 2025-03-31")
    return day


def config_of(conf: str) -> Any:
    """The configuration in a folder."""
    from c360.config.load import load

    return load(Path(conf))
