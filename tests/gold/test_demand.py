from __future__ import annotations

from datetime import date

import pytest
from gold.rows import gold, result, unified

from c360.gold.demand import discount_impact, product_demand

AS_OF = date(2025, 6, 30)


def line(order_id, product_id, amount="10.0000", day="2025-06-30", lines=1, revenue=True, **more):
    return {
        "source": "retail",
        "order_id": order_id,
        "product_id": product_id,
        "sales_amount": amount,
        "ordered_on": day,
        "lines_in_order": lines,
        "is_revenue": revenue,
        **more,
    }


@pytest.fixture
def demand(spark):
    def build(lines, products=(), returns=(), *columns):
        views = (unified(spark, "products", *products), unified(spark, "returns", *returns))
        return result(product_demand(gold(spark, "fact_sales", *lines), *views, AS_OF), *columns)

    return build


def test_a_product_never_sold_stays_and_so_does_one_that_is_not_listed(demand):
    kite = {"product_id": "kite", "product_name": "Kite", "category": "Toys", "status": "active"}
    assert demand([line("1", "ball", quantity=3), line("2", None)], [kite]) == [
        ("retail", "ball", None, None, None, 3, 1, "10.00", None, None, None, 3, 0, None, "new", "2025-06-30", 1),
        ("retail", "kite", "Kite", "Toys", "active", 0, 0, "0.00", None, None, None, 0, 0, None, "none", None, 1),
    ]


def test_what_came_back_was_demand_whether_or_not_its_order_still_brings_revenue(demand):
    lines = [
        line("1", "ball", quantity=6),
        line("2", "ball", quantity=4, revenue=False),
        line("3", "ball", quantity=9, revenue=False),
        line("4", "kite"),
        line("5", "kite", revenue=False),
    ]
    returns = [
        {"return_id": "r1", "order_id": "1", "product_id": "ball", "quantity": 1},
        {"return_id": "r2", "order_id": "2", "product_id": "ball", "quantity": 4},
        {"return_id": "r3", "order_id": "5", "product_id": "kite"},
        {"return_id": "r4", "order_id": "5", "product_id": None},
    ]
    columns = ("product_id", "units", "order_lines", "revenue", "returns", "returned_units", "return_rate_percent")
    assert demand(lines, (), returns, *columns) == [
        ("ball", 10, 2, "10.00", 2, 5, "50.00"),
        ("kite", 2, 2, "10.00", 1, 1, "50.00"),
    ]


def test_a_source_that_records_returns_has_a_rate_of_nothing_and_another_has_none(demand):
    lines = [line("1", "ball", quantity=1), line("1", "ball", quantity=1) | {"source": "crm"}]
    returns = [{"return_id": "r1", "order_id": "7", "product_id": "kite"}]
    columns = ("source", "product_id", "returns", "returned_units", "return_rate_percent")
    assert demand(lines, (), returns, *columns) == [
        ("crm", "ball", None, None, None),
        ("retail", "ball", 0, 0, "0.00"),
    ]


@pytest.mark.parametrize(
    ("before", "recently", "change", "trend"),
    [
        (10, 11, "10.00", "rising"),
        (10, 9, "-10.00", "falling"),
        (100, 109, "9.00", "steady"),
        (100, 91, "-9.00", "steady"),
        (4, 0, "-100.00", "falling"),
        (0, 4, None, "new"),
        (0, 0, None, "none"),
    ],
)
def test_a_trend_is_a_change_of_ten_percent_on_the_ninety_days_before(demand, before, recently, change, trend):
    lines = [
        line("1", "ball", day="2025-06-30", quantity=recently),
        line("2", "ball", day="2025-04-01", quantity=before),
        line("3", "ball", day="2025-01-01", quantity=50),
    ]
    columns = ("units_last_90_days", "units_previous_90_days", "trend_percent", "trend")
    assert demand(lines, (), (), *columns) == [(recently, before, change, trend)]


def test_the_periods_of_a_trend_meet_without_a_gap(demand):
    days = ("2025-07-01", "2025-06-30", "2025-04-02", "2025-04-01", "2025-01-02", "2025-01-01", None)
    lines = [line(str(n), "ball", day=day, quantity=10**n) for n, day in enumerate(days)]
    assert demand(lines, (), (), "units_last_90_days", "units_previous_90_days") == [(110, 11_000)]


def test_products_of_a_category_are_ranked_by_units_then_revenue_then_id(demand):
    products = [{"product_id": p, "category": "Toys"} for p in "abcde"] + [{"product_id": "x", "category": "Tools"}]
    lines = [line("1", "c", "9.00", quantity=2), line("2", "b", "8.00", quantity=2), line("3", "e", "99.00")]
    found = demand(lines, products, (), "category", "category_rank", "product_id")
    assert found == [
        ("Tools", 1, "x"),
        ("Toys", 1, "c"),
        ("Toys", 2, "b"),
        ("Toys", 3, "e"),
        ("Toys", 4, "a"),
        ("Toys", 5, "d"),
    ]


@pytest.fixture
def impact(spark):
    def build(lines, products=(), promotions=(), *columns):
        views = (unified(spark, "products", *products), unified(spark, "promotions", *promotions))
        return result(discount_impact(gold(spark, "fact_sales", *lines), *views), *columns)

    return build


def sold(order_id, product_id, quantity, net, discount=None, promotion=None, **more):
    return line(order_id, product_id, net, quantity=quantity, discount_amount=discount, promotion_id=promotion, **more)


BALL = {"product_id": "ball", "unit_cost": "4.0000"}


def test_a_discount_is_measured_against_lines_of_the_same_product_without_one(impact):
    lines = [
        sold("1", "ball", 1, "10.00"),
        sold("2", "ball", 3, "30.00"),
        sold("3", "ball", 4, "32.00", "8.00", "sale", lines=2),
        sold("3", "ball", 6, "48.00", "12.00", "sale", lines=2),
        sold("4", "kite", 9, "9.00", "1.00", "sale"),
        sold("5", "ball", 50, "1.00", revenue=False),
        sold("6", None, 50, "1.00"),
    ]
    found = impact(lines, [BALL], [{"promotion_id": "sale", "promotion_name": "Summer sale"}])
    none, sale = ("retail", None, None, "none"), ("retail", "sale", "Summer sale")
    # margin 80.00 - 10 x 4.00; with 20.00 off it takes half as much again to earn what these balls would have earned
    of_balls = ("up to 20 %", 1, 2, 10, "100.00", "20.00", "80.00", "20.00", "5.00", "2.00", "150.00", "40.00", "50.00")
    assert found == [
        (*sale, "up to 10 %", 1, 1, 9, "10.00", "1.00", "9.00", "10.00", None, None, None, None, None, None),
        (*sale, *of_balls, True),
        (*none, 2, 2, 4, "40.00", "0.00", "40.00", "0.00", "2.00", "2.00", "0.00", "24.00", None, None),
    ]


def test_without_a_margin_no_uplift_makes_up_for_a_discount(impact):
    lines = [
        sold("1", "ball", 1, "10.00"),
        sold("2", "ball", 9, "36.00", "54.00", "below"),
        sold("3", "ball", 1, "9.00", "1.00", "poor"),
    ]
    columns = ("promotion_id", "margin", "break_even_uplift_percent", "uplift_percent", "is_break_even_reached")
    assert impact(lines, [BALL], (), *columns) == [
        ("below", "0.00", None, "800.00", False),
        ("poor", "5.00", "20.00", "0.00", False),
        (None, "6.00", None, "0.00", None),
    ]


def test_a_share_belongs_to_the_band_it_ends_even_where_the_discount_was_rounded_up(impact):
    shares = {"a": ("95.00", "5.00"), "b": ("0.9499", "0.0501"), "c": ("94.9999", "5.0001"), "d": ("50.00", "50.00")}
    shares |= {"e": ("0.00", "1.00"), "f": ("1.00", "0.00"), "g": ("1.00", None), "h": (None, None), "i": ("-1", "1")}
    lines = [sold(name, "ball", None, net, discount, name) for name, (net, discount) in shares.items()]
    found = dict(impact(lines, [BALL], (), "promotion_id", "discount_band"))
    assert found == {
        "a": "up to 5 %",
        "b": "up to 10 %",
        "c": "up to 5 %",
        "d": "up to 50 %",
        "e": "over 50 %",
        "f": "none",
        "g": "none",
        "h": "none",
        "i": "over 50 %",
    }


def test_without_quantities_there_is_money_but_no_uplift_and_no_margin(impact):
    lines = [sold("1", "ball", None, "10.00"), sold("2", "ball", None, "9.00", "1.00")]
    columns = ("discount_band", "orders", "units", "net", "units_per_line", "uplift_percent", "margin")
    assert impact(lines, [BALL], (), *columns) == [
        ("none", 1, None, "10.00", None, None, None),
        ("up to 10 %", 1, None, "9.00", None, None, None),
    ]
