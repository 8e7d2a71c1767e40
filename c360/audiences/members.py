"""The audiences of conf/audiences.yml: who is in them, since when, who may be contacted, how they change.

What came and went is told by days, not by runs: an audience is compared with itself as it was seen from the last
earlier day. So a run that is repeated, or that brings more data for the same day, says again who entered and left, and
the tables are the same whatever ran in between.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from c360.audiences.conditions import condition_sql
from c360.config.audiences import Audiences
from c360.ddl import fields
from c360.gold.customers import customer_360 as _customer_360  # noqa: F401  (declares the table that is asked)
from c360.registry import TABLES, table

PEOPLE = "gold.customer_360"


@table(
    layer="gold",
    grain=["audience", "c360_id", "entered_on"],
    schema="audience STRING, c360_id STRING, entered_on DATE, left_on DATE",
    columns={
        "audience": "its name in conf/audiences.yml",
        "c360_id": "the person",
        "entered_on": "the as_of at which the person was first found in it, after not having been",
        "left_on": "the first as_of at which the person was not in it any more; null while they are",
    },
)
def audience_history(customer_360: DataFrame, audiences: Audiences, previous: DataFrame, as_of: date) -> DataFrame:
    """One row per audience, person and stay: from when to when the person was in it.

    It goes on from what it was (`previous`), as known up to the day before `as_of`: what it said of that day and later
    ones is found again. People who are not known any more are left out, an audience that conf no longer has too.
    """
    names = list(audiences.audiences)
    if not names:
        return previous.where("false")
    day = F.lit(as_of)
    known = previous.where(F.col("audience").isin(*names) & (F.col("entered_on") < day)).join(
        customer_360.select("c360_id"), "c360_id", "left_semi"
    )
    over = known.where(F.col("left_on") < day)
    before = known.where(F.col("left_on").isNull() | (F.col("left_on") >= day)).select(
        "audience", "c360_id", F.col("entered_on").alias("since")
    )
    now = _found(customer_360, audiences, as_of).withColumn("is_in", F.lit(True))
    current = before.join(now, ["audience", "c360_id"], "full").select(
        "audience",
        "c360_id",
        F.coalesce("since", day).alias("entered_on"),
        F.when(F.col("is_in").isNull(), day).alias("left_on"),
    )
    return over.select(current.columns).unionByName(current)


def _found(people: DataFrame, audiences: Audiences, as_of: date) -> DataFrame:
    """One row per audience and person in it, in one pass over everybody."""
    columns = fields(TABLES[PEOPLE].schema)
    holds = [
        F.when(F.expr(condition_sql(audience.where, columns, as_of)), F.lit(name))
        for name, audience in audiences.audiences.items()
    ]
    return people.select(F.explode(F.array_compact(F.array(*holds))).alias("audience"), "c360_id")


@table(
    layer="gold",
    grain=["audience", "c360_id"],
    schema="""audience STRING, c360_id STRING, entered_on DATE, is_contactable BOOLEAN, consent_reason STRING,
        consent_source STRING, consent_since TIMESTAMP""",
    columns={
        "audience": "its name in conf/audiences.yml",
        "c360_id": "the person",
        "entered_on": "the as_of at which the person was first found in it, after not having been",
        "is_contactable": "whether the person has consented to the audience's channel and purpose",
        "consent_reason": "why, as in consent_state",
        "consent_source": "the source that decided, as in consent_state",
        "consent_since": "since when, as in consent_state",
    },
)
def audience_members(audience_history: DataFrame, consent_state: DataFrame, audiences: Audiences) -> DataFrame:
    """One row per audience and person who is in it now, and whether they may be contacted."""
    declared = _declared(audience_history.sparkSession, audiences).select("audience", "channel", "purpose")
    members = audience_history.where("left_on IS NULL").join(declared, "audience")
    return members.join(consent_state, ["c360_id", "channel", "purpose"], "left").select(
        "audience",
        "c360_id",
        "entered_on",
        F.coalesce(F.col("state") == "granted", F.lit(False)).alias("is_contactable"),
        F.col("reason").alias("consent_reason"),
        F.col("source").alias("consent_source"),
        F.col("since").alias("consent_since"),
    )


_SAID = "audience STRING, description STRING, channel STRING, purpose STRING, condition STRING, assumed_from STRING"


@table(
    layer="gold",
    grain=["audience"],
    schema=f"""{_SAID}, people BIGINT, contactable BIGINT, held_back BIGINT, people_entered BIGINT, people_left BIGINT,
        as_of DATE""",
    columns={
        "audience": "its name in conf/audiences.yml",
        "description": "who they are and what for",
        "channel": "on which they are contacted",
        "purpose": "for which they are contacted",
        "condition": "what was asked of gold.customer_360, in SQL",
        "assumed_from": "the sources whose customers were taken to have consented; null if there are none",
        "people": "people in it",
        "contactable": "of these, who have consented to its channel and purpose",
        "held_back": "of these, who have not",
        "people_entered": "people in it who were not on the last earlier day that it was seen from",
        "people_left": "people who were in it that day and are not any more",
        "as_of": "the day it is seen from",
    },
)
def audiences(audience_history: DataFrame, audience_members: DataFrame, audiences: Audiences, as_of: date) -> DataFrame:
    """One row per audience of conf/audiences.yml: how many are in it, may be contacted, have come and gone."""
    declared = _declared(audience_history.sparkSession, audiences, as_of)
    day = F.lit(as_of)
    members = audience_members.groupBy("audience").agg(
        F.count("*").alias("people"),
        F.count(F.when(F.col("is_contactable"), True)).alias("contactable"),
        F.count(F.when(F.col("entered_on") == day, True)).alias("people_entered"),
    )
    gone = audience_history.where(F.col("left_on") == day).groupBy("audience").agg(F.count("*").alias("people_left"))
    joined = declared.join(members, "audience", "left").join(gone, "audience", "left")
    none = F.lit(0).cast("BIGINT")
    counts = ("people", "contactable", "people_entered", "people_left")
    counted = joined.select(*fields(_SAID), *(F.coalesce(name, none).alias(name) for name in counts))
    return counted.select(
        *fields(_SAID),
        "people",
        "contactable",
        (F.col("people") - F.col("contactable")).alias("held_back"),
        "people_entered",
        "people_left",
        day.alias("as_of"),
    )


def _declared(spark: SparkSession, audiences: Audiences, as_of: date | None = None) -> DataFrame:
    """One row per audience of conf: what it says; its condition as of a day, if one is given."""
    columns = fields(TABLES[PEOPLE].schema)
    rows = [
        (
            name,
            audience.description,
            audience.channel,
            audience.purpose,
            condition_sql(audience.where, columns, as_of) if as_of else None,
            ", ".join(audiences.assumed_from) or None,
        )
        for name, audience in audiences.audiences.items()
    ]
    return spark.createDataFrame(rows, _SAID)
