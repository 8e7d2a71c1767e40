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
# # From raw files to gold
#
# Five systems deliver what they know: files with other names, other ids, other formats, and some dirt. This notebook
# brings them through **bronze** (as received), **silver** (typed and checked), **quarantine** (what was rejected, and
# why) and **unified** (one model for all) to **gold** (marts and models), and looks at each on the way.
#
# It runs in Jupyter on Sail or Spark, and on Databricks: import the `.ipynb` there (Workspace → Import), install c360
# on the cluster, and let `LAKE` and `LANDING` name folders of a volume, such as `/Volumes/main/c360/files/lake`.

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
ENGINE = os.environ.get("C360_ENGINE", "auto")  # auto: Spark where it runs us, as on Databricks, else Sail
PEOPLE = int(os.environ.get("C360_PEOPLE", "500"))

# %% [markdown]
# ## What is delivered
#
# A made-up world, the same every time: people as five systems would each have recorded them. Beside it lies the truth
# about it, so that whatever comes out can be compared.

# %%
if not Path(LANDING).exists():
    write_world(Path(LANDING), customers=PEOPLE, days=1)
files = [file for file in sorted(Path(LANDING).rglob("*")) if file.is_file() and "truth" not in file.parts]
print(f"{len(files)} files, such as")
for file in files[::8]:
    print(f"  {file.relative_to(LANDING)}  {file.stat().st_size:,} bytes")

# %%
first = next(file for file in files if file.name.startswith("Customers"))
lines = first.read_bytes().splitlines()  # bytes, as some of them are not the UTF-8 they should be
print("\n".join(line.decode("utf-8", errors="replace") for line in lines[:5]))

# %% [markdown]
# ## One run
#
# `run` makes a table and all it is made from, one line each; without a name it makes everything. Run it again: nothing
# is new, so nothing is done.

# %%
lake = notebook.open(CONF, LAKE, LANDING, ENGINE)
lake.run("gold.customer_360", "gold.fact_sales")
lake.session.engine

# %%
lake.tables().query("name.str.startswith('gold.')")

# %% [markdown]
# ## Bronze: as received
#
# Every declared column as text, and where the row comes from.

# %%
lake.sql("SELECT * FROM bronze_retail.online_transactions ORDER BY _source_row LIMIT 5")

# %% [markdown]
# ## Silver: typed, one row per key
#
# Types, derived columns, and a flag where a reference leads nowhere.

# %%
lake.sql("""
    SELECT order_id, customer_id, product_id, ordered_at, amount, status, _orphan
    FROM silver_retail.online_transactions ORDER BY order_id LIMIT 5
""")

# %% [markdown]
# ## Quarantine: nothing disappears
#
# A row that breaks a rule keeps its text, its file and every reason.

# %%
lake.rejected().sort_values("rows", ascending=False).head(10)

# %%
lake.rejected("retail.online_transactions", rows=5)

# %% [markdown]
# What was read is what is valid and what was rejected, in every table; the ledger proves it.

# %%
accounted = lake.sql("""
    SELECT source, sum(read) AS read, sum(valid) AS valid, sum(quarantined) AS quarantined
    FROM ops.batches GROUP BY source ORDER BY source
""")
assert (accounted["read"] == accounted["valid"] + accounted["quarantined"]).all()
accounted

# %% [markdown]
# ## Unified: one model, whatever the source
#
# What each source fills, and with what SQL, stands in `conf/sources/*.yml`; `c360 docs` writes it up column by column.

# %%
lake.sql("""
    SELECT source, count(*) AS orders, count(DISTINCT c360_id) AS persons,
      min(ordered_at) AS first, max(ordered_at) AS last
    FROM unified.orders GROUP BY source ORDER BY source
""")

# %% [markdown]
# ## Gold: the whole picture of a person

# %%
best = lake.sql("""
    SELECT * FROM gold.customer_360 WHERE customer_type = 'person'
    ORDER BY revenue DESC NULLS LAST, c360_id LIMIT 1
""")
best.T.dropna()

# %% [markdown]
# And of all of them: who buys often and lately. A segment comes of three scores from 1 to 5, of recency, frequency and
# revenue.

# %%
segments = lake.sql("""
    SELECT segment, count(*) AS people, sum(monetary) AS revenue FROM gold.rfm GROUP BY segment ORDER BY people DESC
""")
alt.Chart(segments, title="Buyers by RFM segment").mark_bar().encode(
    x=alt.X("people:Q", title="people"),
    y=alt.Y("segment:N", title=None, sort="-x"),
    tooltip=["segment", "people", alt.Tooltip("revenue:Q", format=",.2f")],
)

# %%
lake.close()
