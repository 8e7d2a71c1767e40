"""The summary on one page: a row per source, and one for all."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import days_before, money, money_or_zero, percent, ratio, revenue_of
from c360.registry import table

PERIOD_DAYS = 30
ALL = "all"
TIERS = ("Gold", "Silver", "Bronze")


_PERIOD = {
    "sales_last_30_days": ("DECIMAL(19,2)", "revenue of the 30 days that end with as_of"),
    "sales_previous_30_days": ("DECIMAL(19,2)", "revenue of the 30 days before these"),
    "change_percent": ("DECIMAL(19,2)", "change of the former on the latter, in percent; null where the latter is 0"),
    "orders_last_30_days": ("BIGINT", "orders of the last 30 days that brought revenue"),
    "orders_previous_30_days": ("BIGINT", "orders of the 30 days before that brought revenue"),
    "orders_change_percent": ("DECIMAL(19,2)", "change of the orders, likewise"),
    "buyers_last_30_days": ("BIGINT", "persons with such an order in the last 30 days"),
    "buyers_previous_30_days": ("BIGINT", "persons with such an order in the 30 days before"),
    "buyers_change_percent": ("DECIMAL(19,2)", "change of the buyers, likewise"),
}
_SUMMARY = (
    {
        "source": ("STRING", "the system, or all"),
        "as_of": ("DATE", "the day everything is seen from"),
        "total_sales": ("DECIMAL(19,2)", "revenue of all orders, those of guests too"),
        "customers": ("BIGINT", "persons the source knows; in all, each person once"),
        "customers_with_purchase": ("BIGINT", "of these, with an order in the source that brought revenue"),
        "orders": ("BIGINT", "orders, whatever their status, those of guests too"),
        "revenue_orders": ("BIGINT", "orders that brought revenue, those of guests too"),
        "average_order_value": ("DECIMAL(19,2)", "total sales / orders that brought revenue; null without one"),
        "sale_per_customer": ("DECIMAL(19,2)", "total sales / customers; null without customers"),
        "gold_customers": ("BIGINT", "persons of the tier Gold (gold.rfm, over all sources)"),
        "silver_customers": ("BIGINT", "persons of the tier Silver"),
        "bronze_customers": ("BIGINT", "persons of the tier Bronze"),
    }
    | {
        f"{tier.lower()}_percent": ("DECIMAL(19,2)", f"tier mix: {tier} in percent of the persons with a tier")
        for tier in TIERS
    }
    | _PERIOD
)


@table(
    layer="gold",
    grain=["source"],
    schema=", ".join(f"{name} {sql_type}" for name, (sql_type, _) in _SUMMARY.items()),
    columns={name: says for name, (_, says) in _SUMMARY.items()},
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

    def amount(name: str) -> Column:
        return F.coalesce(name, F.lit(0).cast("DECIMAL(19,4)"))

    def change(last: Column, previous: Column) -> Column:
        return percent(last - previous, previous)

    shown = {
        "source": F.col("source"),
        "as_of": F.lit(as_of),
        "total_sales": money_or_zero(F.col("revenue")),
        "customers": count("customers"),
        "customers_with_purchase": count("buyers"),
        "orders": count("orders"),
        "revenue_orders": count("revenue_orders"),
        "average_order_value": ratio(amount("revenue"), count("revenue_orders")),
        "sale_per_customer": ratio(amount("revenue"), count("customers")),
        **{f"{tier.lower()}_customers": count(tier) for tier in TIERS},
        **{f"{tier.lower()}_percent": percent(F.col(tier), F.col("tiered")) for tier in TIERS},
        "sales_last_30_days": money(amount("last")),
        "sales_previous_30_days": money(amount("previous")),
        "change_percent": change(amount("last"), amount("previous")),
        "orders_last_30_days": count("last_orders"),
        "orders_previous_30_days": count("previous_orders"),
        "orders_change_percent": change(count("last_orders"), count("previous_orders")),
        "buyers_last_30_days": count("last_buyers"),
        "buyers_previous_30_days": count("previous_buyers"),
        "buyers_change_percent": change(count("last_buyers"), count("previous_buyers")),
    }
    return both.select(*(shown[name].alias(name) for name in _SUMMARY))


def _sales(orders: DataFrame, as_of: date) -> DataFrame:
    """One row per source and one for all, from one pass over the orders."""
    age = days_before(F.lit(as_of), F.col("ordered_at"))
    is_revenue = F.col("is_revenue")
    last, previous = (age.between(first, first + PERIOD_DAYS - 1) for first in (0, PERIOD_DAYS))
    sums = {
        "orders": F.count("*"),
        "revenue_orders": F.count(F.when(is_revenue, True)),
        "last_orders": F.count(F.when(is_revenue & last, True)),
        "previous_orders": F.count(F.when(is_revenue & previous, True)),
    }
    when = {"revenue": F.lit(True), "last": last, "previous": previous}
    amounts = {"total_amount": "", "reporting_amount": "reported_"}
    for amount, prefix in amounts.items():
        sums |= {f"{prefix}{name}": F.sum(F.when(held, revenue_of(amount))) for name, held in when.items()}
    persons = orders.groupBy("source", "c360_id").agg(*(value.alias(name) for name, value in sums.items()))
    # Summed by person and then counted: on Sail 0.7.2 the second distinct count in one aggregation is very slow.
    each = _and_all(persons).groupBy("source", "c360_id").agg(*(F.sum(name).alias(name) for name in sums))
    # each source in its own money, all of them in that of reports
    each = each.withColumns(
        {name: F.when(F.col("source") == ALL, F.col(f"reported_{name}")).otherwise(F.col(name)) for name in when}
    )
    buyers = {"buyers": "revenue_orders", "last_buyers": "last_orders", "previous_buyers": "previous_orders"}
    return each.groupBy("source").agg(
        # A guest has no c360_id, and a count leaves null out.
        *(F.count(F.when(F.col(of) > 0, F.col("c360_id"))).alias(name) for name, of in buyers.items()),
        *(F.sum(name).alias(name) for name in sums),
    )


def _people(customers: DataFrame, customer_records: DataFrame, rfm: DataFrame) -> DataFrame:
    """One row per source and one for all: persons, and persons of each tier."""
    members = (
        _and_all(customer_records.select("source", "c360_id"))
        .distinct()
        .join(customers.select("c360_id"), "c360_id")
        .join(rfm.select("c360_id", "tier"), "c360_id", "left")
    )
    return members.groupBy("source").agg(
        F.count("*").alias("customers"),
        F.count("tier").alias("tiered"),
        *(F.count(F.when(F.col("tier") == tier, True)).alias(tier) for tier in TIERS),
    )


def _and_all(rows: DataFrame) -> DataFrame:
    """Every row under its source, and once more under all."""
    return rows.withColumn("source", F.explode(F.array("source", F.lit(ALL))))
