"""The `retail` sample without its dirt: the same every time, whole, and like a shop."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from delivered import File, bytes_of, latest, read

from c360.errors import ConfigError
from c360.sample.retail import write_retail_sample

REFERENCES = {
    "OnlineTransactions": {"CustomerID": "Customers", "ProductID": "Products"},
    "InStoreTransactions": {"CustomerID": "Customers", "StoreID": "Stores"},
    "CustomerServiceInteractions": {"CustomerID": "Customers", "AgentID": "Agents"},
    "LoyaltyAccounts": {"CustomerID": "Customers"},
    "LoyaltyTransactions": {"LoyaltyID": "LoyaltyAccounts"},
}
HEADERS = {
    "Agents": "AgentID,Name,Department,Shift",
    "CustomerServiceInteractions": "InteractionID,CustomerID,DateTime,AgentID,IssueType,ResolutionStatus",
    "Customers": "CustomerID,Name,Email,Address",
    "InStoreTransactions": "TransactionID,CustomerID,StoreID,DateTime,Amount,PaymentMethod",
    "LoyaltyAccounts": "LoyaltyID,CustomerID,PointsEarned,TierLevel,JoinDate",
    "LoyaltyTransactions": "LoyaltyID,DateTime,PointsChange,Reason",
    "OnlineTransactions": "OrderID,CustomerID,ProductID,DateTime,PaymentMethod,Amount,Status",
    "Products": "ProductID,Name,Category,Price",
    "Stores": "StoreID,Location,Manager,OpenHours",
}


# -- the same every time


def test_the_same_arguments_give_the_same_bytes_and_the_same_manifest(tmp_path: Path) -> None:
    one = write_retail_sample(tmp_path / "one", customers=50)
    two = write_retail_sample(tmp_path / "two", customers=50)
    assert one == two
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    write_retail_sample(tmp_path / "one", customers=50, seed=1)
    write_retail_sample(tmp_path / "two", customers=50, seed=2)
    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    assert [name for name in one if one[name] == two.get(name)] == []


def test_the_bytes_are_those_of_the_version_before(tmp_path: Path) -> None:
    write_retail_sample(tmp_path, customers=10)
    digest = hashlib.sha256()
    for name, content in bytes_of(tmp_path).items():
        digest.update(name.encode() + b"\0" + content)
    assert digest.hexdigest() == "9a8c8eb574515d186c2270bad58882c3dc24ffa969b794f7e069c94b2a2dfd25", (
        "the sample changed: is that meant?"
    )


def test_a_file_was_modified_on_the_day_of_its_delivery(tmp_path: Path) -> None:
    write_retail_sample(tmp_path, customers=10)
    for path in tmp_path.iterdir():
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        assert modified.date() == read(path).delivered_on, path.name


def test_writing_again_replaces_the_files(tmp_path: Path) -> None:
    write_retail_sample(tmp_path / "used", customers=10, days=1, seed=1)
    write_retail_sample(tmp_path / "used", customers=10, days=1)
    write_retail_sample(tmp_path / "fresh", customers=10, days=1)
    assert bytes_of(tmp_path / "used") == bytes_of(tmp_path / "fresh")


# -- the clean sample


def test_the_first_day_delivers_all_nine_tables_with_the_headers_of_the_source(clean: list[File]) -> None:
    first = {file.table: ",".join(file.header) for file in clean if file.delivered_on == date(2025, 3, 1)}
    assert first == HEADERS
    assert {file.delivered_on for file in clean} == {date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)}


def test_a_later_day_delivers_only_rows_that_are_new_or_changed(clean: list[File]) -> None:
    known: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
    for file in clean:
        assert file.records, f"{file.name} is empty"
        for record in file.records:
            assert known.get((file.table, file.key(record))) != record.fields, (file.name, record)
            known[file.table, file.key(record)] = record.fields


def test_a_key_occurs_once_in_a_clean_file(clean: list[File]) -> None:
    for file in clean:
        counts = Counter(file.key(record) for record in file.records)
        assert [key for key, count in counts.items() if count > 1] == [], file.name


def test_every_clean_value_has_its_type_and_is_one_of_those_the_source_knows(clean: list[File]) -> None:
    known = {
        "PaymentMethod": {"Credit Card", "Debit Card", "Gift Card", "PayPal"},
        "Status": {"Completed", "Pending", "Failed"},
        "ResolutionStatus": {"Resolved", "Pending", "Escalated"},
        "IssueType": {"Technical Issue", "Product Inquiry", "Complaint", "Billing", "Other"},
        "TierLevel": {"Bronze", "Silver", "Gold", "Platinum"},
        "Reason": {"Purchase", "Promotion", "Referral", "Correction"},
        "Category": {"Books", "Clothing", "Electronics", "Home Goods", "Toys"},
        "Department": {"Billing", "General Inquiry", "Sales", "Technical Support"},
        "Shift": {"Morning", "Afternoon", "Evening"},
    }
    seen: dict[str, set[str]] = {column: set() for column in known}
    for file in clean:
        for row in file.rows():
            for column, value in row.items():
                assert value == value.strip() != "", (file.name, row)
                if column.endswith("ID"):
                    assert int(value) >= 1
                    assert str(int(value)) == value
                elif column in ("Amount", "Price"):
                    assert Decimal(value) > 0
                    assert len(value.split(".")[1]) in (1, 2)
                elif column == "DateTime":
                    assert datetime.strptime(value, "%Y-%m-%d %H:%M:%S").isoformat(" ") == value  # noqa: DTZ007
                elif column == "JoinDate":
                    assert date.fromisoformat(value) <= file.delivered_on
                elif column in ("PointsEarned", "PointsChange"):
                    assert int(value) >= (0 if column == "PointsEarned" else -10)
                    assert value != "-0"
                elif column in known:
                    seen[column].add(value)
    assert seen == known


def test_every_reference_is_delivered_on_the_same_day_or_before(clean: list[File]) -> None:
    ids: dict[str, set[str]] = {}
    for file in clean:
        for row in file.rows():
            for column, parent in REFERENCES.get(file.table, {}).items():
                assert row[column] in ids[parent], (file.name, row)
        ids.setdefault(file.table, set()).update(row[file.header[0]] for row in file.rows())


def test_new_events_fall_on_the_day_of_their_delivery_and_never_after(clean: list[File]) -> None:
    known: set[tuple[str, tuple[str, ...]]] = set()
    for file in clean:
        for record in file.records if "DateTime" in file.header else []:
            happened_on = date.fromisoformat(record.fields[file.header.index("DateTime")][:10])
            is_new = (file.table, file.key(record)) not in known
            known.add((file.table, file.key(record)))
            if file.delivered_on == date(2025, 3, 1) or not is_new:
                assert date(2024, 3, 1) <= happened_on <= file.delivered_on
            else:
                assert happened_on == file.delivered_on


def test_pending_orders_are_settled_later_and_nothing_else_about_them_changes(clean: list[File]) -> None:
    statuses: dict[str, list[str]] = {}
    facts: dict[str, set[tuple[str, ...]]] = {}
    for file in clean:
        for record in file.records if file.table == "OnlineTransactions" else []:
            statuses.setdefault(record.fields[0], []).append(record.fields[-1])
            facts.setdefault(record.fields[0], set()).add(record.fields[:-1])
    redelivered = {tuple(found) for found in statuses.values() if len(found) > 1}
    assert redelivered == {("Pending", "Completed"), ("Pending", "Failed")}
    assert {len(versions) for versions in facts.values()} == {1}


def test_points_of_an_account_grow_by_its_events(clean: list[File]) -> None:
    points: dict[str, int] = {}
    compared = 0
    for day in sorted({file.delivered_on for file in clean}):
        files = {file.table: file for file in clean if file.delivered_on == day}
        changes: Counter[str] = Counter()
        for row in files["LoyaltyTransactions"].rows():
            changes[row["LoyaltyID"]] += int(row["PointsChange"])
        for row in files["LoyaltyAccounts"].rows():
            if row["LoyaltyID"] in points:
                assert int(row["PointsEarned"]) == points[row["LoyaltyID"]] + changes[row["LoyaltyID"]]
                compared += 1
            points[row["LoyaltyID"]] = int(row["PointsEarned"])
    assert compared > 0


@pytest.mark.parametrize("seed", range(40))
def test_even_the_smallest_shop_has_purchases_and_points_on_every_day(tmp_path: Path, seed: int) -> None:
    write_retail_sample(tmp_path, customers=2, days=4, seed=seed, dirt=False)
    every_day = {f"2025-03-0{day}" for day in (1, 2, 3, 4)}
    for table in ("OnlineTransactions", "InStoreTransactions", "CustomerServiceInteractions", "LoyaltyAccounts"):
        assert {path.stem.split("_")[1] for path in tmp_path.glob(f"{table}_*")} == every_day, table


def test_the_default_sample_has_the_declared_size(clean: list[File]) -> None:
    counts = {table: len(latest(clean, table)) for table in HEADERS}
    assert counts["Customers"] == 500
    assert counts["Products"] == 100
    assert counts["Stores"] == 20
    assert counts["Agents"] == 25
    assert 2700 <= counts["OnlineTransactions"] <= 3300
    assert 1700 <= counts["InStoreTransactions"] <= 2300
    assert 750 <= counts["CustomerServiceInteractions"] <= 850


def test_some_customers_never_buy_some_once_most_often_and_some_have_two_accounts(clean: list[File]) -> None:
    orders = Counter(row["CustomerID"] for row in latest(clean, "OnlineTransactions").values())
    orders.update(row["CustomerID"] for row in latest(clean, "InStoreTransactions").values())
    per_customer = [orders[customer_id] for customer_id in latest(clean, "Customers")]
    assert per_customer.count(0) > 25
    assert per_customer.count(1) > 50
    assert sum(count > 1 for count in per_customer) > 250
    assert sum(sorted(per_customer)[-50:]) > sum(per_customer) / 3
    accounts = Counter(row["CustomerID"] for row in latest(clean, "LoyaltyAccounts").values())
    assert set(accounts.values()) == {1, 2}
    assert len(accounts) < 500


def test_evenings_and_saturdays_are_busiest_online_and_stores_sell_while_they_are_open(clean: list[File]) -> None:
    online = [datetime.fromisoformat(row["DateTime"]) for row in latest(clean, "OnlineTransactions").values()]
    assert Counter(at.hour for at in online).most_common(1)[0][0] in (19, 20, 21)
    assert Counter(at.weekday() for at in online).most_common(1)[0][0] == 5
    stores = latest(clean, "Stores")
    for row in latest(clean, "InStoreTransactions").values():
        opens, closes = (int(part.split(":")[0]) for part in stores[row["StoreID"]]["OpenHours"].split(" - "))
        assert opens <= int(row["DateTime"][11:13]) < closes + 12


def test_agents_differ_in_how_much_they_resolve(clean: list[File]) -> None:
    asked: Counter[str] = Counter()
    resolved: Counter[str] = Counter()
    for row in latest(clean, "CustomerServiceInteractions").values():
        asked[row["AgentID"]] += 1
        resolved[row["AgentID"]] += row["ResolutionStatus"] == "Resolved"
    rates = [resolved[agent] / asked[agent] for agent in asked]
    assert min(rates) < 0.5 < 0.75 < max(rates)


def test_nobody_shares_an_email(clean: list[File]) -> None:
    emails = Counter(row["Email"] for row in latest(clean, "Customers").values())
    assert [email for email, count in emails.items() if count > 1] == []


@pytest.mark.parametrize(("customers", "days", "what"), [(0, 3, "customers, but 0"), (10, -1, "days, but -1")])
def test_a_sample_of_nobody_or_of_no_day_is_refused(tmp_path: Path, customers: int, days: int, what: str) -> None:
    with pytest.raises(ConfigError, match=f"at least 1 of {what} was asked for"):
        write_retail_sample(tmp_path / "out", customers=customers, days=days)
    assert not (tmp_path / "out").exists()
