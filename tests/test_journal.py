"""A step happens whole or not at all: when it fails, when it is told to stop, when its process dies at any write."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from c360.journal import Journal
from c360.lake import Lake
from c360.ledger import BATCHES, FILES, RUNS, STEPS, Ledger, Step
from tests.corner_shop import DAY_1, DAY_2, deliver, shop
from tests.input.commands import Sail
from tests.lakes import ROOT, World, differences

SCHEMA = "n INT"
NOTE = "ops/_in_progress.json"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """One table with one row, and a second one without."""
    lake = Lake(tmp_path)
    lake.add_rows("gold.one", SCHEMA, [{"n": 1}])
    lake.ensure("gold.empty", SCHEMA)
    return lake


def journal_of(lake: Lake, run_id: str = "this") -> tuple[Journal, Ledger]:
    ledger = Ledger(lake, run_id)
    return Journal(lake, ledger), ledger


def rows(lake: Lake) -> dict[str, list[int]]:
    return {name: sorted(row["n"] for row in lake.rows(name)) for name in ("gold.one", "gold.empty")}


def write(lake: Lake, ledger: Ledger) -> None:
    """What a step writes, but for its last line."""
    lake.add_rows("gold.one", SCHEMA, [{"n": 2}])
    lake.add_rows("gold.empty", SCHEMA, [{"n": 3}])
    ledger.add_files([{"source": "shop", "table_name": "one", "file": "one.csv", "status": "ingested"}])
    ledger.add_batches([{"source": "shop", "table_name": "one", "generation": 0, "batch_id": "b"}])


def step_that_ends_with(problem: type[BaseException], journal: Journal, ledger: Ledger) -> None:
    with journal.step("gold.one", TABLES):
        write(ledger.lake, ledger)
        raise problem


TABLES = ("gold.one", "gold.empty")
BEFORE = {"gold.one": [1], "gold.empty": []}
AFTER = {"gold.one": [1, 2], "gold.empty": [3]}


def test_a_step_that_reaches_its_end_stays(lake: Lake) -> None:
    journal, ledger = journal_of(lake)
    with journal.step("gold.one", TABLES):
        assert json.loads(Path(lake.root, NOTE).read_text()) == {
            "run_id": "this",
            "name": "gold.one",
            "versions": {"gold.one": 1, "gold.empty": 0, FILES: 0, BATCHES: 0, STEPS: 0},
        }
        write(lake, ledger)
        ledger.add_step(Step("gold.one", "done"))
    assert rows(lake) == AFTER
    assert not Path(lake.root, NOTE).exists()
    assert journal.recover() is None
    assert rows(lake) == AFTER


def test_a_step_that_fails_leaves_tables_and_ledger_as_they_were(lake: Lake) -> None:
    journal, ledger = journal_of(lake)
    with pytest.raises(ZeroDivisionError):
        step_that_ends_with(ZeroDivisionError, journal, ledger)
    assert rows(lake) == BEFORE
    assert [ledger.rows(name) for name in (FILES, BATCHES, STEPS)] == [[], [], []]
    assert [lake.rows(name) for name in (FILES, BATCHES, STEPS)] == [[], [], []]
    assert not Path(lake.root, NOTE).exists()


def test_a_step_that_is_told_to_stop_is_undone_when_its_engine_has_ended(lake: Lake) -> None:
    journal, ledger = journal_of(lake)
    with pytest.raises(KeyboardInterrupt):
        step_that_ends_with(KeyboardInterrupt, journal, ledger)
    assert rows(lake) == AFTER
    assert journal.recover() == "gold.one"
    assert rows(lake) == BEFORE
    assert ledger.rows(FILES) == []


def test_the_next_run_undoes_a_step_whose_process_died_and_only_once(lake: Lake) -> None:
    dead, ledger = journal_of(lake, "dead")
    step = dead.step("gold.one", TABLES)
    step.__enter__()
    write(lake, ledger)
    journal, ledger = journal_of(lake)
    assert journal.recover() == "gold.one"
    assert rows(lake) == BEFORE
    assert ledger.rows(FILES) == []
    versions = {name: lake.version(name) for name in lake.names()}
    assert journal.recover() is None
    assert {name: lake.version(name) for name in lake.names()} == versions


def test_a_step_whose_process_died_after_its_ledger_line_is_done(lake: Lake) -> None:
    dead, ledger = journal_of(lake, "dead")
    step = dead.step("gold.one", TABLES)
    step.__enter__()
    write(lake, ledger)
    ledger.add_step(Step("gold.one", "done"))
    journal, _ = journal_of(lake)
    assert journal.recover() is None
    assert rows(lake) == AFTER
    assert not Path(lake.root, NOTE).exists()


def test_a_line_of_the_same_table_in_an_earlier_run_is_not_taken_for_the_dead_ones(lake: Lake) -> None:
    Ledger(lake, "earlier").add_step(Step("gold.one", "done"))
    dead, ledger = journal_of(lake, "dead")
    step = dead.step("gold.one", TABLES)
    step.__enter__()
    write(lake, ledger)
    assert journal_of(lake)[0].recover() == "gold.one"
    assert rows(lake) == BEFORE
    assert [line["run_id"] for line in lake.rows(STEPS)] == ["earlier"]


def test_a_recovery_that_dies_is_done_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, ledger = journal_of(lake, "dead")
    step = dead.step("gold.one", TABLES)
    step.__enter__()
    write(lake, ledger)
    journal, _ = journal_of(lake)
    restored: list[str] = []
    restore = Lake.restore

    def dies_at_the_second(self: Lake, name: str, version: int) -> None:
        restored.append(name)
        if len(restored) == 2:
            raise SystemExit
        restore(self, name, version)

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "restore", dies_at_the_second)
        with pytest.raises(SystemExit):
            journal.recover()
    assert rows(lake) == {"gold.one": [1], "gold.empty": [3]}
    assert journal.recover() == "gold.one"
    assert rows(lake) == BEFORE


def test_a_rollback_takes_tables_back_and_is_recorded(lake: Lake) -> None:
    journal, ledger = journal_of(lake)
    write(lake, ledger)
    journal.roll_back({"gold.one": 1, "gold.empty": 0, FILES: 0, BATCHES: 0}, ["earlier", "dead"])
    assert rows(lake) == BEFORE
    assert ledger.rows(FILES) == []
    assert [(line["event"], line["message"]) for line in lake.rows(RUNS)] == [("rolled_back", '["earlier", "dead"]')]
    assert not Path(lake.root, NOTE).exists()


def test_the_ledger_lines_of_a_half_written_note_do_no_harm(lake: Lake) -> None:
    Path(lake.root, "ops").mkdir(exist_ok=True)
    Path(lake.root, f"{NOTE}.tmp").write_text('{"run_id": "de')
    journal, ledger = journal_of(lake)
    assert journal.recover() is None
    with journal.step("gold.one", TABLES):
        write(lake, ledger)
        ledger.add_step(Step("gold.one", "done"))
    assert rows(lake) == AFTER
    assert sorted(p.name for p in Path(lake.root, "ops").iterdir()) == ["batches", "files", "steps"]


# killed at a write, as by a power cut

ALL = ("--only", "gold.customer_activity")
"""Everything of the shop, and a mart: quarantine and its replay, flagged orphans, MERGE within partitions."""

ONE = ("--only", "silver_shop.customers")
LEFT = {"batches", "data_quality", "files", "runs", "steps", "_in_progress.tmp"}
"""What may lie in `ops` after a killed run and one to the end: one draft, which the next step writes over."""


class Killing:
    """Runs that die at a write, on copies of one lake.

    Attributes:
        before: the lake they find.
        undisturbed: the lake they make when nothing happens.
        writes: how many writes that takes.
    """

    def __init__(self, where: World, days: int, engine: str, tables: tuple[str, ...], sail: Sail) -> None:
        self.before = where.beside("before")
        self.tables, self.engine, self.sail = tables, engine, sail
        for day in (DAY_1, DAY_2)[: days - 1]:
            deliver(where, day)
            self.before.by(sail).made(*tables)
        deliver(where, (DAY_1, DAY_2)[days - 1])
        self.undisturbed = self.copy("undisturbed")
        self.writes = self._count()

    def copy(self, name: str) -> World:
        where = self.before.beside(name)
        if self.before.lake.exists():
            shutil.copytree(self.before.lake, where.lake)
        return where

    def _count(self) -> int:
        where = self.undisturbed
        code = (
            "import sys; from c360 import cli, crash\n"
            "try: cli.main()\n"
            "finally: print('writes', crash.writes(), file=sys.stderr)"
        )
        argv = ["run", "--conf", where.conf, "--lake", where.lake, "--landing", where.folder / "landing"]
        argv += ["--engine", self.engine, *self.tables]
        ran = subprocess.run(
            [sys.executable, "-c", code, *map(str, argv)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return int(ran.stderr.split("writes ")[1])

    def at(self, *writes: int, finished_by: str = "sail") -> None:
        """Kill a run after its n-th write, and so the ones that follow it; then one to the end must put all right."""
        where = self.copy(f"at_{writes[0]}")
        for n in writes:
            killed = where.run("--engine", self.engine, *self.tables, C360_CRASH_AFTER_WRITES=str(n))
            assert killed.code == -signal.SIGKILL, (n, killed)
        last = where.by(self.sail if finished_by == "sail" else None)
        last.made("--engine", finished_by, *self.tables)
        assert differences(where.lake, self.undisturbed.lake) == [], writes
        assert {file.name for file in (where.lake / "ops").iterdir() if not file.name.startswith("_lock.")} <= LEFT, (
            writes
        )
        assert last.made(*self.tables).out == "nothing new: every table is up to date\n", writes
        shutil.rmtree(where.lake)

    def spread(self, number: int) -> list[int]:
        """So many writes, from the first to the last."""
        return sorted({1 + round(i * (self.writes - 1) / (number - 1)) for i in range(number)})


@pytest.fixture(scope="module")
def second_day(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> Killing:
    return Killing(shop(tmp_path_factory.mktemp("second_day")), 2, "sail", ALL, sail)


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> Killing:
    return Killing(shop(tmp_path_factory.mktemp("first_day")), 1, "sail", ALL, sail)


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> Killing:
    return Killing(shop(tmp_path_factory.mktemp("on_spark")), 2, "spark", ONE, sail)


@pytest.mark.parametrize("fifth", range(5))
def test_a_run_killed_at_some_write_is_put_right_by_the_next(second_day: Killing, fifth: int) -> None:
    second_day.at(second_day.spread(5)[fifth])


def test_a_run_killed_while_it_undoes_a_killed_one_is_put_right_by_the_next(second_day: Killing) -> None:
    in_a_step = second_day.spread(5)[2]
    second_day.at(in_a_step, 3, 4)


@pytest.mark.slow
def test_a_run_killed_at_any_write_is_put_right_by_the_next(second_day: Killing) -> None:
    for n in range(1, second_day.writes + 1):
        second_day.at(n)


@pytest.mark.slow
def test_a_first_run_killed_at_any_write_is_put_right_by_the_next(first_day: Killing) -> None:
    for n in range(1, first_day.writes + 1):
        first_day.at(n)


@pytest.mark.spark
@pytest.mark.parametrize("fifth", range(5))
def test_a_run_on_spark_killed_at_some_write_is_put_right_by_the_next_on_sail(on_spark: Killing, fifth: int) -> None:
    on_spark.at(on_spark.spread(5)[fifth])


@pytest.mark.slow
@pytest.mark.spark
def test_a_run_on_spark_killed_at_any_of_twenty_writes_is_put_right_by_the_next_on_spark(on_spark: Killing) -> None:
    for n in on_spark.spread(20):
        on_spark.at(n, finished_by="spark")
