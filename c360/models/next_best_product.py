"""What to offer to whom next."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.config.segments import Segments
from c360.gold.inventory import free_stock, is_sold
from c360.registry import table

_PRODUCT = ["source", "product_id"]


@table(
    layer="gold",
    grain=["c360_id", "rank"],
    schema="""c360_id STRING, rank INT, source STRING, product_id STRING, product_name STRING, category STRING,
        because_product_id STRING, because_product_name STRING, lift DECIMAL(19,6), confidence DECIMAL(19,6),
        orders_with_both BIGINT""",
    columns={
        "c360_id": "the person",
        "rank": "1 for what to offer first: the highest lift; ties: more orders with both, then source and ids",
        "source": "the system that sells it",
        "product_id": "a product the person has not bought",
        "product_name": "its name",
        "category": "its category",
        "because_product_id": "the product the person has bought that it goes with best",
        "because_product_name": "its name",
        "lift": "how many times as often as chance would have it the two are bought together",
        "confidence": "share of the orders with the bought product that hold this one too",
        "orders_with_both": "orders with both",
    },
)
def next_best_product(
    order_lines: DataFrame, affinity: DataFrame, products: DataFrame, inventory: DataFrame, segments: Segments
) -> DataFrame:
    """One row per person and rank: a product that goes with what the person has bought, and because of which product.

    Offered is what the person has not bought, is in the catalogue, has no status that conf/segments.yml excludes, and
    is in stock somewhere, or not known to be out of stock. Who has bought nothing that other products go with has no
    row. Of what goes with a product the `pairs_per_product` with the highest lift are considered.
    """
    settings = segments.next_best_product
    pairs = _numbered(affinity, _offered(products, inventory, settings.not_offered), settings.pairs_per_product)
    bought = (
        order_lines.where("is_revenue AND c360_id IS NOT NULL AND product_id IS NOT NULL")
        .select("c360_id", *_PRODUCT)
        .distinct()
    )
    candidates = (
        bought.withColumnRenamed("product_id", "because_product_id")
        .join(
            pairs.select("source", "because_product_id", "product_id", "preference"), ["source", "because_product_id"]
        )
        .groupBy("c360_id", *_PRODUCT)
        .agg(F.min("preference").alias("preference"))
        .join(bought, ["c360_id", *_PRODUCT], "left_anti")
    )
    first = Window.partitionBy("c360_id").orderBy("preference")
    return (
        candidates.select("c360_id", "preference", F.row_number().over(first).alias("rank"))
        .where(F.col("rank") <= settings.per_person)
        .join(pairs, "preference")
        .select(
            "c360_id",
            "rank",
            "source",
            "product_id",
            "product_name",
            "category",
            "because_product_id",
            "because_product_name",
            "lift",
            "confidence",
            "orders_with_both",
        )
    )


def _offered(products: DataFrame, inventory: DataFrame, excluded: tuple[str, ...]) -> DataFrame:
    stock = inventory.groupBy(*_PRODUCT).agg(F.sum(free_stock()).alias("free"))
    return (
        products.where(is_sold(excluded))
        .join(stock, _PRODUCT, "left")
        .where("free > 0 OR free IS NULL")
        .select(*_PRODUCT, "product_name", "category")
    )


def _numbered(affinity: DataFrame, offered: DataFrame, per_product: int) -> DataFrame:
    """One row per pair of a bought and an offered product that meet more often than by chance.

    `preference` numbers them, 1 the best, so that to choose is to find the least number.
    """
    best_first = (F.desc("lift"), F.desc("orders_with_both"), "source", "product_id", "because_product_id")
    return (
        affinity.where("lift > 1")
        .select(
            "source",
            F.col("product_id").alias("because_product_id"),
            F.col("product_name").alias("because_product_name"),
            F.col("with_product_id").alias("product_id"),
            "lift",
            "confidence",
            "orders_with_both",
            "rank_for_product",
        )
        .join(offered, _PRODUCT)
        .withColumn(
            "place", F.row_number().over(Window.partitionBy("source", "because_product_id").orderBy("rank_for_product"))
        )
        .where(F.col("place") <= per_product)
        .withColumn("preference", F.row_number().over(Window.partitionBy(F.lit(1)).orderBy(*best_first)))
    )
