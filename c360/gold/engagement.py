"""How much somebody uses the web site and the app."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.gold.columns import ratio
from c360.registry import table

FULL_MARKS = {"sessions": 8, "pages": 40, "minutes": 60, "active_days": 8}
"""What in a month is as engaged as it gets: two sessions a week, on days of their own, five pages each, an hour in all.

Each of the four is worth a quarter of the score.
"""


@table(
    layer="gold",
    grain=["c360_id", "month"],
    incremental_by="c360_id",
    schema="""c360_id STRING, month INT, sessions BIGINT, pages BIGINT, minutes DECIMAL(19,2), active_days BIGINT,
        devices BIGINT, engagement_score DECIMAL(5,2)""",
    columns={
        "c360_id": "the person",
        "month": "UTC month of the sessions, such as 202503",
        "sessions": "sessions on the web site and in the app, in all sources",
        "pages": "pages viewed in them; 0 where no source counts pages",
        "minutes": "minutes they lasted; 0 where no source measures them",
        "active_days": "UTC days with a session",
        "devices": "different devices used; 0 where none is known",
        "engagement_score": "0 to 100: a quarter each for sessions up to {sessions}, pages up to {pages}, minutes up "
        "to {minutes} and active days up to {active_days} in the month".format(**FULL_MARKS),
    },
)
def engagement(sessions: DataFrame) -> DataFrame:
    """One row per person and month with a session: sessions, pages, minutes, active days, devices and a score.

    score = 25 x (min(1, sessions / 8) + min(1, pages / 40) + min(1, minutes / 60) + min(1, active days / 8)). Fixed
    yardsticks, not ranks among everybody: a score means the same in every month, and only what somebody does moves
    theirs. Sessions without a time or a person are left out.
    """
    started_at = F.col("started_at")
    known = sessions.where("c360_id IS NOT NULL AND started_at IS NOT NULL")
    month = (F.year(started_at) * 100 + F.month(started_at)).cast("INT").alias("month")
    # A month's days as bits of a number: on Sail 0.7.2 a set, or a second distinct count, takes ten times as long.
    day = F.expr("shiftleft(1L, dayofmonth(started_at))")
    of_devices = known.groupBy("c360_id", month, "device").agg(
        F.count("*").alias("sessions"),
        F.sum("pages_viewed").alias("pages"),
        F.sum("duration_seconds").alias("seconds"),
        F.bit_or(day).alias("days"),
    )
    months = of_devices.groupBy("c360_id", "month").agg(
        F.sum("sessions").alias("sessions"),
        F.coalesce(F.sum("pages"), F.lit(0)).alias("pages"),
        F.coalesce(F.sum("seconds"), F.lit(0)).alias("seconds"),
        F.bit_count(F.bit_or("days")).cast("BIGINT").alias("active_days"),
        F.count("device").alias("devices"),
    )
    return months.select(
        "c360_id",
        "month",
        "sessions",
        "pages",
        ratio(F.col("seconds"), F.lit(60)).alias("minutes"),
        "active_days",
        "devices",
        _score().alias("engagement_score"),
    )


def _score() -> Column:
    """The sum of the four shares over one denominator, so that it is rounded once."""
    caps = {
        "sessions": (F.col("sessions"), FULL_MARKS["sessions"]),
        "pages": (F.col("pages"), FULL_MARKS["pages"]),
        "minutes": (F.col("seconds"), FULL_MARKS["minutes"] * 60),
        "active_days": (F.col("active_days"), FULL_MARKS["active_days"]),
    }
    whole = max(cap for _, cap in caps.values())
    parts = sum((F.least(F.greatest(n, F.lit(0)), F.lit(cap)) * (whole // cap) for n, cap in caps.values()), F.lit(0))
    return ratio(parts * 100, F.lit(whole * len(caps))).cast("DECIMAL(5,2)")
