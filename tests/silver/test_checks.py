"""What is wrong with a row, by name, before it may enter silver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from c360.ingest.rescued import ragged_row
from c360.silver.checks import check, what_fails, with_orphans
from c360.silver.shape import Shape
from tests.silver.tables import File, Texts, bronze, source_of, tuples

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TABLES = """
orders:
  files: orders*
  key: [order_id, line]
  columns:
    order_id: int
    line: int
    customer_id: int
    store_id: int
    amount: {type: money, required: true}
    status: {accepted: [open, "it's done"], null_values: ["-", "n/a"]}
    stars: {type: int, accepted: ["1", "2"]}
    email: string
    phone: string
    ordered_at: timestamp
    case: string
  derive:
    domain: nullif(regexp_extract(email, '@(.+)$', 1), '')
    cents: {sql: amount * 100, type: bigint}
  rules:
    amount_positive: amount > 0
    domain_has_dot: domain LIKE '%.%'
    never_unknown: CAST(NULL AS BOOLEAN)
  event_at: ordered_at
  unique: [[email], [phone, status]]
  references:
    customer_id: customers
    store_id: {table: stores, on_missing: quarantine}
customers:
  files: customers*
  key: customer_id
  columns: {customer_id: int}
stores:
  files: stores*
  key: store_id
  columns: {store_id: int}
"""
SHOP = source_of(TABLES)
ORDERS = Shape(SHOP, "orders")
GOOD = {
    "order_id": "1",
    "line": "1",
    "customer_id": "7",
    "store_id": "70",
    "amount": "1.50",
    "status": "open",
    "stars": "2",
    "ordered_at": "2024-03-01 12:00:00",
}


def parents(spark: SparkSession) -> dict[str, DataFrame]:
    """Customer 7 and store 70."""
    return {
        "customer_id": spark.createDataFrame([(7,)], "customer_id INT"),
        "store_id": spark.createDataFrame([(70,)], "store_id INT"),
    }


def judged(spark: SparkSession, cases: dict[str, Texts], on: str = "2024-03-01") -> dict[str, list[str]]:
    """Case → its reasons; each case is a good row but for what it says."""
    rows = [GOOD | {"case": name, "line": str(n)} | dict(case) for n, (name, case) in enumerate(cases.items())]
    frame = check(bronze(spark, ORDERS, [File("orders", rows, on=on)]), ORDERS, parents(spark))
    return {
        row["case"] or row["_raw_case"]: row["_reasons"]
        for row in frame.select("case", "_raw_case", "_reasons").collect()
    }


def test_every_kind_of_fault_has_its_reason_and_what_is_missing_breaks_no_rule(spark: SparkSession) -> None:
    cases: dict[str, tuple[Texts, list[str]]] = {
        "nothing is wrong": ({}, []),
        "a key is missing": ({"order_id": None}, ["null:order_id"]),
        "a key is blank": ({"order_id": " \t"}, ["null:order_id"]),
        "a key is no number": ({"order_id": "x"}, ["type:order_id"]),
        "a required value is missing": ({"amount": ""}, ["null:amount"]),
        "a required value is no number": ({"amount": "1,5"}, ["type:amount"]),
        "a value is of the wrong type": ({"customer_id": "C7"}, ["type:customer_id"]),
        "a value is not accepted": ({"status": "Open"}, ["accepted:status"]),
        "an accepted value has a quote": ({"status": " it's done "}, []),
        "an accepted value is missing": ({"status": None}, []),
        "a text that means null is one of the accepted": ({"status": " n/a "}, []),
        "an accepted number is compared as a number": ({"stars": "+02"}, []),
        "a number is not accepted": ({"stars": "3"}, ["accepted:stars"]),
        "a rule is broken": ({"amount": "0"}, ["rule:amount_positive"]),
        "a rule over a derived column is broken": ({"email": "a@b"}, ["rule:domain_has_dot"]),
        "a rule over a derived column that is null holds": ({"email": "nobody"}, []),
        "a kept orphan is no fault": ({"customer_id": "8"}, []),
        "an orphan is held back": ({"store_id": "71"}, ["orphan:store_id"]),
        "no reference is no orphan": ({"customer_id": None, "store_id": None}, []),
        "several things are wrong": (
            {"order_id": None, "amount": "-1", "status": "?", "stars": "many", "store_id": "9", "email": "x@y",
             "ordered_at": "soon"},
            ["null:order_id", "accepted:status", "type:stars", "type:ordered_at", "rule:amount_positive",
             "rule:domain_has_dot", "orphan:store_id"],
        ),
        "it happened a day after delivery": ({"ordered_at": "2024-03-02 00:00:00"}, []),
        "it happened a second more than a day after": ({"ordered_at": "2024-03-02 00:00:01"}, ["future:ordered_at"]),
        "it never happened": ({"ordered_at": None}, []),
        "the reader could not take it apart": (
            {"_rescued": ragged_row(2, 11, 'a "quoted" row; ü\\'), "amount": None, "status": "?", "store_id": "9"},
            ["ragged_row: 2 fields where 11 were expected"],
        ),
        "the reader found undecodable bytes": (
            {"_rescued": '{"_error": "undecodable_bytes: email is not utf-8", "_raw": "\\\\xff", "more": "1"}'},
            ["undecodable_bytes: email is not utf-8"],
        ),
        "there was an undeclared column": ({"_rescued": '{"x": "{\\"_error\\":"}'}, []),
    }  # fmt: skip
    found = judged(spark, {name: case for name, (case, _) in cases.items()})
    assert found == {name: reasons for name, (_, reasons) in cases.items()}


def test_only_rejected_rows_keep_their_texts_beside_the_types(spark: SparkSession) -> None:
    rows = [GOOD | {"case": "good", "amount": " 1.5 "}, GOOD | {"case": "bad", "line": "2", "amount": " -1.5 "}]
    frame = check(bronze(spark, ORDERS, [File("orders", rows)]), ORDERS, parents(spark))
    assert tuples(frame, "case", "amount", "cents", "_raw_amount", "_raw_line", "_deleted_at") == [
        ("bad", "-1.5000", -150, " -1.5 ", "2", None),
        ("good", "1.5000", 150, None, None, None),
    ]


def test_a_unique_value_may_not_belong_to_two_keys_of_one_file(spark: SparkSession) -> None:
    first = [
        {"case": "shares its mail", "line": "1", "email": "a@b.de"},
        {"case": "with this one", "line": "2", "email": " a@b.de"},
        {"case": "repeats a key", "line": "3", "email": "c@d.de"},
        {"case": "as this one does", "line": "3", "email": "c@d.de"},
        {"case": "no mail", "line": "4"},
        {"case": "no mail either", "line": "5", "email": ""},
        {"case": "shares both of a pair", "line": "6", "phone": "1", "status": "open"},
        {"case": "shares both too", "line": "7", "phone": "1", "status": "open"},
        {"case": "shares one of a pair", "line": "8", "phone": "1", "status": "it's done"},
        {"case": "half of a pair is missing", "line": "9", "phone": "1", "status": "-"},
        {"case": "and here", "line": "10", "phone": "1", "status": "-"},
        {"case": "shares mail with a row that has no key", "line": "11", "email": "e@f.de"},
        {"case": "which is nobody's", "line": None, "email": "e@f.de"},
        {"case": "shares mail with a row of another file", "line": "12", "email": "g@h.de"},
    ]
    second = [{"case": "the row of another file", "line": "13", "email": "g@h.de"}]
    files = [File("day 1", [GOOD | dict(row) for row in first]), File("day 2", [GOOD | dict(row) for row in second])]
    frame = check(bronze(spark, ORDERS, files), ORDERS, parents(spark))
    reasons = {row["case"]: row["_reasons"] for row in frame.select("case", "_reasons").collect()}
    assert {case: found for case, found in reasons.items() if found} == {
        "shares its mail": ["unique:email"],
        "with this one": ["unique:email"],
        "shares both of a pair": ["unique:phone,status"],
        "shares both too": ["unique:phone,status"],
        "which is nobody's": ["null:line"],
    }
    assert len(reasons) == 15


def test_what_shared_a_unique_value_in_its_file_still_does_when_only_some_rows_are_judged_again(
    spark: SparkSession,
) -> None:
    rows = [
        GOOD
        | {"case": "its twin was set aside for good", "email": "a@b.de", "_reasons": "orphan:store_id,unique:email"},
        GOOD | {"case": "its parent has come", "line": "2", "email": "c@d.de", "_reasons": "orphan:store_id"},
        GOOD | {"case": "its twin is here too", "line": "3", "email": "c@d.de", "_reasons": "rule:amount_positive"},
        GOOD | {"case": "the rule it broke is gone", "line": "4", "_reasons": "unique:fax,rule:gone"},
    ]
    frame = check(bronze(spark, ORDERS, [File("orders", rows)], reasons=True), ORDERS, parents(spark))
    assert tuples(frame, "case", "_reasons") == [
        ("its parent has come", []),
        ("its twin is here too", []),
        ("its twin was set aside for good", ["unique:email"]),
        ("the rule it broke is gone", []),
    ]


def test_orphans_are_named_by_column_in_the_order_they_are_declared(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [(1, 7, 70), (2, 8, 70), (3, 7, 71), (4, 8, 71), (5, None, None)], "id INT, customer_id INT, store_id INT"
    )
    assert tuples(with_orphans(rows, ORDERS.table, parents(spark)), "id", "_orphan") == [
        (1, None),
        (2, "customer_id"),
        (3, "store_id"),
        (4, "customer_id,store_id"),
        (5, None),
    ]
    assert tuples(with_orphans(rows, ORDERS.table, {}), "id", "_orphan") == [(n, None) for n in range(1, 6)]


FAILING = """
sales:
  files: sales*
  key: sale_id
  columns: {sale_id: int, amount: int, quantity: int, note: string}
  derive: {half: {sql: amount / 2, type: double}}
  rules: {whole: amount = floor(amount)}
"""


@pytest.mark.parametrize(
    ("kind", "name", "sql"),
    [
        ("rules", "rule price_is_low", "amount / quantity < 10"),
        ("derive", "derived column noted_on", "CAST(note AS DATE)"),
    ],
)
def test_a_rule_that_cannot_be_computed_is_named(spark: SparkSession, kind: str, name: str, sql: str) -> None:
    source = source_of(FAILING)
    declared = source_of(FAILING.replace(f"{kind}: {{", f"{kind}: {{{name.split()[-1]}: {sql!r}, "))
    rows = [{"sale_id": "1", "amount": "5", "quantity": "0", "note": "x"}]
    frame = bronze(spark, Shape(source, "sales"), [File("sales", rows)])
    said = what_fails(frame, Shape(declared, "sales"))
    assert said is not None
    assert said.startswith(f"silver_shop.sales: the {name} cannot be computed for every row: {sql}: ")
    assert said.endswith("write try_divide(a, b) or try_cast(a AS type): they give null, and a rule about null holds")
    assert what_fails(frame, Shape(source, "sales")) is None
