"""The one place that reads and writes Delta; `pytest --engine sail` runs the same on Sail."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from gold.rows import frame, result

from c360.commits import fit, retried
from c360.errors import C360Error, SchemaMismatchError, WriteConflictError
from c360.lake import Lake, folder

SCHEMA = "id INT, name STRING, amount DECIMAL(19,4), at TIMESTAMP"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake without an engine."""
    return Lake(tmp_path)


def filled(lake: Lake, name: str, schema: str, *rows: dict[str, Any]) -> Lake:
    lake.add_rows(name, schema, rows)
    return lake


# Names


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("gold.rfm", "gold/rfm"),
        ("silver_retail.customers", "silver/retail/customers"),
        ("quarantine_big_shop.in_store", "quarantine/big_shop/in_store"),
    ],
)
def test_a_name_says_where_a_table_lies(name: str, where: str) -> None:
    assert folder(name) == where


def test_a_name_of_one_part_is_none() -> None:
    with pytest.raises(C360Error) as problem:
        folder("rfm")
    assert str(problem.value) == (
        "no such table: rfm; a name has two parts, such as silver_retail.customers or gold.rfm"
    )


def test_tables_are_found_by_their_folders(lake: Lake) -> None:
    for name in ("silver_shop.orders", "gold.rfm", "ops.runs"):
        lake.ensure(name, "id INT")
    Path(lake.root, "gold/no_table").mkdir()

    assert lake.names() == ["gold.rfm", "ops.runs", "silver_shop.orders"]
    assert Lake(lake.root + "/nowhere").names() == []


def test_a_table_that_is_not_there_has_no_version_and_no_rows_and_its_metadata_is_an_error(lake: Lake) -> None:
    assert (lake.version("gold.rfm"), lake.rows("gold.rfm")) == (None, [])
    with pytest.raises(C360Error) as problem:
        lake.count("gold.rfm")
    assert str(problem.value) == f"no such table in {lake.root}: gold.rfm"


def test_rows_need_a_session_and_metadata_does_not(lake: Lake) -> None:
    lake.ensure("gold.rfm", "id INT")
    with pytest.raises(C360Error, match="this lake was opened without an engine"):
        lake.read("gold.rfm")


# Create


def test_a_new_table_is_empty_and_as_declared_with_every_column_nullable(lake: Lake) -> None:
    lake.ensure(
        "gold.t",
        "id INT, big BIGINT, name STRING, amount DECIMAL(19,4), part DOUBLE, is_x BOOLEAN, day DATE, at TIMESTAMP, "
        "reasons ARRAY<STRING>",
        partition_by="day",
        pii=("name",),
        description="One row per t.",
        comments={"id": "what it is"},
    )

    assert (lake.count("gold.t"), lake.version("gold.t")) == (0, 0)
    assert lake.columns("gold.t") == {
        "id": "INT",
        "big": "BIGINT",
        "name": "STRING",
        "amount": "DECIMAL(19,4)",
        "part": "DOUBLE",
        "is_x": "BOOLEAN",
        "day": "DATE",
        "at": "TIMESTAMP",
        "reasons": "ARRAY<STRING>",
    }
    made = DeltaTable(lake.path("gold.t"))
    assert {field.nullable for field in made.schema().fields} == {True}
    assert made.schema().fields[0].metadata == {"comment": "what it is"}
    assert (made.metadata().description, made.metadata().partition_columns) == ("One row per t.", ["day"])
    assert made.metadata().configuration == {
        "delta.enableDeletionVectors": "false",
        "delta.dataSkippingStatsColumns": "id,big,amount,part,is_x,at",
    }


def test_a_table_that_is_there_as_declared_is_left_alone(lake: Lake) -> None:
    for _ in range(2):
        lake.ensure("gold.t", "id INT,name STRING")
    lake.ensure("gold.t", "name STRING, id INT")  # rows are fitted to the table's own order

    assert lake.version("gold.t") == 0


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("id INT, name STRING, age INT, zip STRING", "missing: age INT, zip STRING"),
        ("id INT", "not declared: name"),
        ("id BIGINT, name STRING", "of another type: id is INT, declared BIGINT"),
        (
            "id BIGINT, zip STRING",
            "missing: zip STRING; not declared: name; of another type: id is INT, declared BIGINT",
        ),
    ],
)
def test_a_table_with_other_columns_is_refused_with_what_differs(lake: Lake, declared: str, said: str) -> None:
    lake.ensure("gold.t", "id INT, name STRING")

    with pytest.raises(SchemaMismatchError) as problem:
        lake.ensure("gold.t", declared)

    assert str(problem.value) == f"gold.t does not have the declared columns; {said}"


def test_recreating_empties_a_table_and_changes_its_columns_and_its_history_stays(lake: Lake) -> None:
    filled(lake, "gold.t", "id INT", {"id": 1})

    lake.recreate("gold.t", "id BIGINT, name STRING", pii=("name",))

    assert (lake.rows("gold.t"), lake.columns("gold.t")) == ([], {"id": "BIGINT", "name": "STRING"})
    assert DeltaTable(lake.path("gold.t"), version=1).to_pyarrow_table().to_pylist() == [{"id": 1}]
    lake.recreate("gold.new", "id INT")
    assert lake.version("gold.new") == 0


# Rows without an engine


def test_a_few_rows_are_added_to_a_table_that_is_made_when_it_is_missing(lake: Lake) -> None:
    lake.add_rows("ops.t", "id INT, name STRING", [{"id": 1}])
    lake.add_rows("ops.t", "id INT, name STRING", [{"id": 2, "name": "b"}])

    assert sorted(lake.rows("ops.t"), key=lambda row: row["id"]) == [{"id": 1, "name": None}, {"id": 2, "name": "b"}]


def test_counts_come_from_the_metadata(lake: Lake) -> None:
    filled(lake, "gold.t", "id INT, name STRING", {"id": 1, "name": "a"}, {"id": 2}, {"id": 3})
    filled(lake, "gold.t", "id INT, name STRING", {"id": 4, "name": "d"})

    assert (lake.count("gold.t"), lake.not_null("gold.t", "name"), lake.not_null("gold.t", "id")) == (4, 2, 4)
    lake.ensure("gold.empty", "id INT")
    assert (lake.count("gold.empty"), lake.not_null("gold.empty", "id")) == (0, 0)


def test_restoring_is_a_new_commit_and_to_where_it_is_already_none(lake: Lake) -> None:
    filled(lake, "gold.t", "id INT", {"id": 1})
    filled(lake, "gold.t", "id INT", {"id": 2})

    lake.restore("gold.t", 1)

    assert (lake.rows("gold.t"), lake.version("gold.t")) == ([{"id": 1}], 3)
    lake.restore("gold.t", 3)
    assert lake.version("gold.t") == 3


def test_compacting_makes_one_file_of_many_and_keeps_every_row(lake: Lake) -> None:
    for number in range(4):
        filled(lake, "gold.t", "id INT", {"id": number})

    lake.compact("gold.t")

    assert len(lake.files("gold.t")) == 1
    assert sorted(row["id"] for row in lake.rows("gold.t")) == [0, 1, 2, 3]


# Rows through a session


def test_a_frame_is_brought_into_the_tables_order_and_types(spark) -> None:
    found = fit(
        spark.sql("SELECT '2025-03-01 10:00:00' AS at, 7L AS id, 1.5D AS amount, 3 AS name"),
        {"id": "INT", "name": "STRING", "amount": "DECIMAL(19,4)", "at": "TIMESTAMP"},
        "gold.t",
    )

    assert dict(found.dtypes) == {"id": "int", "name": "string", "amount": "decimal(19,4)", "at": "timestamp"}
    assert result(found) == [(7, "3", "1.5000", "2025-03-01 10:00:00")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS id", "missing: name STRING"),
        ("SELECT 1 AS id, 'a' AS name, 2 AS age", "not declared: age"),
        ("SELECT 1 AS id, 'a' AS name, 2 AS id", "a column is there twice"),
        ("SELECT 1 AS id, 'a' AS Name", "missing: name STRING; not declared: Name"),
    ],
)
def test_a_frame_with_other_columns_is_refused(spark, query: str, said: str) -> None:
    with pytest.raises(SchemaMismatchError) as problem:
        fit(spark.sql(query), {"id": "INT", "name": "STRING"}, "gold.t")

    assert str(problem.value) == f"gold.t does not have the declared columns; {said}"


def test_rows_are_added_replaced_and_read_as_they_were_and_no_log_knows_a_person(spark, tmp_path: Path) -> None:
    lake = Lake(tmp_path, spark)
    lake.ensure("gold.t", SCHEMA, pii=("name",))
    ada = {"id": 1, "name": "Ada Lovelace", "amount": "2.5", "at": "2025-03-01 10:00:00"}

    lake.append("gold.t", frame(spark, SCHEMA, ada, {"id": 2}))
    lake.append("gold.t", frame(spark, "id BIGINT, name STRING, at TIMESTAMP, amount DECIMAL(19,4)", {"id": 3}))

    assert result(lake.read("gold.t"), "id", "name", "amount", "at") == [
        (1, "Ada Lovelace", "2.5000", "2025-03-01 10:00:00"),
        (2, None, None, None),
        (3, None, None, None),
    ]
    assert (lake.count("gold.t"), lake.not_null("gold.t", "id"), lake.version("gold.t")) == (3, 3, 2)
    log = "\n".join(file.read_text() for file in Path(lake.path("gold.t"), "_delta_log").glob("*.json"))
    assert "Lovelace" not in log
    stats = [json.loads(json.loads(line)["add"]["stats"]) for line in log.splitlines() if '"add"' in line]
    assert all("id" in found["minValues"] and "name" not in found["minValues"] for found in stats)
    lake.overwrite("gold.t", frame(spark, SCHEMA, {"id": 9}))
    assert [row[0] for row in result(lake.read("gold.t"))] == [9]
    assert [row[0] for row in result(lake.read("gold.t", version=1))] == [1, 2]


def test_an_upsert_replaces_by_key_inserts_the_rest_and_touches_no_other_row(spark, tmp_path: Path) -> None:
    lake = Lake(tmp_path, spark)
    schema = "shop STRING, id INT, name STRING, month STRING"
    lake.ensure("silver_shop.t", schema, partition_by="month")
    old = [
        {"shop": "a", "id": 1, "name": "old", "month": "o'clock"},
        {"shop": "a", "id": 2, "name": "old"},
        {"shop": "b", "id": 1, "name": "old", "month": "2025-01"},
    ]
    lake.append("silver_shop.t", frame(spark, schema, *old))
    new = [
        {"shop": "a", "id": 1, "name": "new", "month": "o'clock"},
        {"shop": "a", "id": 2},
        {"shop": "a", "id": 3, "name": "new", "month": "2025-02"},
    ]

    lake.upsert(
        "silver_shop.t", frame(spark, schema, *new), ["shop", "id"], partitions=("month", ["o'clock", None, "a\\b"])
    )

    assert result(lake.read("silver_shop.t"), "shop", "id", "name", "month") == [
        ("a", 1, "new", "o'clock"),
        ("a", 2, None, None),
        ("a", 3, "new", "2025-02"),
        ("b", 1, "old", "2025-01"),
    ]
    flags = frame(spark, "shop STRING, id INT, name STRING", *({"shop": "b", "id": i, "name": "f"} for i in (1, 7)))
    lake.upsert("silver_shop.t", flags, ["shop", "id"], insert=False, columns=["name"])
    assert result(lake.read("silver_shop.t").where("shop = 'b'"), "id", "name", "month") == [(1, "f", "2025-01")]


def test_staged_rows_are_read_back_also_when_there_are_none_and_can_be_thrown_away(spark, tmp_path: Path) -> None:
    lake = Lake(tmp_path, spark)
    rows = frame(spark, SCHEMA, {"id": 1, "name": "Ada"})

    assert result(lake.stage("silver_shop.t", rows), "id", "name") == [(1, "Ada")]
    assert lake.stage("silver_shop.t", rows.where("id > 1")).collect() == []
    lake.unstage()
    assert not Path(lake.staging("step/silver_shop.t")).exists()


# Other writers


def failing(times: int, message: str) -> tuple[list[int], Any]:
    """A write that another writer gets in the way of, so often."""
    tries: list[int] = []

    def write() -> None:
        tries.append(len(tries) + 1)
        if len(tries) <= times:
            raise RuntimeError(message)

    return tries, write


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    "message",
    [
        "[DELTA_CONCURRENT_APPEND] ConcurrentAppendException",
        "Transaction failed: version already exists",
        "commit conflict detected",
    ],
)
def test_a_write_that_met_another_is_tried_again(message: str) -> None:
    tries, write = failing(3, message)

    retried("gold.t", write)

    assert tries == [1, 2, 3, 4]


def test_a_write_that_always_meets_another_is_given_up() -> None:
    tries, write = failing(99, "commit conflict")

    with pytest.raises(WriteConflictError) as problem:
        retried("gold.t", write)

    assert str(problem.value) == ("gold.t: another writer kept changing it (4 attempts); run again when it is done")
    assert (tries, str(problem.value.__cause__)) == ([1, 2, 3, 4], "commit conflict")


def test_an_error_of_another_kind_is_not_tried_again() -> None:
    tries, write = failing(99, "No space left on device")

    with pytest.raises(RuntimeError, match="No space left on device"):
        retried("gold.t", write)

    assert tries == [1]
