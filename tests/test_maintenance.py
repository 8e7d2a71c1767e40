"""What is done to a lake besides running it: replay, rollback, optimize."""

from __future__ import annotations

import os
import re
import shutil
import time
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from c360.lake import Lake
from tests.corner_shop import CONF, DAY_1, DAY_2, ONE_TABLE, PARTS, deliver, shop
from tests.input.commands import Here, Sail
from tests.lakes import World, counts, differences, rejected, runs

ORDERS = "sources/shop.yml"


@pytest.fixture
def where(tmp_path: Path, sail: Sail) -> World:
    return shop(tmp_path, sail)


def first_run(where: World) -> str:
    return str(runs(where.lake)[-1]["run"])


def second_run(where: World) -> str:
    return str(runs(where.lake)[-2]["run"])


def test_rollback_restores_what_was_before_a_run_and_the_next_run_makes_it_again(where: World) -> None:
    undisturbed, day_1 = where.beside("undisturbed"), where.beside("day_1")
    deliver(where, DAY_1)
    where.made(*PARTS)
    for other in (undisturbed, day_1):
        shutil.copytree(where.lake, other.lake)
    deliver(where, DAY_2)
    where.made(*PARTS)
    undisturbed.made(*PARTS)

    rolled = where.c360("rollback", second_run(where))
    assert (rolled.code, rolled.err) == (0, "")
    assert rolled.out == f"every table is what it was before {second_run(where)}; undone: 1 run(s)\n"
    assert differences(where.lake, day_1.lake) == []
    assert [(r["command"], r["status"]) for r in runs(where.lake)] == [("run", "rolled back"), ("run", "done")]

    where.made(*PARTS)
    assert differences(where.lake, undisturbed.lake) == []
    assert [r["status"] for r in runs(where.lake)] == ["done", "rolled back", "done"]


def test_rollback_of_the_first_run_undoes_those_after_it_and_leaves_empty_tables(where: World) -> None:
    undisturbed = where.beside("undisturbed")
    deliver(where, DAY_1)
    where.made(*PARTS)
    deliver(where, DAY_2)
    where.made(*PARTS)
    undisturbed.made(*PARTS)

    rolled = where.c360("rollback", first_run(where))
    assert rolled.out == f"every table is what it was before {first_run(where)}; undone: 2 run(s)\n"
    assert {name: Lake(where.lake).count(name) for name in where.versions()} == dict.fromkeys(where.versions(), 0)

    where.made(*PARTS)
    assert differences(where.lake, undisturbed.lake) == []


def test_a_rollback_that_was_killed_is_finished_by_the_next_run(where: World) -> None:
    undisturbed = where.beside("undisturbed")
    deliver(where, DAY_1)
    where.made(*ONE_TABLE)
    deliver(where, DAY_2)
    where.made(*ONE_TABLE)
    undisturbed.made(*ONE_TABLE)
    before = {name: Lake(where.lake).count(name) for name in where.versions()}

    # two of the lock's writes, two of the note's, then the first table is restored
    killed = where.by(None).c360("rollback", second_run(where), C360_CRASH_AFTER_WRITES="5")
    assert killed.code < 0
    assert {name: Lake(where.lake).count(name) for name in where.versions()} != before

    said = where.made(*ONE_TABLE).out
    assert f"undid what came after {second_run(where)} began" in said or "3 rows" in said
    assert differences(where.lake, undisturbed.lake) == []
    assert [r["status"] for r in runs(where.lake)] == ["done", "rolled back", "done"]


def test_rollback_of_a_run_that_is_not_there_changes_nothing(where: World) -> None:
    deliver(where, DAY_1)
    where.made(*ONE_TABLE)
    before = where.versions(with_ops=True)
    refused = where.c360("rollback", "20250301T080000-0000")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "no such run: 20250301T080000-0000; `c360 runs` lists them\n"
    assert where.versions(with_ops=True) == before


def replay_after(where: World, broken: tuple[str, str], engine: Literal["sail", "spark"]) -> None:
    """Run with a mistake in conf, correct it, replay: then nothing may tell the lake from one that never had it."""
    undisturbed = where.beside("undisturbed")
    right, wrong = broken
    deliver(where, DAY_1)
    undisturbed.made("--engine", engine)
    where.correct(ORDERS, right, wrong)
    where.made("--engine", engine, "--force")
    assert differences(where.lake, undisturbed.lake) != []

    where.correct(ORDERS, wrong, right)
    replayed = where.c360("replay", "shop.orders", "--engine", engine)
    assert replayed.code == 0, replayed
    assert differences(where.lake, undisturbed.lake) == []
    assert counts(where.lake, "silver_shop.orders") == counts(undisturbed.lake, "silver_shop.orders")
    assert where.made("--engine", engine).out == "nothing new: every table is up to date\n"


TYPE = ("amount: {type: money, required: true}", "amount: {type: int, required: true}")
RULE = ("{amount_positive: amount > 0}", "{amount_positive: amount > 10}")


def test_after_a_type_is_corrected_a_replay_brings_the_rows_through(where: World) -> None:
    deliver(where, DAY_1)
    where.correct(ORDERS, *TYPE)
    refused = where.run("--only", "gold.average_order_value")
    assert refused.code == 1
    assert "silver_shop.orders: 5 of 7 rows of Orders_2025-03-01.csv were rejected" in refused.out
    assert rejected(where.lake, "quarantine_shop.orders") == []

    where.made("--force")
    rows = [("accepted:status", "rule:amount_positive"), *[("type:amount",)] * 4]
    assert rejected(where.lake, "quarantine_shop.orders") == rows
    assert where.rows("silver_shop.orders", "order_id", "amount") == [(3, 5), (5, 3)]

    where.correct(ORDERS, *reversed(TYPE))
    assert where.c360("replay", "shop.orders").code == 0
    assert where.rows("silver_shop.orders", "order_id", "amount") == [
        (1, Decimal("10.2500")),
        (2, Decimal("20.5000")),
        (3, Decimal("5.0000")),
        (4, Decimal("7.7500")),
        (5, Decimal("3.0000")),
    ]
    rows = [("accepted:status", "rule:amount_positive"), ("type:amount",)]
    assert rejected(where.lake, "quarantine_shop.orders") == rows


def test_a_replay_after_a_corrected_type_gives_the_tables_that_were_right_from_the_start(where: World) -> None:
    replay_after(where, TYPE, "sail")


def test_a_replay_after_a_corrected_rule_gives_the_tables_that_were_right_from_the_start(where: World) -> None:
    replay_after(where, RULE, "sail")


def test_a_replay_where_nothing_was_corrected_changes_nothing(where: World) -> None:
    deliver(where, DAY_1, DAY_2)
    undisturbed = where.beside("undisturbed")
    where.made()
    undisturbed.made()
    assert where.c360("replay", "shop.orders").code == 0
    assert differences(where.lake, undisturbed.lake) == []
    assert counts(where.lake, "silver_shop.orders") == counts(undisturbed.lake, "silver_shop.orders")


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("broken", [TYPE, RULE], ids=["type", "rule"])
def test_a_replay_on_spark_gives_the_tables_that_were_right_from_the_start(
    where: World, spark_process: Here, broken: tuple[str, str]
) -> None:
    replay_after(where.by(spark_process), broken, "spark")


def test_optimize_makes_few_files_of_many_and_changes_no_row(where: World) -> None:
    deliver(where, DAY_1)
    where.made(*ONE_TABLE)
    deliver(where, DAY_2)
    where.made(*ONE_TABLE)
    before = where.rows("bronze_shop.customers")
    done = where.c360("optimize", "bronze_shop.customers")
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"bronze_shop\.customers +\d+ files → 1\n", done.out)
    assert where.rows("bronze_shop.customers") == before
    assert where.made(*ONE_TABLE).out == "nothing new: every table is up to date\n"


def test_optimize_removes_what_a_dead_run_wrote_but_not_what_a_living_one_may_be_writing(where: World) -> None:
    deliver(where, DAY_1)
    where.made(*ONE_TABLE)
    folder = where.lake / "bronze/shop/customers"
    used = {file.name for file in folder.glob("*.parquet")}
    for name, days in (("dead.parquet", 8), ("living.parquet", 0)):
        (folder / name).write_bytes(b"half a file")
        os.utime(folder / name, (time.time() - days * 86_400,) * 2)
    where.c360("optimize", "bronze_shop.customers")
    assert {file.name for file in folder.glob("*.parquet")} - used == {"living.parquet"}


def test_the_corner_shop_is_the_one_these_tests_correct() -> None:
    assert all(CONF[ORDERS].count(right) == 1 for right, _ in (TYPE, RULE))
