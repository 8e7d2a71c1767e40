"""Recency, frequency, monetary value: how recently, how often and for how much somebody bought."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.config.segments import Cells, Rfm, Segments, Tiers
from c360.gold.columns import all_of, any_of, days_before, everybody
from c360.registry import table

_SCORES = ("recency_score", "frequency_score", "monetary_score")


@table(
    layer="gold",
    grain=["c360_id"],
    schema="""c360_id STRING, recency_days INT, frequency BIGINT, monetary DECIMAL(19,2), recency_score INT,
        frequency_score INT, monetary_score INT, rfm_score STRING, segment STRING, tier STRING""",
    columns={
        "c360_id": "the person",
        "recency_days": "whole days from the last order that brought revenue to as_of",
        "frequency": "orders that brought revenue",
        "monetary": "revenue of all orders",
        "recency_score": "1 to 5, 5 the most recent; the same days, the same score",
        "frequency_score": "1 to 5, 5 the most frequent; the same frequency, the same score",
        "monetary_score": "1 to 5, 5 the highest revenue; the same revenue, the same score",
        "rfm_score": "the three scores in a row, such as 545",
        "segment": "what the three scores together are called in conf/segments.yml",
        "tier": "Gold, Silver or Bronze by percent rank of revenue (or what conf/segments.yml ranks), highest first",
    },
)
def rfm(customer_activity: DataFrame, segments: Segments, as_of: date) -> DataFrame:
    """One row per person with a purchase: recency, frequency, monetary value, their scores, segment and tier.

    A score is read off the percent rank among all buyers, (rank - 1) / (buyers - 1), at the cut-offs of
    conf/segments.yml; unlike in equally filled groups, equal values are scored equally. Ranks start at the smallest
    value: one-time buyers always score 1 in frequency, and who bought last scores 5 in recency.
    """
    config = segments.rfm
    buyers = customer_activity.where("revenue_orders > 0").select(
        "c360_id",
        days_before(F.lit(as_of), F.col("last_purchased_at")).alias("recency_days"),
        F.col("revenue_orders").alias("frequency"),
        F.col("revenue").alias("monetary"),
    )
    ranked = buyers.select(
        "*",
        _percent_rank(F.asc("recency_days")).alias("recency_rank"),
        _percent_rank(F.asc("frequency")).alias("frequency_rank"),
        _percent_rank(F.asc("monetary")).alias("monetary_rank"),
        _percent_rank(F.desc(config.tiers.ranked_by)).alias("tier_rank"),
    )
    scored = ranked.select(
        "c360_id",
        "recency_days",
        "frequency",
        "monetary",
        (F.lit(config.scores + 1) - _score("recency_rank", config)).alias("recency_score"),
        _score("frequency_rank", config).alias("frequency_score"),
        _score("monetary_rank", config).alias("monetary_score"),
        _tier(config.tiers).alias("tier"),
    )
    return scored.select(
        "c360_id",
        "recency_days",
        "frequency",
        "monetary",
        *_SCORES,
        F.concat(*(F.col(score).cast("STRING") for score in _SCORES)).alias("rfm_score"),
        _segment(config).alias("segment"),
        "tier",
    )


def _percent_rank(order: Column) -> Column:
    return F.percent_rank().over(everybody().orderBy(order))


def _score(rank: str, config: Rfm) -> Column:
    """1 below the first cut-off, one more from each cut-off on."""
    score = F.lit(1)
    for place, cut in enumerate(config.cut_offs, start=2):
        score = F.when(F.col(rank) >= cut, F.lit(place)).otherwise(score)
    return score


def _tier(tiers: Tiers) -> Column:
    rank = F.col("tier_rank")
    return F.when(rank <= tiers.gold, "Gold").when(rank <= tiers.silver, "Silver").otherwise("Bronze")


def _segment(config: Rfm) -> Column:
    """The segment whose cells hold the scores; conf is checked to name every cell, so there is no other case."""
    first, *others = config.segments
    named = F.when(any_of([_within(block) for block in first.cells]), first.name)
    for segment in others:
        named = named.when(any_of([_within(block) for block in segment.cells]), segment.name)
    return named


def _within(block: Cells) -> Column:
    return all_of(
        [F.col(score).between(*band) for score, band in zip(_SCORES, block.bands, strict=True) if band is not None]
    )
