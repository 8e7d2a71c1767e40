from __future__ import annotations

from decimal import Decimal

import pytest
from gold.rows import gold, result, unified

from c360.gold.tiers import product_by_tier, store_performance

TIERS = {"ada": "Gold", "bob": "Silver", "cyd": "Silver"}


@pytest.fixture
def sold(spark):
    """Products by tier of these lines."""

    def build(lines=(), products=(), columns=()):
        rows = [{"order_id": str(n), "order_line_id": "1", **row} for n, row in enumerate(lines)]
        found = product_by_tier(
            unified(spark, "order_lines", *rows), unified(spark, "products", *products), _rfm(spark)
        )
        return result(found, *columns)

    return build


@pytest.fixture
def performance(spark):
    """Stores by tier of these orders."""

    def build(orders=(), stores=(), columns=()):
        rows = [{"order_id": str(n), **row} for n, row in enumerate(orders)]
        found = store_performance(unified(spark, "orders", *rows), unified(spark, "stores", *stores), _rfm(spark))
        return result(found, *columns)

    return build


def _rfm(spark):
    return gold(spark, "rfm", *({"c360_id": person, "tier": tier} for person, tier in TIERS.items()))


def line(person, product_id, amount, quantity=None, revenue=True, **more):
    return {
        "c360_id": person,
        "product_id": product_id,
        "line_amount": amount,
        "quantity": quantity,
        "is_revenue": revenue,
        **more,
    }


def order(person, store_id, amount, revenue=True, **more):
    return {"c360_id": person, "store_id": store_id, "total_amount": amount, "is_revenue": revenue, **more}


BALL = {"product_id": "ball", "product_name": "Ball", "category": "Toys"}
BONN = {"store_id": "7", "location": "Bonn"}


def test_units_and_revenue_of_a_product_by_tier_with_its_share_and_rank(sold):
    found = sold(
        lines=[
            line("ada", "ball", "30.0000", 3),
            line("bob", "ball", "5.0050", 1),
            line("cyd", "ball", "5.0000", None),
            line(None, "ball", "10.0000", 1),
            line("bob", "kite", "10.0050", 2),
            line("ada", "kite", "99", 9, revenue=False),
            line("ada", "ball", "7", 1, source="crm"),
        ],
        products=[BALL, {"product_id": "kite"}],
    )
    ball = ("retail", "ball", "Ball", "Toys")
    assert found == [
        ("crm", "ball", None, None, "Gold", 1, "7.00", "100.00", 1),
        (*ball, "Gold", 3, "30.00", "59.99", 1),
        (*ball, "Guest", 1, "10.00", "20.00", 1),
        (*ball, "Silver", 1, "10.01", "20.01", 1),
        ("retail", "kite", None, None, "Silver", 2, "10.01", "100.00", 2),
    ]


def test_what_nobody_bought_stays_and_so_does_what_only_the_lines_know(sold):
    found = sold(
        lines=[line("ada", "lost", "1.0000"), line("ada", None, None), line("ada", "ball", "9", revenue=False)],
        products=[BALL],
    )
    assert found == [
        ("retail", "ball", "Ball", "Toys", None, 0, "0.00", None, None),
        ("retail", "lost", None, None, "Gold", None, "1.00", "100.00", 1),
        ("retail", None, None, None, "Gold", None, "0.00", None, 2),
    ]


def test_products_of_equal_revenue_rank_by_their_ids(sold):
    lines = [line("ada", product, amount) for product, amount in (("b", "5"), ("a", "5"), ("c", "6"))]
    assert sold(lines, columns=("product_id", "rank_in_tier")) == [("a", 2), ("b", 3), ("c", 1)]


def test_products_by_tier_add_up_to_all_revenue(sold):
    lines = [line(person, product, "1.10") for person in ("ada", "bob", None) for product in ("ball", "lost", None)]
    found = sold(lines, [BALL], columns=("revenue",))
    assert sum(Decimal(revenue) for (revenue,) in found) == len(lines) * Decimal("1.10")


def test_a_store_has_revenue_customers_and_orders_of_each_tier(performance):
    found = performance(
        orders=[
            order("ada", "7", "30.0000"),
            order("ada", "7", "10.0000"),
            order("bob", "7", "5.0050"),
            order("cyd", "7", "5.0050"),
            order("bob", "7", "99", revenue=False),
            order(None, "7", "25.0000"),
            order(None, "7", "24.9900"),
            order("bob", "8", "20.0000"),
            order("ada", None, "50.0000"),
            order("ada", "7", "1.0000", source="crm"),
        ],
        stores=[BONN, {"store_id": "8", "store_name": "Rhine", "location": "Köln"}],
    )
    bonn = ("retail", "7", "Bonn", "Bonn")
    assert found == [
        ("crm", "7", "7", None, "Gold", "1.00", 1, 1, "100.00", 1),
        (*bonn, "Gold", "40.00", 1, 2, "40.00", 1),
        (*bonn, "Guest", "49.99", 0, 2, "49.99", 1),
        (*bonn, "Silver", "10.01", 2, 2, "10.01", 2),
        ("retail", "8", "Rhine", "Köln", "Silver", "20.00", 1, 1, "100.00", 1),
    ]


def test_a_store_where_nobody_bought_stays_and_equal_stores_rank_by_their_ids(performance):
    found = performance(
        orders=[order("ada", "9", None), order("ada", "8", None), order("bob", "7", "9", revenue=False)],
        stores=[BONN],
    )
    assert found == [
        ("retail", "7", "Bonn", "Bonn", None, "0.00", 0, 0, None, None),
        ("retail", "8", "8", None, "Gold", "0.00", 1, 1, None, 1),
        ("retail", "9", "9", None, "Gold", "0.00", 1, 1, None, 2),
    ]


def test_the_stores_add_up_to_the_revenue_of_orders_that_name_one(performance):
    orders = [order(person, store, "1.10") for person in ("ada", "bob", None) for store in ("7", "404", None)]
    found = performance(orders, [BONN], columns=("revenue",))
    assert sum(Decimal(revenue) for (revenue,) in found) == 6 * Decimal("1.10")
