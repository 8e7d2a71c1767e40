"""Sales: territories, trend, what discounts do, and what another price would."""

from __future__ import annotations

from dataclasses import dataclass

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Number, Numbers, Page
from c360.dashboard.pages import executive
from c360.dashboard.slicers import NAMES, Slicers
from c360.dashboard.tables import Row, Tables


@dataclass(frozen=True)
class Base:
    """What a what-if starts from: lines that brought revenue and whose cost is known.

    Attributes:
        units: sold.
        gross: before discounts.
        discount: what was taken off.
        cost: gross - discount - margin.
        all_revenue: revenue of the same lines and of those whose cost is unknown.
    """

    units: float
    gross: float
    discount: float
    cost: float
    all_revenue: float


@dataclass(frozen=True)
class Outcome:
    """What would come of it: revenue, margin, and the change of units at which the margin stays as it is (percent)."""

    revenue: float
    margin: float
    break_even_units: float | None


def what_if(base: Base, *, price: float, discount: float, units: float) -> Outcome:
    """Revenue and margin with other prices, discounts and units; arithmetic, no forecast.

    Args:
        base: what was sold.
        price: change of the list price, in percent.
        discount: change of the discount, in percentage points of gross; it stays between 0 and 100 percent.
        units: change of the units sold, in percent.
    """
    share = base.discount / base.gross if base.gross else 0.0
    kept = 1 - min(1.0, max(0.0, share + discount / 100))
    per_now = base.gross * (1 + price / 100) * kept
    margin_now = per_now - base.cost
    before = base.gross - base.discount - base.cost
    scale = 1 + units / 100
    even = 100 * (before / margin_now - 1) if margin_now > 0 else None
    return Outcome(per_now * scale, margin_now * scale, even)


def base_of(tables: Tables, slicers: Slicers) -> Base:
    """What was sold in the chosen period, sources and categories."""
    where = slicers.where(source="source", category="category", period="year(period_start) * 100 + month(period_start)")
    row = tables.one(f"""SELECT coalesce(sum(units) FILTER (margin IS NOT NULL), 0) AS units,
            coalesce(sum(coalesce(discount, 0) + revenue) FILTER (margin IS NOT NULL), 0) AS gross,
            coalesce(sum(discount) FILTER (margin IS NOT NULL), 0) AS discount,
            coalesce(sum(revenue - margin) FILTER (margin IS NOT NULL), 0) AS cost,
            coalesce(sum(revenue), 0) AS all_revenue
        FROM gold.sales_performance WHERE period = 'month' AND {where}""")
    return Base(**row)


def discounts(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per discount band with a discount: gross, discount, uplift of units per line in percent, break-even."""
    return tables.ask(f"""SELECT source, coalesce(promotion_name, 'no promotion') AS promotion, discount_band AS band,
            orders, gross, discount, net, margin, uplift_percent AS uplift, break_even_uplift_percent AS break_even,
            is_break_even_reached AS reached
        FROM gold.discount_impact WHERE discount > 0 AND {slicers.where(source="source")}
        ORDER BY discount DESC, source, promotion, band""")


def by_quarter(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per quarter of the chosen period: revenue, orders, change on the quarter before in percent."""
    return tables.ask(f"""WITH quarters AS (
            SELECT month // 100 AS year, (month % 100 + 2) // 3 AS quarter, sum(revenue) AS revenue,
                count(DISTINCT order_key) AS orders
            FROM sales_by_order WHERE is_revenue AND month IS NOT NULL AND {slicers.sales()} GROUP BY ALL)
        SELECT *, 100 * (revenue / nullif(lag(revenue) OVER (ORDER BY year, quarter), 0) - 1) AS change
        FROM quarters ORDER BY year, quarter""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    row = tables.one(f"""SELECT coalesce(sum(revenue), 0) AS revenue, coalesce(sum(gross), 0) AS gross,
            coalesce(sum(discount), 0) AS discount, coalesce(sum(units), 0) AS units
        FROM sales_by_order WHERE is_revenue AND {slicers.sales()}""")
    base = base_of(tables, slicers)
    net = base.gross - base.discount
    off = 100 * row["discount"] / row["gross"] if row["gross"] else None
    share = 100 * net / base.all_revenue if base.all_revenue else None
    return Numbers(
        [
            Number("Sales", say.amount(row["revenue"], tables.currency)),
            Number("Units", say.number(row["units"]), "where the source counts them"),
            Number("Discounts", say.amount(row["discount"], tables.currency), f"{say.percent(off, 1)} of gross"),
            Number(
                "Margin",
                say.percent(100 * (net - base.cost) / net if net else None, 1),
                f"cost is known for {say.percent(share)} of the products' revenue",
            ),
        ]
    )


def _quarters(tables: Tables, slicers: Slicers) -> Content:
    rows = by_quarter(tables, slicers)
    drawn = [
        r
        | {"name": f"{r['year']} Q{r['quarter']}"}
        | {"text": say.amount(r["revenue"]) + (f" · {say.change(r['change'])}" if r["change"] is not None else "")}
        for r in rows
    ]
    says = "No sales"
    if drawn:
        best = max(drawn, key=lambda r: (r["revenue"] or 0, r["name"]))
        says = f"{best['name']} was the best quarter: {say.amount(best['revenue'], tables.currency)}"
    return Figure(
        says,
        charts.bars(drawn, "name", "revenue", text="text"),
        "revenue by quarter, and its change; the first and the last may be incomplete",
    )


def _territories(tables: Tables, slicers: Slicers) -> Content:
    rows = [r for r in executive.by(tables, slicers, "territory", 40) if r["name"] != "not known"][:12]
    drawn = [
        r | {"name": say.shown(r["name"]), "text": f"{say.amount(r['revenue'])} · {say.percent(r['share'])}"}
        for r in rows
    ]
    says = "No order names a territory"
    if rows:
        best = say.amount(rows[0]["revenue"], tables.currency)
        says = f"{say.shown(rows[0]['name'])} is the strongest territory: {best}"
    return Figure(
        says, charts.bars(drawn, "name", "revenue", text="text"), "revenue by territory, and its share of all sales"
    )


def _discounts(tables: Tables, slicers: Slicers) -> Content:
    rows = discounts(tables, slicers)
    shown = [
        {
            "promotion": say.shown(r["promotion"]),
            "band": r["band"],
            "source": r["source"],
            "orders": r["orders"],
            "gross": say.amount(r["gross"]),
            "discount": say.amount(r["discount"]),
            "uplift": say.change(r["uplift"]),
            "break_even": say.change(r["break_even"]),
            "reached": {True: "yes", False: "no"}.get(r["reached"], say.NOTHING),
        }
        for r in rows
    ]
    judged = [r for r in rows if r["reached"] is not None]
    says = "No discount was given"
    if judged:
        paid = sum(r["reached"] for r in judged)
        says = f"{paid} of {len(judged)} discounts came with enough more units to pay for what was given away"
    columns = {
        "promotion": "Promotion",
        "band": "Discount",
        "source": "Source",
        "orders": "Orders",
        "gross": "Gross",
        "discount": "Given away",
        "uplift": "Units per line",
        "break_even": "Break-even",
        "reached": "Pays",
    }
    return Grid(
        says,
        columns,
        shown,
        "units per order line against the same products undiscounted; a volume discount is given because much is "
        "ordered",
    )


PAGE = Page(
    "sales",
    "Sales",
    "Where sales come from, how they go, and what discounts and prices do",
    (
        Block("numbers", _numbers, NAMES, wide=True),
        Block("trend", executive.trend, NAMES, wide=True),
        Block("territories", _territories, NAMES),
        Block("quarters", _quarters, NAMES),
        Block("discounts", _discounts, ("source",), wide=True),
    ),
)
