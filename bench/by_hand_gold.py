"""The gold tables of the job by hand: SQL for DuckDB over the silver tables, with c360's definitions and columns."""

from __future__ import annotations

MACROS = (
    # Whole numbers only, so that a quotient of cents is rounded half up exactly.
    """CREATE MACRO half_up(cents, parts) AS
        (((2 * cents + parts) // (2 * parts)) * 0.01::DECIMAL(3,2))::DECIMAL(19,2)""",
    "CREATE MACRO cents(amount) AS (amount * 100)::HUGEINT",
    "CREATE MACRO person(id) AS left(sha256('retail:' || id), 16)",
    "CREATE MACRO score(rank) AS 1 + (rank >= 0.2)::INT + (rank >= 0.4)::INT + (rank >= 0.6)::INT + (rank >= 0.8)::INT",
)

VIEWS = {
    "orders": """
        SELECT 'online' AS channel, customer_id, product_id, NULL::INTEGER AS store_id, ordered_at, amount,
            lower(status) NOT IN ('cancelled', 'failed', 'refunded') AS is_revenue
        FROM online_transactions
        UNION ALL
        SELECT 'store', customer_id, NULL, store_id, ordered_at, amount, true FROM in_store_transactions""",
}

# Made once: more than one table reads them.
SHARED = {
    "today": """
        SELECT max(day)::DATE AS as_of FROM (
            SELECT max(ordered_at) AS day FROM orders
            UNION ALL SELECT max(opened_at) FROM customer_service_interactions)""",
    "buyers": """
        SELECT customer_id, count(*) AS frequency, sum(amount)::DECIMAL(19,2) AS monetary,
            max(ordered_at)::DATE AS purchased_on
        FROM orders WHERE is_revenue AND customer_id IS NOT NULL GROUP BY customer_id""",
}

TABLES = {
    "rfm": """
        WITH measured AS (
            SELECT *, (as_of - purchased_on)::INTEGER AS recency_days FROM buyers CROSS JOIN today
        ), scored AS (
            SELECT person(customer_id) AS c360_id, recency_days, frequency, monetary,
                6 - score(percent_rank() OVER (ORDER BY recency_days)) AS recency_score,
                score(percent_rank() OVER (ORDER BY frequency)) AS frequency_score,
                score(percent_rank() OVER (ORDER BY monetary)) AS monetary_score,
                percent_rank() OVER (ORDER BY monetary DESC) AS tier_rank
            FROM measured
        )
        SELECT * EXCLUDE (tier_rank), concat(recency_score, frequency_score, monetary_score) AS rfm_score,
            CASE WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'Champions'
                WHEN recency_score >= 3 AND frequency_score >= 4 THEN 'Loyal Customers'
                WHEN recency_score >= 4 AND frequency_score >= 2 THEN 'Potential Loyalists'
                WHEN recency_score = 5 THEN 'New Customers'
                WHEN recency_score = 4 THEN 'Promising'
                WHEN recency_score = 3 AND frequency_score >= 2 AND monetary_score >= 3 THEN 'Need Attention'
                WHEN recency_score = 3 THEN 'About to Sleep'
                WHEN frequency_score >= 4 AND monetary_score >= 4 THEN 'Cannot Lose Them'
                WHEN frequency_score >= 4 OR frequency_score >= 2 AND monetary_score >= 3 THEN 'At Risk'
                WHEN recency_score = 2 OR monetary_score >= 3 THEN 'Hibernating'
                ELSE 'Lost' END AS segment,
            CASE WHEN tier_rank <= 0.2 THEN 'Gold' WHEN tier_rank <= 0.5 THEN 'Silver' ELSE 'Bronze' END AS tier
        FROM scored""",
    # By the hour since 1970 first: the calendar is asked once per hour, not once per order.
    "peak_times": """
        WITH hourly AS (
            SELECT channel, make_timestamp((epoch_us(ordered_at) // 3_600_000_000) * 3_600_000_000) AS began,
                count(*) AS orders, sum(amount) FILTER (WHERE is_revenue) AS revenue
            FROM orders GROUP BY ALL
        ), hours AS (
            SELECT 'retail' AS source, channel, isodow(began)::INTEGER AS weekday, dayname(began) AS weekday_name,
                hour(began)::INTEGER AS hour, sum(orders)::BIGINT AS orders,
                coalesce(sum(revenue), 0)::DECIMAL(19,2) AS revenue
            FROM hourly GROUP BY ALL
        )
        SELECT *, (row_number() OVER (
            PARTITION BY channel ORDER BY orders DESC, revenue DESC, weekday, hour))::INTEGER AS rank_in_channel
        FROM hours""",
    # No order of this source knows product, category and location, so the dimension of all three has no row.
    "average_order_value": """
        WITH small AS (
            SELECT channel, product_id, store_id, count(*) AS orders, sum(amount) AS revenue
            FROM orders WHERE is_revenue GROUP BY ALL
        ), named AS (
            SELECT small.*, products.name AS product, category, location
            FROM small LEFT JOIN products USING (product_id) LEFT JOIN stores USING (store_id)
        ), groups AS (
            SELECT 'all' AS dimension, 'all' AS key, 'all' AS name, orders, revenue FROM named
            UNION ALL SELECT 'channel', channel, channel, orders, revenue FROM named
            UNION ALL SELECT 'product', product_id::VARCHAR, product, orders, revenue FROM named
            UNION ALL SELECT 'category', category, category, orders, revenue FROM named
            UNION ALL SELECT 'location', location, location, orders, revenue FROM named
        )
        SELECT 'retail' AS source, dimension, key, max(name) AS name, sum(orders)::BIGINT AS orders,
            sum(revenue)::DECIMAL(19,2) AS revenue,
            half_up(cents(sum(revenue)), sum(orders)) AS average_order_value
        FROM groups WHERE key IS NOT NULL GROUP BY dimension, key""",
    "customer_segments": """
        WITH tiers AS (
            SELECT customer_id,
                arg_min(tier_level, list_position(['Platinum', 'Gold', 'Silver', 'Bronze'], tier_level)) AS tier
            FROM loyalty_accounts GROUP BY customer_id
        ), people AS (
            SELECT person(customer_id) AS c360_id, coalesce(monetary, 0)::DECIMAL(19,2) AS spend,
                coalesce(frequency, 0) AS frequency, tier AS best_loyalty_tier
            FROM customers LEFT JOIN buyers USING (customer_id) LEFT JOIN tiers USING (customer_id)
        ), ranked AS (
            SELECT *, rank() OVER alike AS place, percent_rank() OVER alike AS spend_rank,
                count(*) OVER (PARTITION BY frequency > 0) - 1 AS others
            FROM people WINDOW alike AS (PARTITION BY frequency > 0 ORDER BY spend DESC)
        )
        SELECT c360_id, spend, frequency, best_loyalty_tier,
            CASE WHEN frequency = 0 THEN NULL WHEN others = 0 THEN 100
                ELSE half_up(10000 * (others + 1 - place), others) END::DECIMAL(19,2) AS spend_percentile,
            CASE WHEN frequency > 0 AND spend_rank <= 0.1 THEN 'High-Value'
                WHEN frequency = 1 THEN 'One-Time Buyer'
                WHEN best_loyalty_tier IN ('Gold', 'Platinum') THEN 'Loyalty Champion'
                WHEN frequency >= 1 THEN 'Regular'
                ELSE 'No Purchase' END AS segment
        FROM ranked""",
}
