from __future__ import annotations

import pytest
from gold.rows import gold, result, unified

from c360.config.demand import NextBestProduct
from c360.config.segments import Segments
from c360.models.next_best_product import next_best_product

SHOWN = ("c360_id", "rank", "product_id", "because_product_id")


@pytest.fixture
def offers(spark):
    """Person → products bought; pairs as (bought, offered, lift, orders); statuses and stock of products."""

    def build(bought, pairs, *columns, statuses=None, stock=(), settings=None, catalogue="abcdef"):
        lines = [
            {"order_id": f"{who}{n}", "order_line_id": "1", "c360_id": who if who != "guest" else None}
            | {"product_id": product.lower(), "is_revenue": product.islower()}
            for who, products in bought.items()
            for n, product in enumerate(products)
        ]
        places = {}
        rows = []
        for one, other, lift, orders in sorted(pairs, key=lambda pair: (pair[0], -pair[2], -pair[3], pair[1])):
            places[one] = places.get(one, 0) + 1
            rows.append(
                {"source": "retail", "product_id": one, "product_name": one.upper(), "with_product_id": other}
                | {"lift": f"{lift}", "confidence": "0.5", "orders_with_both": orders, "rank_for_product": places[one]}
            )
        products = [
            {"product_id": p, "product_name": p.upper(), "category": "tea", "status": (statuses or {}).get(p)}
            for p in catalogue
        ]
        held = [
            {"inventory_id": f"{n}", "product_id": p, "stock": in_stock, "reserved": reserved}
            for n, (p, in_stock, reserved) in enumerate(stock)
        ]
        found = next_best_product(
            unified(spark, "order_lines", *lines),
            gold(spark, "affinity", *rows),
            unified(spark, "products", *products),
            unified(spark, "inventory", *held),
            Segments(next_best_product=settings or NextBestProduct()),
        )
        return result(found, *columns)

    return build


def test_the_best_that_is_not_yet_bought_comes_first_and_says_because_of_what(offers):
    pairs = [("a", "b", 3, 9), ("a", "c", 2, 9), ("b", "c", 4, 9), ("b", "a", 3, 9), ("a", "d", 1.5, 9)]
    assert offers({"ada": "ab", "bob": "aa", "cyd": "f"}, pairs) == [
        ("ada", 1, "retail", "c", "C", "tea", "b", "B", "4.000000", "0.500000", 9),
        ("ada", 2, "retail", "d", "D", "tea", "a", "A", "1.500000", "0.500000", 9),
        ("bob", 1, "retail", "b", "B", "tea", "a", "A", "3.000000", "0.500000", 9),
        ("bob", 2, "retail", "c", "C", "tea", "a", "A", "2.000000", "0.500000", 9),
        ("bob", 3, "retail", "d", "D", "tea", "a", "A", "1.500000", "0.500000", 9),
    ]


def test_cancelled_orders_are_not_bought_and_guests_are_offered_nothing(offers):
    pairs = [("a", "b", 3, 9), ("b", "c", 2, 9)]
    assert offers({"ada": "aB", "bob": "A", "guest": "a"}, pairs, *SHOWN) == [("ada", 1, "b", "a")]


def test_equal_lift_goes_by_orders_and_then_by_id(offers):
    pairs = [("a", "d", 2, 5), ("b", "c", 2, 9), ("a", "c", 2, 9), ("b", "e", 2, 5)]
    assert offers({"ada": "ab"}, pairs, *SHOWN) == [("ada", 1, "c", "a"), ("ada", 2, "d", "a"), ("ada", 3, "e", "b")]


def test_only_what_meets_more_often_than_by_chance_is_offered(offers):
    assert offers({"ada": "a"}, [("a", "b", 1, 9), ("a", "c", 0.5, 9)], *SHOWN) == []


def test_what_is_out_of_stock_everywhere_is_not_offered_but_unknown_stock_is(offers):
    pairs = [("a", product, 9 - place, 9) for place, product in enumerate("bcdef")]
    stock = [("b", 0, None), ("c", 3, 3), ("c", None, None), ("d", 0, 0), ("d", 2, 1), ("e", None, None)]
    many = NextBestProduct(per_person=9)
    assert offers({"ada": "a"}, pairs, *SHOWN, stock=stock, settings=many) == [
        ("ada", 1, "d", "a"),
        ("ada", 2, "e", "a"),
        ("ada", 3, "f", "a"),
    ]


def test_what_is_discontinued_or_not_in_the_catalogue_is_not_offered(offers):
    pairs = [("a", product, 9 - place, 9) for place, product in enumerate("bcde")]
    statuses = {"b": "Discontinued", "c": "seasonal", "d": None}
    assert offers({"ada": "a"}, pairs, *SHOWN, statuses=statuses, catalogue="abcd") == [
        ("ada", 1, "c", "a"),
        ("ada", 2, "d", "a"),
    ]


def test_how_many_are_offered_and_considered_comes_from_conf(offers):
    pairs = [("a", "b", 5, 9), ("a", "c", 4, 9), ("a", "d", 3, 9), ("e", "d", 2, 9)]
    one = NextBestProduct(per_person=1)
    assert offers({"ada": "a"}, pairs, *SHOWN, settings=one) == [("ada", 1, "b", "a")]
    considered = NextBestProduct(pairs_per_product=2)
    assert offers({"ada": "ae"}, pairs, *SHOWN, settings=considered) == [
        ("ada", 1, "b", "a"),
        ("ada", 2, "c", "a"),
        ("ada", 3, "d", "e"),
    ]


def test_a_product_that_nobody_may_buy_takes_no_place_among_those_considered(offers):
    pairs = [("a", "b", 5, 9), ("a", "c", 4, 9), ("a", "d", 3, 9)]
    one = NextBestProduct(pairs_per_product=1)
    assert offers({"ada": "a"}, pairs, *SHOWN, statuses={"b": "inactive"}, settings=one) == [("ada", 1, "c", "a")]
