"""Commands that only ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from c360.commands import (
    Conf,
    EngineName,
    EngineOption,
    Format,
    FormatOption,
    LakePath,
    Limit,
    Verbose,
    app,
    config_of,
)
from c360.errors import ConfigError
from c360.output import write
from c360.terminal import new_console


@app.command()
def show(
    table: Annotated[str | None, typer.Argument(help="for example gold.rfm; without it, all tables are listed")] = None,
    limit: Limit = 20,
    format: FormatOption = Format.table,
    engine: EngineOption = EngineName.auto,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """Show a table's rows, or which tables there are."""
    from c360 import query

    rows = query.rows_of(lake, config_of(conf), table, limit, engine.value) if table else query.tables(lake)
    write(rows, format.value, new_console())


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="for example: SELECT * FROM gold.rfm")],
    limit: Limit = 1000,
    format: FormatOption = Format.table,
    engine: EngineOption = EngineName.auto,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """Ask the lake in SQL; tables and unified views have the names that `show` lists."""
    from c360 import query

    write(query.sql(lake, config_of(conf), statement, engine.value, limit), format.value, new_console())


@app.command()
def customer(
    who: Annotated[str, typer.Argument(help="c360_id, a source's id, e-mail, phone or a part of the name")],
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """One person's whole picture."""
    from c360 import query

    query.write_customer(lake, who, new_console())


@app.command()
def quarantine(
    table: Annotated[
        str | None, typer.Argument(help="for example retail.customers; without it, a count per reason")
    ] = None,
    limit: Limit = 20,
    format: FormatOption = Format.table,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """What was rejected, and why."""
    from c360 import query

    found = query.rejected(lake, config_of(conf), table, limit) if table else query.rejected_by_reason(lake)
    write(found, format.value, new_console())


@app.command()
def runs(
    limit: Limit = 20, format: FormatOption = Format.table, lake: LakePath = "data/lake", verbose: Verbose = False
) -> None:
    """Who ran what, when, and how it ended."""
    from c360 import query

    write(query.runs(lake, limit), format.value, new_console())


@app.command()
def audience(
    name: Annotated[str | None, typer.Argument(help="of conf/audiences.yml; without it, all are listed")] = None,
    out: Annotated[
        Path | None, typer.Option(help="the file to write: .csv, .parquet or .json; without it, only the counts")
    ] = None,
    hashed: Annotated[bool, typer.Option("--hashed", help="e-mail and phone as ad platforms match them")] = False,
    limit: Annotated[int | None, typer.Option(min=0, help="at most so many people")] = None,
    format: FormatOption = Format.table,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """List the audiences, or write the people of one who have consented to a file."""
    from c360.audiences import export

    if out is None and (hashed or limit is not None):
        raise ConfigError("--hashed and --limit say how people are written to a file; name it with --out")
    if name is None and out is not None:
        raise ConfigError("say which audience is to be written: c360 audience NAME --out FILE; without both, a list")
    if name is not None and format != Format.table:
        raise ConfigError("--format is for the list of all audiences; the ending of --out says how people are written")
    config = config_of(conf)
    if name is None:
        export.list_audiences(config, lake, format.value, new_console())
    elif out is None:
        export.show_audience(config, lake, name, new_console())
    else:
        export.export(config, lake, name, out, new_console(), hashed=hashed, limit=limit)
