"""What is wrong with a row: every reason, by name, before it may enter silver.

Reasons read `kind:what`: `null:customer_id`, `type:amount`, `accepted:status`, `rule:amount_positive`,
`future:ordered_at`, `unique:email`, `orphan:customer_id`; a row the reader could not take apart carries the reader's
own sentence (`ragged_row: 3 fields where 6 were expected`) and no other.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.config import SourceTable
from c360.silver.shape import Shape
from c360.silver.typing import text_of, typed

RAW = "_raw_"
"""Prefix of the received texts beside the typed columns, until a row is either accepted or quarantined."""


def check(rows: DataFrame, shape: Shape, parents: Mapping[str, DataFrame]) -> DataFrame:
    """Bronze (or quarantine) rows, typed and judged.

    Args:
        rows: the columns of bronze; others are dropped.
        shape: whose rows they are.
        parents: reference column → the one-column frame of the keys that exist.

    Returns:
        One row per row: business columns, `_raw_<column>` texts, provenance, `_orphan`, `_deleted_at` and
        `_reasons` (empty: the row is valid).
    """
    table = shape.table
    frame = _with_types(rows, shape)
    frame = _with_repeats(frame, table)
    frame = with_orphans(frame, table, parents)
    reasons = [F.when(F.coalesce(bad, F.lit(False)), F.lit(reason)) for reason, bad in _faults(table)]
    found = F.array_compact(F.array(*reasons)) if reasons else F.array().cast("array<string>")
    unreadable = F.col("_rescued").startswith('{"_error":')
    return frame.withColumn(
        "_reasons",
        F.when(F.coalesce(unreadable, F.lit(False)), F.array(F.get_json_object("_rescued", "$._error"))).otherwise(found),
    ).drop(*[f"_repeated_{i}" for i in range(len(table.unique))])


def derive(frame: DataFrame, table: SourceTable) -> DataFrame:
    """The declared derived columns, computed from the typed ones."""
    kept = [F.col(c) for c in frame.columns if c not in table.derive]
    return frame.select(*kept, *[F.expr(d.sql).cast(d.sql_type.lower()).alias(n) for n, d in table.derive.items()])


def with_orphans(frame: DataFrame, table: SourceTable, parents: Mapping[str, DataFrame]) -> DataFrame:
    """`_orphan`: the reference columns, comma-separated, whose value is no key of the table referred to; else null."""
    missing = []
    for column, keys in parents.items():
        known = keys.select(keys[keys.columns[0]].alias(f"_known_{column}"))
        frame = frame.join(known, F.col(column) == F.col(f"_known_{column}"), "left")
        missing.append(F.when(F.col(column).isNotNull() & F.col(f"_known_{column}").isNull(), F.lit(column)))
    orphan = F.nullif(F.concat_ws(",", *missing), F.lit("")) if missing else F.lit(None).cast("string")
    return frame.withColumn("_orphan", orphan).drop(*[f"_known_{column}" for column in parents])


def _with_types(rows: DataFrame, shape: Shape) -> DataFrame:
    table = shape.table
    raw = rows.select(
        *[F.col(c).alias(RAW + c) for c in table.columns],
        *["_rescued", "_source_file", "_source_row", "_delivered_at", "_batch_id", "_ingested_at"],
    )
    values = {
        name: typed(text_of(RAW + name, column), column, shape.source.timezone) for name, column in table.columns.items()
    }
    return derive(raw.withColumns(values), table).withColumn("_deleted_at", F.lit(None).cast("timestamp"))


def _with_repeats(frame: DataFrame, table: SourceTable) -> DataFrame:
    """Flags rows of a file that share a unique value under different keys (one file: so no order of files matters)."""
    key = F.concat_ws("\x1f", *[F.col(c).cast("string") for c in table.key])
    for i, columns in enumerate(table.unique):
        group = ["_batch_id", *columns]
        shared = (
            frame.where(" AND ".join(f"{c} IS NOT NULL" for c in columns))
            .groupBy(*group)
            .agg(F.min(key).alias("_least"), F.max(key).alias("_most"))
            .where("_least <> _most")
            .select(*group, F.lit(True).alias(f"_repeated_{i}"))
        )
        frame = frame.join(shared, group, "left")
    return frame


def _faults(table: SourceTable) -> list[tuple[str, Expression]]:
    """(reason, what is true of a row that has it)"""
    faults: list[tuple[str, Expression]] = []
    for name, column in table.columns.items():
        value, text = F.col(name), text_of(RAW + name, column)
        if column.type != "string":
            faults.append((f"type:{name}", text.isNotNull() & value.isNull()))
        if column.required or name in table.key:
            faults.append((f"null:{name}", text.isNull()))
        if column.accepted is not None:
            faults.append((f"accepted:{name}", ~value.isin(*column.accepted)))
    # as in SQL's CHECK, a rule about a missing value holds; `required` is there to forbid it
    faults += [(f"rule:{name}", ~F.coalesce(F.expr(sql), F.lit(True))) for name, sql in table.rules.items()]
    if table.event_at:
        a_day_later = F.unix_seconds("_delivered_at") + 86_400
        faults.append((f"future:{table.event_at}", F.unix_seconds(F.col(table.event_at).cast("timestamp")) > a_day_later))
    faults += [(f"unique:{','.join(columns)}", F.col(f"_repeated_{i}")) for i, columns in enumerate(table.unique)]
    for column, reference in table.references.items():
        if reference.on_missing == "quarantine":
            faults.append((f"orphan:{column}", F.array_contains(F.split("_orphan", ","), column)))
    return faults
