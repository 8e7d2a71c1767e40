from __future__ import annotations

import pytest
from gold.rows import result, unified

from c360.gold.behaviour import customer_behaviour

CUSTOMERS = ("active_customers", "new_customers", "returning_customers")


@pytest.fixture
def behaviour(spark):
    def build(*columns, orders=(), sessions=(), homes=()):
        found = customer_behaviour(
            unified(spark, "customers", *homes),
            unified(spark, "orders", *orders),
            unified(spark, "sessions", *sessions),
        )
        return result(found, *columns)

    return build


def order(person, month, amount="10.0000", paid="Card", revenue=True, **more):
    return {
        "c360_id": person,
        "ordered_month": month,
        "total_amount": amount,
        "payment_method": paid,
        "is_revenue": revenue,
        **more,
    }


def session(person, started_at, device="web", **more):
    return {"c360_id": person, "started_at": started_at, "device": device, **more}


HOMES = (
    {"c360_id": "ada", "city": "Bonn", "region": "Rhine", "country": "DE"},
    {"c360_id": "bob", "city": "Bonn"},
    {"c360_id": "cyd", "region": "Rhine", "country": "DE"},
    {"c360_id": "dan", "country": "DE"},
    {"c360_id": "eve"},
)


def test_orders_and_sessions_of_a_place_and_month_add_up_with_their_mixes(behaviour):
    found = behaviour(
        homes=HOMES,
        orders=[
            order("ada", 202502, "1.0050"),
            order("ada", 202503, "2.0000"),
            order("ada", 202503, "3.0050", "Cash"),
            order("bob", 202503, "9.0000", "Card", revenue=False),
            order("bob", 202503, None, None),
            order(None, 202503, "5.0000", "Cash"),
        ],
        sessions=[
            session("bob", "2025-03-31 23:59:59", "ios"),
            session("bob", "2025-04-01 00:00:00", "ios"),
            session(None, "2025-03-01 00:00:00", None),
        ],
    )
    assert found == [
        ("retail", "Bonn", 202502, 1, 1, 0, 1, "1.01", 0, "Card 100.00 %", None),
        ("retail", "Bonn", 202503, 2, 1, 1, 4, "5.01", 1, "Card 66.67 %, Cash 33.33 %", "ios 100.00 %"),
        ("retail", "Bonn", 202504, 1, 0, 1, 0, "0.00", 1, None, "ios 100.00 %"),
        ("retail", None, 202503, 0, 0, 0, 1, "5.00", 1, "Cash 100.00 %", None),
    ]


def test_a_place_is_the_city_else_the_region_else_the_country(behaviour):
    found = behaviour("location", *CUSTOMERS, homes=HOMES, orders=[order(name, 202503) for name in ("ada", "cyd")])
    assert found == [("Bonn", 1, 1, 0), ("Rhine", 1, 1, 0)]
    found = behaviour("location", *CUSTOMERS, homes=HOMES, sessions=[session(n, "2025-03-01") for n in ("dan", "eve")])
    assert found == [("DE", 1, 1, 0), (None, 1, 1, 0)]


def test_who_is_new_is_new_to_the_source_with_an_order_or_a_session(behaviour):
    found = behaviour(
        "source",
        "month",
        *CUSTOMERS,
        homes=HOMES,
        orders=[order("ada", 202503), order("ada", 202505), order("ada", 202503, source="crm"), order("bob", 202505)],
        sessions=[session("ada", "2025-02-10"), session("bob", "2025-05-01"), session("bob", "2025-05-02")],
    )
    assert found == [
        ("crm", 202503, 1, 1, 0),
        ("retail", 202502, 1, 1, 0),
        ("retail", 202503, 1, 0, 1),
        ("retail", 202505, 2, 1, 1),
    ]


def test_equal_shares_are_in_alphabetical_order_and_the_largest_comes_first(behaviour):
    paid = ["Cash", "Cash", "Pay", "Card", None]
    seen = ["web", "ios", "web", "web", "android", None]
    found = behaviour(
        "payment_mix",
        "device_mix",
        orders=[order("eve", 202503, paid=method) for method in paid],
        sessions=[session("eve", "2025-03-01", device) for device in seen],
    )
    assert found == [("Cash 50.00 %, Card 25.00 %, Pay 25.00 %", "web 60.00 %, android 20.00 %, ios 20.00 %")]


def test_what_has_no_time_is_left_out(behaviour):
    assert behaviour(orders=[order("ada", None)], sessions=[session("ada", None)]) == []


def test_the_places_add_up_to_all_orders_and_sessions_and_the_active_are_new_or_return(behaviour):
    months = (202501, 202502, 202502)
    orders = [order(name, month) for name in ("ada", "bob", "cyd", "eve", None) for month in months]
    sessions = [session(name, "2025-02-01") for name in ("dan", None)]
    found = behaviour("orders", "sessions", *CUSTOMERS, homes=HOMES, orders=orders, sessions=sessions)
    assert (sum(row[0] for row in found), sum(row[1] for row in found)) == (len(orders), len(sessions))
    assert all(active == new + back for *_, active, new, back in found)
    assert sum(row[3] for row in found) == 5
