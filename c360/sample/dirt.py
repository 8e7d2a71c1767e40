"""What goes wrong on the way: every kind of dirt a source can have, put into a clean sample as extra rows.

No clean row is changed or removed, so what the lake should hold is known. Only the undeclared column touches them all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from c360.sample.names import Chance, email, person, postal_address
from c360.sample.shop import FIRST_DELIVERY, Fields

REJECTED = (
    "null_key",
    "wrong_type",
    "bad_date",
    "negative_amount",
    "unlisted_value",
    "ragged_short",
    "ragged_long",
    "bad_byte",
    "future_row",
)
"""Kinds whose row cannot enter silver."""

KEPT = (
    "exact_duplicate",
    "near_duplicate",
    "late_update",
    "orphan",
    "early_child",
    "late_parent",
    "quoted_newline",
    "empty_email",
    "extra_column",
)
"""Kinds whose row is valid: a duplicate or correction of another, or merely awkward. `extra_column` is the header."""

NEEDS_TWO_DAYS = ("late_update", "early_child", "late_parent")


class Row(NamedTuple):
    """A record and, if it was planted, its kind and its key as written (parts joined by `|`; None: it has none)."""

    fields: Fields
    kind: str | None = None
    key: str | None = None


Deliveries = list[dict[str, list[Row]]]
"""For each day: table → header and rows of its file."""


def with_dirt(deliveries: Deliveries, chance: Chance) -> Deliveries:
    """The deliveries with every kind of dirt; if there is only one, without the kinds that `NEEDS_TWO_DAYS`.

    Args:
        deliveries: clean ones, at least one; the tables used below have rows in the first three.
        chance: what is drawn.
    """
    dirt = _Dirt(deliveries, chance)
    first, second, third = 1, min(2, len(deliveries)), min(3, len(deliveries))

    dirt.customer(first, "quoted_newline", Address='12 "Old Mill" Lane\nApt. 4, Glenford, VT 05401')
    dirt.customer(first, "empty_email", Email="")
    dirt.customer(first, "bad_byte", Name="Andr\udce9 Lefort")  # a byte of Latin-1, once it is written
    dirt.customer(first, "null_key", CustomerID="")
    dirt.repeat(first, "Customers", "near_duplicate", Email="moved.on@example.net")

    dirt.event(first, "OnlineTransactions", "wrong_type", Amount="abc")
    dirt.event(first, "OnlineTransactions", "orphan", CustomerID=dirt.unused_id("Customers"))
    dirt.repeat(first, "OnlineTransactions", "exact_duplicate")
    dirt.event(second, "OnlineTransactions", "unlisted_value", Status="Complted")
    dirt.event(third, "OnlineTransactions", "null_key", OrderID="")

    dirt.event(first, "InStoreTransactions", "bad_date", DateTime="2025-02-30 25:61:00")
    dirt.event(first, "InStoreTransactions", "negative_amount", Amount="-42.5")
    a_year_ahead = (FIRST_DELIVERY + timedelta(365)).isoformat()
    dirt.event(second, "InStoreTransactions", "future_row", DateTime=f"{a_year_ahead} 12:00:00")

    dirt.event(first, "CustomerServiceInteractions", "wrong_type", AgentID="12x")
    dirt.event(first, "CustomerServiceInteractions", "ragged_short", ResolutionStatus=None)
    dirt.event(first, "CustomerServiceInteractions", "ragged_long", Remark="call back")
    dirt.repeat(third, "CustomerServiceInteractions", "near_duplicate", IssueType="Delivery")

    dirt.event(second, "LoyaltyTransactions", "orphan", LoyaltyID=dirt.unused_id("LoyaltyAccounts"))
    dirt.repeat(second, "LoyaltyTransactions", "exact_duplicate")
    dirt.column(second, "LoyaltyAccounts", "Note", "welcome gift sent")

    if len(deliveries) > 1:
        dirt.repeat(first, "OnlineTransactions", "late_update", later=third, Amount="1.99")  # no order is that small
        parent = dirt.customer(third, "late_parent")
        dirt.event(third - 1, "OnlineTransactions", "early_child", CustomerID=parent)
    return dirt.deliveries


class _Dirt:
    """Deliveries in the making. Values go by column name: None leaves the field out, an unknown name adds one."""

    def __init__(self, deliveries: Deliveries, chance: Chance) -> None:
        self.deliveries = [{table: list(rows) for table, rows in day.items()} for day in deliveries]
        self._chance = chance
        self._emails = {row.fields[2] for day in deliveries for row in day.get("Customers", [])}
        self._last_ids: dict[str, int] = {}
        for day in deliveries:
            for table, (_, *rows) in day.items():
                self._last_ids[table] = max([self._last_ids.get(table, 0), *(int(row.fields[0]) for row in rows)])

    def unused_id(self, table: str) -> str:
        """An id that no row has and no other call returns."""
        self._last_ids[table] += 1
        return str(self._last_ids[table])

    def customer(self, day: int, kind: str, **values: str | None) -> str:
        """Plants somebody new, and returns their id."""
        who = person(self._chance)
        customer_id, its_email = self.unused_id("Customers"), email(self._chance, who, self._emails)
        new = (customer_id, who.full, its_email, postal_address(self._chance))
        self._plant(day, "Customers", kind, self._changed(day, "Customers", new, values))
        return customer_id

    def event(self, day: int, table: str, kind: str, **values: str | None) -> None:
        """Plants a new row that resembles one of the file's."""
        resembled = self._chance.pick(self._clean_rows(day, table))
        new = (self.unused_id(table), *resembled.fields[1:])
        self._plant(day, table, kind, self._changed(day, table, new, values))

    def repeat(self, day: int, table: str, kind: str, later: int | None = None, **values: str | None) -> None:
        """Plants one of the day's rows again, in the same file or in that of a later day."""
        known = self._chance.pick(self._clean_rows(day, table))
        self._plant(later or day, table, kind, self._changed(day, table, known.fields, values))

    def column(self, day: int, table: str, name: str, value: str) -> None:
        """Gives the file one more column, filled in every fifth row from the first on."""
        header, *rows = self.deliveries[day - 1][table]
        wider = [row._replace(fields=(*row.fields, "" if n % 5 else value)) for n, row in enumerate(rows)]
        self.deliveries[day - 1][table] = [Row((*header.fields, name), "extra_column"), *wider]

    def _clean_rows(self, day: int, table: str) -> list[Row]:
        return [row for row in self.deliveries[day - 1][table][1:] if row.kind is None]

    def _changed(self, day: int, table: str, fields: Fields, values: dict[str, str | None]) -> Fields:
        row: dict[str, str | None] = dict(zip(self.deliveries[day - 1][table][0].fields, fields, strict=True))
        row |= values
        return tuple(value for value in row.values() if value is not None)

    def _plant(self, day: int, table: str, kind: str, fields: Fields) -> None:
        """Puts the row anywhere behind the header and behind the rows with its key."""
        rows = self.deliveries[day - 1][table]
        parts = fields[: 2 if table == "LoyaltyTransactions" else 1]
        begin = 1 + max(n for n, row in enumerate(rows) if n == 0 or row.fields[: len(parts)] == parts)
        rows.insert(self._chance.between(begin, len(rows)), Row(fields, kind, "|".join(parts) if all(parts) else None))
