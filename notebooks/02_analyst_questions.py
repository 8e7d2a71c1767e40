# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What an analyst asks of sales
#
# Who are the best customers, where do customers live, what sells, how does revenue develop, what comes back, and do
# discounts pay? Each answer is a mart, a query and a picture.
#
# It goes on with the lake of `01_raw_to_gold`, or makes it; `C360_LAKE` names another one, such as `data/lake` that
# `make run` has made. It runs in Jupyter on Sail or Spark, and on Databricks by importing the `.ipynb`.

# %%
import os
from pathlib import Path

import altair as alt

from c360 import notebook
from c360.sample.world import write_world

HERE = Path.cwd()
ROOT = next((folder for folder in (HERE, *HERE.parents) if (folder / "conf" / "c360.yml").exists()), HERE)
CONF = os.environ.get("C360_CONF", ROOT / "conf")
LAKE = os.environ.get("C360_LAKE", ROOT / "data" / "notebooks" / "lake")
LANDING = os.environ.get("C360_LANDING", ROOT / "data" / "notebooks" / "landing")
ENGINE = os.environ.get("C360_ENGINE", "auto")
PEOPLE = int(os.environ.get("C360_PEOPLE", "500"))
SOURCE = "adventureworks"  # the maker of bicycles; the marts hold the other sources too

if not Path(LANDING).exists():
    write_world(Path(LANDING), customers=PEOPLE, days=1)
lake = notebook.open(CONF, LAKE, LANDING, ENGINE)
lake.run(
    "gold.customer_analysis",
    "gold.customers_by_region",
    "gold.product_demand",
    "gold.sales_performance",
    "gold.discount_impact",
)

# %% [markdown]
# ## Who are the top customers?
#
# Over all sources, since one person may buy in several. Organisations are resellers: they are shown beside persons, and
# not among them.

# %%
top_customers = lake.sql("""
    SELECT a.revenue_rank, c.full_name, a.customer_type, a.orders, a.revenue, a.average_order_value, a.territory
    FROM gold.customer_analysis a JOIN unified.customers c ON c.c360_id = a.c360_id
    WHERE a.revenue_rank IS NOT NULL ORDER BY a.revenue_rank, c.full_name LIMIT 10
""")
top_customers

# %%
alt.Chart(top_customers, title="The ten customers with the most revenue").mark_bar().encode(
    x=alt.X("revenue:Q", title="revenue"),
    y=alt.Y("full_name:N", title=None, sort="-x"),
    color=alt.Color("customer_type:N", title=None),
    tooltip=["full_name", "orders", alt.Tooltip("revenue:Q", format=",.2f")],
)

# %% [markdown]
# ## Which regions have the most customers?

# %%
regions = lake.sql(f"""
    SELECT concat_ws(', ', region, country) AS region, customers, buyers, orders, revenue, revenue_per_buyer
    FROM gold.customers_by_region
    WHERE source = '{SOURCE}' AND country IS NOT NULL ORDER BY customers DESC, region LIMIT 15
""")
regions

# %%
alt.Chart(regions, title="Customers by region").mark_bar().encode(
    x=alt.X("customers:Q", title="customers"),
    y=alt.Y("region:N", title=None, sort="-x"),
    tooltip=["region", "customers", "buyers", alt.Tooltip("revenue:Q", format=",.2f")],
)

# %% [markdown]
# ## Which products sell most?

# %%
products = lake.sql(f"""
    SELECT product_name, category, units, revenue, category_rank, trend, trend_percent
    FROM gold.product_demand WHERE source = '{SOURCE}' ORDER BY units DESC NULLS LAST, product_id LIMIT 15
""")
products

# %%
alt.Chart(products, title="Units sold").mark_bar().encode(
    x=alt.X("units:Q", title="units"),
    y=alt.Y("product_name:N", title=None, sort="-x"),
    color=alt.Color("category:N", title=None),
    tooltip=["product_name", "units", alt.Tooltip("revenue:Q", format=",.2f"), "trend"],
)

# %% [markdown]
# ## How does revenue develop?
#
# Net of discounts, without tax and freight. The newest month is left out, as it is not over.

# %%
months = lake.sql(f"""
    SELECT period_start AS month, category, sum(revenue) AS revenue, sum(units) AS units
    FROM gold.sales_performance
    WHERE source = '{SOURCE}' AND period = 'month'
      AND period_start < (SELECT max(period_start) FROM gold.sales_performance WHERE period = 'month')
    GROUP BY period_start, category ORDER BY month, category
""")
months.tail(8)

# %%
alt.Chart(months, title="Revenue by month and category").mark_area().encode(
    x=alt.X("yearmonth(month):T", title=None),
    y=alt.Y("revenue:Q", title="revenue"),
    color=alt.Color("category:N", title=None),
    tooltip=[alt.Tooltip("yearmonth(month):T", title="month"), "category", alt.Tooltip("revenue:Q", format=",.2f")],
)

# %% [markdown]
# ## What comes back?
#
# Not every source records returns (AdventureWorks does not): a rate that is not known is null, and left out here.

# %%
returned = lake.sql("""
    SELECT source, category, sum(units) AS sold, sum(returned_units) AS returned,
      round(100 * sum(returned_units) / sum(units), 2) AS return_rate_percent
    FROM gold.product_demand
    WHERE returns IS NOT NULL AND units > 0 GROUP BY source, category
    ORDER BY return_rate_percent DESC, source, category
""")
returned

# %%
alt.Chart(returned, title="Returned units in percent of units sold").mark_bar().encode(
    x=alt.X("return_rate_percent:Q", title="%"),
    y=alt.Y("category:N", title=None, sort="-x"),
    yOffset="source:N",
    color=alt.Color("source:N", title=None),
    tooltip=["source", "category", "sold", "returned", "return_rate_percent"],
)

# %% [markdown]
# ## Do discounts pay?
#
# Lines with a discount against lines of the same products without one: how many more units they hold (`uplift`), and
# how many more they would need to, to earn the same (`break_even`). Below it a discount costs more than it brings. A
# discount that is given for buying many, such as a volume discount, has a large uplift by its nature.

# %%
discounts = lake.sql("""
    SELECT source, coalesce(promotion_name, discount_band) AS discount, discount_band, order_lines, discount_percent,
      units_per_line, units_per_line_undiscounted, uplift_percent, break_even_uplift_percent, is_break_even_reached
    FROM gold.discount_impact WHERE discount_band <> 'none' ORDER BY source, discount_percent, discount
""")
discounts

# %%
compared = discounts.melt(
    ["source", "discount"], ["uplift_percent", "break_even_uplift_percent"], var_name="measure", value_name="percent"
).dropna()
alt.Chart(compared, title="Units more per line: reached, and needed to earn the same").mark_bar().encode(
    x=alt.X("percent:Q", title="%"),
    y=alt.Y("discount:N", title=None),
    yOffset="measure:N",
    color=alt.Color("measure:N", title=None),
    row=alt.Row("source:N", title=None),
    tooltip=["source", "discount", "measure", "percent"],
).resolve_scale(y="independent")

# %%
lake.close()
