"""What is expected: the forecast of revenue with its intervals, beside what was."""

from __future__ import annotations

from datetime import date

from c360.dashboard import curves, say
from c360.dashboard.blocks import Content, Figure
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables


def series(tables: Tables, slicers: Slicers) -> Row | None:
    """The series to show, as a row of source and category: of the chosen ones that with the most revenue ahead."""
    rows = tables.ask(f"""SELECT source, category, sum(expected) AS expected, any_value(method) AS method,
            any_value(reason) AS reason FROM gold.forecast
        WHERE measure = 'revenue' AND {slicers.where(source="source", category="category")}
        GROUP BY source, category ORDER BY expected DESC, source, category NULLS LAST LIMIT 1""")
    return rows[0] if rows else None


def expected(tables: Tables, source: str, category: str | None) -> list[Row]:
    """One row per week ahead: what is expected, and the bounds of its intervals."""
    return [
        row
        for row in tables.ask("""SELECT source, category, week_start AS at, expected, low_80, high_80, low_95, high_95
            FROM gold.forecast WHERE measure = 'revenue' ORDER BY source, category, week_start""")
        if row["source"] == source and row["category"] == category
    ]


def known(tables: Tables, source: str, category: str | None, until: date) -> list[Row]:
    """One row per week from Monday before `until`, the last 40: revenue of the lines, as the forecast counts it."""
    rows = tables.ask("""SELECT f.source, d.category, date_trunc('week', f.ordered_at)::DATE AS at,
            sum(f.sales_amount) AS value
        FROM gold.fact_sales f
        JOIN gold.product_demand d ON d.source = f.source AND d.product_id = f.product_id
        WHERE f.is_revenue AND f.ordered_at IS NOT NULL GROUP BY ALL ORDER BY ALL""")
    mine = [r for r in rows if r["source"] == source and r["category"] == category and r["at"] < until]
    return mine[1:][-40:]  # its first week may have begun before the first order


def ahead(tables: Tables, slicers: Slicers) -> Content:
    """The forecast of the strongest of the chosen categories."""
    chosen = series(tables, slicers)
    if chosen is None:
        return Figure("No series is long enough to be forecast", None)
    weeks = expected(tables, chosen["source"], chosen["category"])
    before = known(tables, chosen["source"], chosen["category"], weeks[0]["at"])
    total = sum(w["expected"] for w in weeks)
    name = f"{say.shown(chosen['category'] or 'not categorised')} of {chosen['source']}"
    says = f"{name}: {say.amount(total)} expected over the next {len(weeks)} weeks"
    unit = f"revenue by week; dark 80 %, light 95 % interval; method {chosen['method']}: {chosen['reason']}"
    return Figure(says, curves.band(before, weeks, "at"), unit)
