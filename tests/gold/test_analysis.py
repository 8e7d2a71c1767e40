from __future__ import annotations

from datetime import date

import pytest
from gold.rows import gold, result, unified

from c360.gold.analysis import customer_analysis, customers_by_region

AS_OF = date(2025, 6, 30)


@pytest.fixture
def analysed(spark):
    """Everybody of `activity`, each known to retail by the person's own name."""

    def build(activity, lines=(), products=(), rhythm=(), clv=(), records=None, columns=()):
        people = list(activity)
        records = records or [{"customer_id": name, "c360_id": name} for name in people]
        acts = [{"c360_id": name, "revenue_orders": n, "revenue": money} for name, (n, money) in activity.items()]
        return result(
            customer_analysis(
                unified(spark, "customers", *({"c360_id": n, "customer_type": "person"} for n in people)),
                unified(spark, "customer_records", *records),
                gold(spark, "customer_activity", *acts),
                gold(spark, "purchase_rhythm", *rhythm),
                gold(spark, "clv", *clv),
                gold(spark, "fact_sales", *({"source": "retail", "is_revenue": True} | line for line in lines)),
                unified(spark, "products", *products),
            ),
            *columns,
        )

    return build


def bought(who, product_id, amount="1.00", **more):
    return {"customer_id": who, "product_id": product_id, "sales_amount": amount, "total_due_amount": amount, **more}


def test_everybody_is_there_and_who_bought_is_described(analysed):
    found = analysed(
        {"ada": (2, "30.01"), "bob": (0, "0.00")},
        [bought("ada", "ball", territory="North")],
        rhythm=[
            {
                "c360_id": "ada",
                "purchase_days": 3,
                "first_purchased_on": "2025-01-01",
                "last_purchased_on": "2025-01-12",
            }
        ],
        clv=[{"c360_id": "ada", "clv": "12.34"}],
    )
    assert found == [
        ("ada", "person", 2, "30.01", "15.01", 1, 1, "12.34", "5.50", "ball", "North"),
        ("bob", "person", 0, "0.00", None, None, None, None, None, None, None),
    ]


def test_equal_buyers_share_a_rank_and_a_decile_and_somebody_who_did_not_buy_is_in_none(analysed):
    people = {f"b{n:02}": (1, f"{20 - n}.00") for n in range(20)} | {"idle": (0, "0.00")}
    found = {row[0]: row[1:] for row in analysed(people, columns=("c360_id", "revenue_rank", "revenue_decile"))}
    assert [found[f"b{n:02}"] for n in range(20)] == [(n + 1, n // 2 + 1) for n in range(20)]
    assert found["idle"] == (None, None)
    equal = {f"b{n}": (1, "5.00" if n < 8 else "1.00") for n in range(10)}
    found = {row[0]: row[1:] for row in analysed(equal, columns=("c360_id", "revenue_rank", "revenue_decile"))}
    assert set(found.values()) == {(1, 1), (9, 9)}
    assert analysed({"b1": (1, "5.00")}, columns=("revenue_rank", "revenue_decile")) == [(1, 1)]
    for n in (1, 3, 7, 10, 13):
        rows = analysed({f"b{m:02}": (1, f"{m}.00") for m in range(n)}, columns=("revenue_decile",))
        assert sorted(row[0] for row in rows) == [m * 10 // n + 1 for m in range(n)]


def test_favourites_are_what_is_bought_on_most_lines_in_all_sources_together(analysed):
    records = [
        {"customer_id": "7", "c360_id": "ada"},
        {"customer_id": "8", "c360_id": "ada"},
        {"source": "crm", "customer_id": "7", "c360_id": "bob"},
    ]
    lines = [
        bought("7", "ball"),
        bought("8", "ball"),
        bought("7", "kite", "9.00"),
        bought("7", "yo-yo", "2.00"),
        bought("7", "drum", "2.00"),
        bought("7", "lost", "99.00", is_revenue=False),
        bought("7", None, "99.00"),
        bought(None, "lost", "99.00"),
        bought("7", "cup", "1.00", source="crm"),
    ]
    names = [{"product_id": "ball", "product_name": "Ball, red"}, {"product_id": "drum", "product_name": "Drum"}]
    found = analysed(
        {"ada": (1, "1.00"), "bob": (1, "1.00")},
        lines,
        names,
        records=records,
        columns=("c360_id", "favourite_products"),
    )
    assert found == [("ada", "Ball, red | kite | Drum"), ("bob", "cup")]


def test_the_territory_is_that_of_most_revenue_whatever_the_number_of_lines(analysed):
    lines = [
        bought("ada", "a", "5.00", territory="North"),
        bought("ada", "b", "5.00", territory="North"),
        bought("ada", "c", "11.00", territory="South"),
        bought("ada", "d", "99.00"),
        bought("bob", "a", "5.00", territory="South"),
        bought("bob", None, "5.00", territory="North"),
    ]
    found = analysed({"ada": (1, "1.00"), "bob": (1, "1.00")}, lines, columns=("c360_id", "territory"))
    assert found == [("ada", "South"), ("bob", "North")]


@pytest.fixture
def regions(spark):
    def build(people, records, orders):
        homes = [{"c360_id": name, "country": c, "region": r} for name, (c, r) in people.items()]
        known = [{"source": source, "customer_id": c, "c360_id": who} for source, c, who in records]
        return result(
            customers_by_region(
                unified(spark, "customers", *homes),
                unified(spark, "customer_records", *known),
                unified(spark, "orders", *orders),
                AS_OF,
            )
        )

    return build


def order(order_id, who, amount, at="2025-06-30 12:00:00", revenue=True, **more):
    return {
        "order_id": order_id,
        "c360_id": who,
        "total_amount": amount,
        "ordered_at": at,
        "is_revenue": revenue,
        **more,
    }


def test_a_person_counts_once_in_each_source_and_a_year_makes_inactive(regions):
    found = regions(
        {"ada": ("USA", "WA"), "bob": ("USA", "WA"), "cyd": ("USA", None)},
        [
            ("retail", "1", "ada"),
            ("retail", "2", "ada"),
            ("crm", "9", "ada"),
            ("retail", "3", "bob"),
            ("retail", "4", "cyd"),
        ],
        [
            order("1", "ada", "10.00", "2024-07-01 00:00:00"),
            order("2", "ada", "5.005"),
            order("3", "bob", "5.00", "2024-06-30 23:59:59"),
            order("4", "cyd", "99.00", revenue=False),
            order("5", "ada", "1.00", source="crm"),
        ],
    )
    assert found == [
        ("crm", "USA", "WA", 1, 1, 1, 1, "1.00", "1.00", "100.00"),
        ("retail", "USA", "WA", 2, 2, 1, 3, "20.01", "10.00", "100.00"),
        ("retail", "USA", None, 1, 0, 0, 0, "0.00", None, "0.00"),
    ]


def test_what_guests_and_unlisted_customers_bought_is_in_the_row_without_a_region(regions):
    found = regions(
        {"ada": ("USA", "WA"), "bob": (None, None)},
        [("retail", "1", "ada"), ("retail", "2", "bob")],
        [order("1", "ada", "10.00"), order("2", None, "20.00"), order("3", None, "5.00"), order("4", "bob", "5.00")],
    )
    assert found == [
        ("retail", "USA", "WA", 1, 1, 1, 1, "10.00", "10.00", "25.00"),
        ("retail", None, None, 1, 1, 1, 3, "30.00", None, "75.00"),
    ]
