from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from c360.config.segments import Segments

SHIPPED = Path(__file__).parents[2] / "conf" / "segments.yml"


@pytest.fixture
def conf():
    return yaml.safe_load(SHIPPED.read_text())


def problem(conf) -> str:
    with pytest.raises(ValidationError) as raised:
        Segments(**conf)
    (error,) = raised.value.errors()
    return error["msg"].removeprefix("Value error, ")


def block(conf, name):
    return next(segment for segment in conf["rfm"]["segments"] if segment["name"] == name)["cells"]


def test_the_shipped_file_says_what_the_defaults_say(conf):
    assert Segments(**conf) == Segments()


def test_cells_without_a_segment_are_named(conf):
    block(conf, "Promising")[0]["monetary"] = [1, 3]
    assert problem(conf) == (
        "every cell needs exactly one segment; 2 of 125 cells (recency-frequency-monetary) have none: 4-1-4, 4-1-5"
    )


def test_cells_with_two_segments_are_named_with_both(conf):
    block(conf, "Promising")[0]["recency"] = [4, 5]
    assert problem(conf) == (
        "every cell needs exactly one segment; 5 cells have more than one: "
        + ", ".join(f"5-1-{m} (New Customers, Promising)" for m in range(1, 6))
    )


def test_a_long_list_of_cells_is_cut(conf):
    conf["rfm"]["segments"] = [{"name": "Champions", "cells": [{"recency": 5}]}]
    assert problem(conf).endswith("1-2-1, 1-2-2, 1-2-3, 1-2-4, 1-2-5 and 90 more")


def test_a_band_outside_the_scores_is_refused(conf):
    block(conf, "Lost")[0]["recency"] = [0, 1]
    assert problem(conf) == ("Lost: recency [0, 1] is no band of scores; write [low, high] with 1 <= low <= high <= 5")


def test_one_segment_named_twice_is_refused(conf):
    conf["rfm"]["segments"][-1]["name"] = "Champions"
    assert problem(conf) == "Champions is listed more than once; write all its cells under one name"


def test_fewer_scores_need_fewer_cells(conf):
    conf["rfm"]["cut_offs"] = [0.5]
    conf["rfm"]["segments"] = [
        {"name": "Recent", "cells": [{"recency": 2}]},
        {"name": "Gone", "cells": [{"recency": 1}]},
    ]
    assert Segments(**conf).rfm.scores == 2


def test_cut_offs_that_do_not_rise_are_refused(conf):
    conf["rfm"]["cut_offs"] = [0.2, 0.6, 0.4, 0.8]
    assert problem(conf) == "cut_offs must rise; found 0.2, 0.6, 0.4, 0.8"


def test_silver_cannot_end_before_gold(conf):
    conf["rfm"]["tiers"]["silver"] = 0.1
    assert problem(conf) == "silver (0.1) ends before gold (0.2); write a larger share for silver"


def test_the_last_customer_segment_takes_everybody_left(conf):
    conf["customer_segments"].pop()
    assert problem(conf) == ("customer_segments: the last, Regular, takes everybody left, so it has no condition")


def test_only_the_last_customer_segment_has_no_condition(conf):
    del conf["customer_segments"][1]["orders"]
    assert problem(conf) == ("customer_segments: One-Time Buyer has no condition, so those below it would stay empty")


def test_a_customer_segment_has_one_condition(conf):
    conf["customer_segments"][0]["orders"] = 1
    assert problem(conf) == "High-Value: one condition only, found top_share, orders"


def test_a_customer_segment_named_twice_is_refused(conf):
    conf["customer_segments"][0]["name"] = "Regular"
    assert problem(conf) == "customer_segments: Regular is listed more than once"


def test_a_champion_tier_that_is_not_listed_is_refused(conf):
    conf["customer_segments"][2]["tiers"] = ["Gold", "Diamond"]
    assert problem(conf) == ("customer_segments: no loyalty tier Diamond; listed: Platinum, Gold, Silver, Bronze")


def test_an_unknown_key_is_refused(conf):
    conf["rfm"]["ntiles"] = 5
    assert problem(conf) == "Extra inputs are not permitted"
