"""What somebody did: the part of the picture that adds up and needs no as_of."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.config.segments import Segments
from c360.gold.columns import money_or_zero, ratio, revenue_of
from c360.registry import table

ACTIVITY = {
    "orders": ("BIGINT", "orders, whatever their status"),
    "revenue_orders": ("BIGINT", "orders that brought revenue: not cancelled, failed or refunded"),
    "gross_spend": ("DECIMAL(19,2)", "total of all orders, whatever their status"),
    "revenue": ("DECIMAL(19,2)", "total of the orders that brought revenue"),
    "first_ordered_at": ("TIMESTAMP", "first order, whatever its status"),
    "last_ordered_at": ("TIMESTAMP", "last order, whatever its status"),
    "first_purchased_at": ("TIMESTAMP", "first order that brought revenue"),
    "last_purchased_at": ("TIMESTAMP", "last order that brought revenue"),
    "online_orders": ("BIGINT", "orders in the channel online, whatever their status"),
    "online_revenue": ("DECIMAL(19,2)", "total of the online orders that brought revenue"),
    "store_orders": ("BIGINT", "orders in the channel store, whatever their status"),
    "store_revenue": ("DECIMAL(19,2)", "total of the store orders that brought revenue"),
    "interactions": ("BIGINT", "service interactions"),
    "open_interactions": ("BIGINT", "service interactions not known to be resolved"),
    "resolved_interactions": ("BIGINT", "service interactions that were resolved"),
    "last_interaction_at": ("TIMESTAMP", "last service interaction"),
    "average_satisfaction": ("DECIMAL(19,2)", "mean satisfaction score of the interactions that have one"),
    "loyalty_accounts": ("BIGINT", "loyalty accounts held"),
    "points_earned": ("BIGINT", "points earned on all loyalty accounts"),
    "best_loyalty_tier": ("STRING", "best tier of the loyalty accounts, in the order of conf/segments.yml"),
    "sessions": ("BIGINT", "sessions on the web site and in the app"),
    "pages_viewed": ("BIGINT", "pages viewed in them"),
    "last_session_at": ("TIMESTAMP", "start of the last session"),
    "reviews": ("BIGINT", "products reviewed, once per review"),
    "average_rating": ("DECIMAL(19,2)", "mean rating of the reviews that have one"),
    "returns": ("BIGINT", "returns"),
    "refunded": ("DECIMAL(19,2)", "refunds of all returns"),
    "last_seen_at": ("TIMESTAMP", "the last time they did anything: an order, interaction, session, review or return"),
}
"""Column → its type and what it says."""

_COUNTS = [name for name, (sql_type, _) in ACTIVITY.items() if sql_type == "BIGINT"]
_AMOUNTS = ("gross_spend", "revenue", "online_revenue", "store_revenue", "refunded")
_LASTS = ("last_ordered_at", "last_interaction_at", "last_session_at", "last_reviewed_at", "last_returned_at")


@table(
    layer="gold",
    grain=["c360_id"],
    incremental_by="c360_id",
    schema="c360_id STRING, " + ", ".join(f"{name} {sql_type}" for name, (sql_type, _) in ACTIVITY.items()),
    columns={"c360_id": "the person"} | {name: says for name, (_, says) in ACTIVITY.items()},
)
def customer_activity(
    customers: DataFrame,
    orders: DataFrame,
    interactions: DataFrame,
    loyalty_accounts: DataFrame,
    sessions: DataFrame,
    reviews: DataFrame,
    returns: DataFrame,
    segments: Segments,
) -> DataFrame:
    """One row per person: what they did, in all sources, as counts, sums, firsts and lasts that need no as_of.

    Somebody who did nothing has zeros and nulls. Every fact is brought to one row per person before it is joined, so
    nothing is multiplied.
    """
    everyone = customers.select("c360_id")
    for found in (
        _orders_of(orders.where("c360_id IS NOT NULL")),
        _interactions_of(interactions),
        _loyalty_of(loyalty_accounts, segments.loyalty_tiers),
        _sessions_of(sessions),
        _reviews_of(reviews),
        _returns_of(returns),
    ):
        everyone = everyone.join(found, "c360_id", "left")
    everyone = everyone.withColumn("last_seen_at", F.greatest(*_LASTS))

    def shown(name: str) -> Column:
        if name in _AMOUNTS:
            return money_or_zero(F.col(name))
        return F.coalesce(F.col(name), F.lit(0).cast("BIGINT")) if name in _COUNTS else F.col(name)

    return everyone.select("c360_id", *(shown(name).alias(name) for name in ACTIVITY))


def _orders_of(orders: DataFrame) -> DataFrame:
    def where(channel: str, value: Column) -> Column:
        return F.when(F.col("channel") == channel, value)

    revenue, purchased_at = revenue_of("reporting_amount"), revenue_of("ordered_at")
    return orders.groupBy("c360_id").agg(
        F.count("*").alias("orders"),
        F.count(F.when(F.col("is_revenue"), True)).alias("revenue_orders"),
        F.sum("reporting_amount").alias("gross_spend"),
        F.sum(revenue).alias("revenue"),
        F.min("ordered_at").alias("first_ordered_at"),
        F.max("ordered_at").alias("last_ordered_at"),
        F.min(purchased_at).alias("first_purchased_at"),
        F.max(purchased_at).alias("last_purchased_at"),
        F.count(where("online", F.lit(True))).alias("online_orders"),
        F.sum(where("online", revenue)).alias("online_revenue"),
        F.count(where("store", F.lit(True))).alias("store_orders"),
        F.sum(where("store", revenue)).alias("store_revenue"),
    )


def _interactions_of(interactions: DataFrame) -> DataFrame:
    resolved = F.count(F.when(F.col("is_resolved"), True))
    return (
        interactions.where("c360_id IS NOT NULL")
        .groupBy("c360_id")
        .agg(
            F.count("*").alias("interactions"),
            (F.count("*") - resolved).alias("open_interactions"),
            resolved.alias("resolved_interactions"),
            F.max("opened_at").alias("last_interaction_at"),
            ratio(F.sum("satisfaction_score"), F.count("satisfaction_score")).alias("average_satisfaction"),
        )
    )


def _loyalty_of(loyalty_accounts: DataFrame, best_first: tuple[str, ...]) -> DataFrame:
    accounts = loyalty_accounts.where("c360_id IS NOT NULL")
    totals = accounts.groupBy("c360_id").agg(
        F.count("*").alias("loyalty_accounts"), F.sum("points_earned").alias("points_earned")
    )
    place = F.lit(len(best_first))
    for i, tier in reversed(list(enumerate(best_first))):
        place = F.when(F.col("tier") == tier, F.lit(i)).otherwise(place)
    tiers = accounts.where("tier IS NOT NULL").select("c360_id", "tier", place.alias("place")).distinct()
    best = Window.partitionBy("c360_id").orderBy("place", "tier")
    top = tiers.withColumn("nth", F.row_number().over(best)).where("nth = 1")
    return totals.join(top.select("c360_id", F.col("tier").alias("best_loyalty_tier")), "c360_id", "left")


def _sessions_of(sessions: DataFrame) -> DataFrame:
    return (
        sessions.where("c360_id IS NOT NULL")
        .groupBy("c360_id")
        .agg(
            F.count("*").alias("sessions"),
            F.sum("pages_viewed").alias("pages_viewed"),
            F.max("started_at").alias("last_session_at"),
        )
    )


def _reviews_of(reviews: DataFrame) -> DataFrame:
    return (
        reviews.where("c360_id IS NOT NULL")
        .groupBy("c360_id")
        .agg(
            F.count("*").alias("reviews"),
            ratio(F.sum("rating"), F.count("rating")).alias("average_rating"),
            F.max("reviewed_at").alias("last_reviewed_at"),
        )
    )


def _returns_of(returns: DataFrame) -> DataFrame:
    return (
        returns.where("c360_id IS NOT NULL")
        .groupBy("c360_id")
        .agg(
            F.count("*").alias("returns"),
            F.sum("refund_amount").alias("refunded"),
            F.max("returned_at").alias("last_returned_at"),
        )
    )
