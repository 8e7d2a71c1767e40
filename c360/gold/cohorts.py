"""Who comes back: customers by the month of their first purchase, followed from month to month."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money_or_zero, percent, ratio
from c360.registry import table


@table(
    layer="gold",
    grain=["first_order_month", "months_since"],
    schema="""first_order_month INT, months_since INT, month INT, customers BIGINT, active_customers BIGINT,
        retention_percent DECIMAL(19,2), orders BIGINT, revenue DECIMAL(19,2), revenue_per_customer DECIMAL(19,2)""",
    columns={
        "first_order_month": "UTC month of the first order that brought revenue, such as 202503",
        "months_since": "months since then: 0 is the month of the first order itself",
        "month": "the month that is, such as 202504",
        "customers": "persons whose first order was in that month; the same in all rows of the cohort",
        "active_customers": "of these, persons with an order that brought revenue in the month `month`",
        "retention_percent": "100 x active_customers / customers",
        "orders": "orders of these persons in the month that brought revenue",
        "revenue": "total of these orders",
        "revenue_per_customer": "revenue / customers, the inactive counted too",
    },
)
def cohort_retention(orders: DataFrame, as_of: date) -> DataFrame:
    """One row per month of first orders and month since, up to the month of `as_of`, also where nobody came back.

    Persons, over all sources; guests and orders without a time are left out. The last month is as complete as it is on
    the day `as_of`.
    """
    bought = orders.where("is_revenue AND c360_id IS NOT NULL AND ordered_month IS NOT NULL")
    months = bought.groupBy("c360_id", _number(F.col("ordered_month")).alias("number")).agg(
        F.count("*").alias("orders"), F.sum("reporting_amount").alias("revenue")
    )
    followed = months.withColumn("first", F.min("number").over(Window.partitionBy("c360_id")))
    active = followed.groupBy("first", "number").agg(
        F.count("*").alias("active"), F.sum("orders").alias("orders"), F.sum("revenue").alias("revenue")
    )
    last = F.lit(as_of.year * 12 + as_of.month - 1)
    cohorts = active.where("number = first").select("first", F.col("active").alias("customers"))
    grid = cohorts.withColumn("number", F.explode(F.sequence("first", F.greatest("first", last))))
    none = F.lit(0).cast("BIGINT")
    return (
        grid.join(active, ["first", "number"], "left")
        .withColumn("active_customers", F.coalesce("active", none))
        .select(
            _month(F.col("first")).alias("first_order_month"),
            (F.col("number") - F.col("first")).cast("INT").alias("months_since"),
            _month(F.col("number")).alias("month"),
            "customers",
            "active_customers",
            percent(F.col("active_customers"), F.col("customers")).alias("retention_percent"),
            F.coalesce("orders", none).alias("orders"),
            money_or_zero(F.col("revenue")).alias("revenue"),
            ratio(F.coalesce("revenue", F.lit(0)), F.col("customers")).alias("revenue_per_customer"),
        )
    )


def _number(month: Column) -> Column:
    """Months counted from year 0, so that they can be subtracted: of 202503, 24302."""
    return (F.floor(month / 100) * 12 + month % 100 - 1).cast("INT")


def _month(number: Column) -> Column:
    """Back again."""
    return (F.floor(number / 12) * 100 + number % 12 + 1).cast("INT")
