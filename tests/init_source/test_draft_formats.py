"""Workbooks, JSON, Parquet, Delta tables and archives as samples."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from deltalake import write_deltalake

from c360.config.formats import JsonFormat
from c360.errors import InputFileError
from c360.ingest.files import landed
from c360.init_source import draft
from c360.init_source.reading import NO_TIME, read_values
from tests.init_source.drafts import drafted, drafted_from, lines

ORDERS = pa.table(
    {
        "OrderID": pa.array([1, 2, 3], pa.int32()),
        "Total": pa.array([Decimal("1.5000"), None, Decimal("2.2500")], pa.decimal128(19, 4)),
        "Weight": pa.array([Decimal("1.50"), None, Decimal("2.25")], pa.decimal128(8, 2)),
        "Card": ["4111111111111111", "5500005555555559", None],
        "Sent": pa.array([0, None, 86_400_000_000], pa.timestamp("us")),
        "Due": [date(2025, 3, 1), None, date(2025, 3, 2)],
        "Open": [True, False, None],
        "Count": pa.array([1, 2, 3], pa.int64()),
        "Share": [0.5, 0.25, None],
        "To": [{"City": "Bern", "Zip": "3000"}, {"City": "Basel", "Zip": "4000"}, None],
        "Lines": [[{"sku": "a"}], [], None],
    }
)
TYPES = {
    "order_id": "int",
    "total": "money",
    "weight": "decimal(8,2)",
    "card": "string",
    "sent": "timestamp",
    "due": "date",
    "open": "boolean",
    "count": "bigint",
    "share": "double",
    "to_city": "string",
    "to_zip": "string",
}


def landing(folder: Path) -> Path:
    (folder / "landing/shop").mkdir(parents=True)
    return folder / "landing/shop"


def workbook(file: Path, **sheets: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)


def test_a_workbook_has_its_header_found(tmp_path: Path) -> None:
    rows = [
        ["Report of March"],
        [],
        ["Order ID", "Total", "Sent"],
        *([n, n + 0.25, date(2025, 3, n)] for n in (1, 2, 3)),
    ]
    workbook(landing(tmp_path) / "orders.xlsx", Data=rows)
    found = drafted_from(tmp_path, [tmp_path / "landing/shop"])
    assert found.types == {"order_id": "int", "total": "money", "sent": "date"}
    assert found.table.excel is None
    assert found.table.files == ("orders*.xlsx",)


def test_of_several_sheets_the_fullest_is_taken_and_the_others_named(tmp_path: Path) -> None:
    rows = [["id", "name"], *([n, f"x{n}"] for n in range(9))]
    workbook(landing(tmp_path) / "things.xlsx", About=[["by", "me"]], Data=rows)
    found = drafted_from(tmp_path, [tmp_path / "landing/shop"])
    assert found.table.excel is not None
    assert found.table.excel.sheet == "Data"
    assert "other sheets: About; one file feeds one table" in found.text


def test_a_workbook_without_header_or_with_names_twice_is_read_by_places(tmp_path: Path) -> None:
    workbook(landing(tmp_path) / "a.xlsx", Data=[[1, 2.5, "x"], [2, 3.5, "y"], [3, 1.5, "x"]])
    workbook(tmp_path / "landing/shop/b.xlsx", Data=[["id", "name", "name"], [1, "Ann", "Lee"], [2, "Bob", "Ray"]])
    tables = drafted_from(tmp_path, [tmp_path / "landing/shop"]).source.tables
    assert {name: list(table.columns) for name, table in tables.items()} == {
        "a": ["c1", "c2", "c3"],
        "b": ["id", "name", "name_2"],
    }
    assert tables["b"].excel is not None
    assert (tables["b"].excel.header, tables["b"].excel.skip_rows) == (False, 1)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", Data=[])
    with pytest.raises(InputFileError, match=r"a\.xlsx is empty: none of its sheets has a filled cell"):
        draft([tmp_path / "a.xlsx"], "shop")


RECORD = {"id": 1, "zip": "8001", "total": 10.5, "address": {"city": "Bern", "geo": {"lat": 46.94797}}, "tags": ["a"]}


@pytest.mark.parametrize(
    ("name", "content", "format", "records"),
    [
        ("orders.jsonl", "\n".join(json.dumps(RECORD | {"id": n}) for n in (1, 2, 3)), None, None),
        ("orders.json", "\n".join(json.dumps(RECORD | {"id": n}) for n in (1, 2, 3)), "jsonl", None),
        ("orders.txt", "\n".join(json.dumps(RECORD | {"id": n}) for n in (1, 2, 3)), "jsonl", None),
        ("orders.json", json.dumps([RECORD | {"id": n} for n in (1, 2, 3)], indent=1), None, None),
        ("orders.json", json.dumps({"page": 1, "data": {"orders": [RECORD, RECORD | {"id": 2}]}}), None, "data.orders"),
        ("orders.json", json.dumps(RECORD), None, None),
    ],
)
def test_json_has_its_records_found_and_objects_become_paths(
    tmp_path: Path, name: str, content: str, format: str | None, records: str | None
) -> None:
    found = drafted(tmp_path, {name: content})
    assert found.types == {
        "id": "int", "zip": "string", "total": "money", "address_city": "string", "address_geo_lat": "double",
        "tags": "string",
    }  # fmt: skip
    assert found.column("address_geo_lat").source_name == "address.geo.lat"
    assert found.table.format == format
    assert (found.table.json_.records if found.table.json_ else None) == records


@pytest.mark.parametrize("top", ["orders", None])
def test_arrays_of_objects_are_mentioned_and_not_taken_apart(tmp_path: Path, top: str | None) -> None:
    orders = [{"id": n, "lines": [{"sku": "a"}, {"sku": "b"}]} for n in (1, 2)]
    found = drafted(tmp_path, {"orders.json": json.dumps({top: orders} if top else orders)})
    assert found.types == {"id": "int"}
    said = " ".join(found.text.replace("\n    #", "").split())
    assert "lines is an array of objects (up to 2 in a record)" in said
    path = "orders[].lines[]" if top else "lines[]"
    assert f"json: {{records: '{path}'}}" in said
    (file,) = landed(tmp_path / "landing/shop")
    columns = [("order_id", "^.id"), ("sku", "sku")]
    values, _, _ = read_values(file.raw("", NO_TIME)[0], columns, format="json", json=JsonFormat(records=path))
    assert values == (["1", "1", "2", "2"], ["a", "b", "a", "b"])


def test_a_value_that_may_also_be_an_object_is_only_what_is_in_it(tmp_path: Path) -> None:
    records = [{"id": 1, "to": "Bern"}, {"id": 2, "to": {"city": "Basel"}}, {"id": 3, "odd.name": 1}]
    found = drafted(tmp_path, {"orders.json": json.dumps(records)})
    assert [column.source_name or name for name, column in found.table.columns.items()] == [
        "id",
        "to.city",
        '["odd.name"]',
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"a": [1, 2', "no valid JSON"), ("[]", "holds no records"), ("[1, 2]", "holds no records"), ("{}", "is empty")],
)
def test_json_without_records_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InputFileError, match=said):
        draft([tmp_path / "a.json"], "shop")


def test_parquet_says_its_types_itself(tmp_path: Path) -> None:
    pq.write_table(ORDERS, landing(tmp_path) / "Orders.parquet")
    found = drafted_from(tmp_path, [tmp_path / "landing/shop"])
    assert found.types == TYPES
    assert found.column("to_city").source_name == "To.City"
    assert "Lines is a list of structs" in found.text


def test_parquet_whose_columns_are_all_text_is_read_like_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["1", "2"], "day": ["2025-03-01", "2025-03-02"]}), landing(tmp_path) / "a.parquet")
    assert drafted_from(tmp_path, [tmp_path / "landing/shop"]).types == {"id": "int", "day": "date"}


def test_a_partitioned_folder_is_one_table_with_the_folders_columns(tmp_path: Path) -> None:
    for month in ("2025-01", "2025-02"):
        folder = tmp_path / f"landing/shop/orders/month={month}"
        folder.mkdir(parents=True)
        pq.write_table(ORDERS.select(["OrderID", "Total"]), folder / "part-0.parquet")
    found = drafted_from(tmp_path, [tmp_path / "landing/shop"])
    assert found.types == {"order_id": "int", "total": "money", "month": "string"}
    assert found.table.files == ("orders/*",)


@pytest.mark.parametrize("whole_folder", [True, False])
def test_a_delta_table_is_one_table(tmp_path: Path, whole_folder: bool) -> None:
    table = landing(tmp_path) / "orders"
    write_deltalake(str(table), ORDERS.drop_columns(["Lines"]))
    write_deltalake(str(table), ORDERS.drop_columns(["Lines"]), mode="append")
    found = drafted_from(tmp_path, [table.parent if whole_folder else table])
    assert found.types == TYPES
    assert (found.table.format, found.table.files) == ("delta", ("orders",))
    assert "# orders: 6 rows" in found.text


@pytest.mark.parametrize("whole_folder", [True, False])
def test_members_of_an_archive_are_files(tmp_path: Path, whole_folder: bool) -> None:
    archive = landing(tmp_path) / "export_2025-03-01.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("orders.csv", lines("order_id,amount", "1,10.00", "2,20.00"))
        packed.writestr("customers.csv", lines("customer_id,name", "1,Ann", "2,Bob"))
    found = drafted_from(tmp_path, [archive.parent if whole_folder else archive])
    assert {name: table.files for name, table in found.source.tables.items()} == {
        "customers": ("customers*.csv*",),
        "orders": ("orders*.csv*",),
    }
    assert found.source.delivered_at == r"_(\d{4}-\d{2}-\d{2})"
