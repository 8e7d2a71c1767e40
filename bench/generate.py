"""Retail-shaped deliveries of any size: nine CSV files, and the next day's increment of two.

Every value is a hash of the seed and the row's number, so the same call writes the same bytes (of one DuckDB version;
its `hash` is not promised across versions), the increment knows the orders of the first delivery without reading them,
and five million orders take seconds.

What is in it, so that a reader of the results knows what was measured:

- `OnlineTransactions`: exactly N rows. 3 % of them repeat an order of the same hundred rows with another status, and
  the later row is right. 0.1 % carry an amount that is no number (originals and repeats alike) and must be rejected.
- `InStoreTransactions` N/10, `Customers` N/20, `LoyaltyAccounts` N/40, `LoyaltyTransactions` and
  `CustomerServiceInteractions` N/100, `Products` 1,000, `Stores` 100, `Agents` 100. No orphans, no nulls.
- Purchases lie in the three years before the first delivery (36 months), in no order, as in a real extract. Some
  customers buy often, many seldom, some never.
- The increment, delivered a day later: N/100 order rows, of which 95 % are new orders of the day between the deliveries
  and 5 % correct an order of the last 30 days (same id, time and customer; another status and amount); and 1 % of the
  customers, moved. So no purchase is later than the delivery that brings it.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

FIRST_DELIVERY = date(2025, 3, 1)
NEXT_DELIVERY = date(2025, 3, 2)
FIRST_DAY = date(2022, 3, 1)
DAYS = (FIRST_DELIVERY - FIRST_DAY).days
BAD_AMOUNT = "12O.50"

PRODUCTS, STORES, AGENTS = 1_000, 100, 100
CATEGORIES = ("Electronics", "Clothing", "Books", "Home Goods", "Toys")
ISSUES = ("Technical Issue", "Product Inquiry", "Complaint", "Billing", "Other")
STATUSES = ("Completed", "Pending", "Failed")
PAYMENT_METHODS = ("Credit Card", "PayPal", "Debit Card", "Gift Card")
FIRST_NAMES = (
    "Ada",
    "Ben",
    "Carla",
    "Deniz",
    "Emma",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Luis",
    "Mona",
)
LAST_NAMES = ("Adams", "Baker", "Costa", "Dietz", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jensen", "Keller")
STREETS = ("Main Street", "Oak Avenue", "Mill Lane", "Station Road", "Park Row", "Church Street", "High Street")
CITIES = ("Leonfort, NJ", "Port Joanne, FM", "Chadberg, MT", "Angelamouth, OH", "Tammychester, TX", "Vanessaton, CA")


def write_orders(landing: Path, orders: int, seed: int) -> None:
    """Write the first delivery, nine CSV files, under `<landing>/retail/`.

    Args:
        landing: The landing folder; made if it is missing.
        orders: Rows of `OnlineTransactions`; the other files follow from it.
        seed: Another seed gives other customers, days and amounts of the same shape.
    """
    customers = _customers(orders)
    # Of every hundred rows the last three repeat one of the first 97, each from a third of its own.
    place = f"CASE WHEN n % 100 < 97 THEN n % 100 ELSE (n % 100 - 97) * 32 + {_pick(seed, 'repeat', 'n', 32)} END"
    files = {
        "Customers": _customer_rows(seed, f"SELECT range + 1 AS id, 0 AS moves FROM range({customers})"),
        "Products": f"""SELECT range + 1 AS "ProductID", 'Product ' || (range + 1) AS "Name",
            {_one_of(seed, "category", "range", CATEGORIES)} AS "Category",
            {_money(_pick(seed, "price", "range", 49_500))} AS "Price" FROM range({PRODUCTS})""",
        "Stores": f"""SELECT range + 1 AS "StoreID", {_one_of(seed, "city", "range", CITIES)} AS "Location",
            {_one_of(seed, "manager", "range", FIRST_NAMES)} AS "Manager",
            '8:00 AM - 8:00 PM' AS "OpenHours" FROM range({STORES})""",
        "Agents": f"""SELECT range + 1 AS "AgentID", {_one_of(seed, "agent", "range", LAST_NAMES)} AS "Name",
            {_one_of(seed, "department", "range", ("Sales", "Technical Support", "Billing"))} AS "Department",
            {_one_of(seed, "shift", "range", ("Morning", "Afternoon", "Evening"))} AS "Shift" FROM range({AGENTS})""",
        "OnlineTransactions": _order_rows(
            seed,
            customers,
            f"""SELECT n, (n // 100) * 97 + ({place}) + 1 AS id, n % 100 >= 97 AS changed_status,
                false AS changed_amount FROM (SELECT range AS n FROM range({orders}))""",
            _day(seed, "buyer"),
        ),
        "InStoreTransactions": f"""SELECT id AS "TransactionID",
            {_customer(seed, "shopper", customers)} AS "CustomerID",
            1 + {_pick(seed, "store", "id", STORES)} AS "StoreID", {_time(seed, "visit")} AS "DateTime",
            {_money(_pick(seed, "paid", "id", 49_500))} AS "Amount",
            {_one_of(seed, "method", "id", PAYMENT_METHODS)} AS "PaymentMethod"
            FROM (SELECT range + 1 AS id FROM range({max(1, orders // 10)}))""",
        "LoyaltyAccounts": f"""SELECT id AS "LoyaltyID", {_customer(seed, "member", customers)} AS "CustomerID",
            {_pick(seed, "earned", "id", 5_000)} AS "PointsEarned",
            {_one_of(seed, "tier", "id", ("Bronze", "Silver", "Gold", "Platinum"))} AS "TierLevel",
            ({_day(seed, "joined")})::DATE AS "JoinDate"
            FROM (SELECT range + 1 AS id FROM range({_accounts(orders)}))""",
        "LoyaltyTransactions": f"""SELECT 1 + {_pick(seed, "account", "id", _accounts(orders))} AS "LoyaltyID",
            {_time(seed, "points")} AS "DateTime", {_pick(seed, "change", "id", 600)} - 100 AS "PointsChange",
            {_one_of(seed, "reason", "id", ("Referral", "Promotion", "Correction", "Purchase"))} AS "Reason"
            FROM (SELECT range + 1 AS id FROM range({max(1, orders // 100)}))""",
        "CustomerServiceInteractions": f"""SELECT id AS "InteractionID",
            {_customer(seed, "caller", customers)} AS "CustomerID", {_time(seed, "call")} AS "DateTime",
            1 + {_pick(seed, "handler", "id", AGENTS)} AS "AgentID",
            {_one_of(seed, "issue", "id", ISSUES)} AS "IssueType",
            {_one_of(seed, "solved", "id", ("Escalated", "Resolved", "Pending"))} AS "ResolutionStatus"
            FROM (SELECT range + 1 AS id FROM range({max(1, orders // 100)}))""",
    }
    _write(landing, files, FIRST_DELIVERY)


def write_increment(landing: Path, orders: int, seed: int) -> None:
    """Write the delivery of the day after, `OnlineTransactions` and `Customers`, under `<landing>/retail/`.

    Args:
        landing: The landing folder; made if it is missing.
        orders: Rows of `OnlineTransactions` in the first delivery, not in this one.
        seed: The seed of the first delivery, whose orders are corrected here.
    """
    customers = _customers(orders)
    known = (orders // 100) * 97 + min(orders % 100, 97)
    rows = max(1, orders // 100)
    corrections = round(rows * 0.05)
    old_day = _day(seed, "buyer")
    recent = f"""SELECT id FROM (SELECT range + 1 AS id FROM range({known}))
        WHERE {old_day} >= DATE '{FIRST_DELIVERY}' - 30 ORDER BY hash({seed}, 'correct', id), id LIMIT {corrections}"""
    files = {
        "OnlineTransactions": _order_rows(
            seed,
            customers,
            f"""SELECT range AS n, {known} + range + 1 AS id, false AS changed_status, false AS changed_amount
                FROM range({rows - corrections})
                UNION ALL SELECT {rows - corrections - 1} + row_number() OVER (ORDER BY id) AS n, id, true, true
                FROM ({recent}) ORDER BY n""",
            f"CASE WHEN id > {known} THEN DATE '{FIRST_DELIVERY}' ELSE {old_day} END",
        ),
        "Customers": _customer_rows(
            seed,
            f"""SELECT range + 1 AS id, 1 AS moves FROM range({customers})
                ORDER BY hash({seed}, 'moves', range), range LIMIT {max(1, customers // 100)}""",
        ),
    }
    _write(landing, files, NEXT_DELIVERY)


def _customers(orders: int) -> int:
    return max(1, orders // 20)


def _accounts(orders: int) -> int:
    return max(1, orders // 40)


def _order_rows(seed: int, customers: int, rows: str, day: str) -> str:
    """SQL of order rows from rows of (n, id, changed_status, changed_amount), in the order of n."""
    status = f"({_pick(seed, 'status', 'id', len(STATUSES))} + changed_status::INTEGER) % {len(STATUSES)} + 1"
    amount = _money(f"({_pick(seed, 'amount', 'id', 49_500)} + 100 * changed_amount::INTEGER)")
    # 7 is always an original, 1098 always a repeat: one bad amount in a thousand, half of them in a later row.
    return f"""SELECT id AS "OrderID", {_customer(seed, "buyer", customers)} AS "CustomerID",
        1 + {_pick(seed, "product", "id", PRODUCTS)} AS "ProductID", {_time(seed, "time", day)} AS "DateTime",
        {_one_of(seed, "payment", "id", PAYMENT_METHODS)} AS "PaymentMethod",
        CASE WHEN n % 2000 IN (7, 1098) THEN '{BAD_AMOUNT}' ELSE {amount} END AS "Amount",
        {_list(STATUSES)}[{status}] AS "Status" FROM ({rows})"""


def _customer_rows(seed: int, rows: str) -> str:
    """SQL of customer rows from rows of (id, moves); another number of moves is another address."""
    first, last = _one_of(seed, "first", "id", FIRST_NAMES), _one_of(seed, "last", "id", LAST_NAMES)
    address = f"""(1 + {_pick(seed, "house", "id * 2 + moves", 999)}) || ' '
        || {_one_of(seed, "street", "id * 2 + moves", STREETS)} || ', '
        || {_one_of(seed, "city", "id * 2 + moves", CITIES)} || ' '
        || (10000 + {_pick(seed, "zip", "id * 2 + moves", 90_000)})"""
    return f"""SELECT id AS "CustomerID", {first} || ' ' || {last} AS "Name",
        lower({first} || '.' || {last} || id || '@example.com') AS "Email", {address} AS "Address" FROM ({rows})"""


def _pick(seed: int, what: str, number: str, choices: int) -> str:
    """SQL of an integer from 0 to choices - 1; `what` keeps the draws of one row independent."""
    return f"(hash({seed}, '{what}', ({number})::BIGINT) % {choices})::BIGINT"


def _customer(seed: int, what: str, customers: int) -> str:
    """SQL of a customer id; squaring an even draw makes low ids frequent and leaves some customers out."""
    return f"1 + floor({customers} * pow({_pick(seed, what, 'id', 1 << 40)} / {1 << 40}, 2))::BIGINT"


def _day(seed: int, what: str) -> str:
    """SQL of a day of the three years before the first delivery."""
    return f"DATE '{FIRST_DAY}' + {_pick(seed, what + ' day', 'id', DAYS)}::INTEGER"


def _time(seed: int, what: str, day: str | None = None) -> str:
    """SQL of a timestamp on the day, or on any of the three years, busiest around noon, as text with seconds."""
    hour = f"({_pick(seed, what + ' am', 'id', 12)} + {_pick(seed, what + ' pm', 'id', 13)})"
    second = f"({hour} * 3600 + {_pick(seed, what + ' s', 'id', 3600)})"
    return f"strftime(({day or _day(seed, what)})::TIMESTAMP + to_seconds({second}), '%Y-%m-%d %H:%M:%S')"


def _money(cents: str) -> str:
    """SQL of an amount from 5.00 up, as text with two decimals, from cents above five."""
    return f"printf('%d.%02d', ({cents} + 500) // 100, ({cents} + 500) % 100)"


def _one_of(seed: int, what: str, number: str, values: tuple[str, ...]) -> str:
    return f"{_list(values)}[{_pick(seed, what, number, len(values))} + 1]"


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


def _write(landing: Path, files: dict[str, str], delivered: date) -> None:
    """Write each query as `<landing>/retail/<name>_<delivered>.csv`, dated so that no reader waits for it to settle."""
    folder = landing / "retail"
    folder.mkdir(parents=True, exist_ok=True)
    modified = datetime(delivered.year, delivered.month, delivered.day, 6, tzinfo=UTC).timestamp()
    with duckdb.connect() as connection:
        for name, query in files.items():
            path = folder / f"{name}_{delivered}.csv"
            connection.execute(f"COPY ({query}) TO '{path}' (HEADER, DELIMITER ',')")
            os.utime(path, (modified, modified))
