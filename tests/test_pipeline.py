"""A run: what is due, in which order files may come, what a failure stops, and what an interruption leaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from c360.config.load import load as load_config
from c360.lake import Lake
from c360.ledger import Ledger
from c360.plan import Options, plan, selected
from c360.steps import Context
from tests.corner_shop import CONF, DAY_1, DAY_2, ONE_TABLE, deliver, shop
from tests.input.commands import Sail
from tests.lakes import ROOT, World, contents, differences, names, rejected, runs

SOURCE = "sources/shop.yml"
NOTHING_NEW = "nothing new: every table is up to date\n"
SEVERAL = ("--only", "gold.customer_activity", "--only", "gold.average_order_value")
"""All of the source and two marts."""


@pytest.fixture
def where(tmp_path: Path, sail: Sail) -> World:
    return shop(tmp_path, sail)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> World:
    """The shop after both days, each with its run. Not to be changed: a test takes `copy_of` it."""
    where = shop(tmp_path_factory.mktemp("made"), sail)
    for day in (DAY_1, DAY_2):
        deliver(where, day)
        where.made(*SEVERAL)
    return where


@pytest.fixture
def copy_of(made: World, tmp_path: Path) -> World:
    """The shop after both days, to be changed."""
    shutil.copytree(made.folder, tmp_path / "copy")
    return World(tmp_path / "copy", tmp_path / "copy/conf", tmp_path / "copy/lake", made.process)


# what is up to date is left alone


def test_a_second_run_with_nothing_new_writes_nothing_and_starts_no_engine(made: World) -> None:
    before = contents(made.lake)
    code = "from c360 import cli, pipeline; pipeline.start = 'an engine would be started by calling this'; cli.main()"
    argv = ["--conf", made.conf, "--lake", made.lake, "--landing", made.folder / "landing", *SEVERAL]
    ran = subprocess.run([sys.executable, "-c", code, "run", *map(str, argv)], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, NOTHING_NEW, "")
    assert contents(made.lake) == before


def test_a_dry_run_says_what_is_due_and_why_and_writes_nothing(where: World) -> None:
    deliver(where, DAY_1)
    said = where.run("--dry-run", "--only", "silver_shop.orders")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "bronze_shop.customers  1 new file",
        "bronze_shop.orders  1 new file",
        "silver_shop.customers  follows bronze_shop.customers",
        "silver_shop.orders  follows bronze_shop.orders",
    ]
    assert not where.lake.exists()


def test_a_dry_run_on_a_lake_with_new_files_writes_nothing(copy_of: World) -> None:
    copy_of.land("shop/Calls_2025-03-03.csv", "call_id,customer_id,called_at,resolved\n9,1,2025-03-02 10:00:00,no\n")
    before = contents(copy_of.lake)
    said = copy_of.run("--dry-run", *SEVERAL)
    assert said.out.splitlines() == [
        "bronze_shop.calls  1 new file",
        "silver_shop.calls  follows bronze_shop.calls",
        "gold.customer_activity  follows silver_shop.calls",
    ]
    assert contents(copy_of.lake) == before


def test_a_dry_run_of_everything_anew_writes_nothing(copy_of: World) -> None:
    before = contents(copy_of.lake)
    said = copy_of.run("--dry-run", "--full", "--only", "silver_shop.calls")
    assert said.out.splitlines() == [
        "silver_shop.customers  to be made anew from bronze",
        "silver_shop.calls  follows silver_shop.customers",
    ]
    assert contents(copy_of.lake) == before


def test_everything_made_anew_gives_the_same_tables(copy_of: World, made: World) -> None:
    assert "made anew from bronze" in copy_of.made("--full", *SEVERAL).out
    assert differences(copy_of.lake, made.lake) == []
    assert copy_of.made(*SEVERAL).out == NOTHING_NEW


def test_a_changed_setting_makes_gold_anew_and_no_source_table(copy_of: World) -> None:
    before = copy_of.versions()
    copy_of.configure("c360.yml", "settle_seconds: 0\nnot_revenue: [completed]\n")
    copy_of.made(*SEVERAL)
    derived = {name for name in before if name.startswith(("unified.", "gold."))}
    empty = {"gold.product_sales", "gold.category_sales"}  # the shop's orders have no lines
    assert changed_since(copy_of, before) == derived - empty
    assert {row[0] for row in copy_of.rows("gold.customer_activity", "revenue")} == {Decimal("0.00")}


def test_changed_code_makes_gold_anew(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    config, lake = load_config(made.conf), Lake(made.lake)
    steps = selected(config, Options(only=("gold.average_order_value",)))

    def due() -> list[tuple[str, str]]:
        run = Context(config, lake, Ledger(lake, "mine"), made.folder / "landing")
        return [(step.name, why) for step, why in plan(steps, run)]

    assert due() == []
    monkeypatch.setattr("c360.steps.table.package_fingerprint", lambda: "other code")
    assert due() == [
        ("gold.hourly_sales", "its code, conf or as_of has changed"),
        ("gold.product_sales", "its code, conf or as_of has changed"),
        ("gold.category_sales", "its code, conf or as_of has changed"),
        ("gold.average_order_value", "follows gold.hourly_sales"),
    ]


def test_a_corrected_mapping_makes_gold_anew(copy_of: World) -> None:
    copy_of.correct(SOURCE, "channel: \"'online'\"", "channel: \"'phone'\"")
    copy_of.made(*SEVERAL)
    channels = copy_of.rows("gold.average_order_value", "dimension", "key")
    assert ("channel", "phone") in channels
    assert ("channel", "online") not in channels


def changed_since(where: World, before: dict[str, int | None]) -> set[str]:
    return {name for name, version in where.versions().items() if version != before.get(name)}


# the order in which files come


def at_once(where: World) -> World:
    """Another lake, made in one run of everything that was delivered."""
    other = where.beside("at_once")
    other.made(*SEVERAL)
    return other


def test_day_by_day_and_all_at_once_give_the_same_tables(copy_of: World) -> None:
    assert differences(copy_of.lake, at_once(copy_of).lake) == []


def test_before_its_parent_comes_a_child_is_flagged_or_held_back(where: World) -> None:
    deliver(where, DAY_1)
    where.made(*SEVERAL)
    assert [row for row in where.rows("silver_shop.orders", "order_id", "_orphan") if row[1]] == [(4, "customer_id")]
    assert rejected(where.lake, "quarantine_shop.calls") == [("orphan:customer_id",)]
    where.land("shop/Customers_2025-03-02.csv", DAY_2["shop/Customers_2025-03-02.csv"])
    said = where.made(*SEVERAL).out
    assert "1 orphans found their parents" in said
    assert "1 rows left quarantine, their parents have come" in said
    assert [row for row in where.rows("silver_shop.orders", "order_id", "_orphan") if row[1]] == []
    assert rejected(where.lake, "quarantine_shop.calls") == []
    assert differences(where.lake, at_once(where).lake) == []


FILES = sorted({**DAY_1, **DAY_2})
ORDERS = {
    "last first": FILES[::-1],
    "second day first": [*sorted(DAY_2), *sorted(DAY_1)],
    "children first": sorted(FILES, key=lambda name: ("Customers" in name, name)),
    "parents last and backwards": sorted(FILES, key=lambda name: ("Customers" not in name, name), reverse=True),
}


@pytest.mark.parametrize(
    "order",
    [name if "first" in name and "day" not in name else pytest.param(name, marks=pytest.mark.slow) for name in ORDERS],
)
def test_one_file_a_run_in_any_order_gives_the_same_tables(where: World, order: str) -> None:
    for name in ORDERS[order]:
        where.land(name, {**DAY_1, **DAY_2}[name])
        where.made(*SEVERAL)
    assert differences(where.lake, at_once(where).lake) == []


def test_the_same_content_under_another_name_changes_nothing(copy_of: World, made: World) -> None:
    before = copy_of.versions()
    copy_of.land("shop/Orders_2025-03-09.csv", DAY_1["shop/Orders_2025-03-01.csv"])
    assert "nothing new in Orders_2025-03-09.csv" in copy_of.made(*SEVERAL).out
    assert changed_since(copy_of, before) <= {"bronze_shop.orders"}
    assert differences(copy_of.lake, made.lake) == []
    assert copy_of.made(*SEVERAL).out == NOTHING_NEW


HEADER = "customer_id,name,email\n"


def test_without_dates_in_names_what_was_delivered_later_counts(where: World) -> None:
    where.correct(SOURCE, r"delivered_at: '_(\d{4}-\d{2}-\d{2})'", "")
    where.land("shop/Customers_b.csv", f"{HEADER}1,Ann,ann@mail.test\n", "2025-03-01 08:00:00")
    where.made(*ONE_TABLE)
    where.land("shop/Customers_a.csv", f"{HEADER}1,Anna,ann@mail.test\n", "2025-03-02 08:00:00")
    where.made(*ONE_TABLE)
    assert where.rows("silver_shop.customers", "customer_id", "name") == [(1, "Anna")]
    other = where.beside("at_once")
    other.made(*ONE_TABLE)
    assert differences(where.lake, other.lake) == []


def test_an_older_file_that_comes_late_does_not_undo_a_correction(where: World) -> None:
    where.land("shop/Customers_2025-03-02.csv", f"{HEADER}1,Anna,ann@mail.test\n")
    where.made(*ONE_TABLE)
    where.land("shop/Customers_2025-03-01.csv", f"{HEADER}1,Ann,ann@mail.test\n2,Bob,bob@mail.test\n")
    where.made(*ONE_TABLE)
    assert where.rows("silver_shop.customers", "customer_id", "name") == [(1, "Anna"), (2, "Bob")]
    other = where.beside("at_once")
    other.made(*ONE_TABLE)
    assert differences(where.lake, other.lake) == []


# a lost ledger, and a batch that is refused


@pytest.mark.parametrize("files", ["still there", "gone"])
def test_a_lost_ledger_is_made_anew_from_bronze(copy_of: World, made: World, files: str) -> None:
    shutil.rmtree(copy_of.lake / "ops")
    if files == "gone":
        shutil.rmtree(copy_of.folder / "landing/shop")
    bronze = [copy_of.rows(name) for name in names(copy_of.lake) if name.startswith("bronze")]
    copy_of.made(*SEVERAL)
    assert [copy_of.rows(name) for name in names(copy_of.lake) if name.startswith("bronze")] == bronze
    assert differences(copy_of.lake, made.lake) == []
    assert copy_of.made(*SEVERAL).out == NOTHING_NEW


def test_a_batch_with_too_many_rejected_rows_is_refused_as_a_whole_unless_forced(where: World) -> None:
    where.land("shop/Customers_2025-03-01.csv", f"{HEADER}1,Ann,ann@mail.test\n2,Bob,bob\n3,Cleo,cleo\n")
    refused = where.run(*ONE_TABLE)
    assert refused.code == 1
    assert "2 of 3 rows of Customers_2025-03-01.csv were rejected, more than the 50% allowed" in refused.out
    assert where.rows("silver_shop.customers") == []
    assert where.rows("quarantine_shop.customers") == []
    where.made("--force", *ONE_TABLE)
    assert where.rows("silver_shop.customers", "customer_id") == [(1,)]
    assert rejected(where.lake, "quarantine_shop.customers") == [("rule:email_has_one_at",)] * 2
    assert where.made(*ONE_TABLE).out == NOTHING_NEW


# what a failure stops


def test_a_broken_file_stops_its_table_and_what_is_made_of_it_and_nothing_else(where: World) -> None:
    deliver(where, DAY_1)
    broken = where.land("shop/Orders_2025-03-02.csv", "")
    broken.write_bytes(b"order_id,nothing\n1,2\n")
    ran = where.run(*SEVERAL, "--only", "gold.resolution_stats")
    assert ran.code == 1
    assert [line.split()[:2] for line in ran.out.splitlines() if line[:1] in "✓✗–"] == [
        ["✓", "bronze_shop.customers"],
        ["✗", "bronze_shop.orders"],
        ["✓", "bronze_shop.calls"],
        ["✓", "silver_shop.customers"],
        ["–", "silver_shop.orders"],
        ["✓", "silver_shop.calls"],
        ["✓", "unified.customer_records"],
        ["✓", "unified.customers"],
        ["✓", "unified.customer_history"],
        ["–", "gold.customer_activity"],
        ["–", "gold.hourly_sales"],
        ["✓", "gold.product_sales"],
        ["✓", "gold.category_sales"],
        ["–", "gold.average_order_value"],
        ["✓", "gold.resolution_stats"],
    ]
    assert Lake(where.lake).count("bronze_shop.orders") == 0
    assert runs(where.lake)[0]["status"] == "failed"

    broken.unlink()
    where.made(*SEVERAL, "--only", "gold.resolution_stats")
    other = where.beside("other")
    other.made(*SEVERAL, "--only", "gold.resolution_stats")
    assert differences(where.lake, other.lake) == []


def test_no_scratch_file_is_left(made: World) -> None:
    left = [path.name for path in (made.lake / "ops").iterdir()]
    assert sorted(left) == ["batches", "data_quality", "files", "runs", "steps"]


def test_the_corner_shop_reads_the_day_from_the_name() -> None:
    assert CONF[SOURCE].count(r"delivered_at: '_(\d{4}-\d{2}-\d{2})'") == 1
