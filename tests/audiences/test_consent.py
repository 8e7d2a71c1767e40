"""Who may be contacted: statements, their times, several sources, and what conf assumes."""

from __future__ import annotations

import pytest
from gold.rows import result, unified

from c360.audiences.consent import consent_state
from c360.config.audiences import Audiences

NOTHING = ("denied", "nothing stated", None, None)
ONE_AUDIENCE = {
    "fans": {
        "description": "They like us",
        "channel": "email",
        "purpose": "marketing",
        "where": {"column": "orders", ">": 0},
        "columns": ["email"],
    }
}


def told(c360_id, granted, at=None, source="shop", channel="email", purpose="marketing"):
    """A statement; the customer's id does not matter."""
    return {
        "source": source,
        "c360_id": c360_id,
        "channel": channel,
        "purpose": purpose,
        "is_granted": granted,
        "stated_at": at,
    }


@pytest.fixture
def state(spark):
    """Statements → (person, channel, purpose, state, reason, source, since) of ada and bob."""

    def build(*statements, assume=(), audiences=ONE_AUDIENCE, records=()):
        people = unified(spark, "customers", {"c360_id": "ada"}, {"c360_id": "bob"})
        known = [{"source": s, "customer_id": str(n), "c360_id": p} for n, (s, p) in enumerate(records)]
        conf = Audiences.model_validate(
            {"consents": {"assume": dict.fromkeys(assume, "granted")}, "audiences": audiences}
        )
        return result(
            consent_state(
                people, unified(spark, "customer_records", *known), unified(spark, "consents", *statements), conf
            )
        )

    return build


def of(rows, person, channel="email", purpose="marketing"):
    (found,) = [row[3:] for row in rows if row[:3] == (person, channel, purpose)]
    return found


def test_everybody_has_a_row_for_each_channel_and_purpose_of_conf_and_of_any_statement(state):
    assert state(told("ada", True, "2025-01-01", channel=" SMS ", purpose="Service")) == [
        ("ada", "email", "marketing", *NOTHING),
        ("ada", "sms", "service", "granted", "stated", "shop", "2025-01-01 00:00:00"),
        ("bob", "email", "marketing", *NOTHING),
        ("bob", "sms", "service", *NOTHING),
    ]
    assert state(audiences={}) == []


def test_of_one_source_the_newest_statement_counts(state):
    rows = state(
        told("ada", True, "2025-01-01"),
        told("ada", False, "2025-01-02"),
        told("ada", True, "2025-01-03"),
        told("bob", False, "2025-01-01"),
        told("bob", True),  # without a time it is older than all others
    )
    assert of(rows, "ada") == ("granted", "stated", "shop", "2025-01-03 00:00:00")
    assert of(rows, "bob") == ("denied", "stated", "shop", "2025-01-01 00:00:00")


def test_at_the_same_time_or_at_no_known_one_a_refusal_prevails(state):
    rows = state(
        told("ada", True, "2025-01-01"),
        told("ada", False, "2025-01-01"),
        told("bob", True),
        told("bob", False),
    )
    assert of(rows, "ada") == ("denied", "stated", "shop", "2025-01-01 00:00:00")
    assert of(rows, "bob") == ("denied", "stated", "shop", None)


def test_a_statement_without_an_answer_grants_nothing(state):
    rows = state(
        told("ada", True, "2025-01-01"),
        told("ada", None, "2025-01-02"),
        told("bob", None, "2025-01-01"),
        told("bob", True, "2025-01-02"),
    )
    assert of(rows, "ada") == ("denied", "unclear", "shop", "2025-01-02 00:00:00")
    assert of(rows, "bob") == ("granted", "stated", "shop", "2025-01-02 00:00:00")


def test_over_the_sources_one_refusal_outweighs_all_consents_however_new(state):
    rows = state(
        told("ada", False, "2020-01-01", source="erp"),
        told("ada", True, "2025-01-02"),
        told("bob", True, "2025-01-02"),
        told("bob", True, "2025-01-02", source="erp"),
    )
    assert of(rows, "ada") == ("denied", "stated", "erp", "2020-01-01 00:00:00")
    assert of(rows, "bob") == ("granted", "stated", "erp", "2025-01-02 00:00:00")


def test_of_several_refusals_a_clear_one_is_named_then_the_newest_then_the_first_source(state):
    rows = state(
        told("ada", None, "2025-01-03", source="crm"),
        told("ada", False, source="erp"),
        told("ada", False, "2025-01-01", source="web"),
        told("ada", False, "2025-01-01", source="shop"),
    )
    assert of(rows, "ada") == ("denied", "stated", "shop", "2025-01-01 00:00:00")


def test_a_consent_to_one_channel_or_purpose_is_none_to_another(state):
    rows = state(
        told("ada", True, "2025-01-01", channel="sms"),
        told("ada", True, "2025-01-01", purpose="service"),
    )
    assert [row[1:4] for row in rows if row[0] == "ada"] == [
        ("email", "marketing", "denied"),
        ("email", "service", "granted"),
        ("sms", "marketing", "granted"),
    ]


def test_a_refusal_that_names_no_channel_or_purpose_holds_for_all_and_a_consent_for_none(state):
    rows = state(
        told("ada", True, "2025-01-01"),
        told("ada", True, "2025-01-01", purpose="service"),
        told("ada", True, "2025-01-01", channel="sms"),
        told("ada", False, "2025-01-02", channel=None),
        told("bob", True, "2025-01-02", channel=" ", purpose=None),
    )
    assert of(rows, "ada") == ("denied", "stated", "shop", "2025-01-02 00:00:00")
    assert of(rows, "ada", "sms") == ("denied", "stated", "shop", "2025-01-02 00:00:00")
    assert of(rows, "ada", purpose="service") == ("granted", "stated", "shop", "2025-01-01 00:00:00")
    assert of(rows, "bob") == NOTHING


def test_a_later_consent_to_one_channel_lifts_a_refusal_of_everything(state):
    rows = state(told("ada", False, "2025-01-01", channel=None, purpose=None), told("ada", True, "2025-01-02"))
    assert of(rows, "ada") == ("granted", "stated", "shop", "2025-01-02 00:00:00")


def test_conf_may_take_a_sources_customers_to_have_consented_where_no_source_says_no(state):
    records = [("retail", "ada"), ("retail", "ada"), ("shop", "ada"), ("retail", "bob"), ("shop", "bob")]
    rows = state(told("bob", False, "2025-01-01"), assume=["retail"], records=records)
    assert of(rows, "ada") == ("granted", "assumed", "retail", None)
    assert of(rows, "bob") == ("denied", "stated", "shop", "2025-01-01 00:00:00")
    assert of(state(assume=["retail"], records=[("shop", "ada")]), "ada") == NOTHING


def test_what_a_source_says_itself_is_not_assumed(state):
    records = [("shop", "ada"), ("shop", "bob")]
    rows = state(told("ada", None, "2025-01-01"), told("bob", True, "2025-01-01"), assume=["shop"], records=records)
    assert of(rows, "ada") == ("denied", "unclear", "shop", "2025-01-01 00:00:00")
    assert of(rows, "bob") == ("granted", "stated", "shop", "2025-01-01 00:00:00")


def test_statements_of_nobody_known_are_left_out_but_their_channel_is_there(state):
    assert state(told(None, True, "2025-01-01", channel="sms"), told("eve", True), audiences={}) == [
        ("ada", "email", "marketing", *NOTHING),
        ("bob", "email", "marketing", *NOTHING),
    ]
