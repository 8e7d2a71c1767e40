from __future__ import annotations

import pytest
from gold.rows import result, unified, with_lines

from c360.gold.favourites import customer_favourites

VIEWS = ("orders", "order_lines", "products", "stores", "sessions")


@pytest.fixture
def favourites(spark):
    def build(customers: str, **views):
        rows = with_lines(views)
        people = unified(spark, "customers", *({"c360_id": name} for name in customers.split()))
        return customer_favourites(people, **{name: unified(spark, name, *rows.get(name, [])) for name in VIEWS})

    return build


def order(order_id, c360_id, amount, revenue=True, **more):
    return {"order_id": order_id, "c360_id": c360_id, "total_amount": amount, "is_revenue": revenue, **more}


def test_the_favourite_has_most_orders_then_more_revenue_then_the_first_name(favourites):
    found = favourites(
        "most revenue name none",
        orders=[
            order("1", "most", "1", payment_method="Card"),
            order("2", "most", "1", payment_method="Card"),
            order("3", "most", "99", payment_method="Cash"),
            order("4", "revenue", "5", payment_method="Card"),
            order("5", "revenue", "6", payment_method="Cash"),
            order("6", "revenue", "99", payment_method="Bitcoin", revenue=False),
            order("7", "name", "5", payment_method="Cash"),
            order("8", "name", "5", payment_method="Card"),
            order("9", "none", "5", payment_method=None),
        ],
    )
    assert result(found, "c360_id", "favourite_payment_method") == [
        ("most", "Card"),
        ("name", "Card"),
        ("none", None),
        ("revenue", "Cash"),
    ]


def test_the_favourite_channel_counts_orders_without_revenue_too(favourites):
    found = favourites(
        "ada",
        orders=[
            order("1", "ada", "9", channel="store"),
            order("2", "ada", "1", channel="online", revenue=False),
            order("3", "ada", "1", channel="online", revenue=False),
        ],
    )
    assert result(found, "favourite_channel") == [("online",)]


def test_stores_that_share_a_name_are_told_apart_and_an_unknown_store_keeps_its_id(favourites):
    found = favourites(
        "ada bob",
        stores=[
            {"store_id": "1", "location": "Bonn"},
            {"store_id": "2", "location": "Bonn"},
            {"store_id": "3", "location": "Rhine", "store_name": "Köln"},
        ],
        orders=[
            order("1", "ada", "1", store_id="1"),
            order("2", "ada", "1", store_id="2"),
            order("3", "ada", "1", store_id="3"),
            order("4", "ada", "1", store_id="3"),
            order("5", "bob", "1", store_id="404"),
        ],
    )
    assert result(found, "c360_id", "favourite_store") == [("ada", "Köln"), ("bob", "404")]


def test_an_order_counts_once_for_a_category_however_many_lines_it_has_there(favourites):
    found = favourites(
        "ada",
        orders=[order("1", "ada", "90"), order("2", "ada", "1"), order("3", "ada", "1")],
        products=[
            {"product_id": "ball", "category": "Toys"},
            {"product_id": "kite", "category": "Toys"},
            {"product_id": "novel", "category": "Books"},
            {"product_id": "gift", "category": None},
        ],
        order_lines=[
            {"order_id": "1", "order_line_id": "1", "product_id": "ball", "line_amount": "30"},
            {"order_id": "1", "order_line_id": "2", "product_id": "kite", "line_amount": "30"},
            {"order_id": "1", "order_line_id": "3", "product_id": "kite", "line_amount": "30"},
            {"order_id": "2", "order_line_id": "1", "product_id": "novel", "line_amount": "1"},
            {"order_id": "3", "order_line_id": "1", "product_id": "novel", "line_amount": "1"},
            {"order_id": "3", "order_line_id": "2", "product_id": "gift", "line_amount": "1"},
        ],
    )
    assert result(found, "favourite_category") == [("Books",)]


def test_one_order_id_in_two_sources_is_two_orders(favourites):
    found = favourites(
        "ada",
        orders=[order("1", "ada", "1"), order("1", "ada", "2", source="crm")],
        products=[{"product_id": "p", "category": "Toys"}, {"product_id": "p", "category": "Books", "source": "crm"}],
        order_lines=[
            {"order_id": "1", "order_line_id": "1", "product_id": "p", "line_amount": "1"},
            {"order_id": "1", "order_line_id": "1", "product_id": "p", "line_amount": "2", "source": "crm"},
        ],
    )
    assert result(found, "favourite_category") == [("Books",)]


def test_the_favourite_device_is_that_of_most_sessions_then_the_first_name(favourites):
    def session(number, c360_id, device):
        return {"session_id": number, "c360_id": c360_id, "device": device}

    found = favourites(
        "most name none",
        sessions=[
            session("1", "most", "web"),
            session("2", "most", "web"),
            session("3", "most", "android"),
            session("4", "name", "web"),
            session("5", "name", "ios"),
            session("6", "none", None),
            session("7", None, "web"),
        ],
    )
    assert result(found, "c360_id", "favourite_device") == [("most", "web"), ("name", "ios"), ("none", None)]


def test_somebody_without_an_order_prefers_nothing(favourites):
    assert result(favourites("ada")) == [("ada", None, None, None, None, None)]
