"""Marketing: who is worth what, who leaves, what goes together, whom to write to."""

from __future__ import annotations

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Number, Numbers, Page
from c360.dashboard.pages import outlook
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables

_BY = ("source", "tier", "segment")
_CHURN = ("active", "slowing", "at risk", "lost")


def rfm_cells(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per recency and frequency score, all 25: people, revenue, the segment most of them are in."""
    return tables.ask(f"""WITH cells AS (
            SELECT recency_score AS r, frequency_score AS f, count(*) AS people, sum(monetary) AS revenue,
                mode(segment) AS segment
            FROM gold.rfm WHERE {slicers.people()} GROUP BY ALL)
        SELECT r, f, coalesce(people, 0) AS people, coalesce(revenue, 0) AS revenue,
            coalesce(segment, 'nobody') AS segment
        FROM (SELECT unnest([1, 2, 3, 4, 5]) AS r) CROSS JOIN (SELECT unnest([1, 2, 3, 4, 5]) AS f)
        LEFT JOIN cells USING (r, f) ORDER BY f DESC, r""")


def segments(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per RFM segment, the most people first: people, revenue, its share in percent."""
    return tables.ask(f"""SELECT segment, count(*) AS people, sum(monetary) AS revenue,
            100 * sum(monetary) / nullif(sum(sum(monetary)) OVER (), 0) AS share
        FROM gold.rfm WHERE {slicers.people()} GROUP BY segment ORDER BY people DESC, segment""")


def cohorts(tables: Tables, months: int = 12) -> list[Row]:
    """One row per month of first orders (the last ones) and month since: customers who came back, in percent."""
    return tables.ask(f"""SELECT first_order_month AS cohort, months_since, customers, retention_percent AS retention
        FROM gold.cohort_retention WHERE months_since BETWEEN 1 AND {months} AND first_order_month IN (
            SELECT DISTINCT first_order_month FROM gold.cohort_retention ORDER BY 1 DESC LIMIT {months + 1})
        ORDER BY cohort, months_since""")


def clv(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per customer segment with a purchase, the highest value first: people, average and sum of the value."""
    return tables.ask(f"""SELECT s.segment, count(*) AS people, avg(v.clv) AS average, sum(v.clv) AS total
        FROM gold.clv v JOIN gold.customer_segments s ON s.c360_id = v.c360_id
        WHERE v.clv IS NOT NULL AND {slicers.people("v.c360_id")}
        GROUP BY s.segment ORDER BY average DESC, s.segment""")


def churn(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per churn status: people, and what they have brought."""
    return tables.ask(f"""SELECT c.status, count(*) AS people, sum(r.monetary) AS revenue
        FROM gold.churn c LEFT JOIN gold.rfm r ON r.c360_id = c.c360_id
        WHERE {slicers.people("c.c360_id")} GROUP BY c.status ORDER BY c.status""")


def pairs(tables: Tables, slicers: Slicers, limit: int = 50) -> list[Row]:
    """One row per pair of products, the strongest first, from one side only."""
    return tables.ask(f"""SELECT source, product_name AS product, with_product_name AS other,
            orders_with_both AS orders, confidence, lift, count(*) OVER () AS total
        FROM gold.affinity WHERE product_id < with_product_id AND {slicers.where(source="source")}
        ORDER BY lift DESC, source, product_id, with_product_id LIMIT {limit}""")


def audiences(tables: Tables) -> list[Row]:
    """One row per audience: how many are in it, may be contacted, came and went."""
    return tables.ask("""SELECT audience, description, channel, purpose, people, contactable, held_back, people_entered,
        people_left FROM gold.audiences ORDER BY audience""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    found = {row["status"]: row["people"] for row in churn(tables, slicers)}
    buyers = sum(found.values())
    worth = tables.one(f"SELECT avg(clv) AS average, sum(clv) AS total FROM gold.clv WHERE {slicers.people()}")
    gone = found.get("at risk", 0)
    return Numbers(
        [
            Number("People who bought", say.number(buyers)),
            Number(
                "Lifetime value",
                say.amount(worth["average"], tables.currency),
                f"expected per person; {say.amount(worth['total'])} in all",
            ),
            Number("At risk", say.number(gone), f"{say.percent(100 * gone / buyers if buyers else None)} of them"),
            Number("Active", say.number(found.get("active", 0)), "still in their rhythm"),
        ]
    )


def _rfm(tables: Tables, slicers: Slicers) -> Content:
    rows = rfm_cells(tables, slicers)
    drawn = [r | {"recency": str(r["r"]), "frequency": str(r["f"]), "text": say.number(r["people"])} for r in rows]
    total, best = sum(r["people"] for r in rows), sum(r["people"] for r in rows if r["r"] >= 4 and r["f"] >= 4)
    says = "Nobody has bought yet"
    if total:
        says = f"{say.percent(100 * best / total)} of the buyers came lately and often, {say.number(best)} people"
    chart = charts.heat(
        drawn,
        "recency",
        "frequency",
        "people",
        text="text",
        x_title="recency, 5 = lately",
        y_title="frequency, 5 = often",
        tip="segment",
    )
    return Figure(says, chart if total else None, "people by RFM score")


def _segments(tables: Tables, slicers: Slicers) -> Content:
    rows = segments(tables, slicers)
    drawn = [r | {"text": f"{say.number(r['people'])} · {say.percent(r['share'])} of revenue"} for r in rows]
    says = "Nobody has bought yet"
    if rows:
        best = max(rows, key=lambda r: (r["share"] or 0, r["segment"]))
        share, people = say.percent(best["share"]), say.counted(best["people"], "person", "people")
        says = f"{best['segment']} bring most: {share} of the revenue from {people}"
    return Figure(
        says, charts.bars(drawn, "segment", "people", text="text"), "people by RFM segment, and their share of revenue"
    )


def _cohorts(tables: Tables, slicers: Slicers) -> Content:
    rows = cohorts(tables)
    drawn = [
        {
            "first order": say.month(r["cohort"]),
            "months since": str(r["months_since"]),
            "retention": r["retention"],
            "text": f"{r['retention']:.0f}",
            "customers": r["customers"],
        }
        for r in rows
    ]
    first = [r for r in rows if r["months_since"] == 1]
    says = "No month is over since a first order"
    if first:
        people = sum(r["customers"] for r in first)
        back = sum(r["customers"] * r["retention"] for r in first) / people
        says = f"{say.percent(back)} of the new customers order again in the month after"
    chart = charts.heat(
        drawn,
        "months since",
        "first order",
        "retention",
        text="text",
        x_title="months since the first order",
        tip="customers",
    )
    return Figure(says, chart, "percent of a month's new customers who ordered; the last month may not be over")


def _clv(tables: Tables, slicers: Slicers) -> Content:
    rows = clv(tables, slicers)
    drawn = [r | {"text": f"{say.amount(r['average'])} · {say.number(r['people'])} people"} for r in rows]
    says = "No lifetime value was fitted"
    if rows:
        worth = say.amount(rows[0]["average"], tables.currency)
        says = f"{rows[0]['segment']} customers are worth {worth} each over the horizon"
    return Figure(
        says, charts.bars(drawn, "segment", "average", text="text"), "expected lifetime value per person, by segment"
    )


def _churn(tables: Tables, slicers: Slicers) -> Content:
    found = {r["status"]: r for r in churn(tables, slicers)}
    rows = [found[s] for s in (*_CHURN, *sorted(set(found) - set(_CHURN))) if s in found]
    total = sum(r["people"] for r in rows)
    drawn = [r | {"text": f"{say.number(r['people'])} · {say.percent(100 * r['people'] / total)}"} for r in rows]
    says = "Nobody has bought yet"
    if rows:
        risk = found.get("at risk", {"people": 0, "revenue": 0.0})
        brought = say.amount(risk["revenue"] or 0.0, tables.currency)
        says = f"{say.counted(risk['people'], 'customer')} at risk brought {brought} so far"
    return Figure(
        says, charts.bars(drawn, "status", "people", text="text"), "people by how far they are out of their own rhythm"
    )


def _pairs(tables: Tables, slicers: Slicers) -> Content:
    rows = pairs(tables, slicers)
    shown = [
        {
            "pair": f"{say.shown(r['product'])} + {say.shown(r['other'])}",
            "source": r["source"],
            "orders": r["orders"],
            "confidence": say.percent(100 * r["confidence"]),
            "lift": round(r["lift"], 1),
        }
        for r in rows
    ]
    says = "No two products are bought together"
    if rows:
        both = f"{say.shown(rows[0]['product'])} and {say.shown(rows[0]['other'])}"
        says = f"{both} go together {rows[0]['lift']:,.1f} times as often as by chance"
    columns = {
        "pair": "Products",
        "source": "Source",
        "orders": "Orders with both",
        "confidence": "Confidence",
        "lift": "Lift",
    }
    return Grid(says, columns, shown, "by lift", rows[0]["total"] if rows else 0)


def _audiences(tables: Tables, slicers: Slicers) -> Content:
    rows = audiences(tables)
    shown = [
        {
            "audience": r["audience"],
            "description": say.shown(r["description"]),
            "asked": f"{r['channel']}, {r['purpose']}",
            "people": r["people"],
            "contactable": r["contactable"],
            "moved": f"+{r['people_entered']:,} −{r['people_left']:,}",
        }
        for r in rows
    ]
    people, may = sum(r["people"] for r in rows), sum(r["contactable"] for r in rows)
    says = (
        f"{say.percent(100 * may / people)} of the audiences' members have agreed to be contacted"
        if people
        else "No audience has members"
    )
    columns = {
        "audience": "Audience",
        "description": "Who",
        "asked": "Consent needed",
        "people": "People",
        "contactable": "May be contacted",
        "moved": "Came, went",
    }
    return Grid(says, columns, shown, "a person can be in several")


PAGE = Page(
    "marketing",
    "Marketing",
    "Who is worth what, who leaves, what goes together, and whom to write to",
    (
        Block("numbers", _numbers, _BY, wide=True),
        Block("rfm", _rfm, _BY),
        Block("segments", _segments, _BY),
        Block("cohorts", _cohorts, (), wide=True),
        Block("clv", _clv, _BY),
        Block("churn", _churn, _BY),
        Block("forecast", outlook.ahead, ("source", "category"), wide=True),
        Block("pairs", _pairs, ("source",), wide=True),
        Block("audiences", _audiences, (), wide=True),
    ),
)
