"""Who may be contacted, on which channel and for what: what people stated, the strictest source first."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from c360.config.audiences import Audiences
from c360.registry import table

_FOR = ("channel", "purpose")


@table(
    layer="gold",
    grain=["c360_id", "channel", "purpose"],
    schema="""c360_id STRING, channel STRING, purpose STRING, state STRING, reason STRING, source STRING,
        since TIMESTAMP""",
    columns={
        "c360_id": "the person",
        "channel": "on which they would be contacted, in lower case",
        "purpose": "for which they would be contacted, in lower case",
        "state": "granted or denied",
        "reason": "stated: a source says so; unclear: its newest statement has no answer, which grants nothing; "
        "assumed: conf takes the source's customers to have consented; nothing stated: no source says anything",
        "source": "the source that decided; null where none says anything",
        "since": "when that was stated; null where it was not, or the source does not know when",
    },
)
def consent_state(
    customers: DataFrame, customer_records: DataFrame, consents: DataFrame, audiences: Audiences
) -> DataFrame:
    """One row per person, channel and purpose: whether they may be contacted, why, and since when.

    The channels and purposes are those of all statements and of conf/audiences.yml. Of each source the newest statement
    counts (one without a time is older than all others; at the same time a refusal prevails). Over the sources the
    strictest wins: one refusal outweighs all consents, and who said nothing has consented to nothing, unless conf
    assumes so for a source that knows them. A refusal that names no channel or no purpose holds for all of them; a
    consent that does not name both grants nothing.
    """
    said = consents.where("c360_id IS NOT NULL").select(
        "c360_id", "source", *(_word(name).alias(name) for name in _FOR), "is_granted", "stated_at"
    )
    complete = said.where("channel IS NOT NULL AND purpose IS NOT NULL")
    asked = _asked(complete, audiences)
    verdicts = _newest(complete.unionByName(_refusals_of_everything(said, asked)))
    if audiences.assumed_from:
        verdicts = verdicts.unionByName(_assumed(customer_records, asked, verdicts, audiences.assumed_from))
    decided = _first(
        verdicts,
        ("c360_id", *_FOR),
        F.asc("granted"),
        F.desc(F.col("reason") == "stated"),
        F.desc_nulls_last("stated_at"),
        F.asc("source"),
    )
    everyone = customers.select("c360_id").crossJoin(asked)
    return everyone.join(decided, ["c360_id", *_FOR], "left").select(
        "c360_id",
        *_FOR,
        F.when(F.col("granted"), "granted").otherwise("denied").alias("state"),
        F.coalesce("reason", F.lit("nothing stated")).alias("reason"),
        "source",
        F.col("stated_at").alias("since"),
    )


def _word(name: str) -> Column:
    """A channel or purpose as it is compared: sources write Email and email; blank is none."""
    return F.nullif(F.lower(F.trim(name)), F.lit(""))


def _asked(complete: DataFrame, audiences: Audiences) -> DataFrame:
    """The channels and purposes there are."""
    declared = sorted({(audience.channel, audience.purpose) for audience in audiences.audiences.values()})
    in_conf = complete.sparkSession.createDataFrame(declared, "channel STRING, purpose STRING")
    return complete.select(*_FOR).unionByName(in_conf).distinct()


def _refusals_of_everything(said: DataFrame, asked: DataFrame) -> DataFrame:
    """Refusals without a channel or purpose, once for each that they may mean."""
    general = said.where("(channel IS NULL OR purpose IS NULL) AND NOT coalesce(is_granted, false)")
    named = general.withColumnsRenamed({name: f"said_{name}" for name in _FOR}).crossJoin(asked)
    for name in _FOR:
        named = named.where(F.coalesce(F.col(f"said_{name}") == F.col(name), F.lit(True)))
    return named.select("c360_id", "source", *_FOR, "is_granted", "stated_at")


def _newest(statements: DataFrame) -> DataFrame:
    """One row per person, channel, purpose and source: what the source says last."""
    judged = statements.select(
        "c360_id",
        *_FOR,
        "source",
        F.coalesce("is_granted", F.lit(False)).alias("granted"),
        F.when(F.col("is_granted").isNull(), "unclear").otherwise("stated").alias("reason"),
        "stated_at",
    )
    order = (F.desc_nulls_last("stated_at"), F.asc("granted"), F.asc("reason"))
    return _first(judged, ("c360_id", *_FOR, "source"), *order)


def _assumed(records: DataFrame, asked: DataFrame, verdicts: DataFrame, sources: tuple[str, ...]) -> DataFrame:
    """The same rows for sources that are taken for a consent, where they say nothing themselves."""
    known = records.where(F.col("source").isin(*sources)).select("c360_id", "source").distinct()
    silent = known.crossJoin(asked).join(verdicts, ["c360_id", *_FOR, "source"], "left_anti")
    return silent.select(
        "c360_id",
        *_FOR,
        "source",
        F.lit(True).alias("granted"),
        F.lit("assumed").alias("reason"),
        F.lit(None).cast("TIMESTAMP").alias("stated_at"),
    )


def _first(rows: DataFrame, of: tuple[str, ...], *order: Column) -> DataFrame:
    placed = rows.withColumn("place", F.row_number().over(Window.partitionBy(*of).orderBy(*order)))
    return placed.where("place = 1").drop("place")
