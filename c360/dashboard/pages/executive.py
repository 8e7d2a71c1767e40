"""Executive summary: how much was sold, to how many, and how it changes."""

from __future__ import annotations

from typing import Any

from c360.dashboard import charts, curves, say
from c360.dashboard.blocks import Block, Content, Figure, Number, Numbers, Page
from c360.dashboard.slicers import NAMES, Slicers, as_of
from c360.dashboard.tables import Row, Tables


def totals(tables: Tables, slicers: Slicers) -> Row:
    """One row: revenue, orders, those that brought revenue, buyers, customers; the last 30 days and those before."""
    sold = tables.one(f"""SELECT coalesce(sum(revenue) FILTER (is_revenue), 0) AS revenue,
            count(DISTINCT order_key) AS orders, count(DISTINCT order_key) FILTER (is_revenue) AS revenue_orders,
            count(DISTINCT person_key) FILTER (is_revenue) AS buyers
        FROM sales_by_order WHERE {slicers.sales()}""")
    people = tables.one(f"SELECT count(*) AS customers FROM gold.customer_segments WHERE {slicers.people()}")
    day = f"DATE '{as_of(tables)}'"
    recent = tables.one(f"""SELECT coalesce(sum(revenue) FILTER (utc_on > {day} - 30), 0) AS last_30_days,
            coalesce(sum(revenue) FILTER (utc_on <= {day} - 30), 0) AS previous_30_days,
            count(DISTINCT order_key) FILTER (utc_on > {day} - 30) AS orders_last_30_days,
            count(DISTINCT order_key) FILTER (utc_on <= {day} - 30) AS orders_previous_30_days
        FROM sales_by_order
        WHERE is_revenue AND utc_on > {day} - 60 AND utc_on <= {day} AND {slicers.sales("period")}""")
    return sold | people | recent


def by_month(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per month with sales: revenue and orders."""
    return tables.ask(f"""SELECT month, sum(revenue) AS revenue, count(DISTINCT order_key) AS orders
        FROM sales_by_order WHERE is_revenue AND month IS NOT NULL AND {slicers.sales()}
        GROUP BY month ORDER BY month""")


def by(tables: Tables, slicers: Slicers, column: str, limit: int = 12) -> list[Row]:
    """One row per value of a column of the sales, the highest revenue first: revenue, share (%), orders, buyers."""
    return tables.ask(f"""SELECT coalesce({column}, 'not known') AS name, sum(revenue) AS revenue,
            count(DISTINCT order_key) AS orders, count(DISTINCT person_key) AS buyers,
            100 * sum(revenue) / nullif(sum(sum(revenue)) OVER (), 0) AS share
        FROM sales_by_order WHERE is_revenue AND {slicers.sales()}
        GROUP BY 1 ORDER BY revenue DESC NULLS LAST, name LIMIT {limit}""")


def changed(now: float, before: float) -> float | None:
    """By how many percent it changed; None where there was nothing before."""
    return 100 * (now - before) / before if before else None


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    t, money = totals(tables, slicers), tables.currency
    per_order = t["revenue"] / t["revenue_orders"] if t["revenue_orders"] else None
    per_customer = t["revenue"] / t["customers"] if t["customers"] else None
    moved = say.change(changed(t["last_30_days"], t["previous_30_days"]))
    moved_orders = say.change(changed(t["orders_last_30_days"], t["orders_previous_30_days"]))
    of_all = say.percent(100 * t["buyers"] / t["customers"]) if t["customers"] else say.NOTHING
    return Numbers(
        [
            Number("Total sales", say.amount(t["revenue"], money), "orders not cancelled, failed or refunded"),
            Number("Customers", say.number(t["customers"]), "known people, also without a purchase"),
            Number("Buyers", say.number(t["buyers"]), f"{of_all} of the customers"),
            Number("Orders", say.number(t["orders"]), f"{say.number(t['revenue_orders'])} brought revenue"),
            Number("Average order", say.amount(per_order, money), "sales per order that brought revenue"),
            Number("Sale per customer", say.amount(per_customer, money), "total sales / customers"),
            Number("Last 30 days", say.amount(t["last_30_days"], money), f"{moved} on the 30 days before"),
            Number(
                "Orders of these days", say.number(t["orders_last_30_days"]), f"{moved_orders} on the 30 days before"
            ),
        ]
    )


def trend(tables: Tables, slicers: Slicers) -> Content:
    """Sales month by month; the month of as_of is not over, and left out where there are others."""
    rows = by_month(tables, slicers)
    current = as_of(tables)
    whole = [row for row in rows if row["month"] < current.year * 100 + current.month]
    seen = whole if len(whole) > 1 else rows
    drawn = [r | {"at": say.month_start(r["month"]), "text": say.amount(r["revenue"])} for r in seen]
    unit = f"revenue by month {_in(tables)}"
    if len(seen) < len(rows):
        so_far = say.amount(sum(r["revenue"] for r in rows[len(seen) :]), tables.currency)
        unit += f"; {say.month(rows[-1]['month'])} is not drawn, it has {so_far} up to {say.day(current)}"
    if len(whole) < 2:
        says = f"Sales came to {say.amount(sum(r['revenue'] for r in rows), tables.currency)}" if rows else "No sales"
    else:
        last, before = whole[-1], whole[-2]
        moved = say.than(changed(last["revenue"], before["revenue"]), f"in {say.month(before['month'])}")
        says = f"{say.month(last['month'])} brought {say.amount(last['revenue'], tables.currency)}, {moved}"
    return Figure(says, curves.line(drawn, "at", "revenue", text="text"), unit)


def tier_mix(tables: Tables, slicers: Slicers) -> Content:
    """The tiers' shares of buyers, orders and revenue."""
    rows = sorted(by(tables, slicers, "tier"), key=lambda r: list(charts.SHADES).index(r["name"]))
    shown: list[Row] = []
    for name, column in (("revenue", "revenue"), ("orders", "orders"), ("buyers", "buyers")):
        total = sum(row[column] or 0 for row in rows) or 1
        shown += [{"of": name, "tier": r["name"], "share": 100 * r[column] / total} for r in rows if r[column]]
    gold = {r["of"]: r["share"] for r in shown if r["tier"] == "Gold"}
    says = "No sales"
    if rows:
        says = "No Gold customer is among these buyers"
    if gold:
        people, money = say.percent(gold.get("buyers")), say.percent(gold.get("revenue"))
        says = f"Gold customers are {people} of the buyers and bring {money} of the revenue"
    return Figure(says, charts.shares(shown, "of", "tier", "share"), "percent, by customer tier")


def ranked(tables: Tables, slicers: Slicers, column: str, things: str, unit: str, limit: int = 12) -> Content:
    """Revenue by the values of a column as bars, and who is first."""
    rows = by(tables, slicers, column, limit)
    drawn = [r | {"name": say.shown(r["name"]), "text": _beside(r)} for r in rows]
    says = f"No sales by {things}"
    if rows:
        says = f"By {things}, {say.shown(rows[0]['name'])} leads with {say.percent(rows[0]['share'])} of the revenue"
    return Figure(says, charts.bars(drawn, "name", "revenue", text="text"), f"{unit} {_in(tables)}")


def _beside(row: Row) -> str:
    return f"{say.amount(row['revenue'])} · {say.percent(row['share'])}"


def _in(tables: Tables) -> str:
    return f"in {tables.currency}" if tables.currency else "in each source's own currency"


def _ranked(column: str, things: str, unit: str) -> Any:
    return lambda tables, slicers: ranked(tables, slicers, column, things, unit)


PAGE = Page(
    "executive",
    "Executive summary",
    "How much was sold, to how many, and how it changes",
    (
        Block("numbers", _numbers, NAMES, wide=True),
        Block("trend", trend, NAMES, wide=True),
        Block("tiers", tier_mix, NAMES),
        Block("sources", _ranked("source", "source", "revenue by source"), NAMES),
        Block("categories", _ranked("category", "category", "revenue by product category"), NAMES),
        Block("channels", _ranked("channel", "channel", "revenue by channel"), NAMES),
    ),
)
