"""Spark and Sail make the same tables of the same files, and each goes on where the other stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from c360.sample.world import write_world
from tests.corner_shop import DAY_1, DAY_2, PARTS, deliver, shop
from tests.input.commands import Here, Process, Sail
from tests.lakes import ROOT, World, differences, names

pytestmark = pytest.mark.spark


class Sides:
    """The corner shop's first day on both engines, and its second day begun on one and continued on either.

    Attributes:
        day_1: engine → the lake it made of the first day; not to be changed.
    """

    def __init__(self, where: World, sail: Process, spark: Process) -> None:
        self.where = where
        self.processes = {"sail": sail, "spark": spark}
        deliver(where, DAY_1)
        self.day_1 = {engine: self.run(engine, where.beside(engine)) for engine in self.processes}
        deliver(where, DAY_2)
        self.day_2: dict[tuple[str, str], World] = {}

    def run(self, engine: str, where: World, *more: str) -> World:
        where.by(self.processes[engine]).made(*more)
        return where

    def copy(self, engine: str, name: str) -> World:
        copied = self.where.beside(name)
        shutil.copytree(self.day_1[engine].lake, copied.lake)
        return copied

    def after(self, first: str, second: str) -> World:
        """The lake after the first day on one engine and the second on another; not to be changed."""
        if (first, second) not in self.day_2:
            self.day_2[first, second] = self.run(second, self.copy(first, f"{first}_{second}"), *PARTS)
        return self.day_2[first, second]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory, sail: Sail, spark_process: Here) -> Sides:
    return Sides(shop(tmp_path_factory.mktemp("sides")), sail, spark_process)


def test_both_engines_make_the_same_tables_of_the_first_day(sides: Sides) -> None:
    assert {"silver_shop.orders", "quarantine_shop.calls", "gold.customer_360"} < set(names(sides.day_1["spark"].lake))
    assert differences(sides.day_1["spark"].lake, sides.day_1["sail"].lake) == []


@pytest.mark.parametrize(
    ("begun_on", "continued_on"),
    [("spark", "sail"), ("sail", "spark"), pytest.param("spark", "spark", marks=pytest.mark.slow)],
)
def test_whichever_engine_begins_and_whichever_goes_on_the_tables_are_the_same(
    sides: Sides, begun_on: str, continued_on: str
) -> None:
    lake = sides.after(begun_on, continued_on).lake
    assert differences(lake, sides.after("sail", "sail").lake) == []
    assert differences(lake, sides.day_1["sail"].lake) != []


def test_an_engine_finds_nothing_to_do_where_the_other_was(sides: Sides) -> None:
    for first, last in (("sail", "spark"), ("spark", "sail")):
        ran = sides.after(first, last).by(sides.processes[first]).run(*PARTS)
        assert (ran.code, ran.out) == (0, "nothing new: every table is up to date\n")


@pytest.mark.parametrize(
    ("half", "other_half"), [("spark", "sail"), pytest.param("sail", "spark", marks=pytest.mark.slow)]
)
def test_the_engine_may_change_in_the_middle_of_a_day(sides: Sides, half: str, other_half: str) -> None:
    where = sides.copy("sail", f"half_on_{half}")
    sides.run(half, where, "--only", "silver_shop.orders")
    sides.run(other_half, where, *PARTS)
    assert differences(where.lake, sides.after("sail", "sail").lake) == []


ORDER = sorted({**DAY_1, **DAY_2}, reverse=True)


@pytest.mark.slow
def test_on_spark_too_the_order_of_the_files_does_not_matter(tmp_path: Path, sail: Sail, spark_process: Here) -> None:
    where = shop(tmp_path)
    for names_ in (ORDER[:3], ORDER[3:]):
        for name in names_:
            where.land(name, {**DAY_1, **DAY_2}[name])
        where.by(spark_process).made(*PARTS)
    at_once = where.beside("at_once")
    at_once.by(sail).made(*PARTS)
    assert differences(where.lake, at_once.lake) == []


# the sample shop, with every table and every piece of dirt

EDGES = {
    "Customers_2025-03-04.csv": (
        "CustomerID,Name,Email,Address\n"
        '900001,"Quote ""Q"" Comma, Jr.",q@mail.test,"1 Main St\nFlat 2, Springfield, IL 62701"\n'
        "900002,Zoë Müller-Ğ,zoe@mail.test,\n"
        "900003,   ,,\n"
        "900004,O'Neil,O'NEIL@MAIL.TEST,back\\slash\n"
        "900004,O'Neil,oneil@mail.test,\n"
        "+900005,Plus,plus@mail.test,x\n"
        "1e3,Exponent,e@mail.test,x\n"
        " 900006 ,Blank, blank@mail.test ,x\n"
        "900007,Ragged\n"
    ),
    "OnlineTransactions_2025-03-04.csv": (
        "OrderID,CustomerID,ProductID,DateTime,PaymentMethod,Amount,Status\n"
        "900001,900001,1,2024-02-29 23:59:59,Card,0.01,Completed\n"
        "900002,900001,1,2025-03-04 00:00:00,Card,99999999999.9999,Failed\n"
        "900003,900002,999999,2025-03-04 12:00:00,,1.005,Completed\n"
        "900004,,1,2025-03-04 12:00:00,Card,2.50,\n"
        "900005,900002,1,2025-02-30 12:00:00,Card,2.50,Completed\n"
        "900006,900002,1,2026-03-04 12:00:00,Card,2.50,Completed\n"
        "900007,900002,1,2025-03-04 12:00:00,Card,1e2,Completed\n"
        "900008,900002,1,2025-03-04 12:00:00,Card,٣,Completed\n"
        "2147483648,900002,1,2025-03-04 12:00:00,Card,1.00,Completed\n"
    ),
    "Products_2025-03-04.csv": "ProductID,Name,Category,Price,Colour\n900001,New,Toys,1.00,red\n900002,Free,,0,\n",
    "Agents_2025-03-04.csv": "AgentID,Name,Department,Shift\n",
}
"""A last day of rows that each say something else about reading, typing and judging."""


class SampleWorld(World):
    """The project's own configuration on the sample shop."""

    def _argv(self, command: str, *more: str) -> list[str]:
        folders = ["--conf", str(ROOT / "conf"), "--lake", str(self.lake), "--landing", str(self.folder / "landing")]
        return [command, *folders, "--source", "retail", *more]


@pytest.mark.slow
def test_both_engines_make_the_same_tables_of_the_sample_shop(tmp_path: Path, sail: Sail, spark_process: Here) -> None:
    delivered, landing = tmp_path / "delivered/retail", tmp_path / "landing/retail"
    write_world(delivered.parent, customers=60, days=3, sources=["retail"])
    landing.mkdir(parents=True)
    sides = {
        engine: SampleWorld(tmp_path, ROOT / "conf", tmp_path / engine, process)
        for engine, process in (("sail", sail), ("spark", spark_process))
    }
    for day in ("2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"):
        for file in delivered.glob(f"*_{day}.csv"):
            shutil.copy2(file, landing)
        if day == "2025-03-04":
            for name, text in EDGES.items():
                (landing / name).write_text(text, "utf-8")
        if day == "2025-03-02":
            continue  # this day's files come with the next ones
        for side in sides.values():
            side.made("--force")  # of the last day's orders most are to be rejected
        assert differences(sides["sail"].lake, sides["spark"].lake) == [], day
    assert len(names(sides["sail"].lake)) > 40


def test_the_corner_shop_has_several_files_a_day() -> None:
    assert (len(DAY_1), len(DAY_2), len(ORDER)) == (3, 3, 6)
