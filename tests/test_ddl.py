"""DDL strings read without an engine."""

from __future__ import annotations

import pyarrow as pa
import pytest

from c360.ddl import arrow_schema, arrow_type, fields, mismatch, sql_type_of


def test_columns_keep_their_order_and_types_lose_their_spaces_and_case() -> None:
    ddl = "b string, a DECIMAL(19, 4),\n  Tags array<string>,\tdue\tdate, nested ARRAY<DECIMAL(5,2)>, last INT,"
    assert list(fields(ddl).items()) == [
        ("b", "STRING"),
        ("a", "DECIMAL(19,4)"),
        ("Tags", "ARRAY<STRING>"),
        ("due", "DATE"),
        ("nested", "ARRAY<DECIMAL(5,2)>"),
        ("last", "INT"),
    ]


def test_no_columns_are_no_error() -> None:
    assert fields(" ") == {}


@pytest.mark.parametrize(
    ("ddl", "said"),
    [
        ("a INT, a INT", "the column a is there twice"),
        ("a INT, A STRING", "the column A is there twice"),
        ("a INT, b", "'b' has no type"),
    ],
)
def test_bad_ddl_is_refused_with_what_is_wrong(ddl: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fields(ddl)


def test_arrow_schema_is_what_a_delta_table_stores_and_all_of_it_nullable() -> None:
    ddl = (
        "s STRING, i INT, l BIGINT, d DOUBLE, b BOOLEAN, on_day DATE, at TIMESTAMP, m DECIMAL(19,4), "
        "big DECIMAL(38, 0), tags ARRAY<STRING>"
    )
    assert arrow_schema(ddl) == pa.schema(
        [
            pa.field("s", pa.string()),
            pa.field("i", pa.int32()),
            pa.field("l", pa.int64()),
            pa.field("d", pa.float64()),
            pa.field("b", pa.bool_()),
            pa.field("on_day", pa.date32()),
            pa.field("at", pa.timestamp("us", tz="UTC")),
            pa.field("m", pa.decimal128(19, 4)),
            pa.field("big", pa.decimal128(38, 0)),
            pa.field("tags", pa.list_(pa.string())),
        ]
    )
    assert all(field.nullable for field in arrow_schema(ddl))


def test_a_type_that_no_table_has_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no such type in c360's tables: FLOAT"):
        arrow_type("FLOAT")


def test_delta_types_come_back_as_the_sql_types_they_were_declared_by() -> None:
    element = '{"type":"array","elementType":"decimal(5,2)","containsNull":true}'
    written = ['"string"', '"integer"', '"long"', '"decimal(19, 4)"', '"timestamp"', element]
    assert [sql_type_of(text) for text in written] == [
        "STRING",
        "INT",
        "BIGINT",
        "DECIMAL(19,4)",
        "TIMESTAMP",
        "ARRAY<DECIMAL(5,2)>",
    ]


def test_a_mismatch_names_what_is_missing_what_is_too_much_and_what_has_another_type() -> None:
    said = mismatch("gold.x", {"a": "INT", "b": "STRING", "z": "DATE"}, {"a": "BIGINT", "b": "STRING", "c": "DATE"})
    assert said == (
        "gold.x does not have the declared columns; "
        "missing: c DATE; not declared: z; of another type: a is INT, declared BIGINT"
    )


def test_a_column_that_is_there_twice_is_told_so() -> None:
    said = mismatch("gold.x", ["a", "b", "a"], {"a": "INT", "b": "INT"})
    assert said == "gold.x does not have the declared columns; a column is there twice"
