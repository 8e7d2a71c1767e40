"""AdventureWorks' own extract, where it is at hand: `C360_REAL_DATA`, or `shared/data` beside the checkout."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from c360.config.load import load
from c360.lake import Lake
from tests.input.commands import Sail
from tests.lakes import ROOT, World, differences, rejected

DATA = Path(os.environ.get("C360_REAL_DATA", ROOT.parent / "shared/data")) / "adventureworks"

SPARK_SECONDS = 3600
"""Longer than a run of more than a hundred tables takes there on a busy machine."""

CENT = Decimal("0.01")

ROWS = {
    "addresses": 19_614,
    "business_entity_addresses": 19_614,
    "country_regions": 238,
    "currency_rates": 13_532,
    "customers": 19_820,
    "email_addresses": 19_972,
    "people": 19_972,
    "phone_numbers": 19_972,
    "product_categories": 4,
    "product_cost_history": 395,
    "product_inventory": 1_069,
    "product_reviews": 4,
    "product_subcategories": 37,
    "products": 504,
    "sales_order_details": 121_317,
    "sales_order_headers": 31_465,
    "sales_order_reasons": 27_647,
    "sales_reasons": 10,
    "sales_territories": 10,
    "special_offer_products": 538,
    "special_offers": 16,
    "state_provinces": 181,
    "stores": 701,
}
TOTALS = {
    "subtotal_amount": Decimal("109846381.4039"),
    "tax_amount": Decimal("10186974.4602"),
    "shipping_amount": Decimal("3183430.2518"),
    "total_amount": Decimal("123216786.1159"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> World:
    """The lake of one run on Sail, by the project's own configuration."""
    if not (DATA / "parquet/Sales.SalesOrderHeader.parquet").is_file():
        pytest.skip(f"no AdventureWorks extract in {DATA}; name the folder above it in C360_REAL_DATA")
    folder = tmp_path_factory.mktemp("adventureworks")
    (folder / "landing").mkdir()
    (folder / "landing/adventureworks").symlink_to(DATA)
    others = [f"{name}.yml" for name in ("choice", "domains", "oltp")]  # of which nothing is there
    shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local", *others))
    world = World(folder, folder / "conf", folder / "lake", sail)
    world.made()
    return world


def published(table: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Rows of a file, read without c360."""
    yield from pq.read_table(DATA / f"parquet/{table}.parquet", columns=list(columns) or None).to_pylist()


def asked(made: World, statement: str) -> list[dict[str, Any]]:
    """Rows of unified views, by the command."""
    ran = made.c360("sql", statement, "--conf", str(made.conf), "--limit", "100000", "--format", "json")
    assert ran.code == 0, ran
    return list(json.loads(ran.out))


def test_every_file_is_one_tables_whether_or_not_it_has_a_date() -> None:
    tables = load(ROOT / "conf").sources["adventureworks"].tables
    assert set(tables) == set(ROWS)
    for name, table in tables.items():
        for pattern in table.files:
            file = pattern.replace("*", "2025-03-01")
            claimed = [n for n, t in tables.items() if any(fnmatchcase(file, p) for p in t.files)]
            assert claimed == [name], file


def test_with_a_database_in_conf_local_every_table_is_asked_from_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    local = tmp_path / "conf/local/sources/adventureworks.yml"
    local.parent.mkdir(parents=True)
    local.write_text("database: {kind: sqlserver, uri: 'sqlserver://reader@db/AdventureWorks2019'}\n")
    source = load(tmp_path / "conf").sources["adventureworks"]
    assert {source.origin(name) for name in source.tables} == {"database"}
    named = {name: table.database.table for name, table in source.tables.items() if table.database}
    files = {name: table.files[0] for name, table in source.tables.items()}
    assert {n: f for n, f in files.items() if not f.endswith(".csv") and f != f"{named[n]}.parquet"} == {}
    assert {n: (f, named[n]) for n, f in files.items() if f.endswith(".csv")} == {
        "addresses": ("Address.csv", "Person.Address"),
        "email_addresses": ("EmailAddress.csv", "Person.EmailAddress"),
        "phone_numbers": ("PersonPhone.csv", "Person.PersonPhone"),
        "stores": ("Store.csv", "Sales.Store"),
    }


def test_every_row_is_valid_once_and_finds_its_parents(made: World) -> None:
    lake = Lake(made.lake)
    assert {table: lake.count(f"silver_adventureworks.{table}") for table in ROWS} == ROWS
    assert sum(len(rejected(made.lake, f"quarantine_adventureworks.{table}")) for table in ROWS) == 0
    orphans = {table: lake.not_null(f"silver_adventureworks.{table}", "_orphan") for table in ROWS}
    assert orphans == dict.fromkeys(ROWS, 0)
    rescued = {t for t in ROWS if set(made.rows(f"bronze_adventureworks.{t}", "_rescued")) - {(None,)}}
    assert rescued == {"sales_order_details"}, "whose file says besides how each line was reconstructed"


def test_customers_without_a_person_are_organisations_and_everybody_has_a_name_and_a_place(made: World) -> None:
    known = {row["CustomerID"]: row for row in published("Sales.Customer")}
    customers = made.rows("unified.customer_records", "customer_id")
    assert len(customers) == 19_820
    records = asked(made, "SELECT * FROM unified.source_customers WHERE source = 'adventureworks'")
    assert Counter(row["customer_type"] for row in records) == {"person": 19_119, "organisation": 701}
    for row in records:
        is_person = known[int(row["customer_id"])]["PersonID"] is not None
        assert row["customer_type"] == ("person" if is_person else "organisation")
        assert all(row[c] is not None for c in ("full_name", "address", "city", "region", "zip_code", "country"))
        assert all((row[c] is not None) == is_person for c in ("first_name", "last_name", "email", "phone"))
    one = next(row for row in records if row["customer_id"] == "11000")
    assert [one[c] for c in ("full_name", "date_of_birth", "gender", "city", "region", "country")] == [
        "Jon V Yang",
        "1966-04-08",
        "M",
        "Rockhampton",
        "QLD",
        "Australia",
    ]


def test_all_orders_together_have_the_published_totals(made: World) -> None:
    sums = ", ".join(f"sum({name}) AS {name}" for name in TOTALS)
    (found,) = asked(made, f"SELECT count(*) AS orders, {sums} FROM unified.orders")
    assert found.pop("orders") == 31_465
    assert {name: Decimal(str(value)) for name, value in found.items()} == TOTALS
    by = "SELECT territory, channel, status, currency, count(*) AS n FROM unified.orders GROUP BY 1, 2, 3, 4"
    territories = {row["TerritoryID"]: row["Name"] for row in published("Sales.SalesTerritory")}
    headers = published("Sales.SalesOrderHeader", "TerritoryID", "OnlineOrderFlag")
    channels = ("store", "online")
    assert {(r["territory"], r["channel"], r["status"], r["currency"]): r["n"] for r in asked(made, by)} == Counter(
        (territories[h["TerritoryID"]], channels[h["OnlineOrderFlag"]], "Shipped", "USD") for h in headers
    )


def test_the_lines_of_every_order_add_up_to_its_subtotal(made: World) -> None:
    lines: defaultdict[int, Decimal] = defaultdict(Decimal)
    details = made.rows("silver_adventureworks.sales_order_details", "sales_order_id", "line_total")
    for order, amount in details:
        lines[order] += amount
    headers = dict(made.rows("silver_adventureworks.sales_order_headers", "sales_order_id", "sub_total"))
    assert len(details) == 121_317
    assert {order: amount.quantize(Decimal("0.0001"), ROUND_HALF_UP) for order, amount in lines.items()} == headers
    (found,) = asked(made, "SELECT count(*) AS n, sum(line_amount) AS amount FROM unified.order_lines")
    off = Decimal(str(found["amount"])) - TOTALS["subtotal_amount"]
    assert found["n"] == 121_317
    assert abs(off) < Decimal("0.00005") * 121_317, "each line is rounded to four decimals"


def test_the_other_facts_say_what_their_tables_say(made: World) -> None:
    views = ("shipments", "promotions", "inventory", "reviews", "currency_rates", "products", "consents")
    counts = ", ".join(f"(SELECT count(*) FROM unified.{view}) AS {view}" for view in views)
    assert asked(made, f"SELECT {counts}") == [
        {
            "shipments": 31_465,
            "promotions": 16,
            "inventory": 1_069,
            "reviews": 4,
            "currency_rates": 13_532,
            "products": 504,
            "consents": 2 * 19_119,
        }
    ]
    kinds = asked(made, "SELECT category, count(*) AS n, count(subcategory) AS m FROM unified.products GROUP BY 1")
    assert {row["category"]: (row["n"], row["m"]) for row in kinds} == {
        "Bikes": (97, 97),
        "Components": (134, 134),
        "Clothing": (35, 35),
        "Accessories": (29, 29),
        None: (209, 0),
    }
    customers = {row["PersonID"] for row in published("Sales.Customer", "PersonID")} - {None}
    wanted = Counter(
        row["EmailPromotion"] for row in published("Person.Person") if row["BusinessEntityID"] in customers
    )
    by = "SELECT purpose, is_granted, count(*) AS n FROM unified.consents WHERE channel = 'email' GROUP BY 1, 2"
    assert {(row["purpose"], row["is_granted"]): row["n"] for row in asked(made, by)} == {
        ("marketing", False): wanted[0],
        ("marketing", True): wanted[1] + wanted[2],
        ("partner_marketing", False): wanted[0] + wanted[1],
        ("partner_marketing", True): wanted[2],
    }


def test_the_parts_of_every_order_are_its_header_to_the_last_digit(made: World) -> None:
    names = ("sales_amount", "subtotal_amount", "tax_amount", "freight_amount", "total_due_amount")
    found: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    facts = made.rows("gold.fact_sales", "order_id", *names)
    for order, sales, *parts in facts:
        assert abs(sales - parts[0]) <= Decimal("0.0003"), "a line's part of the subtotal is the line"
        assert parts[0] + parts[1] + parts[2] == parts[3]
        found[order] = [a + b for a, b in zip(found[order], parts, strict=True)]
    headers = published("Sales.SalesOrderHeader", "SalesOrderID", "SubTotal", "TaxAmt", "Freight", "TotalDue")
    assert found == {str(h["SalesOrderID"]): [h["SubTotal"], h["TaxAmt"], h["Freight"], h["TotalDue"]] for h in headers}
    assert len(facts) == 121_317
    sums = [sum(parts) for parts in zip(*found.values(), strict=True)]
    assert sums == list(TOTALS.values())
    assert sum(sums[:3]) == sums[3]


def test_territories_and_regions_add_up_to_the_total_of_all_orders(made: World) -> None:
    rows = made.rows("gold.sales_by_territory", "period", "period_start", "orders", "revenue", "share_percent")
    for period in ("month", "quarter"):
        mine = [row for row in rows if row[0] == period]
        assert sum(row[2] for row in mine) == 31_465
        assert abs(sum(row[3] for row in mine) - TOTALS["total_amount"]) <= CENT / 2 * len(mine)
        shares: defaultdict[Any, list[Decimal]] = defaultdict(list)
        for _, start, _, _, share in mine:
            shares[start].append(share)
        assert all(abs(sum(each) - 100) <= CENT / 2 * len(each) for each in shares.values())
    regions = made.rows("gold.customers_by_region", "customers", "buyers", "orders", "revenue")
    assert [sum(row[n] for row in regions) for n in range(3)] == [19_820, 19_119, 31_465]
    assert abs(sum(row[3] for row in regions) - TOTALS["total_amount"]) <= CENT / 2 * len(regions)


def test_products_promotions_and_periods_add_up_to_the_lines(made: World) -> None:
    lines = sum(row[0] for row in made.rows("gold.fact_sales", "sales_amount"))
    units = sum(row["OrderQty"] for row in published("Sales.SalesOrderDetail", "OrderQty"))
    demand = made.rows("gold.product_demand", "revenue", "units", "order_lines", "product_name")
    assert len(demand) == 504
    assert max(demand)[0::3] == (Decimal("4400592.80"), "Mountain-200 Black, 38")
    impact = made.rows("gold.discount_impact", "net", "units", "order_lines", "discount")
    performance = made.rows("gold.sales_performance", "revenue", "units", "orders", "period", "discount")
    months, quarters = ([row for row in performance if row[3] == period] for period in ("month", "quarter"))
    for rows in (demand, impact, months, quarters):
        assert abs(sum(row[0] for row in rows) - lines) <= CENT / 2 * len(rows)
        assert sum(row[1] for row in rows) == units
    for rows in (demand, impact):
        assert sum(row[2] for row in rows) == 121_317
    discount = Decimal("527507.9262")
    assert abs(sum(row[3] for row in impact) - discount) <= CENT / 2 * len(impact)
    assert abs(sum(row[4] for row in months) - discount) <= CENT / 2 * len(months)


def test_what_everybody_brought_adds_up_and_organisations_have_not_ordered_themselves(made: World) -> None:
    rows = made.rows("gold.customer_analysis", "customer_type", "orders", "revenue", "revenue_rank", "territory")
    assert Counter((row[0], row[1] > 0) for row in rows) == {("person", True): 19_119, ("organisation", False): 701}
    assert sum(row[1] for row in rows) == 31_465
    assert abs(sum(row[2] for row in rows) - TOTALS["total_amount"]) <= CENT / 2 * len(rows)
    assert all((row[3] is None) == (row[4] is None) == (row[1] == 0) for row in rows)


@pytest.mark.slow
@pytest.mark.spark
def test_spark_makes_the_same_tables(made: World) -> None:
    on_spark = World(made.folder, made.conf, made.folder / "on_spark")
    running = on_spark.start("run", "--engine", "spark")
    try:
        said = running.communicate(timeout=SPARK_SECONDS)
    finally:
        running.kill()
    assert running.returncode == 0, said
    assert differences(made.lake, on_spark.lake) == []
