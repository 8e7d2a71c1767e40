from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from gold.rows import result, unified

from c360.gold.facts import fact_sales

PARTS = ("subtotal_amount", "order_discount_amount", "tax_amount", "freight_amount", "total_due_amount")
UNIT = Decimal("0.0001")


@pytest.fixture
def sold(spark):
    """Facts of orders and lines; an order of several lines unless a line says that it is the only one."""

    def build(orders, lines, *columns):
        facts = fact_sales(unified(spark, "orders", *orders), unified(spark, "order_lines", *lines))
        return result(facts, *columns)

    return build


def order(order_id, total, subtotal=None, tax=None, freight=None, discount=None, **more):
    amounts = {"subtotal_amount": subtotal, "tax_amount": tax, "shipping_amount": freight, "discount_amount": discount}
    return {"order_id": order_id, "total_amount": total} | amounts | more


def line(order_id, number, amount, **more):
    return {"order_id": order_id, "order_line_id": number, "line_amount": amount, **more}


def test_what_cannot_be_divided_goes_to_the_lines_that_lost_most_and_of_equal_ones_to_the_first(sold):
    lines = [line("1", "a", "1.00"), line("1", "b", "1.00"), line("1", "c", "4.00")]
    found = sold([order("1", "7.0005", "6.0000", "1.0001", "0.0004")], lines, "order_line_id", *PARTS)
    # in units of 0.0001: tax 1666.83, 1666.83, 6667.33; freight 0.67, 0.67, 2.67
    assert found == [
        ("a", "1.0000", None, "0.1667", "0.0001", "1.1668"),
        ("b", "1.0000", None, "0.1667", "0.0001", "1.1668"),
        ("c", "4.0000", None, "0.6667", "0.0002", "4.6669"),
    ]


def test_a_total_that_is_not_the_sum_of_its_parts_is_reached_all_the_same(sold):
    lines = [line("1", "a", "3.00"), line("1", "b", "1.00")]
    found = sold([order("1", "4.0900", "4.00", "0.40", None, "0.30")], lines, "order_line_id", *PARTS)
    # 0.0100 less than 4.00 - 0.30 + 0.40
    assert found == [
        ("a", "3.0000", "0.2250", "0.3000", None, "3.0675"),
        ("b", "1.0000", "0.0750", "0.1000", None, "1.0225"),
    ]


def test_lines_that_add_up_to_nothing_or_to_more_than_can_be_reckoned_with_share_equally(sold):
    orders = [order("free", "1.00", tax="0.0005"), order("back", "-1.00"), order("vast", "100000000000.00", tax="3.00")]
    lines = [
        line("free", "1", "0.00"),
        line("free", "2", None),
        line("back", "1", "-5.00"),
        line("back", "2", "1.00"),
        line("vast", "1", "99999999999.00"),
        line("vast", "2", "1.00"),
    ]
    assert sold(orders, lines, "order_id", "order_line_id", "tax_amount", "total_due_amount") == [
        ("back", "1", None, "-0.5000"),
        ("back", "2", None, "-0.5000"),
        ("free", "1", "0.0003", "0.5001"),
        ("free", "2", "0.0002", "0.4999"),
        ("vast", "1", "1.5000", "50000000000.0000"),
        ("vast", "2", "1.5000", "50000000000.0000"),
    ]


def test_an_only_line_has_all_of_its_order_and_an_order_without_lines_is_a_row_of_its_own(sold):
    orders = [
        order("1", "11.00", "10.00", "1.00", customer_id="c1", channel="online", status="Completed", is_revenue=True),
        order("2", "5.00", channel="store", is_revenue=True),
        order("3", "10.50", "10.00", "1.00", None, "0.50", is_revenue=False),
        order("4", None),
    ]
    only = line("1", "1", "9.00", product_id="ball", discount_amount="1.00", quantity=2, is_only_line=True)
    columns = ("order_id", "order_line_id", "customer_id", "product_id", "channel", "is_revenue", "lines_in_order")
    assert sold(orders, [only], *columns) == [
        ("1", "1", "c1", "ball", "online", True, 1),
        ("2", None, None, None, "store", True, 1),
        ("3", None, None, None, None, False, 1),
        ("4", None, None, None, None, None, 1),
    ]
    assert sold(orders, [only], "order_id", "gross_amount", "discount_amount", "sales_amount", *PARTS) == [
        ("1", "10.0000", "1.0000", "9.0000", "10.0000", None, "1.0000", None, "11.0000"),
        ("2", "5.0000", None, "5.0000", None, None, None, None, "5.0000"),
        ("3", "10.0000", "0.5000", "9.5000", "10.0000", "0.5000", "1.0000", None, "10.5000"),
        ("4", None, None, None, None, None, None, None, None),
    ]


def test_a_line_whose_order_is_not_known_keeps_what_it_says_itself(sold):
    said = {"customer_id": "c1", "status": "open", "is_revenue": True, "ordered_at": "2025-03-01 23:00:00"}
    lines = [
        line("9", "1", "3.00", quantity=1, **said),
        line("9", "2", "4.00", **said),
        line("8", "1", "5.00", is_only_line=True),
    ]
    columns = ("order_id", "order_line_id", "customer_id", "status", "is_revenue", "ordered_on", "lines_in_order")
    assert sold([], lines, *columns, "sales_amount", "subtotal_amount", "total_due_amount") == [
        ("8", "1", None, None, None, None, 1, "5.0000", None, None),
        ("9", "1", "c1", "open", True, "2025-03-01", 2, "3.0000", None, None),
        ("9", "2", "c1", "open", True, "2025-03-01", 2, "4.0000", None, None),
    ]


def test_the_day_is_that_of_the_source_and_ids_of_sources_are_kept_apart(sold):
    at = {"ordered_at": "2025-03-01 02:00:00", "ordered_local_at": "2025-02-28 18:00:00"}
    orders = [order("1", "4.00", **at), order("1", "8.00", source="crm", territory="North", currency="EUR")]
    lines = [line("1", n, "1.00", source=source) for n in ("1", "2") for source in ("crm", "retail")]
    columns = ("source", "order_line_id", "territory", "currency", "ordered_at", "ordered_on", "total_due_amount")
    assert sold(orders, lines, *columns) == [
        ("crm", "1", "North", "EUR", None, None, "4.0000"),
        ("crm", "2", "North", "EUR", None, None, "4.0000"),
        ("retail", "1", None, None, "2025-03-01 02:00:00", "2025-02-28", "2.0000"),
        ("retail", "2", None, None, "2025-03-01 02:00:00", "2025-02-28", "2.0000"),
    ]


def by_hand(amount, weights):
    """Hamilton's method on exact fractions, in units of 0.0001; weights by line, in the order of their ids."""
    whole = int(amount / UNIT)
    size = sum(weights.values())
    weights = weights if size > 0 else dict.fromkeys(weights, 1)
    shares = {name: Fraction(whole) * Fraction(w) / Fraction(sum(weights.values())) for name, w in weights.items()}
    found = {name: floor(share) for name, share in shares.items()}
    first = sorted(shares, key=lambda name: (found[name] - shares[name], name))
    for name in first[: whole - sum(found.values())]:
        found[name] += 1
    return {name: Decimal(units) * UNIT for name, units in found.items()}


def test_three_hundred_orders_of_all_kinds_are_divided_as_by_hand(sold):
    chance = random.Random(7)

    def amount(low, high):
        return Decimal(chance.randint(low, high)) * UNIT

    orders, lines = [], []
    for number in range(300):
        total = amount(-(10**6), 10 ** chance.randint(3, 14))
        orders.append(order(f"{number}", str(total), tax=str(amount(0, 10**6))))
        kind = chance.choice(("equal", "any", "small", "with returns"))
        equal = amount(1, 10**6)
        for place in range(chance.randint(1, 9)):
            low, high = {"any": (0, 10**9), "small": (0, 3), "with returns": (-(10**5), 10**6)}.get(kind, (0, 0))
            lines.append(line(f"{number}", f"{place}", str(equal if kind == "equal" else amount(low, high))))
    weights = defaultdict(dict)
    for each in lines:
        weights[each["order_id"]][each["order_line_id"]] = Decimal(each["line_amount"])
    expected = set()
    for each in orders:
        of = weights[each["order_id"]]
        total, tax = Decimal(each["total_amount"]), Decimal(each["tax_amount"])
        taxes, rests = by_hand(tax, of), by_hand(total - tax, of)
        expected |= {(each["order_id"], name, str(taxes[name]), str(taxes[name] + rests[name])) for name in of}
    found = sold(orders, lines, "order_id", "order_line_id", "tax_amount", "total_due_amount")
    assert set(found) == expected
    assert len(found) == len(lines)
