"""What a reader has chosen to see: a period, sources, stores, categories, tiers, segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from c360.dashboard.tables import Tables, among, quoted

NAMES = ("period", "source", "store", "category", "tier", "segment")

ALL_TIME = "All time"

LAST = {"Last 12 months": 12, "Last 6 months": 6, "Last 3 months": 3, "Last month": 1}
"""Periods that end with the month of as_of, which may not be over."""


@dataclass(frozen=True)
class Period:
    """Whole months, written as 202503; None: without a beginning or an end."""

    name: str = ALL_TIME
    first: int | None = None
    last: int | None = None

    def holds(self, column: str) -> str:
        """SQL: the month in `column` is in it. A fact without a date is in no period but all time."""
        bounds = [f"{column} >= {self.first}"] * (self.first is not None)
        bounds += [f"{column} <= {self.last}"] * (self.last is not None)
        return " AND ".join(bounds) or "true"


@dataclass(frozen=True)
class Slicers:
    """A choice; what is empty is not chosen, and everything is seen.

    Attributes:
        stores: `source:store id`.
    """

    period: Period = field(default_factory=Period)
    source: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()

    def chosen(self) -> dict[str, str]:
        """What differs from seeing everything: slicer → its values as text."""
        said = {name: ", ".join(getattr(self, name)) for name in NAMES[1:] if getattr(self, name)}
        return ({"period": self.period.name} if self.period.name != ALL_TIME else {}) | said

    def where(self, **columns: str) -> str:
        """SQL of the condition that rows are among what was chosen.

        Args:
            columns: slicer → SQL of what it is compared with; a slicer that is not named does not count.
        """
        parts = [
            self.period.holds(column) if name == "period" else among(column, getattr(self, name))
            for name, column in columns.items()
        ]
        return " AND ".join(part for part in parts if part != "true") or "true"

    def sales(self, *without: str) -> str:
        """SQL of the condition on `sales_by_order`, where every slicer counts."""
        columns = {"period": "month", "source": "source", "store": "source || ':' || store_id"}
        columns |= {name: name for name in NAMES[3:]}
        return self.where(**{name: column for name, column in columns.items() if name not in without})

    def people(self, id_column: str = "c360_id") -> str:
        """SQL of the condition on tables with one row or more per person: source, tier and segment count.

        A person is in every source that knows them.
        """
        if not (self.source or self.tier or self.segment):
            return "true"
        known = f"""SELECT r.c360_id FROM unified.customer_records r
            LEFT JOIN gold.rfm f ON f.c360_id = r.c360_id
            LEFT JOIN gold.customer_segments s ON s.c360_id = r.c360_id
            WHERE {self.where(source="r.source", tier="f.tier", segment="s.segment")}"""
        return f"{id_column} IN ({known})"


def shift(month: int, by: int) -> int:
    """A month so many later: 202412 and 1 → 202501."""
    count = month // 100 * 12 + month % 100 - 1 + by
    return count // 12 * 100 + count % 12 + 1


def month_of(day: date) -> int:
    """2025-03-01 → 202503."""
    return day.year * 100 + day.month


def periods(first: date, as_of: date) -> dict[str, Period]:
    """The periods to choose from: all time, the last months, and each year and quarter with sales."""
    end = month_of(as_of)
    found = {ALL_TIME: Period()}
    found |= {name: Period(name, shift(end, 1 - count), end) for name, count in LAST.items()}
    for year in range(as_of.year, first.year - 1, -1):
        found[str(year)] = Period(str(year), year * 100 + 1, year * 100 + 12)
        for quarter in (4, 3, 2, 1):
            start = year * 100 + quarter * 3 - 2
            if month_of(first) <= start + 2 and start <= end:
                name = f"{year} Q{quarter}"
                found[name] = Period(name, start, start + 2)
    return found


@dataclass(frozen=True)
class Choices:
    """What each slicer has to offer.

    Attributes:
        stores: `source:store id` → name.
    """

    periods: Mapping[str, Period]
    sources: tuple[str, ...]
    stores: Mapping[str, str]
    categories: tuple[str, ...]
    tiers: tuple[str, ...]
    segments: tuple[str, ...]


_TIERS = ("Gold", "Silver", "Bronze", "Guest")


def as_of(tables: Tables) -> date:
    """The day everything is seen from."""
    day: date = tables.one("SELECT max(as_of) AS day FROM gold.executive_summary")["day"]
    return day


def choices(tables: Tables) -> Choices:
    """What the slicers offer in this lake."""
    today = as_of(tables)
    first = tables.one("SELECT min(ordered_on) AS day FROM gold.fact_sales")["day"]
    stores = tables.ask("SELECT DISTINCT source, store_id, store FROM gold.store_performance ORDER BY source, store")
    return Choices(
        periods(first or today, today),
        tuple(_values(tables, "source", f"gold.executive_summary WHERE source <> {quoted('all')}")),
        {f"{s['source']}:{s['store_id']}": f"{s['store']} ({s['source']})" for s in stores},
        tuple(_values(tables, "category", "gold.product_demand")),
        tuple(sorted(_values(tables, "tier", "sales_by_order"), key=_TIERS.index)),
        tuple(_values(tables, "segment", "gold.customer_segments")),
    )


def _values(tables: Tables, column: str, where_from: str) -> list[Any]:
    sql = f"SELECT DISTINCT {column} AS value FROM {where_from} ORDER BY value NULLS LAST"
    return [row["value"] for row in tables.ask(sql) if row["value"] is not None]
