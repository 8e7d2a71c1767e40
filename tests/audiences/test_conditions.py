from __future__ import annotations

from datetime import date

import pytest
from gold.rows import frame
from pyspark.sql import functions as F

from c360.audiences.conditions import condition_sql
from c360.config.audiences import Condition
from c360.ddl import fields
from c360.errors import ConfigError

AS_OF = date(2025, 3, 31)
SCHEMA = (
    "who STRING, city STRING, orders BIGINT, visits INT, revenue DECIMAL(19,2), score DOUBLE, is_member BOOLEAN, "
    "born_on DATE, seen_at TIMESTAMP, tags ARRAY<STRING>"
)
ADA = {
    "who": "ada",
    "city": r"O'Neil\n %_",
    "orders": 3,
    "visits": 7,
    "revenue": "500.10",
    "score": 0.1,
    "is_member": True,
    "born_on": "2024-02-29",
    "seen_at": "2025-03-31 23:59:59",
}
BOB = {
    "who": "bob",
    "city": "Köln\n`x`",
    "orders": 0,
    "visits": -1,
    "revenue": "-1.00",
    "score": 2.0,
    "is_member": False,
    "born_on": "2025-01-01",
    "seen_at": "2025-03-01 00:00:00",
}
NUL = {"who": "nul"}
"""Somebody of whom nothing is known."""


@pytest.fixture(scope="module")
def who(spark):
    """Condition as YAML has it → the people for whom it holds."""
    people = frame(spark, SCHEMA, ADA, BOB, NUL)

    def ask(condition):
        sql = condition_sql(Condition.model_validate(condition), fields(SCHEMA), AS_OF)
        return sorted(row.who for row in people.where(F.expr(sql)).collect())

    return ask


CASES = [
    ({"column": "city", "=": r"O'Neil\n %_"}, "ada"),
    ({"column": "city", "=": "Köln\n`x`"}, "bob"),
    ({"column": "city", "=": "' OR true OR '"}, ""),
    ({"column": "city", "!=": "Köln\n`x`"}, "ada"),
    ({"column": "city", "in": [r"O'Neil\n %_", "nowhere"]}, "ada"),
    ({"column": "city", "contains": "%_"}, "ada"),
    ({"column": "city", "contains": "o'neil"}, ""),
    ({"column": "city", "contains": "\n"}, "bob"),
    ({"column": "city", "starts_with": "Kö"}, "bob"),
    ({"column": "city", "known": True}, "ada bob"),
    ({"column": "city", "known": False}, "nul"),
    ({"column": "tags", "known": False}, "ada bob nul"),
    ({"column": "orders", "=": 3}, "ada"),
    ({"column": "orders", "!=": 3}, "bob"),
    ({"column": "orders", ">": 0}, "ada"),
    ({"column": "orders", ">=": 0}, "ada bob"),
    ({"column": "orders", "<": 3}, "bob"),
    ({"column": "orders", "<=": 2.5}, "bob"),
    ({"column": "orders", "in": [3, 4.5]}, "ada"),
    ({"column": "visits", "between": [-1, 7]}, "ada bob"),
    ({"column": "visits", "<": 999_999_999_999_999}, "ada bob"),
    ({"column": "revenue", "=": 500.1}, "ada"),
    ({"column": "revenue", ">=": 500.105}, ""),
    ({"column": "revenue", "<": 500.105}, "ada bob"),
    ({"column": "revenue", ">": -999_999_999_999_999}, "ada bob"),
    ({"column": "revenue", ">": 0.000000000000001}, "ada"),
    ({"column": "revenue", "between": [-1, 500]}, "bob"),
    ({"column": "revenue", "in": [-1, 500.1]}, "ada bob"),
    ({"column": "score", "<=": 0.1}, "ada"),
    ({"column": "score", "in": [2, 3.5]}, "bob"),
    ({"column": "is_member", "=": True}, "ada"),
    ({"column": "is_member", "!=": True}, "bob"),
    ({"column": "born_on", "<": "2025-01-01"}, "ada"),
    ({"column": "born_on", "between": ["2024-02-29", "2025-01-01"]}, "ada bob"),
    ({"column": "born_on", "in": ["2024-02-29"]}, "ada"),
    # a day is compared with the whole day, a time with the moment
    ({"column": "seen_at", "=": "2025-03-31"}, "ada"),
    ({"column": "seen_at", "<=": "2025-03-31"}, "ada bob"),
    ({"column": "seen_at", "<=": "2025-03-31 12:00"}, "bob"),
    ({"column": "seen_at", ">": "2025-03-31 23:59:58"}, "ada"),
    ({"column": "seen_at", "between": ["2025-03-01", "2025-03-31"]}, "ada bob"),
    ({"column": "seen_at", "between": ["2025-03-01 00:00:01", "2025-03-31"]}, "ada"),
    ({"column": "seen_at", "in": ["2025-03-01 00:00", "2025-03-30"]}, "bob"),
    # as_of is 2025-03-31: day 0; the first of March is 30 days before
    ({"column": "seen_at", "within_last_days": 0}, "ada"),
    ({"column": "seen_at", "within_last_days": 29}, "ada"),
    ({"column": "seen_at", "within_last_days": 30}, "ada bob"),
    ({"column": "born_on", "within_last_days": 88}, ""),
    ({"column": "born_on", "within_last_days": 89}, "bob"),
    # not: everybody else, those of whom nothing is known too
    ({"not": {"column": "city", "=": "Köln\n`x`"}}, "ada nul"),
    ({"not": {"column": "seen_at", "within_last_days": 29}}, "bob nul"),
    ({"not": {"not": {"column": "orders", ">": 0}}}, "ada"),
    ({"not": {"column": "orders", "known": True}}, "nul"),
    ({"all": [{"column": "orders", ">=": 0}, {"column": "is_member", "=": False}]}, "bob"),
    ({"any": [{"column": "orders", ">": 0}, {"column": "city", "known": False}]}, "ada nul"),
    ({"not": {"any": [{"column": "orders", ">": 0}, {"column": "city", "known": False}]}}, "bob"),
    ({"not": {"all": [{"column": "orders", ">=": 0}, {"column": "is_member", "=": False}]}}, "ada nul"),
    (
        {
            "all": [
                {"any": [{"column": "orders", "=": 3}, {"column": "orders", "=": 0}]},
                {"column": "revenue", "<": 0},
            ]
        },
        "bob",
    ),
]


def test_each_operator_finds_whom_it_says_and_nobody_of_whom_nothing_is_known(who):
    found = [(condition, " ".join(who(condition))) for condition, _ in CASES]
    assert found == CASES


def test_the_day_after_as_of_is_not_within_the_last_days(spark):
    people = frame(spark, "who STRING, seen_at TIMESTAMP", {"who": "eve", "seen_at": "2025-04-01 00:00:00"})
    asked = Condition.model_validate({"column": "seen_at", "within_last_days": 5})
    assert people.where(F.expr(condition_sql(asked, {"seen_at": "TIMESTAMP"}, AS_OF))).collect() == []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"column": "citty", "=": "x"}, "no such column 'citty' (did you mean 'city'?); `c360 check` says where"),
        ({"column": "city", ">": "x"}, "city is string, which is not compared by >; `c360 check` says where"),
        ({"column": "orders", "=": "many"}, "'many' is no bigint; `c360 check` says where it is written"),
        ({"column": "born_on", "=": "2025-02-30"}, "'2025-02-30' is no date; `c360 check` says where it is written"),
    ],
)
def test_what_the_check_would_refuse_is_not_asked_of_an_engine_either(condition, said):
    with pytest.raises(ConfigError) as raised:
        condition_sql(Condition.model_validate(condition), fields(SCHEMA), AS_OF)
    assert str(raised.value) == f"audiences.yml: {said}"
