"""What lies in stock, for how long it lasts, and what to order."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.config.segments import Segments
from c360.gold.columns import any_of, ratio
from c360.registry import table

_PRODUCT = ["source", "product_id"]
_LOCATION = ["source", "location_id"]


@table(
    layer="gold",
    grain=["source", "product_id", "location_id"],
    anonymous=("order_lines",),
    schema="""source STRING, product_id STRING, product_name STRING, category STRING, status STRING, location_id STRING,
        location_name STRING, location_type STRING, stock BIGINT, reserved BIGINT, free BIGINT, reorder_point BIGINT,
        max_stock BIGINT, daily_demand DECIMAL(19,4), days_of_cover DECIMAL(19,2), lead_time_days INT, action STRING,
        order_quantity BIGINT""",
    columns={
        "source": "the system that keeps the stock",
        "product_id": "the product's id in that system",
        "product_name": "its name",
        "category": "its category",
        "status": "its status, such as active or discontinued",
        "location_id": "where it lies",
        "location_name": "name of the location",
        "location_type": "such as warehouse or store",
        "stock": "units there",
        "reserved": "of these, promised to somebody",
        "free": "stock less what is known to be reserved",
        "reorder_point": "free stock at which it is to be ordered",
        "max_stock": "the largest stock there should be",
        "daily_demand": "units a day expected here over the weeks of gold.forecast",
        "days_of_cover": "days that the free stock lasts; null where no demand is expected or it is unknown",
        "lead_time_days": "days its primary supplier takes, or the quickest where none is primary",
        "action": "reorder, overstock or ok; null where neither demand nor limits are known",
        "order_quantity": "units to order now, 0 where there is nothing to order; null where unknown",
    },
)
def inventory_position(
    inventory: DataFrame,
    products: DataFrame,
    locations: DataFrame,
    product_suppliers: DataFrame,
    order_lines: DataFrame,
    forecast: DataFrame,
    segments: Segments,
) -> DataFrame:
    """One row per source, product and location with a stock record: stock, demand, days of cover, and what to do.

    A product's demand is the forecast of its category times its share of the category's units of the last weeks; its
    locations have it in proportion to their reorder points, which say what each is expected to need, or in equal parts
    where one of them has none. Several records of a product at a location add up.

    Reorder: the free stock is down to the reorder point, or will not last until the supplier has delivered. Overstock:
    there is more than the largest stock, or it lasts longer than conf/segments.yml allows. A product that is no longer
    sold is never reordered. An order fills up to the largest stock, or where none is set covers `target_days`.
    """
    settings = segments.inventory
    demand = _daily_demand(_recent_units(order_lines, forecast, settings.recent_weeks), products, forecast)
    sold = is_sold(segments.next_best_product.not_offered)
    known = (
        _stock(inventory)
        .join(products.select(*_PRODUCT, "product_name", "category", "status", sold.alias("is_sold")), _PRODUCT, "left")
        .join(locations.select("source", "location_id", "location_name", "location_type"), _LOCATION, "left")
        .join(demand, _PRODUCT, "left")
        .join(_lead_time(product_suppliers), _PRODUCT, "left")
        .withColumn("daily_demand", _quantity(F.col("product_demand") * _share_of_location()))
        .withColumn("days_of_cover", ratio(_not_below_zero(F.col("free")), F.col("daily_demand")))
    )
    return known.withColumn("action", _action(settings.overstock_days)).select(
        *_PRODUCT,
        "product_name",
        "category",
        "status",
        "location_id",
        "location_name",
        "location_type",
        "stock",
        "reserved",
        "free",
        "reorder_point",
        "max_stock",
        "daily_demand",
        "days_of_cover",
        "lead_time_days",
        "action",
        _order_quantity(settings.target_days).alias("order_quantity"),
    )


def free_stock() -> Column:
    """Stock less what is known to be reserved, BIGINT; not every system keeps reservations."""
    return F.col("stock").cast("BIGINT") - F.coalesce(F.col("reserved").cast("BIGINT"), F.lit(0))


def is_sold(excluded: tuple[str, ...]) -> Column:
    """True unless the product's status is one of these; a product without a status is sold."""
    return ~F.coalesce(F.lower("status").isin([status.lower() for status in excluded]), F.lit(False))


def _stock(inventory: DataFrame) -> DataFrame:
    kept = ("stock", "reserved", "reorder_point", "max_stock")
    return inventory.groupBy(*_PRODUCT, "location_id").agg(
        *(F.sum(F.col(name).cast("BIGINT")).alias(name) for name in kept), F.sum(free_stock()).alias("free")
    )


def _recent_units(lines: DataFrame, forecast: DataFrame, weeks: int) -> DataFrame:
    """One row per source and product sold in the weeks before the source's forecast: units."""
    begins = forecast.groupBy("source").agg(F.min("week_start").alias("begins"))
    day = F.to_date("ordered_at")
    return (
        lines.where("is_revenue AND quantity IS NOT NULL")
        .join(begins, "source")
        .where((day < F.col("begins")) & (day >= F.date_sub("begins", 7 * weeks)))
        .groupBy(*_PRODUCT)
        .agg(F.sum(F.col("quantity").cast("BIGINT")).alias("units"))
    )


def _daily_demand(units: DataFrame, products: DataFrame, forecast: DataFrame) -> DataFrame:
    """One row per source and product of the catalogue or sold lately: units a day, null where nothing says so.

    A product that sold nothing in a category that sold has a demand of 0.
    """
    expected = (
        forecast.where("measure = 'units'")
        .groupBy("source", "category")
        .agg(F.sum("expected").alias("expected"), F.max("weeks_ahead").alias("weeks"))
        .toDF("of_source", "of_category", "expected", "weeks")
    )
    every = products.select(*_PRODUCT, "category").join(units, _PRODUCT, "full")
    of_category = F.sum("units").over(Window.partitionBy("source", "category"))
    share = F.coalesce("units", F.lit(0)).cast("DOUBLE") / F.when(of_category > 0, of_category).cast("DOUBLE")
    same_category = (F.col("source") == F.col("of_source")) & F.col("category").eqNullSafe(F.col("of_category"))
    return (
        every.select("*", share.alias("share"))
        .join(expected, same_category, "left")
        .select(*_PRODUCT, (F.col("expected").cast("DOUBLE") * F.col("share") / (F.col("weeks") * 7)).alias("demand"))
        .select(*_PRODUCT, _not_below_zero(F.col("demand")).alias("product_demand"))
    )


def _share_of_location() -> Column:
    product = Window.partitionBy(*_PRODUCT)
    together, locations = F.sum("reorder_point").over(product), F.count("*").over(product)
    is_said = (F.count("reorder_point").over(product) == locations) & (together > 0)
    by_reorder_point = F.col("reorder_point").cast("DOUBLE") / together.cast("DOUBLE")
    return F.when(is_said, by_reorder_point).otherwise(F.lit(1.0) / locations.cast("DOUBLE"))


def _not_below_zero(number: Column) -> Column:
    """Null stays null, which `greatest` would make 0. The number first: on Sail the first branch says the type."""
    return F.when(number >= 0, number).when(number < 0, 0)


def _quantity(of: Column) -> Column:
    """Units with four decimals; by way of more digits, as the engines round doubles differently."""
    return F.round(of.cast("DECIMAL(38,10)"), 4).cast("DECIMAL(19,4)")


def _lead_time(product_suppliers: DataFrame) -> DataFrame:
    primary = F.when(F.col("is_primary"), F.col("lead_time_days"))
    return product_suppliers.groupBy(*_PRODUCT).agg(
        F.coalesce(F.min(primary), F.min("lead_time_days")).alias("lead_time_days")
    )


def _action(overstock_days: int) -> Column:
    """What is unknown triggers nothing; where all is unknown, so is the action."""
    is_low = [F.col("free") <= F.col("reorder_point"), F.col("days_of_cover") <= F.col("lead_time_days")]
    is_high = [
        F.col("stock") > F.col("max_stock"),
        F.col("days_of_cover") > overstock_days,
        (F.col("daily_demand") == 0) & (F.col("free") > 0),
    ]
    nothing_known = F.coalesce("reorder_point", "max_stock", "daily_demand").isNull() | F.col("free").isNull()
    return (
        F.when(nothing_known, None)
        .when(F.coalesce("is_sold", F.lit(True)) & _holds(is_low), "reorder")
        .when(_holds(is_high), "overstock")
        .otherwise("ok")
    )


def _holds(conditions: list[Column]) -> Column:
    return any_of([F.coalesce(condition, F.lit(False)) for condition in conditions])


def _order_quantity(target_days: int) -> Column:
    """Up to the largest stock, else to what `target_days` need and in any case above the reorder point."""
    needed = F.ceil(F.col("daily_demand") * target_days).cast("BIGINT")
    enough = F.greatest(needed, F.col("reorder_point") + 1)
    filled = F.coalesce("max_stock", F.when(needed.isNotNull(), enough))
    quantity = F.when(F.col("action") == "reorder", _not_below_zero(filled - F.col("free")))
    return quantity.when(F.col("action").isNotNull(), F.lit(0)).cast("BIGINT")
