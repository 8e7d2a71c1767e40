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
# # A source c360 has never seen
#
# A bakery delivers two files: customers as CSV in a foreign format, orders as JSON lines. Drafted, corrected, checked,
# run and asked in SQL: nothing of it needs a line of code in c360.
#
# It works in a folder of its own, runs in Jupyter on Sail or Spark, and on Databricks by importing the `.ipynb`.

# %%
import os
import tempfile
from pathlib import Path

from c360 import notebook
from c360.config.load import load, mistakes
from c360.ingest.preview import findings
from c360.init_source import draft

ENGINE = os.environ.get("C360_ENGINE", "auto")
FOLDER = Path(tempfile.mkdtemp(prefix="bakery-"))  # on Databricks a folder of a volume: every worker reads it
CONF, LAKE, LANDING = FOLDER / "conf", FOLDER / "lake", FOLDER / "landing"

# %% [markdown]
# ## What the bakery sends
#
# Semicolons, decimal commas, days before months, ids with leading zeros; and one e-mail address that is none.

# %%
bakery = LANDING / "bakery"
bakery.mkdir(parents=True)
(bakery / "customers_2025-03-01.csv").write_text(
    """\
Customer No;Name;E-mail;Phone;Born;Balance
0007;Inês Duarte;ines@mail.test;+351 912 000 007;03/02/1990;1.250,50
0008;Rui Sá;rui@mail.test;+351 912 000 008;24/12/1985;-7,00
0009;Lia Melo;lia(at)mail.test;+351 912 000 009;11/06/1979;0,00
0010;João Reis;joao@mail.test;+351 912 000 010;30/11/2001;15,20
""",
    encoding="utf-8",
)
(bakery / "orders_2025-03-01.jsonl").write_text(
    """\
{"id": 1, "customer": {"number": "0007"}, "placed_at": "2025-02-27T09:30:00+00:00", "total": 12.5, "state": "paid"}
{"id": 2, "customer": {"number": "0007"}, "placed_at": "2025-02-28T18:05:00+00:00", "total": 7.2, "state": "paid"}
{"id": 3, "customer": {"number": "0010"}, "placed_at": "2025-02-28T19:00:00+00:00", "total": 3, "state": "paid"}
{"id": 4, "customer": {"number": "0008"}, "placed_at": "2025-03-01T08:10:00+00:00", "total": 4.4, "state": "cancelled"}
""",
    encoding="utf-8",
)
sorted(file.name for file in bakery.iterdir())

# %% [markdown]
# ## A draft
#
# `c360 init-source data/landing/bakery` on the command line. Behind each line stands why it says what it does.

# %%
drafted = draft([bakery], "bakery")
print(drafted)

# %% [markdown]
# ## What only we can know
#
# The bakery's time zone, a rule for e-mail addresses, and what fills the model that all sources share. In an editor one
# would just write it; here it is put in by hand.

# %%
told, _, _ = drafted.partition("\n# What could fill the unified tables")
told = told.replace("timezone: UTC", "timezone: Europe/Lisbon", 1)
told = told.replace(
    "\n  orders:\n", "\n    rules: {email_has_one_at: \"e_mail RLIKE '^[^@ ]+@[^@ ]+$'\"}\n\n  orders:\n", 1
)
told += """
unified:
  customers:
    from: customers
    columns:
      customer_id: customer_no
      customer_type: "'person'"
      full_name: name
      email: lower(e_mail)
      phone: phone
      date_of_birth: born
  orders:
    from: orders
    columns:
      order_id: CAST(id AS STRING)
      customer_id: customer_number
      channel: "'store'"
      ordered_at: placed_at
      status: state
      total_amount: total
"""
(CONF / "sources").mkdir(parents=True)
(CONF / "sources" / "bakery.yml").write_text(told, encoding="utf-8")
print(told[told.index("unified:") :])

# %% [markdown]
# ## Does it hold?
#
# `c360 check`: every mistake in the configuration with file, line and what is allowed; then the configuration against
# the files.

# %%
wrong = [str(mistake) for mistake in mistakes(CONF)]
wrong += [finding.text for finding in findings(load(CONF), LANDING)] if not wrong else []
wrong or "conf is right, and fits the files"

# %% [markdown]
# ## Run it

# %%
lake = notebook.open(CONF, LAKE, LANDING, ENGINE)
lake.run("gold.customer_activity", "gold.customer_behaviour")

# %% [markdown]
# One customer was rejected, and it says why:

# %%
lake.rejected("bakery.customers")

# %% [markdown]
# ## Ask it

# %%
lake.sql("""
    SELECT c.full_name, a.orders, a.revenue_orders, a.revenue, a.last_ordered_at
    FROM unified.customers c JOIN gold.customer_activity a ON a.c360_id = c.c360_id
    ORDER BY a.revenue DESC, c.full_name
""")

# %% [markdown]
# ## The next day
#
# The bakery corrects the address, and sends one more order. Only what is new is read; what was rejected stays in
# quarantine as it was, and its correction is in.

# %%
(bakery / "customers_2025-03-02.csv").write_text(
    """\
Customer No;Name;E-mail;Phone;Born;Balance
0009;Lia Melo;lia@mail.test;+351 912 000 009;11/06/1979;0,00
""",
    encoding="utf-8",
)
(bakery / "orders_2025-03-02.jsonl").write_text(
    """\
{"id": 5, "customer": {"number": "0009"}, "placed_at": "2025-03-02T07:45:00+00:00", "total": 2.1, "state": "paid"}
""",
    encoding="utf-8",
)
lake.run("gold.customer_activity", "gold.customer_behaviour")

# %%
by_day = lake.sql("""
    SELECT c.full_name, CAST(o.ordered_local_at AS DATE) AS day, o.total_amount, o.is_revenue
    FROM unified.orders o LEFT JOIN unified.customers c ON c.c360_id = o.c360_id ORDER BY o.ordered_at
""")
by_day

# %%
lake.close()
