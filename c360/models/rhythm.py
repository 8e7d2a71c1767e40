"""When somebody buys: the first and last day, how many days, and what the models about purchases make of them."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money, ratio
from c360.registry import table


@table(
    layer="gold",
    grain=["c360_id"],
    incremental_by="c360_id",
    schema="""c360_id STRING, purchase_days BIGINT, first_purchased_on DATE, last_purchased_on DATE,
        repeat_revenue DECIMAL(19,2)""",
    columns={
        "c360_id": "the person",
        "purchase_days": "(UTC) days with an order that brought revenue; several orders of a day are one purchase",
        "first_purchased_on": "the first of these days",
        "last_purchased_on": "the last of these days",
        "repeat_revenue": "revenue of all these days but the first; null on a single day",
    },
)
def purchase_rhythm(orders: DataFrame) -> DataFrame:
    """One row per person with a purchase: first and last day, how many days, and the revenue of all but the first."""
    return rhythm(purchase_days(orders))


def purchase_days(orders: DataFrame) -> DataFrame:
    """One row per person and (UTC) day with an order that brought revenue: `day` and `revenue`."""
    bought = orders.where("is_revenue AND c360_id IS NOT NULL AND ordered_at IS NOT NULL")
    return bought.groupBy("c360_id", F.to_date("ordered_at").alias("day")).agg(
        F.sum("reporting_amount").alias("revenue")
    )


def rhythm(days: DataFrame) -> DataFrame:
    """One row per person of `days`, with the columns of `purchase_rhythm`."""
    first = F.min("day").over(Window.partitionBy("c360_id"))
    repeated = F.when(F.col("day") > F.col("first"), F.col("revenue"))
    return (
        days.withColumn("first", first)
        .groupBy("c360_id")
        .agg(
            F.count("*").alias("purchase_days"),
            F.min("day").alias("first_purchased_on"),
            F.max("day").alias("last_purchased_on"),
            money(F.sum(repeated)).alias("repeat_revenue"),
        )
    )


def histories(rhythms: DataFrame, until: date) -> DataFrame:
    """One row per person of `rhythms`: what the models know of them on the day `until`.

    Returns:
        c360_id, `repeat_purchases` (x) BIGINT, `first_to_last_days` (t_x) INT, `observed_days` (T, from the first
        purchase to `until`) INT, and `repeat_value` DECIMAL(19,2), the mean revenue of a repeat purchase, null without.
    """
    repeats = F.col("purchase_days") - 1
    return rhythms.select(
        "c360_id",
        repeats.alias("repeat_purchases"),
        _days_between(F.col("first_purchased_on"), F.col("last_purchased_on")).alias("first_to_last_days"),
        _days_between(F.col("first_purchased_on"), F.lit(until)).alias("observed_days"),
        ratio(F.col("repeat_revenue"), repeats).alias("repeat_value"),
    )


def _days_between(first: Column, last: Column) -> Column:
    return F.datediff(last, first).cast("INT")
