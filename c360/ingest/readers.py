"""Each format's reader, and which pieces of which files one task reads."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from c360.ingest.csv import csv_batches
from c360.ingest.odd import odd_batches
from c360.ingest.spec import RawFile, RawSpec
from c360.ingest.splits import Piece, line_pieces

# Small files share a partition: a task costs more than reading them, and each would write a file of its own.
PARTITION_BYTES = 16 * 1024 * 1024


def partitions(spec: RawSpec) -> list[list[Piece]]:
    """Returns the pieces of all files, in their order, grouped into partitions; at least one partition.

    Raises:
        InputFileError: A file's own table of contents cannot be read.
    """
    groups: list[list[Piece]] = [[]]
    held = 0
    for piece, size in (sized for file in spec.files for sized in _pieces(spec, file)):
        if groups[-1] and held + size > PARTITION_BYTES:
            groups.append([])
            held = 0
        groups[-1].append(piece)
        held += size
    return groups


def _pieces(spec: RawSpec, file: RawFile) -> Iterator[tuple[Piece, int]]:
    """Each piece with its bytes."""
    kind = spec.format_of(file.name)
    if kind in ("parquet", "delta"):
        from c360.ingest.parquet import row_groups

        groups = row_groups(file)
        yield from ((Piece(file, n, n + 1), size) for n, size in enumerate(groups))
    elif kind == "jsonl" or (kind == "csv" and not spec.csv.quoted_newlines and not spec.csv.is_odd):
        written = spec.json if kind == "jsonl" else spec.csv
        yield from ((piece, piece.end - piece.start) for piece in line_pieces(spec, file, written))
    else:
        yield Piece(file, 0, file.size), file.size


def batches(spec: RawSpec, piece: Piece) -> Iterator[pa.RecordBatch]:
    """Reads a piece of a file, whatever its format.

    Yields:
        Batches of `bronze_schema`.

    Raises:
        InputFileError: The file is not what the table declares.
    """
    # Imported where they are used: every worker process would pay for all of them.
    file, start, end = piece
    kind = spec.format_of(file.name)
    if kind == "csv":
        return odd_batches(spec, file) if spec.csv.is_odd else csv_batches(spec, file, start, end)
    if kind == "excel":
        from c360.ingest.excel import excel_batches

        return excel_batches(spec, file)
    if kind in ("parquet", "delta"):
        from c360.ingest.parquet import parquet_batches

        return parquet_batches(spec, file, start, end)
    from c360.ingest.json import document_batches, lines_batches

    return lines_batches(spec, file, start, end) if kind == "jsonl" else document_batches(spec, file)
