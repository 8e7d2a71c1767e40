"""The four views of the retail source as its business published them, for reports that move over and must tie out.

Same names, columns and SQL as there, with what their joins do to the numbers; each says what differs from the mart that
answers the question. All statuses count, and hours and weekdays are those of the stored (UTC) times.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import money, percent, ratio, weekday, weekday_name
from c360.registry import table

HIGH_VALUE_SPEND = 1000
CHAMPION_TIERS = ("Gold", "Platinum")


@table(
    layer="gold",
    grain=["ProductID", "StoreID"],
    schema="""ProductID INT, ProductName STRING, Category STRING, StoreID INT, Location STRING,
        AverageOrderValue DECIMAL(19,2)""",
    inputs={
        "online": "silver_retail.online_transactions",
        "customers": "silver_retail.customers",
        "in_store": "silver_retail.in_store_transactions",
        "stores": "silver_retail.stores",
        "products": "silver_retail.products",
    },
    columns={
        "ProductID": "product bought online",
        "ProductName": "its name",
        "Category": "its category",
        "StoreID": "a store where a buyer of the product has shopped as well",
        "Location": "the store's location",
        "AverageOrderValue": "mean amount of the online orders, each once per visit of its buyer to the store",
    },
)
def retail_published_average_order_value(
    online: DataFrame, customers: DataFrame, in_store: DataFrame, stores: DataFrame, products: DataFrame
) -> DataFrame:
    """AverageOrderValue: one row per product and store between which a customer links them.

    Differs from gold.average_order_value: the amounts are those of online orders only, although a row names a store
    (the customer's, not the order's); an order counts once per visit of its customer to the store; orders of customers
    without a visit are missing; failed orders count.
    """
    orders = _live(online).select("order_id", "customer_id", "product_id", "amount")
    visits = _live(in_store).select("customer_id", "store_id")
    return (
        orders.join(_live(customers).select("customer_id"), "customer_id")
        .join(visits, "customer_id")
        .join(_live(stores).select("store_id", "location"), "store_id")
        .join(_live(products).select("product_id", "name", "category"), "product_id")
        .groupBy("product_id", "name", "category", "store_id", "location")
        .agg(ratio(F.sum("amount"), F.count("order_id")).alias("AverageOrderValue"))
        .select(
            F.col("product_id").alias("ProductID"),
            F.col("name").alias("ProductName"),
            F.col("category").alias("Category"),
            F.col("store_id").alias("StoreID"),
            F.col("location").alias("Location"),
            "AverageOrderValue",
        )
    )


@table(
    layer="gold",
    grain=["CustomerID", "TierLevel"],
    schema="""CustomerID INT, TotalSpend DECIMAL(19,2), PurchaseFrequency BIGINT, TierLevel STRING, Segment STRING""",
    inputs={
        "online": "silver_retail.online_transactions",
        "in_store": "silver_retail.in_store_transactions",
        "loyalty_accounts": "silver_retail.loyalty_accounts",
    },
    columns={
        "CustomerID": "the customer's id in the retail source",
        "TotalSpend": "online + in-store amount, summed over every combination of the customer's online orders, store "
        "visits and loyalty accounts of the tier",
        "PurchaseFrequency": "distinct online orders + distinct store visits",
        "TierLevel": "tier of a loyalty account",
        "Segment": "High-Value Customer, One-Time Buyer, Loyalty Champion or Regular Customer",
    },
)
def retail_published_customer_segmentation(
    online: DataFrame, in_store: DataFrame, loyalty_accounts: DataFrame
) -> DataFrame:
    """Customer_Segmentation: one row per customer and loyalty tier.

    Differs from gold.customer_segments: only customers with an online order, a store visit and a loyalty account are
    here, once per tier; two online orders, three visits and two accounts of a tier make twelve rows whose amounts all
    add up; high value is a fixed amount instead of a share; failed orders count. As everybody here bought at least
    twice, nobody is a One-Time Buyer.
    """
    orders = _live(online).select("customer_id", "order_id", F.col("amount").alias("online_amount"))
    visits = _live(in_store).select("customer_id", "transaction_id", F.col("amount").alias("store_amount"))
    spend, frequency = F.col("TotalSpend"), F.col("PurchaseFrequency")
    return (
        orders.join(visits, "customer_id")
        .join(_live(loyalty_accounts).select("customer_id", "tier_level"), "customer_id")
        .groupBy("customer_id", "tier_level")
        .agg(
            money(F.sum(F.col("online_amount") + F.col("store_amount"))).alias("TotalSpend"),
            (F.count_distinct("order_id") + F.count_distinct("transaction_id")).alias("PurchaseFrequency"),
        )
        .select(
            F.col("customer_id").alias("CustomerID"),
            "TotalSpend",
            "PurchaseFrequency",
            F.col("tier_level").alias("TierLevel"),
            F.when(spend >= HIGH_VALUE_SPEND, "High-Value Customer")
            .when(frequency == 1, "One-Time Buyer")
            .when(F.col("tier_level").isin(*CHAMPION_TIERS), "Loyalty Champion")
            .otherwise("Regular Customer")
            .alias("Segment"),
        )
    )


@table(
    layer="gold",
    grain=["Channel", "DayOfWeek", "HourOfDay"],
    schema="Channel STRING, DayOfWeek STRING, HourOfDay INT, TransactionCount BIGINT",
    inputs={"online": "silver_retail.online_transactions", "in_store": "silver_retail.in_store_transactions"},
    columns={
        "Channel": "Online or In-Store",
        "DayOfWeek": "name of the weekday",
        "HourOfDay": "0 to 23",
        "TransactionCount": "transactions in that hour, whatever their status",
    },
)
def retail_published_peak_times(online: DataFrame, in_store: DataFrame) -> DataFrame:
    """Peak_Times: one row per channel, weekday and hour with a transaction.

    Differs from gold.peak_times: no revenue and no rank; hours are UTC instead of the source's time zone.
    """
    channels = [
        _live(transactions).select(F.lit(channel).alias("Channel"), "ordered_at")
        for channel, transactions in (("Online", online), ("In-Store", in_store))
    ]
    moments = channels[0].unionByName(channels[1])
    return moments.groupBy(
        "Channel",
        weekday_name(weekday(F.col("ordered_at"))).alias("DayOfWeek"),
        F.hour("ordered_at").alias("HourOfDay"),
    ).agg(F.count("*").alias("TransactionCount"))


@table(
    layer="gold",
    grain=["AgentID"],
    schema="""AgentID INT, AgentName STRING, TotalInteractions BIGINT, ResolvedInteractions BIGINT,
        ResolutionRatePercent DECIMAL(19,2)""",
    inputs={
        "interactions": "silver_retail.customer_service_interactions",
        "agents": "silver_retail.agents",
    },
    columns={
        "AgentID": "the agent's id in the retail source",
        "AgentName": "the agent's name",
        "TotalInteractions": "interactions the agent handled",
        "ResolvedInteractions": "of these, with the status Resolved",
        "ResolutionRatePercent": "100 x resolved / total",
    },
)
def retail_published_resolution_stats(interactions: DataFrame, agents: DataFrame) -> DataFrame:
    """Resolution_Stats: one row per agent with an interaction.

    Differs from gold.resolution_stats: agents without interactions are missing; no time to resolve and no satisfaction.
    """
    handled = (
        _live(interactions)
        .groupBy("agent_id")
        .agg(
            F.count("*").alias("total"),
            F.count(F.when(F.col("resolution_status") == "Resolved", True)).alias("resolved"),
        )
    )
    return (
        _live(agents)
        .join(handled, "agent_id")
        .select(
            F.col("agent_id").alias("AgentID"),
            F.col("name").alias("AgentName"),
            F.col("total").alias("TotalInteractions"),
            F.col("resolved").alias("ResolvedInteractions"),
            percent(F.col("resolved"), F.col("total")).alias("ResolutionRatePercent"),
        )
    )


def _live(rows: DataFrame) -> DataFrame:
    """Silver without what the source deleted."""
    return rows.where("_deleted_at IS NULL")
