"""Which products are bought together."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from c360.config.demand import Affinity
from c360.config.segments import Segments
from c360.registry import table

_ORDER = ["source", "order_id"]
_SHARE = "DECIMAL(19,6)"


@table(
    layer="gold",
    grain=["source", "product_id", "with_product_id"],
    anonymous=("order_lines",),
    schema="""source STRING, product_id STRING, product_name STRING, with_product_id STRING, with_product_name STRING,
        orders_with_both BIGINT, orders_with_product BIGINT, orders BIGINT, orders_left_out BIGINT,
        support DECIMAL(19,6), confidence DECIMAL(19,6), confidence_back DECIMAL(19,6), lift DECIMAL(19,6),
        rank_for_product INT, pair_rank INT""",
    columns={
        "source": "the system the orders come from",
        "product_id": "a product",
        "product_name": "its name",
        "with_product_id": "a product that is bought in the same orders",
        "with_product_name": "its name",
        "orders_with_both": "orders with both",
        "orders_with_product": "orders with the first",
        "orders": "orders of the source with a product at all, that brought revenue and are not left out",
        "orders_left_out": "orders of more different products than max_basket in conf/segments.yml",
        "support": "orders_with_both / orders",
        "confidence": "share of the orders with the first that hold the second too",
        "confidence_back": "share of the orders with the second that hold the first too",
        "lift": "how many times as often as chance would have it the two meet: support / the product of their shares",
        "rank_for_product": "1 for the product that goes best with the first, by lift; ties: more orders, then its id",
        "pair_rank": "1 for the pair of the source with the highest lift, from either side; ties as before",
    },
)
def affinity(order_lines: DataFrame, products: DataFrame, segments: Segments) -> DataFrame:
    """One row per source, product and product that is bought with it: orders, support, confidence and lift.

    A pair has two rows, one from either side. A product counts once in an order; orders of one product count as orders,
    orders of very many are left out. A pair that is seen less often than conf/segments.yml asks has no row.
    """
    settings = segments.affinity
    items = (
        order_lines.where("is_revenue AND product_id IS NOT NULL").select("source", "order_id", "product_id").distinct()
    )
    sizes = items.groupBy(*_ORDER).agg(F.count("*").alias("products"))
    too_big = F.col("products") > settings.max_basket
    orders = sizes.groupBy("source").agg(
        F.count(F.when(~too_big, True)).alias("orders"), F.count(F.when(too_big, True)).alias("orders_left_out")
    )
    met = _met(items, sizes.where(too_big)).join(orders, "source")
    frequent = _often_enough(settings) | (F.col("a") == F.col("b"))
    names = products.select("source", "product_id", "product_name")
    return (
        _from_both_sides(met.where(frequent))
        .join(names, ["source", "product_id"], "left")
        .join(names.toDF("source", "with_product_id", "with_product_name"), ["source", "with_product_id"], "left")
        .select(
            "source",
            "product_id",
            "product_name",
            "with_product_id",
            "with_product_name",
            "orders_with_both",
            "orders_with_product",
            "orders",
            "orders_left_out",
            _quotient(F.col("orders_with_both"), F.col("orders")).alias("support"),
            _quotient(F.col("orders_with_both"), F.col("orders_with_product")).alias("confidence"),
            _quotient(F.col("orders_with_both"), F.col("orders_with_other")).alias("confidence_back"),
            "lift",
            F.row_number().over(_best("product_id", ties=["with_product_id"])).alias("rank_for_product"),
            F.dense_rank().over(_best(ties=["a", "b"])).alias("pair_rank"),
        )
    )


def _met(items: DataFrame, too_big: DataFrame) -> DataFrame:
    """One row per pair, `a` before `b`, and one per product with itself, which counts the orders with it.

    So one pass counts all; a count by itself would be read for each of the two products.
    """
    a = items.join(too_big, _ORDER, "left_anti").select(*_ORDER, F.col("product_id").alias("a"))
    b = items.select(*_ORDER, F.col("product_id").alias("b"))
    return a.join(b, _ORDER).where("a <= b").groupBy("source", "a", "b").agg(F.count("*").alias("orders_with_both"))


def _often_enough(settings: Affinity) -> Column:
    both = F.col("orders_with_both")
    return (both >= settings.min_orders) & (both / F.col("orders") >= settings.min_support)


def _from_both_sides(met: DataFrame) -> DataFrame:
    """One row per product and product bought with it, with their lift."""
    sides = F.array(
        *(F.struct(F.col(x).alias("product_id"), F.col(y).alias("with_product_id")) for x, y in ("ab", "ba"))
    )
    alone = F.when(F.col("a") == F.col("b"), F.col("orders_with_both"))
    both, orders = F.col("orders_with_both").cast("DOUBLE"), F.col("orders").cast("DOUBLE")
    by_chance = F.col("orders_with_product").cast("DOUBLE") * F.col("orders_with_other").cast("DOUBLE")
    return (
        met.select("*", F.explode(sides).alias("side"), alone.alias("alone"))
        .select("*", "side.product_id", "side.with_product_id")
        .withColumn("orders_with_product", F.max("alone").over(Window.partitionBy("source", "product_id")))
        .withColumn("orders_with_other", F.max("alone").over(Window.partitionBy("source", "with_product_id")))
        .where("a != b")
        .withColumn("lift", _quotient(both * orders, by_chance))
    )


def _best(*within: str, ties: list[str]) -> WindowSpec:
    return Window.partitionBy("source", *within).orderBy(F.desc("lift"), F.desc("orders_with_both"), *ties)


def _quotient(numerator: Column, denominator: Column) -> Column:
    """The quotient of two counts. Doubles divide alike on both engines, decimals do not."""
    quotient = numerator.cast("DOUBLE") / denominator.cast("DOUBLE")
    return F.round(quotient.cast("DECIMAL(38,12)"), 6).cast(_SHARE)
