"""The commands; no logic of their own."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from c360.errors import ConfigError
from c360.output import counted, write
from c360.terminal import guarded, leave, new_console, say

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


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--as-of: {text!r} is not a date; write it as 2025-03-31") from None
    if not 1900 <= day.year < 2200:
        raise ConfigError(f"--as-of: {text} is no day anybody can mean; write it as 2025-03-31")
    return day


def _config(conf: str) -> Any:
    from c360.config.load import load

    return load(Path(conf))


@app.command()
def run(
    source: Annotated[str | None, typer.Option(help="only this source's bronze and silver tables")] = None,
    layer: Annotated[str | None, typer.Option(help="only bronze, silver, unified or gold")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="TABLE", help="only this table and what it is made from")
    ] = None,
    engine: EngineOption = EngineName.auto,
    as_of: AsOf = None,
    full: Annotated[bool, typer.Option("--full", help="make everything anew from bronze")] = False,
    force: Annotated[bool, typer.Option("--force", help="merge batches however many rows are rejected")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="go on: look for new files again and again")] = False,
    every: Annotated[float, typer.Option(min=0.1, max=86_400, help="seconds between two looks of --watch")] = 5,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    landing: Landing = DEFAULT_LANDING,
    verbose: Verbose = False,
) -> None:
    """Bring what was delivered through bronze, silver and unified to gold; what is up to date is left alone."""
    from c360.pipeline import Pipeline
    from c360.plan import Options

    console = new_console()
    config = _config(conf)
    if landing == DEFAULT_LANDING and not dry_run:
        from c360.sample import fill_if_empty

        if said := fill_if_empty(Path(landing), config.sources):
            say(console, said)
    options = Options(
        engine=engine.value,
        source=source,
        layer=layer,
        only=tuple(only or ()),
        as_of=_day(as_of),
        full=full,
        force=force,
        dry_run=dry_run,
        verbose=verbose,
    )
    pipeline = Pipeline(config, lake, landing, console)
    if watch:
        raise typer.Exit(pipeline.watch(options, every))
    raise typer.Exit(pipeline.run(options))


@app.command()
def check(conf: Conf = "conf", landing: Landing = DEFAULT_LANDING, verbose: Verbose = False) -> None:
    """Check conf: every mistake at once, each with file, line and what is allowed; then against what was delivered."""
    from c360.config.load import load, mistakes
    from c360.ingest.preview import findings

    console = new_console()
    found = mistakes(Path(conf))
    for mistake in found:
        say(console, str(mistake))
    if found:
        raise typer.Exit(2)
    config = load(Path(conf))
    sources = (f"{name} ({counted(len(source.tables), 'table')})" for name, source in config.sources.items())
    say(console, f"conf is right: {', '.join(sources)}")
    said = findings(config, Path(landing))
    for finding in said:
        say(console, finding.text)
    raise typer.Exit(1 if any(finding.stops for finding in said) else 0)


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

    rows = query.rows_of(lake, _config(conf), table, limit, engine.value) if table else query.tables(lake)
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

    write(query.sql(lake, _config(conf), statement, engine.value, limit), format.value, new_console())


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

    found = query.rejected(lake, _config(conf), table, limit) if table else query.rejected_by_reason(lake)
    write(found, format.value, new_console())


@app.command()
def replay(
    table: Annotated[str, typer.Argument(help="for example retail.customers")],
    engine: EngineOption = EngineName.auto,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    landing: Landing = DEFAULT_LANDING,
    verbose: Verbose = False,
) -> None:
    """Judge a table's rejected rows again, after a rule or a type was corrected."""
    from c360.maintenance import replay_table

    raise typer.Exit(replay_table(_config(conf), lake, landing, table, engine.value, new_console(), verbose))


@app.command()
def runs(
    limit: Limit = 20, format: FormatOption = Format.table, lake: LakePath = "data/lake", verbose: Verbose = False
) -> None:
    """Who ran what, when, and how it ended."""
    from c360 import query

    write(query.runs(lake, limit), format.value, new_console())


@app.command()
def rollback(
    run: Annotated[str, typer.Argument(help="a run from `c360 runs`")],
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """Make every table what it was before a run."""
    from c360.maintenance import roll_back

    raise typer.Exit(roll_back(lake, run, new_console()))


@app.command()
def unlock(lake: LakePath = "data/lake", verbose: Verbose = False) -> None:
    """Take the lake's lock away from a run that is dead."""
    from c360.lock import LakeLock

    holder = LakeLock(lake).release()
    who = holder and f"the lock of run {holder['run_id']} (host {holder['host']}, pid {holder['pid']}) is taken away"
    say(new_console(), who or "nobody holds the lake")


@app.command()
def optimize(
    table: Annotated[str | None, typer.Argument(help="for example gold.rfm; without it, all tables")] = None,
    lake: LakePath = "data/lake",
    verbose: Verbose = False,
) -> None:
    """Rewrite many small files as few, and drop those no version of the last week needs."""
    from c360.maintenance import optimize_tables

    raise typer.Exit(optimize_tables(lake, table, new_console()))


@app.command()
def doctor(
    engines: Annotated[
        bool, typer.Option("--engines", help="also start each engine and write a small table with it")
    ] = False,
    conf: Conf = "conf",
    lake: LakePath = "data/lake",
    landing: Landing = DEFAULT_LANDING,
    verbose: Verbose = False,
) -> None:
    """What works on this machine, and what to do about the rest."""
    from c360.doctor import examine

    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "missing": "[red]✗[/]"}
    console = new_console()
    findings = examine(Path(conf), Path(lake), Path(landing), start_engines=engines)
    for finding in findings:
        console.print(marks[finding.state], end=" ")
        say(console, f"{finding.topic}: {finding.found}")
        if finding.advice:
            say(console, f"  {finding.advice}")
    raise typer.Exit(1 if any(f.state == "missing" for f in findings) else 0)


def job(*arguments: str) -> None:
    """The entry of jobs/*.py: a command with some of its options given, the others from the command line."""
    leave(guarded(lambda: app([*arguments, *sys.argv[1:]], standalone_mode=False), sys.argv[1:]))


def main() -> None:
    """The entry of the `c360` command."""
    leave(guarded(lambda: app(standalone_mode=False), sys.argv[1:]))


if __name__ == "__main__":
    main()
