"""A CSV file of literal bytes as a table of two columns, and what is read of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c360.config import CsvFormat
from c360.ingest.csv import csv_batches
from c360.ingest.spec import RawFile, RawSpec, bronze_schema

DELIVERED = datetime(2025, 3, 1, 6, 30, tzinfo=UTC)
INGESTED = datetime(2025, 3, 2, tzinfo=UTC)
BLOCK = 4 * 1024 * 1024

Row = dict[str, Any]
Read = Callable[..., list[Row]]


def declared(path: Path, columns: str, **csv: Any) -> RawSpec:
    """A table of one file; a column `a=A` is called a in the lake and A in the file."""
    pairs = tuple((name.partition("=")[0], name.partition("=")[2] or name) for name in columns.split())
    file = RawFile(str(path), path.name, path.stat().st_size, "0123456789abcdef", DELIVERED)
    return RawSpec(pairs, CsvFormat(**csv), (file,), INGESTED)


def rows_of(spec: RawSpec, start: int = 0, end: int | None = None, block: int = BLOCK) -> list[Row]:
    """All rows of the spec's file, in its order."""
    (file,) = spec.files
    batches = list(csv_batches(spec, file, start, file.size if end is None else end, block))
    for batch in batches:
        batch.validate(full=True)
        assert batch.schema == bronze_schema(spec)
    return sorted((row for batch in batches for row in batch.to_pylist()), key=lambda row: row["_source_row"])


def reader_into(folder: Path) -> Read:
    """Returns a function that writes bytes as a file and returns what is read of it, without what is the same anywhere.

    Each row has the declared columns, `_rescued` and `_source_row`.
    """

    def read(
        data: bytes, columns: str = "id name", name: str = "people.csv", block: int = BLOCK, **csv: Any
    ) -> list[Row]:
        path = folder / name
        path.write_bytes(data)
        spec = declared(path, columns, **csv)
        shown = [*(column for column, _ in spec.columns), "_rescued", "_source_row"]
        return [{column: row[column] for column in shown} for row in rows_of(spec, block=block)]

    return read


def row(number: int, id: str | None, name: str | None, rescued: str | None = None) -> Row:
    return {"id": id, "name": name, "_rescued": rescued, "_source_row": number}


def ragged(number: int, found: str, raw: str, expected: int = 2) -> Row:
    error = {"_error": f"ragged_row: {found} where {expected} were expected", "_raw": raw}
    return row(number, None, None, json.dumps(error, ensure_ascii=False))


def field_count(line: str) -> str:
    """As the verdict on a ragged row says it."""
    count = line.count(",") + 1
    return "1 field" if count == 1 else f"{count} fields"


def in_pieces(spec: RawSpec, size: int) -> list[list[Row]]:
    end = spec.files[0].size
    return [rows_of(spec, start, min(start + size, end)) for start in range(0, end, size)]


def assert_same_rows(spec: RawSpec, size: int) -> None:
    whole = rows_of(spec)
    pieces = [row for piece in in_pieces(spec, size) for row in piece]
    numbers = [row["_source_row"] for row in pieces]
    assert numbers == sorted(set(numbers))
    assert [row | {"_source_row": 0} for row in pieces] == [row | {"_source_row": 0} for row in whole]
