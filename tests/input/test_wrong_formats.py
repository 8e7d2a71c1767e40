"""What becomes of workbooks, JSON, numbers, snapshots and change feeds that are not as they should be.

The fixture `shop` checks the ledger after each test; `says` ties a test to its line of docs/wrong-input.md.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import xlsxwriter

from tests.input.commands import WHO, Shop, refused, says

FILES = "files: Customers*.csv*"
HEADER = ["CustomerID", "Name", "Email"]
ADA, BOB = [1, "Ada", "ada@x.org"], [2, "Bob", "bob@x.org"]
BOOK, DOCUMENT, LINES = "Customers_2025-03-01.xlsx", "Customers_2025-03-01.json", "Customers_2025-03-01.jsonl"


def book(change: Callable[[Any], object] | None = None, **sheets: Sequence[Sequence[Any]]) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as found:
        for name, rows in sheets.items():
            sheet = found.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if change:
                change(sheet)
    return data.getvalue()


def record(key: int, name: str) -> dict[str, object]:
    return {"CustomerID": key, "Name": name, "Email": f"{name.lower()}@x.org"}


@pytest.fixture
def any_file(shop: Shop) -> Shop:
    """The shop, whose customers may come in any format."""
    shop.declare(FILES, "files: Customers*")
    return shop


@says("A workbook without the declared sheet, or with several that fit")
def test_a_workbook_without_its_sheet_or_with_two_is_refused(any_file: Shop) -> None:
    any_file.declare(FILES, "files: Customers*\n    excel: {sheet: People}")
    any_file.land(BOOK, book(Staff=[HEADER, ADA]))
    assert refused(any_file.run()) == f"{BOOK} has no sheet People; its sheets: Staff"
    any_file.declare(FILES, "files: Customers*")
    any_file.land(BOOK, book(Staff=[HEADER, ADA], People=[HEADER, BOB]))
    assert refused(any_file.run()) == (
        f"{BOOK} has several sheets with the columns CustomerID, Name, Email; its sheets: Staff, People. "
        "Declare excel: {sheet: …}"
    )


@says("Title rows above a header")
def test_title_rows_are_skipped_in_a_workbook_and_elsewhere_where_it_is_declared(any_file: Shop) -> None:
    any_file.land(BOOK, book(People=[["Customers, March"], [], HEADER, ADA]))
    csv = any_file.land("Customers_2025-03-02.csv", "Customers\nMarch\nCustomerID,Name,Email\n2,Bob,bob@x.org\n")
    assert "Customers_2025-03-02.csv has no column CustomerID; its header names: Customers." in refused(any_file.run())
    any_file.declare(FILES, "files: Customers*\n    csv: {skip_lines: 2}")
    assert any_file.run().code == 0
    assert any_file.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]
    assert csv.exists()


@says("A formula that failed in a workbook")
def test_a_failed_formula_rejects_its_row(any_file: Shop) -> None:
    rows = [HEADER, ADA, BOB]
    any_file.land(BOOK, book(lambda sheet: sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!"), People=rows))
    assert any_file.run().code == 0
    assert any_file.silver("customers", *WHO) == [(2, "Bob")]
    assert [row[:2] for row in any_file.rejected("customers")] == [(2, "excel_error: name is #DIV/0!")]


@says("A line of JSON that is none")
def test_a_line_that_is_no_record_is_rejected_with_its_text(any_file: Shop) -> None:
    lines = [
        json.dumps(record(1, "Ada")),
        '{"CustomerID": 2',
        "[3]",
        '{"CustomerID": 4, "CustomerID": 5}',
        '{"x": NaN}',
    ]
    any_file.land(LINES, "\n".join([*lines, *[json.dumps(record(n, "Bob")) for n in range(6, 10)]]))
    assert any_file.run().code == 0
    assert [key for key, _ in any_file.silver("customers", *WHO)] == [1, 6, 7, 8, 9]
    assert [row[1] for row in any_file.rejected("customers")] == [
        "malformed_json: Expecting ',' delimiter at character 17",
        "no_object: a record is an object",
        "malformed_json: the key 'CustomerID' is there twice",
        "malformed_json: NaN is no JSON",
    ]


@says("A JSON document that is broken, or has no array where its records should be")
def test_a_broken_document_is_refused_as_a_whole(any_file: Shop) -> None:
    any_file.land(DOCUMENT, json.dumps([record(1, "Ada"), record(2, "Bob")])[:-5])
    assert refused(any_file.run()).startswith(f"{DOCUMENT} is no valid JSON: ")
    any_file.declare(FILES, "files: Customers*\n    json: {records: data}")
    any_file.land(DOCUMENT, json.dumps({"error": "no such user"}))
    assert refused(any_file.run()) == (
        f"{DOCUMENT} has no array at data; at its top it has error. Declare json: {{records: …}} as it is in the file."
    )
    any_file.land(DOCUMENT, json.dumps({"data": [record(1, "Ada")]}))
    assert any_file.run().code == 0
    assert any_file.silver("customers", *WHO) == [(1, "Ada")]


@says("A protected zip member or workbook")
def test_what_a_password_protects_is_refused(any_file: Shop) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Customers_2025-03-01.csv", "CustomerID,Name,Email\n1,Ada,a@x.org\n")
    data = bytearray(packed.getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # what says so, in the archive's directory
    file = any_file.land("all.zip", bytes(data))
    said = refused(any_file.run())
    assert said == "all.zip/Customers_2025-03-01.csv is protected by a password; deliver it without one"
    file.unlink()


@says("A number as people write it")
def test_a_number_with_a_comma_is_rejected_unless_it_is_declared(shop: Shop) -> None:
    rows = '10,,"1.234,50 €",,\n11,,(5),,\n12,,5,,\n13,,6,,\n'
    shop.orders(rows)
    assert shop.run().code == 0
    assert [row[:2] for row in shop.rejected("orders")] == [(1, "type:amount"), (2, "type:amount")]
    declared = '{decimal: ",", thousands: ".", currency: €, negative: brackets}'
    shop.declare("amount: {from: Amount, type: money", f"amount: {{from: Amount, numbers: {declared}, type: money")
    assert shop.c360("replay", "shop.orders").code == 0
    assert shop.silver("orders", "order_id", "amount")[0] == (10, "1234.5000")
    assert [row[:2] for row in shop.rejected("orders")] == [(2, "rule:amount_positive")]


@says("An id such as 17850.0")
def test_an_id_that_a_program_took_for_a_measure_is_that_id(shop: Shop) -> None:
    shop.customers("17850.0,Ada,a@x.org\n18.5,Bob,b@x.org\n")
    assert shop.run().code == 0
    assert shop.silver("customers", *WHO) == [(17850, "Ada")]
    assert [row[:2] for row in shop.rejected("customers")] == [(2, "type:customer_id")]


@says("A complete list that has shrunk")
def test_a_shrunken_snapshot_is_refused_and_a_whole_one_goes_on(shop: Shop) -> None:
    shop.declare(FILES, f"{FILES}\n    load: snapshot")
    four = "".join(f"{n},N,n@x.org\n" for n in range(1, 5))
    shop.customers(four)
    assert shop.run().code == 0
    shop.customers("1,N,n@x.org\n", "2025-03-02")
    said = shop.run()
    assert said.code == 1
    assert (
        "Customers_2025-03-02.csv has 1 rows where the delivery before had 4, a loss of more than the 30%" in said.out
    )
    shop.customers(four.replace("4,N,n@x.org\n", ""), "2025-03-03")
    assert shop.run().code == 0
    gone = shop.silver("customers", "customer_id", "_deleted_at")[-1]
    assert gone == (4, "2025-03-03 00:00:00+00:00")


FEED = f"""{FILES}
    load: {{mode: changes, operation: email}}"""


@says("A change of a row that was deleted before")
def test_a_late_update_does_not_bring_back_what_was_deleted(shop: Shop) -> None:
    shop.declare(FILES, FEED)
    shop.customers("1,Ada,I\n", "2025-03-01")
    shop.customers("1,,D\n", "2025-03-03")
    assert shop.run().code == 0
    shop.customers("1,Ada B,U\n", "2025-03-02")
    assert shop.run().code == 0
    assert shop.silver("customers", *WHO, "_deleted_at") == [(1, None, "2025-03-03 00:00:00+00:00")]
    assert [line["stale"] for line in shop.lake.rows("ops.batches") if "03-02" in line["file"]] == [1]


@says("A change feed's word that is not known")
def test_an_unknown_operation_is_rejected(shop: Shop) -> None:
    shop.declare(FILES, FEED)
    shop.customers("1,Ada,I\n2,Bob,moved\n")
    assert shop.run().code == 0
    assert [row[:2] for row in shop.rejected("customers")] == [(2, "operation:email")]
