from __future__ import annotations

from datetime import date

import pytest
from gold.rows import result, unified

from c360.gold.events import customer_events

VIEWS = (
    "orders",
    "interactions",
    "sessions",
    "loyalty_accounts",
    "loyalty_events",
    "shipments",
    "reviews",
    "consents",
    "returns",
)
KEY = ("c360_id", "source", "event_type", "event_id")


@pytest.fixture
def timeline(spark):
    def build(*columns, **views):
        frames = {name: unified(spark, name, *views.get(name, [])) for name in VIEWS}
        return result(customer_events(**frames, as_of=date(2025, 3, 31)), *columns)

    return build


def test_every_kind_of_event_is_on_the_timeline_in_words(timeline):
    ada = {"c360_id": "ada"}
    found = timeline(
        orders=[
            ada
            | {
                "order_id": "1",
                "ordered_at": "2025-03-01 10:00:00",
                "channel": "online",
                "status": "Completed",
                "payment_method": "Card",
                "total_amount": "10.0050",
            }
        ],
        interactions=[
            ada
            | {
                "interaction_id": "2",
                "opened_at": "2025-03-02 10:00:00",
                "channel": "phone",
                "issue_type": "Billing",
                "status": "Open",
                "priority": "high",
                "satisfaction_score": 4,
            }
        ],
        sessions=[
            ada
            | {
                "session_id": "3",
                "started_at": "2025-03-03 10:00:00",
                "channel": "app",
                "device": "ios",
                "pages_viewed": 7,
                "duration_seconds": 90,
            }
        ],
        loyalty_accounts=[ada | {"loyalty_id": "4", "tier": "Gold", "joined_on": "2025-03-04"}],
        loyalty_events=[
            {"loyalty_id": "4", "occurred_at": "2025-03-05 10:00:00", "points_change": -50, "reason": "Redeemed"}
        ],
        shipments=[
            {
                "shipment_id": "5",
                "order_id": "1",
                "carrier": "Ant",
                "service_level": "fast",
                "shipped_on": "2025-03-06",
                "promised_on": "2025-03-07",
                "delivered_on": "2025-03-09",
            }
        ],
        reviews=[
            ada
            | {
                "review_id": "6",
                "product_id": "ball",
                "rating": 5,
                "review_text": "it's round",
                "reviewed_at": "2025-03-10 10:00:00",
            }
        ],
        consents=[
            ada
            | {
                "customer_id": "7",
                "channel": "email",
                "purpose": "marketing",
                "is_granted": False,
                "stated_at": "2025-03-11 10:00:00",
            }
        ],
        returns=[
            ada
            | {
                "return_id": "8",
                "product_id": "ball",
                "reason": "broken",
                "refund_amount": "3.5000",
                "returned_at": "2025-03-12 10:00:00",
            }
        ],
    )
    assert [(*row[1:2], *row[3:]) for row in sorted(found, key=lambda row: row[1])] == [
        ("2025-03-01 10:00:00", "order", "1", "Order · online · Completed", "Card", "10.01"),
        ("2025-03-02 10:00:00", "ticket", "2", "Ticket · Billing · Open", "phone, high, satisfaction 4", None),
        ("2025-03-03 10:00:00", "session", "3", "Session · app · ios", "7 pages, 90 seconds", None),
        ("2025-03-04 00:00:00", "loyalty_joined", "4", "Joined loyalty programme · Gold", None, None),
        (
            "2025-03-05 10:00:00",
            "loyalty",
            "4:2025-03-05 10:00:00.000000",
            "Loyalty points · -50",
            "Redeemed",
            None,
        ),
        ("2025-03-06 00:00:00", "shipped", "5", "Shipped · Ant · fast", "order 1", None),
        ("2025-03-09 00:00:00", "delivered", "5", "Delivered · Ant", "order 1, 2 days late", None),
        ("2025-03-10 10:00:00", "review", "6", "Review · 5 of 5", "product ball: it's round", None),
        ("2025-03-11 10:00:00", "consent", "7:email:marketing", "Consent · withdrawn · email", "marketing", None),
        ("2025-03-12 10:00:00", "return", "8", "Return", "product ball: broken", "3.50"),
    ]
    assert {row[0] for row in found} == {"ada"}


def test_what_is_unknown_is_left_out_of_the_words(timeline):
    ada = {"c360_id": "ada"}
    found = timeline(
        "event_type",
        "event_id",
        "occurred_at",
        "title",
        "description",
        "amount",
        orders=[ada | {"order_id": "1"}],
        interactions=[ada | {"interaction_id": "2", "priority": "low"}],
        sessions=[ada | {"session_id": "3", "duration_seconds": 0}],
        reviews=[ada | {"review_id": "4", "review_text": "fine"}],
        consents=[ada | {"customer_id": "5", "purpose": "email"}, ada | {"customer_id": "5", "channel": "email"}],
        returns=[ada | {"return_id": "6"}],
    )
    assert found == [
        ("consent", "5::email", None, "Consent", "email", None),
        ("consent", "5:email:", None, "Consent · email", None, None),
        ("order", "1", None, "Order", None, None),
        ("return", "6", None, "Return", None, None),
        ("review", "4", None, "Review", "fine", None),
        ("session", "3", None, "Session", "0 seconds", None),
        ("ticket", "2", None, "Ticket", "low", None),
    ]


def test_guests_have_no_timeline_and_a_shipment_or_points_are_those_of_their_order_or_account(timeline):
    guest = {"c360_id": None}
    found = timeline(
        *KEY,
        orders=[{"order_id": "1", "c360_id": "ada", "source": "crm"}, {"order_id": "1"}],
        interactions=[guest | {"interaction_id": "2"}],
        sessions=[guest | {"session_id": "3"}],
        loyalty_accounts=[{"loyalty_id": "4", "c360_id": "bob"}, {"loyalty_id": "5"}],
        loyalty_events=[{"loyalty_id": n, "occurred_at": "2025-03-05 10:00:00"} for n in ("4", "5", "404")],
        shipments=[
            {"shipment_id": n, "order_id": order, "shipped_on": "2025-03-05", "source": source}
            for n, order, source in (("a", "1", "retail"), ("b", "1", "crm"), ("c", "404", "crm"), ("d", None, "crm"))
        ],
    )
    assert found == [
        ("ada", "crm", "order", "1"),
        ("ada", "crm", "shipped", "b"),
        ("bob", "retail", "loyalty", "4:2025-03-05 10:00:00.000000"),
    ]


def test_days_after_as_of_have_not_come(timeline):
    def shipment(number, shipped, delivered, promised=None):
        return {
            "shipment_id": number,
            "order_id": "1",
            "shipped_on": shipped,
            "delivered_on": delivered,
            "promised_on": promised,
        }

    found = timeline(
        "event_type",
        "event_id",
        "description",
        orders=[{"order_id": "1", "c360_id": "ada"}],
        loyalty_accounts=[{"loyalty_id": n, "c360_id": "ada", "joined_on": f"2025-0{n}-01"} for n in ("3", "4")],
        shipments=[
            shipment("a", "2025-03-30", "2025-03-31", "2025-03-31"),
            shipment("b", "2025-03-31", "2025-04-01"),
            shipment("c", "2025-04-01", None),
        ],
    )
    assert found == [
        ("delivered", "a", "order 1, on time"),
        ("loyalty_joined", "3", None),
        ("order", "1", None),
        ("shipped", "a", "order 1"),
        ("shipped", "b", "order 1"),
    ]


def test_a_person_has_as_many_events_as_things_happened(timeline):
    orders = [{"order_id": n, "c360_id": person} for n, person in (("1", "ada"), ("2", "ada"), ("3", None))]
    shipments = [{"shipment_id": n, "order_id": "1", "shipped_on": "2025-03-01"} for n in "ab"]
    returns = [{"return_id": n, "c360_id": "ada", "order_id": "1"} for n in "12"]
    found = timeline("event_type", orders=orders, shipments=shipments, returns=returns)
    assert found == [("order",), ("order",), ("return",), ("return",), ("shipped",), ("shipped",)]
