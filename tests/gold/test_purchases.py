from __future__ import annotations

from decimal import Decimal

import pytest
from gold.rows import gold, result, unified, with_lines

from c360.gold.purchases import purchase_history

VIEWS = ("orders", "order_lines", "products", "stores")
ORDER = ("c360_id", "source", "order_id", "order_line_id")


@pytest.fixture
def history(spark):
    def build(*columns, fulfilment=(), **views):
        rows = with_lines(views)
        frames = {name: unified(spark, name, *rows.get(name, [])) for name in VIEWS}
        found = purchase_history(**frames, fulfilment=gold(spark, "fulfilment", *fulfilment))
        return result(found, *columns)

    return build


def order(order_id, c360_id, total, revenue=True, **more):
    return {"order_id": order_id, "c360_id": c360_id, "total_amount": total, "is_revenue": revenue, **more}


def line(order_id, number, product_id=None, amount=None, **more):
    return {"order_id": order_id, "order_line_id": number, "product_id": product_id, "line_amount": amount, **more}


def test_a_line_has_its_product_store_channel_discount_and_delivery(history):
    found = history(
        orders=[
            order(
                "1",
                "ada",
                "18.0000",
                channel="store",
                store_id="7",
                status="Completed",
                payment_method="Card",
                ordered_at="2025-03-01 10:00:00",
                currency="EUR",
            )
        ],
        order_lines=[line("1", "1", "ball", "18.0000", quantity=2, unit_price="10.0000", discount_amount="2.0000")],
        products=[
            {"product_id": "ball", "product_name": "Ball", "category": "Toys", "brand": "Bo", "unit_cost": "4.0001"}
        ],
        stores=[{"store_id": "7", "location": "Bonn"}],
        fulfilment=[
            {
                "source": "retail",
                "order_id": "1",
                "shipped_on": "2025-03-02",
                "promised_on": "2025-03-04",
                "delivered_on": "2025-03-05",
                "is_on_time": False,
            }
        ],
    )
    bought = ("ada", "retail", "1", "1", "2025-03-01 10:00:00")
    where = ("store", "7", "Bonn", "Completed", True, "Card")
    what = ("ball", "Ball", "Toys", "Bo", 2, "10.0000", "2.0000", "18.0000", "9.9998", "EUR")
    assert found == [(*bought, *where, *what, "2025-03-02", "2025-03-04", "2025-03-05", False)]


def test_an_order_whose_lines_were_not_recorded_is_one_row_with_its_total(history):
    found = history(
        *ORDER,
        "is_revenue",
        "amount",
        orders=[order("1", "ada", "30.0000"), order("2", "ada", "7.5000", revenue=False), order("3", "ada", None)],
        order_lines=[line("1", "1", "ball", "10.0000"), line("1", "2", "ball", None)],
    )
    assert found == [
        ("ada", "retail", "1", "1", True, "10.0000"),
        ("ada", "retail", "1", "2", True, None),
        ("ada", "retail", "2", None, False, "7.5000"),
        ("ada", "retail", "3", None, True, None),
    ]


def test_guests_have_no_history_and_what_a_source_does_not_list_keeps_its_id(history):
    found = history(
        *ORDER,
        "store",
        "product_id",
        "product_name",
        "delivered_on",
        orders=[order("1", None, "1"), order("2", "ada", "1", store_id="404"), order("3", "ada", "1", store_id="8")],
        order_lines=[line("1", "1", "ball"), line("2", "1", "404"), line("3", "1", None)],
        products=[{"product_id": "ball", "product_name": "Ball"}],
        stores=[{"store_id": "8", "store_name": "Rhine", "location": "Bonn"}],
    )
    assert found == [
        ("ada", "retail", "2", "1", "404", "404", None, None),
        ("ada", "retail", "3", "1", "Rhine", None, None, None),
    ]


def test_the_margin_needs_amount_quantity_and_cost(history):
    found = history(
        "order_line_id",
        "margin",
        orders=[order("1", "ada", "1")],
        order_lines=[
            line("1", "1", "ball", "10.0000", quantity=3),
            line("1", "2", "ball", "10.0000"),
            line("1", "3", "ball", None, quantity=3),
            line("1", "4", "kite", "10.0000", quantity=3),
        ],
        products=[{"product_id": "ball", "unit_cost": "4.0000"}, {"product_id": "kite"}],
    )
    assert found == [("1", "-2.0000"), ("2", None), ("3", None), ("4", None)]


def test_one_order_id_in_two_sources_is_two_orders(history):
    found = history(
        *ORDER,
        "product_name",
        "shipped_on",
        orders=[order("1", "ada", "1"), order("1", "bob", "1", source="crm")],
        order_lines=[line("1", "1", "p"), line("1", "1", "p", source="crm")],
        products=[{"product_id": "p", "product_name": "Ball"}, {"product_id": "p", "source": "crm"}],
        fulfilment=[{"source": "crm", "order_id": "1", "shipped_on": "2025-03-02"}],
    )
    assert found == [("ada", "retail", "1", "1", "Ball", None), ("bob", "crm", "1", "1", None, "2025-03-02")]


def test_what_brought_revenue_adds_up_to_the_revenue_of_all_persons(history):
    orders = [
        order("1", "ada", "30.0001"),
        order("2", "ada", "7.0002"),
        order("3", "bob", "99", revenue=False),
        order("4", None, "5"),
    ]
    lines = [line("1", "1", "p", "10.0000"), line("1", "2", "p", "20.0001"), line("3", "1", "p", "99")]
    found = history("is_revenue", "amount", orders=orders, order_lines=lines)
    amounts = [Decimal(amount) for is_revenue, amount in found if is_revenue]
    assert sum(amounts) == Decimal("30.0001") + Decimal("7.0002")
