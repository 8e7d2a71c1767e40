from __future__ import annotations

import pytest
from gold.rows import result, unified

from c360.config.segments import Segments
from c360.gold.activity import ACTIVITY, customer_activity

VIEWS = ("orders", "interactions", "loyalty_accounts", "sessions", "reviews", "returns")


@pytest.fixture
def activity(spark):
    def build(customers: str, segments: Segments | None = None, **views):
        frames = {name: unified(spark, name, *views.get(name, [])) for name in VIEWS}
        people = unified(spark, "customers", *({"c360_id": name} for name in customers.split()))
        return customer_activity(people, **frames, segments=segments or Segments())

    return build


def order(order_id, c360_id, amount, revenue=True, **more):
    return {"order_id": order_id, "c360_id": c360_id, "total_amount": amount, "is_revenue": revenue, **more}


def test_somebody_who_did_nothing_has_zeros_and_nulls(activity):
    empty = {"BIGINT": 0, "DECIMAL(19,2)": "0.00", "TIMESTAMP": None, "STRING": None}
    nothing = {name: empty[sql_type] for name, (sql_type, _) in ACTIVITY.items()} | {
        "average_satisfaction": None,
        "average_rating": None,
    }
    assert result(activity("ada")) == [("ada", *nothing.values())]


def test_all_orders_count_in_gross_spend_and_only_those_that_bring_revenue_in_revenue(activity):
    found = activity(
        "ada bob",
        orders=[
            order("1", "ada", "10.0050", channel="online", ordered_at="2025-01-01 10:00:00", revenue=False),
            order("2", "ada", "20.0000", channel="online", ordered_at="2025-01-02 10:00:00"),
            order("3", "ada", "5.5000", channel="store", ordered_at="2025-01-03 10:00:00"),
            order("4", "ada", "1.0000", channel="store", ordered_at="2025-01-04 10:00:00", revenue=None),
            order("5", "bob", "7.0000", channel=None, ordered_at="2025-01-05 10:00:00", revenue=False),
        ],
    )
    assert result(found, "c360_id", "orders", "revenue_orders", "gross_spend", "revenue") == [
        ("ada", 4, 2, "36.51", "25.50"),
        ("bob", 1, 0, "7.00", "0.00"),
    ]
    assert result(found, "c360_id", "online_orders", "online_revenue", "store_orders", "store_revenue") == [
        ("ada", 2, "20.00", 2, "5.50"),
        ("bob", 0, "0.00", 0, "0.00"),
    ]
    assert result(found, "c360_id", "first_ordered_at", "last_ordered_at") == [
        ("ada", "2025-01-01 10:00:00", "2025-01-04 10:00:00"),
        ("bob", "2025-01-05 10:00:00", "2025-01-05 10:00:00"),
    ]
    assert result(found, "c360_id", "first_purchased_at", "last_purchased_at") == [
        ("ada", "2025-01-02 10:00:00", "2025-01-03 10:00:00"),
        ("bob", None, None),
    ]


def test_orders_of_guests_and_of_strangers_are_nobodys(activity):
    found = activity("ada", orders=[order("1", None, "9"), order("2", "stranger", "9"), order("3", "ada", "1")])
    assert result(found, "c360_id", "orders", "gross_spend") == [("ada", 1, "1.00")]


def test_several_accounts_tickets_and_orders_multiply_nothing(activity):
    found = activity(
        "ada",
        orders=[order("1", "ada", "10", store_id="7"), order("2", "ada", "30")],
        interactions=[{"interaction_id": n, "c360_id": "ada", "is_resolved": n == "1"} for n in "123"],
        loyalty_accounts=[{"loyalty_id": n, "c360_id": "ada", "points_earned": 5, "tier": "Gold"} for n in "12"],
    )
    columns = ("gross_spend", "interactions", "open_interactions", "resolved_interactions", "loyalty_accounts")
    assert result(found, "c360_id", *columns, "points_earned") == [("ada", "40.00", 3, 2, 1, 2, 10)]


def test_one_order_id_in_two_sources_is_two_orders(activity):
    found = activity(
        "ada",
        orders=[order("1", "ada", "1"), order("1", "ada", "2", source="crm")],
    )
    assert result(found, "orders", "revenue") == [(2, "3.00")]


def test_the_best_tier_follows_conf_and_an_unlisted_tier_ranks_below_all(activity):
    def account(number, c360_id, tier):
        return {"loyalty_id": number, "c360_id": c360_id, "tier": tier}

    accounts = [
        account("1", "ada", "Bronze"),
        account("2", "ada", "Platinum"),
        account("3", "ada", "Gold"),
        account("4", "bob", "Diamond"),
        account("5", "bob", "Bronze"),
        account("6", "cyd", "Zinc"),
        account("7", "cyd", "Alu"),
        account("8", "dan", None),
        account("9", None, "Gold"),
    ]
    columns = ("c360_id", "loyalty_accounts", "best_loyalty_tier")
    found = activity("ada bob cyd dan eve", loyalty_accounts=accounts)
    assert result(found, *columns) == [
        ("ada", 3, "Platinum"),
        ("bob", 2, "Bronze"),
        ("cyd", 2, "Alu"),
        ("dan", 1, None),
        ("eve", 0, None),
    ]
    other = Segments(loyalty_tiers=["Diamond", "Gold", "Platinum"])
    found = activity("ada bob", segments=other, loyalty_accounts=accounts)
    assert result(found, *columns) == [("ada", 3, "Gold"), ("bob", 2, "Diamond")]


def test_a_ticket_that_is_not_known_to_be_resolved_is_open_and_satisfaction_is_the_mean_of_the_scores(activity):
    found = activity(
        "ada",
        interactions=[
            {
                "interaction_id": "1",
                "c360_id": "ada",
                "is_resolved": True,
                "satisfaction_score": 5,
                "opened_at": "2025-01-01",
            },
            {
                "interaction_id": "2",
                "c360_id": "ada",
                "is_resolved": None,
                "satisfaction_score": 4,
                "opened_at": "2025-01-02",
            },
            {"interaction_id": "3", "c360_id": "ada", "is_resolved": False, "opened_at": "2025-01-03"},
            {"interaction_id": "4", "c360_id": "ada", "is_resolved": True, "satisfaction_score": 4},
            {"interaction_id": "5", "c360_id": None, "is_resolved": True, "satisfaction_score": 1},
        ],
    )
    columns = ("interactions", "open_interactions", "resolved_interactions", "last_interaction_at")
    assert result(found, *columns, "average_satisfaction") == [(4, 2, 2, "2025-01-03 00:00:00", "4.33")]


def test_sessions_reviews_and_returns_add_up_and_multiply_nothing(activity):
    found = activity(
        "ada bob",
        sessions=[
            {"session_id": "1", "c360_id": "ada", "pages_viewed": 3, "started_at": "2025-01-01 10:00:00"},
            {"session_id": "2", "c360_id": "ada", "pages_viewed": None, "started_at": "2025-01-02 10:00:00"},
            {"session_id": "3", "c360_id": "bob", "pages_viewed": None},
            {"session_id": "4", "c360_id": None, "pages_viewed": 9},
        ],
        reviews=[
            {"review_id": "1", "c360_id": "ada", "rating": 5},
            {"review_id": "2", "c360_id": "ada", "rating": 4},
            {"review_id": "3", "c360_id": "ada", "rating": 4},
            {"review_id": "4", "c360_id": "ada"},
            {"review_id": "5", "rating": 1},
        ],
        returns=[
            {"return_id": "1", "c360_id": "ada", "refund_amount": "1.0050"},
            {"return_id": "2", "c360_id": "ada"},
            {"return_id": "3", "refund_amount": "9.0000"},
        ],
    )
    visits = ("c360_id", "sessions", "pages_viewed", "last_session_at")
    assert result(found, *visits, "reviews", "average_rating", "returns", "refunded") == [
        ("ada", 2, 3, "2025-01-02 10:00:00", 4, "4.33", 2, "1.01"),
        ("bob", 1, 0, None, 0, None, 0, "0.00"),
    ]


def test_somebody_was_last_seen_when_they_last_did_anything(activity):
    found = activity(
        "order ticket session review return nothing",
        orders=[{"order_id": n, "c360_id": n, "ordered_at": "2025-01-01"} for n in ("order", "ticket", "session")],
        interactions=[{"interaction_id": n, "c360_id": n, "opened_at": "2025-01-02"} for n in ("ticket", "session")],
        sessions=[{"session_id": n, "c360_id": n, "started_at": "2025-01-03"} for n in ("session", "review")],
        reviews=[{"review_id": n, "c360_id": n, "reviewed_at": "2025-01-04"} for n in ("review", "return")],
        returns=[{"return_id": n, "c360_id": n, "returned_at": "2025-01-05"} for n in ("return",)],
    )
    assert result(found, "c360_id", "last_seen_at") == [
        ("nothing", None),
        ("order", "2025-01-01 00:00:00"),
        ("return", "2025-01-05 00:00:00"),
        ("review", "2025-01-04 00:00:00"),
        ("session", "2025-01-03 00:00:00"),
        ("ticket", "2025-01-02 00:00:00"),
    ]
