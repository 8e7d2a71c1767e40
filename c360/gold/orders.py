"""Marts about orders: what an order is worth, and when people order."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money_or_zero, ratio, weekday_name
from c360.registry import table


@table(
    layer="gold",
    grain=["source", "dimension", "key"],
    schema="""source STRING, dimension STRING, key STRING, name STRING, orders BIGINT, revenue DECIMAL(19,2),
        average_order_value DECIMAL(19,2)""",
    columns={
        "source": "the system the orders come from",
        "dimension": "all, channel, location, product, category or product_category_location",
        "key": "value of the dimension: all, a channel, a store's location, a product id, a category, or product id | "
        "category | location",
        "name": "the key for readers: with the product's name in place of its id; null where the product is unknown",
        "orders": "orders of the group that brought revenue, each counted once",
        "revenue": "total of these orders; of a product or category, the total of its lines only",
        "average_order_value": "revenue / orders",
    },
)
def average_order_value(
    hourly_sales: DataFrame,
    product_sales: DataFrame,
    category_sales: DataFrame,
    products: DataFrame,
    stores: DataFrame,
) -> DataFrame:
    """One row per source, dimension and key: orders that brought revenue, revenue, and revenue per order.

    An order counts in every group it belongs to, once; where it has no value for a dimension it is in none of that
    dimension's groups. Orders of guests count.
    """
    places = stores.select("source", "store_id", "location")
    sold = product_sales.join(products.select("source", "product_id", "product_name", "category"), _PRODUCT, "left")
    groups = (
        _of_orders(_located(hourly_sales, places))
        .unionByName(_of_products(_located(sold, places)))
        .unionByName(_under(category_sales, _dimension("category", F.col("category"), F.col("category"))))
    )
    return groups.select(
        "source",
        "dimension",
        "key",
        "name",
        "orders",
        money_or_zero(F.col("revenue")).alias("revenue"),
        ratio(F.coalesce("revenue", F.lit(0)), F.col("orders")).alias("average_order_value"),
    )


_PRODUCT = ["source", "product_id"]


def _located(sales: DataFrame, places: DataFrame) -> DataFrame:
    return sales.join(places, ["source", "store_id"], "left")


def _of_orders(sales: DataFrame) -> DataFrame:
    """All, channel and location from one pass: small groups first, then each group under every dimension it has."""
    small = (
        sales.where("revenue_orders > 0")
        .groupBy("source", "channel", "location")
        .agg(F.sum("revenue_orders").alias("orders"), F.sum("revenue").alias("revenue"))
    )
    return _under(
        small,
        _dimension("all", F.lit("all"), F.lit("all")),
        _dimension("channel", F.col("channel"), F.col("channel")),
        _dimension("location", F.col("location"), F.col("location")),
    )


def _of_products(sales: DataFrame) -> DataFrame:
    """Product, and product x category x location: a month's orders have one store and so one location, they add up."""
    small = sales.groupBy(*_PRODUCT, "product_name", "category", "location").agg(
        F.sum("orders").alias("orders"), F.sum("revenue").alias("revenue")
    )
    all_three = F.col("category").isNotNull() & F.col("location").isNotNull()
    return _under(
        small,
        _dimension("product", F.col("product_id"), F.col("product_name")),
        _dimension(
            "product_category_location",
            F.when(all_three, F.concat_ws(" | ", "product_id", "category", "location")),
            F.when(all_three, F.concat_ws(" | ", "product_name", "category", "location")),
        ),
    )


def _dimension(name: str, key: Column, label: Column) -> Column:
    return F.struct(F.lit(name).alias("dimension"), key.alias("key"), label.alias("name"))


def _under(small: DataFrame, *dimensions: Column) -> DataFrame:
    each = small.select("source", "orders", "revenue", F.explode(F.array(*dimensions)).alias("group"))
    return (
        each.where("group.key IS NOT NULL")
        .groupBy("source", "group.dimension", "group.key")
        .agg(F.max("group.name").alias("name"), F.sum("orders").alias("orders"), F.sum("revenue").alias("revenue"))
    )


@table(
    layer="gold",
    grain=["source", "channel", "weekday", "hour"],
    schema="""source STRING, channel STRING, weekday INT, weekday_name STRING, hour INT, orders BIGINT,
        revenue DECIMAL(19,2), rank_in_channel INT""",
    columns={
        "source": "the system the orders come from",
        "channel": "the channel of the orders",
        "weekday": "1 Monday to 7 Sunday, in the source's time zone",
        "weekday_name": "name of the weekday",
        "hour": "0 to 23, in the source's time zone",
        "orders": "orders in that hour, whatever their status",
        "revenue": "total of those that brought revenue",
        "rank_in_channel": "1 the busiest hour of the week in this source and channel; ties: more revenue, then "
        "earlier in the week",
    },
)
def peak_times(hourly_sales: DataFrame) -> DataFrame:
    """One row per source, channel, weekday and hour with an order: orders, revenue, and the hour's rank.

    Orders without a time are left out.
    """
    hours = (
        hourly_sales.where("hour IS NOT NULL")
        .groupBy("source", "channel", "weekday", "hour")
        .agg(F.sum("orders").alias("orders"), money_or_zero(F.sum("revenue")).alias("revenue"))
    )
    busiest = Window.partitionBy("source", "channel").orderBy(F.desc("orders"), F.desc("revenue"), "weekday", "hour")
    return hours.select(
        "source",
        "channel",
        "weekday",
        weekday_name(F.col("weekday")).alias("weekday_name"),
        "hour",
        "orders",
        "revenue",
        F.row_number().over(busiest).alias("rank_in_channel"),
    )
