"""The clean rows: every reference resolves, every sum adds up, nothing happens before it can."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from delivered import File, latest, planted

REFERENCES: dict[str, list[tuple[str, str, str, str]]] = {
    "retail": [
        ("OnlineTransactions", "CustomerID", "Customers", "CustomerID"),
        ("OnlineTransactions", "ProductID", "Products", "ProductID"),
        ("InStoreTransactions", "CustomerID", "Customers", "CustomerID"),
        ("InStoreTransactions", "StoreID", "Stores", "StoreID"),
        ("CustomerServiceInteractions", "CustomerID", "Customers", "CustomerID"),
        ("CustomerServiceInteractions", "AgentID", "Agents", "AgentID"),
        ("LoyaltyAccounts", "CustomerID", "Customers", "CustomerID"),
        ("LoyaltyTransactions", "LoyaltyID", "LoyaltyAccounts", "LoyaltyID"),
    ],
    "choice": [
        ("Transaction", "customer_id", "Customer_master", "customer_id"),
        ("Customer_support", "customer_id", "Customer_master", "customer_id"),
        ("Web_Interactions", "customer_id", "Customer_master", "customer_id"),
    ],
    "oltp": [
        ("transactions", "product_id", "products", "product_id"),
        ("transactions", "store_id", "stores", "store_id"),
        ("reviews", "product_id", "products", "product_id"),
    ],
    "domains": [
        *((table, "customer_id", "customers", "customer_id") for table in ("loyalty_program", "support_tickets")),
        *((table, "customer_id", "customers", "customer_id") for table in ("app_usage", "transactions")),
        ("transactions", "store_id", "warehouse_locations", "location_id"),
        ("transaction_items", "transaction_id", "transactions", "transaction_id"),
        ("transaction_items", "product_id", "products", "product_id"),
        ("inventory", "product_id", "products", "product_id"),
        ("inventory", "location_id", "warehouse_locations", "location_id"),
        ("product_suppliers", "product_id", "products", "product_id"),
        ("product_suppliers", "supplier_id", "suppliers", "supplier_id"),
        ("shipments", "transaction_id", "transactions", "transaction_id"),
        ("shipments", "origin_location", "warehouse_locations", "location_id"),
        ("tracking_events", "shipment_id", "shipments", "shipment_id"),
    ],
    "adventureworks": [
        ("Sales.Customer", "PersonID", "Person.Person", "BusinessEntityID"),
        ("Sales.Customer", "StoreID", "Store", "BusinessEntityID"),
        ("Sales.Customer", "TerritoryID", "Sales.SalesTerritory", "TerritoryID"),
        ("EmailAddress", "BusinessEntityID", "Person.Person", "BusinessEntityID"),
        ("PersonPhone", "BusinessEntityID", "Person.Person", "BusinessEntityID"),
        ("Address", "StateProvinceID", "Person.StateProvince", "StateProvinceID"),
        ("Person.StateProvince", "CountryRegionCode", "Person.CountryRegion", "CountryRegionCode"),
        ("Person.StateProvince", "TerritoryID", "Sales.SalesTerritory", "TerritoryID"),
        ("Person.BusinessEntityAddress", "AddressID", "Address", "AddressID"),
        ("Sales.SalesOrderHeader", "CustomerID", "Sales.Customer", "CustomerID"),
        ("Sales.SalesOrderHeader", "BillToAddressID", "Address", "AddressID"),
        ("Sales.SalesOrderHeader", "CurrencyRateID", "Sales.CurrencyRate", "CurrencyRateID"),
        ("Sales.SalesOrderDetail", "SalesOrderID", "Sales.SalesOrderHeader", "SalesOrderID"),
        ("Sales.SalesOrderDetail", "ProductID", "Production.Product", "ProductID"),
        ("Sales.SalesOrderDetail", "SpecialOfferID", "Sales.SpecialOffer", "SpecialOfferID"),
        ("Sales.SalesOrderHeaderSalesReason", "SalesOrderID", "Sales.SalesOrderHeader", "SalesOrderID"),
        ("Sales.SalesOrderHeaderSalesReason", "SalesReasonID", "Sales.SalesReason", "SalesReasonID"),
        ("Production.Product", "ProductSubcategoryID", "Production.ProductSubcategory", "ProductSubcategoryID"),
        ("Production.ProductInventory", "ProductID", "Production.Product", "ProductID"),
        (
            "Production.ProductSubcategory",
            "ProductCategoryID",
            "Production.ProductCategory",
            "ProductCategoryID",
        ),
    ],
}
HAPPENED = {
    "retail": ("DateTime", "UTC"),
    "choice": ("created_at transaction_date interaction_date", "America/New_York"),
    "oltp": ("transaction_date updated_at created_at", "UTC"),
    "domains": ("transaction_date created_date session_start event_timestamp last_updated", "America/Chicago"),
    "adventureworks": ("OrderDate", "America/Los_Angeles"),
}


def ids(files: list[File], table: str, column: str, until: date) -> set[str]:
    here = [file for file in files if file.table == table and file.delivered_on <= until]
    return {str(row[column]) for file in here for row in file.rows()}


@pytest.mark.parametrize("source", REFERENCES)
def test_every_reference_is_delivered_on_the_same_day_or_before(clean: dict[str, list[File]], source: str) -> None:
    files = clean[source]
    days = sorted({file.delivered_on for file in files})
    for child, column, parent, key in REFERENCES[source]:
        for day in days:
            known = ids(files, parent, key, day)
            wanted = {
                str(row[column])
                for file in files
                if (file.table, file.delivered_on) == (child, day)
                for row in file.rows()
                if row[column] not in (None, "")
            }
            assert wanted <= known, (child, column, day)


def test_the_tills_of_oltp_count_customers_900_lower_and_the_api_writes_them_in_three_ways(
    clean: dict[str, list[File]],
) -> None:
    known = {row["customer_id"] for row in latest(clean["oltp"], "customers")}
    tills = {row["customer_id"] for row in latest(clean["oltp"], "transactions")}
    assert min(known) == 1001
    assert {number + 900 for number in tills} <= known
    assert not tills <= known
    written = [row["customer_id"] for row in latest(clean["oltp"], "reviews")]
    assert {int(text.strip().lstrip("Cc-")) for text in written} <= known
    assert {text[: 2 if text.startswith(("C-", " c")) else 0] for text in written} == {"C-", " c", ""}


@pytest.mark.parametrize("source", HAPPENED)
def test_nothing_happens_after_its_delivery_nor_in_an_hour_that_clocks_leave_out(
    clean: dict[str, list[File]], source: str
) -> None:
    names, zone = HAPPENED[source]
    seen = set()
    for file in clean[source]:
        for column in set(names.split()) & set(file.header) if file.table != "products" else ():
            seen.add(column)
            for row in file.rows():
                at = when(row[column], zone)
                # the file's day is all that is known of its delivery: not even in UTC is an event a day later
                assert at.astimezone(UTC).date() <= file.delivered_on, (file.name, row)
                assert at.astimezone(ZoneInfo(zone)).hour >= 4
    assert seen == set(names.split())


def when(value: Any, zone: str) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def test_a_year_lies_in_the_first_delivery_and_a_day_in_each_other(clean: dict[str, list[File]]) -> None:
    for source, table, column in (
        ("retail", "InStoreTransactions", "DateTime"),
        ("domains", "tracking_events", "event_timestamp"),
        ("oltp", "transactions", "transaction_date"),
    ):
        for file in clean[source]:
            days = {when(row[column], "UTC").date() for row in file.rows()} if file.table == table else set()
            if days and file.delivered_on == date(2025, 3, 1):
                assert date(2024, 3, 1) <= min(days) < date(2024, 3, 20)
                assert max(days) <= file.delivered_on
            else:
                assert days <= {file.delivered_on}


def test_a_thing_that_is_settled_later_comes_twice_and_is_otherwise_the_same(clean: dict[str, list[File]]) -> None:
    for source, table, states in (
        ("retail", "OnlineTransactions", {"Status"}),
        ("retail", "CustomerServiceInteractions", {"ResolutionStatus"}),
        ("domains", "shipments", {"delivery_status", "actual_delivery"}),
        ("domains", "support_tickets", {"status", "resolved_date", "satisfaction_score"}),
        ("choice", "Customer_support", {"resolved_at", "satisfaction_score"}),
        ("adventureworks", "Sales.SalesOrderHeader", {"Status", "ShipDate", "ModifiedDate"}),
    ):
        versions = defaultdict(list)
        for file in clean[source]:
            for row in file.rows() if file.table == table else ():
                versions[next(iter(row.values()))].append(row)
        twice = [rows for rows in versions.values() if len(rows) > 1]
        assert twice != [], table
        for rows in twice:
            assert len(rows) == 2
            first, second = ({k: v for k, v in row.items() if k not in states} for row in rows)
            assert first == second
            assert rows[0] != rows[1]


def test_transactions_of_domains_are_the_sums_of_their_items(clean: dict[str, list[File]]) -> None:
    lines, off = defaultdict(Decimal), defaultdict(Decimal)
    for row in latest(clean["domains"], "transaction_items"):
        assert Decimal(row["line_total"]) == Decimal(row["unit_price"]) * int(row["quantity"])
        assert 0 <= Decimal(row["discount_applied"]) <= Decimal(row["line_total"])
        lines[row["transaction_id"]] += Decimal(row["line_total"])
        off[row["transaction_id"]] += Decimal(row["discount_applied"])
    transactions = latest(clean["domains"], "transactions")
    assert {row["transaction_id"] for row in transactions} == set(lines)
    for row in transactions:
        subtotal, tax, discount = (Decimal(row[f"{part}"]) for part in ("subtotal", "tax_amount", "discount_amount"))
        assert (subtotal, discount) == (lines[row["transaction_id"]], off[row["transaction_id"]])
        assert Decimal(row["total_amount"]) == subtotal + tax - discount
        assert (row["store_id"] != "") == (row["channel"] == "store")


REGIONS = {
    "RGN001": "ID OR WA",
    "RGN002": "CA",
    "RGN003": "TX",
    "RGN004": "CT MA ME NH NJ NY PA RI VT",
    "RGN005": "AL AR FL GA KY LA MS NC SC TN VA WV",
}


def test_regional_sales_agree_with_the_transactions_but_for_the_planted_ones(
    clean: dict[str, list[File]], clean_world: Path
) -> None:
    files = clean["domains"]
    region_of = {state: region for region, states in REGIONS.items() for state in states.split()}
    homes = {row["customer_id"]: row["state"] for row in latest(files, "customers")}
    stores = {row["location_id"]: row["state"] for row in latest(files, "warehouse_locations")}
    sold, count = defaultdict(Decimal), Counter[tuple[str, str]]()
    for row in latest(files, "transactions"):
        state = stores[row["store_id"]] if row["store_id"] else homes[row["customer_id"]]
        if row["status"] == "completed" and state in region_of:
            key = region_of[state], row["transaction_date"][:10]
            sold[key] += Decimal(row["total_amount"])
            count[key] += 1
    wrong = []
    for row in latest(files, "regional_sales", keys=4):
        key = row["region_id"], row["sales_date"]
        assert int(row["total_transactions"]) == count[key]
        if Decimal(row["total_revenue"]) != sold[key]:
            wrong.append(list(key))
            assert Decimal(row["total_revenue"]) == round(sold[key] * 95 / 100 - Decimal("0.005"), 2)
        if count[key] and list(key) not in wrong:
            assert abs(Decimal(row["average_order_value"]) - sold[key] / count[key]) <= Decimal("0.005")
        elif not count[key]:
            assert row["average_order_value"] == ""
    assert set(sold) <= {(row["region_id"], row["sales_date"]) for row in latest(files, "regional_sales", keys=4)}
    planted_ones = planted(clean_world)["domains"]["misreported_regions"]
    assert wrong == [key for key in planted_ones if count[key[0], key[1]]]


def test_orders_of_adventureworks_add_up_to_the_last_digit(clean: dict[str, list[File]]) -> None:
    files, lines = clean["adventureworks"], defaultdict(Decimal)
    for row in latest(files, "Sales.SalesOrderDetail", keys=2):
        assert row["LineTotal"] == row["OrderQty"] * row["UnitPrice"] * (1 - row["UnitPriceDiscount"])
        lines[row["SalesOrderID"]] += row["LineTotal"]
    headers = latest(files, "Sales.SalesOrderHeader")
    assert {row["SalesOrderID"] for row in headers} == set(lines)
    for row in headers:
        assert row["SubTotal"] == lines[row["SalesOrderID"]]
        assert row["TotalDue"] == row["SubTotal"] + row["TaxAmt"] + row["Freight"]
        assert (row["ShipDate"] is None) == (row["Status"] != 5)
        assert row["ShipDate"] is None or row["ShipDate"] - row["OrderDate"] > timedelta(6)
    assert {row["OnlineOrderFlag"] for row in headers} == {True, False}


def test_customers_of_adventureworks_are_persons_or_organisations(
    clean: dict[str, list[File]], clean_world: Path
) -> None:
    customers = latest(clean["adventureworks"], "Sales.Customer")
    stores = [row for row in customers if row["PersonID"] is None]
    assert {row["StoreID"] is None for row in stores} == {False}
    assert {row["StoreID"] for row in customers if row["PersonID"]} == {None}
    assert len(stores) == planted(clean_world)["adventureworks"]["organisations"] > 0
    known = {row["CustomerID"] for row in stores}
    orders = latest(clean["adventureworks"], "Sales.SalesOrderHeader")
    assert {row["OnlineOrderFlag"] for row in orders if row["CustomerID"] in known} == {False}


def test_points_of_a_retail_account_grow_by_its_events(clean: dict[str, list[File]]) -> None:
    points: dict[str, int] = {}
    compared = 0
    for day in sorted({file.delivered_on for file in clean["retail"]}):
        files = {file.table: file for file in clean["retail"] if file.delivered_on == day}
        changes = Counter[str]()
        for row in files["LoyaltyTransactions"].rows() if "LoyaltyTransactions" in files else ():
            changes[row["LoyaltyID"]] += int(row["PointsChange"])
        for row in files["LoyaltyAccounts"].rows() if "LoyaltyAccounts" in files else ():
            if row["LoyaltyID"] in points:
                assert int(row["PointsEarned"]) == points[row["LoyaltyID"]] + changes[row["LoyaltyID"]]
                compared += 1
            points[row["LoyaltyID"]] = int(row["PointsEarned"])
    assert compared > 0
