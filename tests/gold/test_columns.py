from __future__ import annotations

from datetime import date

from gold.rows import frame, result
from pyspark.sql import functions as F

from c360.gold.columns import all_of, any_of, days_before, money, percent, ratio, weekday, weekday_name


def test_money_is_rounded_half_up_away_from_zero(spark):
    amounts = frame(spark, "a DECIMAL(19,4)", *({"a": a} for a in ("1.0050", "1.0049", "-1.0050", None)))
    assert result(amounts.select(money(F.col("a")))) == [("-1.01",), ("1.00",), ("1.01",), (None,)]


def test_a_quotient_is_rounded_half_up_and_null_where_the_divisor_is_zero_or_unknown(spark):
    pairs = (
        ("100.0050", "3"),
        ("0.0100", "8"),
        ("-0.0500", "4"),
        ("2.0000", "3"),
        ("1.0000", "0"),
        (None, "1"),
        ("1", None),
    )
    rows = frame(spark, "n DECIMAL(19,4), d DECIMAL(19,4)", *({"n": n, "d": d} for n, d in pairs))
    found = result(rows.select("n", "d", ratio(F.col("n"), F.col("d")).alias("r")))
    assert {(n, d): r for n, d, r in found} == {
        ("100.0050", "3.0000"): "33.34",
        ("0.0100", "8.0000"): "0.00",
        ("-0.0500", "4.0000"): "-0.01",
        ("2.0000", "3.0000"): "0.67",
        ("1.0000", "0.0000"): None,
        (None, "1.0000"): None,
        ("1.0000", None): None,
    }


def test_a_quotient_of_large_sums_keeps_its_cents(spark):
    rows = frame(spark, "n DECIMAL(23,4), d BIGINT", {"n": "9999999999999999.9999", "d": 7})
    assert result(rows.select(ratio(F.col("n"), F.col("d")))) == [("1428571428571428.57",)]


def test_percent_is_of_the_whole(spark):
    rows = frame(spark, "p BIGINT, w BIGINT", {"p": 1, "w": 3}, {"p": 1, "w": 8}, {"p": 0, "w": 0})
    assert result(rows.select("w", percent(F.col("p"), F.col("w")))) == [(0, None), (3, "33.33"), (8, "12.50")]


def test_weeks_begin_on_monday(spark):
    days = frame(spark, "t TIMESTAMP", *({"t": f"2025-03-0{n} 23:59:59"} for n in range(2, 10)), {"t": None})
    found = result(days.select(weekday(F.col("t")), weekday_name(weekday(F.col("t")))))
    week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert found == [*enumerate(week, start=1), (7, "Sunday"), (None, None)]


def test_days_count_midnights_not_hours(spark):
    moments = frame(spark, "t TIMESTAMP", {"t": "2025-03-01 23:59:59"}, {"t": "2025-03-02 00:00:00"}, {"t": None})
    found = result(moments.select(days_before(F.lit(date(2025, 3, 2)), F.col("t"))))
    assert found == [(0,), (1,), (None,)]


def test_of_no_conditions_any_is_false_and_all_is_true(spark):
    one = frame(spark, "a INT", {"a": 1})
    yes, no = F.col("a") == 1, F.col("a") == 2
    assert result(one.select(any_of([]), any_of([no, yes]), all_of([]), all_of([yes, no]))) == [
        (False, True, True, False)
    ]
