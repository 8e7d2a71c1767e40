"""Units and revenue of the next weeks, per category."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.config.demand import Forecast
from c360.config.segments import Segments
from c360.errors import ConfigError
from c360.models.backtest import Choice, Trial, Z, choose
from c360.models.weekly import EXTRA, METHODS, Series
from c360.registry import table

WEEKS_AHEAD = 12

_WEEK = timedelta(days=7)
_MEASURES = ("revenue", "units")
_AMOUNTS = ("expected", "low_80", "high_80", "low_95", "high_95")
_SCALED = ("mase", "baseline_mase")
_PERCENTS = ("smape_percent", "baseline_smape_percent", "coverage_80_percent", "coverage_95_percent")
_FOUND = f"""source STRING, category STRING, measure STRING, week_start DATE, weeks_ahead INT,
    {", ".join(f"{name} DOUBLE" for name in _AMOUNTS)}, method STRING, reason STRING, weeks_known INT, origins INT,
    baseline STRING, {", ".join(f"{name} DOUBLE" for name in (*_SCALED, *_PERCENTS))}"""


@table(
    layer="gold",
    grain=["source", "category", "measure", "week_start"],
    anonymous=("order_lines",),
    schema=f"""source STRING, category STRING, measure STRING, week_start DATE, weeks_ahead INT,
        {", ".join(f"{name} DECIMAL(19,2)" for name in _AMOUNTS)}, method STRING, reason STRING, weeks_known INT,
        origins INT, baseline STRING, {", ".join(f"{name} DECIMAL(19,4)" for name in _SCALED)},
        {", ".join(f"{name} DECIMAL(19,2)" for name in _PERCENTS)}""",
    columns={
        "source": "the system the orders come from",
        "category": "category of the products; null where it is unknown",
        "measure": "revenue or units: what the other columns are about",
        "week_start": "Monday of the forecast week (UTC)",
        "weeks_ahead": "1 for the week after the last whole one that is known, to 12",
        "expected": "revenue or units expected in the week",
        "low_80": "the week is above it with 90 % probability",
        "high_80": "the week is below it with 90 % probability",
        "low_95": "the week is above it with 97.5 % probability",
        "high_95": "the week is below it with 97.5 % probability",
        "method": "naive, seasonal_naive, ets or stl_ets",
        "reason": "why this method",
        "weeks_known": "whole weeks from the category's first sale to the last week",
        "origins": "from how many weeks of the past the backtest forecast; 0 where too few are known for one",
        "baseline": "the better of naive and seasonal_naive in the backtest",
        "mase": "mean absolute scaled error of the method in the backtest; below the next column if it is no naive one",
        "baseline_mase": "the same of the baseline",
        "smape_percent": "symmetric mean absolute percentage error of the method in the backtest, 0 to 200",
        "baseline_smape_percent": "the same of the baseline",
        "coverage_80_percent": "share of the backtest's weeks that lay between low_80 and high_80",
        "coverage_95_percent": "share of the backtest's weeks that lay between low_95 and high_95",
    },
)
def forecast(order_lines: DataFrame, products: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per source, category, measure and week ahead: what is expected, its intervals, method and backtest.

    A series is the lines that brought revenue, by week from Monday, in UTC; its first and last week are whole ones, and
    a week without sales counts 0. A source that sold nothing in the seven days before as_of is carried on from its own
    last sale. Units are forecast where quantities are recorded. Intervals are as wide as the errors of the backtest
    were, where these exceeded what the method expected; without negative weeks in the past there is none ahead.

    The engines agree to 1e-6 of a value before it is rounded.

    Raises:
        ConfigError: conf/segments.yml asks for candidates whose package is not installed.
    """
    weeks = _whole_weeks(_weekly_sales(order_lines, products), as_of)
    settings = segments.forecast
    if settings.candidates and importlib.util.find_spec(EXTRA) is None and not weeks.isEmpty():
        raise ConfigError(
            f"gold.forecast: conf/segments.yml asks for {', '.join(settings.candidates)}, but {EXTRA} is not "
            "installed; install c360[models], or write forecast: {candidates: []} to have naive forecasts only"
        )

    def carry_on(key: tuple[Any, ...], sold: pd.DataFrame) -> pd.DataFrame:
        rows = [row for measure in _MEASURES for row in _rows(sold, measure, settings)]
        return pd.DataFrame(rows, columns=_FOUND_NAMES).assign(source=key[0], category=key[1])

    found = weeks.groupBy("source", "category").applyInPandas(carry_on, _FOUND)
    return found.select(*(_rounded(name) for name in _FOUND_NAMES))


_FOUND_NAMES = [part.split()[0] for part in _FOUND.split(",")]


def _rounded(name: str) -> Column:
    """Decimals from here on; by way of six digits, as the engines round doubles differently."""
    if name in _SCALED:
        return F.round(F.col(name).cast("DECIMAL(38,6)"), 4).cast("DECIMAL(19,4)").alias(name)
    if name in (*_AMOUNTS, *_PERCENTS):
        return F.round(F.col(name).cast("DECIMAL(38,6)"), 2).cast("DECIMAL(19,2)").alias(name)
    return F.col(name)


def _weekly_sales(lines: DataFrame, products: DataFrame) -> DataFrame:
    """One row per source, category and week with a sale, with its first and last day. Products first: they are few."""
    monday = F.to_date(F.date_trunc("week", "ordered_at"))
    of_product = (
        lines.where("is_revenue AND ordered_at IS NOT NULL")
        .groupBy("source", "product_id", monday.alias("week"))
        .agg(
            F.sum("line_amount").alias("revenue"),
            F.sum("quantity").alias("units"),
            F.to_date(F.min("ordered_at")).alias("first_day"),
            F.to_date(F.max("ordered_at")).alias("last_day"),
        )
    )
    return (
        of_product.join(products.select("source", "product_id", "category"), ["source", "product_id"], "left")
        .groupBy("source", "category", "week")
        .agg(
            F.sum("revenue").cast("DOUBLE").alias("revenue"),
            F.sum("units").cast("DOUBLE").alias("units"),
            F.min("first_day").alias("first_day"),
            F.max("last_day").alias("last_day"),
        )
    )


def _whole_weeks(sales: DataFrame, as_of: date) -> DataFrame:
    """The sales of weeks that the source was there for from Monday to Sunday, and the last such week.

    The day of as_of counts as past. A source without a sale on the last days before it has merely sold nothing; one
    without any for a week has ended, or is delivered later.
    """
    source = Window.partitionBy("source")
    last_day = F.max("last_day").over(source)
    seen_until = F.when(last_day > F.lit(as_of - _WEEK), F.lit(as_of)).otherwise(last_day)
    return (
        sales.select(
            "source",
            "category",
            "week",
            "revenue",
            "units",
            F.to_date(F.date_trunc("week", F.date_add(F.min("first_day").over(source), 6))).alias("first_week"),
            F.date_sub(F.to_date(F.date_trunc("week", F.date_add(seen_until, 1))), 7).alias("last_week"),
        )
        .where("week BETWEEN first_week AND last_week")
        .select("source", "category", "week", "revenue", "units", "last_week")
    )


def _rows(sold: pd.DataFrame, measure: str, settings: Forecast) -> Iterator[dict[str, Any]]:
    """The rows of one series, without source and category; none where the measure is not recorded."""
    history = _history(sold, measure)
    if not history.size:
        return
    choice = choose(history, WEEKS_AHEAD, settings)
    ahead = METHODS[choice.name].run(history, WEEKS_AHEAD, settings.season_weeks)
    least = 0.0 if history.min() >= 0 else -np.inf
    said = _said(choice, len(history))
    for week in range(WEEKS_AHEAD):
        mean, deviation = ahead.mean[week], choice.widening * ahead.deviation[week]
        amounts = [mean, *(mean + sign * Z[level] * deviation for level in (80, 95) for sign in (-1, 1))]
        yield {
            "measure": measure,
            "week_start": sold["last_week"].iloc[0] + (week + 1) * _WEEK,
            "weeks_ahead": week + 1,
            **dict(zip(_AMOUNTS, np.maximum(amounts, least), strict=True)),
            **said,
        }


def _history(sold: pd.DataFrame, measure: str) -> Series:
    """One value per week up to the last, 0 where nothing was sold.

    Where it is unknown what was sold, as when a source began to record quantities later, it starts after that.
    """
    recorded = sold.set_index("week")[measure].sort_index()
    unknown = recorded.index[recorded.isna()]
    known = recorded[recorded.index > unknown[-1]] if len(unknown) else recorded
    if known.empty:
        return np.array([])
    weeks = pd.date_range(known.index[0], sold["last_week"].iloc[0], freq="7D").date
    return known.reindex(weeks, fill_value=0.0).to_numpy(dtype=float)


def _said(choice: Choice, weeks_known: int) -> dict[str, Any]:
    """What every row of a series says about its method."""
    trial, baseline = choice.trial, choice.baseline

    def smape(of: Trial | None) -> float | None:
        return of.smape_percent if of else None

    return {
        "method": choice.name,
        "reason": choice.reason,
        "weeks_known": weeks_known,
        "origins": len(trial.actual) if trial else 0,
        "baseline": baseline.name if baseline else "naive",
        "mase": choice.mase(trial),
        "baseline_mase": choice.mase(baseline),
        "smape_percent": smape(trial),
        "baseline_smape_percent": smape(baseline),
        "coverage_80_percent": trial.coverage_percent(80) if trial else None,
        "coverage_95_percent": trial.coverage_percent(95) if trial else None,
    }
