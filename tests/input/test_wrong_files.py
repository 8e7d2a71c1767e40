"""What becomes of files whose content is not as it should be.

The fixture `shop` checks the ledger after each test; `says` ties a test to its line of docs/wrong-input.md.
"""

from __future__ import annotations

import gzip

import pytest

from tests.input.commands import ADA, BOB, CUSTOMERS, SHOP, WHO, Shop, refused, says


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


def test_what_is_missing_on_purpose_is_no_column_that_is_kept_aside(shop: Shop) -> None:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    shop.declare("files: Customers*.csv*", "files: Customers*\n    contract: {missing_columns: evolve}")
    table = io.BytesIO()
    pq.write_table(pa.table({"CustomerID": [1], "Email": ["ada@x.org"]}), table)
    (shop.folder / "data/landing/shop").mkdir(parents=True, exist_ok=True)
    (shop.folder / "data/landing/shop/Customers_2025-03-01.parquet").write_bytes(table.getvalue())

    assert shop.c360("check").out.splitlines() == [
        "conf is right: shop (2 tables)",
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


@says("A file that is not what its name says")
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
