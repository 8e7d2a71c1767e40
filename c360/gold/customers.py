"""Marts about a person: which segment what they did makes, and the whole picture in one row."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.config.segments import CustomerSegment, Segments
from c360.ddl import fields
from c360.gold.activity import ACTIVITY
from c360.gold.columns import days_before, money, percent, ratio
from c360.gold.favourites import FAVOURITES
from c360.identity.customers import CUSTOMER
from c360.registry import table


@table(
    layer="gold",
    grain=["c360_id"],
    schema="""c360_id STRING, spend DECIMAL(19,2), frequency BIGINT, best_loyalty_tier STRING,
        spend_percentile DECIMAL(19,2), segment STRING""",
    columns={
        "c360_id": "the person",
        "spend": "revenue of all orders",
        "frequency": "orders that brought revenue",
        "best_loyalty_tier": "best tier of the loyalty accounts",
        "spend_percentile": "percent of the other buyers who did not spend more: 100 is the highest spender; null "
        "without a purchase",
        "segment": "the first segment of conf/segments.yml whose condition holds",
    },
)
def customer_segments(customer_activity: DataFrame, segments: Segments) -> DataFrame:
    """One row per person: spend, frequency, best loyalty tier, and the segment they make.

    The share of top spenders is counted among those who bought; people who spent the same are in it together or not.
    """
    bought = F.col("frequency") > 0
    alike = Window.partitionBy(bought)
    people = customer_activity.select(
        "c360_id", F.col("revenue").alias("spend"), F.col("revenue_orders").alias("frequency"), "best_loyalty_tier"
    ).select(
        "*",
        F.rank().over(alike.orderBy(F.desc("spend"))).alias("place"),
        F.percent_rank().over(alike.orderBy(F.desc("spend"))).alias("spend_rank"),
        F.count("*").over(alike).alias("people"),
    )
    others = F.col("people") - 1
    percentile = F.coalesce(percent(F.col("people") - F.col("place"), others), F.lit(100).cast("DECIMAL(19,2)"))
    segment = F.lit(segments.customer_segments[-1].name)
    for rule in reversed(segments.customer_segments[:-1]):
        segment = F.when(_holds(rule, bought), F.lit(rule.name)).otherwise(segment)
    return people.select(
        "c360_id",
        "spend",
        "frequency",
        "best_loyalty_tier",
        F.when(bought, percentile).alias("spend_percentile"),
        segment.alias("segment"),
    )


def _holds(rule: CustomerSegment, bought: Column) -> Column:
    if rule.top_share is not None:
        return bought & (F.col("spend_rank") <= rule.top_share)
    if rule.orders is not None:
        return F.col("frequency") == rule.orders
    if rule.min_orders is not None:
        return F.col("frequency") >= rule.min_orders
    return F.coalesce(F.col("best_loyalty_tier").isin(*(rule.tiers or ())), F.lit(False))


_FROM_RFM = {
    "recency_score": ("INT", "RFM score of recency, 5 the most recent; null without a purchase"),
    "frequency_score": ("INT", "RFM score of frequency, 5 the most frequent; null without a purchase"),
    "monetary_score": ("INT", "RFM score of revenue, 5 the highest; null without a purchase"),
    "rfm_segment": ("STRING", "segment of the three RFM scores; null without a purchase"),
    "tier": ("STRING", "Gold, Silver or Bronze by revenue; null without a purchase"),
}
_FROM_MODELS = {
    "p_alive": ("DECIMAL(9,6)", "as in clv; null without a purchase"),
    "expected_purchases": ("DECIMAL(19,6)", "as in clv; null without a purchase"),
    "clv": ("DECIMAL(19,2)", "customer lifetime value, as in clv; null without a purchase"),
    "churn_status": ("STRING", "active, slowing, at risk or lost, as in churn; null without a purchase"),
    "churn_reason": ("STRING", "why, in a sentence with its numbers"),
    "granted_consents": (
        "STRING",
        "channel:purpose of all that the person may be contacted for, sorted; null where there is none",
    ),
    "next_best_product_id": ("STRING", "source:product id of what to offer first; null where nothing stands out"),
    "next_best_product": ("STRING", "its name"),
}
_PICTURE = (
    {"c360_id": ("STRING", "the person"), "source_ids": ("STRING", "source:customer id of every record, sorted")}
    | {name: (sql_type, CUSTOMER.columns[name]) for name, sql_type in fields(CUSTOMER.schema).items()}
    | ACTIVITY
    | FAVOURITES
    | {
        "recency_days": ("INT", "whole days from the last order that brought revenue to as_of; null without one"),
        "average_order_value": ("DECIMAL(19,2)", "revenue per order that brought revenue; null without one"),
        "margin": (
            "DECIMAL(19,2)",
            "amount - cost of the lines of these orders whose quantity and unit cost are known; null without one",
        ),
        "late_shipments": ("BIGINT", "shipments that came after the promised day, or are due and not there yet"),
        "spend_percentile": ("DECIMAL(19,2)", "as in customer_segments"),
        "segment": ("STRING", "as in customer_segments"),
    }
    | _FROM_RFM
    | _FROM_MODELS
)


@table(
    layer="gold",
    grain=["c360_id"],
    schema=", ".join(f"{name} {sql_type}" for name, (sql_type, _) in _PICTURE.items()),
    pii=CUSTOMER.pii,
    columns={name: says for name, (_, says) in _PICTURE.items()},
)
def customer_360(
    customers: DataFrame,
    customer_records: DataFrame,
    customer_activity: DataFrame,
    customer_favourites: DataFrame,
    customer_segments: DataFrame,
    rfm: DataFrame,
    clv: DataFrame,
    churn: DataFrame,
    consent_state: DataFrame,
    next_best_product: DataFrame,
    purchase_history: DataFrame,
    fulfilment: DataFrame,
    as_of: date,
) -> DataFrame:
    """One row per person: who they are, what they did, and what that makes them on the day `as_of`.

    Everybody in `customers` is here, those without an order too. Each joined table has one row per person.
    """
    ids = customer_records.groupBy("c360_id").agg(_listed("source", "customer_id").alias("source_ids"))
    margins = purchase_history.where("is_revenue").groupBy("c360_id").agg(money(F.sum("margin")).alias("margin"))
    late = fulfilment.where("late_shipments > 0").groupBy("c360_id").agg(F.sum("late_shipments").alias("late"))
    scores = rfm.withColumnRenamed("segment", "rfm_segment").select("c360_id", *_FROM_RFM)
    granted = consent_state.where("state = 'granted'").groupBy("c360_id")
    consents = granted.agg(_listed("channel", "purpose").alias("granted_consents"))
    offers = next_best_product.where("rank = 1").select(
        "c360_id",
        F.concat_ws(":", "source", "product_id").alias("next_best_product_id"),
        F.col("product_name").alias("next_best_product"),
    )
    fates = churn.select("c360_id", F.col("status").alias("churn_status"), F.col("reason").alias("churn_reason"))
    return (
        customers.join(ids, "c360_id", "left")
        .join(customer_activity, "c360_id", "left")
        .join(customer_favourites, "c360_id", "left")
        .join(customer_segments.select("c360_id", "spend_percentile", "segment"), "c360_id", "left")
        .join(scores, "c360_id", "left")
        .join(clv.select("c360_id", "p_alive", "expected_purchases", "clv"), "c360_id", "left")
        .join(fates, "c360_id", "left")
        .join(consents, "c360_id", "left")
        .join(offers, "c360_id", "left")
        .join(margins, "c360_id", "left")
        .join(late, "c360_id", "left")
        .withColumn("late_shipments", F.coalesce("late", F.lit(0).cast("BIGINT")))
        .withColumn("recency_days", days_before(F.lit(as_of), F.col("last_purchased_at")))
        .withColumn("average_order_value", ratio(F.col("revenue"), F.col("revenue_orders")))
        .select(*_PICTURE)
    )


def _listed(kind: str, name: str) -> Column:
    """All `kind:name` of a group, sorted, as one text."""
    return F.array_join(F.array_sort(F.collect_list(F.concat_ws(":", kind, name))), ", ")
