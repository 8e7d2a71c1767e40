from __future__ import annotations

import pytest
from gold.rows import gold, result, unified

from c360.gold.periods import sales_by_territory, sales_performance


@pytest.fixture
def territories(spark):
    def build(*orders):
        return result(sales_by_territory(unified(spark, "orders", *orders)))

    return build


@pytest.fixture
def performance(spark):
    def build(lines, products=(), *columns):
        sources = [{"source": "retail"} | line for line in lines]
        return result(
            sales_performance(gold(spark, "fact_sales", *sources), unified(spark, "products", *products)), *columns
        )

    return build


def order(order_id, local, amount, territory="North", revenue=True, **more):
    return {
        "order_id": order_id,
        "ordered_local_at": local and f"{local} 23:30:00",
        "total_amount": amount,
        "territory": territory,
        "is_revenue": revenue,
        **more,
    }


def test_a_territory_has_its_share_of_the_period_and_its_change_on_the_one_just_before(territories):
    found = territories(
        order("1", "2025-01-31", "10.00", c360_id="ada"),
        order("2", "2025-01-01", "20.00", c360_id="ada"),
        order("3", "2025-02-28", "45.00", c360_id="ada"),
        order("4", "2025-02-01", "15.00", territory=None),
        order("5", "2025-04-01", "9.00"),
        order("6", "2025-02-01", "99.00", revenue=False),
        order("7", "2025-02-01", "99.00", revenue=None),
        order("8", None, "99.00"),
    )
    assert found == [
        ("retail", "North", "month", "2025-01-01", 2, 1, "30.00", "100.00", "0.00", None),
        ("retail", "North", "month", "2025-02-01", 1, 1, "45.00", "75.00", "30.00", "50.00"),
        # nothing was sold there in March
        ("retail", "North", "month", "2025-04-01", 1, 0, "9.00", "100.00", "0.00", None),
        ("retail", "North", "quarter", "2025-01-01", 3, 1, "75.00", "83.33", "0.00", None),
        ("retail", "North", "quarter", "2025-04-01", 1, 0, "9.00", "100.00", "75.00", "-88.00"),
        ("retail", None, "month", "2025-02-01", 1, 0, "15.00", "25.00", "0.00", None),
        ("retail", None, "quarter", "2025-01-01", 1, 0, "15.00", "16.67", "0.00", None),
    ]


def test_an_order_without_an_amount_counts_as_an_order_and_sources_are_apart(territories):
    assert territories(order("1", "2025-01-31", None), order("1", "2025-01-31", "4.00", source="crm")) == [
        ("crm", "North", "month", "2025-01-01", 1, 0, "4.00", "100.00", "0.00", None),
        ("crm", "North", "quarter", "2025-01-01", 1, 0, "4.00", "100.00", "0.00", None),
        ("retail", "North", "month", "2025-01-01", 1, 0, "0.00", None, "0.00", None),
        ("retail", "North", "quarter", "2025-01-01", 1, 0, "0.00", None, "0.00", None),
    ]


def test_without_orders_there_is_no_territory(territories):
    assert territories() == []


def line(order_id, day, product_id, amount, lines=1, revenue=True, **more):
    return {
        "order_id": order_id,
        "ordered_on": day,
        "product_id": product_id,
        "sales_amount": amount,
        "lines_in_order": lines,
        "is_revenue": revenue,
        **more,
    }


BALL = {"product_id": "ball", "product_name": "Ball", "category": "Toys", "unit_cost": "3.0000"}


def test_an_order_with_two_lines_of_a_product_counts_once_and_margin_is_of_what_is_known(performance):
    found = performance(
        [
            line("1", "2025-01-10", "ball", "10.0000", lines=3, quantity=2, discount_amount="1.0000"),
            line("1", "2025-01-10", "ball", "5.0000", lines=3, quantity=1),
            line("1", "2025-01-10", "kite", "7.0000", lines=3, quantity=1),
            line("2", "2025-01-20", "ball", "4.0050"),
            line("3", "2025-02-20", "ball", "20.0000", quantity=4),
            line("4", "2025-02-20", "ball", "99.0000", revenue=False),
            line("5", "2025-02-20", None, "99.0000"),
            line("6", None, "ball", "99.0000"),
        ],
        [BALL],
    )
    ball, kite = ("retail", "ball", "Ball", "Toys"), ("retail", "kite", None, None)
    assert found == [
        # margin 15.00 - 3 x 3.00 of the lines with a quantity; the change is that on 19.0050
        (*ball, "month", "2025-01-01", 3, 2, "20.01", "1.00", "19.01", "6.00", "40.00", 1, "0.00", None),
        (*ball, "month", "2025-02-01", 4, 1, "20.00", "0.00", "20.00", "8.00", "40.00", 1, "19.01", "5.24"),
        (*ball, "quarter", "2025-01-01", 7, 3, "40.01", "1.00", "39.01", "14.00", "40.00", 1, "0.00", None),
        (*kite, "month", "2025-01-01", 1, 1, "7.00", "0.00", "7.00", None, None, 2, "0.00", None),
        (*kite, "quarter", "2025-01-01", 1, 1, "7.00", "0.00", "7.00", None, None, 2, "0.00", None),
    ]


def test_products_are_ranked_by_revenue_then_units_then_id(performance):
    found = performance(
        [
            line("1", "2025-01-10", "a", "5.00", quantity=1),
            line("2", "2025-01-10", "b", "5.00", quantity=1),
            line("3", "2025-01-10", "c", "5.00", quantity=2),
            line("4", "2025-01-10", "d", "5.00"),
            line("5", "2025-01-10", "e", "9.00"),
        ],
        (),
        "rank_in_period",
        "product_id",
        "period",
        "units",
    )
    assert [row[:2] for row in found if row[2] == "month"] == [(1, "e"), (2, "c"), (3, "a"), (4, "b"), (5, "d")]
    assert {row[1]: row[3] for row in found} == {"a": 1, "b": 1, "c": 2, "d": None, "e": None}
