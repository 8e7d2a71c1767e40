"""Commands that describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from c360.commands import Conf, Verbose, app, config_of
from c360.terminal import new_console, say


@app.command()
def docs(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the file to write, such as docs.html, or a folder")],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="C360_LAKE", help="a lake whose data quality is to be shown")
    ] = None,
    conf: Conf = "conf",
    verbose: Verbose = False,
) -> None:
    """Write the data dictionary, the lineage and, of a lake, how good its data were: one page of HTML."""
    from c360.docs.write import write_docs

    say(new_console(), f"{write_docs(config_of(conf), out, lake)} is written; open it in a browser")
