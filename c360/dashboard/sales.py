"""The sales as the pages slice them: one row per order and whatever else is sliced by.

fact_sales has every order line, guests' too, but knows neither the person nor the product's category; to join them in
for every number would take seconds. So they are joined once per version of the tables.
"""

from __future__ import annotations

SALES = "sales_by_order"

GUEST = "Guest"
"""Tier and segment of who is not known to have bought, as in store_performance."""


def sales_sql(amount: str) -> str:
    """SQL that makes the table `sales_by_order`: one row per order, category, and the rest of what is sliced by.

    `order_key` stands for source and order id, `person_key` for the c360_id (null: a guest); they are hashes of 64 bit,
    of which a million have two alike once in some thirty million lakes. `month` is the source's own, as in
    sales_by_territory; `utc_on` the day in UTC, from which executive_summary counts back.

    Args:
        amount: SQL of a line's part of the order's total, in the currency that amounts are added up in.
    """
    return f"""
        CREATE OR REPLACE TABLE {SALES} AS
        WITH people AS (
            SELECT r.source, r.customer_id, hash(r.c360_id) AS person_key, f.tier, s.segment
            FROM unified.customer_records r
            LEFT JOIN gold.rfm f ON f.c360_id = r.c360_id
            LEFT JOIN gold.customer_segments s ON s.c360_id = r.c360_id
        )
        SELECT f.source, hash(f.source, f.order_id) AS order_key, p.person_key,
            coalesce(f.ordered_at::DATE, f.ordered_on) AS utc_on,
            (year(f.ordered_on) * 100 + month(f.ordered_on))::INT AS month, f.store_id, f.channel, f.territory,
            d.category, coalesce(p.tier, '{GUEST}') AS tier, coalesce(p.segment, '{GUEST}') AS segment, f.is_revenue,
            sum(f.quantity)::BIGINT AS units, sum(f.gross_amount)::DECIMAL(19,4) AS gross,
            sum(f.discount_amount)::DECIMAL(19,4) AS discount, sum({amount})::DECIMAL(19,4) AS revenue
        FROM (SELECT * FROM gold.fact_sales) f
        LEFT JOIN people p ON p.source = f.source AND p.customer_id = f.customer_id
        LEFT JOIN gold.product_demand d ON d.source = f.source AND d.product_id = f.product_id
        GROUP BY ALL"""
