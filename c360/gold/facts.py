"""Sales line by line, and how what an order's header says is divided among its lines."""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.registry import table

ORDER = ["source", "order_id"]
LARGEST_WEIGHTS = 10**14
"""What the weights of an order may add up to, in the unit below: with more, products leave 38 digits."""

_UNITS = 10_000
"""Of money's last decimal place in 1."""
_MONEY = "DECIMAL(19,4)"
_WEIGHT = "DECIMAL(15,0)"
_HEADER = ("subtotal", "order_discount", "tax", "freight", "rest")


@table(
    layer="gold",
    grain=["source", "order_id", "order_line_id"],
    anonymous=("orders", "order_lines"),
    schema="""source STRING, order_id STRING, order_line_id STRING, customer_id STRING, product_id STRING,
        store_id STRING, promotion_id STRING, channel STRING, territory STRING, currency STRING, status STRING,
        is_revenue BOOLEAN, ordered_at TIMESTAMP, ordered_on DATE, lines_in_order INT, quantity INT,
        unit_price DECIMAL(19,4), gross_amount DECIMAL(19,4), discount_amount DECIMAL(19,4),
        sales_amount DECIMAL(19,4), subtotal_amount DECIMAL(19,4), order_discount_amount DECIMAL(19,4),
        tax_amount DECIMAL(19,4), freight_amount DECIMAL(19,4), total_due_amount DECIMAL(19,4)""",
    columns={
        "source": "the system the order comes from",
        "order_id": "the order's id in that system",
        "order_line_id": "the line's id in its order; null where the source did not record what the order was of",
        "customer_id": "the customer's id in that system, for a join with customer_records; null for a guest",
        "product_id": "the product's id in that system",
        "store_id": "the store's id in that system; null where the order names none",
        "promotion_id": "the promotion's id in that system; null where the line names none",
        "channel": "the channel of the order, such as online or store",
        "territory": "the sales territory the order belongs to",
        "currency": "currency of the amounts",
        "status": "the order's status",
        "is_revenue": "whether the order brought revenue: not cancelled, failed or refunded",
        "ordered_at": "when it was ordered",
        "ordered_on": "the day of that, in the source's time zone",
        "lines_in_order": "lines of the order; 1 where they were not recorded",
        "quantity": "units of the line; null where they are not recorded",
        "unit_price": "price of one unit, before discount",
        "gross_amount": "sales_amount + discount_amount",
        "discount_amount": "discount on the line; of an order without lines, on the order",
        "sales_amount": "the line's amount, net of its discount; of an order without lines, its subtotal less its "
        "discount, or its total where no subtotal is known",
        "subtotal_amount": "the line's part of the order's subtotal; the parts add up to it exactly",
        "order_discount_amount": "the line's part of the discount on the order as a whole",
        "tax_amount": "the line's part of the order's tax",
        "freight_amount": "the line's part of what the order's customer paid for shipping",
        "total_due_amount": "the line's part of the order's total: subtotal - order discount + tax + freight, and of "
        "what the order's total differs from the sum of these",
    },
)
def fact_sales(orders: DataFrame, order_lines: DataFrame) -> DataFrame:
    """One row per order line, with its parts of the order's subtotal, discount, tax, freight and total.

    An order whose lines were not recorded is one row, without a line and a product, so that no sale is missing. A line
    whose order is not known has nulls for what only the order says. See `allocated` for the parts.
    """
    lines, heads = _of_lines(order_lines), _of_orders(orders)
    parts = allocated(lines.where("NOT is_only_line"), heads)
    rows = heads.join(lines, ORDER, "full").join(parts, [*ORDER, "order_line_id"], "left")
    # An order's only line, or the order itself, has all of its amounts, and needs no window.
    is_whole = F.coalesce("is_only_line", F.lit(True))
    rows = rows.select(
        *(c for c in rows.columns if c not in (*_HEADER, "lines_in_order")),
        F.when(is_whole, 1).otherwise(F.col("lines_in_order")).cast("INT").alias("lines_in_order"),
        *(F.when(is_whole, F.col(name)).otherwise(F.col(_part(name))).alias(name) for name in _HEADER),
    )

    def known(name: str) -> Column:
        return F.coalesce(f"order_{name}", f"line_{name}").alias(name)

    has_line = F.col("order_line_id").isNotNull()
    of_order = F.coalesce(F.col("subtotal") - _or_zero("order_discount"), F.col("total"))
    sales = F.when(has_line, F.col("line_amount")).otherwise(of_order).cast(_MONEY)
    discount = F.when(has_line, F.col("line_discount")).otherwise(F.col("order_discount")).cast(_MONEY)
    due = _or_zero("subtotal") - _or_zero("order_discount") + _or_zero("tax") + _or_zero("freight") + F.col("rest")
    return rows.select(
        *ORDER,
        "order_line_id",
        known("customer_id"),
        "product_id",
        known("store_id"),
        "promotion_id",
        "channel",
        "territory",
        "currency",
        known("status"),
        known("is_revenue"),
        known("ordered_at"),
        F.coalesce("ordered_on", F.to_date("line_ordered_at")).alias("ordered_on"),
        "lines_in_order",
        "quantity",
        "unit_price",
        (sales + F.coalesce(discount, _zero())).cast(_MONEY).alias("gross_amount"),
        discount.alias("discount_amount"),
        sales.alias("sales_amount"),
        F.col("subtotal").alias("subtotal_amount"),
        F.col("order_discount").alias("order_discount_amount"),
        F.col("tax").alias("tax_amount"),
        F.col("freight").alias("freight_amount"),
        due.cast(_MONEY).alias("total_due_amount"),
    )


def _of_lines(order_lines: DataFrame) -> DataFrame:
    return order_lines.select(
        *ORDER,
        "order_line_id",
        *(F.col(name).alias(f"line_{name}") for name in ("customer_id", "store_id", "status", "is_revenue")),
        F.col("ordered_at").alias("line_ordered_at"),
        "product_id",
        "promotion_id",
        "quantity",
        "unit_price",
        F.col("discount_amount").alias("line_discount"),
        "line_amount",
        "is_only_line",
    )


def _of_orders(orders: DataFrame) -> DataFrame:
    """The headers, with `rest`: what the total is besides the amounts that the header names."""
    named = (
        F.coalesce("subtotal_amount", _zero())
        - F.coalesce("discount_amount", _zero())
        + F.coalesce("tax_amount", _zero())
        + F.coalesce("shipping_amount", _zero())
    )
    return orders.select(
        *ORDER,
        *(F.col(name).alias(f"order_{name}") for name in ("customer_id", "store_id", "status", "is_revenue")),
        F.col("ordered_at").alias("order_ordered_at"),
        F.to_date("ordered_local_at").alias("ordered_on"),
        "channel",
        "territory",
        "currency",
        F.col("total_amount").alias("total"),
        F.col("subtotal_amount").alias("subtotal"),
        F.col("discount_amount").alias("order_discount"),
        F.col("tax_amount").alias("tax"),
        F.col("shipping_amount").alias("freight"),
        (F.col("total_amount") - named).cast(_MONEY).alias("rest"),
    )


def allocated(lines: DataFrame, heads: DataFrame) -> DataFrame:
    """One row per line given: its part of each amount of its order (`_HEADER`), and how many lines the order has.

    The method is that of the largest remainder (Hamilton's): every line gets its share in proportion to `line_amount`,
    rounded down to four decimals; what is then missing goes, 0.0001 each, to the lines whose shares lost most by that,
    of equal ones to that with the smaller id. So the parts add up to the order's amount exactly, whatever its sign.
    Lines that add up to nothing, to less or to more than ten billion have equal shares.
    """
    whole = Window.partitionBy(*ORDER)
    key = [*ORDER, "order_line_id"]
    # Windows sort their rows: only what is reckoned with goes through them.
    weighed = lines.select(*key, _units(F.coalesce("line_amount", _zero())).alias("weight")).select(
        "*",
        F.sum("weight").over(whole).alias("weights"),
        F.sum(F.abs("weight")).over(whole).alias("size"),
        F.count("*").over(whole).alias("lines_in_order"),
    )
    by_amount = (F.col("weights") > 0) & (F.col("size") <= LARGEST_WEIGHTS)
    shared = weighed.select(
        *key,
        "lines_in_order",
        F.when(by_amount, F.col("weight")).otherwise(1).cast(_WEIGHT).alias("part"),
        F.when(by_amount, F.col("weights")).otherwise(F.col("lines_in_order")).cast(_WEIGHT).alias("of"),
    ).join(heads.select(*ORDER, *(_units(F.col(name)).alias(name) for name in _HEADER)), ORDER, "left")
    rounded_down = shared.select("*", *(_remainder(name).alias(f"{name}_remainder") for name in _HEADER)).select(
        "*", *(_floor(name).alias(f"{name}_floor") for name in _HEADER)
    )
    placed = rounded_down.select(
        *key,
        "lines_in_order",
        *(f"{name}_floor" for name in _HEADER),
        *((F.col(name) - F.sum(f"{name}_floor").over(whole)).alias(f"{name}_missing") for name in _HEADER),
        *(
            F.row_number().over(whole.orderBy(F.desc(f"{name}_remainder"), "order_line_id")).alias(f"{name}_place")
            for name in _HEADER
        ),
    )

    def with_its_unit(name: str) -> Column:
        unit = F.when(F.col(f"{name}_place") <= F.col(f"{name}_missing"), 1).otherwise(0)
        return ((F.col(f"{name}_floor") + unit) * F.lit(Decimal("0.0001"))).cast(_MONEY).alias(_part(name))

    return placed.select(*key, "lines_in_order", *(with_its_unit(name) for name in _HEADER))


def _part(name: str) -> str:
    return f"{name}_part"


def _share(name: str) -> Column:
    """The line's share, in units and `of`ths of them."""
    return F.col(name) * F.col("part")


def _remainder(name: str) -> Column:
    """What rounding the share down leaves, in parts of `of`; never negative."""
    rest = _share(name) % F.col("of")
    return F.when(rest < 0, rest + F.col("of")).otherwise(rest).cast(_WEIGHT)


def _floor(name: str) -> Column:
    """The share in units, rounded down; the division leaves no rest, so the engines cannot disagree on it."""
    return ((_share(name) - F.col(f"{name}_remainder")) / F.col("of")).cast("DECIMAL(19,0)")


def _units(amount: Column) -> Column:
    return (amount * F.lit(_UNITS)).cast("DECIMAL(19,0)")


def _zero() -> Column:
    return F.lit(0).cast(_MONEY)


def _or_zero(name: str) -> Column:
    return F.coalesce(name, _zero())
