from __future__ import annotations

import pytest
from gold.rows import frame, result

from c360.gold.published_retail import (
    retail_published_average_order_value,
    retail_published_customer_segmentation,
    retail_published_peak_times,
    retail_published_resolution_stats,
)

SILVER = {
    "online": "order_id INT, customer_id INT, product_id INT, ordered_at TIMESTAMP, status STRING, "
    "amount DECIMAL(19,4)",
    "in_store": "transaction_id INT, customer_id INT, store_id INT, ordered_at TIMESTAMP, amount DECIMAL(19,4)",
    "customers": "customer_id INT, name STRING",
    "products": "product_id INT, name STRING, category STRING",
    "stores": "store_id INT, location STRING",
    "agents": "agent_id INT, name STRING",
    "interactions": "interaction_id INT, agent_id INT, resolution_status STRING",
    "loyalty_accounts": "loyalty_id INT, customer_id INT, tier_level STRING",
}
DELETED = {"_deleted_at": "2025-01-01"}


@pytest.fixture
def silver(spark):
    def build(**tables):
        return {name: frame(spark, f"{SILVER[name]}, _deleted_at TIMESTAMP", *rows) for name, rows in tables.items()}

    return build


def online(order_id, customer_id, amount="1", product_id=1, **more):
    return {"order_id": order_id, "customer_id": customer_id, "amount": amount, "product_id": product_id, **more}


def visit(transaction_id, customer_id, amount="1", store_id=1, **more):
    return {
        "transaction_id": transaction_id,
        "customer_id": customer_id,
        "amount": amount,
        "store_id": store_id,
        **more,
    }


def account(loyalty_id, customer_id, tier, **more):
    return {"loyalty_id": loyalty_id, "customer_id": customer_id, "tier_level": tier, **more}


def test_average_order_value_weighs_an_online_order_by_its_buyers_visits(silver):
    found = retail_published_average_order_value(
        **silver(
            customers=[{"customer_id": n} for n in (1, 2, 3)],
            products=[{"product_id": 1, "name": "Ball", "category": "Toys"}],
            stores=[{"store_id": 1, "location": "Bonn"}, {"store_id": 2, "location": "Köln"}],
            online=[
                online(1, 1, "10.00"),
                online(2, 2, "40.00", status="Failed"),
                online(3, 3, "99.00"),
                online(4, 404, "99.00"),
                online(5, 1, "99.00", **DELETED),
            ],
            in_store=[
                visit(1, 1),
                visit(2, 1),
                visit(3, 2),
                visit(4, 2, store_id=2),
                visit(5, 404),
                visit(6, 3, store_id=9),
            ],
        )
    )
    assert found.columns == ["ProductID", "ProductName", "Category", "StoreID", "Location", "AverageOrderValue"]
    assert result(found) == [
        (1, "Ball", "Toys", 1, "Bonn", "20.00"),
        (1, "Ball", "Toys", 2, "Köln", "40.00"),
    ]


def test_customer_segmentation_adds_up_the_multiplied_rows_per_tier(silver):
    found = retail_published_customer_segmentation(
        **silver(
            online=[online(1, 1, "10"), online(2, 1, "20"), online(3, 2, "600"), online(4, 3, "1"), online(5, 4, "1")],
            in_store=[visit(1, 1, "1"), visit(2, 1, "2"), visit(3, 2, "400"), visit(4, 3, "2"), visit(5, 5, "1")],
            loyalty_accounts=[
                account(1, 1, "Gold"),
                account(2, 1, "Gold"),
                account(3, 1, "Bronze"),
                account(4, 2, "Silver"),
                account(5, 3, "Silver"),
                account(6, 3, "Platinum", **DELETED),
                account(7, 4, "Gold"),
            ],
        )
    )
    assert found.columns == ["CustomerID", "TotalSpend", "PurchaseFrequency", "TierLevel", "Segment"]
    # Customer 1, tier Gold: 2 online × 2 store × 2 accounts = 8 rows of (10 + 1), (10 + 2), (20 + 1), (20 + 2), twice.
    assert result(found) == [
        (1, "132.00", 4, "Gold", "Loyalty Champion"),
        (1, "66.00", 4, "Bronze", "Regular Customer"),
        (2, "1000.00", 2, "Silver", "High-Value Customer"),
        (3, "3.00", 2, "Silver", "Regular Customer"),
    ]


def test_peak_times_count_transactions_by_channel_weekday_and_hour(silver):
    found = retail_published_peak_times(
        **silver(
            online=[
                online(1, 1, ordered_at="2025-03-09 23:10:00"),
                online(2, 1, ordered_at="2025-03-09 23:50:00", status="Failed"),
                online(3, 1, ordered_at="2025-03-09 23:50:00", **DELETED),
            ],
            in_store=[visit(1, 1, ordered_at="2025-03-10 00:00:00")],
        )
    )
    assert found.columns == ["Channel", "DayOfWeek", "HourOfDay", "TransactionCount"]
    assert result(found) == [("In-Store", "Monday", 0, 1), ("Online", "Sunday", 23, 2)]


def test_resolution_stats_name_only_agents_with_interactions(silver):
    found = retail_published_resolution_stats(
        **silver(
            agents=[{"agent_id": 1, "name": "Ada"}, {"agent_id": 2, "name": "Bob"}, {"agent_id": 3, "name": "Cyd"}],
            interactions=[
                {"interaction_id": 1, "agent_id": 1, "resolution_status": "Resolved"},
                {"interaction_id": 2, "agent_id": 1, "resolution_status": "Pending"},
                {"interaction_id": 3, "agent_id": 1, "resolution_status": None},
                {"interaction_id": 4, "agent_id": 3, "resolution_status": "Escalated"},
                {"interaction_id": 5, "agent_id": 404, "resolution_status": "Resolved"},
                {"interaction_id": 6, "agent_id": 2, "resolution_status": "Resolved", **DELETED},
            ],
        )
    )
    assert found.columns == [
        "AgentID",
        "AgentName",
        "TotalInteractions",
        "ResolvedInteractions",
        "ResolutionRatePercent",
    ]
    assert result(found) == [(1, "Ada", 3, 1, "33.33"), (3, "Cyd", 1, 0, "0.00")]
