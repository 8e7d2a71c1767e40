from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from gold.rows import gold, result

from c360.config.segments import Rfm, Segments, Tiers
from c360.models.rfm import rfm

AS_OF = date(2025, 3, 31)
SCORES = ("c360_id", "recency_score", "frequency_score", "monetary_score")


@pytest.fixture
def scored(spark):
    """Person → (last purchase, frequency, monetary)."""

    def build(people, *columns, segments=None):
        rows = [
            {"c360_id": name, "last_purchased_at": last, "revenue_orders": frequency, "revenue": monetary}
            for name, (last, frequency, monetary) in people.items()
        ]
        return result(rfm(gold(spark, "customer_activity", *rows), segments or Segments(), AS_OF), *columns)

    return build


def test_only_people_with_a_purchase_are_scored_and_days_are_whole(scored):
    found = scored(
        {
            "ada": ("2025-03-31 23:59:59", 2, "10.00"),
            "bob": ("2025-03-30 23:59:59", 1, "5.00"),
            "cyd": (None, 0, "0.00"),
        }
    )
    assert found == [
        ("ada", 0, 2, "10.00", 5, 5, 5, "555", "Champions", "Gold"),
        ("bob", 1, 1, "5.00", 1, 1, 1, "111", "Lost", "Bronze"),
    ]


def test_six_different_buyers_spread_over_the_five_scores_at_the_cut_offs(scored):
    people = {f"b{n}": (f"2025-03-{20 + n}", n, f"{n}.00") for n in range(1, 7)}
    # Percent ranks 0, 0.2, 0.4, 0.6, 0.8 and 1: a cut-off belongs to the score it begins. Recency is cut from the best.
    assert scored(people, *SCORES) == [
        ("b1", 1, 1, 1),
        ("b2", 1, 2, 2),
        ("b3", 2, 3, 3),
        ("b4", 3, 4, 4),
        ("b5", 4, 5, 5),
        ("b6", 5, 5, 5),
    ]


def test_equal_values_are_scored_equally(scored):
    people = {
        f"b{n}": ("2025-03-20 08:00:00" if n % 2 else "2025-03-20 20:00:00", 1 + (n > 7), "9.00") for n in range(10)
    }
    found = scored(people, *SCORES)
    assert {row[1:] for row in found[:8]} == {(5, 1, 1)}
    assert {row[1:] for row in found[8:]} == {(5, 5, 1)}


def test_one_time_buyers_score_one_in_frequency_even_when_all_are(scored):
    people = {f"b{n}": (f"2025-03-0{n}", 1, f"{n}.00") for n in range(1, 6)}
    assert {row[2] for row in scored(people, *SCORES)} == {1}


def test_the_only_buyer_is_a_new_customer(scored):
    assert scored({"ada": ("2025-01-01", 1, "9.00")}, "rfm_score", "segment", "tier") == [
        ("511", "New Customers", "Gold")
    ]


def test_without_buyers_there_are_no_rows(scored):
    assert scored({"ada": (None, 0, "0.00")}) == []


def test_tiers_go_by_percent_rank_of_revenue_highest_first_with_ties_together(scored):
    people = {f"b{n:02}": ("2025-03-01", 1, f"{n}.00") for n in range(11)}
    assert [tier for _, tier in scored(people, "c360_id", "tier")] == ["Bronze"] * 5 + ["Silver"] * 3 + ["Gold"] * 3
    equal = {f"b{n:02}": ("2025-03-01", 1, f"{min(n, 6)}.00") for n in range(11)}
    assert [tier for _, tier in scored(equal, "c360_id", "tier")] == ["Bronze"] * 5 + ["Silver"] + ["Gold"] * 5


def test_cut_offs_and_what_tiers_rank_come_from_conf(scored):
    people = {"ada": ("2025-03-01", 1, "90.00"), "bob": ("2025-03-02", 9, "10.00"), "cyd": ("2025-03-03", 5, "50.00")}
    whole = [{"name": "Everybody", "cells": [{}]}]
    ours = Segments(rfm=Rfm(cut_offs=(0.5,), segments=whole, tiers=Tiers(ranked_by="frequency", gold=0.0, silver=0.5)))
    assert scored(people, *SCORES, "segment", "tier", segments=ours) == [
        ("ada", 1, 1, 2, "Everybody", "Bronze"),
        ("bob", 1, 2, 1, "Everybody", "Gold"),
        ("cyd", 2, 2, 2, "Everybody", "Silver"),
    ]


def test_every_cell_has_the_segment_that_conf_gives_it(spark):
    from c360.models.rfm import _segment

    config = Segments().rfm
    cells = list(product(range(1, 6), repeat=3))
    frame = spark.createDataFrame(cells, "recency_score INT, frequency_score INT, monetary_score INT")
    found = {tuple(row)[:3]: row.segment for row in frame.select("*", _segment(config).alias("segment")).collect()}
    expected = {
        cell: segment.name for segment in config.segments for block in segment.cells for cell in block.within(5)
    }
    assert found == expected
    assert len(set(expected.values())) == 11
