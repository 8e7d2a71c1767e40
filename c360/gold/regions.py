"""Do the sales that a source reports by region agree with its orders?"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import money, percent, revenue_of
from c360.registry import table


@table(
    layer="gold",
    grain=["source", "region_id", "sold_on"],
    anonymous=("orders",),
    schema="""source STRING, region_id STRING, sold_on DATE, region_name STRING, reported_revenue DECIMAL(19,2),
        computed_revenue DECIMAL(19,2), revenue_difference DECIMAL(19,2), difference_percent DECIMAL(19,2),
        reported_orders BIGINT, computed_orders BIGINT, orders_difference BIGINT""",
    columns={
        "source": "the system that reports",
        "region_id": "the region's id in that system",
        "sold_on": "the day, in the source's time zone",
        "region_name": "the region's name",
        "reported_revenue": "revenue the source reports for the day; null where it reports none",
        "computed_revenue": "total of the day's orders of the region that brought revenue; 0 without one",
        "revenue_difference": "computed - reported revenue, a missing report taken as 0",
        "difference_percent": "revenue_difference in percent of the reported revenue; null where that is 0 or missing",
        "reported_orders": "orders the source reports for the day; null where it reports none",
        "computed_orders": "the day's orders of the region that brought revenue",
        "orders_difference": "computed - reported orders, a missing report taken as 0",
    },
)
def region_check(region_sales: DataFrame, orders: DataFrame, as_of: date) -> DataFrame:
    """One row per source, region and day with a report or an order, up to `as_of`: reported against computed sales.

    Only sources that report sales by region are here, and of their orders those that name a region and have a time.
    """
    day = ["source", "region_id", "sold_on"]
    ordered_on = F.to_date("ordered_local_at").alias("sold_on")
    computed = (
        orders.where("region_id IS NOT NULL AND ordered_local_at IS NOT NULL")
        .join(F.broadcast(region_sales.select("source").distinct()), "source", "left_semi")
        .groupBy("source", "region_id", ordered_on)
        .agg(
            F.sum(revenue_of("total_amount")).alias("computed"),
            F.count(F.when(F.col("is_revenue"), True)).alias("computed_orders"),
        )
    )
    reported = region_sales.select(
        *day, F.col("revenue").alias("reported"), F.col("orders").cast("BIGINT").alias("reported_orders")
    )
    names = region_sales.groupBy("source", "region_id").agg(F.max("region_name").alias("region_name"))
    none = F.lit(0).cast("BIGINT")
    nothing = F.lit(0).cast("DECIMAL(19,4)")
    both = reported.join(computed, day, "full").where(F.col("sold_on") <= F.lit(as_of))
    compared = both.select(
        *day,
        "reported",
        F.coalesce("computed", nothing).alias("computed"),
        "reported_orders",
        F.coalesce("computed_orders", none).alias("computed_orders"),
    ).withColumn("over", F.col("computed") - F.coalesce("reported", nothing))
    return compared.join(names, ["source", "region_id"], "left").select(
        *day,
        "region_name",
        money(F.col("reported")).alias("reported_revenue"),
        money(F.col("computed")).alias("computed_revenue"),
        money(F.col("over")).alias("revenue_difference"),
        percent(F.col("over"), F.col("reported")).alias("difference_percent"),
        "reported_orders",
        "computed_orders",
        (F.col("computed_orders") - F.coalesce("reported_orders", none)).alias("orders_difference"),
    )
