from __future__ import annotations

import pytest
from gold.rows import result, unified, with_lines

from c360.gold.months import category_sales, hourly_sales, product_sales
from c360.gold.orders import average_order_value, peak_times


@pytest.fixture
def values(spark):
    def build(**views):
        names = ("orders", "order_lines", "products", "stores")
        rows = with_lines(views)
        orders, lines, products, stores = (unified(spark, name, *rows.get(name, [])) for name in names)
        hours, of_products, of_categories = hourly_sales(orders), product_sales(lines), category_sales(lines, products)
        return result(average_order_value(hours, of_products, of_categories, products, stores))

    return build


MARCH, APRIL = 202503, 202504


def order(order_id, amount, revenue=True, **more):
    return {"order_id": order_id, "total_amount": amount, "is_revenue": revenue, **more}


def line(order_id, number, product_id, amount, **more):
    return {"order_id": order_id, "order_line_id": number, "product_id": product_id, "line_amount": amount, **more}


def test_an_order_is_in_every_dimension_it_has_a_value_for_and_guests_count(values):
    found = values(
        orders=[
            order("1", "10.00", channel="online"),
            order("2", "20.01", channel="online", c360_id="ada"),
            order("3", "5.00", channel="store", store_id="7"),
            order("4", "6.00", channel="store", store_id="8"),
            order("5", "7.00", channel=None),
            order("6", "99.00", channel="online", revenue=False),
            order("7", "99.00", channel="online", revenue=None),
        ],
        stores=[{"store_id": "7", "location": "Bonn"}, {"store_id": "8", "location": "Bonn"}],
    )
    assert found == [
        ("retail", "all", "all", "all", 5, "48.01", "9.60"),
        ("retail", "channel", "online", "online", 2, "30.01", "15.01"),
        ("retail", "channel", "store", "store", 2, "11.00", "5.50"),
        ("retail", "location", "Bonn", "Bonn", 2, "11.00", "5.50"),
    ]


def test_an_order_with_two_products_of_a_category_counts_once_in_it_with_its_lines(values):
    found = values(
        orders=[order("1", "35.00"), order("2", "7.00")],
        order_lines=[
            line("1", "1", "ball", "10.00"),
            line("1", "2", "ball", "10.00"),
            line("1", "3", "kite", "10.00"),
            line("2", "1", "ball", "7.00"),
        ],
        products=[
            {"product_id": "ball", "product_name": "Ball", "category": "Toys"},
            {"product_id": "kite", "product_name": "Kite", "category": "Toys"},
        ],
    )
    assert found == [
        ("retail", "all", "all", "all", 2, "42.00", "21.00"),
        ("retail", "category", "Toys", "Toys", 2, "37.00", "18.50"),
        ("retail", "product", "ball", "Ball", 2, "27.00", "13.50"),
        ("retail", "product", "kite", "Kite", 1, "10.00", "10.00"),
    ]


def test_product_category_and_location_together_need_an_order_that_knows_all_three(values):
    found = values(
        orders=[
            order("1", "10.00", store_id="7"),
            order("2", "20.00", store_id="8"),
            order("3", "30.00"),
            order("4", "40.00", store_id="7"),
        ],
        order_lines=[
            line("1", "1", "ball", "10.00"),
            line("2", "1", "ball", "20.00"),
            line("3", "1", "ball", "30.00"),
            line("4", "1", "unknown", "40.00"),
        ],
        products=[{"product_id": "ball", "product_name": "Ball", "category": "Toys"}],
        stores=[{"store_id": "7", "location": "Bonn"}, {"store_id": "8", "location": "Köln"}],
    )
    assert [row[1:] for row in found if row[1].startswith("product")] == [
        ("product", "ball", "Ball", 3, "60.00", "20.00"),
        ("product", "unknown", None, 1, "40.00", "40.00"),
        ("product_category_location", "ball | Toys | Bonn", "Ball | Toys | Bonn", 1, "10.00", "10.00"),
        ("product_category_location", "ball | Toys | Köln", "Ball | Toys | Köln", 1, "20.00", "20.00"),
    ]


def test_sources_are_kept_apart_even_where_their_ids_agree(values):
    found = values(
        orders=[order("1", "10.00"), order("1", "30.00", source="crm")],
        order_lines=[line("1", "1", "p", "10.00"), line("1", "1", "p", "30.00", source="crm")],
        products=[{"product_id": "p", "category": "Toys"}, {"source": "crm", "product_id": "p", "category": "Toys"}],
    )
    assert found == [
        ("crm", "all", "all", "all", 1, "30.00", "30.00"),
        ("crm", "category", "Toys", "Toys", 1, "30.00", "30.00"),
        ("crm", "product", "p", None, 1, "30.00", "30.00"),
        ("retail", "all", "all", "all", 1, "10.00", "10.00"),
        ("retail", "category", "Toys", "Toys", 1, "10.00", "10.00"),
        ("retail", "product", "p", None, 1, "10.00", "10.00"),
    ]


def test_an_amount_that_is_missing_counts_as_nothing(values):
    assert values(orders=[order("1", None), order("2", "10.00")]) == [
        ("retail", "all", "all", "all", 2, "10.00", "5.00")
    ]


def test_without_orders_there_is_no_average(values):
    assert values() == []


def test_weekday_and_hour_are_local_and_the_busiest_hour_ranks_first(spark):
    def at(order_id, local, amount="1.00", revenue=True, channel="online"):
        return order(order_id, amount, revenue, channel=channel, ordered_local_at=local, ordered_at="2020-01-01")

    orders = unified(
        spark,
        "orders",
        at("1", "2025-03-03 09:59:59"),
        at("2", "2025-03-10 09:00:00", revenue=False),
        at("3", "2025-03-09 23:30:00", "8.00"),
        at("4", "2025-03-04 00:00:00", "8.00"),
        at("5", "2025-03-04 01:00:00", "9.00"),
        at("6", None),
        at("7", "2025-03-08 12:00:00", channel="store"),
    )
    assert result(peak_times(hourly_sales(orders))) == sorted(
        [
            ("retail", "online", 1, "Monday", 9, 2, "1.00", 1),
            ("retail", "online", 2, "Tuesday", 1, 1, "9.00", 2),
            ("retail", "online", 2, "Tuesday", 0, 1, "8.00", 3),
            ("retail", "online", 7, "Sunday", 23, 1, "8.00", 4),
            ("retail", "store", 6, "Saturday", 12, 1, "1.00", 1),
        ],
        key=lambda row: tuple(map(str, row)),
    )


def test_hours_of_each_month_channel_and_store_count_all_orders_and_the_revenue_of_some(spark):
    def at(order_id, local, amount, month=MARCH, revenue=True, **more):
        return order(order_id, amount, revenue, ordered_local_at=local, ordered_month=month, channel="online", **more)

    orders = unified(
        spark,
        "orders",
        at("1", "2025-03-03 09:10:00", "1.0001"),
        at("2", "2025-03-10 09:50:00", "2.0001"),
        at("3", "2025-03-10 09:59:59", "4.00", revenue=False),
        at("4", "2025-04-07 09:00:00", "8.00", month=APRIL),
        at("5", "2025-03-03 09:10:00", "16.00", store_id="7"),
        at("6", None, "32.00", month=None),
        at("7", "2025-04-01 00:30:00", None),
    )
    assert result(hourly_sales(orders)) == [
        ("retail", MARCH, "online", "7", 1, 9, 1, 1, "16.0000"),
        ("retail", MARCH, "online", None, 1, 9, 3, 2, "3.0002"),
        ("retail", MARCH, "online", None, 2, 0, 1, 1, None),
        ("retail", APRIL, "online", None, 1, 9, 1, 1, "8.0000"),
        ("retail", None, "online", None, None, None, 1, 1, "32.0000"),
    ]


def test_products_and_categories_of_each_month_count_an_order_once_however_many_lines_it_has(spark):
    def sold(order_id, number, product_id, amount, month=MARCH, revenue=True, **more):
        return line(order_id, number, product_id, amount, ordered_month=month, is_revenue=revenue, **more)

    lines = unified(
        spark,
        "order_lines",
        sold("1", "1", "ball", "10.00"),
        sold("1", "2", "ball", "10.00"),
        sold("1", "3", "kite", "5.00"),
        sold("2", "1", "ball", "7.00", month=APRIL),
        sold("3", "1", "ball", "3.00", store_id="7"),
        sold("4", "1", "lost", "1.00"),
        sold("5", "1", None, None),
        sold("6", "1", "ball", "99.00", revenue=False),
    )
    products = [{"product_id": "ball", "category": "Toys"}, {"product_id": "kite", "category": "Toys"}]
    assert result(product_sales(lines)) == [
        ("retail", MARCH, "ball", "7", 1, "3.0000"),
        ("retail", MARCH, "ball", None, 1, "20.0000"),
        ("retail", MARCH, "kite", None, 1, "5.0000"),
        ("retail", MARCH, "lost", None, 1, "1.0000"),
        ("retail", MARCH, None, None, 1, None),
        ("retail", APRIL, "ball", None, 1, "7.0000"),
    ]
    assert result(category_sales(lines, unified(spark, "products", *products))) == [
        ("retail", MARCH, "Toys", 2, "28.0000"),
        ("retail", MARCH, None, 2, "1.0000"),
        ("retail", APRIL, "Toys", 1, "7.0000"),
    ]
