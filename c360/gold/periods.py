"""Sales by month and quarter: of territories and of products, and how they changed."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money_or_zero, percent
from c360.registry import table

MONTHS = {"month": 1, "quarter": 3}
"""Period → its length in months."""

_PERIOD = {
    "period": "month or quarter",
    "period_start": "its first day; orders belong to the day they have in the source's time zone",
}


@table(
    layer="gold",
    grain=["source", "territory", "period", "period_start"],
    schema="""source STRING, territory STRING, period STRING, period_start DATE, orders BIGINT, customers BIGINT,
        revenue DECIMAL(19,2), share_percent DECIMAL(19,2), previous_revenue DECIMAL(19,2),
        change_percent DECIMAL(19,2)""",
    columns={
        "source": "the system the orders come from",
        "territory": "the sales territory; null where the orders name none",
        **_PERIOD,
        "orders": "orders that brought revenue, those of guests too",
        "customers": "persons with such an order",
        "revenue": "total of these orders",
        "share_percent": "100 x revenue / revenue of all territories of the source in the period",
        "previous_revenue": "revenue of the territory in the period before; 0.00 where it had none",
        "change_percent": "change of revenue on the period before, in percent; null where that had none",
    },
)
def sales_by_territory(orders: DataFrame) -> DataFrame:
    """One row per source, territory and period (month, quarter) with an order that brought revenue.

    Orders without a time are left out.
    """
    group = ["source", "territory"]
    persons = (
        orders.where("is_revenue AND ordered_local_at IS NOT NULL")
        .groupBy(*group, _month(F.col("ordered_local_at")), "c360_id")
        .agg(F.count("*").alias("orders"), F.sum("total_amount").alias("revenue"))
    )
    # a customer of two months counts once in their quarter
    sales = (
        _in_periods(persons)
        .groupBy(*group, *_PERIOD, "c360_id")
        .agg(*_sums("orders", "revenue"))
        .groupBy(*group, *_PERIOD)
        .agg(
            F.sum("orders").alias("orders"),
            F.count("c360_id").alias("customers"),
            F.coalesce(F.sum("revenue"), F.lit(0)).cast("DECIMAL(19,4)").alias("revenue"),
        )
    )
    all_territories = F.sum("revenue").over(Window.partitionBy("source", *_PERIOD))
    compared = sales.select("*", all_territories.alias("whole"), _previous("revenue", *group).alias("previous"))
    return compared.select(
        *group,
        *_PERIOD,
        "orders",
        "customers",
        money_or_zero(F.col("revenue")).alias("revenue"),
        percent(F.col("revenue"), F.col("whole")).alias("share_percent"),
        money_or_zero(F.col("previous")).alias("previous_revenue"),
        percent(F.col("revenue") - F.col("previous"), F.col("previous")).alias("change_percent"),
    )


@table(
    layer="gold",
    grain=["source", "product_id", "period", "period_start"],
    schema="""source STRING, product_id STRING, product_name STRING, category STRING, period STRING, period_start DATE,
        units BIGINT, orders BIGINT, gross DECIMAL(19,2), discount DECIMAL(19,2), revenue DECIMAL(19,2),
        margin DECIMAL(19,2), margin_percent DECIMAL(19,2), rank_in_period INT, previous_revenue DECIMAL(19,2),
        change_percent DECIMAL(19,2)""",
    columns={
        "source": "the system the orders come from",
        "product_id": "the product's id in that system",
        "product_name": "the product's name; null where the source lists no such product",
        "category": "the product's category",
        **_PERIOD,
        "units": "units sold; null where no quantity is recorded",
        "orders": "orders with the product, each counted once",
        "gross": "revenue + discount",
        "discount": "discounts on the lines",
        "revenue": "total of the lines, net of their discounts, without tax and freight",
        "margin": "revenue - units x the product's present unit cost, over lines where both are known; else null",
        "margin_percent": "100 x margin / revenue of these lines",
        "rank_in_period": "1 the product with the most revenue in this source and period; ties: more units, then "
        "the id",
        "previous_revenue": "revenue of the product in the period before; 0.00 where it had none",
        "change_percent": "change of revenue on the period before, in percent; null where that had none",
    },
)
def sales_performance(fact_sales: DataFrame, products: DataFrame) -> DataFrame:
    """One row per source, product and period (month, quarter) with an order line that brought revenue.

    Lines without a product or a time are left out.
    """
    group = ["source", "product_id"]
    known = products.select(*group, "product_name", "category", "unit_cost")
    sales = _in_periods(monthly_products(fact_sales)).groupBy(*group, *_PERIOD).agg(*_sums("orders", *_AMOUNTS))
    margin = F.col("counted_revenue") - F.col("units") * F.col("unit_cost")
    in_period = Window.partitionBy("source", *_PERIOD)
    first = in_period.orderBy(F.desc("revenue"), F.desc_nulls_last("units"), "product_id")
    compared = sales.join(known, group, "left").select(
        "*",
        margin.cast("DECIMAL(19,4)").alias("margin"),
        F.row_number().over(first).alias("rank_in_period"),
        _previous("revenue", *group).alias("previous"),
    )
    return compared.select(
        *group,
        "product_name",
        "category",
        *_PERIOD,
        F.col("units").cast("BIGINT").alias("units"),
        "orders",
        money_or_zero(F.col("revenue") + F.col("discount")).alias("gross"),
        money_or_zero(F.col("discount")).alias("discount"),
        money_or_zero(F.col("revenue")).alias("revenue"),
        F.when(F.col("margin").isNotNull(), money_or_zero(F.col("margin"))).alias("margin"),
        percent(F.col("margin"), F.col("counted_revenue")).alias("margin_percent"),
        "rank_in_period",
        money_or_zero(F.col("previous")).alias("previous_revenue"),
        percent(F.col("revenue") - F.col("previous"), F.col("previous")).alias("change_percent"),
    )


_AMOUNTS = ("units", "discount", "revenue", "counted_revenue")


def monthly_products(fact_sales: DataFrame) -> DataFrame:
    """One row per source, product and month with an order line that brought revenue: orders and `_AMOUNTS`.

    `counted_revenue` is that of the lines whose quantity is known.
    """
    group = ["source", "product_id", "month"]
    nothing = F.lit(0).cast("DECIMAL(19,4)")
    lines = fact_sales.where("is_revenue AND product_id IS NOT NULL AND ordered_on IS NOT NULL").select(
        *group[:2],
        _month(F.col("ordered_on")),
        "order_id",
        "lines_in_order",
        F.col("quantity").cast("BIGINT").alias("units"),
        F.coalesce("discount_amount", nothing).alias("discount"),
        F.coalesce("sales_amount", nothing).alias("revenue"),
        F.when(F.col("quantity").isNotNull(), F.coalesce("sales_amount", nothing)).alias("counted_revenue"),
    )
    # an order counts once, however many lines of the product it has; count(distinct) is slow on Sail
    once = lines.where("lines_in_order > 1").groupBy("order_id", *group).agg(*_sums(*_AMOUNTS))
    alone = lines.where("lines_in_order = 1").select(*once.columns)
    return alone.unionByName(once).groupBy(*group).agg(F.count("*").alias("orders"), *_sums(*_AMOUNTS))


def _sums(*names: str) -> list[Column]:
    return [F.sum(name).alias(name) for name in names]


def _month(moment: Column) -> Column:
    return F.trunc(moment, "month").alias("month")


def _in_periods(monthly: DataFrame) -> DataFrame:
    """Every row twice: in its month, and in the quarter of that."""
    periods = F.array(
        *(F.struct(F.lit(name).alias("period"), F.trunc("month", name).alias("period_start")) for name in MONTHS)
    )
    exploded = monthly.withColumn("in", F.explode(periods))
    return exploded.select("*", "in.period", "in.period_start").drop("in", "month")


def _previous(amount: str, *group: str) -> Column:
    """The amount of the period just before; null where the group has no row for it."""
    before = Window.partitionBy(*group, "period").orderBy("period_start")
    months = F.when(F.col("period") == "month", -MONTHS["month"]).otherwise(-MONTHS["quarter"])
    is_next = F.lag("period_start").over(before) == F.add_months("period_start", months)
    return F.when(is_next, F.lag(amount).over(before))
