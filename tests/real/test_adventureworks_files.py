"""AdventureWorks' installation extracts, odd terminators and all, against the same tables in Parquet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.input.commands import Sail
from tests.lakes import ROOT, World, world

DATA = Path(os.environ.get("C360_REAL_DATA", ROOT.parent / "shared/data")) / "adventureworks"

pytestmark = pytest.mark.skipif(
    not (DATA / "csv/EmailAddress.csv").is_file(),
    reason=f"no AdventureWorks extract in {DATA}; name the folder above it in C360_REAL_DATA",
)

ODD = r'csv: {delimiter: "+|", terminator: "&|\n", quote: null, header: false}'
TABBED = r'csv: {delimiter: "\t", quote: null, header: false}'
AT = "modified_at: {from: ModifiedDate, type: timestamp, format: yyyy-MM-dd HH:mm:ss.SSS, required: true}"
GUID = "rowguid: {from: rowguid, required: true}"

# name → (key, columns, separators); the extracts have no header, so the columns stand in the files' order
TABLES = {
    "EmailAddress": (
        "[business_entity_id, email_address_id]",
        "business_entity_id: {from: BusinessEntityID, type: int}, email_address_id: {from: EmailAddressID, type: int}, "
        f"email_address: {{from: EmailAddress, pii: true}}, {GUID}, {AT}",
        ODD,
    ),
    "PersonPhone": (
        "[business_entity_id, phone_number, phone_number_type_id]",
        "business_entity_id: {from: BusinessEntityID, type: int}, phone_number: {from: PhoneNumber, pii: true}, "
        f"phone_number_type_id: {{from: PhoneNumberTypeID, type: int}}, {AT}",
        ODD,
    ),
    "Store": (
        "business_entity_id",
        "business_entity_id: {from: BusinessEntityID, type: int}, name: {from: Name}, "
        f"sales_person_id: {{from: SalesPersonID, type: int}}, demographics: {{from: Demographics}}, {GUID}, {AT}",
        ODD,
    ),
    "CountryRegion": (
        "country_region_code",
        f"country_region_code: {{from: CountryRegionCode}}, name: {{from: Name}}, {AT}",
        TABBED,
    ),
    "SalesReason": (
        "sales_reason_id",
        "sales_reason_id: {from: SalesReasonID, type: int}, name: {from: Name}, reason_type: {from: ReasonType}, " + AT,
        TABBED,
    ),
    "SalesOrderHeaderSalesReason": (
        "[sales_order_id, sales_reason_id]",
        "sales_order_id: {from: SalesOrderID, type: int}, sales_reason_id: {from: SalesReasonID, type: int}, " + AT,
        TABBED,
    ),
    "StateProvince": (
        "state_province_id",
        "state_province_id: {from: StateProvinceID, type: int}, state_province_code: {from: StateProvinceCode}, "
        "country_region_code: {from: CountryRegionCode}, is_only: {from: IsOnlyStateProvinceFlag, type: boolean}, "
        f"name: {{from: Name}}, territory_id: {{from: TerritoryID, type: int}}, {GUID}, {AT}",
        TABBED,
    ),
}


def conf() -> str:
    tables = []
    for name, (key, columns, separators) in TABLES.items():
        for kind, files in (("csv", f"csv/{name}.csv"), ("parquet", f"parquet/*.{name}.parquet")):
            options = f"{separators}, " if kind == "csv" else ""
            tables.append(
                f"  {name.lower()}_{kind}: {{files: '{files}', {options}key: {key}, columns: {{{columns}}}}}\n"
            )
    return "source: adventureworks\ntables:\n" + "".join(tables)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> World:
    found = world(tmp_path_factory.mktemp("adventureworks"), {"sources/adventureworks.yml": conf()}, sail)
    (found.folder / "landing/adventureworks").symlink_to(DATA)
    found.made("--layer", "bronze")
    found.made("--layer", "silver")
    return found


RENAMED = {("TR", "Türkiye"): ("TR", "Turkey")}
"""Rows that are newer in the text: of what they are there."""

ROWS = {
    "EmailAddress": 19_972,
    "PersonPhone": 19_972,
    "Store": 701,
    "CountryRegion": 238,
    "SalesReason": 10,
    "SalesOrderHeaderSalesReason": 27_647,
    "StateProvince": 181,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_text_has_the_rows_of_the_parquet_file_and_all_are_valid(made: World, name: str) -> None:
    for kind in ("csv", "parquet"):
        table = f"adventureworks.{name.lower()}_{kind}"
        assert made.rows(f"quarantine_{table}") == []
        assert len(made.rows(f"silver_{table}")) == ROWS[name]


@pytest.mark.parametrize("name", TABLES)
def test_but_for_its_shifted_dates_and_guids_the_text_says_the_same(made: World, name: str) -> None:
    columns = [part.split(":")[0].strip(" {") for part in TABLES[name][1].split("}, ")]
    same = [c for c in columns if c not in ("modified_at", "rowguid", "demographics")]
    texts, exact = (made.rows(f"silver_adventureworks.{name.lower()}_{kind}", *same) for kind in ("csv", "parquet"))
    assert [RENAMED.get(row, row) for row in texts] == exact
