"""How issues are resolved, type by type and month by month."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.gold.columns import percent, ratio
from c360.registry import table

REPEAT_SECONDS = 30 * 86_400


@table(
    layer="gold",
    grain=["source", "issue_type", "month"],
    schema="""source STRING, issue_type STRING, month INT, tickets BIGINT, resolved_tickets BIGINT,
        resolution_rate_percent DECIMAL(19,2), median_hours_to_resolve DECIMAL(19,2),
        p90_hours_to_resolve DECIMAL(19,2), average_satisfaction DECIMAL(19,2), open_at_month_end BIGINT,
        repeat_contacts BIGINT""",
    columns={
        "source": "the system that holds the tickets",
        "issue_type": "what the tickets are about; null where they do not say",
        "month": "UTC month the tickets were opened in, such as 202503; null where that is unknown",
        "tickets": "tickets opened",
        "resolved_tickets": "of these, resolved by now",
        "resolution_rate_percent": "100 x resolved / tickets",
        "median_hours_to_resolve": "median hours from opening to resolution; null where no resolution has a time",
        "p90_hours_to_resolve": "hours within which nine of ten resolutions came, between two of them interpolated",
        "average_satisfaction": "mean satisfaction score of the tickets that have one",
        "open_at_month_end": "of these, not resolved when the month was over; a resolution without a time counts as "
        "one in the month",
        "repeat_contacts": "of these, opened within 30 days of an earlier ticket of the same person and issue type in "
        "the source",
    },
)
def issue_resolution(interactions: DataFrame) -> DataFrame:
    """One row per source, issue type and month with a ticket opened: how many were resolved, how fast and how well.

    Tickets of guests count, but nobody knows which of them are repeated.
    """
    opened_at = F.col("opened_at")
    earlier = Window.partitionBy("source", "c360_id", "issue_type").orderBy("opened_at", "interaction_id")
    since = F.unix_timestamp(opened_at) - F.unix_timestamp(F.lag(opened_at).over(earlier))
    seconds = F.unix_timestamp("resolved_at") - F.unix_timestamp(opened_at)
    month_end = F.date_add(F.last_day(opened_at), 1).cast("TIMESTAMP")
    is_open = ~F.coalesce("is_resolved", F.lit(False)) | F.coalesce(F.col("resolved_at") >= month_end, F.lit(False))
    is_repeat = F.col("c360_id").isNotNull() & (F.col("since") <= REPEAT_SECONDS)
    months = (
        interactions.withColumn("since", since)
        .groupBy("source", "issue_type", (F.year(opened_at) * 100 + F.month(opened_at)).cast("INT").alias("month"))
        .agg(
            F.count("*").alias("tickets"),
            F.count(F.when(F.col("is_resolved"), True)).alias("resolved_tickets"),
            # A percentile of whole seconds at a tenth ends in a tenth, so the casts are exact on every engine.
            F.median(seconds).cast("DECIMAL(19,1)").alias("median_seconds"),
            F.percentile(seconds, F.lit(0.9)).cast("DECIMAL(19,1)").alias("p90_seconds"),
            ratio(F.sum("satisfaction_score"), F.count("satisfaction_score")).alias("average_satisfaction"),
            F.count(F.when(is_open, True)).alias("open_at_month_end"),
            F.count(F.when(is_repeat, True)).alias("repeat_contacts"),
        )
    )
    hour = F.lit(3600)
    return months.select(
        "source",
        "issue_type",
        "month",
        "tickets",
        "resolved_tickets",
        percent(F.col("resolved_tickets"), F.col("tickets")).alias("resolution_rate_percent"),
        ratio(F.col("median_seconds"), hour).alias("median_hours_to_resolve"),
        ratio(F.col("p90_seconds"), hour).alias("p90_hours_to_resolve"),
        "average_satisfaction",
        "open_at_month_end",
        "repeat_contacts",
    )
