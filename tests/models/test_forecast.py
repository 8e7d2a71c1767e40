from __future__ import annotations

import importlib.util
from datetime import date, timedelta

import numpy as np
import pytest
from gold.rows import gold, result, unified

from c360.config.demand import Forecast
from c360.config.segments import Segments
from c360.errors import ConfigError
from c360.models.demand_report import forecast_report
from c360.models.forecast import forecast

SUNDAY = date(2025, 3, 30)
SHORT = ("source", "category", "measure", "week_start", "expected", "low_95", "high_95", "weeks_known")


@pytest.fixture
def ahead(spark):
    """Order lines and products to forecasts; a line is a sale of one unit of tea for 10.00 where it does not say."""

    def build(lines, *, as_of=SUNDAY, settings=None):
        rows = [
            {"order_id": f"{n}", "order_line_id": "1", "product_id": "1", "is_revenue": True, "line_amount": "10.00"}
            | line
            for n, line in enumerate(lines)
        ]
        products = [
            {"source": source, "product_id": number, "category": category}
            for source in ("retail", "shop")
            for number, category in (("1", "tea"), ("2", "tea"), ("3", "cups"), ("4", None))
        ]
        return forecast(
            unified(spark, "order_lines", *rows),
            unified(spark, "products", *products),
            Segments(forecast=settings or Forecast()),
            as_of,
        )

    return build


def first_week(found, *columns):
    return result(found.where("weeks_ahead = 1"), *columns)


def weekly(amounts, ends=SUNDAY, **more):
    """A sale on the Monday of each week up to that of `ends`."""
    monday = ends - timedelta(days=ends.weekday(), weeks=len(amounts) - 1)
    return [
        {"ordered_at": f"{monday + timedelta(weeks=n)}", "line_amount": f"{amount:.2f}"} | more
        for n, amount in enumerate(amounts)
    ]


def test_twelve_weeks_follow_the_last_whole_week_and_say_all_about_themselves(ahead):
    found = ahead(weekly([20, 10, 30], quantity=2))
    assert [str(row.week_start) for row in found.where("measure = 'units'").orderBy("weeks_ahead").collect()] == [
        f"{date(2025, 3, 31) + timedelta(weeks=n)}" for n in range(12)
    ]
    reason = "too short to be tested: 3 weeks are known, 38 are needed"
    rest = (3, 0, "naive", *(None,) * 6)
    assert result(found.where("weeks_ahead IN (1, 4)")) == [
        (
            "retail",
            "tea",
            "revenue",
            "2025-03-31",
            1,
            "30.00",
            "9.74",
            "50.26",
            "0.00",
            "60.99",
            "naive",
            reason,
            *rest,
        ),
        (
            "retail",
            "tea",
            "revenue",
            "2025-04-21",
            4,
            "30.00",
            "0.00",
            "70.53",
            "0.00",
            "91.98",
            "naive",
            reason,
            *rest,
        ),
        ("retail", "tea", "units", "2025-03-31", 1, "2.00", "2.00", "2.00", "2.00", "2.00", "naive", reason, *rest),
        ("retail", "tea", "units", "2025-04-21", 4, "2.00", "2.00", "2.00", "2.00", "2.00", "naive", reason, *rest),
    ]


def test_products_of_a_category_add_up_and_those_without_one_are_forecast_too(ahead):
    lines = [
        {"ordered_at": "2025-03-24", "product_id": "1"},
        {"ordered_at": "2025-03-24", "product_id": "2"},
        {"ordered_at": "2025-03-24", "product_id": "3"},
        {"ordered_at": "2025-03-24", "product_id": "4"},
        {"ordered_at": "2025-03-24", "product_id": "unknown"},
        {"ordered_at": "2025-03-24", "product_id": None},
        {"ordered_at": "2025-03-24", "is_revenue": False},
        {"ordered_at": None},
    ]
    assert first_week(ahead(lines), *SHORT) == [
        ("retail", "cups", "revenue", "2025-03-31", "10.00", None, None, 1),
        ("retail", "tea", "revenue", "2025-03-31", "20.00", None, None, 1),
        ("retail", None, "revenue", "2025-03-31", "30.00", None, None, 1),
    ]


def test_a_week_without_sales_is_zero_and_revenue_does_not_fall_below_it(ahead):
    lines = [{"ordered_at": "2025-03-03"}, {"ordered_at": "2025-03-23 23:59:59"}]
    assert first_week(ahead(lines), *SHORT) == [("retail", "tea", "revenue", "2025-03-24", "10.00", "0.00", "29.60", 3)]
    others = [{"ordered_at": "2025-03-30", "product_id": "3"}]
    assert first_week(ahead(lines + others).where("category = 'tea'"), *SHORT) == [
        ("retail", "tea", "revenue", "2025-03-31", "0.00", "0.00", "19.60", 4)
    ]


@pytest.mark.parametrize(
    ("as_of", "next_week", "expected"),
    [
        (date(2025, 3, 29), "2025-03-24", "20.00"),
        (SUNDAY, "2025-03-31", "30.00"),
        (date(2025, 4, 3), "2025-03-31", "30.00"),
    ],
)
def test_the_last_week_counts_once_its_sunday_has_come(ahead, as_of, next_week, expected):
    lines = [*weekly([20, 20, 30]), {"ordered_at": f"{min(as_of, date(2025, 4, 2))}", "product_id": "3"}]
    found = ahead(lines, as_of=as_of).where("category = 'tea'")
    assert first_week(found, "week_start", "expected") == [(next_week, expected)]


def test_the_first_week_counts_if_the_source_was_there_on_its_monday(ahead):
    lines = [
        {"ordered_at": "2025-03-11"},
        {"ordered_at": "2025-03-20", "product_id": "3"},
        {"ordered_at": "2025-03-28"},
    ]
    assert first_week(ahead(lines), *SHORT[1:5], "weeks_known") == [
        ("cups", "revenue", "2025-03-31", "0.00", 2),
        ("tea", "revenue", "2025-03-31", "10.00", 1),
    ]


def test_a_source_that_has_ended_is_carried_on_from_its_own_last_whole_week(ahead):
    lines = [*weekly([20, 20]), *weekly([40, 40, 40], ends=date(2024, 6, 23), source="shop")]
    found = first_week(ahead(lines), "source", "week_start", "expected", "weeks_known")
    assert found == [("retail", "2025-03-31", "20.00", 2), ("shop", "2024-06-17", "40.00", 2)]


def test_units_are_forecast_from_where_quantities_are_recorded(ahead):
    lines = [
        {"ordered_at": "2025-03-10", "quantity": 9},
        {"ordered_at": "2025-03-17"},
        {"ordered_at": "2025-03-24", "quantity": 4},
        {"ordered_at": "2025-03-24"},
        {"ordered_at": "2025-03-24", "product_id": "3"},
    ]
    assert first_week(ahead(lines), "category", "measure", "expected", "weeks_known") == [
        ("cups", "revenue", "10.00", 1),
        ("tea", "revenue", "20.00", 3),
        ("tea", "units", "4.00", 1),
    ]


def test_where_weeks_were_negative_they_may_be_again(ahead):
    (row,) = first_week(ahead(weekly([-20, 10, -30])), "expected", "low_80", "high_80")
    assert (row[0], row[1].startswith("-"), row[2].startswith("-")) == ("-30.00", True, False)


def test_too_little_for_a_whole_week_and_nothing_at_all_give_no_rows(ahead):
    assert ahead([{"ordered_at": "2025-03-27"}]).collect() == []
    assert ahead([]).collect() == []


def test_a_long_series_has_a_backtest_beside_the_naive_one(ahead):
    random = np.random.default_rng(3)
    found = ahead(weekly(100 + random.normal(0, 10, 60)))
    (row,) = found.where("weeks_ahead = 12").collect()
    assert (row.method, row.baseline, row.origins, row.weeks_known) == ("ets", "naive", 6, 60)
    assert row.reason.startswith("ets erred ")
    assert row.mase < row.baseline_mase
    assert row.smape_percent < row.baseline_smape_percent
    assert 60 <= row.coverage_80_percent <= row.coverage_95_percent <= 100
    assert 0 <= row.low_95 < row.low_80 < row.expected < row.high_80 < row.high_95


def test_the_order_of_rows_does_not_matter(ahead):
    lines = weekly(100 + np.random.default_rng(4).normal(0, 10, 45))
    assert result(ahead(lines[::-1])) == result(ahead(lines))


def test_without_statsforecast_it_says_what_to_install_unless_only_naive_is_asked_for(ahead, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as raised:
        ahead(weekly([20, 20]))
    assert str(raised.value) == (
        "gold.forecast: conf/segments.yml asks for ets, stl_ets, but statsforecast is not installed; install "
        "c360[models], or write forecast: {candidates: []} to have naive forecasts only"
    )
    assert first_week(ahead(weekly([20, 20]), settings=Forecast(candidates=())), "method") == [("naive",)]


def test_the_report_averages_error_and_coverage_over_the_categories(spark):
    row = {"source": "shop", "measure": "units", "weeks_ahead": 1, "week_start": "2025-03-31", "origins": 6}
    found = gold(
        spark,
        "forecast",
        row
        | {"category": "tea", "method": "ets", "mase": "0.5", "baseline_mase": "1"}
        | {"coverage_80_percent": "70", "coverage_95_percent": "90"},
        row
        | {"category": "cups", "method": "seasonal_naive", "mase": "1", "baseline_mase": "1"}
        | {"coverage_80_percent": "90", "coverage_95_percent": "100"},
        row | {"category": "new", "method": "naive", "origins": 0},
        row | {"category": "tea", "method": "ets", "mase": "9", "weeks_ahead": 2},
        row | {"category": "new", "method": "naive", "origins": 0, "measure": "revenue"},
    )
    assert result(forecast_report(found)) == [
        (
            "forecast",
            "shop",
            "revenue_mase",
            None,
            None,
            "None of 1 categories is known for long enough to test a forecast: all are naive.",
        ),
        (
            "forecast",
            "shop",
            "units_coverage_80_percent",
            "80.000000",
            None,
            "The 80 % interval held 80.0 % of the backtest's weeks.",
        ),
        (
            "forecast",
            "shop",
            "units_coverage_95_percent",
            "95.000000",
            None,
            "The 95 % interval held 95.0 % of the backtest's weeks.",
        ),
        (
            "forecast",
            "shop",
            "units_mase",
            "0.750000",
            "1.000000",
            "1 of 3 categories have a model that beat the naive forecast; error 0.750, naive 1.000.",
        ),
    ]
