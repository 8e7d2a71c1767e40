"""Incremental gold: what is recomputed for changed persons and months equals what is made anew."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from c360.config.load import load
from c360.lake import Lake
from c360.pipeline import Pipeline
from c360.plan import Options
from c360.steps import changes
from tests.lakes import World, differences, world

pytestmark = pytest.mark.slow_on_spark

CONF = {
    "c360.yml": "settle_seconds: 0\n",
    "sources/shop.yml": r"""
        source: shop
        delivered_at: '_(\d{4}-\d{2}-\d{2})'
        tables:
          customers:
            files: Customers*.csv
            key: customer_id
            columns: {customer_id: int, name: {pii: true}}
          products:
            files: Products*.csv
            key: product_id
            columns: {product_id: int, category: string}
          orders:
            files: Orders*.csv
            key: order_id
            columns:
              order_id: int
              customer_id: int
              product_id: int
              ordered_at: timestamp
              amount: money
              status: string
            derive: {ordered_month: "date_format(ordered_at, 'yyyy-MM')"}
            event_at: ordered_at
            partition_by: ordered_month
            references: {customer_id: customers}
        unified:
          customers:
            from: customers
            columns: {customer_id: CAST(customer_id AS STRING), full_name: name}
          products:
            from: products
            columns: {product_id: CAST(product_id AS STRING), category: category}
          orders:
            from: orders
            columns:
              order_id: CAST(order_id AS STRING)
              customer_id: CAST(customer_id AS STRING)
              ordered_at: ordered_at
              status: status
              total_amount: amount
          order_lines:
            from: orders
            columns:
              order_id: CAST(order_id AS STRING)
              order_line_id: "'1'"
              customer_id: CAST(customer_id AS STRING)
              ordered_at: ordered_at
              status: status
              product_id: CAST(product_id AS STRING)
              line_amount: amount
        """,
}
CUSTOMERS = "customer_id,name\n"
PRODUCTS = "product_id,category\n"
ORDERS = "order_id,customer_id,product_id,ordered_at,amount,status\n"
MADE = ("gold.customer_activity", "gold.customer_favourites", "gold.average_order_value", "gold.peak_times")


@dataclass
class Shop:
    """A lake that is run in this process, day after day."""

    where: World

    def deliver(self, day: str, customers: str = "", products: str = "", orders: str = "") -> Shop:
        given = (("Customers", CUSTOMERS, customers), ("Products", PRODUCTS, products), ("Orders", ORDERS, orders))
        for name, header, rows in given:
            if rows:
                self.where.land(f"shop/{name}_{day}.csv", header + rows)
        return self

    def run(self, lake: str, **options: Any) -> dict[str, str]:
        """Make the marts; what was said of each that was made."""
        said = io.StringIO()
        where = self.where.beside(lake)
        pipeline = Pipeline(load(where.conf), str(where.lake), str(where.folder / "landing"), Console(file=said))
        assert pipeline.run(Options(**{"only": MADE} | options)) == 0, said.getvalue()
        last = Lake(where.lake).rows("ops.steps")
        run_id = max(last, key=lambda line: line["at"])["run_id"]
        return {line["name"]: line["message"] for line in last if line["run_id"] == run_id}

    def equals_one_made_anew(self) -> None:
        self.run("anew", full=True)
        assert differences(self.where.beside("lake").lake, self.where.beside("anew").lake) == []


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Path:
    shop = Shop(world(tmp_path_factory.mktemp("first_day"), CONF))
    shop.deliver(
        "2025-03-01",
        customers="1,Ann\n2,Bob\n3,Cleo\n",
        products="1,Toys\n2,Books\n",
        orders="1,1,1,2025-01-10 09:00:00,10.00,Completed\n"
        "2,1,2,2025-02-10 09:00:00,20.00,Completed\n"
        "3,2,1,2025-02-11 10:00:00,40.00,Failed\n"
        "4,2,2,2025-03-01 11:00:00,80.00,Completed\n"
        "5,,1,2025-02-12 11:00:00,5.00,Completed\n"
        "6,9,1,2025-02-13 11:00:00,6.00,Completed\n"
        "7,3,1,,7.00,Completed\n",
    )
    shop.run("lake")
    return shop.where.folder


@pytest.fixture
def shop(tmp_path: Path, first_day: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(changes, "SMALL", 0)
    monkeypatch.setattr(changes, "WORTH", 1000)
    shutil.copytree(first_day, tmp_path, dirs_exist_ok=True)
    return Shop(world(tmp_path, {}))


BY_PERSON = ("gold.customer_activity", "gold.customer_favourites")
BY_MONTH = ("gold.hourly_sales", "gold.product_sales")


def test_of_a_new_order_its_person_and_month_are_recomputed(shop: Shop) -> None:
    said = shop.deliver("2025-03-02", orders="8,1,1,2025-03-02 08:00:00,1.00,Completed\n").run("lake")
    assert {said[table] for table in BY_PERSON} == {"recomputed for 1 c360_id"}
    assert {said[table] for table in BY_MONTH} == {"recomputed for 1 ordered_month"}
    shop.equals_one_made_anew()


def test_a_corrected_order_counts_where_it_was_and_where_it_is(shop: Shop) -> None:
    shop.deliver(
        "2025-03-02",
        orders="2,2,2,2025-02-10 09:00:00,20.00,Completed\n"  # from Ann to Bob
        "4,2,2,2025-01-31 23:59:59,81.00,Completed\n"  # from March to January
        "3,2,1,2025-02-11 10:00:00,40.00,Completed\n"
        "7,3,1,2025-01-01 00:00:00,7.00,Completed\n",  # no time before
    )
    said = shop.run("lake")
    assert said["gold.customer_activity"] == "recomputed for 3 c360_id"
    assert said["gold.hourly_sales"] == "recomputed for 4 ordered_month"  # one of them the unknown
    shop.equals_one_made_anew()


def test_a_customer_who_comes_after_their_order_has_it(shop: Shop) -> None:
    said = shop.deliver("2025-03-02", customers="9,Zoe\n4,Dan\n1,Anne\n").run("lake")
    assert said["gold.customer_activity"] == "recomputed for 3 c360_id"
    assert said["gold.hourly_sales"] == "recomputed for 1 ordered_month"  # of the order that was an orphan
    shop.equals_one_made_anew()


def test_of_a_table_without_the_column_any_change_makes_all_anew(shop: Shop) -> None:
    said = shop.deliver("2025-03-02", products="1,Games\n").run("lake")
    assert (said["gold.category_sales"], said["gold.customer_favourites"]) == ("", "")
    assert "gold.product_sales" not in said
    shop.equals_one_made_anew()


def test_seen_from_another_day_the_events_in_between_go_and_come_back(shop: Shop) -> None:
    day = date(2025, 2, 11)
    said = shop.run("lake", as_of=day)
    assert said["gold.customer_activity"].startswith("recomputed for ")
    shop.run("anew", as_of=day)
    assert differences(shop.where.beside("lake").lake, shop.where.beside("anew").lake) == []
    shop.run("lake")
    shop.equals_one_made_anew()


def test_a_version_that_is_held_no_more_makes_all_anew(shop: Shop) -> None:
    shop.deliver("2025-03-02", orders="1,1,1,2025-01-10 09:00:00,9.00,Completed\n")
    lake = Lake(shop.where.beside("lake").lake)
    before = {file["path"] for file in lake.files("silver_shop.orders")}
    shop.run("lake", only=("silver_shop.orders",))
    for path in before - {file["path"] for file in lake.files("silver_shop.orders")}:
        Path(lake.path("silver_shop.orders"), path).unlink()
    assert shop.run("lake")["gold.customer_activity"] == ""
    shop.equals_one_made_anew()


def test_few_rows_or_changes_all_over_make_all_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "SMALL", 1000)
    said = shop.deliver("2025-03-02", orders="8,1,1,2025-03-02 08:00:00,1.00,Completed\n").run("lake")
    assert said["gold.customer_activity"] == ""
    monkeypatch.setattr(changes, "SMALL", 0)
    monkeypatch.setattr(changes, "WORTH", 0.1)
    said = shop.deliver("2025-03-03", orders="9,1,1,2025-03-02 08:00:00,1.00,Completed\n").run("lake")
    assert said["gold.customer_activity"] == ""
    shop.equals_one_made_anew()
