from __future__ import annotations

from datetime import date

import pytest
from gold.rows import gold, result
from pydantic import ValidationError

from c360.config.models_conf import Churn
from c360.config.segments import Segments
from c360.models.churn import churn

AS_OF = date(2025, 3, 31)


@pytest.fixture
def judged(spark):
    """Person → (repeat purchases, days from the first purchase to the last, days since the first, p_alive)."""
    names = ("repeat_purchases", "first_to_last_days", "observed_days", "p_alive")

    def build(people, *columns, **conf):
        rows = [{"c360_id": person} | dict(zip(names, said, strict=True)) for person, said in people.items()]
        return result(churn(gold(spark, "clv", *rows), Segments(churn=Churn(**conf)), AS_OF), *columns)

    return build


def test_out_of_rhythm_p_alive_decides_and_in_rhythm_nothing_does(judged):
    people = {
        "ada": (4, 120, 150, "0.100000"),
        "bob": (4, 120, 166, "0.500000"),
        "cyd": (4, 120, 166, "0.499999"),
        "dan": (4, 120, 400, "0.200000"),
        "eva": (4, 120, 400, "0.199999"),
    }
    assert judged(people) == [
        (
            "ada",
            "2025-03-01",
            30,
            "30.00",
            "1.00",
            "0.100000",
            "active",
            "p_alive",
            "no purchase for 30 days; usual gap 30 days; still in rhythm",
        ),
        (
            "bob",
            "2025-02-13",
            46,
            "30.00",
            "1.53",
            "0.500000",
            "slowing",
            "p_alive",
            "no purchase for 46 days; usual gap 30 days; 50 % likely to be still a customer",
        ),
        (
            "cyd",
            "2025-02-13",
            46,
            "30.00",
            "1.53",
            "0.499999",
            "at risk",
            "p_alive",
            "no purchase for 46 days; usual gap 30 days; 50 % likely to be still a customer",
        ),
        (
            "dan",
            "2024-06-24",
            280,
            "30.00",
            "9.33",
            "0.200000",
            "at risk",
            "p_alive",
            "no purchase for 280 days; usual gap 30 days; 20 % likely to be still a customer",
        ),
        (
            "eva",
            "2024-06-24",
            280,
            "30.00",
            "9.33",
            "0.199999",
            "lost",
            "p_alive",
            "no purchase for 280 days; usual gap 30 days; 20 % likely to be still a customer",
        ),
    ]


def test_one_time_buyers_are_judged_by_the_usual_gap_of_the_others(judged):
    others = {"amy": (1, 20, 20, "0.900000"), "ann": (2, 80, 80, "0.900000"), "art": (3, 300, 300, "0.900000")}
    once = {f"b{days:03}": (0, 0, days, "1.000000") for days in (0, 60, 61, 120, 121, 240, 241)}
    found = judged(others | once, "c360_id", "usual_gap_days", "status", "judged_by", "reason")
    # The others' gaps are 20, 40 and 100 days: 40 is the usual one.
    judged_so = {person: (gap, status, by) for person, gap, status, by, _ in found}
    assert judged_so == {
        "amy": ("33.33", "active", "p_alive"),
        "ann": ("40.00", "active", "p_alive"),
        "art": ("76.00", "active", "p_alive"),
        "b000": ("40.00", "active", "rhythm"),
        "b060": ("40.00", "active", "rhythm"),
        "b061": ("40.00", "slowing", "rhythm"),
        "b120": ("40.00", "slowing", "rhythm"),
        "b121": ("40.00", "at risk", "rhythm"),
        "b240": ("40.00", "at risk", "rhythm"),
        "b241": ("40.00", "lost", "rhythm"),
    }
    assert found[-1][-1] == (
        "no purchase for 241 days; bought once; usual gap of others 40 days; judged by rhythm alone"
    )


def test_without_a_fit_rhythm_decides_for_everybody_and_it_is_said(judged):
    people = {"ada": (4, 120, 420, None), "bob": (0, 0, 10, None)}
    assert judged(people, "c360_id", "status", "judged_by", "reason") == [
        (
            "ada",
            "lost",
            "rhythm",
            "no purchase for 300 days; usual gap 30 days; judged by rhythm alone, as there is no fitted model",
        ),
        (
            "bob",
            "active",
            "rhythm",
            "no purchase for 10 days; bought once; usual gap of others 30 days; still in rhythm",
        ),
    ]


def test_where_nobody_has_bought_again_the_gap_of_conf_holds(judged):
    people = {"ada": (0, 0, 90, None), "bob": (0, 0, 200, None)}
    assert judged(people, "c360_id", "usual_gap_days", "status", "reason", usual_gap_days=60) == [
        (
            "ada",
            "60.00",
            "active",
            "no purchase for 90 days; nobody bought again yet; assumed gap 60 days; still in rhythm",
        ),
        (
            "bob",
            "60.00",
            "at risk",
            "no purchase for 200 days; nobody bought again yet; assumed gap 60 days; judged by rhythm alone, as there "
            "is no fitted model",
        ),
    ]


def test_cut_offs_and_the_weight_of_the_others_come_from_conf(judged):
    people = {"ada": (1, 10, 40, "0.600000"), "bob": (1, 100, 100, "1.000000"), "cyd": (1, 400, 400, "1.000000")}
    found = judged(people, "c360_id", "usual_gap_days", "status", others_weigh=1, slowing_after=0.5, at_risk_below=0.7)
    assert found == [("ada", "55.00", "at risk"), ("bob", "100.00", "active"), ("cyd", "250.00", "active")]


def test_without_buyers_there_are_no_rows(judged):
    assert judged({}) == []


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ({"slowing_after": 4.0}, r"slowing_after \(4.0\), at_risk_after \(3.0\) and lost_after \(6.0\) must not fall"),
        ({"lost_below": 0.6}, r"lost_below \(0.6\) is above at_risk_below \(0.5\), so nobody would be at risk"),
    ],
)
def test_cut_offs_that_contradict_each_other_are_refused(conf, said):
    with pytest.raises(ValidationError, match=said):
        Churn(**conf)
