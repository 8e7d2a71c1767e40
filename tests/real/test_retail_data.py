"""The shop's own extract, where it is at hand: `C360_REAL_DATA`, or `shared/data` beside the checkout."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from c360.config.load import load
from c360.lake import Lake
from tests.input.commands import Sail
from tests.lakes import ROOT, World, differences

DATA = Path(os.environ.get("C360_REAL_DATA", ROOT.parent / "shared/data"))
TABLES = (
    "agents",
    "customer_service_interactions",
    "customers",
    "in_store_transactions",
    "loyalty_accounts",
    "loyalty_transactions",
    "online_transactions",
    "products",
    "stores",
)

pytestmark = pytest.mark.skipif(
    not (DATA / "retail/Customers.csv").is_file(),
    reason=f"no retail extract in {DATA}; name its folder in C360_REAL_DATA",
)


class RealWorld(World):
    """The project's own configuration on the real files, which are read in place."""

    def _argv(self, command: str, *more: str) -> list[str]:
        folders = ["--conf", str(ROOT / "conf"), "--lake", str(self.lake), "--landing", str(DATA)]
        return [command, *folders, "--source", "retail", *more]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> World:
    """The lake of one run on Sail."""
    folder = tmp_path_factory.mktemp("real")
    world = RealWorld(folder, ROOT / "conf", folder / "lake", sail)
    world.made()
    return world


def delivered(file: str) -> Iterator[dict[str, str]]:
    with (DATA / "retail" / file).open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def person(made: World, customer_id: str) -> str:
    """The person that a customer of the shop is."""
    found = [
        c360_id
        for source, known, c360_id in made.rows("unified.customer_records", "source", "customer_id", "c360_id")
        if (source, known) == ("retail", customer_id)
    ]
    assert len(found) == 1
    return str(found[0])


def test_every_table_has_its_hundred_rows_and_nothing_is_rejected(made: World) -> None:
    lake = Lake(made.lake)
    held = {(layer, table): lake.count(f"{layer}_retail.{table}") for layer in ("bronze", "silver") for table in TABLES}
    assert held == dict.fromkeys(held, 100)
    assert {table: lake.count(f"quarantine_retail.{table}") for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_no_row_is_rescued_or_an_orphan(made: World) -> None:
    rescued = {table: {row[0] for row in made.rows(f"bronze_retail.{table}", "_rescued")} for table in TABLES}
    assert rescued == {table: {None} for table in TABLES}
    orphans = {table: {row[0] for row in made.rows(f"silver_retail.{table}", "_orphan")} for table in TABLES}
    assert orphans == {table: {None} for table in TABLES}


def test_everybody_has_one_row_although_27_hold_several_loyalty_accounts(made: World) -> None:
    accounts = Counter(row["CustomerID"] for row in delivered("LoyaltyAccounts.csv"))
    assert sum(number > 1 for number in accounts.values()) == 27
    people = made.rows("gold.customer_360", "c360_id", "loyalty_accounts")
    assert len(people) == len({c360_id for c360_id, _ in people}) == 100
    assert dict(people) == {person(made, str(n)): accounts[str(n)] for n in range(1, 101)}


@pytest.mark.parametrize(("customer_id", "spend"), [("73", "716.37"), ("1", "214.81")])
def test_what_a_customer_spent_is_what_the_files_say(made: World, customer_id: str, spend: str) -> None:
    found = dict(made.rows("gold.customer_360", "c360_id", "gross_spend"))
    assert found[person(made, customer_id)] == Decimal(spend)


def test_what_everybody_spent_and_what_of_it_is_revenue_is_what_the_files_say(made: World) -> None:
    """Added up from the files alone; by conf, a status in `not_revenue` brings none, a sale in a store always does."""
    lost = load(ROOT / "conf").settings.not_revenue
    online = list(delivered("OnlineTransactions.csv"))
    assert {row["Status"].lower() for row in online} & set(lost) == {"failed"}
    spend: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    for row in (*online, *delivered("InStoreTransactions.csv")):
        spend[row["CustomerID"]] += Decimal(row["Amount"])
        if row.get("Status", "").lower() not in lost:
            revenue[row["CustomerID"]] += Decimal(row["Amount"])
    assert sum(revenue.values()) < sum(spend.values())
    found = {who: money for who, *money in made.rows("gold.customer_360", "c360_id", "gross_spend", "revenue")}
    assert found == {person(made, str(n)): [Decimal(spend[str(n)]), Decimal(revenue[str(n)])] for n in range(1, 101)}


@pytest.mark.slow
@pytest.mark.spark
def test_spark_makes_the_same_tables(made: World) -> None:
    on_spark = RealWorld(made.folder, made.conf, made.folder / "on_spark")
    on_spark.made("--engine", "spark")
    assert differences(made.lake, on_spark.lake) == []
