"""What becomes of each row: set aside, a duplicate, or compared with the row of its key that is already there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from c360.silver.checks import derive, is_orphan, orphans
from c360.silver.shape import Shape

WRITTEN = ("inserted", "updated", "refreshed")
"""The statuses of rows that go into silver."""

_THEIRS = "_t_"
"""Prefix of the target's columns."""


def decided(rows: DataFrame, target: DataFrame | None, shape: Shape) -> DataFrame:
    """Judged rows, with what becomes of each.

    Args:
        rows: see `checks.check`; of any number of files.
        target: the silver table, or the part of it that holds these keys; None if it is empty.
        shape: whose rows.

    Returns:
        As many rows, with `_status`: quarantined (it has reasons), duplicate (another row of its key is newer, or it
        was combined with one), or what `compared` says. With `dedup: first_non_null` the last row of a key in a file
        holds the combined values.
    """
    rows = rows.withColumn("_valid", F.size("_reasons") == 0)
    rows, first = (_combined(rows, shape), ["_extra"]) if shape.table.dedup == "first_non_null" else (rows, [])
    # the order is total: two rows of one file differ in `_source_row`
    newest = Window.partitionBy(*shape.table.key, "_valid").orderBy(
        *first, *[F.col(c).desc_nulls_last() for c in shape.order]
    )
    beside = compared(rows.withColumn("_rank", F.row_number().over(newest)), target, shape)
    status = F.when(~F.col("_valid"), "quarantined").when(F.col("_rank") > 1, "duplicate").otherwise(F.col("_status"))
    return beside.withColumn("_status", status).drop("_valid", "_extra", "_rank")


def compared(rows: DataFrame, target: DataFrame | None, shape: Shape) -> DataFrame:
    """Rows, no two valid ones of one key, with `_status`: what each will be beside the target's row of its key.

    inserted: no such key · stale: the target's is newer · updated: newer, or the same row judged anew, with other
    content · refreshed: newer with the same content (only its provenance moves on, so that a late delivery in between
    is still recognised as stale) · unchanged: the same row again.
    """
    if target is None:
        return rows.withColumn("_status", F.lit("inserted"))
    columns = dict.fromkeys((*shape.content, "_deleted_at", *shape.order))
    theirs = target.select(*[F.col(c).alias(_THEIRS + c) for c in columns])
    joined = rows.join(theirs, _all(F.col(c) == F.col(_THEIRS + c) for c in shape.table.key), "left")
    status = (
        F.when(F.col(_THEIRS + shape.table.key[0]).isNull(), "inserted")
        .when(_newer(_THEIRS, "", shape.order), "stale")
        .when(~_same(shape.content), "updated")
        .when(F.col("_deleted_at").isNull() != F.col(f"{_THEIRS}_deleted_at").isNull(), "updated")
        .when(_same(shape.order), "unchanged")
        .otherwise("refreshed")
    )
    return joined.withColumn("_status", status).drop(*theirs.columns)


def repeated(rows: DataFrame, shape: Shape) -> DataFrame:
    """The rows whose key occurs more than once among them."""
    keys = list(shape.table.key)
    return rows.join(rows.groupBy(*keys).count().where("count > 1").select(*keys), keys, "left_semi")


def _combined(rows: DataFrame, shape: Shape) -> DataFrame:
    """The last row of a key in a file gets, for each column, the first value that is not null; the others `_extra` 1.

    The last, because whatever else the file holds of its key is then not newer than it.
    """
    table = shape.table
    in_file = Window.partitionBy(*table.key, "_batch_id", "_valid")
    whole = in_file.orderBy("_source_row").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    from_last = F.row_number().over(in_file.orderBy(F.col("_source_row").desc()))
    firsts = {c: F.first(c, ignorenulls=True).over(whole) for c in table.columns if c not in table.key}
    # a reference column's value may come from another row, and with it whether its parent is missing
    missing = {c: F.when(F.col(c).isNotNull(), is_orphan(c)) for c in table.references}
    orphan = orphans({c: F.first(flag, ignorenulls=True).over(whole) for c, flag in missing.items()})
    numbered = rows.withColumn("_extra", F.when(from_last == 1, 0).otherwise(1))
    return derive(numbered.withColumns({**firsts, "_orphan": orphan}), table)


def _same(columns: Iterable[str]) -> Expression:
    return _all(F.col(c).eqNullSafe(F.col(_THEIRS + c)) for c in columns)


def _newer(one: str, other: str, order: tuple[str, ...]) -> Expression:
    """Whether the row with prefix `one` is newer than that with prefix `other`; null is oldest."""
    newer = F.lit(False)
    for column in reversed(order):
        a, b = F.col(one + column), F.col(other + column)
        greater = F.coalesce(a > b, a.isNotNull() & b.isNull())
        newer = greater | (a.eqNullSafe(b) & newer)
    return newer


def _all(conditions: Iterable[Expression]) -> Expression:
    return reduce(Expression.__and__, conditions)
