"""The data source `c360_raw`: delivered files as bronze rows, the same on every engine.

The engine asks for the schema and the partitions once, and reads each partition in a worker, as Arrow batches.
"""

from __future__ import annotations

import base64
import re
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from c360.errors import InputFileError
from c360.ingest.readers import batches, partitions
from c360.ingest.spec import TIMESTAMP, RawFile, RawSpec, bronze_schema
from c360.ingest.splits import Piece

__all__ = ["RawFile", "RawSpec", "input_error_in", "read_raw"]

_registered: weakref.WeakSet[SparkSession] = weakref.WeakSet()

# An engine hands an exception of a worker on as text, among its own, quoted or cut into lines as it likes.
_MARKED = re.compile(r"\[c360-input-error:([A-Za-z0-9+/=]*)\]")


def read_raw(session: SparkSession, spec: RawSpec) -> DataFrame:
    """Reads delivered files as they are.

    Args:
        session: Spark or Sail.
        spec: The files, and how to read them.

    Returns:
        One row per record: the declared columns as strings, `_rescued`, `_source_file`, `_source_row`,
        `_delivered_at`, `_batch_id`, `_ingested_at`. Lazy: a file that is not what the table declares shows when the
        rows are asked for, as an engine's error in which `input_error_in` finds ours.
    """
    if session not in _registered:
        session.dataSource.register(RawDataSource)
        _registered.add(session)
    rows = session.read.format(RawDataSource.name()).option("spec", spec.to_json()).load()

    def received(name: str, is_time: bool) -> Column:
        column = F.col(_quoted(name))
        return F.timestamp_micros(column).alias(name) if is_time else column

    return rows.select(*(received(field.name, field.type == TIMESTAMP) for field in bronze_schema(spec)))


def input_error_in(error: BaseException) -> InputFileError | None:
    """Returns the `InputFileError` that a worker raised while it read; None if the engine's error is something else.

    Args:
        error: What an action on a frame of `read_raw` raised.
    """
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, InputFileError):
            return at
        if found := _MARKED.search(str(at)):
            return InputFileError(base64.b64decode(found[1]).decode())
        at = at.__cause__ or at.__context__
    return None


class RawDataSource(DataSource):
    """`c360_raw`; its one option, `spec`, is a `RawSpec` as JSON."""

    @classmethod
    def name(cls) -> str:
        return "c360_raw"

    def schema(self) -> str:
        return ", ".join(f"{_quoted(field.name)} {_ddl_type(field)}" for field in bronze_schema(self._spec()))

    def reader(self, schema: Any) -> DataSourceReader:
        return RawReader(self._spec())

    def _spec(self) -> RawSpec:
        return RawSpec.from_json(self.options["spec"])


@dataclass
class RawPartition(InputPartition):
    """What one task reads."""

    pieces: list[Piece]


class RawReader(DataSourceReader):
    """Plans the partitions, and reads each."""

    def __init__(self, spec: RawSpec) -> None:
        self._spec = spec

    def partitions(self) -> list[InputPartition]:
        try:
            return [RawPartition(pieces) for pieces in partitions(self._spec)]
        except InputFileError as error:
            raise _marked(error) from error

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, RawPartition)
        try:
            for piece in partition.pieces:
                yield from map(_with_micros, batches(self._spec, piece))
        except InputFileError as error:
            raise _marked(error) from error


def _marked(error: InputFileError) -> InputFileError:
    message = str(error)
    return InputFileError(f"{message} [c360-input-error:{base64.b64encode(message.encode()).decode()}]")


def _with_micros(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Hands timestamps over as microseconds: Sail takes a TIMESTAMP of a data source's schema for one without zone."""
    columns = [column.cast(pa.int64()) if column.type == TIMESTAMP else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _ddl_type(field: pa.Field) -> str:
    return "STRING" if field.type == pa.string() else "BIGINT"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
