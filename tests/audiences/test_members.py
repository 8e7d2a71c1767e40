"""Who is in an audience, who came and who went, and how many of them there are."""

from __future__ import annotations

from datetime import date

import pytest
from gold.rows import frame, gold, result

from c360.audiences.members import audience_history, audience_members, audiences
from c360.config.audiences import Audiences
from c360.registry import load

D1, D2, D3 = date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)


def conf(**conditions):
    """Audiences of these conditions; their channel is e-mail, but of those whose name ends in `_sms`."""
    return Audiences.model_validate(
        {
            "audiences": {
                name: {
                    "description": f"People for {name}",
                    "channel": "sms" if name.endswith("_sms") else "email",
                    "purpose": "marketing",
                    "where": where,
                    "columns": ["email"],
                }
                for name, where in conditions.items()
            }
        }
    )


BUYERS = conf(buyers={"column": "orders", ">": 0})


@pytest.fixture
def run(spark):
    """(day, person → orders, history before) → the history after; rows are (audience, person, entered, left)."""
    schema = load()["gold.audience_history"].schema

    def build(day, people, before=(), said=BUYERS):
        rows = [dict(zip(("audience", "c360_id", "entered_on", "left_on"), row, strict=True)) for row in before]
        everybody = gold(spark, "customer_360", *({"c360_id": p, "orders": n} for p, n in people.items()))
        return result(audience_history(everybody, said, frame(spark, schema, *rows), day))

    return build


def test_at_first_everybody_found_has_entered_that_day(run):
    assert run(D1, {"ada": 1, "bob": 0, "cyd": None}) == [("buyers", "ada", "2025-03-01", None)]


def test_a_person_may_be_in_several_audiences_and_one_audience_may_be_empty(run):
    said = conf(
        buyers={"column": "orders", ">": 0}, often={"column": "orders", ">": 1}, never={"column": "orders", "<": 0}
    )
    assert run(D1, {"ada": 2, "bob": 1}, said=said) == [
        ("buyers", "ada", "2025-03-01", None),
        ("buyers", "bob", "2025-03-01", None),
        ("often", "ada", "2025-03-01", None),
    ]
    assert run(D1, {"ada": 2}, said=Audiences()) == []


def test_the_next_day_tells_who_came_who_stayed_and_who_went(run):
    first = run(D1, {"ada": 1, "bob": 1, "cyd": 0})
    assert run(D2, {"ada": 0, "bob": 1, "cyd": 1}, first) == [
        ("buyers", "ada", "2025-03-01", "2025-03-02"),
        ("buyers", "bob", "2025-03-01", None),
        ("buyers", "cyd", "2025-03-02", None),
    ]


def test_a_second_run_of_the_day_says_the_same_and_more_data_is_compared_with_the_day_before(run):
    first = run(D1, {"ada": 1, "bob": 1})
    second = run(D2, {"ada": 0, "bob": 1, "cyd": 1}, first)
    assert run(D2, {"ada": 0, "bob": 1, "cyd": 1}, second) == second
    assert run(D2, {"ada": 1, "bob": 0, "cyd": 0, "dan": 1}, second) == [
        ("buyers", "ada", "2025-03-01", None),
        ("buyers", "bob", "2025-03-01", "2025-03-02"),
        ("buyers", "dan", "2025-03-02", None),
    ]


def test_who_comes_back_has_a_second_stay(run):
    there = run(D1, {"ada": 1})
    gone = run(D2, {"ada": 0}, there)
    back = run(D3, {"ada": 1}, gone)
    assert back == [("buyers", "ada", "2025-03-01", "2025-03-02"), ("buyers", "ada", "2025-03-03", None)]
    assert run(D3, {"ada": 1}, back) == back


def test_seen_from_an_earlier_day_the_later_ones_have_not_been(run):
    third = run(D3, {"ada": 1, "bob": 0, "cyd": 1}, run(D1, {"ada": 1, "bob": 1, "cyd": 0}))
    assert run(D2, {"ada": 1, "bob": 1, "cyd": 0}, third) == [
        ("buyers", "ada", "2025-03-01", None),
        ("buyers", "bob", "2025-03-01", None),
    ]


def test_who_is_not_known_any_more_and_an_audience_no_longer_declared_leave_nothing_behind(run):
    said = conf(buyers={"column": "orders", ">": 0}, others={"column": "orders", "=": 0})
    first = run(D2, {"ada": 0, "bob": 1, "cyd": 1}, run(D1, {"ada": 1, "bob": 0}, said=said), said)
    assert {row[:2] for row in first} == {
        ("buyers", "ada"),
        ("buyers", "bob"),
        ("buyers", "cyd"),
        ("others", "ada"),
        ("others", "bob"),
    }
    assert run(D3, {"cyd": 1}, first) == [("buyers", "cyd", "2025-03-02", None)]


CONSENT = {"channel": "email", "purpose": "marketing", "reason": "stated", "source": "shop", "since": "2025-01-01"}


def test_members_are_those_in_it_now_with_the_consent_for_its_channel(spark):
    schema = load()["gold.audience_history"].schema
    stays = [("buyers", "ada"), ("buyers", "bob"), ("buyers", "cyd"), ("buyers_sms", "ada")]
    history = frame(
        spark,
        schema,
        *({"audience": a, "c360_id": p, "entered_on": "2025-03-01"} for a, p in stays),
        {"audience": "buyers", "c360_id": "dan", "entered_on": "2025-03-01", "left_on": "2025-03-02"},
    )
    consent = gold(
        spark,
        "consent_state",
        CONSENT | {"c360_id": "ada", "state": "granted"},
        CONSENT | {"c360_id": "ada", "state": "denied", "channel": "sms"},
        CONSENT | {"c360_id": "bob", "state": "denied"},
        CONSENT | {"c360_id": "dan", "state": "granted"},
    )
    both = conf(buyers={"column": "orders", ">": 0}, buyers_sms={"column": "orders", ">": 0})
    stated = ("stated", "shop", "2025-01-01 00:00:00")
    assert result(audience_members(history, consent, both)) == [
        ("buyers", "ada", "2025-03-01", True, *stated),
        ("buyers", "bob", "2025-03-01", False, *stated),
        ("buyers", "cyd", "2025-03-01", False, None, None, None),
        ("buyers_sms", "ada", "2025-03-01", False, *stated),
    ]


def test_counts_add_up_and_an_empty_audience_has_a_row(spark):
    members = gold(
        spark,
        "audience_members",
        {"audience": "buyers", "c360_id": "ada", "entered_on": "2025-03-01", "is_contactable": True},
        {"audience": "buyers", "c360_id": "bob", "entered_on": "2025-03-02", "is_contactable": False},
        {"audience": "buyers", "c360_id": "cyd", "entered_on": "2025-03-02", "is_contactable": True},
    )
    history = gold(
        spark,
        "audience_history",
        {"audience": "buyers", "c360_id": "dan", "entered_on": "2025-03-01", "left_on": "2025-03-02"},
        {"audience": "empty_sms", "c360_id": "dan", "entered_on": "2025-03-01", "left_on": "2025-03-02"},
        {"audience": "empty_sms", "c360_id": "eve", "entered_on": "2025-02-01", "left_on": "2025-03-01"},
    )
    said = conf(buyers={"column": "orders", ">": 0}, empty_sms={"column": "orders", "<": 0})
    assumed = said.model_copy(
        update={
            "consents": Audiences.model_validate(
                {"consents": {"assume": {"shop": "granted", "erp": "granted"}}}
            ).consents
        }
    )
    assert result(audiences(history, members, assumed, D2)) == [
        (
            "buyers",
            "People for buyers",
            "email",
            "marketing",
            "coalesce(`orders` > 0, false)",
            "erp, shop",
            *(3, 2, 1, 2, 1),
            "2025-03-02",
        ),
        (
            "empty_sms",
            "People for empty_sms",
            "sms",
            "marketing",
            "coalesce(`orders` < 0, false)",
            "erp, shop",
            *(0, 0, 0, 0, 1),
            "2025-03-02",
        ),
    ]
