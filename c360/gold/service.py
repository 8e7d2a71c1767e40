"""Marts about customer service."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import percent, ratio
from c360.registry import table


@table(
    layer="gold",
    grain=["source", "agent_id"],
    schema="""source STRING, agent_id STRING, agent_name STRING, department STRING, interactions BIGINT,
        resolved_interactions BIGINT, resolution_rate_percent DECIMAL(19,2), median_hours_to_resolve DECIMAL(19,2),
        average_satisfaction DECIMAL(19,2)""",
    columns={
        "source": "the system the agent works in",
        "agent_id": "the agent's id in that system",
        "agent_name": "the agent's name; null where the source lists no such agent",
        "department": "the agent's department",
        "interactions": "interactions the agent handled",
        "resolved_interactions": "of these, resolved",
        "resolution_rate_percent": "100 x resolved / interactions; null without interactions",
        "median_hours_to_resolve": "median hours from opening to resolution; null where no resolution has a time",
        "average_satisfaction": "mean satisfaction score of the interactions that have one",
    },
)
def resolution_stats(interactions: DataFrame, agents: DataFrame) -> DataFrame:
    """One row per source and agent: an agent without interactions stays.

    So does an agent whom interactions name and the source does not list; interactions that name no agent are left out.
    """
    seconds = F.unix_timestamp("resolved_at") - F.unix_timestamp("opened_at")
    handled = (
        interactions.where("agent_id IS NOT NULL")
        .groupBy("source", "agent_id")
        .agg(
            F.count("*").alias("interactions"),
            F.count(F.when(F.col("is_resolved"), True)).alias("resolved_interactions"),
            # A median of whole seconds ends in .0 or .5, so the cast is exact on every engine.
            F.median(seconds).cast("DECIMAL(19,1)").alias("median_seconds"),
            ratio(F.sum("satisfaction_score"), F.count("satisfaction_score")).alias("average_satisfaction"),
        )
    )
    known = agents.select("source", "agent_id", "agent_name", "department")
    none = F.lit(0).cast("BIGINT")
    both = known.join(handled, ["source", "agent_id"], "full").select(
        "*",
        F.coalesce("interactions", none).alias("handled"),
        F.coalesce("resolved_interactions", none).alias("resolved"),
    )
    return both.select(
        "source",
        "agent_id",
        "agent_name",
        "department",
        F.col("handled").alias("interactions"),
        F.col("resolved").alias("resolved_interactions"),
        percent(F.col("resolved"), F.col("handled")).alias("resolution_rate_percent"),
        ratio(F.col("median_seconds"), F.lit(3600)).alias("median_hours_to_resolve"),
        "average_satisfaction",
    )
