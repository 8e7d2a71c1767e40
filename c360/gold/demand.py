"""What is wanted, what comes back, and what discounts do to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import days_before, money_or_zero, percent, ratio
from c360.registry import table

TREND_DAYS = 90
STEADY_PERCENT = 10
"""A change by less is no trend."""

BANDS = ((5, "up to 5 %"), (10, "up to 10 %"), (20, "up to 20 %"), (30, "up to 30 %"), (50, "up to 50 %"))
"""Highest percentage of a discount band, and the band's name."""

NO_DISCOUNT, MOST = "none", "over 50 %"

_PRODUCT = ["source", "product_id"]
_MONEY = "DECIMAL(19,4)"


@table(
    layer="gold",
    grain=["source", "product_id"],
    anonymous=("returns",),
    schema="""source STRING, product_id STRING, product_name STRING, category STRING, status STRING, units BIGINT,
        order_lines BIGINT, revenue DECIMAL(19,2), returns BIGINT, returned_units BIGINT,
        return_rate_percent DECIMAL(19,2), units_last_90_days BIGINT, units_previous_90_days BIGINT,
        trend_percent DECIMAL(19,2), trend STRING, last_sold_on DATE, category_rank INT""",
    columns={
        "source": "the system that sells the product",
        "product_id": "the product's id in that system",
        "product_name": "the product's name; null where the source lists no such product",
        "category": "the product's category",
        "status": "the product's status",
        "units": "units of the lines that brought revenue, or whose product came back; a line whose quantity is not "
        "recorded counts as one",
        "order_lines": "these lines",
        "revenue": "total of the lines that brought revenue, net of their discounts",
        "returns": "returns of the product; null where the source records none at all",
        "returned_units": "units that came back; a return whose quantity is not recorded counts as one",
        "return_rate_percent": "100 x returned units / units; null where the source records no returns",
        "units_last_90_days": "units of the 90 days that end with as_of",
        "units_previous_90_days": "units of the 90 days before these",
        "trend_percent": "change of the former on the latter, in percent; null where the latter is 0",
        "trend": "rising or falling by 10 percent or more, steady, new (nothing in the 90 days before), none (nothing "
        "in all 180 days)",
        "last_sold_on": "day of the last such line, in the source's time zone",
        "category_rank": "1 the product of the category with the most units; ties: more revenue, then the id",
    },
)
def product_demand(fact_sales: DataFrame, products: DataFrame, returns: DataFrame, as_of: date) -> DataFrame:
    """One row per source and product: units, returns, how demand changed, and its place in the category.

    A product that was never sold stays; so does one that was sold and is not listed. Lines without a product are left
    out, and so are returns of a product that is neither listed nor sold.
    """
    back = returns.where("product_id IS NOT NULL").select(
        *_PRODUCT, "order_id", F.coalesce("quantity", F.lit(1)).cast("BIGINT").alias("units")
    )
    came_back = back.groupBy(*_PRODUCT).agg(F.count("*").alias("returns"), F.sum("units").alias("returned_units"))
    known = products.select(*_PRODUCT, "product_name", "category", "status")
    recorded = returns.groupBy("source").agg(F.count("*").alias("recorded"))
    both = (
        known.join(_sold(fact_sales, back, as_of), _PRODUCT, "full")
        .join(came_back, _PRODUCT, "left")
        .join(recorded, "source", "left")
    )

    def count(name: str) -> Column:
        return F.coalesce(name, F.lit(0).cast("BIGINT"))

    units, recently, before = count("units"), count("recently"), count("before")
    change = percent(recently - before, before)
    counted = both.select(
        "*",
        F.row_number()
        .over(
            Window.partitionBy("source", "category").orderBy(
                units.desc(), F.coalesce("revenue", F.lit(0)).desc(), "product_id"
            )
        )
        .alias("category_rank"),
    )
    are_recorded = F.col("recorded").isNotNull()
    return counted.select(
        *_PRODUCT,
        "product_name",
        "category",
        "status",
        units.alias("units"),
        count("order_lines").alias("order_lines"),
        money_or_zero(F.col("revenue")).alias("revenue"),
        F.when(are_recorded, count("returns")).alias("returns"),
        F.when(are_recorded, count("returned_units")).alias("returned_units"),
        F.when(are_recorded, percent(count("returned_units"), units)).alias("return_rate_percent"),
        recently.alias("units_last_90_days"),
        before.alias("units_previous_90_days"),
        change.alias("trend_percent"),
        F.when((recently == 0) & (before == 0), "none")
        .when(before == 0, "new")
        .when(change >= STEADY_PERCENT, "rising")
        .when(change <= -STEADY_PERCENT, "falling")
        .otherwise("steady")
        .alias("trend"),
        "last_sold_on",
        "category_rank",
    )


def _sold(fact_sales: DataFrame, back: DataFrame, as_of: date) -> DataFrame:
    """One row per source and product with a line that brought revenue or whose product came back.

    What was paid back brings no revenue any more, but it was demand, and a return rate is a share of all that was sold.
    """
    returned = back.select(*_PRODUCT, "order_id").distinct().withColumn("is_returned", F.lit(True))
    lines = (
        fact_sales.where("product_id IS NOT NULL")
        .select(*_PRODUCT, "order_id", "is_revenue", "quantity", "sales_amount", "ordered_on")
        .join(returned, [*_PRODUCT, "order_id"], "left")
        .where("is_revenue OR is_returned")
    )
    units = F.coalesce("quantity", F.lit(1)).cast("BIGINT")
    age = days_before(F.lit(as_of), F.col("ordered_on"))

    def within(first: int) -> Column:
        return F.sum(F.when(age.between(first, first + TREND_DAYS - 1), units))

    return lines.groupBy(*_PRODUCT).agg(
        F.sum(units).alias("units"),
        F.count("*").alias("order_lines"),
        F.sum(F.when(F.col("is_revenue"), F.col("sales_amount"))).cast(_MONEY).alias("revenue"),
        within(0).alias("recently"),
        within(TREND_DAYS).alias("before"),
        F.max("ordered_on").alias("last_sold_on"),
    )


@table(
    layer="gold",
    grain=["source", "promotion_id", "discount_band"],
    schema="""source STRING, promotion_id STRING, promotion_name STRING, discount_band STRING, orders BIGINT,
        order_lines BIGINT, units BIGINT, gross DECIMAL(19,2), discount DECIMAL(19,2), net DECIMAL(19,2),
        discount_percent DECIMAL(19,2), units_per_line DECIMAL(19,2), units_per_line_undiscounted DECIMAL(19,2),
        uplift_percent DECIMAL(19,2), margin DECIMAL(19,2), break_even_uplift_percent DECIMAL(19,2),
        is_break_even_reached BOOLEAN""",
    columns={
        "source": "the system the orders come from",
        "promotion_id": "the promotion's id in that system; null where the lines name none",
        "promotion_name": "the promotion's name",
        "discount_band": "none, or the discount's share of the gross amount: up to 5, 10, 20, 30 or 50 %, over 50 %",
        "orders": "orders with such a line, each counted once",
        "order_lines": "lines that brought revenue",
        "units": "their units; null where no quantity is recorded",
        "gross": "net + discount",
        "discount": "discounts on the lines",
        "net": "total of the lines, net of their discounts, without tax and freight",
        "discount_percent": "100 x discount / gross",
        "units_per_line": "units per line, of the lines with a quantity and a product that was also sold undiscounted",
        "units_per_line_undiscounted": "what lines of the same products have without a discount, on average",
        "uplift_percent": "change of the former on the latter, in percent",
        "margin": "net - units x the products' present unit costs, over lines where both are known; else null",
        "break_even_uplift_percent": "uplift at which these lines earn what their products would have earned without "
        "the discount: 100 x discount / margin; null where no margin is left, or none is known",
        "is_break_even_reached": "whether the uplift is that high; false where no margin is left, null for lines "
        "without a discount or where one of the two is unknown",
    },
)
def discount_impact(fact_sales: DataFrame, products: DataFrame, promotions: DataFrame) -> DataFrame:
    """One row per source, promotion and discount band with an order line that brought revenue.

    The uplift compares lines, it does not prove a cause: a volume discount is given because much was ordered. Lines
    without a product are left out.
    """
    group = ["source", "promotion_id", "discount_band"]
    lines = _discounted(fact_sales)
    small = lines.groupBy(*group, "product_id").agg(
        F.count("*").alias("order_lines"),
        F.count("quantity").alias("counted_lines"),
        F.sum(F.col("quantity").cast("BIGINT")).alias("units"),
        *(F.sum(name).alias(name) for name in ("gross", "discount", "net", "counted_net", "counted_discount")),
    )
    plain = (
        small.where(F.col("discount_band") == NO_DISCOUNT)
        .groupBy(*_PRODUCT)
        .agg(_quotient(F.sum("units"), F.sum("counted_lines")).alias("usual"))
    )
    costs = products.select(*_PRODUCT, "unit_cost")
    compared = (
        small.join(plain, _PRODUCT, "left")
        .join(costs, _PRODUCT, "left")
        .withColumn("orders", F.lit(None).cast("BIGINT"))
    )
    has_usual, has_cost = F.col("usual").isNotNull() & F.col("units").isNotNull(), F.col("unit_cost").isNotNull()
    cost = F.col("units") * F.col("unit_cost")
    # in one table of small rows, because a join on promotion_id would lose the lines that name none
    sums = (
        compared.unionByName(_orders(lines, group), allowMissingColumns=True)
        .groupBy(*group)
        .agg(
            *(F.sum(name).alias(name) for name in ("orders", "order_lines", "units", "gross", "discount", "net")),
            F.sum(F.when(has_usual, F.col("counted_lines"))).alias("compared_lines"),
            F.sum(F.when(has_usual, F.col("units"))).alias("compared_units"),
            F.sum(F.when(has_usual, F.col("counted_lines") * F.col("usual"))).cast(_MONEY).alias("usual_units"),
            F.sum((F.col("counted_net") - cost).cast(_MONEY)).alias("margin"),
            F.sum(F.when(has_cost, F.col("counted_discount"))).alias("costed_discount"),
        )
    )
    names = promotions.select("source", "promotion_id", "promotion_name")
    uplift = percent(F.col("compared_units") - F.col("usual_units"), F.col("usual_units"))
    needed = F.when(F.col("margin") > 0, percent(F.col("costed_discount"), F.col("margin")))
    is_discounted = F.col("discount_band") != NO_DISCOUNT
    return sums.join(names, ["source", "promotion_id"], "left").select(
        "source",
        "promotion_id",
        "promotion_name",
        "discount_band",
        "orders",
        "order_lines",
        "units",
        *(money_or_zero(F.col(name)).alias(name) for name in ("gross", "discount", "net")),
        percent(F.col("discount"), F.col("gross")).alias("discount_percent"),
        ratio(F.col("compared_units"), F.col("compared_lines")).alias("units_per_line"),
        ratio(F.col("usual_units"), F.col("compared_lines")).alias("units_per_line_undiscounted"),
        uplift.alias("uplift_percent"),
        F.when(F.col("margin").isNotNull(), money_or_zero(F.col("margin"))).alias("margin"),
        F.when(is_discounted, needed).alias("break_even_uplift_percent"),
        F.when(is_discounted & (F.col("margin") <= 0), False)
        .when(is_discounted, uplift >= needed)
        .alias("is_break_even_reached"),
    )


def _discounted(fact_sales: DataFrame) -> DataFrame:
    """The lines that brought revenue, with their discount band."""
    zero = F.lit(0).cast(_MONEY)
    has_quantity = F.col("quantity").isNotNull()
    lines = fact_sales.where("is_revenue AND product_id IS NOT NULL").select(
        *_PRODUCT,
        "promotion_id",
        "order_id",
        "lines_in_order",
        "quantity",
        F.coalesce("discount_amount", zero).alias("discount"),
        F.coalesce("sales_amount", zero).alias("net"),
    )
    gross = (F.col("net") + F.col("discount")).cast(_MONEY)
    # amounts are rounded to 0.0001, so that the share of 5 % may be 5.00001 %
    share = F.when(gross > 0, F.round(F.col("discount").cast("DECIMAL(23,4)") / gross, 4))
    band = F.when(F.col("discount") <= 0, NO_DISCOUNT)
    for highest, name in BANDS:
        band = band.when(share <= F.lit(Decimal(highest) / 100), name)
    return lines.select(
        "*",
        gross.alias("gross"),
        F.when(has_quantity, F.col("net")).alias("counted_net"),
        F.when(has_quantity, F.col("discount")).alias("counted_discount"),
        band.otherwise(MOST).alias("discount_band"),
    )


def _orders(lines: DataFrame, group: list[str]) -> DataFrame:
    """Orders of each group, each counted once; count(distinct) is slow on Sail."""
    alone = lines.where("lines_in_order = 1").select(*group, "order_id")
    several = lines.where("lines_in_order > 1").select(*group, "order_id").distinct()
    return alone.unionByName(several).groupBy(*group).agg(F.count("*").alias("orders"))


def _quotient(numerator: Column, denominator: Column) -> Column:
    """The quotient to six decimals, of which the engines agree; NULL where the denominator is 0."""
    exact = numerator.cast("DECIMAL(23,4)") / denominator.cast("DECIMAL(19,4)")
    return F.when(denominator != 0, F.round(exact, 6).cast("DECIMAL(19,6)"))
