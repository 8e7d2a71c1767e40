"""Commands that show: the dashboard, and the report in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from c360.commands import Conf, LakePath, Verbose, app, config_of
from c360.errors import ConfigError
from c360.terminal import new_console, say

if TYPE_CHECKING:
    from c360.dashboard.tables import Tables


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(min=1, max=65535, help="where it listens")] = 8501,
    address: Annotated[str, typer.Option(help="who can connect; others than this machine need a token")] = "127.0.0.1",
    show_pii: Annotated[bool, typer.Option("--show-pii", help="say who people are: names, e-mails, phones")] = False,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """The lake in the browser: pages, slicers, one person, the data behind; Ctrl-C ends it."""
    _demand_packages()
    from c360.dashboard import serving

    token = serving.token_for(address)
    serving.demand_free(address, port)
    host = f"[{address}]" if ":" in address else address
    say(new_console(), f"the dashboard of {lake} is at http://{host}:{port}; Ctrl-C ends it")
    serving.serve(serving.Served(_tables(lake, conf), conf, token, show_pii), address, port)


@app.command()
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT.html", help="the file to write")],
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """The dashboard's pages as one file, to be read offline, sent and printed; nobody's name is in it."""
    _demand_packages()
    from c360.dashboard.report import write_report

    size = write_report(_tables(lake, conf), out)
    say(new_console(), f"{out} is written ({size / 1e6:.1f} MB); it opens in any browser, from disk")


def _tables(lake: str, conf: str) -> Tables:
    """The lake's tables, amounts in the currency that conf says; a folder without conf says none."""
    from c360.dashboard.tables import Tables
    from c360.lake import Lake

    return Tables(Lake(lake), config_of(conf).settings if Path(conf).is_dir() else None)


def _demand_packages() -> None:
    try:
        import altair  # noqa: F401
        import duckdb  # noqa: F401
        import streamlit  # noqa: F401
    except ModuleNotFoundError as problem:
        raise ConfigError(f"this needs {problem.name}; install c360[dashboard]") from None
