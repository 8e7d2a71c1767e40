"""What suppliers deliver, at what cost and how fast."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import percent, ratio
from c360.registry import table

_PRODUCT = ["source", "product_id"]


@table(
    layer="gold",
    grain=["source", "supplier_id"],
    schema="""source STRING, supplier_id STRING, supplier_name STRING, country STRING, payment_terms STRING,
        rating DECIMAL(5,2), products BIGINT, primary_for BIGINT, cheapest_for BIGINT, priced_products BIGINT,
        cost_percent_of_price DECIMAL(19,2), average_lead_time_days DECIMAL(19,2), longest_lead_time_days INT,
        products_to_reorder BIGINT, units_to_reorder BIGINT""",
    columns={
        "source": "the system that keeps the suppliers",
        "supplier_id": "the supplier's id in that system",
        "supplier_name": "its name",
        "country": "its country",
        "payment_terms": "when it is paid",
        "rating": "the source's rating of its quality",
        "products": "products it supplies",
        "primary_for": "of these, products of which it is the primary supplier",
        "cheapest_for": "of these, products that others supply too, none of them at a lower cost",
        "priced_products": "of these, products whose cost and list price are known",
        "cost_percent_of_price": "what these cost all together, in percent of their list prices; below 100 is margin",
        "average_lead_time_days": "mean lead time of its products",
        "longest_lead_time_days": "the longest of them",
        "products_to_reorder": "products to be reordered somewhere, of those it is primary for",
        "units_to_reorder": "units of these to order, as far as quantities are known",
    },
)
def supplier_scorecard(
    suppliers: DataFrame, product_suppliers: DataFrame, products: DataFrame, inventory_position: DataFrame
) -> DataFrame:
    """One row per source and supplier: products, cost against price, lead time, rating, and what is to be reordered.

    A supplier without products stays, with counts of 0. A product's cost is what this supplier asks for it.
    """
    to_reorder = (
        inventory_position.where("action = 'reorder'")
        .groupBy(*_PRODUCT)
        .agg(F.sum("order_quantity").alias("order_quantity"), F.lit(True).alias("is_due"))
    )
    product = Window.partitionBy(*_PRODUCT)
    offers = (
        product_suppliers.select(
            *_PRODUCT,
            "supplier_id",
            "lead_time_days",
            "unit_cost",
            F.coalesce("is_primary", F.lit(False)).alias("is_primary"),
            ((F.col("unit_cost") == F.min("unit_cost").over(product)) & (F.count("unit_cost").over(product) > 1)).alias(
                "is_cheapest"
            ),
        )
        .join(products.select(*_PRODUCT, "list_price"), _PRODUCT, "left")
        .join(to_reorder, _PRODUCT, "left")
    )
    is_priced = F.col("unit_cost").isNotNull() & F.col("list_price").isNotNull()
    is_due = F.col("is_primary") & F.col("is_due")
    of_supplier = offers.groupBy("source", "supplier_id").agg(
        F.count("*").alias("products"),
        F.count(F.when(F.col("is_primary"), True)).alias("primary_for"),
        F.count(F.when(F.col("is_cheapest"), True)).alias("cheapest_for"),
        F.count(F.when(is_priced, True)).alias("priced_products"),
        F.sum(F.when(is_priced, F.col("unit_cost"))).alias("cost"),
        F.sum(F.when(is_priced, F.col("list_price"))).alias("price"),
        F.sum(F.col("lead_time_days").cast("BIGINT")).alias("lead_time"),
        F.count("lead_time_days").alias("lead_times"),
        F.max("lead_time_days").alias("longest_lead_time_days"),
        F.count(F.when(is_due, True)).alias("products_to_reorder"),
        F.sum(F.when(is_due, F.col("order_quantity"))).alias("units_to_reorder"),
    )

    def count(name: str) -> Column:
        return F.coalesce(name, F.lit(0).cast("BIGINT")).alias(name)

    return suppliers.join(of_supplier, ["source", "supplier_id"], "left").select(
        "source",
        "supplier_id",
        "supplier_name",
        "country",
        "payment_terms",
        "rating",
        count("products"),
        count("primary_for"),
        count("cheapest_for"),
        count("priced_products"),
        percent(F.col("cost"), F.col("price")).alias("cost_percent_of_price"),
        ratio(F.col("lead_time"), F.col("lead_times")).alias("average_lead_time_days"),
        "longest_lead_time_days",
        count("products_to_reorder"),
        count("units_to_reorder"),
    )
