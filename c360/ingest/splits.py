"""Text files cut into pieces that are read one by one.

A file is cut only where a line end is certainly the end of a record: no newline in a field, no compression, and an
encoding that writes a line end as ASCII does. A piece owns the lines that begin in it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pyarrow as pa

from c360.config.formats import TextFormat
from c360.ingest.encoding import compression_of, encoding_of, keeps_ascii, open_bytes
from c360.ingest.spec import RawFile, RawSpec

_LINE_END = re.compile(rb"\r\n?|\n")


class Piece(NamedTuple):
    """The bytes [start, end) of a file, and the lines that begin there; of a Parquet file the row groups."""

    file: RawFile
    start: int
    end: int


def line_pieces(spec: RawSpec, file: RawFile, written: TextFormat) -> list[Piece]:
    """Returns the pieces in which a text file is read whose records are lines: one, unless it is big and may be cut."""
    if file.size <= spec.split_bytes or not _has_plain_lines(file, written):
        return [Piece(file, 0, file.size)]
    starts = range(0, file.size, spec.split_bytes)
    return [Piece(file, start, min(start + spec.split_bytes, file.size)) for start in starts]


def line_start(raw: pa.NativeFile, at: int, size: int, step: int = 64 * 1024) -> int:
    """Returns where the first line begins that begins at byte `at` or later; `size`, the file's end, if none does."""
    if at == 0:
        return 0
    before = at - 1  # a line end there makes `at` a beginning
    while before < size:
        chunk = raw.read_at(step + 1, before)
        if not chunk:
            break
        found = _LINE_END.search(chunk)
        if found and (found.end() < len(chunk) or before + len(chunk) >= size or found[0] != b"\r"):
            return before + found.end()
        before += found.start() if found else len(chunk)
    return size


def after_lines(raw: pa.NativeFile, count: int, size: int) -> int:
    """Returns where line `count` + 1 begins; `size`, the file's end, if there are not so many."""
    at = 0
    for _ in range(count):
        at = line_start(raw, at + 1, size)
    return at


def lines_in(raw: pa.NativeFile, end: int) -> int:
    """Returns the number of line ends in the bytes [0, end) of a file."""
    count, at, last = 0, 0, b""
    while at < end and (chunk := raw.read_at(min(1024 * 1024, end - at), at)):
        count += len(_LINE_END.findall(chunk)) - (last == b"\r" and chunk.startswith(b"\n"))
        at, last = at + len(chunk), chunk[-1:]
    return count


def _has_plain_lines(file: RawFile, written: TextFormat) -> bool:
    if file.member is not None:
        return False
    with open_bytes(file) as raw:
        head = raw.read_at(16, 0)
    encoding, _ = encoding_of(written, head)
    return compression_of(file.name, written, head) is None and keeps_ascii(encoding)
