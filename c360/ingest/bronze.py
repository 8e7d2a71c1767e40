"""Landed files into bronze: every row as received, each file's content exactly once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import functions as F

from c360.config.loads import Snapshot
from c360.errors import InputFileError
from c360.ingest.files import LandedFile, batch_id, delivered_at
from c360.ingest.raw import RawFile, RawSpec, input_error_in, read_raw
from c360.lake import Lake
from c360.output import visible
from c360.silver.shape import Shape

PROVENANCE = ("_rescued", "_source_file", "_source_row", "_delivered_at", "_batch_id", "_ingested_at")
"""The columns of bronze that no source declares."""


def ingest(lake: Lake, shape: Shape, files: Sequence[LandedFile], known: Sequence[str]) -> list[dict[str, Any]]:
    """Append the content of files that is not in bronze yet.

    Args:
        lake: with a session.
        shape: the table whose files they are.
        files: as found in the landing folder.
        known: the batch ids already in bronze.

    Returns:
        One line per file for `ops.files`; status `ingested`, or `same_content` where its content was there already.

    Raises:
        InputFileError: a file cannot be read as declared, its name is no text, or it changed while it was read. Nothing
            of the append may stay.
    """
    lines: list[dict[str, Any]] = []
    fresh: dict[str, list[RawFile]] = {}
    for file in files:
        if not file.name.isascii() and re.search("[\ud800-\udfff]", file.name):
            raise InputFileError(f"the name of {visible(file.name)} holds bytes that are not UTF-8; rename the file")
        delivered = delivered_at(file, shape.source.delivered_at)
        batch = batch_id(file)
        if isinstance(shape.table.load, Snapshot):  # what was all there was may be all there is again
            batch = hashlib.sha256(f"{batch}\n{delivered.isoformat()}".encode()).hexdigest()[:16]
        is_new = batch not in known and batch not in fresh
        line = {
            "source": shape.source.source,
            "table_name": shape.name,
            "file": file.name,
            "size": file.size,
            "mtime_ns": file.mtime_ns,
            "batch_id": batch,
            "delivered_at": delivered,
            "rows": 0,
            "status": "ingested" if is_new else "same_content",
        }
        lines.append(line)
        if is_new:
            fresh[batch] = file.raw(batch, delivered)
    if fresh:
        counts = _append(lake, shape, [part for parts in fresh.values() for part in parts])
        for line in lines:
            if line["status"] == "ingested":
                line["rows"] = counts.get(str(line["batch_id"]), 0)
    for file in files:
        if not file.unchanged():
            raise InputFileError(f"{file.name} changed while it was read; run again when it is complete")
    return lines


def recovered(lake: Lake, shape: Shape) -> list[dict[str, Any]]:
    """The lines of `ops.files` for what lies in bronze, where the ledger was lost; sizes and times are not known."""
    batches = lake.read(shape.bronze).groupBy("_batch_id", "_source_file", F.unix_micros("_delivered_at").alias("us"))
    return [
        {
            "source": shape.source.source,
            "table_name": shape.name,
            "file": row["_source_file"],
            "batch_id": row["_batch_id"],
            "delivered_at": datetime.fromtimestamp(0, UTC) + timedelta(microseconds=row["us"]),
            "rows": row["count"],
            "status": "ingested",
        }
        for row in batches.count().collect()
    ]


def _append(lake: Lake, shape: Shape, files: list[RawFile]) -> dict[str, int]:
    """Rows by batch id."""
    spec = RawSpec.of(shape.source, shape.table, files, datetime.now(UTC))
    try:
        lake.append(shape.bronze, read_raw(lake.spark, spec))
    except Exception as problem:
        known = input_error_in(problem)
        if known is None:
            raise
        raise known from None
    rows = lake.read(shape.bronze).where(F.col("_batch_id").isin(*[f.batch_id for f in files]))
    return {row["_batch_id"]: row["count"] for row in rows.groupBy("_batch_id").count().collect()}
