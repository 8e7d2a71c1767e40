"""What customers of a place do, month by month."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money_or_zero, percent, revenue_of
from c360.registry import table

_PLACE = ["source", "location", "month"]


@table(
    layer="gold",
    grain=_PLACE,
    schema="""source STRING, location STRING, month INT, active_customers BIGINT, new_customers BIGINT,
        returning_customers BIGINT, orders BIGINT, revenue DECIMAL(19,2), sessions BIGINT, payment_mix STRING,
        device_mix STRING""",
    columns={
        "source": "the system the orders and sessions come from",
        "location": "where the customer lives: the city, else the region, else the country of the golden record; null "
        "where that is unknown, as with guests",
        "month": "UTC month, such as 202503",
        "active_customers": "persons with an order, whatever its status, or a session in the month",
        "new_customers": "of these, persons the source had neither order nor session of before",
        "returning_customers": "of these, the others",
        "orders": "orders, whatever their status, those of guests too",
        "revenue": "total of the orders that brought revenue",
        "sessions": "sessions on the web site and in the app, those of guests too",
        "payment_mix": "share of the orders by payment method, the largest first: Card 62.50 %, Cash 37.50 %; orders "
        "without one are left out, null where none is known",
        "device_mix": "share of the sessions by device, likewise",
    },
)
def customer_behaviour(customers: DataFrame, orders: DataFrame, sessions: DataFrame) -> DataFrame:
    """One row per source, location and month with an order or a session: customers, orders, and how they pay and surf.

    Everybody has one location, that of today. Orders and sessions without a time are left out.
    """
    places = customers.select("c360_id", F.coalesce("city", "region", "country").alias("location"))
    done = _done(orders, sessions).join(places, "c360_id", "left")
    before = Window.partitionBy("source", "c360_id")
    persons = (
        done.groupBy(*_PLACE, "c360_id")
        .agg(
            F.count(F.when(F.col("is_order"), True)).alias("orders"),
            F.count(F.when(~F.col("is_order"), True)).alias("sessions"),
            F.sum("revenue").alias("revenue"),
        )
        .withColumn("first", F.min("month").over(before))
    )
    is_new = F.col("c360_id").isNotNull() & (F.col("month") == F.col("first"))
    is_back = F.col("c360_id").isNotNull() & (F.col("month") > F.col("first"))
    months = persons.groupBy(*_PLACE).agg(
        F.count("c360_id").alias("active_customers"),
        F.count(F.when(is_new, True)).alias("new_customers"),
        F.count(F.when(is_back, True)).alias("returning_customers"),
        *(F.sum(name).alias(name) for name in ("orders", "revenue", "sessions")),
    )
    # Added up rather than joined: null is a location too, and a null-safe join compares every row with every other.
    counts = ("active_customers", "new_customers", "returning_customers", "orders", "sessions")
    nothing = F.lit(None).cast("STRING")
    both = months.withColumns({"payment_mix": nothing, "device_mix": nothing}).unionByName(
        _mixes(done).withColumns(
            {name: F.lit(0).cast("BIGINT") for name in counts} | {"revenue": F.lit(0).cast("DECIMAL(19,4)")}
        )
    )
    summed = both.groupBy(*_PLACE).agg(
        *(F.sum(name).alias(name) for name in (*counts, "revenue")),
        *(F.max(name).alias(name) for name in ("payment_mix", "device_mix")),
    )
    return summed.select(
        *_PLACE,
        "active_customers",
        "new_customers",
        "returning_customers",
        "orders",
        money_or_zero(F.col("revenue")).alias("revenue"),
        "sessions",
        "payment_mix",
        "device_mix",
    )


def _done(orders: DataFrame, sessions: DataFrame) -> DataFrame:
    """One row per order and session; `value` is how it was paid or on what it was seen."""
    bought = orders.where("ordered_month IS NOT NULL").select(
        "source",
        "c360_id",
        F.col("ordered_month").alias("month"),
        F.lit(True).alias("is_order"),
        F.col("payment_method").alias("value"),
        revenue_of("total_amount").alias("revenue"),
    )
    started_at = F.col("started_at")
    seen = sessions.where("started_at IS NOT NULL").select(
        "source",
        "c360_id",
        (F.year(started_at) * 100 + F.month(started_at)).cast("INT").alias("month"),
        F.lit(False).alias("is_order"),
        F.col("device").alias("value"),
        F.lit(None).cast("DECIMAL(19,4)").alias("revenue"),
    )
    return bought.unionAll(seen)


def _mixes(done: DataFrame) -> DataFrame:
    """One row per source, location and month: the two mixes in words."""
    counted = done.where("value IS NOT NULL").groupBy(*_PLACE, "is_order", "value").agg(F.count("*").alias("times"))
    share = percent(F.col("times"), F.sum("times").over(Window.partitionBy(*_PLACE, "is_order")))
    said = counted.withColumn("said", F.concat("value", F.lit(" "), share.cast("STRING"), F.lit(" %")))

    def mix(wanted: Column) -> Column:
        parts = F.collect_list(F.when(wanted, F.struct((-F.col("times")).alias("fewest_last"), "value", "said")))
        words = F.transform(F.array_sort(parts), lambda part: part["said"])
        return F.nullif(F.array_join(words, ", "), F.lit(""))

    return said.groupBy(*_PLACE).agg(
        mix(F.col("is_order")).alias("payment_mix"), mix(~F.col("is_order")).alias("device_mix")
    )
