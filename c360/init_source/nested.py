"""A sample of a JSON file: where its records are, and which paths lead to their values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import ijson

from c360.config.formats import Format, JsonFormat
from c360.config.paths import Step, written
from c360.errors import InputFileError
from c360.ingest.encoding import TextStream
from c360.ingest.files import LandedFile
from c360.ingest.spec import RawFile
from c360.init_source.encodings import Encoding
from c360.init_source.evidence import MOST_ROWS, TEXT, Sample
from c360.init_source.reading import read_values

MOST_EVENTS = 2_000_000
"""Of a document that are looked through for arrays of records."""


def nested(file: LandedFile, raw: RawFile, kind: Format, encoding: Encoding) -> Sample:
    """What a file of JSON lines or documents looks like.

    Args:
        file: the file.
        raw: the same for a reader.
        kind: json or jsonl.
        encoding: of its text.

    Raises:
        InputFileError: it is no JSON, or has no records.
    """
    options: dict[str, Any] = {} if encoding.name == "utf-8" else {"encoding": encoding.name}
    notes = [f"encoding: {encoding.why}"] if encoding.why else []
    try:
        if kind == "json":
            path, others = _records_path(file.name, raw, JsonFormat(**options))
            if path:
                options["records"] = path
            notes += [f"{other} is an array of records too; one file feeds one table" for other in others]
        declared = JsonFormat(**options)
        found = _Fields()
        for record in islice(_records(raw, kind, declared), MOST_ROWS):
            found.add(record, ())
    except (ijson.JSONError, UnicodeDecodeError) as problem:
        said = " ".join(str(problem).split()).rstrip(".")
        raise InputFileError(f"{file.name} is no valid JSON: {said}.") from problem
    if not found.leaves:
        raise InputFileError(f"{file.name} is empty: there is no record with a value in it.")
    names = tuple(found.leaves)
    for array, most in found.arrays.items():
        inside = f"{declared.records}[].{array}[]" if declared.records else f"{array}[]"
        notes.append(
            f"{array} is an array of objects (up to {most} in a record), kept in _rescued only; a table of its own "
            f"reads it by json: {{records: '{inside}'}}"
        )
    kinds = {name: TEXT for name, seen in found.leaves.items() if seen == {str}}
    columns = [(f"c{at}", name) for at, name in enumerate(names)]
    values, broken, is_whole = read_values(raw, columns, format=kind, json=declared)
    return Sample(
        file, kind, names, values, kinds if len(kinds) < len(names) else {}, json=declared, notes=tuple(notes),
        broken=broken, is_whole=is_whole,
    )  # fmt: skip


class _Fields:
    """The leaves of many records: path → the Python types of its values; and arrays of objects with their lengths."""

    def __init__(self) -> None:
        self.leaves: dict[str, set[type]] = {}
        self.arrays: Counter[str] = Counter()
        self._objects: set[str] = set()

    def add(self, record: Mapping[str, Any], way: tuple[Step, ...]) -> None:
        for key, value in record.items():
            path = written((*way, key))
            if isinstance(value, Mapping) and value:
                # once an object, always an object: a column cannot be both a value and what is in it
                self._objects.add(path)
                self.leaves.pop(path, None)
                self.add(value, (*way, key))
            elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
                self.arrays[path] = max(self.arrays[path], len(value))
                self.leaves.pop(path, None)
            elif path not in self._objects and path not in self.arrays:
                seen = self.leaves.setdefault(path, set())
                if value is not None and value not in ("", {}, []):
                    seen.add(type(value))


def _records(raw: RawFile, kind: Format, declared: JsonFormat) -> Iterator[Mapping[str, Any]]:
    """The records that are objects, of lines those that can be read."""
    with TextStream(raw, declared) as stream:
        if kind == "jsonl":
            for line in _lines(stream):
                try:
                    record = json.loads(line)
                except ValueError:  # counted when the reader meets it
                    continue
                if isinstance(record, dict):
                    yield record
            return
        head = stream.read(64 * 1024).lstrip()
    prefix = f"{declared.records}.item" if declared.records else "item" if head.startswith(b"[") else ""
    with TextStream(raw, declared) as stream:
        for record in ijson.items(stream, prefix, multiple_values=True):
            if isinstance(record, dict):
                yield record


def _lines(stream: TextStream) -> Iterator[str]:
    rest = b""
    while chunk := stream.read(1024 * 1024):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in lines if line.strip())
    if rest.strip():
        yield rest.decode()


def _records_path(name: str, raw: RawFile, declared: JsonFormat) -> tuple[str, list[str]]:
    """The path to the outermost array of objects with the most elements, "" for the top; and the other ones.

    Raises:
        InputFileError: there are neither objects nor arrays of them.
    """
    arrays: Counter[str] = Counter()
    top, previous = "", ""
    with TextStream(raw, declared) as stream:
        for prefix, event, _ in islice(ijson.parse(stream, multiple_values=True), MOST_EVENTS):
            top = top or event
            if event == "start_map" and (prefix == "item" or prefix.endswith(".item")):
                arrays[prefix.removesuffix("item").removesuffix(".")] += 1
            previous = event
    if not previous:
        raise InputFileError(f"{name} is empty.")
    if top == "start_array" and "" in arrays:
        return "", []
    outer = [path for path in arrays if path and ".item" not in path and "item." not in path]
    if top == "start_map" and outer:
        best = max(outer, key=lambda path: (arrays[path], -path.count("."), path))
        return best, sorted(set(outer) - {best})
    if top == "start_map":
        return "", []
    raise InputFileError(f"{name} holds no records: a record is a JSON object.")
