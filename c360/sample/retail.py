"""The `retail` sample: nine CSV files of a shop, delivered day by day, as the main job needs when it has no data."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from c360.errors import ConfigError
from c360.sample.activity import Activity
from c360.sample.dirt import Deliveries, Row, with_dirt
from c360.sample.names import Chance
from c360.sample.shop import FIRST_DELIVERY, Shop

COLUMNS = {
    "Customers": "CustomerID,Name,Email,Address",
    "Products": "ProductID,Name,Category,Price",
    "Stores": "StoreID,Location,Manager,OpenHours",
    "Agents": "AgentID,Name,Department,Shift",
    "OnlineTransactions": "OrderID,CustomerID,ProductID,DateTime,PaymentMethod,Amount,Status",
    "InStoreTransactions": "TransactionID,CustomerID,StoreID,DateTime,Amount,PaymentMethod",
    "CustomerServiceInteractions": "InteractionID,CustomerID,DateTime,AgentID,IssueType,ResolutionStatus",
    "LoyaltyAccounts": "LoyaltyID,CustomerID,PointsEarned,TierLevel,JoinDate",
    "LoyaltyTransactions": "LoyaltyID,DateTime,PointsChange,Reason",
}


@dataclass(frozen=True)
class Planted:
    """One piece of dirt: its kind (see `c360.sample.dirt`), where its record begins, and its key.

    Lines count from 1. The key is as written, its parts joined by `|`; None if it is missing or this is the header.
    """

    kind: str
    file: str
    line: int
    key: str | None


def write_retail_sample(
    out: Path, *, customers: int = 500, days: int = 3, seed: int = 360, dirt: bool = True
) -> list[Planted]:
    """Writes the files, `<Table>_<day of delivery>.csv`: on 2025-03-01 everything, then daily what is new or changed.

    The same arguments give the same bytes on every platform. Files of the same names are replaced; a table with nothing
    new has no file that day.

    Args:
        out: the folder; it is made if it is not there.
        customers: how many there are after the last delivery, besides the planted ones. An online order comes six times
            as often, a purchase in a store four times, a call for help one and a half times.
        days: how many deliveries.
        seed: another one gives another shop.
        dirt: whether rows are planted that a source should not have but sometimes has.

    Returns:
        The planted dirt, by file and line.

    Raises:
        ConfigError: `customers` or `days` is less than 1.
    """
    for name, number in (("customers", customers), ("days", days)):
        if number < 1:
            raise ConfigError(f"A sample needs at least 1 of {name}, but {number} was asked for. Ask for 1 or more.")
    deliveries = _clean_deliveries(customers, days, seed)
    if dirt:
        deliveries = with_dirt(deliveries, Chance(seed, stream=2))
    out.mkdir(parents=True, exist_ok=True)
    planted = []
    for day, delivery in enumerate(deliveries):
        delivered_on = FIRST_DELIVERY + timedelta(day)
        for table, rows in delivery.items():
            name = f"{table}_{delivered_on.isoformat()}.csv"
            content, pieces = _written(name, rows)
            _put(out / name, content, delivered_on)
            planted += pieces
    return sorted(planted, key=lambda piece: (piece.file, piece.line))


def _clean_deliveries(customers: int, days: int, seed: int) -> Deliveries:
    chance = Chance(seed, stream=1)
    shop = Shop(chance, customers, days)
    activity = Activity(chance, shop)
    deliveries = []
    for day in range(days):
        master_data, newcomers = shop.everything() if day == 0 else shop.next_day()
        delivered = master_data | activity.of_today(newcomers)
        deliveries.append(
            {
                table: [Row(tuple(columns.split(","))), *(Row(fields) for fields in delivered[table])]
                for table, columns in COLUMNS.items()
                if delivered.get(table)
            }
        )
    return deliveries


def _written(name: str, rows: list[Row]) -> tuple[bytes, list[Planted]]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    planted = []
    line = 1
    for row in rows:
        if row.kind is not None:
            planted.append(Planted(row.kind, name, line, row.key))
        writer.writerow(row.fields)
        line += 1 + sum(field.count("\n") for field in row.fields)
    # surrogateescape: a planted byte that is not UTF-8 is written as it is
    return text.getvalue().encode("utf-8", "surrogateescape"), planted


def _put(path: Path, content: bytes, delivered_on: date) -> None:
    """Writes the file under a name that a reader leaves alone, then gives it its own: nobody sees half of it."""
    part = path.with_name(f"_{path.name}")
    part.write_bytes(content)
    modified = datetime.combine(delivered_on, time(23, 59, 59), UTC).timestamp()
    os.utime(part, (modified, modified))
    part.replace(path)
