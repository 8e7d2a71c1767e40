"""What each tier of customers buys, product by product and store by store."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money_or_zero, percent
from c360.registry import table

GUEST = "Guest"

_TIER = {
    "tier": "Gold, Silver or Bronze of gold.rfm, over all sources; Guest where no known person bought; null in the "
    "one row of what nobody bought",
    "revenue": "revenue of the tier there",
}


@table(
    layer="gold",
    grain=["source", "product_id", "tier"],
    schema="""source STRING, product_id STRING, product_name STRING, category STRING, tier STRING, units BIGINT,
        revenue DECIMAL(19,2), share_percent DECIMAL(19,2), rank_in_tier INT""",
    columns={
        "source": "the system the orders come from",
        "product_id": "the product's id in that system; null for lines that name none",
        "product_name": "the product's name; null where the source lists no such product",
        "category": "the product's category",
        "units": "units bought; null where the source does not record quantities",
        "share_percent": "revenue in percent of the product's revenue; null where that is 0",
        "rank_in_tier": "1 the product with the most revenue from that tier in the source; ties: product id; null "
        "without a sale",
    }
    | _TIER,
)
def product_by_tier(order_lines: DataFrame, products: DataFrame, rfm: DataFrame) -> DataFrame:
    """One row per source, product and tier that bought it: units, revenue, share of the product, rank in the tier.

    Of order lines that brought revenue; they add up to all of these lines. A product nobody bought stays, in one row
    without a tier, and so does one that only the lines know.
    """
    tiers = rfm.select("c360_id", "tier")
    sold = (
        order_lines.where("is_revenue")
        .join(tiers, "c360_id", "left")
        .groupBy("source", "product_id", _tier())
        .agg(F.sum("quantity").alias("quantity"), F.sum("line_amount").alias("amount"))
    )
    known = products.select("source", "product_id", "product_name", "category")
    return known.join(sold, ["source", "product_id"], "full").select(
        "source",
        "product_id",
        "product_name",
        "category",
        "tier",
        F.when(F.col("tier").isNull(), F.lit(0)).otherwise(F.col("quantity")).cast("BIGINT").alias("units"),
        money_or_zero(F.col("amount")).alias("revenue"),
        _share("product_id").alias("share_percent"),
        _rank("product_id").alias("rank_in_tier"),
    )


@table(
    layer="gold",
    grain=["source", "store_id", "tier"],
    schema="""source STRING, store_id STRING, store STRING, location STRING, tier STRING, revenue DECIMAL(19,2),
        customers BIGINT, orders BIGINT, share_percent DECIMAL(19,2), rank_in_tier INT""",
    columns={
        "source": "the system the orders come from",
        "store_id": "the store's id in that system",
        "store": "the store's name, else its location, else its id",
        "location": "where the store is; null where the source lists no such store",
        "customers": "persons of the tier who bought in the store",
        "orders": "their orders that brought revenue",
        "share_percent": "revenue in percent of the store's revenue; null where that is 0",
        "rank_in_tier": "1 the store with the most revenue from that tier in the source; ties: store id; null without "
        "a sale",
    }
    | _TIER,
)
def store_performance(orders: DataFrame, stores: DataFrame, rfm: DataFrame) -> DataFrame:
    """One row per source, store and tier that bought there: revenue, customers, orders, share of the store, rank.

    Of orders that brought revenue and name a store; they add up to the revenue of the stores. A store without such an
    order stays, in one row without a tier, and so does one that only the orders know.
    """
    persons = (
        orders.where("is_revenue AND store_id IS NOT NULL")
        .groupBy("source", "store_id", "c360_id")
        .agg(F.count("*").alias("orders"), F.sum("total_amount").alias("amount"))
    )
    sold = (
        persons.join(rfm.select("c360_id", "tier"), "c360_id", "left")
        .groupBy("source", "store_id", _tier())
        .agg(F.count("c360_id").alias("customers"), F.sum("orders").alias("orders"), F.sum("amount").alias("amount"))
    )
    known = stores.select("source", "store_id", "store_name", "location")
    none = F.lit(0).cast("BIGINT")
    return known.join(sold, ["source", "store_id"], "full").select(
        "source",
        "store_id",
        F.coalesce("store_name", "location", "store_id").alias("store"),
        "location",
        "tier",
        money_or_zero(F.col("amount")).alias("revenue"),
        F.coalesce("customers", none).alias("customers"),
        F.coalesce("orders", none).alias("orders"),
        _share("store_id").alias("share_percent"),
        _rank("store_id").alias("rank_in_tier"),
    )


def _tier() -> Column:
    return F.coalesce("tier", F.lit(GUEST)).alias("tier")


def _share(of: str) -> Column:
    """The tier's part of all that was sold of the product or in the store, in percent."""
    return percent(F.coalesce("amount", F.lit(0)), F.sum("amount").over(Window.partitionBy("source", of)))


def _rank(of: str) -> Column:
    best_first = Window.partitionBy("source", "tier").orderBy(F.coalesce("amount", F.lit(0)).desc(), of)
    return F.when(F.col("tier").isNotNull(), F.row_number().over(best_first))
