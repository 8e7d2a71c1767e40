"""Rows that a database has no more, found by comparing its keys with those in silver."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from c360.ingest.raw import read_raw
from c360.ingest.spec import RawFile, RawSpec
from c360.lake import Lake
from c360.silver.checks import value_of
from c360.silver.kept import DELETED
from c360.silver.shape import PLACE, Shape


def delete_missing(lake: Lake, shape: Shape, keys: Path, name: str, pulled_at: datetime) -> dict[str, Any]:
    """Append to bronze a row for every key of silver that a list of all keys lacks; it says that the key is gone.

    Args:
        lake: with a session.
        shape: the table.
        keys: a Parquet file with the texts of all keys that exist, under their names in the source.
        name: what it is called in the ledger.
        pulled_at: when they were read; what came later than that is not looked at.

    Returns:
        Its line for `ops.files`.
    """
    batch = hashlib.sha256(f"{name}\n{pulled_at.isoformat()}".encode()).hexdigest()[:16]
    line = {
        "source": shape.source.source,
        "table_name": shape.name,
        "file": name,
        "batch_id": batch,
        "delivered_at": pulled_at,
        "rows": 0,
        "status": "ingested",
    }
    if lake.version(shape.silver) is None:
        return line
    columns = tuple((c, source_name) for c, source_name in shape.table.source_columns if c in shape.table.key)
    file = RawFile(str(keys), name, keys.stat().st_size, batch, pulled_at)
    spec = RawSpec(columns, shape.source.csv, (file,), datetime.now(UTC))
    there = read_raw(lake.spark, spec).select(*[value_of(c, c, shape).alias(c) for c in shape.table.key])
    known = lake.read(shape.silver).where("_deleted_at IS NULL")
    known = known.where(F.col("_delivered_at") <= F.lit(pulled_at.isoformat()).cast("timestamp"))
    gone = known.join(there, list(shape.table.key), "left_anti").select(*PLACE)
    rows = lake.read(shape.bronze).join(gone, list(PLACE), "left_semi")
    number = F.row_number().over(Window.orderBy(*[F.col(c) for c in PLACE])).cast("bigint")
    said = {
        "_source_row": number,
        "_rescued": F.lit(DELETED),
        "_source_file": F.lit(name),
        "_batch_id": F.lit(batch),
        "_delivered_at": F.lit(pulled_at.isoformat()).cast("timestamp"),
        "_ingested_at": F.lit(datetime.now(UTC).isoformat()).cast("timestamp"),
    }
    staged = lake.stage(f"{shape.bronze}.deleted", rows.withColumns(said))
    count = staged.count()
    if count:
        lake.append(shape.bronze, staged)
    return line | {"rows": count}
