from __future__ import annotations

import numpy as np
import pytest
from gold.rows import gold, result, unified

from c360.config.demand import Affinity
from c360.config.segments import Segments
from c360.models.affinity import affinity
from c360.models.demand_report import affinity_report

EVERY = Affinity(min_orders=1, min_support=0)


@pytest.fixture
def pairs(spark):
    """Baskets, a letter a product, to pairs. An upper case basket is a cancelled order."""

    def build(*baskets, settings=EVERY, columns=(), source="retail"):
        lines = [
            {
                "source": source,
                "order_id": f"o{number}",
                "order_line_id": f"{place}",
                "product_id": product.lower() if product != "-" else None,
                "is_revenue": not basket.isupper(),
            }
            for number, basket in enumerate(baskets)
            for place, product in enumerate(basket)
        ]
        names = [{"product_id": product, "product_name": f"name of {product}"} for product in "abc"]
        found = affinity(
            unified(spark, "order_lines", *lines), unified(spark, "products", *names), Segments(affinity=settings)
        )
        return result(found, *columns)

    return build


def test_a_pair_has_a_row_from_either_side_with_support_confidence_and_lift(pairs):
    assert pairs("ab", "ab", "a", "a", "bd", "c") == [
        (
            "retail",
            "a",
            "name of a",
            "b",
            "name of b",
            2,
            4,
            6,
            0,
            "0.333333",
            "0.500000",
            "0.666667",
            "1.000000",
            1,
            2,
        ),
        (
            "retail",
            "b",
            "name of b",
            "a",
            "name of a",
            2,
            3,
            6,
            0,
            "0.333333",
            "0.666667",
            "0.500000",
            "1.000000",
            2,
            2,
        ),
        ("retail", "b", "name of b", "d", None, 1, 3, 6, 0, "0.166667", "0.333333", "1.000000", "2.000000", 1, 1),
        ("retail", "d", None, "b", "name of b", 1, 1, 6, 0, "0.166667", "1.000000", "0.333333", "2.000000", 1, 1),
    ]


COUNTS = ("product_id", "with_product_id", "orders_with_both", "orders", "orders_left_out")


def test_a_product_counts_once_in_an_order_and_only_in_orders_that_brought_revenue(pairs):
    assert pairs("aab", "a-b", "-", "AB", columns=COUNTS) == [("a", "b", 2, 2, 0), ("b", "a", 2, 2, 0)]


def test_orders_of_too_many_different_products_are_left_out_and_counted(pairs):
    small = Affinity(max_basket=2, min_orders=1, min_support=0)
    assert pairs("ab", "abc", "aabb", "c", settings=small, columns=COUNTS) == [("a", "b", 2, 3, 1), ("b", "a", 2, 3, 1)]


@pytest.mark.parametrize("settings", [Affinity(min_orders=2, min_support=0), Affinity(min_orders=1, min_support=0.4)])
def test_a_pair_that_is_seen_too_seldom_has_no_row(pairs, settings):
    found = pairs("ab", "ab", "bc", "d", "e", settings=settings, columns=COUNTS[:3])
    assert found == [("a", "b", 2), ("b", "a", 2)]


def test_equal_lift_is_ranked_by_orders_and_then_by_id(pairs):
    # ab and cd meet as often as they can, ab twice; e goes as well with f as with g.
    found = pairs(
        "ab",
        "ab",
        "ab",
        "ef",
        "eg",
        "cdh",
        "cdh",
        "cdh",
        columns=("product_id", "with_product_id", "lift", "pair_rank", "rank_for_product"),
    )
    ranks = {row[:2]: row[3:] for row in found}
    assert {row[:3] for row in found if row[0] == "e"} == {("e", "f", "4.000000"), ("e", "g", "4.000000")}
    assert ranks["e", "f"] == (1, 1)
    assert ranks["e", "g"] == (2, 2)
    assert [pair for pair, _ in sorted(ranks.items(), key=lambda pair: (pair[1][0], pair[0]))][4:] == [
        ("a", "b"),
        ("b", "a"),
        ("c", "d"),
        ("d", "c"),
        ("c", "h"),
        ("h", "c"),
        ("d", "h"),
        ("h", "d"),
    ]
    assert {ranks["c", "d"][1], ranks["c", "h"][1]} == {1, 2}


def test_the_same_ids_of_two_sources_are_other_products(spark):
    lines = [
        {"source": source, "order_id": "1", "order_line_id": product, "product_id": product, "is_revenue": True}
        for source, products in (("web", "ab"), ("shop", "ac"))
        for product in products
    ]
    found = affinity(unified(spark, "order_lines", *lines), unified(spark, "products"), Segments(affinity=EVERY))
    assert result(found, "source", "product_id", "with_product_id", "orders", "pair_rank") == [
        ("shop", "a", "c", 1, 1),
        ("shop", "c", "a", 1, 1),
        ("web", "a", "b", 1, 1),
        ("web", "b", "a", 1, 1),
    ]


def test_a_planted_pair_is_the_first_of_all(spark):
    """Forty products bought at random, five an order; whoever buys 7 takes 23 along half of the time."""
    random = np.random.default_rng(7)
    baskets = [set(random.choice(40, size=5, replace=False).tolist()) for _ in range(600)]
    for basket in baskets:
        if 7 in basket and random.random() < 0.5:
            basket.add(23)
    lines = [
        {"order_id": f"o{n}", "order_line_id": f"{p}", "product_id": f"p{p}", "is_revenue": True}
        for n, basket in enumerate(baskets)
        for p in basket
    ]
    found = affinity(unified(spark, "order_lines", *lines), unified(spark, "products"), Segments())
    assert result(found.where("pair_rank = 1"), "product_id", "with_product_id", "rank_for_product") == [
        ("p23", "p7", 1),
        ("p7", "p23", 1),
    ]


def test_the_report_counts_pairs_and_what_was_left_out(spark):
    row = {"source": "retail", "orders": 9, "orders_left_out": 1}
    found = gold(
        spark,
        "affinity",
        row | {"product_id": "a", "with_product_id": "b", "lift": "2"},
        row | {"product_id": "b", "with_product_id": "a", "lift": "2"},
        row | {"product_id": "a", "with_product_id": "c", "lift": "1"},
        row | {"product_id": "c", "with_product_id": "a", "lift": "1"},
    )
    assert result(affinity_report(found)) == [
        ("affinity", "retail", "attracted_pairs", "1.000000", None, "1 of 2 pairs meet more often than by chance."),
        (
            "affinity",
            "retail",
            "orders_left_out",
            "1.000000",
            None,
            "1 of 10 orders hold too many different products to say much of any pair.",
        ),
    ]
