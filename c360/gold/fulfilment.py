"""Marts about shipping: how an order reached its customer, and how carriers keep their promises."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import money, percent, ratio
from c360.registry import table

CANCELLED = ("cancelled", "canceled")
LOST = "lost"


@table(
    layer="gold",
    grain=["source", "order_id"],
    schema="""source STRING, order_id STRING, c360_id STRING, ordered_at TIMESTAMP, shipments BIGINT,
        delivered_shipments BIGINT, late_shipments BIGINT, promised_on DATE, shipped_on DATE, delivered_on DATE,
        days_to_promise INT, days_to_ship INT, days_to_deliver INT, is_on_time BOOLEAN, late_days INT, events BIGINT,
        last_event_type STRING, last_event_at TIMESTAMP, shipping_cost DECIMAL(19,2)""",
    columns={
        "source": "the system the order comes from",
        "order_id": "the order's id in that system",
        "c360_id": "the person; null for a guest",
        "ordered_at": "when the order was placed; null where the source does not know the order",
        "shipments": "shipments of the order",
        "delivered_shipments": "of these, delivered",
        "late_shipments": "of these, delivered after the promised day, or due before as_of and not there yet",
        "promised_on": "the latest day promised for one of the shipments",
        "shipped_on": "day the first shipment left",
        "delivered_on": "day the last shipment arrived; null until all that are not cancelled have",
        "days_to_promise": "days from the order's day, in the source's time zone, to promised_on",
        "days_to_ship": "days from the order's day to shipped_on",
        "days_to_deliver": "days from the order's day to delivered_on",
        "is_on_time": "whether each shipment arrived by the day promised for it; false as soon as one is late, null "
        "while that is open or where no day was promised",
        "late_days": "days by which the latest shipment is over its promised day, up to as_of if it is not there yet; "
        "0 where none is late, null where no day was promised",
        "events": "tracking events of all shipments",
        "last_event_type": "type of the last tracking event; of those at one time, the one with the greatest id",
        "last_event_at": "when that was",
        "shipping_cost": "cost of all shipments; null where none is known",
    },
)
def fulfilment(shipments: DataFrame, shipment_events: DataFrame, orders: DataFrame, as_of: date) -> DataFrame:
    """One row per order that has a shipment; several shipments of one order are one row.

    They are together on time when each is, and delivered when the last is. What happened after `as_of` has not happened
    yet. Shipments that name no order are in `carrier_performance` only. Made anew each time: what is due grows late
    without any change of its row.
    """
    order = ["source", "order_id"]
    seen = _seen_from(shipments, as_of).where("order_id IS NOT NULL")
    parcels = seen.groupBy(*order).agg(
        F.count("*").alias("shipments"),
        F.count("arrived_on").alias("delivered_shipments"),
        F.count(F.when(F.col("is_late"), True)).alias("late_shipments"),
        F.max("promised_on").alias("promised_on"),
        F.min("shipped_on").alias("shipped_on"),
        F.max("arrived_on").alias("arrived_on"),
        F.count(F.when(~F.col("is_cancelled") & F.col("arrived_on").isNull(), True)).alias("on_the_way"),
        F.count(F.when(~F.col("is_cancelled") & F.col("is_late").isNull(), True)).alias("undecided"),
        F.count("is_late").alias("decided"),
        F.max("late_days").alias("late_days"),
        F.sum("shipping_cost").alias("shipping_cost"),
    )
    placed = orders.select(*order, "c360_id", "ordered_at", F.to_date("ordered_local_at").alias("ordered_on"))

    def days_to(day: str) -> Column:
        return F.datediff(day, "ordered_on").cast("INT")

    on_time = F.when(F.col("late_shipments") > 0, False).when((F.col("undecided") == 0) & (F.col("decided") > 0), True)
    return (
        parcels.join(placed, order, "left")
        .join(_tracked(shipment_events, seen), order, "left")
        .withColumn("delivered_on", F.when(F.col("on_the_way") == 0, F.col("arrived_on")))
        .select(
            *order,
            "c360_id",
            "ordered_at",
            "shipments",
            "delivered_shipments",
            "late_shipments",
            "promised_on",
            "shipped_on",
            "delivered_on",
            days_to("promised_on").alias("days_to_promise"),
            days_to("shipped_on").alias("days_to_ship"),
            days_to("delivered_on").alias("days_to_deliver"),
            on_time.alias("is_on_time"),
            "late_days",
            F.coalesce("events", F.lit(0).cast("BIGINT")).alias("events"),
            "last_event_type",
            "last_event_at",
            money(F.col("shipping_cost")).alias("shipping_cost"),
        )
    )


def _tracked(shipment_events: DataFrame, shipments: DataFrame) -> DataFrame:
    """One row per order with a tracking event: how many, and the last.

    The last by its place: on Sail 0.7.2 the maximum of a struct takes thirteen times as long.
    """
    of_order = shipments.select("source", "shipment_id", "order_id")
    last_first = Window.partitionBy("source", "order_id").orderBy(F.desc("occurred_at"), F.desc("event_id"))
    events = shipment_events.join(of_order, ["source", "shipment_id"])
    is_last = F.col("place") == 1
    return (
        events.withColumn("place", F.row_number().over(last_first))
        .groupBy("source", "order_id")
        .agg(
            F.count("*").alias("events"),
            F.max(F.when(is_last, F.col("event_type"))).alias("last_event_type"),
            F.max("occurred_at").alias("last_event_at"),
        )
    )


@table(
    layer="gold",
    grain=["source", "carrier", "service_level"],
    schema="""source STRING, carrier STRING, service_level STRING, shipments BIGINT, delivered_shipments BIGINT,
        due_shipments BIGINT, late_shipments BIGINT, lost_shipments BIGINT, on_time_percent DECIMAL(19,2),
        median_days_in_transit DECIMAL(19,1), shipping_cost DECIMAL(19,2), cost_per_shipment DECIMAL(19,2)""",
    columns={
        "source": "the system the shipments come from",
        "carrier": "who carries them; null where the source does not say",
        "service_level": "the service that was booked, such as standard or overnight",
        "shipments": "shipments, whatever their status",
        "delivered_shipments": "of these, delivered",
        "due_shipments": "of these, with a promised day, and either delivered or due before as_of",
        "late_shipments": "of the due, delivered after the promised day, or not there yet",
        "lost_shipments": "shipments with the status lost",
        "on_time_percent": "100 x due shipments that are not late / due shipments; null where none is due",
        "median_days_in_transit": "median days from leaving to arriving; null where no delivery has both",
        "shipping_cost": "cost of all shipments; null where none is known",
        "cost_per_shipment": "mean cost of the shipments whose cost is known",
    },
)
def carrier_performance(shipments: DataFrame, as_of: date) -> DataFrame:
    """One row per source, carrier and service level with a shipment: how often they keep their promise, and the cost.

    A lost shipment is late as soon as its promised day is over.
    """
    days = F.datediff("arrived_on", "shipped_on").cast("INT")
    lost = F.lower("status") == LOST
    carried = (
        _seen_from(shipments, as_of)
        .groupBy("source", "carrier", "service_level")
        .agg(
            F.count("*").alias("shipments"),
            F.count("arrived_on").alias("delivered_shipments"),
            F.count("is_late").alias("due_shipments"),
            F.count(F.when(F.col("is_late"), True)).alias("late_shipments"),
            F.count(F.when(lost, True)).alias("lost_shipments"),
            # A median of whole days ends in .0 or .5, so the cast is exact on every engine.
            F.median(days).cast("DECIMAL(19,1)").alias("median_days_in_transit"),
            F.sum("shipping_cost").alias("shipping_cost"),
            F.count("shipping_cost").alias("costed"),
        )
    )
    return carried.select(
        "source",
        "carrier",
        "service_level",
        "shipments",
        "delivered_shipments",
        "due_shipments",
        "late_shipments",
        "lost_shipments",
        percent(F.col("due_shipments") - F.col("late_shipments"), F.col("due_shipments")).alias("on_time_percent"),
        "median_days_in_transit",
        money(F.col("shipping_cost")).alias("shipping_cost"),
        ratio(F.col("shipping_cost"), F.col("costed")).alias("cost_per_shipment"),
    )


def _seen_from(shipments: DataFrame, as_of: date) -> DataFrame:
    """The shipments that had left by `as_of` or whose day of leaving is unknown, and what was known of them then.

    Added are `arrived_on`; `is_cancelled`; `late_days`, null where no day was promised or the shipment is cancelled;
    `is_late`, null while the promised day is not over and the shipment not there. A source that never records a
    delivery leaves both open: there, that a shipment has not arrived says nothing.
    """
    today = F.lit(as_of)
    recording = shipments.groupBy("source").agg((F.count("delivered_on") > 0).alias("records_deliveries"))
    arrived_on = F.when(F.col("delivered_on") <= today, F.col("delivered_on"))
    over = F.datediff(F.coalesce("arrived_on", today), "promised_on").cast("INT")
    is_told = ~F.col("is_cancelled") & (F.col("arrived_on").isNotNull() | F.col("records_deliveries"))
    late_days = F.when(is_told & F.col("promised_on").isNotNull(), F.greatest(over, F.lit(0)))
    is_late = F.when(F.col("arrived_on").isNotNull() | (F.col("late_days") > 0), F.col("late_days") > 0)
    return (
        shipments.where(F.col("shipped_on").isNull() | (F.col("shipped_on") <= today))
        .join(F.broadcast(recording), "source")
        .withColumn("arrived_on", arrived_on)
        .withColumn("is_cancelled", F.coalesce(F.lower("status").isin(*CANCELLED), F.lit(False)))
        .withColumn("late_days", late_days)
        .withColumn("is_late", is_late)
    )
