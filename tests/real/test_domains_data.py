"""The four domains' own extract, where it is at hand: `C360_REAL_DATA`, or `shared/data` beside the checkout."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from c360.config.load import load
from c360.lake import Lake
from tests.input.commands import Sail
from tests.lakes import ROOT, World, differences, rejected

DATA = Path(os.environ.get("C360_REAL_DATA", ROOT.parent / "shared/data"))
FILES = {
    "customers": "customer/customers.csv",
    "loyalty_program": "customer/loyalty_program.csv",
    "support_tickets": "customer/support_tickets.csv",
    "app_usage": "customer/app_usage.csv",
    "transactions": "sales/transactions.csv",
    "transaction_items": "sales/transaction_items.csv",
    "regional_sales": "sales/regional_sales.csv",
    "products": "products/products.csv",
    "inventory": "products/inventory.csv",
    "suppliers": "products/suppliers.csv",
    "product_suppliers": "products/product_suppliers.csv",
    "shipments": "logistics/shipments.csv",
    "warehouse_locations": "logistics/warehouse_locations.csv",
    "tracking_events": "logistics/tracking_events.csv",
}
"""Table → its file."""

pytestmark = pytest.mark.skipif(
    not (DATA / "domains/customer/customers.csv").is_file(),
    reason=f"no extract of the four domains in {DATA}; name its folder in C360_REAL_DATA",
)


class RealWorld(World):
    """The project's own configuration on the real files, which are read in place."""

    def _argv(self, command: str, *more: str) -> list[str]:
        given = {"lake": self.lake, "conf": ROOT / "conf", "landing": DATA}
        taken = ("lake", "conf") if command == "sql" else given
        folders = [part for name in taken for part in (f"--{name}", str(given[name]))]
        return [command, *folders, *(["--source", "domains"] if command == "run" else []), *more]

    def sql(self, query: str) -> list[dict[str, Any]]:
        """What a query says of the unified views."""
        said = self.c360("sql", query, "--format", "json", "--limit", "1000")
        assert said.code == 0, said
        return list(json.loads(said.out))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> RealWorld:
    """The lake of one run on Sail."""
    folder = tmp_path_factory.mktemp("real")
    world = RealWorld(folder, ROOT / "conf", folder / "lake", sail)
    world.made()
    return world


def delivered(table: str) -> Iterator[dict[str, str]]:
    with (DATA / "domains" / FILES[table]).open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def test_every_line_of_the_fourteen_files_is_a_row_and_none_is_rejected(made: RealWorld) -> None:
    lake = Lake(made.lake)
    lines = {table: sum(1 for _ in delivered(table)) for table in FILES}
    assert sum(lines.values()) == 302
    assert set(FILES) == set(load(ROOT / "conf").sources["domains"].tables)
    for layer in ("bronze", "silver"):
        assert {table: lake.count(f"{layer}_domains.{table}") for table in FILES} == lines
    assert {t: rejected(made.lake, f"quarantine_domains.{t}") for t in FILES} == {t: [] for t in FILES}


def test_every_reference_resolves_and_nothing_is_rescued(made: RealWorld) -> None:
    declared = load(ROOT / "conf").sources["domains"].tables
    assert sum(len(table.references) for table in declared.values()) == 14
    for column in ("_orphan", "_rescued"):
        assert {t: {row[0] for row in made.rows(f"silver_domains.{t}", column)} for t in FILES} == {
            t: {None} for t in FILES
        }


def test_every_value_is_the_one_in_the_file(made: RealWorld) -> None:
    """Of the columns that are carried as texts; numbers are compared as such."""
    declared = load(ROOT / "conf").sources["domains"].tables
    for table, declaration in declared.items():
        texts = [n for n, c in declaration.columns.items() if c.type == "string" or c.is_number]
        nulls = {n: {"", *declaration.columns[n].null_values} for n in texts}
        numbers = {n for n in texts if declaration.columns[n].is_number}

        def value(name: str, text: str, nulls: Any = nulls, numbers: Any = numbers) -> Any:
            return None if text in nulls[name] else Decimal(text) if name in numbers else text

        in_file = [tuple(value(n, row[n]) for n in texts) for row in delivered(table)]
        assert Counter(made.rows(f"silver_domains.{table}", *texts)) == Counter(in_file), table


def test_unified_views_hold_what_the_files_do(made: RealWorld) -> None:
    views = {
        "source_customers": "customers",
        "loyalty_accounts": "loyalty_program",
        "interactions": "support_tickets",
        "sessions": "app_usage",
        "orders": "transactions",
        "order_lines": "transaction_items",
        "region_sales": "regional_sales",
        "products": "products",
        "inventory": "inventory",
        "suppliers": "suppliers",
        "product_suppliers": "product_suppliers",
        "shipments": "shipments",
        "locations": "warehouse_locations",
        "shipment_events": "tracking_events",
    }
    counted = " UNION ALL ".join(f"SELECT '{view}' AS v, count(*) AS n FROM unified.{view}" for view in views)
    expected = {view: sum(1 for _ in delivered(table)) for view, table in views.items()}
    assert {row["v"]: row["n"] for row in made.sql(counted)} == expected
    # ten of the fifteen locations are stores; nothing was refunded
    others = "SELECT (SELECT count(*) FROM unified.stores) AS stores, (SELECT count(*) FROM unified.returns) AS returns"
    assert made.sql(others) == [{"stores": 10, "returns": 0}]


def test_subtotals_that_differ_from_their_items_are_found(made: RealWorld) -> None:
    """Those of the seven sales of two items are a cent too high; every discount is the sum of the items'."""
    differ = made.sql("""
        SELECT o.order_id, CAST(o.subtotal_amount - l.gross AS STRING) AS difference, o.discount_amount = l.discount
            AS discounts_agree
        FROM unified.orders o JOIN (
            SELECT source, order_id, sum(line_amount + discount_amount) AS gross, sum(discount_amount) AS discount
            FROM unified.order_lines GROUP BY source, order_id
        ) l ON o.source = l.source AND o.order_id = l.order_id
        WHERE o.subtotal_amount <> l.gross OR o.discount_amount <> l.discount
        ORDER BY o.order_id""")
    wrong = ("TXN001", "TXN004", "TXN006", "TXN009", "TXN012", "TXN016", "TXN020")
    assert differ == [{"order_id": n, "difference": "0.0100", "discounts_agree": True} for n in wrong]
    gross: Counter[str] = Counter()
    for item in delivered("transaction_items"):
        gross[item["transaction_id"]] += Decimal(item["line_total"])
    in_files = {
        row["transaction_id"]: Decimal(row["subtotal"]) - gross[row["transaction_id"]]
        for row in delivered("transactions")
    }
    assert {n: d for n, d in in_files.items() if d} == dict.fromkeys(wrong, Decimal("0.01"))


def test_a_sale_is_in_the_region_of_its_store_or_customer(made: RealWorld) -> None:
    named = {
        row["region_id"]: row["region_name"]
        for row in made.sql("SELECT DISTINCT region_id, region_name FROM unified.region_sales")
    }
    assert named == {
        "RGN001": "Pacific Northwest",
        "RGN002": "California",
        "RGN003": "Texas",
        "RGN004": "Northeast",
        "RGN005": "Southeast",
    }
    states = {row["customer_id"]: row["state"] for row in delivered("customers")}
    states |= {row["location_id"]: row["state"] for row in delivered("warehouse_locations")}
    found = made.sql("SELECT coalesce(store_id, customer_id) AS place, region_id FROM unified.orders")
    where = {states[row["place"]]: named.get(row["region_id"]) for row in found}
    assert where == {
        "WA": "Pacific Northwest",
        "OR": "Pacific Northwest",
        "CA": "California",
        "TX": "Texas",
        "MA": "Northeast",
        "ME": "Northeast",
        "FL": "Southeast",
        "GA": "Southeast",
        "TN": "Southeast",
        "AZ": None,
    }


def test_times_are_those_of_chicago(made: RealWorld) -> None:
    assert made.sql("""
        SELECT CAST(ordered_at AS STRING) AS at, CAST(ordered_local_at AS STRING) AS there
        FROM unified.orders WHERE order_id = 'TXN001'""") == [
        {"at": "2024-05-15 19:30:00", "there": "2024-05-15 14:30:00"}
    ]


@pytest.mark.slow
@pytest.mark.spark
def test_spark_makes_the_same_tables(made: RealWorld) -> None:
    on_sail, on_spark = (RealWorld(made.folder, made.conf, made.folder / f"on_{e}") for e in ("sail", "spark"))
    silver = [part for table in FILES for part in ("--only", f"silver_domains.{table}")]
    on_sail.made(*silver)
    for some in (silver[:14], silver[14:]):  # two runs, as one may exceed what a command is given on a busy machine
        on_spark.made(*some, "--engine", "spark")
    assert differences(on_sail.lake, on_spark.lake) == []
