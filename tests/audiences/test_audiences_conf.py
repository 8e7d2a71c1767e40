"""What conf/audiences.yml may say, and the sentence for each mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from c360.config.audience_check import people_columns
from c360.config.audiences import Audiences, Condition
from c360.config.load import json_schema, load, mistakes

SHIPPED = Path(__file__).parents[2] / "conf"
CONDITION_KEYS = (
    "all, any, not, column, =, !=, <, <=, >, >=, in, between, contains, starts_with, within_last_days, known"
)
FORMS = "all, any, not, column"
OPERATORS = "=, !=, <, <=, >, >=, in, between, contains, starts_with, within_last_days, known"


def allowed(text: str) -> str:
    """The columns of gold.customer_360 are many, and more to come."""
    return text.replace(f"; allowed: {', '.join(people_columns())}", "; allowed: THE COLUMNS")


def test_the_shipped_audiences_are_right_and_have_what_is_needed_to_reach_people():
    assert mistakes(SHIPPED) == []
    found = load(SHIPPED).audiences
    assert found.assumed_from == ()
    needed = {"email": {"email"}, "phone": {"phone"}, "ads": {"email", "phone"}}
    assert [n for n, a in found.audiences.items() if not needed[a.channel] <= set(a.columns)] == []


def test_without_the_file_there_are_no_audiences(conf):
    assert conf.load().audiences == Audiences()


def test_operators_are_written_with_and_without_quotes_and_one_column_without_brackets(conf):
    conf.audience(
        """
        all:
          - {column: revenue, <: 5, }
          - {column: revenue, <=: 5}
          - {column: orders, =: 5}
          - {column: orders, ">=": 5}
          - column: city
            "!=": Ulm
        """,
    )
    conf.write("local/audiences.yml", "audiences: {fans: {columns: email, channel: ' Email '}}")
    assert conf.lines() == []
    fans = conf.load().audiences.audiences["fans"]
    assert [part.operator for part in fans.where.all_of] == [("<", 5), ("<=", 5), ("=", 5), (">=", 5), ("!=", "Ulm")]
    assert (fans.columns, fans.channel) == (("email",), "email")


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (
            "{column: revnue, '>': 5}",
            "7 audiences.fans.where.column: no such column 'revnue' (did you mean 'revenue'?); allowed: THE COLUMNS",
        ),
        (
            "{colum: revenue, '>': 5}",
            f"7 audiences.fans.where.colum: no such key 'colum' (did you mean 'column'?); allowed: {CONDITION_KEYS}",
        ),
        (
            "{column: revenue, contains: '5'}",
            "7 audiences.fans.where.contains: revenue is decimal(19,2), which is not compared by contains; allowed: "
            "=, !=, <, <=, >, >=, in, between, known",
        ),
        (
            "{column: city, '>': 5}",
            "7 audiences.fans.where.>: city is string, which is not compared by >; allowed: =, !=, in, contains, "
            "starts_with, known",
        ),
        (
            "{column: revenue, within_last_days: 5}",
            "7 audiences.fans.where.within_last_days: revenue is decimal(19,2), which is not compared by "
            "within_last_days; allowed: =, !=, <, <=, >, >=, in, between, known",
        ),
        (
            "{column: revenue, '>': much}",
            "7 audiences.fans.where.>: revenue is decimal(19,2), so > takes a number of at most 15 digits; found "
            "'much'",
        ),
        (
            "{column: revenue, in: [1, 1234567890.1234567]}",
            "7 audiences.fans.where.in[1]: revenue is decimal(19,2), so in takes a number of at most 15 digits; found "
            "1234567890.1234567",
        ),
        (
            "{column: orders, '=': true}",
            "7 audiences.fans.where.=: orders is bigint, so = takes a number of at most 15 digits; found true",
        ),
        (
            "{column: orders, '<': 1e999}",
            "7 audiences.fans.where.<: orders is bigint, so < takes a number of at most 15 digits; found 1e999",
        ),
        (
            "{column: zip_code, '=': 01234}",
            "7 audiences.fans.where.=: zip_code is string, so = takes text; write it in quotes; found 01234",
        ),
        (
            "{column: registered_on, '>=': 31.03.2025}",
            "7 audiences.fans.where.>=: registered_on is date, so >= takes a day, written as 2025-03-31; found "
            "'31.03.2025'",
        ),
        (
            "{column: registered_on, '=': 2025-03-31 12:00}",
            "7 audiences.fans.where.=: registered_on is date, so = takes a day, written as 2025-03-31; found "
            "'2025-03-31 12:00'",
        ),
        (
            "{column: last_ordered_at, between: [2025-02-30, 2025-03-31]}",
            "7 audiences.fans.where.between[0]: last_ordered_at is timestamp, so between takes a day, written as "
            "2025-03-31, or a time (UTC), written as 2025-03-31 18:30:00; found '2025-02-30'",
        ),
        (
            "{column: orders, between: [5, 1]}",
            "7 audiences.fans.where.between: nothing is between 5 and 1; write the lower one first",
        ),
        ("{column: orders, between: [5]}", "7 audiences.fans.where.between: must have 2 or more items, has 1"),
        ("{column: orders, in: []}", "7 audiences.fans.where.in: must have 1 or more items, has 0"),
        ("{column: orders, in: 5}", "7 audiences.fans.where.in: must be a list, found 5"),
        ("{all: []}", "7 audiences.fans.where.all: must have 1 or more items, has 0"),
        (
            "{column: orders, '=': [1, 2]}",
            "7 audiences.fans.where.=: takes one value; for none there is known: false, for several there is in",
        ),
        (
            "{column: orders, '=': null}",
            "7 audiences.fans.where.=: takes one value; for none there is known: false, for several there is in",
        ),
        ("{column: orders, known: }", "6 audiences.fans.where: known has no value"),
        ("{column: orders, known: no}", "7 audiences.fans.where.known: must be true or false, found 'no'"),
        (
            "{column: last_ordered_at, within_last_days: '5'}",
            "7 audiences.fans.where.within_last_days: must be a whole number, found '5'",
        ),
        (
            "{column: last_ordered_at, within_last_days: -1}",
            "7 audiences.fans.where.within_last_days: must be at least 0, found -1",
        ),
        ("{column: city, contains: ''}", "7 audiences.fans.where.contains: must have 1 or more characters, found ''"),
        (
            "{column: orders}",
            f"6 audiences.fans.where: orders is compared by one of {OPERATORS}; found none",
        ),
        (
            "{column: orders, '>': 1, '<': 5}",
            f"6 audiences.fans.where: orders is compared by one of {OPERATORS}; found < and >; combine them by all",
        ),
        ("{'>': 1}", f"6 audiences.fans.where: a condition has one of {FORMS}; found none of them"),
        (
            "{any: [{column: orders, '=': 1}], column: orders, '=': 1}",
            f"6 audiences.fans.where: a condition has one of {FORMS}; found any and column",
        ),
        (
            "{not: {column: orders, '=': 1}, '=': 1}",
            "6 audiences.fans.where: = compares a column; not combines conditions and has none",
        ),
        (
            "all:\n  - column: orders\n    '>': 1\n  - not:\n      any:\n        - {column: orders, '>': x}",
            "12 audiences.fans.where.all[1].not.any[0].>: orders is bigint, so > takes a number of at most 15 digits; "
            "found 'x'",
        ),
    ],
)
def test_a_mistake_in_a_condition_is_explained_at_its_place(conf, where, line):
    conf.audience(where)
    assert list(map(allowed, conf.lines())) == [f"conf/audiences.yml:{line}"]


def test_mistakes_beside_the_condition_come_all_at_once(conf):
    conf.write(
        "audiences.yml",
        """\
        consents: {assume: {stoer: granted, shop: denied}}
        audiences:
          fans:
            channel: email
            purpose: ''
            where: {column: orders, ">": 1}
            columns: [c360_id, emial, c360_id]
          Fans: {description: No name, channel: email, purpose: ads, where: {column: orders, "=": 1}, columns: email}
          none:
            description: Nobody
            channel: email
            purpose: marketing
            where: {column: orders, "<": 0}
            columns: []
          more:
            description: Two wrong columns
            channel: email
            purpose: marketing
            where: {column: orders, "<": 0}
            columns: [c360_id, emial, c360_id]
        """,
    )
    assert list(map(allowed, conf.lines())) == [
        "conf/audiences.yml:1 consents.assume.shop: no such shop 'denied'; allowed: granted",
        "conf/audiences.yml:1 consents.assume.stoer: no such source 'stoer'; allowed: shop",
        "conf/audiences.yml:3 audiences.fans: the key 'description' is missing",
        "conf/audiences.yml:5 audiences.fans.purpose: must have 1 or more characters, found ''",
        "conf/audiences.yml:8 audiences.Fans: 'Fans' is no name; write lower-case letters, digits and _, beginning "
        "with a letter",
        "conf/audiences.yml:14 audiences.none.columns: must have 1 or more items, has 0",
        "conf/audiences.yml:20 audiences.more.columns[1]: no such column 'emial' (did you mean 'email'?); allowed: "
        "THE COLUMNS",
        "conf/audiences.yml:20 audiences.more.columns[2]: c360_id is listed twice",
    ]


def test_editors_get_a_schema_with_every_operator_under_the_name_it_is_written_by():
    schema = json_schema("audiences")
    assert ", ".join(schema["$defs"]["Condition"]["properties"]) == CONDITION_KEYS
    assert schema["$defs"]["Condition"]["properties"][">="]["type"] == ["string", "number", "boolean"]


def test_a_condition_says_its_operator_as_it_is_written():
    assert Condition.model_validate({"column": "orders", "known": False}).operator == ("known", False)
