"""Text whose fields and records end with more than a character and a line end, such as `+|` and `&|` + newline.

No field is quoted there, so a record is what stands between two terminators, and a newline may be part of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.encoding import TextStream, show
from c360.ingest.header import ADVICE, Fields, match_fields
from c360.ingest.rescued import ragged_row
from c360.ingest.spec import RawFile, RawSpec, bronze_batch

CHUNK_BYTES = 4 * 1024 * 1024
LONGEST = 4 * 1024 * 1024  # characters of a record
MOST_ROWS = 64 * 1024  # of a batch
_LINE_END = re.compile(r"\r\n?|\n")


def odd_batches(spec: RawSpec, file: RawFile, chunk_bytes: int = CHUNK_BYTES) -> Iterator[pa.RecordBatch]:
    """Reads a file whose declared separators are `CsvFormat.is_odd`.

    Args:
        spec: What the table declares.
        file: One of its files.
        chunk_bytes: How much is taken apart at a time.

    Yields:
        Batches of `bronze_schema`; `_source_row` is the record's ordinal, from 1.

    Raises:
        InputFileError: The file is not what the table declares.
    """
    with TextStream(file, spec.csv) as stream:
        records = _records(stream, file.name, spec.csv, chunk_bytes)
        fields = Fields.in_declared_order(spec)
        if spec.csv.header:
            header = next(records, None)
            if header is None:
                return
            names = [show(name).strip() for name in header.split(spec.csv.delimiter)]
            fields = match_fields(spec, file.name, names, ADVICE)
        ordinal = 1
        while taken := list(islice(records, MOST_ROWS)):
            yield _batch(spec, file, fields, taken, ordinal, stream)
            ordinal += len(taken)


def _records(stream: TextStream, name: str, csv: CsvFormat, chunk_bytes: int) -> Iterator[str]:
    """The records that are not blank."""
    ends = re.compile(re.escape(csv.terminator) if csv.terminator else r"\r\n?|\n")
    rest, lines_to_skip = "", csv.skip_lines
    while chunk := stream.read(chunk_bytes):
        text = rest + chunk.decode()
        while lines_to_skip and (line := _LINE_END.search(text)):
            text, lines_to_skip = text[line.end() :], lines_to_skip - 1
        if lines_to_skip:
            rest = text
            continue
        *records, rest = ends.split(text)
        if len(rest) > LONGEST:
            declared = repr(csv.terminator) if csv.terminator else "the end of a line"
            raise InputFileError(
                f"{name} has a record of more than {LONGEST} characters: is {declared} what ends one? "
                "Declare csv: {terminator: …} as it is in the file."
            )
        yield from filter(str.strip, records)
    if rest.strip():
        yield rest


def _batch(
    spec: RawSpec, file: RawFile, fields: Fields, records: list[str], first: int, stream: TextStream
) -> pa.RecordBatch:
    split = [record.split(spec.csv.delimiter) for record in records]
    ragged = {at for at, values in enumerate(split) if len(values) != fields.count}
    blank = [""] * fields.count
    columns = list(zip(*(blank if at in ragged else values for at, values in enumerate(split)), strict=True))
    arrays = [pa.array(column, pa.string()) for column in columns]
    values, rescued = fields.values(spec, arrays, stream)
    if ragged:
        wrong = pa.array([at in ragged for at in range(len(records))])
        said = [ragged_row(len(split[at]), fields.count, records[at]) for at in sorted(ragged)]
        nothing = pa.scalar(None, pa.string())
        values = [pc.if_else(wrong, nothing, value) for value in values]
        rescued = pc.replace_with_mask(rescued, wrong, pa.array(said, pa.string()))
    rows = pa.array(range(first, first + len(records)), pa.int64())
    return bronze_batch(spec, file, values, rescued, rows)
