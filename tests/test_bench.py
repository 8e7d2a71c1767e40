"""The benchmark's files are what they say, and its yardstick, the job by hand, computes the right tables."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, write_deltalake

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import by_hand
import pyarrow as pa
from compare import compare, read
from generate import BAD_AMOUNT, write_increment, write_orders

ORDERS = 2_000
SEED = 7
LOST = {"cancelled", "failed", "refunded"}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deliveries")
    write_orders(folder / "first", ORDERS, SEED)
    write_increment(folder / "next", ORDERS, SEED)
    return folder


@pytest.fixture(scope="module")
def lakes(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A lake after the first delivery, and another one after both, the second as an increment."""
    folder = tmp_path_factory.mktemp("lakes")
    by_hand.run(deliveries / "first", folder / "first")
    landing = folder / "landing"
    for delivery in ("first", "next"):
        _deliver(deliveries / delivery, landing)
        by_hand.run(landing, folder / "both")
    return {"first": folder / "first", "both": folder / "both"}


@pytest.fixture(params=["first", "both"])
def lake_and_files(request: pytest.FixtureRequest, deliveries: Path, lakes: dict[str, Path]) -> tuple[Path, list[Path]]:
    folders = [deliveries / "first"] + ([deliveries / "next"] if request.param == "both" else [])
    return lakes[request.param], folders


def _deliver(delivery: Path, landing: Path) -> None:
    (landing / "retail").mkdir(parents=True, exist_ok=True)
    for file in (delivery / "retail").iterdir():
        (landing / "retail" / file.name).hardlink_to(file)


def _rows(folders: list[Path], name: str) -> Rows:
    files = [file for folder in folders for file in folder.glob(f"retail/{name}_*.csv")]
    return [row for file in files for row in csv.DictReader(file.open(encoding="utf-8", newline=""))]


def _gold(lake: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(lake / "gold" / table).to_pylist()
    return rows


def _orders(folders: list[Path]) -> list[dict[str, Any]]:
    """The accepted orders, by plain Python: the last row per key whose amount is a number."""
    online: dict[str, dict[str, str]] = {}
    for row in _rows(folders, "OnlineTransactions"):
        if row["Amount"] != BAD_AMOUNT:
            online[row["OrderID"]] = row
    in_store = {row["TransactionID"]: row for row in _rows(folders, "InStoreTransactions")}
    return [
        {
            "channel": channel,
            "customer": row["CustomerID"],
            "at": datetime.fromisoformat(row["DateTime"]),
            "amount": Decimal(row["Amount"]),
            "is_revenue": row.get("Status", "").lower() not in LOST,
            "product": row.get("ProductID"),
            "store": row.get("StoreID"),
        }
        for channel, rows in (("online", online), ("store", in_store))
        for row in rows.values()
    ]


def _person(customer: str) -> str:
    return hashlib.sha256(f"retail:{customer}".encode()).hexdigest()[:16]


def _buyers(orders: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    buyers = defaultdict(list)
    for order in orders:
        if order["is_revenue"]:
            buyers[_person(order["customer"])].append(order)
    return buyers


def _as_of(folders: list[Path], orders: list[dict[str, Any]]) -> date:
    opened = [datetime.fromisoformat(row["DateTime"]) for row in _rows(folders, "CustomerServiceInteractions")]
    latest: datetime = max([*opened, *(order["at"] for order in orders)])
    return latest.date()


def test_the_first_delivery_repeats_three_percent_of_the_orders_and_spoils_one_amount_in_a_thousand(
    deliveries: Path,
) -> None:
    rows = _rows([deliveries / "first"], "OnlineTransactions")
    assert len(rows) == ORDERS
    statuses = defaultdict(set)
    for row in rows:
        statuses[row["OrderID"]].add(row["Status"])
    assert len(statuses) == ORDERS * 0.97
    assert Counter(len(found) for found in statuses.values()) == {1: 1_880, 2: 60}
    assert sum(row["Amount"] == BAD_AMOUNT for row in rows) == ORDERS / 1_000
    assert len({row["DateTime"][:7] for row in rows}) == 36


def test_the_increment_brings_new_orders_of_its_day_and_corrects_recent_ones(deliveries: Path) -> None:
    known = {row["OrderID"]: row for row in _rows([deliveries / "first"], "OnlineTransactions")}
    rows = _rows([deliveries / "next"], "OnlineTransactions")
    new = [row for row in rows if row["OrderID"] not in known]
    (correction,) = [row for row in rows if row["OrderID"] in known]
    assert len(rows) == ORDERS / 100
    assert {row["DateTime"][:10] for row in new} == {"2025-03-01"}
    before = known[correction["OrderID"]]
    assert {column for column in before if before[column] != correction[column]} == {"Amount", "Status"}
    assert "2025-01-30" <= correction["DateTime"][:10] <= "2025-02-28"


def test_the_increment_moves_one_customer_in_a_hundred(deliveries: Path) -> None:
    known = {row["CustomerID"]: row for row in _rows([deliveries / "first"], "Customers")}
    (moved,) = _rows([deliveries / "next"], "Customers")
    before = known[moved["CustomerID"]]
    assert {column for column in before if before[column] != moved[column]} == {"Address"}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(deliveries: Path, tmp_path: Path) -> None:
    write_orders(tmp_path / "same", ORDERS, SEED)
    write_orders(tmp_path / "other", ORDERS, SEED + 1)
    orders = "retail/OnlineTransactions_2025-03-01.csv"
    assert (tmp_path / "same" / orders).read_bytes() == (deliveries / "first" / orders).read_bytes()
    assert (tmp_path / "other" / orders).read_bytes() != (deliveries / "first" / orders).read_bytes()


def test_rfm_by_hand_is_what_plain_python_counts(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    orders = _orders(folders)
    as_of = _as_of(folders, orders)
    expected = {
        person: ((as_of - max(o["at"] for o in bought).date()).days, len(bought), sum(o["amount"] for o in bought))
        for person, bought in _buyers(orders).items()
    }
    rows = _gold(lake, "rfm")
    assert {row["c360_id"]: (row["recency_days"], row["frequency"], row["monetary"]) for row in rows} == expected
    assert len(rows) == len(expected)

    def score(of: str, value: Any) -> int:
        below = sum(1 for row in rows if row[of] < value) / (len(rows) - 1)
        return 1 + sum(1 for cut in (0.2, 0.4, 0.6, 0.8) if below >= cut)

    for row in rows:
        recency, frequency, monetary = (score(of, row[of]) for of in ("recency_days", "frequency", "monetary"))
        assert row["rfm_score"] == f"{6 - recency}{frequency}{monetary}"


def test_peak_times_by_hand_are_what_plain_python_counts(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    expected: dict[tuple[str, int, int], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for order in _orders(folders):
        hour = (order["channel"], order["at"].isoweekday(), order["at"].hour)
        count, revenue = expected[hour]
        expected[hour] = (count + 1, revenue + order["amount"] * order["is_revenue"])
    rows = _gold(lake, "peak_times")
    assert {(r["channel"], r["weekday"], r["hour"]): (r["orders"], r["revenue"]) for r in rows} == expected
    for channel in ("online", "store"):
        busiest = min((r for r in rows if r["channel"] == channel), key=lambda r: r["rank_in_channel"])
        assert busiest["orders"] == max(r["orders"] for r in rows if r["channel"] == channel)


def test_average_order_values_by_hand_are_what_plain_python_counts(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    categories = {row["ProductID"]: row["Category"] for row in _rows(folders, "Products")}
    locations = {row["StoreID"]: row["Location"] for row in _rows(folders, "Stores")}
    amounts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for order in (order for order in _orders(folders) if order["is_revenue"]):
        amounts["all", "all"].append(order["amount"])
        amounts["channel", order["channel"]].append(order["amount"])
        if order["product"]:
            amounts["product", order["product"]].append(order["amount"])
            amounts["category", categories[order["product"]]].append(order["amount"])
        if order["store"]:
            amounts["location", locations[order["store"]]].append(order["amount"])
    expected = {
        group: (len(of), sum(of), (sum(of, Decimal(0)) / len(of)).quantize(Decimal("0.01"), "ROUND_HALF_UP"))
        for group, of in amounts.items()
    }
    rows = _gold(lake, "average_order_value")
    found = {(r["dimension"], r["key"]): (r["orders"], r["revenue"], r["average_order_value"]) for r in rows}
    assert found == expected


def test_customer_segments_by_hand_hold_every_customer_once(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    buyers = _buyers(_orders(folders))
    spend = {person: sum(order["amount"] for order in bought) for person, bought in buyers.items()}
    best = {}
    for tier in ("Bronze", "Silver", "Gold", "Platinum"):
        for row in _rows(folders, "LoyaltyAccounts"):
            if row["TierLevel"] == tier:
                best[_person(row["CustomerID"])] = tier

    def segment(person: str) -> str:
        if person not in spend:
            return "Loyalty Champion" if best.get(person) in ("Gold", "Platinum") else "No Purchase"
        if sum(other > spend[person] for other in spend.values()) / (len(spend) - 1) <= 0.1:
            return "High-Value"
        if len(buyers[person]) == 1:
            return "One-Time Buyer"
        return "Loyalty Champion" if best.get(person) in ("Gold", "Platinum") else "Regular"

    people = {_person(row["CustomerID"]) for row in _rows(folders, "Customers")}
    expected = {p: (spend.get(p, 0), len(buyers.get(p, [])), best.get(p), segment(p)) for p in people}
    rows = _gold(lake, "customer_segments")
    found = {r["c360_id"]: (r["spend"], r["frequency"], r["best_loyalty_tier"], r["segment"]) for r in rows}
    assert found == expected
    assert len(rows) == len(expected)


def test_spoiled_rows_lie_in_quarantine_with_their_reason(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    spoiled = [row["OrderID"] for row in _rows(folders, "OnlineTransactions") if row["Amount"] == BAD_AMOUNT]
    rows = read(lake / "quarantine/retail/online_transactions").to_pylist()
    assert sorted((row["OrderID"], row["Amount"], row["_reason"]) for row in rows) == sorted(
        (order_id, BAD_AMOUNT, "amount") for order_id in spoiled
    )


def test_bronze_keeps_every_row_and_silver_each_key_once(lake_and_files: tuple[Path, list[Path]]) -> None:
    lake, folders = lake_and_files
    for name, feed in by_hand.FEEDS.items():
        delivered = len(_rows(folders, feed.file))
        silver = read(lake / "silver/retail" / name).select(feed.key)
        assert read(lake / "bronze/retail" / name).num_rows == delivered
        assert silver.num_rows == silver.group_by(list(feed.key)).aggregate([]).num_rows


def test_a_run_with_nothing_new_leaves_every_table_as_it_is(deliveries: Path, lakes: dict[str, Path]) -> None:
    def versions() -> dict[Path, int]:
        return {log.parent: DeltaTable(log.parent).version() for log in lakes["first"].rglob("_delta_log")}

    before = versions()
    assert list(by_hand.run(deliveries / "first", lakes["first"])) == ["files"]
    assert versions() == before
    assert len(before) == 9 + 9 + 1 + 4


def test_a_comparison_names_the_rows_that_only_one_side_has(lakes: dict[str, Path], tmp_path: Path) -> None:
    rows = read(lakes["both"] / "gold/peak_times")
    changed = rows.set_column(5, "orders", pa.array([n + (i == 0) for i, n in enumerate(rows["orders"].to_pylist())]))
    write_deltalake(tmp_path / "gold/peak_times", changed)
    same = compare("peak_times", ("one", lakes["both"]), ("other", lakes["both"]))
    other = compare("peak_times", ("one", lakes["both"]), ("other", tmp_path))
    assert same.is_equal
    assert not other.is_equal
    assert [(row[0], row[6]) for row in other.differing] == [
        ("one", rows["orders"][0].as_py()),
        ("other", rows["orders"][0].as_py() + 1),
    ]


def test_a_comparison_of_a_table_without_a_column_is_not_equal(lakes: dict[str, Path], tmp_path: Path) -> None:
    rows = read(lakes["both"] / "gold/rfm")
    write_deltalake(tmp_path / "gold/rfm", rows.drop_columns(["tier"]))
    result = compare("rfm", ("one", lakes["both"]), ("other", tmp_path))
    assert (result.is_equal, result.missing) == (False, ["other: tier"])
