"""Products & customers: what each tier buys, what rises and falls, where the customers are."""

from __future__ import annotations

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Page
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables

_BY_PRODUCT = ("source", "category", "tier")
_BY_PERSON = ("source", "tier", "segment")


def top_products(tables: Tables, slicers: Slicers, limit: int = 15) -> list[Row]:
    """One row per product that these tiers bought, the highest revenue first: revenue, units, share of all (%)."""
    where = slicers.where(source="source", category="category", tier="tier")
    return tables.ask(f"""SELECT source, product_id, coalesce(any_value(product_name), product_id) AS product,
            any_value(category) AS category, sum(revenue) AS revenue, sum(units) AS units,
            100 * sum(revenue) / nullif(sum(sum(revenue)) OVER (), 0) AS share
        FROM gold.product_by_tier WHERE tier IS NOT NULL AND {where}
        GROUP BY source, product_id ORDER BY revenue DESC, source, product_id LIMIT {limit}""")


def categories_by_tier(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per category and tier: the tier's share of the category's revenue in percent."""
    where = slicers.where(source="source", category="category", tier="tier")
    return tables.ask(f"""WITH parts AS (
            SELECT coalesce(category, 'not known') AS category, tier, sum(revenue) AS revenue
            FROM gold.product_by_tier WHERE tier IS NOT NULL AND {where} GROUP BY 1, 2)
        SELECT category, tier, revenue,
            coalesce(100 * revenue / nullif(sum(revenue) OVER (PARTITION BY category), 0), 0) AS share,
            sum(revenue) OVER (PARTITION BY category) AS total
        FROM parts QUALIFY total > 0 ORDER BY total DESC, category, tier""")


def movers(tables: Tables, slicers: Slicers, limit: int = 8) -> list[Row]:
    """The products whose units of the last 90 days rose and fell most against the 90 days before, by units."""
    where = slicers.where(source="source", category="category")
    change = "units_last_90_days - units_previous_90_days"
    return tables.ask(f"""WITH moved AS (
            SELECT source, product_id, coalesce(product_name, product_id) AS product, {change} AS change,
                row_number() OVER (ORDER BY {change} DESC, source, product_id) AS up,
                row_number() OVER (ORDER BY {change}, source, product_id) AS down
            FROM gold.product_demand WHERE {where} AND units_last_90_days + units_previous_90_days > 0)
        SELECT * FROM moved WHERE (up <= {limit} AND change > 0) OR (down <= {limit} AND change < 0)
        ORDER BY change DESC, source, product_id""")


def regions(tables: Tables, slicers: Slicers, limit: int = 12) -> list[Row]:
    """One row per country and state, the most customers first: customers, buyers, revenue."""
    return tables.ask(f"""SELECT concat_ws(', ', region, country) AS region, sum(customers) AS customers,
            sum(buyers) AS buyers, sum(revenue) AS revenue
        FROM gold.customers_by_region
        WHERE {slicers.where(source="source")} AND (region IS NOT NULL OR country IS NOT NULL)
        GROUP BY 1 ORDER BY customers DESC, region LIMIT {limit}""")


def deciles(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per tenth of the buyers, the highest spenders first: their revenue and its share in percent."""
    return tables.ask(f"""WITH tenths AS (
            SELECT revenue, ntile(10) OVER (ORDER BY revenue DESC, c360_id) AS tenth
            FROM gold.customer_analysis WHERE revenue > 0 AND {slicers.people()})
        SELECT tenth, count(*) AS customers, sum(revenue) AS revenue,
            100 * sum(revenue) / nullif(sum(sum(revenue)) OVER (), 0) AS share
        FROM tenths GROUP BY tenth ORDER BY tenth""")


def _top(tables: Tables, slicers: Slicers) -> Content:
    rows = top_products(tables, slicers)
    drawn = [r | {"name": f"{say.shown(r['product'])} · {r['source']}", "text": say.amount(r["revenue"])} for r in rows]
    who = f"{' and '.join(slicers.tier)} customers" if slicers.tier else "all customers"
    says = f"No product was bought by {who}"
    if rows:
        says = f"{say.shown(rows[0]['product'])} is what {who} spend most on: {say.amount(rows[0]['revenue'])}"
    return Figure(says, charts.bars(drawn, "name", "revenue", text="text"), "revenue of the first 15 products")


def _mix(tables: Tables, slicers: Slicers) -> Content:
    rows = categories_by_tier(tables, slicers)
    gold = [r for r in rows if r["tier"] == "Gold"]
    says = "No sales by category"
    if gold:
        most, least = max(gold, key=lambda r: r["share"]), min(gold, key=lambda r: r["share"])
        says = f"Gold customers bring {say.percent(most['share'])} of the revenue of {say.shown(most['category'])}"
        if most is not least:
            says += f", and {say.percent(least['share'])} of {say.shown(least['category'])}"
    drawn = [r | {"category": say.shown(r["category"])} for r in rows]
    return Figure(
        says, charts.shares(drawn, "category", "tier", "share"), "percent of each category's revenue, by tier"
    )


def _movers(tables: Tables, slicers: Slicers) -> Content:
    rows = movers(tables, slicers)
    drawn = [
        r
        | {"name": f"{say.shown(r['product'])} · {r['source']}", "up": r["change"] > 0}
        | {"text": f"{r['change']:+,}".replace("-", "−")}
        for r in rows
    ]
    says = "Demand is as it was"
    if rows and rows[0]["change"] > 0:
        more = say.counted(rows[0]["change"], "unit")
        says = f"{say.shown(rows[0]['product'])} rises most: {more} more than in the 90 days before"
    return Figure(
        says, charts.bars(drawn, "name", "change", text="text", strong="up"), "change of units, 90 days on 90 days"
    )


def _regions(tables: Tables, slicers: Slicers) -> Content:
    rows = regions(tables, slicers)
    drawn = [r | {"region": say.shown(r["region"]), "text": say.number(r["customers"])} for r in rows]
    says = "No customer's region is known"
    if rows:
        says = f"Most customers live in {say.shown(rows[0]['region'])}: {say.number(rows[0]['customers'])}"
    return Figure(
        says, charts.bars(drawn, "region", "customers", text="text"), "customers, once in every source that knows them"
    )


def _deciles(tables: Tables, slicers: Slicers) -> Content:
    rows = deciles(tables, slicers)
    drawn = [
        r | {"name": "highest tenth" if r["tenth"] == 1 else f"tenth {r['tenth']}", "text": say.percent(r["share"])}
        for r in rows
    ]
    says = (
        f"The tenth who spend most bring {say.percent(rows[0]['share'])} of the revenue"
        if rows
        else "Nobody has bought yet"
    )
    return Figure(
        says,
        charts.bars(drawn, "name", "share", text="text"),
        "percent of all persons' revenue, by tenths of the buyers",
    )


def _list(tables: Tables, slicers: Slicers) -> Content:
    rows = top_products(tables, slicers, 50)
    shown = [
        {
            "product": say.shown(r["product"]),
            "category": say.shown(r["category"]),
            "source": r["source"],
            "units": r["units"],
            "revenue": say.amount(r["revenue"]),
            "share": say.percent(r["share"], 1),
        }
        for r in rows
    ]
    columns = {
        "product": "Product",
        "category": "Category",
        "source": "Source",
        "units": "Units",
        "revenue": "Revenue",
        "share": "Share",
    }
    return Grid("The products one by one", columns, shown, "the first 50 by revenue")


PAGE = Page(
    "products",
    "Products & customers",
    "What each tier buys, what rises and falls, and where the customers are",
    (
        Block("top", _top, _BY_PRODUCT),
        Block("mix", _mix, _BY_PRODUCT),
        Block("movers", _movers, ("source", "category")),
        Block("deciles", _deciles, _BY_PERSON),
        Block("regions", _regions, ("source",)),
        Block("list", _list, _BY_PRODUCT, wide=True),
    ),
)
