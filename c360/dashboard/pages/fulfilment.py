"""Fulfilment & inventory: whether promises are kept, and what to order."""

from __future__ import annotations

from c360.dashboard import charts, curves, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Number, Numbers, Page
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables

_BY = ("period", "source", "tier", "segment")
_STOCK = ("source", "category")
_MONTH = "(year(ordered_at) * 100 + month(ordered_at))"


def _where(slicers: Slicers) -> str:
    return f"{slicers.where(period=_MONTH, source='source')} AND {slicers.people()}"


def totals(tables: Tables, slicers: Slicers) -> Row:
    """One row: orders with a shipment, due ones, on time in percent of these, median days to deliver, late ones."""
    return tables.one(f"""SELECT count(*) AS orders, count(is_on_time) AS due,
            100.0 * count(*) FILTER (is_on_time) / nullif(count(is_on_time), 0) AS on_time,
            median(days_to_deliver) AS days, count(*) FILTER (late_shipments > 0) AS late
        FROM gold.fulfilment WHERE {_where(slicers)}""")


def by_month(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per month of the order: orders that are due, on time in percent of these."""
    return tables.ask(f"""SELECT {_MONTH}::INT AS month, count(is_on_time) AS due,
            100.0 * count(*) FILTER (is_on_time) / count(is_on_time) AS on_time
        FROM gold.fulfilment WHERE is_on_time IS NOT NULL AND ordered_at IS NOT NULL AND {_where(slicers)}
        GROUP BY 1 ORDER BY 1""")


def carriers(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per carrier that had a promise to keep, the most reliable first: on time in percent, shipments, cost."""
    return tables.ask(f"""SELECT carrier, sum(shipments)::BIGINT AS shipments, sum(lost_shipments)::BIGINT AS lost,
            100.0 * (sum(due_shipments) - sum(late_shipments)) / sum(due_shipments) AS on_time,
            sum(shipping_cost) / nullif(sum(shipments) FILTER (shipping_cost IS NOT NULL), 0) AS cost
        FROM gold.carrier_performance WHERE carrier IS NOT NULL AND {slicers.where(source="source")}
        GROUP BY carrier HAVING sum(due_shipments) > 0 ORDER BY on_time DESC, carrier LIMIT 15""")


def stock(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per action: how many products at a location it is due for, and units to order."""
    return tables.ask(f"""SELECT coalesce(action, 'not known') AS action, count(*) AS positions,
            coalesce(sum(order_quantity), 0)::BIGINT AS units
        FROM gold.inventory_position WHERE {slicers.where(source="source", category="category")}
        GROUP BY 1 ORDER BY positions DESC, action""")


def to_order(tables: Tables, slicers: Slicers, limit: int = 200) -> list[Row]:
    """What to order, the shortest cover first."""
    return tables.ask(f"""SELECT source, product_name, product_id, location_name, location_id, free, reorder_point,
            daily_demand, days_of_cover, order_quantity, count(*) OVER () AS total
        FROM gold.inventory_position WHERE action = 'reorder' AND {slicers.where(source="source", category="category")}
        ORDER BY days_of_cover NULLS LAST, source, product_id, location_id LIMIT {limit}""")


def suppliers(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per supplier, the most units to order first."""
    return tables.ask(f"""SELECT source, supplier_name, rating, products, average_lead_time_days,
            longest_lead_time_days, cost_percent_of_price, products_to_reorder, units_to_reorder
        FROM gold.supplier_scorecard WHERE {slicers.where(source="source")}
        ORDER BY units_to_reorder DESC, source, supplier_id LIMIT 100""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    t = totals(tables, slicers)
    due = {r["action"]: r for r in stock(tables, slicers)}
    reorder = due.get("reorder", {"positions": 0, "units": 0})
    return Numbers(
        [
            Number("Orders shipped", say.number(t["orders"])),
            Number("On time", say.percent(t["on_time"], 1), f"of {say.number(t['due'])} with a promised day"),
            Number(
                "Days to deliver", say.NOTHING if t["days"] is None else f"{t['days']:.0f}", "median, from the order"
            ),
            Number("To reorder", say.number(reorder["positions"]), f"{say.number(reorder['units'])} units"),
        ]
    )


def _months(tables: Tables, slicers: Slicers) -> Content:
    rows = by_month(tables, slicers)
    drawn = [r | {"at": say.month_start(r["month"]), "text": say.percent(r["on_time"])} for r in rows]
    says = "No order has a promised day"
    if rows:
        worst = min(rows, key=lambda r: (r["on_time"], r["month"]))
        kept = say.percent(worst["on_time"])
        says = f"{say.month(worst['month'])} kept the fewest promises: {kept} of its orders were on time"
    return Figure(
        says,
        curves.line(drawn, "at", "on_time", text="text", form=".0f"),
        "percent of the due orders that came on time, by month of the order",
    )


def _carriers(tables: Tables, slicers: Slicers) -> Content:
    rows = carriers(tables, slicers)
    drawn = [
        r
        | {"carrier": say.shown(r["carrier"])}
        | {
            "text": f"{say.percent(r['on_time'])}"
            + (f" · {say.amount(r['cost'])} each" if r["cost"] is not None else "")
        }
        for r in rows
    ]
    says = "No shipment names its carrier"
    if rows:
        first, last = ((say.shown(r["carrier"]), say.percent(r["on_time"])) for r in (rows[0], rows[-1]))
        says = f"{first[0]} keeps {first[1]} of its promises"
        if len(rows) > 1:
            says += f", {last[0]} {last[1]}"
    return Figure(
        says, charts.bars(drawn, "carrier", "on_time", text="text"), "percent of due shipments on time, and cost of one"
    )


def _stock(tables: Tables, slicers: Slicers) -> Content:
    rows = stock(tables, slicers)
    total = sum(r["positions"] for r in rows)
    drawn = [r | {"text": f"{say.number(r['positions'])} · {say.percent(100 * r['positions'] / total)}"} for r in rows]
    found = {r["action"]: r for r in rows}
    says = "No stock is known"
    if rows:
        over = found.get("overstock", {"positions": 0})["positions"]
        low = found.get("reorder", {"positions": 0})["positions"]
        much = say.percent(100 * over / total)
        says = f"{much} of the stock records hold more than is needed; {say.number(low)} are to be reordered"
    return Figure(
        says, charts.bars(drawn, "action", "positions", text="text"), "products at a location, by what is to be done"
    )


def _orders(tables: Tables, slicers: Slicers) -> Content:
    rows = to_order(tables, slicers)
    shown = [
        {
            "product": say.shown(r["product_name"] or r["product_id"]),
            "location": say.shown(r["location_name"] or r["location_id"]),
            "free": r["free"],
            "reorder_point": r["reorder_point"],
            "days": None if r["days_of_cover"] is None else round(r["days_of_cover"], 1),
            "order": r["order_quantity"],
        }
        for r in rows
    ]
    columns = {
        "product": "Product",
        "location": "Location",
        "free": "Free",
        "reorder_point": "Reorder point",
        "days": "Days of cover",
        "order": "To order",
    }
    total = rows[0]["total"] if rows else 0
    says = (
        f"{say.counted(total, 'stock record')} to reorder, the most urgent first"
        if rows
        else "Nothing is to be reordered"
    )
    return Grid(says, columns, shown, "units; days of cover at the demand that is forecast", total)


def _suppliers(tables: Tables, slicers: Slicers) -> Content:
    rows = suppliers(tables, slicers)
    shown = [
        {
            "supplier": say.shown(r["supplier_name"]),
            "rating": r["rating"],
            "products": r["products"],
            "lead": r["average_lead_time_days"],
            "cost": say.percent(r["cost_percent_of_price"]),
            "units": r["units_to_reorder"],
        }
        for r in rows
    ]
    columns = {
        "supplier": "Supplier",
        "rating": "Rating",
        "products": "Products",
        "lead": "Lead time, days",
        "cost": "Cost of price",
        "units": "Units to order",
    }
    says = (
        f"{say.shown(rows[0]['supplier_name'])} is to deliver most: {say.number(rows[0]['units_to_reorder'])} units"
        if rows
        else "No supplier is known"
    )
    return Grid(says, columns, shown, "by units to order")


PAGE = Page(
    "fulfilment",
    "Fulfilment & inventory",
    "Whether promises are kept, and what to order",
    (
        Block("numbers", _numbers, (*_BY, "category"), wide=True),
        Block("months", _months, _BY, wide=True),
        Block("carriers", _carriers, ("source",)),
        Block("stock", _stock, _STOCK),
        Block("orders", _orders, _STOCK, wide=True),
        Block("suppliers", _suppliers, ("source",), wide=True),
    ),
)
