"""From an API and a database into the lake by `c360 run`: only what is new, deletes too, once whatever happens."""

from __future__ import annotations

import signal
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest
from api_server import Api, Reply, said
from postgres_server import Scratch

from c360.lake import Lake
from tests.input.commands import Sail
from tests.lakes import World, differences, world

OF_API = """\
source: shop
http:
  base_url: {url}
  auth: {{bearer: "${{env:SHOP_TOKEN}}"}}
  retries: 2
  backoff_seconds: 0.01
tables:
  orders:
    http:
      path: orders
      records: data
      paging: {{style: cursor, next: next}}
      since: {{param: since, field: at}}
    key: id
    columns: {{id: int, city: {{from: ship.city}}, at: timestamp}}
  reviews:
    http: {{path: reviews}}
    key: id
    columns: {{id: int}}
"""
ORDERS = ("--only", "silver_shop.orders")
TOKEN = {"SHOP_TOKEN": "t0p-secret-token"}


@pytest.fixture
def asking(tmp_path: Path, sail: Sail, api: Api) -> World:
    api.on("/orders", said({"data": [order(1, "Ulm", 1), order(2, "Bonn", 2)], "next": "x"}))
    api.on("/orders?cursor=x", said({"data": [order(3, None, 3)], "next": None}))
    api.on("/orders?since=2024-03-03T00%3A00%3A00Z", said({"data": [order(1, "Kiel", 4)], "next": None}))
    api.on("/orders?since=2024-03-04T00%3A00%3A00Z", said({"data": [], "next": None}))
    api.on("/reviews", said([{"id": 1}]))
    return world(tmp_path, {"sources/shop.yml": OF_API.format(url=api.url)}, sail)


def order(number: int, city: str | None, day: int) -> dict[str, object]:
    return {"id": number, "ship": {"city": city}, "at": f"2024-03-{day:02d}T00:00:00Z"}


def test_what_an_api_has_comes_in_and_then_only_what_is_new(asking: World, api: Api) -> None:
    time.sleep(1)
    first = asking.made(*ORDERS, **TOKEN)
    assert "✓ pull_shop.orders  3 rows" in first.out
    assert asking.rows("silver_shop.orders", "id", "city") == [(1, "Ulm"), (2, "Bonn"), (3, None)]
    time.sleep(1)
    asking.made(*ORDERS, **TOKEN)
    assert asking.rows("silver_shop.orders", "id", "city") == [(1, "Kiel"), (2, "Bonn"), (3, None)]
    assert Lake(asking.lake).count("bronze_shop.orders") == 4
    time.sleep(1)
    third = asking.made(*ORDERS, **TOKEN)
    assert "nothing new: every table is up to date" in third.out
    assert api.asked[-1] == "/orders?since=2024-03-04T00%3A00%3A00Z"
    assert {headers["authorization"] for headers in api.headers} == {"Bearer t0p-secret-token"}


def test_an_api_that_fails_stops_its_table_only_and_the_next_run_goes_on_where_it_was(asking: World, api: Api) -> None:
    api.on("/orders?cursor=x", Reply(b"", 500))
    failed = asking.run(**TOKEN)
    assert failed.code == 1
    assert "✗ pull_shop.orders" in failed.out
    assert "– bronze_shop.orders  because pull_shop.orders failed" in failed.out
    assert "t0p-secret" not in failed.out + failed.err
    assert asking.rows("silver_shop.reviews", "id") == [(1,)]
    api.on("/orders?cursor=x", said({"data": [order(3, None, 3)], "next": None}))
    time.sleep(1)
    asking.made(**TOKEN)
    assert asking.rows("silver_shop.orders", "id") == [(1,), (2,), (3,)]
    assert api.asked.count("/orders") == 1


def test_without_its_secret_nothing_is_asked(asking: World, api: Api) -> None:
    refused = asking.run()
    assert (refused.code, api.asked) == (2, [])
    assert "the environment variable SHOP_TOKEN is not set" in refused.err


@pytest.mark.parametrize("write", [3, 6, 9, 14])
def test_a_pull_and_its_run_killed_at_some_write_lose_and_double_nothing(asking: World, api: Api, write: int) -> None:
    killed = asking.by(None).run(C360_CRASH_AFTER_WRITES=str(write), **TOKEN)
    assert killed.code == -signal.SIGKILL
    time.sleep(1)
    asking.made(**TOKEN)
    assert asking.rows("silver_shop.orders", "id") == [(1,), (2,), (3,)]
    assert Lake(asking.lake).count("bronze_shop.orders") == 3


OF_DATABASE = """\
source: oltp
database: {kind: postgresql, uri: "${env:OLTP_URI}"}
tables:
  customers:
    database: {table: customers, newest: updated_at, split_by: id, partitions: 3, deletes: compare_keys}
    key: id
    newest_by: updated_at
    history: true
    columns: {id: int, name: string, updated_at: timestamp}
"""
MADE = "CREATE TABLE customers (id int PRIMARY KEY, name text, updated_at timestamptz)"


@pytest.fixture
def reading(tmp_path: Path, sail: Sail, postgres: Scratch) -> World:
    rows = ", ".join(f"({n}, 'n{n}', '2024-03-01 10:00:00+01')" for n in range(1, 8))
    postgres.run(MADE, f"INSERT INTO customers VALUES {rows}")
    return world(tmp_path, {"sources/oltp.yml": OF_DATABASE}, sail)


SHOWN = ("id", "name", "_deleted_at")


def test_of_a_database_the_second_run_brings_what_is_new_changed_and_gone(reading: World, postgres: Scratch) -> None:
    uri = {"OLTP_URI": postgres.uri}
    reading.made(**uri)
    silver = reading.rows("silver_oltp.customers", *SHOWN)
    assert silver == [(n, f"n{n}", None) for n in range(1, 8)]
    postgres.run(
        "UPDATE customers SET name = 'new', updated_at = '2024-03-02' WHERE id = 2",
        "INSERT INTO customers VALUES (8, 'late', '2024-03-01 10:00:00+01')",
        "DELETE FROM customers WHERE id = 3",
    )
    time.sleep(1)
    reading.made(**uri)
    assert Lake(reading.lake).count("bronze_oltp.customers") == 7 + 2 + 1
    rows = reading.rows("silver_oltp.customers", *SHOWN)
    assert [(n, name) for n, name, gone in rows if gone is None] == [
        (1, "n1"), (2, "new"), *((n, f"n{n}") for n in range(4, 8)), (8, "late")
    ]  # fmt: skip
    assert [(n, name) for n, name, gone in rows if gone] == [(3, "n3")]
    ended = [row for row in reading.rows("silver_oltp.customers_history", "id", "_is_current") if not row[1]]
    assert ended == [(2, False), (3, False)]
    before = reading.versions()
    time.sleep(1)
    reading.made(**uri)
    assert reading.versions() == before
    postgres.run("INSERT INTO customers VALUES (3, 'back', '2024-03-05')")
    time.sleep(1)
    reading.made(**uri)
    assert (3, "back", None) in reading.rows("silver_oltp.customers", *SHOWN)


def test_both_engines_take_the_same_from_a_database(reading: World, postgres: Scratch) -> None:
    reading.made(OLTP_URI=postgres.uri)
    other = reading.beside("made anew")
    other.made(OLTP_URI=postgres.uri)  # its landing folder is the same, so that only the rest of the ledger is new
    assert differences(reading.lake, other.lake) == []


def test_a_database_that_does_not_answer_stops_its_tables(reading: World, postgres: Scratch) -> None:
    wrong = postgres.uri.replace(postgres.uri.split(":")[2].split("@")[0], "wr0ng-password")
    failed = reading.run(OLTP_URI=wrong)
    assert failed.code == 1
    assert "✗ pull_oltp.customers" in failed.out
    assert "wr0ng-password" not in failed.out + failed.err


MILLION = """\
source: oltp
database: {kind: postgresql, uri: "${env:OLTP_URI}"}
tables:
  sales:
    database: {table: sales, newest: updated_at, split_by: id, partitions: 8, deletes: compare_keys}
    key: id
    newest_by: updated_at
    columns: {id: int, customer: int, amount: money, updated_at: timestamp}
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sail", pytest.param("spark", marks=pytest.mark.spark)])
def test_a_million_rows_in_eight_partitions_killed_half_way_come_once(
    tmp_path: Path, postgres: Scratch, engine: str
) -> None:
    where = world(tmp_path, {"sources/oltp.yml": MILLION})
    uri = {"OLTP_URI": postgres.uri}
    postgres.run(
        "CREATE TABLE sales (id int PRIMARY KEY, customer int, amount numeric(12,2), updated_at timestamptz)",
        "INSERT INTO sales SELECT n, n % 50000, n / 100.0, timestamptz '2024-03-01' + n * interval '1 second' "
        "FROM generate_series(1, 1000000) n",
    )
    for write in ("5", "14", "25"):
        killed = where.run("--engine", engine, C360_CRASH_AFTER_WRITES=write, **uri)
        assert killed.code == -signal.SIGKILL
    where.made("--engine", engine, **uri)
    lake = Lake(where.lake)
    # those that were killed may have finished their pull: then the next one brings what has changed since, nothing
    assert (lake.count("bronze_oltp.sales"), lake.count("silver_oltp.sales")) == (1_000_000, 1_000_000)
    assert pc.sum(lake.arrow("silver_oltp.sales")["amount"]).as_py() == Decimal("5000005000.0000")
    postgres.run(
        "UPDATE sales SET amount = 0, updated_at = now() WHERE id % 1000 = 0",
        "INSERT INTO sales SELECT n, 1, 1, now() FROM generate_series(1000001, 1000500) n",
        "DELETE FROM sales WHERE id % 1000 = 1 AND id <= 1000000",
    )
    time.sleep(1)
    second = where.made("--engine", engine, **uri)
    assert "✓ pull_oltp.sales  1,500 rows" in second.out
    assert lake.count("bronze_oltp.sales") == 1_000_000 + 1_500 + 1_000
    gone = lake.arrow("silver_oltp.sales")["_deleted_at"]
    assert (len(gone), len(gone) - gone.null_count) == (1_000_500, 1_000)
