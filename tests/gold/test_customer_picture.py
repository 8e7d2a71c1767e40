from __future__ import annotations

from datetime import date

import pytest
from gold.rows import gold, result, unified

from c360.config.segments import CustomerSegment, Segments
from c360.gold.customers import customer_360, customer_segments

COLUMNS = ("c360_id", "spend", "frequency", "spend_percentile", "segment")


@pytest.fixture
def segmented(spark):
    """Person → (spend, frequency) or (spend, frequency, tier); the columns of the result that matter."""

    def build(segments: Segments | None = None, **people):
        rows = [
            {
                "c360_id": name,
                "revenue": spend,
                "revenue_orders": frequency,
                "best_loyalty_tier": next(iter(tier), None),
            }
            for name, (spend, frequency, *tier) in people.items()
        ]
        return result(customer_segments(gold(spark, "customer_activity", *rows), segments or Segments()), *COLUMNS)

    return build


def test_the_first_segment_whose_condition_holds_wins(segmented):
    found = segmented(
        top=("900.00", 1, "Gold"),
        once=("50.00", 1, "Gold"),
        champion=("40.00", 2, "Platinum"),
        silver=("30.00", 3, "Silver"),
        nobody=("0.00", 0),
        member=("0.00", 0, "Gold"),
        free=("0.00", 2),
    )
    assert found == [
        ("champion", "40.00", 2, "50.00", "Loyalty Champion"),
        ("free", "0.00", 2, "0.00", "Regular"),
        ("member", "0.00", 0, None, "Loyalty Champion"),
        ("nobody", "0.00", 0, None, "No Purchase"),
        ("once", "50.00", 1, "75.00", "One-Time Buyer"),
        ("silver", "30.00", 3, "25.00", "Regular"),
        ("top", "900.00", 1, "100.00", "High-Value"),
    ]


def test_ten_percent_of_the_buyers_are_high_value_and_who_never_bought_does_not_count(segmented):
    buyers = {f"b{n:02}": (f"{n}.00", 2) for n in range(1, 21)}
    others = {f"n{n:02}": ("0.00", 0) for n in range(80)}
    found = segmented(**buyers, **others)
    assert [name for name, *_, segment in found if segment == "High-Value"] == ["b19", "b20"]


def test_buyers_who_spent_the_same_are_high_value_together(segmented):
    buyers = {f"b{n:02}": (f"{min(n, 18)}.00", 2) for n in range(1, 21)}
    found = segmented(**buyers)
    assert [name for name, *_, segment in found if segment == "High-Value"] == ["b18", "b19", "b20"]


def test_the_only_buyer_is_the_highest_spender(segmented):
    assert segmented(ada=("1.00", 3)) == [("ada", "1.00", 3, "100.00", "High-Value")]


def test_without_people_there_are_no_segments(segmented):
    assert segmented() == []


def test_names_order_and_cut_offs_come_from_conf(segmented):
    ours = Segments(
        customer_segments=[
            CustomerSegment(name="Keen", min_orders=3),
            CustomerSegment(name="Upper half", top_share=0.5),
            CustomerSegment(name="Silver lining", tiers=["Silver"]),
            CustomerSegment(name="Rest"),
        ]
    )
    found = segmented(ours, a=("9.00", 2), b=("1.00", 3), c=("2.00", 2, "Silver"), d=("0.00", 0))
    assert [(name, segment) for name, *_, segment in found] == [
        ("a", "Upper half"),
        ("b", "Keen"),
        ("c", "Upper half"),
        ("d", "Rest"),
    ]


def test_everybody_has_one_row_with_who_they_are_what_they_did_and_what_that_makes(spark):
    found = customer_360(
        unified(
            spark,
            "customers",
            {"c360_id": "ada", "full_name": "Ada", "city": "Bonn", "source_count": 2},
            {"c360_id": "bob", "full_name": "Bob", "source_count": 1},
        ),
        unified(
            spark,
            "customer_records",
            {"customer_id": "2", "c360_id": "ada"},
            {"customer_id": "10", "c360_id": "ada"},
            {"source": "crm", "customer_id": "7", "c360_id": "ada"},
            {"customer_id": "3", "c360_id": "bob"},
        ),
        gold(
            spark,
            "customer_activity",
            {
                "c360_id": "ada",
                "revenue": "100.00",
                "revenue_orders": 3,
                "gross_spend": "120.00",
                "last_ordered_at": "2025-03-09 23:00:00",
                "last_purchased_at": "2025-03-01 23:59:59",
            },
            {"c360_id": "bob", "revenue": "0.00", "revenue_orders": 0, "gross_spend": "5.00"},
        ),
        gold(spark, "customer_favourites", {"c360_id": "ada", "favourite_channel": "online"}, {"c360_id": "bob"}),
        gold(
            spark,
            "customer_segments",
            {"c360_id": "ada", "spend_percentile": "100.00", "segment": "High-Value"},
            {"c360_id": "bob", "segment": "No Purchase"},
        ),
        gold(
            spark,
            "rfm",
            {
                "c360_id": "ada",
                "recency_score": 5,
                "frequency_score": 4,
                "monetary_score": 3,
                "segment": "Loyal Customers",
                "tier": "Gold",
            },
        ),
        gold(spark, "clv", {"c360_id": "ada", "p_alive": "0.900000", "expected_purchases": "2.5", "clv": "75.50"}),
        gold(spark, "churn", {"c360_id": "ada", "status": "active", "reason": "9 days are within 12"}),
        gold(
            spark,
            "consent_state",
            {"c360_id": "ada", "channel": "sms", "purpose": "marketing", "state": "granted"},
            {"c360_id": "ada", "channel": "email", "purpose": "marketing", "state": "granted"},
            {"c360_id": "ada", "channel": "phone", "purpose": "marketing", "state": "denied"},
            {"c360_id": "bob", "channel": "email", "purpose": "marketing", "state": "denied"},
        ),
        gold(
            spark,
            "next_best_product",
            {"c360_id": "ada", "rank": 2, "source": "crm", "product_id": "8", "product_name": "Cup"},
            {"c360_id": "ada", "rank": 1, "source": "retail", "product_id": "7", "product_name": "Pot"},
        ),
        gold(
            spark,
            "purchase_history",
            {"c360_id": "ada", "is_revenue": True, "margin": "4.0050"},
            {"c360_id": "ada", "is_revenue": True, "margin": None},
            {"c360_id": "ada", "is_revenue": False, "margin": "99.0000"},
            {"c360_id": "bob", "is_revenue": False, "margin": "7.0000"},
        ),
        gold(
            spark,
            "fulfilment",
            {"order_id": "1", "c360_id": "ada", "late_shipments": 2},
            {"order_id": "2", "c360_id": "ada", "late_shipments": 1},
            {"order_id": "3", "c360_id": "bob", "late_shipments": 0},
            {"order_id": "4", "late_shipments": 5},
        ),
        as_of=date(2025, 3, 10),
    )
    who = ("c360_id", "source_ids", "full_name", "city", "source_count")
    assert result(found, *who) == [
        ("ada", "crm:7, retail:10, retail:2", "Ada", "Bonn", 2),
        ("bob", "retail:3", "Bob", None, 1),
    ]
    did = ("c360_id", "gross_spend", "revenue", "recency_days", "average_order_value")
    assert result(found, *did) == [("ada", "120.00", "100.00", 9, "33.33"), ("bob", "5.00", "0.00", None, None)]
    assert result(found, "c360_id", "margin", "late_shipments") == [("ada", "4.01", 3), ("bob", None, 0)]
    makes = ("c360_id", "recency_score", "frequency_score", "monetary_score", "rfm_segment", "tier", "segment")
    assert result(found, *makes) == [
        ("ada", 5, 4, 3, "Loyal Customers", "Gold", "High-Value"),
        ("bob", None, None, None, None, None, "No Purchase"),
    ]
    models = ("c360_id", "p_alive", "expected_purchases", "clv", "churn_status", "churn_reason")
    assert result(found, *models) == [
        ("ada", "0.900000", "2.500000", "75.50", "active", "9 days are within 12"),
        ("bob", None, None, None, None, None),
    ]
    offers = ("c360_id", "granted_consents", "next_best_product_id", "next_best_product")
    assert result(found, *offers) == [
        ("ada", "email:marketing, sms:marketing", "retail:7", "Pot"),
        ("bob", None, None, None),
    ]
