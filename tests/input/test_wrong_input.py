"""For every kind of wrong input: what docs/wrong-input.md says happens, happens, and the ledger adds up.

The fixture `shop` checks the ledger after each test. `says` ties a test to its line of the document.
"""

from __future__ import annotations

import gzip
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.input.commands import APPENDED, CUSTOMERS, SHOP, Said, Shop

DOCUMENT = Path(__file__).parents[2] / "docs/wrong-input.md"
TESTED: list[str] = []
F = TypeVar("F", bound=Callable[..., None])


def says(line: str) -> Callable[[F], F]:
    """The test proves the line of the document that begins so."""

    def mark(test: F) -> F:
        TESTED.append(line)
        return test

    return mark


ADA, BOB = "1,Ada,ada@x.org\n", "2,Bob,bob@x.org\n"
WHO = ("customer_id", "name")


def refused(said: Said) -> str:
    """Why the customers' file could not be read; what hangs on it was left alone, the run went on."""
    assert said.code == 1
    assert said.err == ""
    failed, *others = said.steps
    assert others == [
        "✓ bronze_shop.orders  0 rows",
        "– silver_shop.customers  because bronze_shop.customers failed",
        "– silver_shop.orders  because silver_shop.customers failed",
    ] or others == [
        "– silver_shop.customers  because bronze_shop.customers failed",
        "– silver_shop.orders  because silver_shop.customers failed",
    ]
    sign = "✗ bronze_shop.customers  "
    assert failed.startswith(sign)
    return failed.removeprefix(sign)


# Rows


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


# Files


@says("A declared column that is missing")
def test_a_file_without_a_declared_column_is_refused(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "CustomerID,Name\n1,Ada\n")

    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv has no column Email; its header names: CustomerID, Name. Declare the name it has "
        "there as `from`, or the right delimiter."
    )


@says("A column that is not declared")
def test_an_undeclared_column_is_kept_aside_in_bronze(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "CustomerID,Name,Shoe,Email\n1,Ada,42,ada@x.org\n2,Bob,,bob@x.org\n")

    assert shop.run().code == 0
    assert sorted((r["customer_id"], r["_rescued"]) for r in shop.lake.rows("bronze_shop.customers")) == [
        ("1", '{"Shoe": "42"}'),
        ("2", None),
    ]
    assert shop.c360("check").out.splitlines() == [
        "conf is right: shop (2 tables)",
        "data/landing/shop/Customers_2025-03-01.csv: columns that shop.customers does not declare are kept aside, in "
        "bronze's _rescued: Shoe",
        "shop.orders: no file in data/landing/shop matches Orders*.csv*",
    ]


@says("A column that conf declares later, or no longer")
def test_a_column_is_filled_from_what_was_kept_aside_and_goes_back_there(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "CustomerID,Name,SHOE,Email,x\n1,Ada,42,a,y\n2,Bob,,b,\n3,Cyd,41,c,\n4\n")
    shop.run()
    shop.declare(
        "name: {from: Name, pii: true}", "name: {from: Name, pii: true}\n      shoe_size: {from: Shoe, type: int}"
    )
    said = shop.run()
    assert (said.code, said.steps[:2]) == (
        1,
        [
            "✓ bronze_shop.customers  0 rows  the columns are now those that conf declares",
            "✗ silver_shop.customers  quarantine_shop.customers does not have the declared columns; missing: shoe_size "
            "STRING. conf was changed: `c360 replay silver_shop.customers` makes it anew from bronze",
        ],
    )
    assert shop.c360("replay", "shop.customers").code == 0
    assert shop.silver("customers", *WHO, "shoe_size") == [(1, "Ada", 42), (2, "Bob", None), (3, "Cyd", 41)]
    rescued = '{"_error": "ragged_row: 1 field where 5 were expected", "_raw": "4"}'
    assert sorted((str(r["name"]), r["_rescued"]) for r in shop.lake.rows("bronze_shop.customers")) == [
        ("Ada", '{"x":"y"}'),
        ("Bob", None),
        ("Cyd", None),
        ("None", rescued),
    ]

    shop.conf("sources/shop.yml", SHOP)
    assert shop.run("--full").code == 0
    assert sorted((str(r["name"]), r["_rescued"]) for r in shop.lake.rows("bronze_shop.customers")) == [
        ("Ada", '{"x":"y", "shoe_size":"42"}'),
        ("Bob", None),
        ("Cyd", '{"shoe_size":"41"}'),
        ("None", rescued),
    ]
    assert shop.run().out == "nothing new: every table is up to date\n"


@says("A header in other case, other order, or with spaces")
def test_a_column_is_found_by_its_name_in_any_case_and_place(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "\n EMAIL , customerid,Name \nada@x.org,1,Ada\n\nbob@x.org,2,Bob\n")

    shop.run()

    assert shop.silver("customers", *WHO, "email") == [(1, "Ada", "ada@x.org"), (2, "Bob", "bob@x.org")]


@says("A column that is there twice")
def test_a_header_with_a_declared_name_twice_is_refused(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "CustomerID,Name,Email,Name\n1,Ada,ada@x.org,Ada L\n")

    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv: the header names column Name 2 times (fields 2, 4), so it is unclear which one is "
        "meant. Rename one."
    )


@says("No header, or another delimiter")
@pytest.mark.parametrize("text", ["1,Ada,ada@x.org\n", "CustomerID;Name;Email\n1;Ada;ada@x.org\n"])
def test_a_first_line_that_names_no_declared_column_is_refused(shop: Shop, text: str) -> None:
    shop.land("Customers_2025-03-01.csv", text)

    assert refused(shop.run()) == (
        f"Customers_2025-03-01.csv has no column CustomerID; its header names: "
        f"{text.splitlines()[0].replace(',', ', ')}. Declare the name it has there as `from`, or the right delimiter."
    )


@says("An empty file, or only a header")
@pytest.mark.parametrize("text", ["", CUSTOMERS, "\n\n"])
def test_a_file_without_rows_brings_nothing_and_says_so(shop: Shop, text: str) -> None:
    shop.land("Customers_2025-03-01.csv", text)

    said = shop.run()

    assert (said.code, said.steps[0]) == (0, "✓ bronze_shop.customers  0 rows  no rows in Customers_2025-03-01.csv")
    assert shop.silver("customers", *WHO) == []


@says("A file that is no CSV")
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "it looks like a PNG image."),
        (b"PK\x03\x04\x14\x00", "it looks like a zip archive or an Excel workbook (.xlsx)."),
        (
            b"<!DOCTYPE html><html>503",
            "it looks like an HTML page (an error page that was saved instead of the data?).",
        ),
        (b"\x00\x01\x02\x03abc\n", "it contains NUL bytes. If it is text in UTF-16, declare `encoding: utf-16`."),
    ],
)
def test_a_file_that_is_no_text_is_refused(shop: Shop, content: bytes, what: str) -> None:
    shop.land("Customers_2025-03-01.csv", content)

    assert refused(shop.run()) == f"Customers_2025-03-01.csv is not a CSV text file: {what}"


@says("A damaged or truncated archive")
def test_a_truncated_archive_is_refused_and_a_whole_one_is_read(shop: Shop) -> None:
    packed = gzip.compress((CUSTOMERS + ADA + BOB).encode())
    shop.land("Customers_2025-03-01.csv.gz", packed[:-12])

    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv.gz is a truncated or damaged gzip archive (Truncated compressed stream). Ask for the "
        "file again; if it is not compressed at all, declare `compression: none`."
    )
    shop.land("Customers_2025-03-01.csv.gz", packed)
    assert shop.run().code == 0
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]


@says("A quote that never closes")
def test_a_quote_that_never_closes_is_refused_with_its_line(shop: Shop) -> None:
    shop.customers(ADA + '2,"Bob,bob@x.org\n3,Cyd,cyd@x.org\n')

    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv: a quote opened in line 3 never closes. Correct the file, or declare `quote: null` "
        "if quotes mean nothing in it, `quoted_newlines: true` if fields hold newlines."
    )


@says("A file of another encoding")
def test_a_mark_or_a_declaration_tells_the_encoding(shop: Shop) -> None:
    text = CUSTOMERS + "1,Jürgen,j@x.org\n" + BOB
    shop.land("Customers_2025-03-01.csv", text.encode("utf-16"))
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Jürgen"), (2, "Bob")]
    shop.land("Customers_2025-03-02.csv", text.replace("Bob", "Bob B").encode("latin-1"))
    assert shop.run().steps[1] == "✓ silver_shop.customers  2 rows: 1 quarantined, 1 updated"
    assert shop.rejected("customers")[0][:2] == (1, "undecodable_bytes: name is not utf-8")
    assert shop.c360("rollback", shop.json("runs")[0]["run"]).code == 0
    shop.declare("key: customer_id", "key: customer_id\n    csv: {encoding: latin-1}")
    assert shop.run().steps[1] == "✓ silver_shop.customers  2 rows: 1 updated, 1 unchanged"

    assert shop.silver("customers", *WHO) == [(1, "Jürgen"), (2, "Bob B")]
    assert shop.rejected("customers") == []


@says("The same file twice, under any name")
def test_content_that_was_there_already_brings_nothing_and_says_so(shop: Shop) -> None:
    shop.customers(ADA + BOB)
    shop.land("again/Customers_2025-03-05.csv", CUSTOMERS + ADA + BOB)

    said = shop.run()

    assert said.steps[0] == "✓ bronze_shop.customers  2 rows  nothing new in again/Customers_2025-03-05.csv"
    assert shop.run().out == "nothing new: every table is up to date\n"
    file = shop.landing / "Customers_2025-03-01.csv"
    os.utime(file, ns=(1, 1))
    assert shop.run().steps == ["✓ bronze_shop.customers  0 rows  nothing new in Customers_2025-03-01.csv"]


@says("A file with other content under its old name")
def test_a_file_that_was_changed_is_a_new_delivery(shop: Shop) -> None:
    shop.customers(ADA + BOB)
    shop.run()
    shop.customers("1,Ada L,ada@x.org\n")

    assert shop.run().steps[1] == "✓ silver_shop.customers  1 row: 1 updated"
    assert len(shop.lake.rows("bronze_shop.customers")) == 3
    assert shop.silver("customers", *WHO) == [(1, "Ada L"), (2, "Bob")]


@says("A file in a sub-folder")
def test_sub_folders_are_looked_through(shop: Shop) -> None:
    shop.land("2025/03/Customers_2025-03-01.csv", CUSTOMERS + ADA)

    shop.run()

    assert shop.silver("customers", *WHO, "_source_file") == [(1, "Ada", "2025/03/Customers_2025-03-01.csv")]


@says("A file called `.…`, `_…` or `….tmp`")
def test_files_that_are_being_brought_wait(shop: Shop) -> None:
    for name in (".Customers_1.csv", "_Customers_2.csv", "Customers_3.csv.tmp", "_new/Customers_4.csv"):
        shop.land(name, CUSTOMERS + ADA)

    said = shop.run()

    assert (said.code, shop.lake.rows("bronze_shop.customers")) == (0, [])
    (shop.landing / "_Customers_2.csv").rename(shop.landing / "Customers_2.csv")
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada")]


@says("A file that is still being written")
def test_a_file_that_grows_while_it_is_waited_for_is_left_for_the_next_run(shop: Shop) -> None:
    shop.conf("c360.yml", "settle_seconds: 1\n")
    file = shop.customers(ADA)
    is_over = threading.Event()

    def keep_writing() -> None:
        while not is_over.wait(0.05):
            with file.open("a") as out:
                out.write(BOB)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        said = shop.run()
    finally:
        is_over.set()
        writer.join()

    assert refused(said) == "Customers_2025-03-01.csv is still being written; run again when it is complete"
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]


@says("A file that changes while it is read")
def test_nothing_stays_of_a_file_that_changed_while_it_was_read(shop: Shop) -> None:
    file = shop.customers(ADA)

    said = shop.run(**{APPENDED: str(file)})

    assert refused(said) == "Customers_2025-03-01.csv changed while it was read; run again when it is complete"
    assert shop.lake.rows("bronze_shop.customers") == []
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (8, "Hal")]


@says("A file that cannot be read")
def test_a_file_that_is_not_to_be_opened_or_read_is_refused(shop: Shop) -> None:
    link = shop.landing / "Customers_2025-03-01.csv"
    link.symlink_to("nowhere.csv")
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv cannot be read (No such file or directory); does it exist, and may this user read it?"
    )
    link.unlink()
    os.mkfifo(link)
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv is not a file but a pipe or a device; take it out of the landing folder"
    )
    link.unlink()
    link.symlink_to("/proc/self/mem")
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv cannot be read (Input/output error); does it exist, and may this user read it?"
    )


@says("A name with bytes that are not UTF-8")
def test_a_file_name_that_is_no_text_is_refused(shop: Shop) -> None:
    file = os.fsencode(shop.landing) + b"/Customers_\xff.csv"
    Path(os.fsdecode(file)).write_text(CUSTOMERS + ADA)

    assert refused(shop.run()) == r"the name of Customers_\udcff.csv holds bytes that are not UTF-8; rename the file"


@says("A date in the name that is none")
def test_a_name_whose_date_is_none_is_refused(shop: Shop) -> None:
    shop.customers(ADA, day="2025-13-01")

    assert refused(shop.run()) == (
        "Customers_2025-13-01.csv: '2025-13-01' is not a date; delivered_at expects for example 2025-03-01, 20250301 "
        "or 20250301T120000"
    )


@says("A file no table asks for, or several do")
def test_a_file_nobody_asks_for_is_left_alone_and_check_points_it_out(shop: Shop) -> None:
    shop.declare("files: Orders*.csv*", "files: ['Orders*.csv*', '*_2025-03-02.csv']")
    shop.land("Custmers.csv", CUSTOMERS + ADA)
    shop.land("Customers_2025-03-02.csv", CUSTOMERS + ADA)

    assert shop.c360("check").out.splitlines() == [
        "conf is right: shop (2 tables)",
        "shop.orders: Customers_2025-03-02.csv has no column OrderID; its header names: CustomerID, Name, Email. "
        "Declare the name it has there as `from`, or the right delimiter.",
        "data/landing/shop/Custmers.csv: no table of shop asks for it",
        "data/landing/shop/Customers_2025-03-02.csv: read by several tables: customers, orders",
    ]


@says("No file")
def test_a_table_without_files_stays_empty_and_the_run_is_fine(shop: Shop) -> None:
    said = shop.run()

    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "data/landing/shop holds no file that a table of shop asks for; `c360 check` says which",
            "nothing new: every table is up to date",
        ],
    )
    shop.customers(ADA)
    assert shop.run().code == 0
    assert (shop.silver("customers", *WHO), shop.lake.rows("bronze_shop.orders")) == ([(1, "Ada")], [])
    (shop.landing / "Customers_2025-03-01.csv").unlink()
    assert shop.c360("check").out.splitlines()[1:] == [
        "shop.customers: no file in data/landing/shop matches Customers*.csv*",
        "shop.orders: no file in data/landing/shop matches Orders*.csv*",
    ]


@says("A file that is taken away after it was read")
def test_a_file_that_was_read_may_go(shop: Shop) -> None:
    shop.customers(ADA).rename(shop.folder / "archived.csv")
    (shop.folder / "archived.csv").rename(shop.landing / "Customers_2025-03-01.csv")
    shop.run()
    (shop.landing / "Customers_2025-03-01.csv").unlink()

    assert shop.run().out == "nothing new: every table is up to date\n"
    assert shop.silver("customers", *WHO) == [(1, "Ada")]


# Folders


@says("A landing folder that does not exist, or is a file")
def test_a_landing_folder_that_is_not_there_is_no_empty_one(shop: Shop) -> None:
    said = shop.run("--landing", "in/box")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "the landing folder in/box is not there; put delivered files into in/box/shop\n",
    )
    (shop.folder / "a_file").write_text("")
    assert shop.run("--landing", "a_file").err == (
        "the landing folder a_file is a file; put delivered files into a_file/shop\n"
    )


@says("A lake that cannot be written")
def test_a_lake_that_cannot_be_written_is_named(shop: Shop) -> None:
    (shop.folder / "a_file").write_text("")
    said = shop.run("--lake", "a_file/lake")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"the lake {shop.folder}/a_file/lake cannot be written (Not a directory: {shop.folder}/a_file/lake/ops); name "
        "another folder with --lake\n",
    )
    said = shop.run("--lake", "/proc/lake")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "the lake /proc/lake cannot be written (No such file or directory: /proc/lake); name another folder with "
        "--lake\n",
    )


@says("A lake in which nothing was made yet")
@pytest.mark.parametrize(
    "command",
    [
        "show",
        "show gold.rfm",
        "show unified.orders",
        "sql SELECT(1)",
        "customer Ada",
        "quarantine",
        "quarantine shop.orders",
        "replay shop.orders",
        "runs",
        "rollback x",
        "optimize",
    ],
)
def test_an_empty_lake_is_said_to_be_empty(shop: Shop, command: str) -> None:
    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (
        1,
        "",
        f"there is no table in {shop.folder}/data/lake yet; `c360 run` makes them, --lake names another folder\n",
    )
    assert not (shop.folder / "data/lake").exists()


# The command line


@says("A name that does not exist")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run --source shp", "no such source: shp; conf has shop"),
        ("run --layer goold", "no such layer: goold; allowed: bronze, silver, unified, gold"),
        (
            "run --only gold.rfn",
            "no such table 'gold.rfn' (did you mean 'gold.rfm'?); `c360 run --dry-run --full` lists what there is",
        ),
        (
            "show silver_shop.order",
            "no such table 'silver_shop.order' (did you mean 'silver_shop.orders'?); `c360 show` lists them",
        ),
        ("show gold.rfm", "no such table 'gold.rfm'; `c360 show` lists them"),
        ("show nonsense", "no such table 'nonsense'; `c360 show` lists them"),
        ("show ../../etc.x", "no such table '../../etc.x'; `c360 show` lists them"),
        ("optimize gold.nope", "no such table 'gold.nope'; `c360 show` lists them"),
        (
            "quarantine shop.order",
            "no such silver table: shop.order; there are silver_shop.customers, silver_shop.orders",
        ),
        ("replay shop.order", "no such silver table: shop.order; there are silver_shop.customers, silver_shop.orders"),
        ("rollback 20250301", "no such run: 20250301; `c360 runs` lists them"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(shop: Shop, command: str, sentence: str) -> None:
    shop.orders("10,,5,,\n")
    shop.run()

    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")


@says("A date, option or command that is none")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run --as-of yesterday", "--as-of: 'yesterday' is not a date; write it as 2025-03-31"),
        ("run --as-of 2025-02-30", "--as-of: '2025-02-30' is not a date; write it as 2025-03-31"),
        ("run --as-of 9999-12-31", "--as-of: 9999-12-31 is no day anybody can mean; write it as 2025-03-31"),
        (
            "run --forse",
            "c360 run: No such option: --forse (Possible options: --force, --verbose); `c360 run --help` says what "
            "there is",
        ),
        ("runn", "c360: No such command 'runn'. Did you mean 'run', 'runs'?; `c360 --help` says what there is"),
        ("rollback", "c360 rollback: Missing argument 'run'; `c360 rollback --help` says what there is"),
        (
            "show --format xml",
            "c360 show: Invalid value for '--format': 'xml' is not one of 'table', 'csv', 'json'; `c360 show --help` "
            "says what there is",
        ),
        (
            "show --limit -1",
            "c360 show: Invalid value for '--limit': Input should be greater than or equal to 0; `c360 show --help` "
            "says what there is",
        ),
        ("customer", "c360 customer: Missing argument 'who'; `c360 customer --help` says what there is"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(shop: Shop, command: str, sentence: str) -> None:
    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")


@says("No configuration, or a wrong one")
def test_a_configuration_that_is_not_there_or_wrong_stops_everything(shop: Shop) -> None:
    said = shop.run("--conf", "cnf")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"cnf: there is no such folder; looked for c360.yml and sources/<source>.yml in {shop.folder}/cnf\n",
    )
    shop.declare("key: order_id", "key: order_no")
    shop.conf("c360.yml", "settle: 0\n")
    wrong = shop.c360("check")
    assert (wrong.code, [line.split(" ")[0] for line in wrong.out.splitlines()]) == (
        2,
        ["conf/c360.yml:1", "conf/sources/shop.yml:13"],
    )
    assert (shop.run().code, shop.run().err) == (2, wrong.out)


# The document


def test_every_line_of_the_document_is_tested_and_every_test_is_in_it() -> None:
    lines = re.findall(r"^\| (?!What arrives|---)(.+?) \|", DOCUMENT.read_text(), re.MULTILINE)

    assert sorted(lines) == sorted(TESTED)
