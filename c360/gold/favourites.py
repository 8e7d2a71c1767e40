"""What somebody prefers: what most of their orders have in common, and the device of most of their sessions."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import revenue_of
from c360.registry import table

FAVOURITES = {
    "favourite_channel": ("STRING", "channel with the most orders; ties: more revenue, then the name"),
    "favourite_store": ("STRING", "store (its name, else location, else id) with the most orders; ties as above"),
    "favourite_category": ("STRING", "category in the most orders; ties as above"),
    "favourite_payment_method": ("STRING", "payment method of the most orders; ties as above"),
    "favourite_device": ("STRING", "device of the most sessions; ties: the name"),
}
"""Column → its type and what it says."""


@table(
    layer="gold",
    grain=["c360_id"],
    incremental_by="c360_id",
    schema="c360_id STRING, " + ", ".join(f"{name} {sql_type}" for name, (sql_type, _) in FAVOURITES.items()),
    columns={"c360_id": "the person"} | {name: says for name, (_, says) in FAVOURITES.items()},
)
def customer_favourites(
    customers: DataFrame,
    orders: DataFrame,
    order_lines: DataFrame,
    products: DataFrame,
    stores: DataFrame,
    sessions: DataFrame,
) -> DataFrame:
    """One row per person: what most of their orders, and sessions, have in common. Orders count whatever their status.

    Apart from `customer_activity`, because ranking every person's preferences costs more than all the sums there.
    """
    known = orders.where("c360_id IS NOT NULL")
    everyone = customers.select("c360_id")
    for found in (
        _favourite(known, "channel"),
        _favourite(_with_store(known, stores), "store", "source", "store_id"),
        _favourite(_by_category(order_lines, products), "category"),
        _favourite(known, "payment_method"),
        _favourite(_without_amount(sessions), "device"),
    ):
        everyone = everyone.join(found, "c360_id", "left")
    return everyone.select("c360_id", *FAVOURITES)


def _favourite(orders: DataFrame, what: str, *ids: str) -> DataFrame:
    """One row per person: the `what` of most orders. `ids` tell apart what shares a name, as stores may."""
    counted = (
        orders.where(F.col(what).isNotNull())
        .groupBy("c360_id", what, *ids)
        .agg(F.count("*").alias("times"), F.coalesce(F.sum(revenue_of("total_amount")), F.lit(0)).alias("brought"))
    )
    best_first = Window.partitionBy("c360_id").orderBy(F.desc("times"), F.desc("brought"), what, *ids)
    ranked = counted.withColumn("place", F.row_number().over(best_first))
    return ranked.where("place = 1").select("c360_id", F.col(what).alias(f"favourite_{what}"))


def _with_store(orders: DataFrame, stores: DataFrame) -> DataFrame:
    names = stores.select("source", "store_id", F.coalesce("store_name", "location").alias("store"))
    in_stores = orders.where("store_id IS NOT NULL").join(names, ["source", "store_id"], "left")
    return in_stores.withColumn("store", F.coalesce("store", "store_id"))


def _by_category(order_lines: DataFrame, products: DataFrame) -> DataFrame:
    """One row per order and category in it, however many lines they share; the amount is that of the lines."""
    categories = products.where("category IS NOT NULL").select("source", "product_id", "category")
    known = order_lines.where("c360_id IS NOT NULL").join(categories, ["source", "product_id"])
    return known.groupBy("c360_id", "source", "order_id", "is_revenue", "category").agg(
        F.sum("line_amount").alias("total_amount")
    )


def _without_amount(sessions: DataFrame) -> DataFrame:
    """Sessions, to be counted like orders that bring nothing."""
    nothing = {"is_revenue": F.lit(False), "total_amount": F.lit(0).cast("DECIMAL(19,4)")}
    return sessions.where("c360_id IS NOT NULL").withColumns(nothing)
