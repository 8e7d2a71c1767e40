"""Commands that make, change or check something."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from c360.commands import (
    DEFAULT_LANDING,
    AsOf,
    Conf,
    EngineName,
    EngineOption,
    LakePath,
    Landing,
    Verbose,
    app,
    config_of,
    day_of,
)
from c360.errors import ConfigError
from c360.output import counted
from c360.terminal import new_console, say


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
    config = config_of(conf)
    options = Options(
        engine=engine.value,
        source=source,
        layer=layer,
        only=tuple(only or ()),
        as_of=day_of(as_of),
        full=full,
        force=force,
        dry_run=dry_run,
        verbose=verbose,
    )
    pipeline = Pipeline(config, lake, landing, console)
    codes = []
    if landing == DEFAULT_LANDING and not dry_run:
        from c360.sample.deliveries import sample_days

        with pipeline.kept:
            for said in sample_days(Path(landing), config.sources):
                say(console, said)
                if not watch:
                    pipeline.keep_session(options)
                    codes.append(pipeline.run(options))
    if watch:
        raise typer.Exit(pipeline.watch(options, every))
    raise typer.Exit(max(codes) if codes else pipeline.run(options))


@app.command("init-source")
def init_source(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="sample files, or folders of them")],
    source: Annotated[
        str | None, typer.Option(help="the source's name; without it, that of the first one's folder")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="the file to write; without it, the YAML is printed")] = None,
    verbose: Verbose = False,
) -> None:
    """Draft a source's YAML from sample files: types, formats, keys, references, each with its evidence."""
    from c360.init_source import draft, name_of

    text = draft(files, source or name_of(files[0]))
    if out is None:
        print(text, end="")
    elif out.exists():
        raise ConfigError(f"{out} is there already; name another file, or move it away")
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
        say(
            new_console(),
            f"{out} is written; `c360 check` says whether it holds, the comments why it says what it does",
        )


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="the folder to write to, such as a landing folder")],
    customers: Annotated[int, typer.Option(help="how many people; each makes nine purchases on average")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="another one gives another world")] = 360,
    days: Annotated[int, typer.Option(help="how many deliveries, the first of them a whole year")] = 3,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="only this source; can be given several times")
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="without any dirt")] = False,
    verbose: Verbose = False,
) -> None:
    """Write the sample world: made-up people as five systems would each know them, and the truth beside it."""
    from c360.sample.people import SOURCES
    from c360.sample.values import delivered_on
    from c360.sample.world import write_world

    wanted = source or SOURCES
    planted = write_world(out, customers=customers, days=days, seed=seed, sources=wanted, dirt=not clean)
    say(
        new_console(),
        f"{out} holds {counted(customers, 'customer')} of {', '.join(wanted)} and what they did until "
        f"{delivered_on(days - 1).isoformat()}; {out / 'truth'} says what is true, and where the "
        f"{counted(len(planted), 'piece')} of dirt are",
    )


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
    said = findings(config, landing)
    for finding in said:
        say(console, finding.text)
    raise typer.Exit(1 if any(finding.stops for finding in said) else 0)


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

    raise typer.Exit(replay_table(config_of(conf), lake, landing, table, engine.value, new_console(), verbose))


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
    findings = examine(Path(conf), lake, landing, start_engines=engines)
    for finding in findings:
        console.print(marks[finding.state], end=" ")
        say(console, f"{finding.topic}: {finding.found}")
        if finding.advice:
            say(console, f"  {finding.advice}")
    raise typer.Exit(1 if any(f.state == "missing" for f in findings) else 0)
