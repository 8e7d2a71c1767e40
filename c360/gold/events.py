"""One timeline of everything that happened with a person, whatever the source."""

from __future__ import annotations

from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import money
from c360.registry import table


@table(
    layer="gold",
    grain=["c360_id", "source", "event_type", "event_id"],
    schema="""c360_id STRING, occurred_at TIMESTAMP, source STRING, event_type STRING, event_id STRING, title STRING,
        description STRING, amount DECIMAL(19,2)""",
    pii=("description",),
    columns={
        "c360_id": "the person",
        "occurred_at": "when it happened; of what has a day only, its midnight",
        "source": "the system that knows of it",
        "event_type": "order, ticket, session, loyalty_joined, loyalty, shipped, delivered, review, consent or return",
        "event_id": "the order's, ticket's, session's, … id in that system; of what has none there, the values that "
        "tell it apart",
        "title": "what happened, in a few words",
        "description": "more of it: the reason, the product reviewed, the words of a review",
        "amount": "total of an order, refund of a return; null for what is not about money",
    },
)
def customer_events(
    orders: DataFrame,
    interactions: DataFrame,
    sessions: DataFrame,
    loyalty_accounts: DataFrame,
    loyalty_events: DataFrame,
    shipments: DataFrame,
    reviews: DataFrame,
    consents: DataFrame,
    returns: DataFrame,
    as_of: date,
) -> DataFrame:
    """One row per person and event: orders, tickets, sessions, loyalty, shipments, reviews, consents, returns.

    What happens after `as_of` is left out. An order is one event whatever its status; guests have no timeline.
    Made anew each time: loyalty events and shipments do not name their person, so a change of theirs cannot be traced
    to one.
    """
    accounts = loyalty_accounts.select("source", "loyalty_id", "c360_id")
    buyers = orders.where("c360_id IS NOT NULL").select("source", "order_id", "c360_id")
    sent = shipments.join(buyers, ["source", "order_id"])
    # Of these the views do not know when they happened, or only a day.
    days = [_joined(loyalty_accounts), _shipped(sent), _delivered(sent)]
    events = [
        _ordered(orders),
        _asked(interactions),
        _visited(sessions),
        *(event.where(F.to_date("occurred_at") <= F.lit(as_of)) for event in days),
        _collected(loyalty_events.join(accounts, ["source", "loyalty_id"])),
        _reviewed(reviews),
        _consented(consents),
        _returned(returns),
    ]
    return reduce(DataFrame.unionAll, events).where("c360_id IS NOT NULL")


def _event(rows: DataFrame, kind: str, event_id: str | Column, at: str, *, title: Column, **more: Column) -> DataFrame:
    nothing = F.lit(None)
    return rows.select(
        "c360_id",
        F.col(at).cast("TIMESTAMP").alias("occurred_at"),
        "source",
        F.lit(kind).alias("event_type"),
        (F.col(event_id) if isinstance(event_id, str) else event_id).alias("event_id"),
        title.alias("title"),
        _text(more.get("description", nothing)).alias("description"),
        money(more.get("amount", nothing).cast("DECIMAL(19,4)")).alias("amount"),
    )


def _text(value: Column) -> Column:
    """The text; NULL where nothing is in it."""
    return F.nullif(value.cast("STRING"), F.lit(""))


def _words(first: str, *others: str | Column) -> Column:
    """What there is, one after the other: `Order · online · Completed`."""
    return F.concat_ws(" · ", F.lit(first), *others)


def _counted(name: str, unit: str) -> Column:
    """`3 pages`; NULL where the number is unknown."""
    return F.concat(F.col(name).cast("STRING"), F.lit(f" {unit}"))


def _ordered(orders: DataFrame) -> DataFrame:
    title, amount = _words("Order", "channel", "status"), F.col("total_amount")
    return _event(
        orders, "order", "order_id", "ordered_at", title=title, description=F.col("payment_method"), amount=amount
    )


def _asked(interactions: DataFrame) -> DataFrame:
    score = F.concat(F.lit("satisfaction "), F.col("satisfaction_score").cast("STRING"))
    more = F.concat_ws(", ", "channel", "priority", score)
    title = _words("Ticket", "issue_type", "status")
    return _event(interactions, "ticket", "interaction_id", "opened_at", title=title, description=more)


def _visited(sessions: DataFrame) -> DataFrame:
    more = F.concat_ws(", ", _counted("pages_viewed", "pages"), _counted("duration_seconds", "seconds"))
    title = _words("Session", "channel", "device")
    return _event(sessions, "session", "session_id", "started_at", title=title, description=more)


def _joined(loyalty_accounts: DataFrame) -> DataFrame:
    title = _words("Joined loyalty programme", "tier")
    return _event(loyalty_accounts, "loyalty_joined", "loyalty_id", "joined_on", title=title)


def _collected(loyalty_events: DataFrame) -> DataFrame:
    # The event has no id of its own; its account and moment are its key.
    event_id = F.concat_ws(":", "loyalty_id", F.date_format("occurred_at", "yyyy-MM-dd HH:mm:ss.SSSSSS"))
    title = _words("Loyalty points", F.col("points_change").cast("STRING"))
    return _event(loyalty_events, "loyalty", event_id, "occurred_at", title=title, description=F.col("reason"))


def _shipped(shipments: DataFrame) -> DataFrame:
    title, of_order = _words("Shipped", "carrier", "service_level"), F.concat(F.lit("order "), F.col("order_id"))
    return _event(shipments, "shipped", "shipment_id", "shipped_on", title=title, description=of_order)


def _delivered(shipments: DataFrame) -> DataFrame:
    late = F.datediff("delivered_on", "promised_on").cast("INT")
    over = F.when(late > 0, F.concat(late.cast("STRING"), F.lit(" days late"))).when(late <= 0, "on time")
    title, more = _words("Delivered", "carrier"), F.concat_ws(", ", F.concat(F.lit("order "), F.col("order_id")), over)
    return _event(shipments, "delivered", "shipment_id", "delivered_on", title=title, description=more)


def _reviewed(reviews: DataFrame) -> DataFrame:
    rating = F.concat(F.col("rating").cast("STRING"), F.lit(" of 5"))
    more = F.concat_ws(": ", F.concat(F.lit("product "), F.col("product_id")), "review_text")
    title = _words("Review", rating)
    return _event(reviews, "review", "review_id", "reviewed_at", title=title, description=more)


def _consented(consents: DataFrame) -> DataFrame:
    stated = F.when(F.col("is_granted"), "granted").when(~F.col("is_granted"), "withdrawn")
    # A customer's word for a channel and purpose is its key; an unknown part must not run into the next.
    event_id = F.concat_ws(":", "customer_id", *(F.coalesce(F.col(name), F.lit("")) for name in ("channel", "purpose")))
    title = _words("Consent", stated, "channel")
    return _event(consents, "consent", event_id, "stated_at", title=title, description=F.col("purpose"))


def _returned(returns: DataFrame) -> DataFrame:
    more = F.concat_ws(": ", F.concat(F.lit("product "), F.col("product_id")), "reason")
    title, amount = _words("Return"), F.col("refund_amount")
    return _event(returns, "return", "return_id", "returned_at", title=title, description=more, amount=amount)
