"""Changes to rows of silver that no row of a file brings: found parents, and tombstones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.lake import Lake
from c360.silver.checks import value_of
from c360.silver.shape import Shape


def update(lake: Lake, shape: Shape, changed: DataFrame, column: str) -> int:
    """Write one column's new values; of how many rows.

    Args:
        changed: the rows of silver that change, with the new value in `column`.
    """
    by = shape.table.partition_by
    columns = dict.fromkeys((*shape.identity, column, *([by] if by else [])))
    staged = lake.stage(f"{shape.silver}.{column}", changed.select(*columns))
    found = staged.count()
    if found:
        touched = (by, [row[0] for row in staged.select(by).distinct().collect()]) if by else None
        written = [c for c in columns if c not in shape.identity]
        lake.upsert(shape.silver, staged, shape.identity, partitions=touched, insert=False, columns=written)
    return found


def retire(lake: Lake, shape: Shape, snapshots: Sequence[datetime]) -> int:
    """Give every row its tombstone, or take it away: a key is gone since the first snapshot that lacks it.

    A rejected row says that its key is there, whatever else is wrong with it.

    Args:
        snapshots: when they were delivered, in order of time.

    Returns:
        Of how many rows `_deleted_at` changed.
    """
    keys = list(shape.table.key)
    rows = lake.read(shape.silver).withColumn("_seen", F.unix_micros("_delivered_at"))
    rejected = seen_in_quarantine(lake, shape).groupBy(*keys).agg(F.max("_seen").alias("_rejected"))
    rows = rows.join(rejected, keys, "left").withColumn("_seen", F.greatest("_seen", "_rejected"))
    known = rows.join(F.broadcast(followers(lake, snapshots)), "_seen", "left")
    gone = known.withColumnRenamed("_deleted_at", "_was").withColumn("_deleted_at", F.timestamp_micros("_next"))
    return update(lake, shape, gone.where("NOT (_deleted_at <=> _was)"), "_deleted_at")


def seen_in_quarantine(lake: Lake, shape: Shape) -> DataFrame:
    """The keys of rejected rows, and when they were delivered (`_seen`, microseconds since 1970)."""
    keys = [value_of(c, c, shape).alias(c) for c in shape.table.key]
    rows = lake.read(shape.quarantine).select(*keys, F.unix_micros("_delivered_at").alias("_seen"))
    return rows.where(" AND ".join(f"{c} IS NOT NULL" for c in shape.table.key))


def followers(lake: Lake, snapshots: Sequence[datetime]) -> DataFrame:
    """Each snapshot's time (`_seen`) and the next one's (`_next`), in microseconds since 1970."""
    micros = [(at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) for at in snapshots]
    pairs = list(zip(micros, [*micros[1:], None], strict=True))
    return lake.spark.createDataFrame(pairs, "_seen BIGINT, _next BIGINT")
