"""What becomes of rows that are not as they should be.

The fixture `shop` checks the ledger after each test; `says` ties a test to its line of docs/wrong-input.md.
"""

from __future__ import annotations

from tests.input.commands import ADA, BOB, CUSTOMERS, WHO, Shop, says


@says("A row with too few or too many fields")
def test_a_ragged_row_is_set_aside_as_it_stands_in_the_file(shop: Shop) -> None:
    shop.customers(ADA + "3,Cyd\n4,Dot,dot@x.org,extra\n" + BOB + "5,Eve,eve@x.org\n")

    assert shop.run().steps[1] == "✓ silver_shop.customers  5 rows: 2 quarantined, 3 inserted"
    assert shop.rejected("customers") == [
        (2, "ragged_row: 2 fields where 3 were expected", "3,Cyd"),
        (3, "ragged_row: 4 fields where 3 were expected", "4,Dot,dot@x.org,extra"),
    ]
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob"), (5, "Eve")]


@says("Bytes that are not in the file's encoding")
def test_a_row_with_bad_bytes_is_set_aside_and_shows_them(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", CUSTOMERS.encode() + b"1,Ad\xffa,ada@x.org\n" + BOB.encode())

    assert shop.run().steps[1] == "✓ silver_shop.customers  2 rows: 1 quarantined, 1 inserted"
    assert shop.rejected("customers") == [
        (
            1,
            "undecodable_bytes: name is not utf-8",
            '{"customer_id": "1", "email": "ada@x.org", "_raw": "Ad\\\\xffa"}',
        )
    ]


@says("A value of the wrong type")
def test_a_value_that_is_not_of_its_type_sets_the_row_aside_and_becomes_no_null(shop: Shop) -> None:
    shop.orders(
        "1,,cheap,2025-02-28 10:00:00,Completed\n"
        "2,,5.00,2025-02-30 10:00:00,Completed\n"
        "3,,5.00,28/02/2025,Completed\n"
        "4,99999999999,5.00,,Completed\n"
        "5,,1.23456,,Completed\n"
        "6,, 5.00 ,,Completed\n"
        "7,,1000.5,,\n"
        "8,,7,,\n9,,8,,\n10,,9,,\n"
    )

    assert shop.run().steps[-1] == "✓ silver_shop.orders  10 rows: 5 quarantined, 5 inserted"
    assert [(row, reasons) for row, reasons, _ in shop.rejected("orders")] == [
        (1, "type:amount"),
        (2, "type:ordered_at"),
        (3, "type:ordered_at"),
        (4, "type:customer_id"),
        (5, "type:amount"),
    ]
    assert shop.silver("orders", "order_id", "amount")[:2] == [(6, "5.0000"), (7, "1000.5000")]


@says("A key that is missing")
def test_a_row_without_its_key_is_set_aside(shop: Shop) -> None:
    shop.customers(ADA + BOB + ",Cyd,cyd@x.org\n  ,Dot,dot@x.org\n")

    shop.run()

    assert [(row, reasons) for row, reasons, _ in shop.rejected("customers")] == [
        (3, "null:customer_id"),
        (4, "null:customer_id"),
    ]


@says("A value that is missing, not accepted, or against a rule")
def test_a_row_against_what_is_declared_is_set_aside_with_every_reason(shop: Shop) -> None:
    shop.orders("1,,,,Lost\n2,,-1,,completed\n3,,5,,\n4,,6,,Completed\n5,,7,,Cancelled\n")

    shop.run()

    assert [(row, reasons) for row, reasons, _ in shop.rejected("orders")] == [
        (1, "null:amount; accepted:status"),
        (2, "accepted:status; rule:amount_positive"),
    ]
    assert shop.c360("quarantine", "--format", "csv").out == (
        "table,reason,rows\n"
        "quarantine_shop.orders,accepted:status,2\n"
        "quarantine_shop.orders,null:amount,1\n"
        "quarantine_shop.orders,rule:amount_positive,1\n"
    )


@says("The same key more than once in a file")
def test_of_the_rows_of_a_key_the_last_one_in_the_file_stays(shop: Shop) -> None:
    shop.customers(ADA + ADA + "1,Ada L,ada@x.org\n" + BOB)

    assert shop.run().steps[1] == "✓ silver_shop.customers  4 rows: 2 inserted, 2 duplicate"
    assert shop.silver("customers", *WHO) == [(1, "Ada L"), (2, "Bob")]
    assert shop.rejected("customers") == []


@says("A key that is there already")
def test_a_newer_delivery_replaces_a_row_and_a_late_one_does_not(shop: Shop) -> None:
    shop.customers(ADA + BOB, day="2025-03-02")
    shop.run()
    shop.customers("1,Ada L,ada@x.org\n", day="2025-03-03")
    assert shop.run().steps[1] == "✓ silver_shop.customers  1 row: 1 updated"
    shop.customers("2,Old Bob,bob@x.org\n", day="2025-03-01")
    assert shop.run().steps[1] == "✓ silver_shop.customers  1 row: 1 stale"

    assert shop.silver("customers", *WHO) == [(1, "Ada L"), (2, "Bob")]


@says("A row that a later file no longer contains")
def test_a_row_that_is_not_delivered_again_stays(shop: Shop) -> None:
    shop.customers(ADA + BOB)
    shop.run()
    shop.customers(ADA, day="2025-03-02")
    shop.run()

    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]


@says("A reference that leads nowhere (an orphan)")
def test_an_orphan_stays_and_is_flagged_until_its_parent_comes(shop: Shop) -> None:
    shop.customers(ADA)
    shop.orders("10,1,5,,\n11,99,5,,\n")
    shop.run()
    assert shop.silver("orders", "order_id", "_orphan") == [(10, None), (11, "customer_id")]
    shop.customers("99,Late,late@x.org\n", day="2025-03-02")

    assert shop.run().steps[-1] == "✓ silver_shop.orders  0 rows  1 orphans found their parents"
    assert shop.silver("orders", "order_id", "_orphan") == [(10, None), (11, None)]


@says("An orphan, where `on_missing: quarantine` is declared")
def test_an_orphan_that_is_not_wanted_waits_in_quarantine_for_its_parent(shop: Shop) -> None:
    shop.declare("{customer_id: customers}", "{customer_id: {table: customers, on_missing: quarantine}}")
    shop.customers(ADA)
    shop.orders("10,1,5,,\n11,99,5,,\n")
    shop.run()
    assert [(row, reasons) for row, reasons, _ in shop.rejected("orders")] == [(2, "orphan:customer_id")]
    shop.customers("99,Late,late@x.org\n", day="2025-03-02")

    assert shop.run().steps[-1].endswith("1 rows left quarantine, their parents have come")
    assert shop.rejected("orders") == []
    assert shop.silver("orders", "order_id", "_orphan") == [(10, None), (11, None)]


@says("A reference that is empty (a guest)")
def test_an_order_without_a_customer_is_no_orphan(shop: Shop) -> None:
    shop.orders("10,,5,,\n")

    shop.run()

    assert shop.silver("orders", "order_id", "customer_id", "_orphan") == [(10, None, None)]


@says("A row dated in the future")
def test_a_row_dated_more_than_a_day_after_its_delivery_is_set_aside(shop: Shop) -> None:
    shop.orders("1,,5,2025-03-02 00:00:00,\n2,,5,2025-03-02 00:00:01,\n3,,5,2099-01-01 00:00:00,\n4,,5,,\n")

    shop.run()

    assert [(row, reasons) for row, reasons, _ in shop.rejected("orders")] == [
        (2, "future:ordered_at"),
        (3, "future:ordered_at"),
    ]
    assert shop.silver("orders", "order_id", "ordered_at") == [(1, "2025-03-02 00:00:00+00:00"), (4, None)]


@says("More rejected rows than a batch may have")
def test_a_batch_with_too_many_rejected_rows_is_refused_as_a_whole(shop: Shop) -> None:
    shop.customers(ADA + "x,Bob,b\n,Cyd,c\n")

    said = shop.run()

    assert (said.code, said.steps[-2:]) == (
        1,
        [
            "✗ silver_shop.customers  silver_shop.customers: 2 of 3 rows of Customers_2025-03-01.csv were rejected, "
            "more than the 50% allowed; nothing was merged. Most often: null:customer_id (1), type:customer_id (1). "
            "Deliver the file corrected under its name, correct the rules, or run with --force",
            "– silver_shop.orders  because silver_shop.customers failed",
        ],
    )
    assert (shop.silver("customers", *WHO), shop.rejected("customers")) == ([], [])
    assert shop.run("--force").code == 0
    assert (shop.silver("customers", *WHO), len(shop.rejected("customers"))) == ([(1, "Ada")], 2)


@says("A refused batch whose file comes again, corrected")
def test_the_correction_of_a_refused_file_takes_its_place(shop: Shop) -> None:
    shop.customers("x,Bob,b\n,Cyd,c\n7,Hal,h\n")
    assert shop.run().code == 1
    shop.customers(ADA + BOB + ",Cyd,c\n")

    said = shop.run()

    assert said.code == 0
    assert said.steps[1] == (
        "✓ silver_shop.customers  3 rows: 1 quarantined, 2 inserted  Customers_2025-03-01.csv: the delivery refused "
        "before is left out, for there is a newer one"
    )
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]
    assert sorted(line["status"] for line in shop.json("show", "ops.batches")) == ["merged", "merged", "superseded"][1:]
    assert shop.run("--full").code == 0
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]
    assert shop.run().out == "nothing new: every table is up to date\n"
