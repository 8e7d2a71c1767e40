"""Stores: who buys where, and when."""

from __future__ import annotations

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Number, Numbers, Page
from c360.dashboard.slicers import NAMES, Slicers
from c360.dashboard.tables import Row, Tables

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHOWN = 14


def by_tier(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per store and tier, the stores with the highest revenue first: revenue, share of the store, customers."""
    return tables.ask(f"""WITH parts AS (
            SELECT source, store_id, tier, sum(revenue) AS revenue, count(DISTINCT person_key) AS customers,
                count(DISTINCT order_key) AS orders
            FROM sales_by_order WHERE is_revenue AND store_id IS NOT NULL AND {slicers.sales()}
            GROUP BY source, store_id, tier),
        names AS (SELECT source, store_id, any_value(store) AS store FROM gold.store_performance GROUP BY ALL)
        SELECT source, store_id, coalesce(store, store_id) AS store, tier, revenue, customers, orders,
            coalesce(100 * revenue / nullif(sum(revenue) OVER (PARTITION BY source, store_id), 0), 0) AS share,
            sum(revenue) OVER (PARTITION BY source, store_id) AS total
        FROM parts LEFT JOIN names USING (source, store_id)
        ORDER BY total DESC, source, store_id, tier""")


def story(rows: list[Row]) -> str:
    """The sentence that tells which store lives on Gold customers and which does not.

    Stores that bring less than a twentieth of what the first one brings are left out of it.
    """
    stores = {(r["source"], r["store_id"]): r["store"] for r in rows}
    gold = {(r["source"], r["store_id"]): r["share"] for r in rows if r["tier"] == "Gold"}
    first = max((r["total"] for r in rows), default=0)
    counted = {
        (r["source"], r["store_id"]): gold.get((r["source"], r["store_id"]), 0.0)
        for r in rows
        if r["total"] * 20 >= first
    }
    if not counted:
        return "Nothing was sold in a store"
    most = max(counted, key=lambda store: (counted[store] or 0, store))
    least = min(counted, key=lambda store: (counted[store] or 0, store))
    lead = f"{say.shown(stores[most])} lives on Gold customers: {say.percent(counted[most])} of its revenue"
    return lead if most == least else f"{lead}; in {say.shown(stores[least])} they bring {say.percent(counted[least])}"


def hours(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per weekday and hour with an order in a store: orders."""
    where = slicers.where(source="source", store="source || ':' || store_id", period="ordered_month")
    return tables.ask(f"""SELECT weekday, hour, sum(orders)::BIGINT AS orders FROM gold.hourly_sales
        WHERE store_id IS NOT NULL AND {where} GROUP BY weekday, hour ORDER BY weekday, hour""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    rows = by_tier(tables, slicers)
    totals = {(r["source"], r["store_id"]): r for r in rows}
    revenue = sum(r["revenue"] for r in rows)
    first = rows[0] if rows else None
    return Numbers(
        [
            Number("Stores with sales", say.number(len(totals))),
            Number("Sales in stores", say.amount(revenue, tables.currency)),
            Number("Orders in stores", say.number(sum(r["orders"] for r in rows))),
            Number(
                "Highest revenue",
                say.shown(first["store"]) if first else say.NOTHING,
                say.amount(first["total"]) if first else "",
            ),
        ]
    )


def _mix(tables: Tables, slicers: Slicers) -> Content:
    rows = by_tier(tables, slicers)
    first = list(dict.fromkeys((r["source"], r["store_id"]) for r in rows))[:_SHOWN]
    drawn = [r | {"store": _name(r)} for r in rows if (r["source"], r["store_id"]) in first]
    return Figure(
        story(rows),
        charts.shares(drawn, "store", "tier", "share"),
        f"percent of each store's revenue, by customer tier; the first {_SHOWN} by revenue",
    )


def _revenue(tables: Tables, slicers: Slicers) -> Content:
    stores: dict[tuple[str, str], Row] = {(r["source"], r["store_id"]): r for r in reversed(by_tier(tables, slicers))}
    rows = sorted(stores.values(), key=lambda r: (-r["total"], r["source"], r["store_id"]))
    drawn = [{"store": _name(r), "revenue": r["total"], "text": say.amount(r["total"])} for r in rows[:_SHOWN]]
    total = sum(r["total"] for r in rows)
    says = "Nothing was sold in a store"
    if rows:
        top = sum(r["total"] for r in rows[:3])
        says = (
            f"The first three of {len(rows)} stores bring {say.percent(100 * top / total)} of what stores sell"
            if total
            else says
        )
    return Figure(says, charts.bars(drawn, "store", "revenue", text="text"), f"revenue of the first {_SHOWN} stores")


def _hours(tables: Tables, slicers: Slicers) -> Content:
    rows = hours(tables, slicers)
    found = {(r["weekday"], r["hour"]): r["orders"] for r in rows}
    if not rows:
        return Figure("No order in a store has a time", None)
    used = range(min(h for _, h in found), max(h for _, h in found) + 1)
    drawn = [
        {"day": _DAYS[d - 1], "hour": f"{h:02}", "orders": found.get((d, h), 0)} for d in range(1, 8) for h in used
    ]
    weekday, hour = max(found, key=lambda at: (found[at], at))
    says = (
        f"Stores are busiest on {_DAYS[weekday - 1]} at {hour:02}:00, with {say.counted(found[weekday, hour], 'order')}"
    )
    return Figure(
        says,
        charts.heat(drawn, "hour", "day", "orders", x_title="hour, in the source's time zone"),
        "orders by weekday and hour",
    )


def _grid(tables: Tables, slicers: Slicers) -> Content:
    rows = by_tier(tables, slicers)
    shown = [
        {
            "store": _name(r),
            "tier": r["tier"],
            "revenue": say.amount(r["revenue"]),
            "share": say.percent(r["share"], 1),
            "customers": r["customers"],
            "orders": r["orders"],
        }
        for r in rows[:200]
    ]
    columns = {
        "store": "Store",
        "tier": "Tier",
        "revenue": "Revenue",
        "share": "Share of the store",
        "customers": "Customers",
        "orders": "Orders",
    }
    return Grid("Store by store, tier by tier", columns, shown, total=len(rows))


def _name(row: Row) -> str:
    """The store's name and what tells it from another of that name."""
    name = say.shown(row["store"])
    return (
        f"{name} · {row['source']}"
        if row["store"] == row["store_id"]
        else f"{name} · {row['source']} {row['store_id']}"
    )


PAGE = Page(
    "stores",
    "Stores",
    "Who buys where, and when",
    (
        Block("numbers", _numbers, NAMES, wide=True),
        Block("mix", _mix, NAMES, wide=True),
        Block("revenue", _revenue, NAMES),
        Block("hours", _hours, ("period", "source", "store")),
        Block("list", _grid, NAMES, wide=True),
    ),
)
