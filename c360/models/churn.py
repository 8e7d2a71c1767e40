"""Who is leaving: the probability that somebody still buys, beside the rhythm they used to have."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.config.models_conf import Churn
from c360.config.segments import Segments
from c360.gold.columns import ratio
from c360.registry import table


@table(
    layer="gold",
    grain=["c360_id"],
    schema="""c360_id STRING, last_purchased_on DATE, days_since_purchase INT, usual_gap_days DECIMAL(19,2),
        gaps_since_purchase DECIMAL(19,2), p_alive DECIMAL(9,6), status STRING, judged_by STRING, reason STRING""",
    columns={
        "c360_id": "the person",
        "last_purchased_on": "(UTC) day of the last purchase",
        "days_since_purchase": "days from it to as_of",
        "usual_gap_days": "days between two purchases: the person's own mean, in which the usual gap of all others "
        "counts like churn.others_weigh gaps; on a single purchase day it is that of the others",
        "gaps_since_purchase": "days since the last purchase / usual gap",
        "p_alive": "as in clv; null where the model could not be fitted",
        "status": "active, slowing, at risk or lost; the cut-offs are in conf/segments.yml",
        "judged_by": "p_alive, or rhythm where that says nothing: on a single purchase, or without a fit",
        "reason": "why, in a sentence with its numbers",
    },
)
def churn(clv: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per person with a purchase: whether they are active, slowing, at risk or lost on `as_of`, and why.

    Silence counts in the person's own rhythm: up to `slowing_after` usual gaps they are active, whatever else; beyond
    that p_alive decides. To one-time buyers BG/NBD gives 1, and without a fit there is none: gaps then decide alone.
    """
    config = segments.churn
    repeats, span = F.col("repeat_purchases"), F.col("first_to_last_days")
    gaps = clv.where("repeat_purchases > 0").select(ratio(span, repeats).alias("gap"))
    others = gaps.agg(
        F.round(F.coalesce(F.percentile("gap", 0.5), F.lit(float(config.usual_gap_days))), 2)
        .cast("DECIMAL(19,2)")
        .alias("others_gap"),
        (F.count("gap") > 0).alias("others_known"),
    )
    silence = F.col("observed_days") - span
    usual = ratio(span + config.others_weigh * F.col("others_gap"), repeats + config.others_weigh)
    judged = clv.crossJoin(others).select(
        "c360_id",
        "p_alive",
        "others_known",
        repeats.alias("repeats"),
        F.date_sub(F.lit(as_of), silence).alias("last_purchased_on"),
        silence.alias("days_since_purchase"),
        usual.alias("usual_gap_days"),
        ratio(silence, usual).alias("gaps_since_purchase"),
        F.when((repeats > 0) & F.col("p_alive").isNotNull(), "p_alive").otherwise("rhythm").alias("judged_by"),
    )
    return judged.select(
        "c360_id",
        "last_purchased_on",
        "days_since_purchase",
        "usual_gap_days",
        "gaps_since_purchase",
        "p_alive",
        _status(config).alias("status"),
        "judged_by",
        _reason(config).alias("reason"),
    )


def _status(config: Churn) -> Column:
    silent, alive = F.col("gaps_since_purchase"), F.col("p_alive")
    by_p_alive = (
        F.when(alive < config.lost_below, "lost").when(alive < config.at_risk_below, "at risk").otherwise("slowing")
    )
    by_rhythm = (
        F.when(silent > config.lost_after, "lost").when(silent > config.at_risk_after, "at risk").otherwise("slowing")
    )
    return (
        F.when(silent <= config.slowing_after, "active")
        .when(F.col("judged_by") == "p_alive", by_p_alive)
        .otherwise(by_rhythm)
    )


def _reason(config: Churn) -> Column:
    def number(value: Column) -> Column:
        return value.cast("STRING")

    days = F.round("usual_gap_days", 0).cast("BIGINT")
    gap = F.when(F.col("repeats") > 0, F.lit("usual gap ")).otherwise(
        F.when(F.col("others_known"), F.lit("bought once; usual gap of others ")).otherwise(
            F.lit("nobody bought again yet; assumed gap ")
        )
    )
    percent = F.round(F.col("p_alive") * 100, 0).cast("BIGINT")
    judged = (
        F.when(F.col("gaps_since_purchase") <= config.slowing_after, F.lit("still in rhythm"))
        .when(
            F.col("judged_by") == "p_alive",
            F.concat(number(percent), F.lit(" % likely to be still a customer")),
        )
        .when(F.col("p_alive").isNull(), F.lit("judged by rhythm alone, as there is no fitted model"))
        .otherwise(F.lit("judged by rhythm alone"))
    )
    silent = F.concat(F.lit("no purchase for "), number(F.col("days_since_purchase")), F.lit(" days"))
    return F.concat(silent, F.lit("; "), gap, number(days), F.lit(" days; "), judged)
