"""A lake of literal rows, written without an engine: five orders of three people and a guest, two sources, a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from c360.dashboard.tables import Tables
from c360.ddl import arrow_schema, fields
from c360.lake import Lake
from c360.location import folder
from c360.registry import load

HOSTILE = '<script>alert("x")</script>'

RECORDS = [
    {"source": "shop", "customer_id": "1", "c360_id": "ada"},
    {"source": "shop", "customer_id": "2", "c360_id": "bob"},
    {"source": "web", "customer_id": "w1", "c360_id": "ada"},
    {"source": "web", "customer_id": "w3", "c360_id": "cyd"},
]
PEOPLE = [
    {"c360_id": "ada", "full_name": "Ada Lovelace", "email": "ada@example.com", "phone": "+14155550123", "revenue": 60},
    {"c360_id": "bob", "full_name": "Bób Ross", "email": None, "phone": None, "revenue": 40},
    {"c360_id": "cyd", "full_name": HOSTILE, "email": "=1+1", "phone": None, "revenue": 0},
]
RFM = [
    {
        "c360_id": "ada",
        "tier": "Gold",
        "segment": "Champions",
        "recency_score": 5,
        "frequency_score": 5,
        "monetary": 60,
    },
    {"c360_id": "bob", "tier": "Bronze", "segment": "Lost", "recency_score": 1, "frequency_score": 1, "monetary": 40},
]
SEGMENTS = [
    {"c360_id": "ada", "segment": "High-Value"},
    {"c360_id": "bob", "segment": "One-Time Buyer"},
    {"c360_id": "cyd", "segment": "No Purchase"},
]
PRODUCTS = [
    {"source": "shop", "product_id": "p1", "product_name": "Pen", "category": "Office"},
    {"source": "shop", "product_id": "p2", "product_name": "Tea", "category": "Food"},
    {"source": "web", "product_id": "p1", "product_name": "Cup", "category": None},
]


def line(
    source: str, order: str, customer: str | None, product: str | None, day: date | None, due: int, **more: Any
) -> dict[str, Any]:
    """A line of fact_sales that brought revenue; `due` is its part of the order's total."""
    return {
        "source": source,
        "order_id": order,
        "order_line_id": f"{order}-{product}",
        "customer_id": customer,
        "product_id": product,
        "ordered_on": day,
        "is_revenue": True,
        "quantity": 1,
        "gross_amount": due,
        "discount_amount": 0,
        "sales_amount": due,
        "total_due_amount": due,
    } | more


SALES = [
    line("shop", "o1", "1", "p1", date(2025, 1, 5), 20, store_id="s1", channel="store"),
    line("shop", "o1", "1", "p2", date(2025, 1, 5), 10, store_id="s1", channel="store"),
    line("shop", "o2", "2", "p1", date(2025, 2, 7), 40, store_id="s1", channel="store"),
    line("shop", "o3", None, "p1", date(2025, 2, 8), 5, store_id="s1", channel="store"),
    line("web", "o1", "w1", "p1", date(2025, 3, 1), 30, channel="online"),
    line("web", "o2", "w1", None, None, 7, channel="online", is_revenue=False),
]

STORES = [
    {"source": "shop", "store_id": "s1", "store": "Corner", "tier": "Gold", "revenue": 30},
    {"source": "shop", "store_id": "s2", "store": "Empty", "tier": None, "revenue": 0},
]
SUMMARY = [{"source": "all", "as_of": date(2025, 3, 2)}, {"source": "shop", "as_of": date(2025, 3, 2)}]
SUMMARY += [{"source": "web", "as_of": date(2025, 3, 2)}]

LAKE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "unified.customer_records": RECORDS,
    "gold.customer_360": PEOPLE,
    "gold.rfm": RFM,
    "gold.customer_segments": SEGMENTS,
    "gold.product_demand": PRODUCTS,
    "gold.fact_sales": SALES,
    "gold.store_performance": STORES,
    "gold.executive_summary": SUMMARY,
}


def put(lake: Lake, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a declared table anew of these rows; columns that they lack are null."""
    spec = load()[name]
    schema = arrow_schema(spec.schema)
    lake.recreate(name, spec.schema, pii=spec.pii)
    kinds = {column: field.type for column, field in ((f.name, f) for f in schema)}
    plain = [{c: _fit(row.get(c), kinds[c]) for c in fields(spec.schema)} for row in rows]
    assert not {c for row in rows for c in row} - set(kinds), f"{name} has no such columns"
    write_deltalake(f"{lake.root}/{folder(name)}", pa.Table.from_pylist(plain, schema=schema), mode="append")


def _fit(value: Any, kind: pa.DataType) -> Any:
    return Decimal(value) if isinstance(value, int) and pa.types.is_decimal(kind) else value


def little(folder: Path, **changed: Sequence[Mapping[str, Any]]) -> Tables:
    """The lake in a folder; `gold_rfm=[…]` has other rows than the usual ones."""
    lake = Lake(folder / "lake")
    for name, rows in LAKE.items():
        put(lake, name, changed.pop(name.replace(".", "_"), rows))
    for name, rows in changed.items():
        put(lake, name.replace("_", ".", 1), rows)
    return Tables(lake)
