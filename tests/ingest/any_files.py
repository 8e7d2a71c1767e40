"""A file of any format as a table of a few columns, and what is read of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from csv_files import DELIVERED, INGESTED

from c360.config import CsvFormat
from c360.config.formats import ExcelFormat, JsonFormat
from c360.config.loads import Contract, same_for_all
from c360.ingest.files import landed
from c360.ingest.readers import batches, partitions
from c360.ingest.spec import RawSpec, bronze_schema

Row = dict[str, Any]
Read = Callable[..., list[Row]]


def declared(folder: Path, columns: str | Mapping[str, str], **options: Any) -> RawSpec:
    """A table of all files in the folder; in text, a column `a=A` is called a in the lake and A in the file."""
    if isinstance(columns, str):
        columns = {name.partition("=")[0]: name.partition("=")[2] or name for name in columns.split()}
    files = [raw for n, file in enumerate(landed(folder)) for raw in file.raw(f"{n:016x}", DELIVERED)]
    models = {"csv": CsvFormat, "excel": ExcelFormat, "json": JsonFormat}
    blocks = {name: model(**options.pop(name, {})) for name, model in models.items()}
    contract = Contract(**same_for_all(options.pop("contract", {})))
    return RawSpec(
        tuple(columns.items()), files=tuple(files), ingested_at=INGESTED, contract=contract, **blocks, **options
    )


def rows_of(spec: RawSpec) -> list[Row]:
    """All rows: the declared columns, `_rescued` (as an object), and where they come from."""
    found = [batch for group in partitions(spec) for piece in group for batch in batches(spec, piece)]
    for batch in found:
        batch.validate(full=True)
        assert batch.schema == bronze_schema(spec)
    shown = [*(column for column, _ in spec.columns), "_rescued", "_source_file", "_source_row"]
    rows = [{column: row[column] for column in shown} for batch in found for row in batch.to_pylist()]
    for row in rows:
        row["_rescued"] = json.loads(row["_rescued"]) if row["_rescued"] else None
    return sorted(rows, key=lambda row: (row["_source_file"], row["_source_row"]))


def reader_into(folder: Path, name: str) -> Read:
    """Returns a function that writes bytes as a file of that name and returns what is read of it, as tuples.

    A tuple has the declared columns and the number of the row; what was rescued comes last, if anything was.
    """

    def read(data: bytes, columns: str | Mapping[str, str] = "id name", name: str = name, **options: Any) -> list[Any]:
        (folder / name).write_bytes(data)
        return tuples(declared(folder, columns, **options))

    return read


def tuples(spec: RawSpec) -> list[tuple[Any, ...]]:
    def written(row: Row) -> tuple[Any, ...]:
        *values, rescued, _, number = row.values()
        return (*values, number, *([rescued] if rescued else []))

    return [written(row) for row in rows_of(spec)]
