"""Bronze when conf declares other columns than before: nothing that was received is lost, and nothing is read again."""

from __future__ import annotations

from c360.ddl import fields
from c360.ingest.bronze import PROVENANCE
from c360.lake import Lake
from c360.silver.kept import both
from c360.silver.shape import Shape

_AS_MAP = "from_json(_rescued, 'MAP<STRING,STRING>')"


def reshape(lake: Lake, shape: Shape) -> None:
    """Give bronze the declared columns.

    A new column gets what `_rescued` kept of it, by its name in the file; the values of a column that is no longer
    declared go to `_rescued`. What is wrong with a row stays as it is.

    Args:
        lake: with a session.
        shape: whose bronze table.
    """
    from pyspark.sql import functions as F

    found, declared = lake.columns(shape.bronze), shape.table.columns
    dropped = [c for c in found if c not in declared and c not in PROVENANCE]
    added = {
        name: tuple({name, source.strip().lower()}) for name, source in shape.table.source_columns if name not in found
    }
    unspoilt = F.coalesce(~F.col("_rescued").startswith('{"_error":'), F.lit(True))
    rows = lake.read(shape.bronze)
    taken = sorted({key for keys in added.values() for key in keys})
    values = {
        name: F.when(unspoilt, F.expr(f"get(map_values(map_filter({_AS_MAP}, (k, v) -> {_in('k', keys)})), 0)"))
        for name, keys in added.items()
    }
    kept = F.col("_rescued")
    if taken:
        rest = F.nullif(F.expr(f"to_json(map_filter({_AS_MAP}, (k, v) -> NOT {_in('k', taken)}))"), F.lit("{}"))
        has_any = F.expr(f"exists(map_keys({_AS_MAP}), k -> {_in('k', taken)})")
        kept = F.when(unspoilt & F.coalesce(has_any, F.lit(False)), rest).otherwise(kept)
    if dropped:
        rows = rows.withColumns({"_kept": kept, "_aside": F.to_json(F.struct(*dropped))})
        kept = both(F.col("_kept"), F.col("_aside"))
    rows = rows.withColumns(values | {"_rescued": kept}).select(*fields(shape.bronze_schema))
    staged = lake.stage(shape.bronze, rows)
    lake.recreate(shape.bronze, shape.bronze_schema, pii=shape.table.pii_columns, description=shape.table.description)
    lake.append(shape.bronze, staged)


def _in(name: str, keys: tuple[str, ...] | list[str]) -> str:
    from c360.unify.views import text

    return f"lower({name}) IN ({', '.join(map(text, keys))})"
