"""JSON as bronze rows: a record on each line, or documents that hold arrays of them.

A line that is no record is set aside with its text. A document that is broken is refused as a whole, since nobody can
tell where its next record begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import ijson
import pyarrow as pa

from c360.config.formats import JsonFormat
from c360.config.paths import Step, parsed, written
from c360.errors import InputFileError
from c360.ingest.encoding import HAS_MARK, TextStream, open_bytes, show
from c360.ingest.header import undeclared
from c360.ingest.records import Number, Paths, Record, as_json, in_batches, inside, leads_somewhere
from c360.ingest.rescued import ERROR, RAW, undecodable
from c360.ingest.spec import RawFile, RawSpec
from c360.ingest.splits import line_start

CHUNK_BYTES = 1024 * 1024
MOST_ROWS = 16 * 1024
"""Of a batch."""

LONGEST = 64 * 1024 * 1024
"""Bytes of a line."""


class _Unclear(ValueError):
    """JSON that leaves open what it says."""


def lines_batches(spec: RawSpec, file: RawFile, start: int, end: int) -> Iterator[pa.RecordBatch]:
    """Reads the lines of a file of JSON lines that begin in the bytes [start, end).

    Yields:
        Batches of `bronze_schema`; `_source_row` is `start` + the record's ordinal in the piece, from 1.

    Raises:
        InputFileError: The file is no text, or a column's path cannot be read.
    """
    begin, stop = 0, None
    if (start, end) != (0, file.size):
        with open_bytes(file) as raw:
            begin, stop = line_start(raw, start, file.size), line_start(raw, end, file.size)
        if begin >= stop:
            return
    steps, paths = _steps(spec.json), Paths.of(spec)
    paths.demand(steps.count(None) + (bool(steps) and steps[-1] is not None), file.name)
    with TextStream(file, spec.json, begin, stop) as stream:
        yield from in_batches(spec, file, _of_lines(stream, file.name, steps, paths), start + 1, MOST_ROWS)


def document_batches(spec: RawSpec, file: RawFile) -> Iterator[pa.RecordBatch]:
    """Reads a JSON document record by record; of several in one file, one after the other.

    Yields:
        Batches of `bronze_schema`; `_source_row` is the record's ordinal, from 1.

    Raises:
        InputFileError: It is no JSON, or there is nothing where the records should be.
    """
    steps, paths = _steps(spec.document), Paths.of(spec)
    with TextStream(file, spec.document) as stream:
        head = stream.read(CHUNK_BYTES).lstrip()
    if not head:
        return
    if head.startswith(b"["):
        prefix, rest = "item", steps
    else:
        until = steps.index(None) if None in steps else len(steps)
        prefix, rest = ".".join([*map(str, steps[:until]), *(["item"] if steps else [])]), steps[until + 1 :]
    paths.demand(rest.count(None) + (bool(rest) and rest[-1] is not None), file.name)
    try:
        with TextStream(file, spec.document) as stream:
            records = _of_document(stream, prefix, rest, paths)
            batches = in_batches(spec, file, records, 1, MOST_ROWS)
            first = next(batches, None)
            if first is None:
                _demand_array(spec, file, prefix)
                return
            yield first
            yield from batches
    except (ijson.JSONError, _Unclear) as error:
        raise InputFileError(f"{file.name} is no valid JSON: {_said(error)}.") from error


def _steps(form: JsonFormat) -> tuple[Step, ...]:
    return parsed(form.records) if form.records else ()


def _of_lines(stream: TextStream, name: str, steps: Sequence[Step], paths: Paths) -> Iterator[Record]:
    for line in _lines(stream, name):
        try:
            root = _DECODER.decode(line)
        except (ValueError, RecursionError) as problem:
            yield _unreadable(paths, f"malformed_json: {_said(problem)}", line)
            continue
        if steps and not leads_somewhere(root, steps):
            yield _unreadable(paths, "no_records: nothing is where the records should be", line)
            continue
        yield from _of_root(root, steps, paths, stream)


def _of_document(stream: TextStream, prefix: str, steps: Sequence[Step], paths: Paths) -> Iterator[Record]:
    for root in ijson.items(stream, prefix, multiple_values=True, map_type=_Once):
        yield from _of_root(root, steps, paths, stream)


def _of_root(root: Any, steps: Sequence[Step], paths: Paths, stream: TextStream) -> Iterator[Record]:
    for record, enclosing in inside(root, steps, (root,) if steps else ()):
        if isinstance(record, dict):
            yield _row(record, enclosing, paths, stream)
        else:
            yield _unreadable(paths, "no_object: a record is an object", as_json(record))


def _row(record: dict[str, Any], enclosing: tuple[Any, ...], paths: Paths, stream: TextStream) -> Record:
    values, rest = paths.values(record, enclosing), paths.rest(record)
    if rest and paths.is_frozen:
        raise undeclared(stream.name, next(iter(rest)))
    if stream.suspect:
        names = list(paths.columns)
        bad = {n: v for n, v in zip(names, values, strict=True) if v is not None and HAS_MARK.search(v)}
        values = [None if name in bad else value for name, value in zip(names, values, strict=True)]
        rest = undecodable(bad, stream.encoding, ",") | {show(key): show(value) for key, value in rest.items()}
    return values, json.dumps(rest, ensure_ascii=False) if rest else None


def _unreadable(paths: Paths, error: str, text: str) -> Record:
    return [None] * len(paths.columns), json.dumps({ERROR: error, RAW: show(text)}, ensure_ascii=False)


def _lines(stream: TextStream, name: str) -> Iterator[str]:
    rest = b""
    while chunk := stream.read(CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST:
            raise InputFileError(
                f"{name} has a line of more than {LONGEST} bytes: is it a document rather than lines? "
                "Declare `format: json`."
            )
        yield from (line.decode() for line in lines if line.strip())
    if rest.strip():
        yield rest.decode()


class _Once(dict[str, Any]):
    """An object whose keys are there once: of two, nobody can tell which is meant."""

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self:
            raise _Unclear(f"the key {key!r} is there twice")
        super().__setitem__(key, value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    found = _Once()
    for key, value in pairs:
        found[key] = value
    return found


def _refused(constant: str) -> None:
    raise _Unclear(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_refused, object_pairs_hook=_once)


def _said(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} at character {problem.pos + 1}"
    if isinstance(problem, RecursionError):
        return "it is nested too deep"
    return " ".join(str(problem).split()).rstrip(".")


def _demand_array(spec: RawSpec, file: RawFile, prefix: str) -> None:
    """An empty array is a file without records; no array is a mistake in the declaration."""
    wanted = prefix.removesuffix(".item").removesuffix("item")
    keys: list[str] = []
    with TextStream(file, spec.document) as stream:
        for where, event, value in ijson.parse(stream, multiple_values=True):
            if where == wanted and event in ("start_array", "null"):
                return
            if not where and event == "map_key":
                keys.append(value)
    raise InputFileError(
        f"{file.name} has no array at {written(_steps(spec.document))}; "
        f"at its top it has {', '.join(keys[:30]) or 'nothing'}. "
        "Declare json: {records: …} as it is in the file."
    )
