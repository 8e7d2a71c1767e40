from __future__ import annotations

import pytest
from gold.rows import gold, result, unified

from c360.config.segments import Segments
from c360.gold.inventory import inventory_position
from c360.gold.suppliers import supplier_scorecard

BEGINS = "2025-03-31"


@pytest.fixture
def position(spark):
    """Stock records to positions. Tea is expected to sell 840 units in twelve weeks: ten a day."""

    def build(*stock, columns=(), products=None, lines=None, suppliers=(), locations=(), expected="70"):
        if products is None:
            products = [{"product_id": "1", "product_name": "Assam", "category": "tea", "status": "active"}]
        if lines is None:
            lines = [{"product_id": "1", "quantity": 5}]
        sold = [
            {"order_id": f"{n}", "order_line_id": "1", "is_revenue": True, "ordered_at": "2025-03-30 23:00:00"} | line
            for n, line in enumerate(lines)
        ]
        ahead = [
            {"source": "retail", "category": "tea", "measure": measure, "week_start": BEGINS, "weeks_ahead": week}
            | {"expected": amount}
            for measure, amount in (("units", expected), ("revenue", "999"))
            for week in range(1, 13)
            if amount is not None
        ]
        found = inventory_position(
            unified(
                spark, "inventory", *({"inventory_id": f"{n}", "product_id": "1"} | s for n, s in enumerate(stock))
            ),
            unified(spark, "products", *products),
            unified(spark, "locations", *locations),
            unified(spark, "product_suppliers", *suppliers),
            unified(spark, "order_lines", *sold),
            gold(spark, "forecast", *ahead),
            Segments(),
        )
        return result(found, *columns)

    return build


def test_stock_at_a_location_is_set_against_what_is_expected_to_sell_there(position):
    assert position(
        {"location_id": "north", "stock": 250, "reserved": 50, "reorder_point": 100, "max_stock": 400},
        locations=[{"location_id": "north", "location_name": "North", "location_type": "warehouse"}],
        suppliers=[
            {"product_id": "1", "supplier_id": "s", "is_primary": True, "lead_time_days": 9},
            {"product_id": "1", "supplier_id": "t", "is_primary": False, "lead_time_days": 2},
        ],
    ) == [
        (
            "retail",
            *("1", "Assam", "tea", "active"),
            *("north", "North", "warehouse"),
            *(250, 50, 200, 100, 400),
            "10.0000",
            "20.00",
            9,
            "ok",
            0,
        )
    ]


def test_a_stock_record_that_nothing_else_is_known_of_stays_with_nulls(position):
    assert position({"product_id": "9", "stock": 3}, {"product_id": "9", "location_id": "north"}) == [
        (
            "retail",
            "9",
            None,
            None,
            None,
            "north",
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
        ),
        ("retail", "9", None, None, None, None, None, None, 3, None, 3, None, None, None, None, None, None, None),
    ]


def test_several_records_of_a_product_at_a_location_add_up(position):
    found = position(
        {"location_id": "north", "stock": 3, "reorder_point": 1},
        {"location_id": "north", "stock": 4, "reserved": 2, "reorder_point": 2},
        columns=("location_id", "stock", "reserved", "free", "reorder_point", "max_stock"),
    )
    assert found == [("north", 7, 2, 5, 3, None)]


DEMAND = ("product_id", "location_id", "daily_demand")


def test_a_category_s_forecast_falls_on_its_products_by_their_share_of_recent_units(position):
    products = [{"product_id": p, "category": "tea"} for p in "123"] + [{"product_id": "4", "category": "cups"}]
    lines = [
        {"product_id": "1", "quantity": 2},
        {"product_id": "1", "quantity": 1},
        {"product_id": "2", "quantity": 1},
        {"product_id": "2", "quantity": 9, "is_revenue": False},
        {"product_id": "2", "quantity": 9, "ordered_at": "2024-12-29 23:59:59"},
        {"product_id": "2", "quantity": 9, "ordered_at": "2025-03-31"},
        {"product_id": "2", "quantity": None},
        {"product_id": "4", "quantity": 7},
    ]
    stock = [{"product_id": p, "stock": 1, "location_id": "north"} for p in "1234"]
    assert position(*stock, columns=DEMAND, products=products, lines=lines) == [
        ("1", "north", "7.5000"),
        ("2", "north", "2.5000"),
        ("3", "north", "0.0000"),
        ("4", "north", None),
    ]


def test_demand_is_unknown_where_no_product_of_the_category_sold_or_no_units_are_forecast(position):
    stock = {"stock": 1, "location_id": "north"}
    assert position(stock, columns=DEMAND, lines=[]) == [("1", "north", None)]
    assert position(stock, columns=DEMAND, expected=None) == [("1", "north", None)]


def test_locations_share_demand_by_reorder_point_or_equally_where_one_has_none(position):
    north, south = {"location_id": "north", "stock": 30}, {"location_id": "south", "stock": 30}
    shown = ("location_id", "daily_demand", "days_of_cover")
    assert position(north | {"reorder_point": 30}, south | {"reorder_point": 10}, columns=shown) == [
        ("north", "7.5000", "4.00"),
        ("south", "2.5000", "12.00"),
    ]
    for other in ({}, {"reorder_point": 0}):
        assert position(north | other, south | {"reorder_point": 0}, columns=shown) == [
            ("north", "5.0000", "6.00"),
            ("south", "5.0000", "6.00"),
        ]


ACTION = ("free", "days_of_cover", "action", "order_quantity")


@pytest.mark.parametrize(
    ("stock", "row"),
    [
        ({"stock": 101, "reorder_point": 100}, (101, "10.10", "ok", 0)),
        ({"stock": 100, "reorder_point": 100}, (100, "10.00", "reorder", 500)),
        ({"stock": 120, "reserved": 20, "reorder_point": 100, "max_stock": 150}, (100, "10.00", "reorder", 50)),
        ({"stock": 50}, (50, "5.00", "reorder", 550)),
        ({"stock": 51}, (51, "5.10", "ok", 0)),
        ({"stock": 5, "reserved": 8}, (-3, "0.00", "reorder", 603)),
        ({"stock": 700, "reorder_point": 700}, (700, "70.00", "reorder", 1)),
        ({"stock": 1800}, (1800, "180.00", "ok", 0)),
        ({"stock": 1801}, (1801, "180.10", "overstock", 0)),
        ({"stock": 151, "max_stock": 150}, (151, "15.10", "overstock", 0)),
        ({"stock": None, "reorder_point": 100}, (None, None, None, None)),
    ],
)
def test_what_to_do_where_demand_is_ten_a_day_and_the_supplier_takes_five(position, stock, row):
    supplier = {"product_id": "1", "supplier_id": "s", "lead_time_days": 5}
    assert position({"location_id": "north"} | stock, columns=ACTION, suppliers=[supplier]) == [row]


@pytest.mark.parametrize(
    ("stock", "row"),
    [
        ({"stock": 9, "reorder_point": 10}, (9, None, "reorder", None)),
        ({"stock": 9, "reorder_point": 10, "max_stock": 40}, (9, None, "reorder", 31)),
        ({"stock": 11, "reorder_point": 10}, (11, None, "ok", 0)),
        ({"stock": 41, "max_stock": 40}, (41, None, "overstock", 0)),
    ],
)
def test_without_demand_the_limits_decide(position, stock, row):
    assert position({"location_id": "north"} | stock, columns=ACTION, lines=[]) == [row]


def test_what_no_longer_sells_is_too_much_and_what_is_discontinued_is_not_reordered(position):
    tea = {"product_id": "2", "category": "tea"}
    stock = {"product_id": "2", "location_id": "north", "reorder_point": 10}
    assert position(
        stock | {"stock": 11}, columns=ACTION, products=[tea], lines=[{"product_id": "1", "quantity": 1}]
    ) == [(11, None, "ok", 0)]
    both = [tea, {"product_id": "1", "category": "tea"}]
    assert position(stock | {"stock": 11}, columns=ACTION, products=both) == [(11, None, "overstock", 0)]
    assert position(stock | {"stock": 10}, columns=ACTION, products=both) == [(10, None, "reorder", 1)]
    gone = [tea | {"status": "Discontinued"}, *both[1:]]
    assert position(stock | {"stock": 10}, columns=ACTION, products=gone) == [(10, None, "overstock", 0)]
    assert position(stock | {"stock": 0}, columns=ACTION, products=gone) == [(0, None, "ok", 0)]


def test_a_supplier_s_card_says_what_it_supplies_at_what_cost_and_how_fast(spark):
    suppliers = [
        {"supplier_id": "s", "supplier_name": "Sun", "country": "IN", "payment_terms": "30 days", "rating": "4.50"},
        {"supplier_id": "t", "supplier_name": "Tea & Co"},
        {"supplier_id": "u"},
    ]
    offers = [
        {"product_id": "1", "supplier_id": "s", "is_primary": True, "unit_cost": "2.0000", "lead_time_days": 4},
        {"product_id": "2", "supplier_id": "s", "is_primary": True, "unit_cost": "9.0000", "lead_time_days": 9},
        {"product_id": "3", "supplier_id": "s", "is_primary": False, "unit_cost": "1.0000"},
        {"product_id": "1", "supplier_id": "t", "unit_cost": "2.0000", "lead_time_days": 3},
        {"product_id": "2", "supplier_id": "t", "is_primary": False, "unit_cost": "9.5000"},
        {"product_id": "9", "supplier_id": "t"},
        {"product_id": "9", "supplier_id": "gone"},
    ]
    products = [
        {"product_id": "1", "list_price": "4.0000"},
        {"product_id": "2", "list_price": "12.0000"},
        {"product_id": "3"},
    ]
    stock = [
        {"source": "retail", "product_id": "1", "location_id": "a", "action": "reorder", "order_quantity": 5},
        {"source": "retail", "product_id": "1", "location_id": "b", "action": "reorder", "order_quantity": None},
        {"source": "retail", "product_id": "2", "location_id": "a", "action": "reorder", "order_quantity": None},
        {"source": "retail", "product_id": "3", "location_id": "a", "action": "reorder", "order_quantity": 7},
        {"source": "retail", "product_id": "2", "location_id": "b", "action": "ok", "order_quantity": 0},
    ]
    found = supplier_scorecard(
        unified(spark, "suppliers", *suppliers),
        unified(spark, "product_suppliers", *offers),
        unified(spark, "products", *products),
        gold(spark, "inventory_position", *stock),
    )
    assert result(found) == [
        ("retail", "s", "Sun", "IN", "30 days", "4.50", 3, 2, 2, 2, "68.75", "6.50", 9, 2, 5),
        ("retail", "t", "Tea & Co", None, None, None, 3, 0, 1, 2, "71.88", "3.00", 3, 0, 0),
        ("retail", "u", None, None, None, None, 0, 0, 0, 0, None, None, None, 0, 0),
    ]
