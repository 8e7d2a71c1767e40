"""Who may be contacted, on which channel and for what: what people stated, the strictest source first."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.config.audiences import Audiences
from c360.registry import table

_FOR = ("channel", "purpose")
_GRANTED, _UNCLEAR, _REFUSED = 1, 2, 3
_NO_TIME = -(10**18)


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
        "c360_id", "source", *(_word(name).alias(name) for name in _FOR), _answer().alias("answer"), _at().alias("at")
    )
    complete = said.where("channel IS NOT NULL AND purpose IS NOT NULL")
    asked = _asked(complete, audiences)
    decided = _strictest(_newest(complete.unionByName(_refusals_of_everything(said, asked))))
    assumed = _assumed(customer_records, audiences.assumed_from)
    everyone = customers.select("c360_id").join(assumed, "c360_id", "left").crossJoin(asked)
    answer, is_assumed = F.col("answer"), F.col("answer").isNull() & F.col("assumed_from").isNotNull()
    return everyone.join(decided, ["c360_id", *_FOR], "left").select(
        "c360_id",
        *_FOR,
        F.when((answer == _GRANTED) | is_assumed, "granted").otherwise("denied").alias("state"),
        F.when(is_assumed, "assumed")
        .when(answer.isNull(), "nothing stated")
        .when(answer == _UNCLEAR, "unclear")
        .otherwise("stated")
        .alias("reason"),
        F.coalesce("source", "assumed_from").alias("source"),
        F.when(F.col("at") > _NO_TIME, F.timestamp_micros("at")).alias("since"),
    )


def _answer() -> Column:
    """What a statement says; the larger, the stricter."""
    return F.when(F.col("is_granted"), _GRANTED).when(~F.col("is_granted"), _REFUSED).otherwise(_UNCLEAR)


def _at() -> Column:
    """When it was stated, in microseconds since 1970; unknown is before all that is known."""
    return F.coalesce(F.unix_micros("stated_at"), F.lit(_NO_TIME))


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
    general = said.where("channel IS NULL OR purpose IS NULL").where(F.col("answer") > _GRANTED)
    named = general.withColumnsRenamed({name: f"said_{name}" for name in _FOR}).crossJoin(asked)
    for name in _FOR:
        named = named.where(F.coalesce(F.col(f"said_{name}") == F.col(name), F.lit(True)))
    return named.select("c360_id", "source", *_FOR, "answer", "at")


def _assumed(records: DataFrame, sources: tuple[str, ...]) -> DataFrame:
    """One row per person who is known to a source whose customers are taken to have consented: the first such source.

    It decides only where nobody says anything, so that it need not be weighed against what the source says itself.
    """
    known = records.where(F.col("source").isin(*sources) if sources else F.lit(False))
    return known.groupBy("c360_id").agg(F.min("source").alias("assumed_from"))


def _newest(statements: DataFrame) -> DataFrame:
    """One row per person, channel, purpose and source: what the source says last, at one time the strictest.

    Time and answer are compared as one number, the answer in its last two bits: a maximum costs a fifth of a window on
    Sail, and a maximum of structs five times as much as one.
    """
    last = F.max(F.col("at") * 4 + F.col("answer")).alias("last")
    return (
        statements.groupBy("c360_id", *_FOR, "source")
        .agg(last)
        .select(
            "c360_id", *_FOR, "source", F.col("last").bitwiseAND(3).alias("answer"), F.shiftright("last", 2).alias("at")
        )
    )


def _strictest(verdicts: DataFrame) -> DataFrame:
    """One row per person, channel and purpose: the strictest source's, of these the newest, then the first by name.

    Compared as one text, for the same reason: a digit and nineteen, the smaller the stricter and newer, and the source.
    """
    strictest = F.concat(
        (F.lit(_REFUSED) - F.col("answer")).cast("STRING"),
        F.lpad((F.lit(-_NO_TIME) - F.col("at")).cast("STRING"), 19, "0"),
        "source",
    )
    return (
        verdicts.groupBy("c360_id", *_FOR)
        .agg(F.min(strictest).alias("first"))
        .select(
            "c360_id",
            *_FOR,
            (F.lit(_REFUSED) - F.substring("first", 1, 1).cast("INT")).alias("answer"),
            (F.lit(-_NO_TIME) - F.substring("first", 2, 19).cast("BIGINT")).alias("at"),
            F.substring("first", 21, 1000).alias("source"),
        )
    )
