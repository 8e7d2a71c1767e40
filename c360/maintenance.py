"""What is done to a lake besides running it: replay, rollback, optimize."""

from __future__ import annotations

import json

from rich.console import Console

from c360.config.explain import no_such
from c360.config.load import Config
from c360.errors import C360Error, ConfigError
from c360.journal import Journal
from c360.ledger import RUNS, Ledger
from c360.lock import LakeLock
from c360.pipeline import Pipeline, silver_step
from c360.plan import Options, new_run_id
from c360.query import opened
from c360.registry import load
from c360.session import Engine
from c360.steps import steps_of
from c360.steps.replay import ReplayStep


def replay_table(
    config: Config, lake: str, landing: str, table: str, engine: Engine, console: Console, verbose: bool
) -> int:
    """Judge a silver table's rejected rows again, then everything made from it; the exit code."""
    shape = silver_step(steps_of(config, load()), table).shape
    if opened(lake).version(shape.silver) is None:
        raise C360Error(f"{shape.silver} was not made yet, so that nothing of it was rejected; `c360 run` makes it")
    pipeline = Pipeline(config, lake, landing, console)
    others = [s for s in steps_of(config, load()) if s.layer != "bronze" and s.name != shape.silver]
    return pipeline.run_steps([ReplayStep(shape), *others], Options(engine=engine, verbose=verbose), f"replay {table}")


def roll_back(lake: str, run_id: str, console: Console) -> int:
    """Make every table what it was before a run; that run and those after it are undone; the exit code.

    Raises:
        ConfigError: there is no such run.
    """
    found = opened(lake)
    this = new_run_id()
    with LakeLock(found.root).held(this):
        ledger = Ledger(found, this)
        journal = Journal(found, ledger)
        journal.recover()
        begun = [r for r in ledger.rows(RUNS) if r["event"] == "started"]
        runs = [r["run_id"] for r in begun]
        if run_id not in runs:
            raise ConfigError(f"no such run: {run_id}; `c360 runs` lists them")
        undone = begun[runs.index(run_id) :]
        before = json.loads(undone[0]["versions"])
        journal.roll_back(
            {name: before.get(name) or 0 for name in found.names() if name != RUNS}, [r["run_id"] for r in undone]
        )
    console.print(f"every table is what it was before {run_id}; undone: {len(undone)} run(s)", highlight=False)
    return 0


def optimize_tables(lake: str, table: str | None, console: Console) -> int:
    """Compact one table, or all; the exit code."""
    found = opened(lake)
    this = new_run_id()
    with LakeLock(found.root).held(this):
        names = found.names()
        if table and table not in names:
            raise ConfigError(f"{no_such('table', table, names)}; `c360 show` lists them")
        for name in [table] if table else names:
            before = len(found.files(name))
            found.compact(name)
            console.print(f"{name}  {before} files → {len(found.files(name))}", highlight=False)
    return 0
