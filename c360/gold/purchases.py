"""What everybody bought, line by line."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.registry import table


@table(
    layer="gold",
    grain=["c360_id", "source", "order_id", "order_line_id"],
    incremental_by="c360_id",
    schema="""c360_id STRING, source STRING, order_id STRING, order_line_id STRING, ordered_at TIMESTAMP,
        channel STRING, store_id STRING, store STRING, status STRING, is_revenue BOOLEAN, payment_method STRING,
        product_id STRING, product_name STRING, category STRING, brand STRING, quantity INT, unit_price DECIMAL(19,4),
        discount_amount DECIMAL(19,4), amount DECIMAL(19,4), margin DECIMAL(19,4), currency STRING, shipped_on DATE,
        promised_on DATE, delivered_on DATE, is_on_time BOOLEAN""",
    columns={
        "c360_id": "the person",
        "source": "the system the order comes from",
        "order_id": "the order's id in that system",
        "order_line_id": "the line's id in its order; null where the source did not record what the order was of",
        "ordered_at": "when it was ordered",
        "channel": "the channel of the order, such as online or store",
        "store_id": "the store's id in that system; null where the order names none",
        "store": "the store's name, else its location, else its id",
        "status": "the order's status",
        "is_revenue": "whether the order brought revenue",
        "payment_method": "how the order was paid",
        "product_id": "the product's id in that system",
        "product_name": "the product's name",
        "category": "the product's category",
        "brand": "the product's brand",
        "quantity": "units bought",
        "unit_price": "price of one unit",
        "discount_amount": "discount on the line",
        "amount": "the line's amount; the order's total where its lines were not recorded",
        "margin": "amount - quantity x the product's unit cost; null where one of them is unknown",
        "currency": "currency of the amounts",
        "shipped_on": "day the order's first shipment left; null where the order has no shipment",
        "promised_on": "the latest day promised for a shipment of the order",
        "delivered_on": "day the order's last shipment arrived",
        "is_on_time": "whether all of the order arrived when promised, as in fulfilment",
    },
)
def purchase_history(
    orders: DataFrame, order_lines: DataFrame, products: DataFrame, stores: DataFrame, fulfilment: DataFrame
) -> DataFrame:
    """One row per person and order line: product, store, channel, discount and delivery, whatever the order's status.

    An order whose lines were not recorded is one row, without a line and a product, so that no purchase is missing.
    Amounts keep their four decimals, so that what adds them up ties out with the source.
    """
    order = ["source", "order_id"]
    bought = orders.where("c360_id IS NOT NULL").select(
        "c360_id",
        *order,
        "ordered_at",
        "channel",
        "store_id",
        "status",
        "is_revenue",
        "payment_method",
        "total_amount",
        "currency",
    )
    lines = order_lines.where("c360_id IS NOT NULL").select(
        *order, "order_line_id", "product_id", "quantity", "unit_price", "discount_amount", "line_amount"
    )
    items = products.select("source", "product_id", "product_name", "category", "brand", "unit_cost")
    places = stores.select("source", "store_id", F.coalesce("store_name", "location").alias("known_as"))
    delivery = fulfilment.select(*order, "shipped_on", "promised_on", "delivered_on", "is_on_time")
    cost = (F.col("quantity") * F.col("unit_cost")).cast("DECIMAL(19,4)")
    return (
        bought.join(lines, order, "left")
        .join(items, ["source", "product_id"], "left")
        .join(places, ["source", "store_id"], "left")
        .join(delivery, order, "left")
        .select(
            "c360_id",
            *order,
            "order_line_id",
            "ordered_at",
            "channel",
            "store_id",
            F.coalesce("known_as", "store_id").alias("store"),
            "status",
            "is_revenue",
            "payment_method",
            "product_id",
            "product_name",
            "category",
            "brand",
            "quantity",
            "unit_price",
            "discount_amount",
            F.when(F.col("order_line_id").isNull(), F.col("total_amount"))
            .otherwise(F.col("line_amount"))
            .alias("amount"),
            (F.col("line_amount") - cost).cast("DECIMAL(19,4)").alias("margin"),
            "currency",
            "shipped_on",
            "promised_on",
            "delivered_on",
            "is_on_time",
        )
    )
