"""Bounds, marks and the statements that are the same in every dialect."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c360.config.database import DatabaseTable
from c360.pull import sql
from c360.pull.postgres import Postgres
from c360.pull.sql import Column, Kind

ID = Column("id", "bigint", "integer")
NAME = Column('we"ird', "text", "other")
PRICE = Column("price", "double precision", "float")
CHANGED = Column("updated_at", "timestamp with time zone", "instant")


@pytest.mark.parametrize(
    ("kind", "low", "high", "count", "bounds"),
    [
        ("integer", "1", "100", 4, ["26", "51", "76"]),
        ("integer", "1", "2", 8, ["2"]),
        ("integer", "7", "7", 8, []),
        ("integer", "-9223372036854775808", "9223372036854775807", 2, ["0"]),
        ("decimal", "0.01", "0.04", 2, ["0.03"]),
        ("decimal", "0", "10.5", 2, ["5.3"]),
        ("decimal", "1E+2", "300", 2, ["200"]),
        ("float", "0", "1", 4, ["0.25", "0.5", "0.75"]),
        ("float", "-1.7e308", "1.7e308", 2, ["0.0"]),
        ("date", "2024-01-01", "2024-01-11", 2, ["2024-01-06"]),
        ("date", "2024-01-01", "2024-01-02", 4, ["2024-01-01"]),
        ("timestamp", "2024-01-01 00:00:00", "2024-01-02 00:00:00", 2, ["2024-01-01 12:00:00.000000"]),
        ("instant", "0001-01-01 00:00:00Z", "0001-01-03 00:00:00Z", 2, ["0001-01-02 00:00:00.000000Z"]),
    ],
)
def test_bounds_divide_a_range_evenly(kind: Kind, low: str, high: str, count: int, bounds: list[str]) -> None:
    assert sql.evenly(kind, low, high, count) == bounds


@given(st.integers(), st.integers(0, 10**12), st.integers(2, 50))
def test_bounds_of_whole_numbers_ascend_inside_the_range(low: int, width: int, count: int) -> None:
    bounds = [int(bound) for bound in sql.evenly("integer", str(low), str(low + width), count)]
    assert bounds == sorted(set(bounds))
    assert all(low < bound <= low + width for bound in bounds)
    assert len(bounds) == min(count - 1, width)


def test_the_conditions_of_partitions_leave_nothing_out() -> None:
    assert sql.parts(Postgres(), ID, ["5", "9"]) == [
        '(t."id" < 5 OR t."id" IS NULL)',
        '(t."id" >= 5 AND t."id" < 9)',
        '(t."id" >= 9)',
    ]
    assert sql.parts(Postgres(), NAME, ["it's"]) == [
        '(t."we""ird" < \'it\'\'s\'::text OR t."we""ird" IS NULL)',
        "(t.\"we\"\"ird\" >= 'it''s'::text)",
    ]
    assert sql.parts(Postgres(), ID, []) == []


@pytest.mark.parametrize(
    ("column", "mark", "overlap", "start"),
    [
        (ID, "100", None, "100"),
        (ID, "100", Decimal("2.5"), "97"),
        (ID, "-9223372036854775808", Decimal(1), "-9223372036854775808"),
        (Column("p", "numeric", "decimal"), "1.50", Decimal("0.25"), "1.25"),
        (Column("p", "numeric", "decimal"), "1.50", Decimal(0), "1.50"),
        (CHANGED, "2024-01-01 00:00:00.000000Z", timedelta(minutes=10), "2023-12-31 23:50:00.000000Z"),
        (CHANGED, "2024-01-01 00:00:00.123457Z", timedelta(0), "2024-01-01 00:00:00.123457Z"),
        (CHANGED, "0001-01-01 00:10:00.000000Z", timedelta(days=1), "0001-01-01 00:00:00.000000Z"),
        (Column("d", "date", "date"), "2024-01-01", timedelta(minutes=10), "2023-12-31"),
        (Column("v", "timestamp", "version"), "0x00000000000007D1", Decimal(2), "0x00000000000007CF"),
        (Column("v", "timestamp", "version"), "0x0000000000000001", Decimal(2), "0x0000000000000000"),
    ],
)
def test_reading_begins_the_overlap_before_the_mark(column: Column, mark: str, overlap: Any, start: str) -> None:
    assert sql.earlier(column, mark, overlap) == start


@pytest.mark.parametrize(
    ("column", "one", "other", "later"),
    [
        (ID, "9", "10", "10"),
        (ID, "-9", "-10", "-9"),
        (ID, None, "1", "1"),
        (ID, "1", None, "1"),
        (ID, None, None, None),
        (PRICE, "0.5", "0.25", "0.5"),
        (CHANGED, "2024-01-01 00:00:00.000000Z", "2023-12-31 23:59:59.999999Z", "2024-01-01 00:00:00.000000Z"),
    ],
)
def test_of_two_marks_the_greater_one_is_kept(
    column: Column, one: str | None, other: str | None, later: str | None
) -> None:
    assert sql.later(column, one, other) == later


@pytest.mark.parametrize(
    ("column", "mark", "wrong"),
    [
        (ID, "17", None),
        (ID, "1.5", "is no value of type bigint"),
        (ID, "1; DROP TABLE x", "is no value of type bigint"),
        (PRICE, "1e5", None),
        (PRICE, "NaN", "is not finite"),
        (CHANGED, "2024-01-01 00:00:00Z", None),
        (CHANGED, "17", "is no value of type timestamp with time zone"),
        (Column("v", "timestamp", "version"), "0x07D1", None),
        (Column("v", "timestamp", "version"), "2024-01-01", "is no value of type timestamp"),
    ],
)
def test_a_mark_must_be_a_value_of_its_column(column: Column, mark: str, wrong: str | None) -> None:
    assert sql.checked_mark(column, mark) == wrong


def test_rows_are_read_as_texts_from_the_mark_on() -> None:
    dialect = Postgres()
    table = DatabaseTable(table="sales.orders", newest="updated_at")
    start = "2024-01-01 00:00:00.000000Z"
    statement = sql.rows_of(
        dialect,
        dialect.origin(table),
        [ID, NAME, PRICE, CHANGED],
        sql.since(dialect, CHANGED, start),
        sql.at_mark(dialect, CHANGED, start),
    )
    at = 't."updated_at"'
    assert statement == (
        "SELECT\n"
        '  t."id"::text AS "id",\n'
        '  t."we""ird"::text AS "we""ird",\n'
        '  CASE WHEN t."price"::text LIKE \'%e%\' THEN t."price"::text::numeric::text ELSE t."price"::text END'
        ' AS "price",\n'
        f"  CASE WHEN {at} >= '0001-01-01' AND {at} < '10000-01-01' "
        f"THEN to_char({at}, 'YYYY-MM-DD HH24:MI:SS.USZ') ELSE {at}::text END AS \"updated_at\",\n"
        f"  CASE WHEN {at} < '{start}'::timestamp with time zone THEN '0' ELSE '1' END AS \" at mark\"\n"
        'FROM "sales"."orders" AS t\n'
        f"WHERE ({at} >= '{start}'::timestamp with time zone OR {at} IS NULL)"
    )


def test_the_first_pull_has_no_condition_and_all_may_come_again() -> None:
    assert sql.since(Postgres(), CHANGED, None) == []
    assert sql.at_mark(Postgres(), CHANGED, None) == "'1'"
    assert sql.where([]) == ""


def test_a_query_may_end_with_a_comment() -> None:
    table = DatabaseTable(query="SELECT 1 AS id -- the only one")
    assert Postgres().origin(table) == "(\nSELECT 1 AS id -- the only one\n) AS t"
