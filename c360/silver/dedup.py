"""One row per key: which of several is the newest, and how it compares with the one already there."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.silver.checks import derive
from c360.silver.shape import Shape


def ranked(rows: DataFrame, shape: Shape) -> DataFrame:
    """`rows` with `_rank`: 1 for the one row of each key that stays, more for its duplicates.

    The order is total, so equal times are no tie. With `dedup: first_non_null` the rows of a key in one file are
    first combined: each column takes its first value that is not null, in row order.
    """
    if shape.table.dedup == "first_non_null":
        rows = _combined(rows, shape)
    else:
        rows = rows.withColumn("_extra", F.lit(0))
    newest = Window.partitionBy(*shape.table.key).orderBy(
        F.col("_extra"), *[F.col(c).desc_nulls_last() for c in shape.order]
    )
    return rows.withColumn("_rank", F.row_number().over(newest)).drop("_extra")


def _combined(rows: DataFrame, shape: Shape) -> DataFrame:
    in_file = Window.partitionBy(*shape.table.key, "_batch_id").orderBy("_source_row")
    whole = in_file.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    last = Window.partitionBy(*shape.table.key, "_batch_id").orderBy(F.col("_source_row").desc())
    firsts = {c: F.first(c, ignorenulls=True).over(whole) for c in shape.table.columns if c not in shape.table.key}
    # the last row of the file carries the combined values: whatever is added to the file later, it is not older
    numbered = rows.withColumn("_extra", F.when(F.row_number().over(last) == 1, F.lit(0)).otherwise(F.lit(1)))
    return derive(numbered.withColumns(firsts), shape.table)


def compared(rows: DataFrame, target: DataFrame, shape: Shape) -> DataFrame:
    """`rows` (one per key) with `_status`: what it will be beside the target's row of the same key.

    inserted: no such key · stale: the target's is newer · updated: newer, or the same row judged anew, with other
    content · refreshed: newer with the same content (only its provenance moves on, so that a late delivery in between
    is still recognised as stale) · unchanged: the same row again.
    """
    table = shape.table
    theirs = target.select(*[F.col(c).alias(f"_t_{c}") for c in dict.fromkeys((*table.business_columns, *shape.order))])
    joined = rows.join(theirs, reduce(Expression.__and__, [F.col(c) == F.col(f"_t_{c}") for c in table.key]), "left")
    same_content = reduce(Expression.__and__, [F.col(c).eqNullSafe(F.col(f"_t_{c}")) for c in table.business_columns])
    same_order = reduce(Expression.__and__, [F.col(c).eqNullSafe(F.col(f"_t_{c}")) for c in shape.order])
    status = (
        F.when(F.col(f"_t_{table.key[0]}").isNull(), F.lit("inserted"))
        .when(_newer("_t_", "", shape.order), F.lit("stale"))
        .when(~same_content, F.lit("updated"))
        .when(same_order, F.lit("unchanged"))
        .otherwise(F.lit("refreshed"))
    )
    return joined.withColumn("_status", status).drop(*theirs.columns)


def _newer(one: str, other: str, order: tuple[str, ...]) -> Expression:
    """Whether the row with prefix `one` is newer than that with prefix `other`; null is oldest."""
    newer = F.lit(False)
    for column in reversed(order):
        a, b = F.col(one + column), F.col(other + column)
        greater = F.coalesce(a > b, a.isNotNull() & b.isNull())
        newer = greater | (a.eqNullSafe(b) & newer)
    return newer
