"""Append, snapshot, change feed: literal deliveries, and the table they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c360.errors import RejectRateError
from c360.silver.shape import Shape
from tests.silver.step import Table
from tests.silver.tables import File, Texts, source_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHAPES = {
    "log": "log: {files: l.csv, load: append, columns: {at: date, what: {required: true}}}",
    "stock": "stock: {files: s.csv, key: item, load: snapshot, columns: {item: string, left: int}, "
    "rules: {not_negative: left >= 0}}",
    "feed": "feed: {files: f.csv, key: id, newest_by: seq, load: {mode: changes, operation: op, at: changed_at}, "
    "columns: {id: int, op: string, seq: int, name: {required: true}, changed_at: timestamp}}",
}


def table(spark: SparkSession, root: Path, name: str, force: bool = False) -> Table:
    return Table(spark, root, Shape(source_of(SHAPES[name]), name), force)


class TestAppend:
    def test_every_row_stays_also_the_same_one_twice(self, spark: SparkSession, tmp_path: Path) -> None:
        log = table(spark, tmp_path, "log")
        row: Texts = {"at": "2024-03-01", "what": "login"}
        first = log.loaded(File("a", [row, row, {"at": "2024-03-01"}])).counts
        assert (first.read, first.inserted, first.quarantined) == (3, 2, 1)
        log.loaded(File("b", [row]))
        assert log.rows("at", "what", "_source_file", "_source_row") == [
            ("2024-03-01", "login", "a", 1),
            ("2024-03-01", "login", "a", 2),
            ("2024-03-01", "login", "b", 1),
        ]

    def test_a_file_that_comes_again_under_its_name_and_date_takes_its_own_place(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        log = table(spark, tmp_path, "log")
        log.loaded(File("a", [{"what": "x"}, {"at": "1"}]), File("b", [{"what": "y"}]))
        said = log.loaded(File("a", [{"what": "x"}, {"what": "z"}], batch="a corrected"))
        assert said.message == "made anew from bronze"
        assert log.rows("what", "_batch_id") == [("x", "a corrected"), ("y", "b"), ("z", "a corrected")]
        assert log.rejected("what") == []
        log.loaded(File("a", [{"what": "x"}, {"at": "1"}]))  # the first content after all
        assert log.rows("what", "_batch_id") == [("x", "a"), ("y", "b")]
        assert log.rejected("at") == [("1", ["type:at", "null:what"])]

    def test_under_its_name_on_another_day_it_is_more_of_the_same(self, spark: SparkSession, tmp_path: Path) -> None:
        log = table(spark, tmp_path, "log")
        log.loaded(File("log", [{"what": "x"}], on="2024-03-01", batch="1"))
        log.loaded(File("log", [{"what": "y"}], on="2024-03-02", batch="2"))
        assert log.rows("what") == [("x",), ("y",)]


def stock(day: int, *items: str, name: str | None = None) -> File:
    rows = [{"item": item.partition("=")[0] or None, "left": item.partition("=")[2] or "1"} for item in items]
    return File(name or f"stock {day}", rows, on=f"2024-03-0{day}")


class TestSnapshot:
    SHOWN = ("item", "left", "_deleted_at", "_delivered_at")

    def test_what_a_snapshot_lacks_is_deleted_and_may_come_back(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock", force=True)
        shop.loaded(stock(1, "a", "b", "c"))
        said = shop.loaded(stock(2, "a", "c=2"))
        assert said.message == "1 rows are deleted now, or again there"
        assert shop.rows(*self.SHOWN) == [
            ("a", 1, None, "2024-03-02 00:00:00"),
            ("b", 1, "2024-03-02 00:00:00", "2024-03-01 00:00:00"),
            ("c", 2, None, "2024-03-02 00:00:00"),
        ]
        shop.loaded(stock(3, "b", "c=2"))
        assert shop.rows("item", "left", "_deleted_at") == [
            ("a", 1, "2024-03-03 00:00:00"),
            ("b", 1, None),
            ("c", 2, None),
        ]

    def test_a_late_snapshot_says_since_when_what_is_gone_has_been_gone(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        shop = table(spark, tmp_path, "stock", force=True)
        shop.loaded(stock(1, "a", "b", "c"), stock(4, "a"))
        assert shop.rows("item", "_deleted_at") == [
            ("a", None),
            ("b", "2024-03-04 00:00:00"),
            ("c", "2024-03-04 00:00:00"),
        ]
        shop.loaded(stock(2, "c=7", "d"))
        assert shop.rows("item", "left", "_deleted_at") == [
            ("a", 1, None),
            ("b", 1, "2024-03-02 00:00:00"),
            ("c", 7, "2024-03-04 00:00:00"),
            ("d", 1, "2024-03-04 00:00:00"),
        ]

    def test_a_rejected_row_says_that_its_key_is_there(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock", force=True)
        shop.loaded(stock(1, "a", "b"), stock(2, "a", "b=-1"))
        assert shop.rows("item", "left", "_deleted_at") == [("a", 1, None), ("b", 1, None)]
        assert shop.rejected("item") == [("b", ["rule:not_negative"])]
        shop.loaded(stock(3, "a", "=5"))
        assert shop.rows("item", "_deleted_at") == [("a", None), ("b", "2024-03-03 00:00:00")]

    def test_the_files_of_one_time_are_one_snapshot(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock")
        shop.loaded(stock(1, "a", "b", name="1 of 2"), stock(1, "c", "d", name="2 of 2"))
        with pytest.raises(RejectRateError, match="1 of 2 on day 2 has 2 rows where the delivery before had 4"):
            shop.loaded(stock(2, "a", "b", name="1 of 2 on day 2"))
        shop.loaded(stock(2, "c", name="2 of 2 on day 2"))
        assert shop.rows("item", "_deleted_at") == [("a", None), ("b", None), ("c", None), ("d", "2024-03-02 00:00:00")]

    def test_a_corrected_snapshot_takes_the_place_of_the_wrong_one(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock", force=True)
        shop.loaded(stock(1, "a", "b"), stock(2, "wrong"))
        corrected = File("stock 2", stock(2, "a").rows, on="2024-03-02", batch="corrected")
        assert shop.loaded(corrected).message.startswith("made anew from bronze")
        assert shop.rows("item", "_deleted_at") == [("a", None), ("b", "2024-03-02 00:00:00")]

    def test_a_shrunken_snapshot_is_refused_until_a_whole_one_comes(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock")
        shop.loaded(stock(1, "a", "b", "c", "d"))
        for number, day in enumerate((2, 3)):
            with pytest.raises(RejectRateError) as refused:
                shop.loaded(stock(day, *"ab"[number:]))
            assert str(refused.value).startswith(
                f"silver_shop.stock: stock {day} has {2 - number} rows where the delivery before had 4, a loss of more "
                "than the 30% allowed; nothing was merged"
            )
        assert shop.rows("item", "_deleted_at") == [(item, None) for item in "abcd"]
        said = shop.loaded(stock(4, "a", "b", "c")).message
        assert said.startswith("stock 2: the delivery refused before is left out, for there is a newer one; stock 3: ")
        assert shop.rows("item", "_deleted_at") == [*((i, None) for i in "abc"), ("d", "2024-03-04 00:00:00")]
        assert shop.make().message == ""

    def test_an_empty_snapshot_deletes_everything_where_it_is_forced(self, spark: SparkSession, tmp_path: Path) -> None:
        shop = table(spark, tmp_path, "stock")
        shop.loaded(stock(1, "a"))
        with pytest.raises(RejectRateError, match="stock 2 has 0 rows where the delivery before had 1"):
            shop.loaded(stock(2))
        shop.run.force = True
        shop.make()
        assert shop.rows("item", "_deleted_at") == [("a", "2024-03-02 00:00:00")]


def change(op: str | None, key: str | None, seq: str | None, name: str | None = None, at: str | None = None) -> Texts:
    return {"op": op, "id": key, "seq": seq, "name": name, "changed_at": at}


class TestChanges:
    SHOWN = ("id", "name", "seq", "_deleted_at")

    def test_inserts_updates_and_deletes_are_done_in_their_sequence(self, spark: SparkSession, tmp_path: Path) -> None:
        feed = table(spark, tmp_path, "feed")
        rows = [
            change("U", "1", "3", "Anna"),
            change("I", "1", "1", "Ann"),
            change("I", "2", "2", "Bob"),
            change("d", "2", "4", at="2024-02-03 10:00:00"),
            change("Delete", "3", "5"),
            change("insert", "4", "6", "Dee"),
        ]
        counts = feed.loaded(File("a", rows)).counts
        assert (counts.inserted, counts.duplicate) == (4, 2)
        assert feed.rows(*self.SHOWN) == [
            (1, "Anna", 3, None),
            (2, None, 4, "2024-02-03 10:00:00"),
            (3, None, 5, "2024-03-01 00:00:00"),
            (4, "Dee", 6, None),
        ]

    def test_a_late_update_does_not_bring_back_what_was_deleted_and_a_later_insert_does(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        feed = table(spark, tmp_path, "feed")
        feed.loaded(File("a", [change("I", "1", "1", "Ann")]), File("b", [change("D", "1", "5")], on="2024-03-02"))
        late = feed.loaded(File("c", [change("U", "1", "4", "Anna")], on="2024-03-03")).counts
        assert (late.stale, feed.rows(*self.SHOWN)) == (1, [(1, None, 5, "2024-03-02 00:00:00")])
        feed.loaded(File("d", [change("I", "1", "6", "New")], on="2024-03-04"))
        assert feed.rows(*self.SHOWN) == [(1, "New", 6, None)]

    def test_a_delete_with_the_whole_row_is_a_change_too(self, spark: SparkSession, tmp_path: Path) -> None:
        feed = table(spark, tmp_path, "feed")
        feed.loaded(File("a", [change("I", "1", None, "Ann")]))
        counts = feed.loaded(File("c", [change("D", "1", None, "Ann")], on="2024-03-02")).counts
        assert (counts.updated, feed.rows(*self.SHOWN)) == (1, [(1, "Ann", None, "2024-03-02 00:00:00")])

    def test_of_a_delete_only_key_and_sequence_must_be_right(self, spark: SparkSession, tmp_path: Path) -> None:
        feed = table(spark, tmp_path, "feed", force=True)
        rows = [
            change("D", "1", "1", at="yesterday"),
            change("D", None, "1"),
            change("D", "2", "first"),
            change("I", "3", "1"),
            change("X", "4", "1", "Ann"),
            change(None, "5", "1", "Ann"),
        ]
        feed.loaded(File("a", rows))
        assert feed.rows(*self.SHOWN) == [(1, None, 1, "2024-03-01 00:00:00")]
        assert feed.rejected("id") == [
            ("2", ["type:seq"]),
            ("3", ["null:name"]),
            ("4", ["operation:op"]),
            ("5", ["operation:op"]),
            (None, ["null:id"]),
        ]


def test_a_reference_to_what_was_deleted_still_leads_there(spark: SparkSession, tmp_path: Path) -> None:
    declared = f"""
      {SHAPES["stock"].replace("stock:", "items:", 1)}
      sales: {{files: s.csv, key: n, columns: {{n: int, item: string}}, references: {{item: items}}}}
    """
    source = source_of(declared)
    items = Table(spark, tmp_path, Shape(source, "items"), force=True)
    items.loaded(stock(1, "a", "b"), stock(2, "a"))
    sales = Table(spark, tmp_path, Shape(source, "sales"))
    sales.loaded(File("s", [{"n": "1", "item": "a"}, {"n": "2", "item": "b"}, {"n": "3", "item": "c"}]))
    assert sales.rows("n", "_orphan") == [(1, None), (2, None), (3, "item")]
