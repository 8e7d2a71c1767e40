"""Every version of every key with the time it held (slowly changing dimension, type 2).

Beside the silver table lie all rows that were ever valid, as delivered; the intervals are derived from them. So a late
row needs no patching: the intervals of its key are derived again, and are a function of the set of delivered files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from c360.config.loads import Changes, Snapshot
from c360.lake import Lake
from c360.silver.kept import is_deleted_by_c360
from c360.silver.shape import ORDER, Shape
from c360.silver.updates import followers, seen_in_quarantine


def refresh(lake: Lake, shape: Shape, batches: Sequence[str] | None, snapshots: Sequence[datetime]) -> None:
    """Derive the intervals again: of the keys in some batches, or of all.

    Args:
        batches: None for all keys.
        snapshots: when they were delivered, in order of time; none where the table is not one of snapshots.
    """
    versions, keys = lake.read(shape.versions), list(shape.table.key)
    if batches is None:
        gone = _gone(lake, shape, snapshots) if isinstance(shape.table.load, Snapshot) else None
        lake.overwrite(shape.history, intervals(versions, shape, gone))
        return
    touched = versions.where(F.col("_batch_id").isin(*batches)).select(*keys).distinct()
    touched = lake.stage(f"{shape.history}.keys", touched)
    kept = lake.read(shape.history).join(touched, keys, "left_anti")
    derived = intervals(versions.join(touched, keys, "left_semi"), shape, None)
    lake.overwrite(shape.history, kept.unionByName(derived))


def intervals(versions: DataFrame, shape: Shape, gone: DataFrame | None) -> DataFrame:
    """One row per key and time in which its content stayed the same.

    Args:
        versions: all valid rows, as delivered; those with `_deleted_at` end what was before them.
        shape: whose rows.
        gone: keys and times (`_at`) at which they were not there any more, besides those; None for none.

    Returns:
        The content, `_valid_from`, `_valid_to` (null: it holds still), `_is_current`, and where its first row is from.
        Of several versions of one time the last holds; a version that is older by the order but says that it came later
        counts from the same time as the one before it.
    """
    keys = list(shape.table.key)
    rows = versions.withColumns({"_at": _since(shape), "_is_gone": F.col("_deleted_at").isNotNull()})
    if gone is not None:
        rows = rows.unionByName(gone.withColumn("_is_gone", F.lit(True)), allowMissingColumns=True)
        rows = rows.withColumn("_delivered_at", F.coalesce("_delivered_at", "_at"))
    order = [F.col(c).asc_nulls_first() for c in shape.order]
    by_order = Window.partitionBy(*keys).orderBy(*order)
    upto = by_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    rows = rows.withColumn("_valid_from", F.max("_at").over(upto))
    rows = rows.withColumn("_next", F.lead("_valid_from").over(by_order)).where("NOT (_next <=> _valid_from)")
    rows = rows.withColumns({"_first": F.row_number().over(by_order) == 1, "_same": _is_as_before(shape, by_order)})
    rows = rows.where("_first OR NOT _same").withColumn("_valid_to", F.lead("_valid_from").over(by_order))
    held = rows.where("NOT _is_gone").withColumn("_is_current", F.col("_valid_to").isNull())
    return held.select(*shape.content, "_valid_from", "_valid_to", "_is_current", "_batch_id", *ORDER)


def _since(shape: Shape) -> Expression:
    """Since when a row holds, as it says itself, else since it was delivered."""
    table = shape.table
    declared = table.history.valid_from if table.history else None
    if declared is None and isinstance(table.load, Changes):
        declared = table.load.at
    if declared is None:
        times = [c for c in table.newest_by if table.business_columns[c] in ("TIMESTAMP", "DATE")]
        declared = next(iter(times), None)
    delivered = F.col("_delivered_at")
    said = F.coalesce(F.col(declared).cast("timestamp"), delivered) if declared else delivered
    # a row that was found to be gone says only what it said when it was there
    return F.when(is_deleted_by_c360(), F.col("_deleted_at")).otherwise(said)


def _is_as_before(shape: Shape, by_order: WindowSpec) -> Expression:
    """Whether a row says the same as the one before it; what a row says that deletes its key does not matter."""
    same = [F.col(c).eqNullSafe(F.lag(c).over(by_order)) for c in shape.content if c not in shape.table.key]
    was_gone = F.lag("_is_gone").over(by_order)
    content = reduce(Expression.__and__, same, F.lit(True))
    return (F.col("_is_gone") & was_gone) | (~F.col("_is_gone") & ~was_gone & content)


def _gone(lake: Lake, shape: Shape, snapshots: Sequence[datetime]) -> DataFrame:
    """Keys, and the times of snapshots (`_at`) that lack them after one that had them."""
    keys = list(shape.table.key)
    seen = lake.read(shape.versions).select(*keys, F.unix_micros("_delivered_at").alias("_seen"))
    seen = seen.unionByName(seen_in_quarantine(lake, shape)).distinct()
    again = F.lead("_seen").over(Window.partitionBy(*keys).orderBy("_seen"))
    known = seen.withColumn("_again", again).join(F.broadcast(followers(lake, snapshots)), "_seen")
    missed = known.where("_next IS NOT NULL AND (_again IS NULL OR _again > _next)")
    return missed.select(*keys, F.timestamp_micros("_next").alias("_at"))
