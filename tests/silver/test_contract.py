"""What a contract says of new columns, missing ones and values of other types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c360.errors import RejectRateError
from c360.silver.shape import Shape
from tests.silver.step import Table
from tests.silver.tables import File, source_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def table(spark: SparkSession, root: Path, contract: str = "{}") -> Table:
    declared = f"people: {{files: p.csv, key: id, columns: {{id: int, name: string, age: int}}, contract: {contract}}}"
    return Table(spark, root, Shape(source_of(declared), "people"))


NEW = '{"shoe": "42"}'
MISSING = '{"_missing": "name"}'
BOTH = '{"_missing": "name", "shoe": "42"}'
ROWS = [
    {"id": "1", "name": "Ann", "age": "7"},
    {"id": "2", "name": "Bob", "age": "8", "_rescued": NEW},
    {"id": "3", "age": "9", "_rescued": MISSING},
    {"id": "4", "age": "1", "_rescued": BOTH},
    {"id": "5", "_rescued": '{"_error": "ragged_row: 1 field where 3 were expected", "_raw": "5"}'},
]


def test_what_evolves_goes_on_and_keeps_what_no_column_takes(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "evolve")
    people.loaded(File("a", [*ROWS, {"id": "6", "age": "six", "_rescued": NEW}, {"id": "7", "age": "x\"'\\"}]))
    assert people.rows("id", "name", "age", "_rescued") == [
        (1, "Ann", 7, None),
        (2, "Bob", 8, NEW),
        (3, None, 9, MISSING),
        (4, None, 1, BOTH),
        (6, None, None, '{"shoe": "42", "age":"six"}'),
        (7, None, None, '{"age":"x\\"\'\\\\"}'),
    ]
    assert people.rejected("id") == [("5", ["ragged_row: 1 field where 3 were expected"])]


def test_a_key_must_have_its_type_however_types_evolve(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "evolve")
    people.loaded(File("a", [{"id": "one", "age": "7"}, {"id": "1"}]))
    assert people.rejected("id") == [("one", ["type:id"])]


def test_what_is_quarantined_waits_with_its_reason(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "quarantine")
    people.run.force = True
    people.loaded(File("a", [*ROWS, {"id": "6", "age": "six", "_rescued": NEW}, {"id": "7"}, {"id": "8"}, {"id": "9"}]))
    assert [row[0] for row in people.rows("id")] == [1, 7, 8, 9]
    assert people.rejected("id") == [
        ("2", ["new_column"]),
        ("3", ["missing_column"]),
        ("4", ["new_column", "missing_column"]),
        ("5", ["ragged_row: 1 field where 3 were expected"]),
        ("6", ["type:age", "new_column"]),
    ]


def test_a_batch_with_a_value_of_another_type_is_refused_where_types_are_frozen(
    spark: SparkSession, tmp_path: Path
) -> None:
    people = table(spark, tmp_path, "{changed_types: freeze}")
    people.loaded(File("a", [*ROWS[:1], {"age": "5"}]))
    assert people.rejected("id") == [(None, ["null:id"])]
    with pytest.raises(RejectRateError) as refused:
        people.loaded(File("b", [{"id": str(n), "age": "7"} for n in range(9)] + [{"id": "x", "age": "y"}]))
    assert str(refused.value) == (
        "silver_shop.people: values in b do not have their declared types, and `contract: {changed_types: freeze}` "
        "refuses them; nothing was merged. Most often: type:age (1), type:id (1). Deliver the file corrected under its "
        "name, correct the rules, or run with --force"
    )
    assert [row[0] for row in people.rows("id")] == [1]


def test_a_new_value_beyond_the_columns_is_a_change(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path)
    people.loaded(File("a", [{"id": "1", "name": "Ann"}], on="2024-03-01"))
    counts = people.loaded(File("b", [{"id": "1", "name": "Ann", "_rescued": NEW}], on="2024-03-02")).counts
    assert (counts.updated, people.rows("id", "_rescued")) == (1, [(1, NEW)])
