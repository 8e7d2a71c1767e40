"""What is wrong with a row: every reason, by name, before it may enter silver.

Reasons read `kind:what`: `null:customer_id`, `type:amount`, `accepted:status`, `rule:amount_positive`,
`future:ordered_at`, `orphan:customer_id`, `unique:email`, `operation:op`, `new_column`, `missing_column`; a row the
reader could not take apart carries the reader's own sentence (`ragged_row: 3 fields where 6 were expected`) and no
other. Of a row that deletes its key, only the key and what orders it must hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.config import SourceTable
from c360.config.loads import Changes
from c360.silver.kept import both, has_new_columns, is_deleted_by_c360, is_unreadable, lacks_columns
from c360.silver.shape import Shape
from c360.silver.typing import plain_number, text_of, typed

RAW = "_raw_"
"""Prefix of the received texts beside the typed columns, until a row is either accepted or quarantined."""

RECEIVED = ("_rescued", "_source_file", "_source_row", "_delivered_at", "_batch_id", "_ingested_at")
"""What bronze and quarantine keep of a row besides its texts."""

_DAY = 86_400_000_000
"""Microseconds."""


def check(rows: DataFrame, shape: Shape, parents: Mapping[str, DataFrame]) -> DataFrame:
    """Rows of bronze or quarantine, typed and judged.

    Args:
        rows: the columns of bronze; others are dropped. `_reasons`, which only rows of quarantine have, tells which of
            them share a unique value: that was seen in the whole file, and they are only some of its rows.
        shape: whose rows they are.
        parents: reference column → the one-column frame of the keys that exist.

    Returns:
        One row per row: business columns, `_raw_<column>` texts (null where the row is valid, which spares writing
        them), provenance, `_orphan`, `_deleted_at` and `_reasons` (empty: the row is valid).
    """
    table = shape.table
    frame = with_types(rows, shape)
    frame = _with_known_repeats(frame, table) if "_reasons" in rows.columns else _with_repeats(frame, table)
    frame = with_orphans(frame, table, parents)
    found = F.array_compact(F.array(*[F.when(bad, F.lit(reason)) for reason, bad in _faults(shape)]))
    said = F.array(F.get_json_object("_rescued", "$._error"))
    judged = frame.withColumn("_reasons", F.when(is_unreadable(), said).otherwise(found)).drop(*_repeat_flags(table))
    if table.contract.changed_types == "evolve":
        judged = judged.withColumn("_rescued", both(F.col("_rescued"), _unfit_texts(table)))
    return judged.withColumns({RAW + c: F.when(F.size("_reasons") > 0, F.col(RAW + c)) for c in table.columns})


def with_types(rows: DataFrame, shape: Shape) -> DataFrame:
    """`rows` with typed and derived columns; the texts they were made from are called `_raw_<column>`."""
    table = shape.table
    kept = [*RECEIVED, "_reasons"] if "_reasons" in rows.columns else RECEIVED
    raw = rows.select(*[F.col(c).alias(RAW + c) for c in table.columns], *kept)
    frame = raw.withColumns({name: value_of(RAW + name, name, shape) for name in table.columns})
    at = F.col("_delivered_at")
    if isinstance(table.load, Changes) and table.load.at:
        at = F.coalesce(F.col(table.load.at).cast("timestamp"), at)
    return derive(frame, table).withColumn("_deleted_at", F.when(_deletes(table), at).cast("timestamp"))


def _deletes(table: SourceTable) -> Expression:
    """Whether a row says that its key is gone; never null."""
    if not isinstance(table.load, Changes):
        return is_deleted_by_c360()
    words = [word.lower() for word in table.load.deletes]
    return F.coalesce(F.lower(table.load.operation).isin(*words), F.lit(False))


def value_of(text: str, name: str, shape: Shape) -> Expression:
    """The typed value of the declared column `name`, whose text is in the column `text`."""
    column, table = shape.table.columns[name], shape.table
    received = text_of(text, column)
    if column.is_number:
        received = plain_number(received, column.numbers or shape.source.numbers)
    return typed(received, column, shape.source.timezone, table.is_native)


def derive(frame: DataFrame, table: SourceTable) -> DataFrame:
    """The declared derived columns, computed from the typed ones."""
    kept = [F.col(c) for c in frame.columns if c not in table.derive]
    return frame.select(*kept, *[F.expr(d.sql).cast(d.sql_type.lower()).alias(n) for n, d in table.derive.items()])


def with_orphans(frame: DataFrame, table: SourceTable, parents: Mapping[str, DataFrame]) -> DataFrame:
    """`_orphan`: the reference columns, comma-separated, whose value is no key of the table referred to; else null."""
    for column, keys in parents.items():
        known = keys.select(keys[keys.columns[0]].alias(f"_known_{column}"))
        frame = frame.join(known, F.col(column) == F.col(f"_known_{column}"), "left")
    missing = {c: F.col(c).isNotNull() & F.col(f"_known_{c}").isNull() for c in parents}
    return frame.withColumn("_orphan", orphans(missing)).drop(*[f"_known_{column}" for column in parents])


def orphans(missing: Mapping[str, Expression]) -> Expression:
    """`_orphan` of a row: the reference columns whose parent is missing, comma-separated; null if there are none."""
    named = [F.when(is_missing, F.lit(column)) for column, is_missing in missing.items()]
    return F.nullif(F.concat_ws(",", *named), F.lit("")) if named else F.lit(None).cast("string")


def is_orphan(column: str) -> Expression:
    """Whether the parent of a reference column is missing, as `_orphan` says; never null."""
    return F.coalesce(F.array_contains(F.split("_orphan", ","), column), F.lit(False))


def what_fails(rows: DataFrame, shape: Shape) -> str | None:
    """Which derived column or rule raises an error on these rows, in a sentence; None if none does.

    A rule about a missing value holds, but one that divides by zero or casts a word to a number has no answer, and the
    engine stops at the first such row without a word about the rule.
    """
    table = shape.table
    plain = with_types(rows, Shape(shape.source.model_copy(update={"tables": {shape.name: _bare(table)}}), shape.name))
    expressions = [(f"derived column {n}", d.sql, plain) for n, d in table.derive.items()]
    for what, sql, frame in [*expressions, *[(f"rule {n}", sql, None) for n, sql in table.rules.items()]]:
        try:
            (frame or derive(plain, table)).select(F.count(F.expr(sql))).collect()
        except Exception as problem:  # of any class: each engine has its own
            said = str(problem).strip().splitlines()[0].rstrip(".")
            return (
                f"{shape.silver}: the {what} cannot be computed for every row: {sql}: {said}. Where a value may be "
                "zero or no number, write try_divide(a, b) or try_cast(a AS type): they give null, and a rule about "
                "null holds"
            )
    return None


def _bare(table: SourceTable) -> SourceTable:
    return table.model_copy(update={"derive": {}, "rules": {}})


def _repeat_flags(table: SourceTable) -> list[str]:
    return [f"_repeated_{i}" for i in range(len(table.unique))]


def _with_repeats(frame: DataFrame, table: SourceTable) -> DataFrame:
    """Flags rows of a file that share a unique value under different keys (one file: so no order of files matters)."""
    key = F.concat_ws("\x1f", *[F.col(c).cast("string") for c in table.key])
    for flag, columns in zip(_repeat_flags(table), table.unique, strict=True):
        group = ["_batch_id", *columns]
        shared = (
            frame.where(" AND ".join(f"{c} IS NOT NULL" for c in (*table.key, *columns)))
            .groupBy(*group)
            .agg(F.min(key).alias("_least"), F.max(key).alias("_most"))
            .where("_least <> _most")
            .select(*group, F.lit(True).alias(flag))
        )
        frame = frame.join(shared, group, "left")
    return frame


def _with_known_repeats(frame: DataFrame, table: SourceTable) -> DataFrame:
    names = [_unique(columns) for columns in table.unique]
    flags = zip(_repeat_flags(table), names, strict=True)
    known = {flag: F.array_contains("_reasons", name) for flag, name in flags}
    return frame.withColumns(known) if known else frame  # Spark Connect refuses to add no column


def _unique(columns: tuple[str, ...]) -> str:
    return f"unique:{','.join(columns)}"


def _faults(shape: Shape) -> Iterator[tuple[str, Expression]]:
    """(reason, what is true of a row that has it)"""
    table = shape.table
    is_deleted = F.col("_deleted_at").isNotNull()
    ordering = {*table.key, *table.newest_by}
    for name, column in table.columns.items():
        value, text = F.col(name), text_of(RAW + name, column)
        matters = F.lit(True) if name in ordering else ~is_deleted
        if column.type != "string" and (table.contract.changed_types != "evolve" or name in ordering):
            yield f"type:{name}", matters & text.isNotNull() & value.isNull()
        if column.required or name in table.key:
            yield f"null:{name}", matters & text.isNull()
        if column.accepted is not None:
            accepted = [F.lit(word).cast(column.sql_type.lower()) for word in column.accepted]
            yield f"accepted:{name}", matters & ~value.isin(*accepted)
    if isinstance(table.load, Changes):
        words = [word.lower() for word in (*table.load.upserts, *table.load.deletes)]
        known = F.coalesce(F.lower(table.load.operation).isin(*words), F.lit(False))
        yield f"operation:{table.load.operation}", ~known
    yield from ((reason, ~is_deleted & bad) for reason, bad in _faults_of_content(shape))


def _faults_of_content(shape: Shape) -> Iterator[tuple[str, Expression]]:
    table = shape.table
    # as in SQL's CHECK, a rule about a missing value holds; `required` is there to forbid it
    yield from ((f"rule:{name}", ~F.expr(sql)) for name, sql in table.rules.items())
    if table.event_at:
        happened = F.col(table.event_at).cast("timestamp")
        if table.business_columns[table.event_at] == "TIMESTAMP" and shape.source.timezone != "UTC":
            # the date in a file's name is the source's: west of Greenwich its evening is tomorrow in UTC
            happened = F.from_utc_timestamp(happened, shape.source.timezone)
        yield f"future:{table.event_at}", F.unix_micros(happened) > F.unix_micros("_delivered_at") + _DAY
    for child, reference in table.references.items():
        if reference.on_missing == "quarantine":
            yield f"orphan:{child}", is_orphan(child)
    for flag, columns in zip(_repeat_flags(table), table.unique, strict=True):
        yield _unique(columns), F.col(flag)
    if table.contract.new_columns == "quarantine":
        yield "new_column", has_new_columns()
    if table.contract.missing_columns == "quarantine":
        yield "missing_column", lacks_columns()


def _unfit_texts(table: SourceTable) -> Expression:
    """The texts that do not have their column's type, as a JSON object."""
    texts = []
    for name, column in table.columns.items():
        if column.type != "string":
            text = text_of(RAW + name, column)
            texts.append(F.when(text.isNotNull() & F.col(name).isNull(), F.col(RAW + name)).alias(name))
    return F.to_json(F.struct(*texts)) if texts else F.lit(None).cast("string")
