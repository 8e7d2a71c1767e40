"""What the forecast and the product pairs say of themselves, for gold.model_report."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from c360.models.report import GRAIN, REPORT, REPORT_COLUMNS, Line, report
from c360.models.weekly import NAIVE
from c360.registry import table


@table(layer="gold", grain=list(GRAIN), schema=REPORT, columns=REPORT_COLUMNS)
def forecast_report(forecast: DataFrame) -> DataFrame:
    """One row per model, source and metric: error and coverage of the forecasts, on average over the categories."""
    tested = F.col("origins") > 0
    sources = (
        forecast.where("weeks_ahead = 1")
        .groupBy("source", "measure")
        .agg(
            F.count("*").alias("series"),
            F.count(F.when(tested, True)).alias("tested"),
            F.count(F.when(~F.col("method").isin(*NAIVE), True)).alias("modelled"),
            *(
                F.avg(F.col(name).cast("DOUBLE")).alias(name)
                for name in ("mase", "baseline_mase", "coverage_80_percent", "coverage_95_percent")
            ),
        )
        .orderBy("source", "measure")
    )
    return report(forecast, [line for row in sources.collect() for line in _of_forecast(row)])


def _of_forecast(row: Row) -> Iterator[Line]:
    source, measure = row["source"], row["measure"]
    if not row["tested"]:
        said = f"None of {row['series']} categories is known for long enough to test a forecast: all are naive."
        yield Line("forecast", source, f"{measure}_mase", None, None, said)
        return
    error, naive = row["mase"], row["baseline_mase"]
    beaten = f"{row['modelled']} of {row['series']} categories have a model that beat the naive forecast"
    compared = f"; error {error:.3f}, naive {naive:.3f}" if error is not None else ""
    yield Line("forecast", source, f"{measure}_mase", error, naive, f"{beaten}{compared}.")
    for level in (80, 95):
        covered = row[f"coverage_{level}_percent"]
        said = f"The {level} % interval held {covered:.1f} % of the backtest's weeks."
        yield Line("forecast", source, f"{measure}_coverage_{level}_percent", covered, None, said)


@table(layer="gold", grain=list(GRAIN), schema=REPORT, columns=REPORT_COLUMNS)
def affinity_report(affinity: DataFrame) -> DataFrame:
    """One row per model, source and metric: how many product pairs were found, and orders left out, with any pair."""
    sources = (
        affinity.where("product_id < with_product_id")
        .groupBy("source")
        .agg(
            F.count("*").alias("pairs"),
            F.count(F.when(F.col("lift") > 1, True)).alias("attracted"),
            F.max("orders").alias("orders"),
            F.max("orders_left_out").alias("left_out"),
        )
        .orderBy("source")
    )
    return report(affinity, [line for row in sources.collect() for line in _of_affinity(row)])


def _of_affinity(row: Row) -> Iterator[Line]:
    source, orders = row["source"], row["orders"] + row["left_out"]
    said = f"{row['attracted']} of {row['pairs']} pairs meet more often than by chance."
    yield Line("affinity", source, "attracted_pairs", row["attracted"], None, said)
    said = f"{row['left_out']} of {orders} orders hold too many different products to say much of any pair."
    yield Line("affinity", source, "orders_left_out", row["left_out"], None, said)
