"""Delimited text as bronze rows: every value as received, and a verdict on each row that is not well-formed.

pyarrow parses. What is added here: which field is which column, each record's ordinal, and what becomes of ragged rows,
of bytes that are not in the file's encoding and of quotes that never close.
"""

from __future__ import annotations

import csv as python_csv
import io
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.encoding import TextStream, open_bytes
from c360.ingest.header import ADVICE, Fields, Header, dialect, match_fields, read_header
from c360.ingest.rescued import ragged_row
from c360.ingest.spec import RawFile, RawSpec, bronze_batch
from c360.ingest.splits import after_lines, line_start, lines_in

# Parsed at a time; no record may be longer. pyarrow reads up to 32 blocks ahead, so that bigger ones cost memory.
BLOCK_BYTES = 4 * 1024 * 1024
MOST_ROWS = 256 * 1024  # of a batch

# A record that no file contains, put behind the last one with a field too many. It must come back as a ragged row: if
# it does not, a quote that is still open has swallowed it.
_END = "c360:end-of-file"


def csv_batches(
    spec: RawSpec, file: RawFile, start: int, end: int, block_bytes: int = BLOCK_BYTES
) -> Iterator[pa.RecordBatch]:
    """Reads the lines of a file that begin in the bytes [start, end).

    Args:
        spec: What the table declares.
        file: One of its files.
        start: 0, or any byte of a file that may be cut (see `splits`).
        end: The file's size, or the next piece's `start`.
        block_bytes: How much is parsed at a time; no record may be longer.

    Yields:
        Batches of `bronze_schema`. The ragged rows of a stretch of the file follow its valid ones; `_source_row` is
        `start` + the record's ordinal in the piece, from 1, and gives the order.

    Raises:
        InputFileError: The file is not what the table declares.
    """
    fields = Fields.in_declared_order(spec)
    header = Header((), lines=0, size=0)
    if spec.csv.header or spec.csv.skip_lines:
        with TextStream(file, spec.csv) as stream:
            found = read_header(stream, file.name, spec.csv)
        if found is None:
            return
        header = found
    if spec.csv.header:
        fields = match_fields(spec, file.name, header.names, ADVICE)
    begin, stop = 0, None
    if (start, end) != (0, file.size):
        with open_bytes(file) as raw:
            begin = max(line_start(raw, start, file.size), after_lines(raw, header.lines, file.size))
            stop = line_start(raw, end, file.size)
        if begin >= stop:
            return
    with TextStream(file, spec.csv, begin, stop) as stream:
        if begin == 0:
            stream.read(header.size)
        try:
            for valid, rows, ragged in _records(stream, spec.csv, fields.count, block_bytes):
                if stream.quoted and not spec.csv.quoted_newlines:
                    _refuse_newlines(valid, rows, ragged)
                if valid is not None:
                    values, rescued = fields.values(spec, valid.columns, stream)
                    numbers = pc.add(rows, start)
                    for at in range(0, len(rows), MOST_ROWS):
                        part = (array.slice(at, MOST_ROWS) for array in (rescued, numbers))
                        yield bronze_batch(spec, file, [value.slice(at, MOST_ROWS) for value in values], *part)
                if ragged:
                    yield _ragged_batch(spec, file, start, ragged)
        except _OpenQuote as error:
            line = _line_of(spec.csv, file, begin, error.ordinal)
            where = "" if spec.csv.quoted_newlines else " in that line, as `quoted_newlines: false` promises"
            raise InputFileError(
                f"{file.name}: a quote opened in line {line} never closes{where}{error.doubt}. Correct the file, or "
                "declare `quote: null` if quotes mean nothing in it, `quoted_newlines: true` if fields hold newlines."
            ) from None
        except pa.ArrowInvalid as error:
            raise InputFileError(f"{file.name} cannot be read as CSV: {error}") from error


class _Ragged(NamedTuple):
    ordinal: int
    expected: int
    found: int
    text: str


class _OpenQuote(Exception):
    """A record in which a quote stays open, or (`doubt`) another reason that there may be."""

    def __init__(self, ordinal: int, doubt: str = "") -> None:
        super().__init__(ordinal, doubt)
        self.ordinal = ordinal
        self.doubt = doubt


def _records(
    stream: TextStream, csv: CsvFormat, width: int, block_bytes: int
) -> Iterator[tuple[pa.RecordBatch | None, pa.Array, list[_Ragged]]]:
    """Yields stretches of the text: the valid records with their ordinals, and the ragged ones among them."""
    names = [str(position) for position in range(width)]
    end = _END + csv.delimiter * width
    # The blank line in front keeps pyarrow from taking a first value's U+FEFF for a byte-order mark.
    stream.enclose(b"\n", f"{end}\n".encode())
    pending: list[_Ragged] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        pending.append(_Ragged(row.number, row.expected_columns, row.actual_columns, row.text))
        return "skip"

    done = 0
    try:
        reader = arrow_csv.open_csv(
            stream,
            # One thread: only then is an invalid row's number known. A second one gained nothing in 300 MB.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=block_bytes, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=csv.delimiter,
                quote_char=csv.quote or False,
                escape_char=csv.escape or False,
                newlines_in_values=True,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                check_utf8=False,  # the stream yields nothing else
                strings_can_be_null=False,
            ),
        )
        for batch in reader:
            if not batch.num_rows:
                continue
            rows = _ordinals(done, batch.num_rows, [record.ordinal for record in pending])
            done = rows[-1].as_py()
            ragged = [record for record in pending if record.ordinal < done]
            del pending[: len(ragged)]
            yield batch, rows, ragged
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error):
            raise
        last = pending[-1].ordinal if pending else done
        raise _OpenQuote(last + 1, f", or its record is longer than {block_bytes} bytes") from error
    if not pending or pending[-1].text != end:
        raise _OpenQuote(pending[-1].ordinal if pending else done)
    yield None, pa.array([], pa.int64()), pending[:-1]


def _ordinals(done: int, count: int, taken: Sequence[int]) -> pa.Array:
    """Returns the `count` ordinals after `done` that the ragged rows (`taken`, ascending) leave free."""
    free = pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count + len(taken)), start=done)
    if taken:
        free = free.filter(pc.invert(pc.is_in(free, pa.array(taken, pa.int64())))).slice(0, count)
    return free


def _refuse_newlines(valid: pa.RecordBatch | None, rows: pa.Array, ragged: list[_Ragged]) -> None:
    """Holds a file to `quoted_newlines: false`: else it would give other rows when it is cut at other places."""
    ordinals = [record.ordinal for record in ragged if "\n" in record.text or "\r" in record.text]
    for column in valid.columns if valid else ():
        for newline in "\n\r":
            held = pc.match_substring(column, newline)
            if pc.any(held).as_py():
                ordinals.append(rows.filter(held)[0].as_py())
    if ordinals:
        raise _OpenQuote(min(ordinals))


def _ragged_batch(spec: RawSpec, file: RawFile, start: int, records: list[_Ragged]) -> pa.RecordBatch:
    texts = [ragged_row(record.found, record.expected, record.text) for record in records]
    values = [pa.nulls(len(records), pa.string())] * len(spec.columns)
    rows = pa.array([start + record.ordinal for record in records], pa.int64())
    return bronze_batch(spec, file, values, pa.array(texts, pa.string()), rows)


def _line_of(csv: CsvFormat, file: RawFile, begin: int, ordinal: int) -> int:
    """Returns the line, from 1, in which a record begins; slow, for messages only."""
    lines_before = 0
    if begin:
        with open_bytes(file) as raw:
            lines_before = lines_in(raw, begin)
    elif csv.header:
        ordinal += 1
    limit = python_csv.field_size_limit(2 * BLOCK_BYTES)
    try:
        with TextStream(file, csv, begin) as stream:
            lines = _lines(stream)
            skipped = 0 if begin else sum(1 for _ in zip(range(csv.skip_lines), lines, strict=False))
            reader = python_csv.reader(lines, **dialect(csv))
            while ordinal > 1 and (record := next(reader, None)) is not None:
                ordinal -= bool(record)
            blank = sum(1 for _ in takewhile(lambda line: not line.strip("\r\n"), lines))
    finally:
        python_csv.field_size_limit(limit)
    return lines_before + skipped + reader.line_num + blank + 1


def _lines(stream: TextStream) -> Iterator[str]:
    rest = ""
    while chunk := stream.read(1024 * 1024):
        *lines, rest = io.StringIO(rest + chunk.decode(), newline="")
        yield from lines
    yield rest
