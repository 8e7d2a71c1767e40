"""What customers bring among all, what they like, and where they live."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import days_before, money_or_zero, percent, ratio, revenue_of
from c360.registry import table

FAVOURITES = 3
DECILES = 10
ACTIVE_DAYS = 365


@table(
    layer="gold",
    grain=["c360_id"],
    schema="""c360_id STRING, customer_type STRING, orders BIGINT, revenue DECIMAL(19,2),
        average_order_value DECIMAL(19,2), revenue_rank INT, revenue_decile INT, clv DECIMAL(19,2),
        average_days_between_purchases DECIMAL(19,2), favourite_products STRING, territory STRING""",
    columns={
        "c360_id": "the person or organisation",
        "customer_type": "person or organisation",
        "orders": "orders that brought revenue",
        "revenue": "total of these orders",
        "average_order_value": "revenue / orders; null without an order",
        "revenue_rank": "1 who brought most revenue, equal ones share a rank; null without a purchase",
        "revenue_decile": "1 the tenth of buyers with the most revenue to 10 that with the least, equal ones in one; "
        "null without a purchase",
        "clv": "what they are expected to bring over the horizon of conf/segments.yml, as in gold.clv",
        "average_days_between_purchases": "days from the first purchase to the last / purchase days after the first; "
        "null without a second",
        "favourite_products": "up to three products bought on most order lines, most first; ties: more revenue, then "
        "source and id; separated by |",
        "territory": "sales territory with most of the revenue; ties: the name; null where no order names one",
    },
)
def customer_analysis(
    customers: DataFrame,
    customer_records: DataFrame,
    customer_activity: DataFrame,
    purchase_rhythm: DataFrame,
    clv: DataFrame,
    fact_sales: DataFrame,
    products: DataFrame,
) -> DataFrame:
    """One row per person: how much they bring among all, how often they buy, what and where.

    Everybody in `customers` is here, those without an order too. Each joined table has one row per person.
    """
    records = customer_records.select("source", "customer_id", "c360_id")
    days = F.datediff("last_purchased_on", "first_purchased_on")
    gaps = purchase_rhythm.select(
        "c360_id", ratio(days, F.col("purchase_days") - 1).alias("average_days_between_purchases")
    )
    return (
        customers.select("c360_id", "customer_type")
        .join(_ranked(customer_activity), "c360_id", "left")
        .join(gaps, "c360_id", "left")
        .join(clv.select("c360_id", "clv"), "c360_id", "left")
        .join(_favourite_products(fact_sales, records, products), "c360_id", "left")
        .join(_territory(fact_sales, records), "c360_id", "left")
        .select(
            "c360_id",
            "customer_type",
            F.coalesce("orders", F.lit(0).cast("BIGINT")).alias("orders"),
            money_or_zero(F.col("revenue")).alias("revenue"),
            ratio(F.col("revenue"), F.col("orders")).alias("average_order_value"),
            "revenue_rank",
            "revenue_decile",
            "clv",
            "average_days_between_purchases",
            "favourite_products",
            "territory",
        )
    )


def _ranked(customer_activity: DataFrame) -> DataFrame:
    """Orders and revenue of everybody, and the place among those who bought."""
    bought = F.col("orders") > 0
    alike = Window.partitionBy(bought)
    placed = customer_activity.select("c360_id", F.col("revenue_orders").alias("orders"), "revenue").select(
        "*", F.rank().over(alike.orderBy(F.desc("revenue"))).alias("place"), F.count("*").over(alike).alias("people")
    )
    # never NTILE, which parts equal ones; the quotient of whole numbers is exact enough to be rounded down
    decile = F.floor((F.col("place") - 1) * DECILES / F.col("people")) + 1
    return placed.select(
        "c360_id",
        "orders",
        "revenue",
        F.when(bought, F.col("place")).alias("revenue_rank"),
        F.when(bought, decile).cast("INT").alias("revenue_decile"),
    )


def _favourite_products(fact_sales: DataFrame, records: DataFrame, products: DataFrame) -> DataFrame:
    """One row per person with a known product: the first of them by order lines."""
    product = ["source", "product_id"]
    bought = (
        fact_sales.where("is_revenue AND product_id IS NOT NULL AND customer_id IS NOT NULL")
        .groupBy(*product, "customer_id")
        .agg(F.count("*").alias("times"), F.sum("sales_amount").alias("brought"))
        .join(records, ["source", "customer_id"])
        .groupBy("c360_id", *product)
        .agg(F.sum("times").alias("times"), F.coalesce(F.sum("brought"), F.lit(0)).alias("brought"))
    )
    best_first = Window.partitionBy("c360_id").orderBy(F.desc("times"), F.desc("brought"), *product)
    names = products.select(*product, "product_name")
    top = (
        bought.withColumn("place", F.row_number().over(best_first))
        .where(F.col("place") <= FAVOURITES)
        .join(names, product, "left")
        .withColumn("name", F.coalesce("product_name", "product_id"))
    )
    in_order = [F.max(F.when(F.col("place") == place, F.col("name"))) for place in range(1, FAVOURITES + 1)]
    return top.groupBy("c360_id").agg(F.concat_ws(" | ", *in_order).alias("favourite_products"))


def _territory(fact_sales: DataFrame, records: DataFrame) -> DataFrame:
    """One row per person with a sale in a territory: the one with most revenue."""
    sales = (
        fact_sales.where("is_revenue AND territory IS NOT NULL AND customer_id IS NOT NULL")
        .groupBy("source", "customer_id", "territory")
        .agg(F.sum("total_due_amount").alias("brought"))
        .join(records, ["source", "customer_id"])
        .groupBy("c360_id", "territory")
        .agg(F.coalesce(F.sum("brought"), F.lit(0)).alias("brought"))
    )
    best_first = Window.partitionBy("c360_id").orderBy(F.desc("brought"), "territory")
    placed = sales.withColumn("place", F.row_number().over(best_first))
    return placed.where("place = 1").select("c360_id", "territory")


@table(
    layer="gold",
    grain=["source", "country", "region"],
    schema="""source STRING, country STRING, region STRING, customers BIGINT, buyers BIGINT, active_customers BIGINT,
        orders BIGINT, revenue DECIMAL(19,2), revenue_per_buyer DECIMAL(19,2), share_percent DECIMAL(19,2)""",
    columns={
        "source": "the system that knows the customers",
        "country": "country of the person's address; null where it is unknown, as for guests",
        "region": "state or province of the person's address; null where it is unknown",
        "customers": "persons the source knows",
        "buyers": "of these, with an order in the source that brought revenue",
        "active_customers": "of these, with one in the 365 days that end with as_of",
        "orders": "orders that brought revenue, those of guests too",
        "revenue": "total of these orders",
        "revenue_per_buyer": "revenue / buyers; null without buyers, and where guests, who cannot be counted, bought",
        "share_percent": "100 x revenue / revenue of all regions of the source",
    },
)
def customers_by_region(customers: DataFrame, customer_records: DataFrame, orders: DataFrame, as_of: date) -> DataFrame:
    """One row per source, country and state of a customer: how many, how many buy, and what they bring.

    A person is where the golden record says, once in every source that knows them. Orders of guests and of customers
    whom the source does not list are in the row without country and state, so that nothing is missing.
    """
    person = ["source", "c360_id"]
    sales = (
        orders.where("is_revenue")
        .groupBy(*person)
        .agg(
            F.count("*").alias("orders"),
            F.sum(revenue_of("total_amount")).alias("revenue"),
            F.max("ordered_at").alias("last_purchased_at"),
        )
    )
    members = customer_records.select(*person).distinct().withColumn("is_member", F.lit(True))
    homes = customers.select("c360_id", "country", "region")
    everyone = members.join(sales, person, "full").join(homes, "c360_id", "left")
    known = F.col("is_member") & F.col("orders").isNotNull()
    days = days_before(F.lit(as_of), F.col("last_purchased_at"))
    regions = everyone.groupBy("source", "country", "region").agg(
        F.count("is_member").alias("customers"),
        F.count(F.when(known, True)).alias("buyers"),
        F.count(F.when(known & days.between(0, ACTIVE_DAYS - 1), True)).alias("active_customers"),
        F.coalesce(F.sum("orders"), F.lit(0).cast("BIGINT")).alias("orders"),
        F.coalesce(F.sum("revenue"), F.lit(0)).cast("DECIMAL(19,4)").alias("revenue"),
        F.sum(F.when(F.col("is_member").isNull(), F.col("orders"))).alias("orders_of_guests"),
    )
    whole = F.sum("revenue").over(Window.partitionBy("source"))
    return regions.select(
        "source",
        "country",
        "region",
        "customers",
        "buyers",
        "active_customers",
        "orders",
        money_or_zero(F.col("revenue")).alias("revenue"),
        F.when(F.col("orders_of_guests").isNull(), ratio(F.col("revenue"), F.col("buyers"))).alias("revenue_per_buyer"),
        percent(F.col("revenue"), whole).alias("share_percent"),
    )
