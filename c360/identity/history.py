"""What was known of a person, and when: the golden record in every version."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.ddl import fields
from c360.identity.customers import CUSTOMER, survivors
from c360.registry import table

_GOLDEN = [column for column in fields(CUSTOMER.schema) if column != "c360_id"]


@table(
    layer="unified",
    grain=["c360_id", "valid_from"],
    schema=f"{CUSTOMER.schema}, valid_from TIMESTAMP, valid_to TIMESTAMP, is_current BOOLEAN",
    pii=CUSTOMER.pii,
    columns={
        **CUSTOMER.columns,
        "valid_from": "since when this was known; null: as far back as anything is known",
        "valid_to": "until when, that moment not included; null: it still holds",
        "is_current": "whether it still holds",
    },
)
def customer_history(source_customer_versions: DataFrame, customer_records: DataFrame) -> DataFrame:
    """One row per person and time in which the golden record stayed the same (slowly changing dimension, type 2).

    At every moment at which one of the person's records changed, the golden record is made of the records that held
    then, as `unified.customers` is of today's. Records of a source that keeps no history count as they are now.
    """
    people = customer_records.select("source", "customer_id", "c360_id")
    records = source_customer_versions.join(people, ["source", "customer_id"]).withColumn(
        "since", _micros("valid_from")
    )
    ends = records.where("valid_to IS NOT NULL").select("c360_id", F.unix_micros("valid_to").alias("at"))
    moments = records.select("c360_id", F.col("since").alias("at")).union(ends).distinct()
    holding = moments.join(records, "c360_id").where("since <= at AND (valid_to IS NULL OR unix_micros(valid_to) > at)")
    golden = survivors(holding, "c360_id", "at").withColumn("is_there", F.lit(True))
    states = moments.join(golden, ["c360_id", "at"], "left").withColumn("is_there", F.col("is_there").isNotNull())
    in_time = Window.partitionBy("c360_id").orderBy("at")
    same = [F.col(c).eqNullSafe(F.lag(c).over(in_time)) for c in (*_GOLDEN, "is_there")]
    marked = states.withColumns(
        {"is_first": F.row_number().over(in_time) == 1, "is_same": reduce(Column.__and__, same)}
    )
    changes = marked.where("is_first OR NOT is_same").withColumn("until", F.lead("at").over(in_time))
    return changes.where("is_there").select(
        "c360_id",
        *_GOLDEN,
        F.when(F.col("at") > 0, F.timestamp_micros("at")).alias("valid_from"),
        F.timestamp_micros("until").alias("valid_to"),
        F.col("until").isNull().alias("is_current"),
    )


def _micros(name: str) -> Column:
    return F.coalesce(F.unix_micros(name), F.lit(0).cast("BIGINT"))
