"""Sales month by month: small tables that are kept up to date by month, and from which the marts about orders add up.

They hold ids, not names, so that a renamed product or store changes no sales.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import revenue_of, weekday
from c360.registry import table

_MONTH = {"source": "the system the orders come from", "ordered_month": "UTC month of the orders, such as 202503"}


@table(
    layer="gold",
    grain=["source", "ordered_month", "channel", "store_id", "weekday", "hour"],
    anonymous=("orders",),
    incremental_by="ordered_month",
    schema="""source STRING, ordered_month INT, channel STRING, store_id STRING, weekday INT, hour INT, orders BIGINT,
        revenue_orders BIGINT, revenue DECIMAL(19,4)""",
    columns=_MONTH
    | {
        "channel": "the channel of the orders",
        "store_id": "the store's id in that system; null where the orders name none",
        "weekday": "1 Monday to 7 Sunday, in the source's time zone",
        "hour": "0 to 23, in the source's time zone",
        "orders": "orders, whatever their status",
        "revenue_orders": "of these, orders that brought revenue",
        "revenue": "total of the latter",
    },
)
def hourly_sales(orders: DataFrame) -> DataFrame:
    """One row per source, month, channel, store, weekday and hour with an order: orders and revenue."""
    ordered_at = F.col("ordered_local_at")
    return orders.groupBy(
        "source",
        "ordered_month",
        "channel",
        "store_id",
        weekday(ordered_at).alias("weekday"),
        F.hour(ordered_at).alias("hour"),
    ).agg(
        F.count("*").alias("orders"),
        F.count(F.when(F.col("is_revenue"), True)).alias("revenue_orders"),
        F.sum(revenue_of("total_amount")).cast("DECIMAL(19,4)").alias("revenue"),
    )


_LINES = """orders BIGINT, revenue DECIMAL(19,4)"""
_OF_LINES = {
    "orders": "orders with such a line that brought revenue, each counted once",
    "revenue": "total of these lines",
}


@table(
    layer="gold",
    grain=["source", "ordered_month", "product_id", "store_id"],
    anonymous=("order_lines",),
    incremental_by="ordered_month",
    schema=f"source STRING, ordered_month INT, product_id STRING, store_id STRING, {_LINES}",
    columns=_MONTH
    | {
        "product_id": "the product's id in that system; null where the line names none",
        "store_id": "the store's id in that system; null where the order names none",
    }
    | _OF_LINES,
)
def product_sales(order_lines: DataFrame) -> DataFrame:
    """One row per source, month, product and store with an order line that brought revenue: orders and revenue."""
    return _sold(order_lines, "product_id", "store_id")


@table(
    layer="gold",
    grain=["source", "ordered_month", "category"],
    anonymous=("order_lines",),
    incremental_by="ordered_month",
    schema=f"source STRING, ordered_month INT, category STRING, {_LINES}",
    columns=_MONTH | {"category": "category of the products; null where it is unknown"} | _OF_LINES,
)
def category_sales(order_lines: DataFrame, products: DataFrame) -> DataFrame:
    """One row per source, month and category with an order line that brought revenue: orders and revenue.

    Not the sum of its products: an order of two products of a category counts once.
    """
    categories = products.select("source", "product_id", "category")
    return _sold(order_lines.join(categories, ["source", "product_id"], "left"), "category")


def _sold(lines: DataFrame, *what: str) -> DataFrame:
    """Orders and revenue of each group of lines.

    Where orders may have several lines of a group these are first made one, as count(distinct) is slow on Sail.
    """
    group = ("source", "ordered_month", *what)
    sold = lines.where("is_revenue")
    several = sold.where("NOT is_only_line").groupBy("order_id", *group).agg(F.sum("line_amount").alias("line_amount"))
    once = sold.where("is_only_line").select("order_id", *group, "line_amount").unionByName(several)
    return once.groupBy(*group).agg(
        F.count("*").alias("orders"), F.sum("line_amount").cast("DECIMAL(19,4)").alias("revenue")
    )
