"""Parquet files, those of a Delta table among them, as bronze rows: every value as text, as exact as it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from c360.config.paths import parsed
from c360.errors import InputFileError
from c360.ingest.archives import DAMAGED
from c360.ingest.encoding import MARK_ERRORS, open_bytes
from c360.ingest.header import match_fields
from c360.ingest.records import as_json, plain
from c360.ingest.spec import RawFile, RawSpec, bronze_batch

MOST_ROWS = 64 * 1024
"""Of a batch."""

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_TEXT = pa.string()


def row_groups(file: RawFile) -> list[int]:
    """The bytes of each row group.

    Raises:
        InputFileError: It is no Parquet file.
    """
    try:
        with open_bytes(file) as raw:
            found = pq.read_metadata(raw)
            return [found.row_group(n).total_byte_size for n in range(found.num_row_groups)]
    except (pa.ArrowException, *DAMAGED) as error:
        raise _unreadable(file, error) from error


def parquet_batches(spec: RawSpec, file: RawFile, first: int, last: int) -> Iterator[pa.RecordBatch]:
    """Reads the row groups [first, last) of a Parquet file.

    A column inside a struct is declared by its path (`address.city`); what the folders above say of the file
    (`month=2025-03/part.parquet`) counts as its columns too.

    Yields:
        Batches of `bronze_schema`; `_source_row` is the row's ordinal in the file, from 1.

    Raises:
        InputFileError: It is no Parquet file, or lacks a declared column.
    """
    try:
        with open_bytes(file) as raw:
            opened = pq.ParquetFile(raw)
            rows = sum(opened.metadata.row_group(n).num_rows for n in range(first))
            for batch in opened.iter_batches(MOST_ROWS, row_groups=[*range(first, last)]):
                yield _batch(spec, file, batch, rows + 1)
                rows += batch.num_rows
    except (pa.ArrowException, *DAMAGED) as error:
        raise _unreadable(file, error) from error


def texts(values: pa.Array) -> pa.Array:
    """Any array as strings: times in ISO form, with a Z where they are instants, and no number with an exponent."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return texts(values.dictionary_decode())
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else as_json(v) for v in values.to_pylist()], _TEXT)
    if pa.types.is_timestamp(kind):
        return values.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False).cast(_TEXT)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        decoded = (None if v is None else v.decode("utf-8", MARK_ERRORS) for v in values.to_pylist())
        return pa.array(decoded, _TEXT)
    if pa.types.is_float16(kind):
        values = values.cast(pa.float32())
    found = values.cast(_TEXT)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        exponent = pc.fill_null(pc.match_substring_regex(found, "[0-9][eE]"), False)
        if pc.any(exponent).as_py():
            written = [plain(v) for v in found.filter(exponent).to_pylist()]
            found = pc.replace_with_mask(found, exponent, pa.array(written, _TEXT))
    return found


def _batch(spec: RawSpec, file: RawFile, batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
    count = batch.num_rows
    columns: dict[str, pa.Array] = dict(zip(batch.schema.names, batch.columns, strict=True))
    for folder in file.name.split("/")[:-1]:
        name, is_column, value = folder.partition("=")
        if is_column and name not in columns:
            text = None if value == _NO_VALUE else unquote(value)
            columns[name] = pa.repeat(pa.scalar(text, _TEXT), count)
    for _, source_name in spec.columns:
        if source_name not in columns and (inside := _inside(columns, source_name)) is not None:
            columns[source_name] = inside
    for name in file.columns:
        columns.setdefault(name, pa.nulls(count, _TEXT))
    fields = match_fields(spec, file.name, list(columns))
    values, rescued = fields.values(spec, [texts(column) for column in columns.values()])
    return bronze_batch(spec, file, values, rescued, pa.array(range(first, first + count), pa.int64()))


def _inside(columns: dict[str, pa.Array], path: str) -> pa.Array | None:
    """What lies at a path inside a struct; None if nothing can."""
    try:
        top, *steps = parsed(path)
    except ValueError:
        return None

    def field(values: Any, step: Any) -> Any:
        is_there = values is not None and pa.types.is_struct(values.type) and values.type.get_field_index(step) >= 0
        return pc.struct_field(values, step) if isinstance(step, str) and is_there else None

    return reduce(field, steps, columns.get(str(top))) if steps else None


def _unreadable(file: RawFile, error: Exception) -> InputFileError:
    return InputFileError(f"{file.name} cannot be read as Parquet: {error}")
