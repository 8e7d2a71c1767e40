"""Which of several rows of a key stays, and how it compares with the one that is already there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from c360.silver.checks import check
from c360.silver.dedup import compared, decided, repeated
from c360.silver.shape import Shape
from tests.silver.tables import File, Texts, bronze, source_of, tuples

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TABLES = """
people:
  files: people*
  key: id
  columns: {id: string, name: string, age: int}
  derive: {is_adult: {sql: age >= 18, type: boolean}}
  rules: {age_not_negative: age >= 0}
accounts:
  files: accounts*
  key: [bank, number]
  newest_by: [changed_at, revision]
  columns: {bank: string, number: int, changed_at: timestamp, revision: int, name: string}
members:
  files: members*
  key: id
  dedup: first_non_null
  columns: {id: string, name: string, age: int, club: int, nobody: string}
  derive: {is_adult: {sql: age >= 18, type: boolean}}
  rules: {age_not_negative: age >= 0}
  references: {club: clubs}
clubs:
  files: clubs*
  key: club
  columns: {club: int}
"""
SOURCE = source_of(TABLES)
PEOPLE, ACCOUNTS, MEMBERS = (Shape(SOURCE, name) for name in ("people", "accounts", "members"))


def judged(spark: SparkSession, shape: Shape, files: list[File]) -> DataFrame:
    parents = {"club": spark.createDataFrame([(1,), (2,)], "club INT")} if shape is MEMBERS else {}
    return check(bronze(spark, shape, files), shape, parents)


def silver(spark: SparkSession, shape: Shape, files: list[File]) -> DataFrame:
    """A silver table of these files' rows, one per key."""
    rows = judged(spark, shape, files)
    return rows.select(*shape.content, "_deleted_at", *shape.order)


def person(key: str, name: str | None, age: str | None = None) -> Texts:
    return {"id": key, "name": name, "age": age}


def test_the_newest_row_of_a_key_stays_and_the_others_are_its_duplicates(spark: SparkSession) -> None:
    files = [
        File("b", [person("by day", "late"), person("by file", "late"), person("alone", "x")], on="2024-03-02"),
        File("a", [person("by file", "early"), person("by row", "1st"), person("by row", None)], on="2024-03-02"),
        File("c", [person("by day", "early"), person("thrice", "1"), person("thrice", "2"), person("thrice", "2")]),
        # one name and date, another content: it corrects what came before, wherever in the file its rows stand
        File("fixed", [person("other", "x"), person("corrected", "wrong")], batch="first", received="2024-06-01"),
        File("fixed", [person("corrected", "right")], batch="second", received="2024-06-02"),
        File("d", [person("rejected", "good"), person("rejected", "bad", "-1"), person("rejected", "bad", "-2")]),
        File("e", [{"id": None, "name": "no key"}, {"id": " ", "name": "nor here"}]),
    ]
    frame = decided(judged(spark, PEOPLE, files), None, PEOPLE)
    assert tuples(frame, "id", "_batch_id", "_source_row", "name", "_status") == [
        (None, "e", 1, "no key", "quarantined"),
        (None, "e", 2, "nor here", "quarantined"),
        ("alone", "b", 3, "x", "inserted"),
        ("by day", "b", 1, "late", "inserted"),
        ("by day", "c", 1, "early", "duplicate"),
        ("by file", "a", 1, "early", "duplicate"),
        ("by file", "b", 2, "late", "inserted"),
        ("by row", "a", 2, "1st", "duplicate"),
        ("by row", "a", 3, None, "inserted"),
        ("corrected", "first", 2, "wrong", "duplicate"),
        ("corrected", "second", 1, "right", "inserted"),
        ("other", "first", 1, "x", "inserted"),
        ("rejected", "d", 1, "good", "inserted"),
        ("rejected", "d", 2, "bad", "quarantined"),
        ("rejected", "d", 3, "bad", "quarantined"),
        ("thrice", "c", 2, "1", "duplicate"),
        ("thrice", "c", 3, "2", "duplicate"),
        ("thrice", "c", 4, "2", "inserted"),
    ]


def account(number: int, changed_at: str | None, revision: str | None, name: str) -> Texts:
    return {"bank": "x", "number": str(number), "changed_at": changed_at, "revision": revision, "name": name}


def test_the_sources_own_version_counts_before_delivery_and_none_is_the_oldest(spark: SparkSession) -> None:
    noon, one = "2024-02-01 12:00:00", "2024-02-01 13:00:00"
    early = [account(1, one, "1", "wins by time"), account(2, noon, "2", "wins by revision")]
    early += [account(3, noon, None, "has a time"), account(4, None, "9", "no time"), account(5, noon, "1", "early")]
    late = [account(1, noon, "9", "late"), account(2, noon, "1", "late"), account(3, None, "9", "late")]
    late += [account(4, None, None, "late"), account(5, noon, "1", "wins by delivery"), account(6, None, None, "new")]
    late += [{**account(1, None, None, "another bank"), "bank": "y"}]
    frame = decided(
        judged(spark, ACCOUNTS, [File("early", early), File("late", late, on="2024-03-02")]), None, ACCOUNTS
    )
    assert tuples(frame.where("_status = 'inserted'"), "bank", "number", "name") == [
        ("x", 1, "wins by time"),
        ("x", 2, "wins by revision"),
        ("x", 3, "has a time"),
        ("x", 4, "no time"),
        ("x", 5, "wins by delivery"),
        ("x", 6, "new"),
        ("y", 1, "another bank"),
    ]


def test_a_row_is_inserted_updated_refreshed_unchanged_or_stale_beside_the_one_that_is_there(
    spark: SparkSession,
) -> None:
    there = [
        File("feb", [person("older there", "x", "1"), person("same content", "x", "1"), person("to null", "x", "1")]),
        File(
            "feb2", [person("from null", None, None), person("derived only", "x", "17"), person("not delivered", "x")]
        ),
        File("apr", [person("newer there", "y", "2"), person("newer there, same content", "x")], on="2024-04-01"),
        File("mar", [person("the same row", "x", "1"), person("judged anew", "x", "1")], on="2024-03-02"),
        File("mar2", [person("later file there", "y")], on="2024-03-02"),
    ]
    now = [
        File("mar", [person("the same row", "x", "1"), person("judged anew", "x", "2")], on="2024-03-02"),
        File("mar1", [person("later file there", "z"), person("new", None), person("new", "x")], on="2024-03-02"),
        File(
            "mar1b",
            [
                person("older there", "z", "1"),
                person("same content", "x", "1"),
                person("to null", "x", None),
                person("from null", "x", None),
                person("derived only", "x", "18"),
                person("newer there", "z"),
                person("newer there, same content", "x"),
                person("older there", "z", "-1"),
            ],
            on="2024-03-02",
        ),
    ]
    frame = decided(judged(spark, PEOPLE, now), silver(spark, PEOPLE, there), PEOPLE)
    assert tuples(frame, "id", "name", "_status") == [
        ("derived only", "x", "updated"),
        ("from null", "x", "updated"),
        ("judged anew", "x", "updated"),
        ("later file there", "z", "stale"),
        ("new", None, "duplicate"),
        ("new", "x", "inserted"),
        ("newer there", "z", "stale"),
        ("newer there, same content", "x", "stale"),
        ("older there", "z", "quarantined"),
        ("older there", "z", "updated"),
        ("same content", "x", "refreshed"),
        ("the same row", "x", "unchanged"),
        ("to null", "x", "updated"),
    ]


@pytest.mark.parametrize(
    ("there", "came", "status"),
    [
        ((None, None), ("2024-02-01 12:00:00", None), "updated"),
        (("2024-02-01 12:00:00", None), (None, "1"), "stale"),
        (("2024-02-01 12:00:00", "1"), ("2024-02-01 12:00:00", None), "stale"),
        (("2024-02-01 12:00:00", None), ("2024-02-01 12:00:00", "1"), "updated"),
        ((None, None), (None, None), "refreshed"),
    ],
)
def test_a_version_that_is_null_is_older_than_any(
    spark: SparkSession, there: tuple[str | None, str | None], came: tuple[str | None, str | None], status: str
) -> None:
    target = silver(spark, ACCOUNTS, [File("a", [account(1, *there, "x")])])
    rows = judged(spark, ACCOUNTS, [File("b", [account(1, *came, "x")], on="2024-03-02")])
    assert tuples(compared(rows, target, ACCOUNTS), "number", "_status") == [(1, status)]


def member(key: str, name: str | None = None, age: str | None = None, club: str | None = None) -> Texts:
    return {"id": key, "name": name, "age": age, "club": club}


def test_the_first_values_of_a_key_that_are_not_null_are_combined_within_a_file(spark: SparkSession) -> None:
    files = [
        File(
            "mon",
            [
                member("combined", None, "17", "9"),
                member("combined", "first", "20"),
                member("combined", "second", None, "1"),
                member("whole", "w", "30", "1"),
                member("rejected within", None, "-1", "2"),
                member("rejected within", "kept", None),
                member("in both", "mon", "40", "1"),
                member("no values"),
                member("no values"),
            ],
        ),
        File("tue", [member("in both", None, "41"), member("in both", "tue")], on="2024-03-02"),
    ]
    frame = decided(judged(spark, MEMBERS, files), None, MEMBERS)
    assert tuples(frame, "id", "_batch_id", "_source_row", "name", "age", "is_adult", "club", "_orphan", "_status") == [
        ("combined", "mon", 1, "first", 17, False, 9, "club", "duplicate"),
        ("combined", "mon", 2, "first", 17, False, 9, "club", "duplicate"),
        ("combined", "mon", 3, "first", 17, False, 9, "club", "inserted"),
        ("in both", "mon", 7, "mon", 40, True, 1, None, "duplicate"),
        ("in both", "tue", 1, "tue", 41, True, None, None, "duplicate"),
        ("in both", "tue", 2, "tue", 41, True, None, None, "inserted"),
        ("no values", "mon", 8, None, None, None, None, None, "duplicate"),
        ("no values", "mon", 9, None, None, None, None, None, "inserted"),
        ("rejected within", "mon", 5, None, -1, False, 2, None, "quarantined"),
        ("rejected within", "mon", 6, "kept", None, None, None, None, "inserted"),
        ("whole", "mon", 4, "w", 30, True, 1, None, "inserted"),
    ]


def test_a_file_that_was_combined_is_unchanged_when_it_is_judged_again(spark: SparkSession) -> None:
    file = File("mon", [member("a", None, "17", "9"), member("a", "first", "20"), member("b", "x")])
    merged = decided(judged(spark, MEMBERS, [file]), None, MEMBERS).where("_status = 'inserted'")
    target = merged.select(*MEMBERS.content, "_deleted_at", *MEMBERS.order)
    again = decided(judged(spark, MEMBERS, [file]), target, MEMBERS)
    assert tuples(again, "id", "_source_row", "_status") == [
        ("a", 1, "duplicate"),
        ("a", 2, "unchanged"),
        ("b", 3, "unchanged"),
    ]


def test_repeated_are_all_rows_of_a_key_that_occurs_more_than_once(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [("x", 1, "a"), ("x", 1, "a"), ("x", 2, "b"), ("y", 1, "c"), ("y", 2, "d"), ("y", 2, "e")],
        "bank STRING, number INT, name STRING",
    )
    assert tuples(repeated(rows, ACCOUNTS), "bank", "number", "name") == [
        ("x", 1, "a"),
        ("x", 1, "a"),
        ("y", 2, "d"),
        ("y", 2, "e"),
    ]
