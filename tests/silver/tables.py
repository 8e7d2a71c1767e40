"""Literal rows as the reader would deliver them, and what becomes of them, as plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

from c360.config import SourceConfig
from c360.lake import Lake
from c360.silver.shape import Shape

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Texts = Mapping[str, str | None]


@dataclass(frozen=True)
class File:
    """A delivered file: one batch.

    Attributes:
        name: of the file, and of its batch.
        rows: column → text; a column that is left out is null. `_rescued` may be among them.
        on: the day it was delivered.
        at: the time of that day.
        received: the day c360 read it.
    """

    name: str
    rows: Sequence[Texts]
    on: str = "2024-03-01"
    at: str = "00:00:00"
    received: str = "2024-06-01"
    batch: str = field(default="")

    @property
    def batch_id(self) -> str:
        return self.batch or self.name

    @property
    def line(self) -> dict[str, Any]:
        """Of `ops.files`, what a merge looks at."""
        return {"file": self.name, "rows": len(self.rows)}


def source_of(tables: str, timezone: str = "UTC") -> SourceConfig:
    """A source whose tables are declared in YAML."""
    return SourceConfig(source="shop", timezone=timezone, tables=yaml.safe_load(tables))


def bronze(spark: SparkSession, shape: Shape, files: Iterable[File], reasons: bool = False) -> DataFrame:
    """The files' rows in the shape of bronze; with `_reasons` (comma-separated in the literal rows), of quarantine."""
    from pyspark.sql import functions as F

    columns = [*shape.table.columns, "_rescued", *(["_reasons"] if reasons else [])]
    rows = [
        (*[row.get(c) for c in columns], file.name, number, f"{file.on} {file.at}", file.batch_id, file.received)
        for file in files
        for number, row in enumerate(file.rows, 1)
    ]
    schema = ", ".join(f"{c} STRING" for c in columns)
    provenance = "_source_file STRING, _source_row BIGINT, _delivered_at STRING, _batch_id STRING, _ingested_at STRING"
    frame = spark.createDataFrame(rows, f"{schema}, {provenance}")
    times = {c: F.col(c).cast("timestamp") for c in ("_delivered_at", "_ingested_at")}
    if reasons:
        times["_reasons"] = F.split("_reasons", ",")
    return frame.withColumns(times)


def tuples(frame: DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of these columns, sorted by their first; times, dates and decimals as texts."""
    from pyspark.sql import functions as F

    texts = ("timestamp", "date", "decimal")
    shown = [
        (F.col(c).cast("string") if kind.startswith(texts) else F.col(c)).alias(c)
        for c, kind in frame.select(*columns).dtypes
    ]
    return sorted((tuple(row) for row in frame.select(*shown).collect()), key=lambda row: [str(v) for v in row])


def lake_of(root: Any, spark: SparkSession, *shapes: Shape) -> Lake:
    """An empty lake with the tables of these shapes."""
    lake = Lake(root, spark)
    for shape in shapes:
        lake.ensure(shape.bronze, shape.bronze_schema)
        lake.ensure(shape.silver, shape.silver_schema, partition_by=shape.table.partition_by)
        lake.ensure(shape.quarantine, shape.quarantine_schema)
    return lake


@st.composite
def in_groups(draw: st.DrawFn, files: Sequence[File]) -> list[list[File]]:
    """The files in some order, and some of them together."""
    groups: list[list[File]] = []
    for file in draw(st.permutations(files)):
        if groups and draw(st.booleans()):
            groups[-1].append(file)
        else:
            groups.append([file])
    return groups
