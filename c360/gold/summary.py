"""The summary on one page: a row per source, and one for all."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql import functions as F

from c360.gold.columns import days_before, money, money_or_zero, percent, ratio, revenue_of
from c360.registry import table

PERIOD_DAYS = 30
ALL = "all"
TIERS = ("Gold", "Silver", "Bronze")


@table(
    layer="gold",
    grain=["source"],
    schema="""source STRING, as_of DATE, total_sales DECIMAL(19,2), customers BIGINT, customers_with_purchase BIGINT,
        orders BIGINT, revenue_orders BIGINT, sale_per_customer DECIMAL(19,2), gold_customers BIGINT,
        silver_customers BIGINT, bronze_customers BIGINT, sales_last_30_days DECIMAL(19,2),
        sales_previous_30_days DECIMAL(19,2), change_percent DECIMAL(19,2)""",
    columns={
        "source": "the system, or all",
        "as_of": "the day everything is seen from",
        "total_sales": "revenue of all orders, those of guests too",
        "customers": "persons the source knows; in all, each person once",
        "customers_with_purchase": "of these, with an order in the source that brought revenue",
        "orders": "orders, whatever their status, those of guests too",
        "revenue_orders": "orders that brought revenue, those of guests too",
        "sale_per_customer": "total sales / customers; null without customers",
        "gold_customers": "persons of the tier Gold (gold.rfm, over all sources)",
        "silver_customers": "persons of the tier Silver",
        "bronze_customers": "persons of the tier Bronze",
        "sales_last_30_days": "revenue of the 30 days that end with as_of",
        "sales_previous_30_days": "revenue of the 30 days before these",
        "change_percent": "change of the former on the latter, in percent; null where the latter is 0",
    },
)
def executive_summary(
    customers: DataFrame, customer_records: DataFrame, orders: DataFrame, rfm: DataFrame, as_of: date
) -> DataFrame:
    """One row per source, and one for all of them: sales, customers, orders, tiers, and how the last 30 days went."""
    sales = _sales(orders, as_of)
    people = _people(customers, customer_records, rfm)
    both = people.join(sales, "source", "full")

    def count(name: str) -> Column:
        return F.coalesce(name, F.lit(0).cast("BIGINT"))

    last, previous = (F.coalesce(name, F.lit(0).cast("DECIMAL(19,4)")) for name in ("last", "previous"))
    return both.select(
        "source",
        F.lit(as_of).alias("as_of"),
        money_or_zero(F.col("revenue")).alias("total_sales"),
        count("customers").alias("customers"),
        count("buyers").alias("customers_with_purchase"),
        count("orders").alias("orders"),
        count("revenue_orders").alias("revenue_orders"),
        ratio(F.coalesce("revenue", F.lit(0)), count("customers")).alias("sale_per_customer"),
        *(count(tier).alias(f"{tier.lower()}_customers") for tier in TIERS),
        money(last).alias("sales_last_30_days"),
        money(previous).alias("sales_previous_30_days"),
        percent(last - previous, previous).alias("change_percent"),
    )


def _sales(orders: DataFrame, as_of: date) -> DataFrame:
    """One row per source and one for all, from one pass over the orders."""
    age = days_before(F.lit(as_of), F.col("ordered_at"))
    revenue = revenue_of("total_amount")

    def within(first: int) -> Column:
        return F.when(age.between(first, first + PERIOD_DAYS - 1), revenue)

    persons = orders.groupBy("source", "c360_id").agg(
        F.count("*").alias("orders"),
        F.count(F.when(F.col("is_revenue"), True)).alias("revenue_orders"),
        F.sum(revenue).alias("revenue"),
        F.sum(within(0)).alias("last"),
        F.sum(within(PERIOD_DAYS)).alias("previous"),
    )
    return _each_and_all(persons).agg(
        # A guest has no c360_id, and a distinct count leaves null out.
        F.count_distinct(F.when(F.col("revenue_orders") > 0, F.col("c360_id"))).alias("buyers"),
        *(F.sum(name).alias(name) for name in ("orders", "revenue_orders", "revenue", "last", "previous")),
    )


def _people(customers: DataFrame, customer_records: DataFrame, rfm: DataFrame) -> DataFrame:
    members = (
        customer_records.select("source", "c360_id")
        .distinct()
        .join(customers.select("c360_id"), "c360_id")
        .join(rfm.select("c360_id", "tier"), "c360_id", "left")
    )
    return _each_and_all(members).agg(
        F.count_distinct("c360_id").alias("customers"),
        *(F.count_distinct(F.when(F.col("tier") == tier, F.col("c360_id"))).alias(tier) for tier in TIERS),
    )


def _each_and_all(rows: DataFrame) -> GroupedData:
    return rows.withColumn("source", F.explode(F.array("source", F.lit(ALL)))).groupBy("source")
