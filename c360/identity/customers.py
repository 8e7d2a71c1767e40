"""Who is who: the crosswalk from every source's customer to a person, and one golden record per person."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.ddl import fields
from c360.registry import TABLES, table
from c360.unify.entities import PROFILE

ADDRESS = ("address", "city", "region", "zip_code", "country")
"""Attributes that survive together: a street of one record with the city of another is nobody's address."""


@table(
    layer="unified",
    grain=["source", "customer_id"],
    schema="source STRING, customer_id STRING, c360_id STRING, score DECIMAL(9,6)",
    columns={
        "source": "the system that knows the customer",
        "customer_id": "the customer's id in that system",
        "c360_id": "the person",
        "score": "how sure it is that the record is this person, 0 to 1",
    },
)
def customer_records(source_customers: DataFrame) -> DataFrame:
    """One row per source and customer id: which person it is.

    Every record is a person of its own here, so the score is 1 and the id a hash of source and customer id, the same in
    every run.
    """
    c360_id = F.substring(F.sha2(F.concat(F.col("source"), F.lit(":"), F.col("customer_id")), 256), 1, 16)
    return source_customers.select(
        "source", "customer_id", c360_id.alias("c360_id"), F.lit(1).cast("DECIMAL(9,6)").alias("score")
    )


@table(
    layer="unified",
    grain=["c360_id"],
    schema=f"c360_id STRING, {PROFILE}, source_count INT",
    pii=(
        "full_name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "date_of_birth",
        "address",
        "city",
        "zip_code",
    ),
    columns={
        "c360_id": "the person",
        "customer_type": "person or organisation",
        "full_name": "name as written",
        "first_name": "given name",
        "last_name": "family name",
        "email": "e-mail address",
        "phone": "telephone number",
        "date_of_birth": "date of birth",
        "gender": "gender as the source writes it",
        "address": "street and house number, or the whole address where the source does not split it",
        "city": "city of the address",
        "region": "state or province of the address",
        "zip_code": "postal code of the address",
        "country": "country of the address",
        "registered_on": "day the person registered",
        "source_count": "number of sources that know the person",
    },
)
def customers(source_customers: DataFrame, customer_records: DataFrame) -> DataFrame:
    """One row per person: the golden record.

    Each attribute is the one of the person's newest record that has it (`updated_at`, unknown last; then source and
    customer id); the parts of an address come from one record together.
    """
    records = source_customers.join(
        customer_records.select("source", "customer_id", "c360_id"), ["source", "customer_id"]
    )
    return survivors(records, "c360_id")


def survivors(records: DataFrame, *keys: str) -> DataFrame:
    """One row per `keys`: of all records with them, each attribute's survivor (see `customers`), and `source_count`."""
    newest_first = Window.partitionBy(*keys).orderBy(F.desc_nulls_last("updated_at"), "source", "customer_id")
    placed = records.withColumn("place", F.row_number().over(newest_first))
    address_known = F.coalesce(*ADDRESS).isNotNull()

    def survivor(name: str) -> Column:
        known = address_known if name in ADDRESS else F.col(name).isNotNull()
        return F.min_by(name, F.when(known, F.col("place"))).alias(name)

    return placed.groupBy(*keys).agg(
        *(survivor(name) for name in fields(PROFILE)),
        F.count_distinct("source").cast("INT").alias("source_count"),
    )


CUSTOMER = TABLES["unified.customers"]
"""The golden record as declared, for tables that show it."""
