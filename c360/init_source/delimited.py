"""A sample of a delimited text file: how it is written, and its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.encoding import TextStream, show
from c360.ingest.files import LandedFile
from c360.ingest.spec import SPLIT_BYTES, RawFile
from c360.init_source.dialect import RECORDS, Dialect, Record, dialect_of, records, without_quotes
from c360.init_source.encodings import encoding, first_bytes
from c360.init_source.evidence import Sample
from c360.init_source.layout import layout
from c360.init_source.reading import read_values

HEAD = 4 * 1024 * 1024
"""Bytes of text in which separators and header are looked for."""


def delimited(file: LandedFile, raw: RawFile) -> Sample:
    """What a file of delimited text looks like.

    Raises:
        InputFileError: it is no text, or no table.
    """
    by_bytes = encoding(first_bytes(raw))
    with TextStream(raw, CsvFormat(encoding=by_bytes.name)) as stream:
        text = stream.read(HEAD).decode()
    if not text.strip():
        raise InputFileError(f"{file.name} is empty.")
    if len(text) > HEAD // 2:
        text = text[: text.rfind("\n") + 1] or text
    dialect = dialect_of(text) or _one_column(file.name, text)
    found = list(islice(records(text, dialect.csv), RECORDS))
    try:
        sample = _sample(file, raw, dialect, found, by_bytes.name)
    except InputFileError:
        plain = without_quotes(text, dialect)
        if plain is None:
            raise
        found = list(islice(records(text, plain.csv), RECORDS))
        sample = _sample(file, raw, plain, found, by_bytes.name)
    notes = [f"encoding: {by_bytes.why}"] if by_bytes.why else []
    if sample.csv.quoted_newlines and any("\n" in field or "\r" in field for field in _all(found)):
        notes.append("some fields hold a newline")
    return replace(sample, notes=(*notes, *sample.notes), any_encoding=by_bytes.is_open)


def _sample(file: LandedFile, raw: RawFile, dialect: Dialect, found: Sequence[Record], encoded: str) -> Sample:
    begins = layout([record.fields for record in found])
    top = found[begins.first]
    notes = [] if begins.header else [f"no header: {begins.why}; c1 … c{len(top.fields)} are to be named"]
    names = [show(name).strip().strip("\ufeff").strip() for name in top.fields]
    options = dialect.csv.model_dump(exclude_unset=True) | {"encoding": encoded}
    lines = top.lines_before
    positions: list[int] = [at for at, name in enumerate(names) if name]
    by_position = not begins.header
    if begins.header and (problem := unnameable(names)):
        notes.append(f"{problem}; so the columns are read by their places, which must not change")
        by_position, lines = True, lines + _lines_of(found, begins.first)
    if by_position:
        positions = list(range(len(names)))
        options["header"] = False
        names = names if begins.header else [f"c{place}" for place in range(1, len(names) + 1)]
        names = [name or f"c{place}" for place, name in enumerate(names, 1)]
    elif len(positions) < len(names):
        notes.append(f"{len(names) - len(positions)} columns have no name in the header and are not declared")
    if lines:
        options["skip_lines"] = lines
    if file.size >= SPLIT_BYTES and not dialect.csv.is_odd and not _holds_newlines(found):
        options["quoted_newlines"] = False
        notes.append("no field looked at holds a newline; quoted_newlines: false lets the file be read in pieces")
    written = CsvFormat(**{key: value for key, value in options.items() if value != _DEFAULTS.get(key)})
    declared = [(f"c{at}", names[at]) for at in positions]
    values, broken, is_whole = read_values(raw, declared, format="csv", csv=written)
    shown = tuple(names[at] for at in positions)
    return Sample(
        file, "csv", shown, values, csv=written, by_position=by_position, notes=tuple(notes), broken=broken,
        is_whole=is_whole,
    )  # fmt: skip


_DEFAULTS = CsvFormat().model_dump()


def unnameable(names: Sequence[str]) -> str:
    """Why columns cannot be declared by the names in their header; "" if they can."""
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        return f"the header names {twice[0]!r} {names.count(twice[0])} times"
    reference = next((name for name in names if "${" in name), None)
    return f"the header's {reference!r} would be taken for a reference to a secret" if reference else ""


def _lines_of(found: Sequence[Record], at: int) -> int:
    """The lines that a record takes."""
    return found[at + 1].lines_before - found[at].lines_before if at + 1 < len(found) else 1


def _all(found: Sequence[Record]) -> list[str]:
    return [field for record in found for field in record.fields]


def _holds_newlines(found: Sequence[Record]) -> bool:
    return any("\n" in field or "\r" in field for field in _all(found))


def _one_column(name: str, text: str) -> Dialect:
    """A list of words, one in each line.

    Raises:
        InputFileError: it is none either.
    """
    lines = text.rstrip().splitlines()
    words = [len(line.split()) for line in lines]
    in_blanks = Counter(words).most_common(1)[0]
    if in_blanks[0] > 1 and in_blanks[1] > 0.9 * len(lines) and any(re.search(r"\S  +\S", line) for line in lines):
        raise InputFileError(
            f"{name} holds no table that c360 reads: its fields are separated by runs of blanks or have fixed widths. "
            "Have it delivered with a delimiter."
        )
    if 0 in words or sum(words) > 4 * len(words):
        raise InputFileError(f"{name} holds no table: no delimiter splits its lines into equally many fields.")
    return Dialect(CsvFormat(), 1, 1.0)
