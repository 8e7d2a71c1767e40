"""Rows into silver and quarantine: the tables, the counts, and what makes a merge stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from c360.errors import C360Error, CheckFailedError, RejectRateError
from c360.lake import Lake
from c360.ledger import Counts
from c360.silver.merge import SilverMerge
from c360.silver.shape import Shape
from tests.silver.tables import File, Texts, bronze, lake_of, source_of, tuples

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TABLES = """
stock:
  files: stock*
  key: [shop, item]
  partition_by: region
  columns: {shop: string, item: string, region: string, amount: int, price: money}
  derive: {value: {sql: amount * price, type: money}}
  rules: {amount_not_negative: amount >= 0}
lines:
  files: lines*
  key: line
  columns: {line: int, shop: string, item: string}
  references:
    shop: shops
    item: {table: items, on_missing: quarantine}
  rules: {line_is_small: line < 100}
shops:
  files: shops*
  key: shop
  columns: {shop: string}
items:
  files: items*
  key: item
  columns: {item: string}
notes:
  files: notes*
  key: note
  columns: {note: int, text: string}
  derive: {price: {sql: 100 / note, type: double}}
days:
  files: days*
  key: id
  partition_by: day
  columns: {id: int, day: date, amount: int}
"""
SOURCE = source_of(TABLES)
STOCK, LINES, SHOPS, ITEMS, NOTES, DAYS = (
    Shape(SOURCE, t) for t in ("stock", "lines", "shops", "items", "notes", "days")
)
EVERYTHING = 1_000_000
"""Rows, of which any number here is a small one."""


def load(lake: Lake, shape: Shape, *files: File, small: int = EVERYTHING, **options: Any) -> dict[str, Counts]:
    """Deliver files to bronze and merge them, all at once."""
    lake.append(shape.bronze, bronze(lake.spark, shape, files))
    return SilverMerge(lake, shape, small=small, **options).load({f.batch_id: f.line for f in files})


def counts(
    read: int,
    inserted: int = 0,
    updated: int = 0,
    unchanged: int = 0,
    duplicate: int = 0,
    stale: int = 0,
    quarantined: int = 0,
) -> Counts:
    """The line of the ledger with these numbers; `valid` is what is left."""
    return Counts(read, read - quarantined, quarantined, inserted, updated, unchanged, duplicate, stale)


def item(shop: str | None, name: str, region: str | None, amount: str, price: str | None = "1.5") -> Texts:
    return {"shop": shop, "item": name, "region": region, "amount": amount, "price": price}


STRANGE = ["it's", 'a\\b"c"', "a/b=c%20d", "東京 ü", "null", "", " "]
"""Texts that break keys, paths or SQL where somebody forgot to escape them; the last two are none at all."""

HISTORY = (
    File(
        "mon",
        [
            item("a", "1", "north", "1"),
            item("a", "1", "north", "2"),
            item("a", "2", "north", "1"),
            item("b", "1", None, "1"),
            item("b", "2", "south", "-1"),
            item(None, "3", "south", "1"),
            *[item(text.strip() or "blank", "x", text, "1") for text in STRANGE],
        ],
    ),
    File(
        "tue",
        [
            item("a", "1", "south", "3"),
            item("a", "2", "north", "1"),
            item("b", "1", "north", "1"),
            item("b", "2", "south", "x"),
            item("c", "1", "west", "1", None),
            *[item(text or "blank", "x", STRANGE[i - 1], "2") for i, text in enumerate(STRANGE[:-1])],
        ],
        on="2024-03-02",
    ),
    File(
        "wed, of sunday",
        [item("a", "1", "east", "9"), item("a", "2", "east", "9"), item("d", "1", None, "1")],
        on="2024-02-28",
    ),
    File("thu", [], on="2024-03-04"),
    File("fri", [item("a", "1", "south", "-3"), item(None, "2", "south", "1")], on="2024-03-05"),
)


@pytest.mark.parametrize(
    "small",
    [
        pytest.param(0, id="many rows"),
        pytest.param(EVERYTHING, id="few rows", marks=pytest.mark.slow_on_spark),
    ],
)
def test_a_history_gives_the_same_tables_and_counts_as_many_rows_and_as_few(
    spark: SparkSession, tmp_path: Path, small: int
) -> None:
    lake = lake_of(tmp_path, spark, STOCK)
    mon, tue, wed, thu, fri = HISTORY
    first = load(lake, STOCK, mon, small=small)
    assert first == {"mon": counts(13, inserted=9, duplicate=2, quarantined=2)}
    second = load(lake, STOCK, tue, wed, small=small)
    assert second == {
        "tue": counts(11, inserted=1, updated=8, unchanged=1, quarantined=1),
        "wed, of sunday": counts(3, inserted=1, duplicate=2),
    }
    third = load(lake, STOCK, thu, fri, small=small)
    assert third == {"thu": counts(0), "fri": counts(2, quarantined=2)}
    assert tuples(lake.read(STOCK.silver), "shop", "item", "region", "amount", "price", "value", "_batch_id") == sorted(
        [
            ("a", "1", "south", 3, "1.5000", "4.5000", "tue"),
            ("a", "2", "north", 1, "1.5000", "1.5000", "tue"),
            ("b", "1", "north", 1, "1.5000", "1.5000", "tue"),
            ("c", "1", "west", 1, None, None, "tue"),
            ("d", "1", None, 1, "1.5000", "1.5000", "wed, of sunday"),
            ("it's", "x", None, 2, "1.5000", "3.0000", "tue"),
            ('a\\b"c"', "x", "it's", 2, "1.5000", "3.0000", "tue"),
            ("a/b=c%20d", "x", 'a\\b"c"', 2, "1.5000", "3.0000", "tue"),
            ("東京 ü", "x", "a/b=c%20d", 2, "1.5000", "3.0000", "tue"),
            ("null", "x", "東京 ü", 2, "1.5000", "3.0000", "tue"),
            ("blank", "x", "null", 2, "1.5000", "3.0000", "tue"),
        ],
        key=lambda row: [str(v) for v in row],
    )
    assert tuples(lake.read(STOCK.quarantine), "_batch_id", "_source_row", "shop", "amount", "_reasons") == [
        ("fri", 1, "a", "-3", ["rule:amount_not_negative"]),
        ("fri", 2, None, "1", ["null:shop"]),
        ("mon", 5, "b", "-1", ["rule:amount_not_negative"]),
        ("mon", 6, None, "1", ["null:shop"]),
        ("tue", 4, "b", "x", ["type:amount"]),
    ]


@pytest.mark.slow_on_spark
def test_a_key_moves_between_partitions_that_are_dates(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, spark, DAYS)
    before = [("1", "2024-01-01"), ("2", "2024-02-01"), ("3", None)]
    after = [("1", "2024-02-01"), ("2", None), ("3", "2024-01-01")]
    load(lake, DAYS, File("a", [{"id": i, "day": day, "amount": "1"} for i, day in before]), small=0)
    b = File("b", [{"id": i, "day": day, "amount": "2"} for i, day in after], on="2024-03-02")
    assert load(lake, DAYS, b, small=0) == {"b": counts(3, updated=3)}
    assert tuples(lake.read(DAYS.silver), "id", "day", "amount") == [
        (1, "2024-02-01", 2),
        (2, None, 2),
        (3, "2024-01-01", 2),
    ]


def line(number: str, shop: str | None, thing: str | None) -> Texts:
    return {"line": number, "shop": shop, "item": thing}


@pytest.mark.slow_on_spark
def test_orphans_find_their_parents_whatever_comes_first(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, spark, LINES, SHOPS, ITEMS)
    lines = [
        line("1", "s", "i"),
        line("2", "s", None),
        line("3", None, "i"),
        line("4", "s", "never"),
        line("200", "s", "i"),
        line("5", "never", None),
    ]
    assert load(lake, LINES, File("lines", lines)) == {"lines": counts(6, inserted=2, quarantined=4)}
    merge = SilverMerge(lake, LINES)
    assert (merge.retest_orphans(), merge.replay("orphan")) == (0, {})
    load(lake, SHOPS, File("shops", [{"shop": "s"}]))
    load(lake, ITEMS, File("items", [{"item": "i"}]))
    # of lines 1 and 3 the item has come; line 200 leaves the orphans, but its rule still holds it back
    assert merge.replay("orphan") == {"lines": Counts(0, 2, -2, inserted=2)}
    assert merge.retest_orphans() == 1
    assert tuples(lake.read(LINES.silver), "line", "shop", "item", "_orphan") == [
        (1, "s", "i", None),
        (2, "s", None, None),
        (3, None, "i", None),
        (5, "never", None, "shop"),
    ]
    assert tuples(lake.read(LINES.quarantine), "line", "_source_row", "_reasons") == [
        ("200", 5, ["rule:line_is_small"]),
        ("4", 4, ["orphan:item"]),
    ]


@pytest.mark.slow_on_spark
def test_a_replay_judges_by_the_rules_of_today_and_a_row_is_only_as_new_as_its_delivery(
    spark: SparkSession, tmp_path: Path
) -> None:
    strict = source_of(TABLES.replace("amount_not_negative: amount >= 0", "amount_small: amount < 5"))
    lake = lake_of(tmp_path, spark, STOCK)
    mon = File("mon", [item("a", str(n), "north", "9") for n in range(3)] + [item("a", "9", "north", "x")])
    tue = File("tue", [item("a", "0", "north", "1")], on="2024-03-02")
    then = Shape(strict, "stock")
    load(lake, then, mon)
    load(lake, then, tue)
    assert SilverMerge(lake, then).replay() == {}
    assert SilverMerge(lake, STOCK).replay() == {"mon": Counts(0, 3, -3, inserted=2, stale=1)}
    assert tuples(lake.read(STOCK.silver), "item", "amount", "_batch_id") == [
        ("0", 1, "tue"),
        ("1", 9, "mon"),
        ("2", 9, "mon"),
    ]
    kept = tuples(lake.read(STOCK.quarantine), "item", "amount", "_source_row", "_reasons", "_rule_fingerprint")
    assert kept == [("9", "x", 4, ["type:amount"], STOCK.fingerprint)]
    assert STOCK.fingerprint != then.fingerprint


def test_a_batch_with_too_many_rejected_rows_is_refused_and_nothing_is_written(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake = lake_of(tmp_path, spark, STOCK)
    good = File("good", [item("a", "1", "north", "1")])
    bad = File("bad", [item("a", "2", "x", "-1", "y"), item("a", "3", "x", "-1"), item("a", "4", "x", "1")])
    with pytest.raises(RejectRateError) as refused:
        load(lake, STOCK, good, bad, max_reject_rate=0.6)
    assert str(refused.value) == (
        "silver_shop.stock: 2 of 3 rows of bad were rejected, more than the 60% allowed; nothing was merged. "
        "Most often: rule:amount_not_negative (2), type:price (1). Deliver the file corrected under its name, correct "
        "the rules, or run with --force"
    )
    assert refused.value.batch_id == "bad"
    assert [lake.version(t) for t in (STOCK.silver, STOCK.quarantine)] == [0, 0]
    merge = SilverMerge(lake, STOCK, max_reject_rate=0.6, force=True)
    assert merge.load({"bad": bad.line}) == {"bad": counts(3, inserted=1, quarantined=2)}


def test_rows_that_only_wait_for_their_parents_are_not_too_many(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, spark, LINES, SHOPS, ITEMS)
    lines = [line("1", None, "i"), line("2", None, "i"), line("200", None, "i"), line("3", None, None)]
    assert load(lake, LINES, File("lines", lines), max_reject_rate=0.25) == {"lines": counts(4, 1, quarantined=3)}
    with pytest.raises(RejectRateError, match=r"2 of 4 rows of more were rejected.* rule:line_is_small \(2\)\."):
        load(lake, LINES, File("more", [*lines[:3], line("300", None, None)]), max_reject_rate=0.25)


class Losing(Lake):
    """A lake that loses a row of every append to one table."""

    table_that_loses = ""

    def append(self, name: str, rows: DataFrame) -> None:
        super().append(name, rows.where("item <> '2'") if name == self.table_that_loses else rows)


def test_a_row_that_gets_lost_on_the_way_fails_the_check(spark: SparkSession, tmp_path: Path) -> None:
    lake_of(tmp_path, spark, STOCK)
    lake = Losing(tmp_path, spark)
    rows = [item("a", str(n), "north", "1") for n in range(3)]
    lake.append(STOCK.bronze, bronze(spark, STOCK, [File("mon", rows)]))
    merge = SilverMerge(lake, STOCK)
    with pytest.raises(CheckFailedError) as lost_in_bronze:
        merge.load({"mon": {"file": "mon", "rows": 4}})
    assert str(lost_in_bronze.value) == "silver_shop.stock, mon: 4 rows read, but 3 valid and 0 quarantined"
    lake.restore(STOCK.silver, 0)
    lake.table_that_loses = STOCK.silver
    with pytest.raises(CheckFailedError) as lost_in_silver:
        merge.load({"mon": {"file": "mon", "rows": 3}})
    assert str(lost_in_silver.value) == "silver_shop.stock grew by 2 rows, but 3 were to be inserted"


def test_what_cannot_be_computed_stops_the_merge_with_the_name_of_its_rule(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_of(tmp_path, spark, NOTES)
    with pytest.raises(C360Error, match="the derived column price cannot be computed for every row"):
        load(lake, NOTES, File("notes", [{"note": "1"}, {"note": "0"}]))
    assert lake.version(NOTES.silver) == 0
