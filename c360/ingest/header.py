"""The header line: which field of a record is which declared column."""

from __future__ import annotations

import csv as python_csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.encoding import HEAD_BYTES, TextStream, show
from c360.ingest.rescued import ERROR, MISSING, RAW, as_json, without_undecodable
from c360.ingest.spec import RawSpec

_NAMES_SHOWN = 30
ADVICE = ", or the right delimiter"


class Header(NamedTuple):
    """The names of all fields, and what the header takes of the file: lines, and bytes of its UTF-8 text."""

    names: tuple[str, ...]
    lines: int
    size: int


@dataclass(frozen=True)
class Fields:
    """Where the columns are in a record.

    Attributes:
        declared: The declared columns' positions, in declared order; None for one that is missing, where that may be.
        others: The undeclared ones, in the file's order: (key in `_rescued`, position).
        count: How many fields a record has.
    """

    declared: tuple[int | None, ...]
    others: tuple[tuple[str, int], ...]
    count: int

    @classmethod
    def in_declared_order(cls, spec: RawSpec) -> Fields:
        """The fields of a file without a header."""
        return cls(tuple(range(len(spec.columns))), (), len(spec.columns))

    def values(
        self, spec: RawSpec, columns: Sequence[pa.Array], stream: TextStream | None = None
    ) -> tuple[list[pa.Array], pa.Array]:
        """Returns the declared columns and `_rescued` of well-formed records.

        Args:
            spec: The declared columns.
            columns: One string array for each field.
            stream: Where they come from, which knows whether it met bytes that it could not decode; without one, they
                are looked for.
        """
        count = len(columns[0])
        named = list(zip((name for name, _ in spec.columns), self.declared, strict=True))
        declared = {name: pa.nulls(count, pa.string()) if at is None else columns[at] for name, at in named}
        others = {key: columns[at] for key, at in self.others}
        if missing := [name for name, at in named if at is None]:
            others = {MISSING: pa.repeat(pa.scalar(", ".join(missing)), count)} | others
        rescued = as_json(others, count)
        if stream is not None and not stream.suspect:
            return list(declared.values()), rescued
        encoding = stream.encoding if stream else "utf-8"
        return without_undecodable(declared, others, rescued, encoding, spec.csv.delimiter)


def dialect(csv: CsvFormat) -> dict[str, Any]:
    """Returns the arguments by which Python's csv module reads the format."""
    quoting = python_csv.QUOTE_MINIMAL if csv.quote else python_csv.QUOTE_NONE
    return {"delimiter": csv.delimiter, "quotechar": csv.quote, "escapechar": csv.escape, "quoting": quoting}


def read_header(stream: TextStream, file_name: str, csv: CsvFormat) -> Header | None:
    """Reads the first record that is not a blank line, behind the lines to skip; None if there is none.

    Args:
        stream: The file from its beginning; is left somewhere behind the header.
        file_name: For messages.
        csv: How the file is written.

    Raises:
        InputFileError: It has no end.
    """
    head = stream.read(HEAD_BYTES)
    taken: list[str] = []
    asked_for_more = False

    def lines() -> Iterator[str]:
        nonlocal asked_for_more
        for line in io.StringIO(head.decode(), newline=""):
            taken.append(line)
            yield line
        asked_for_more = True

    every = lines()
    for _ in range(csv.skip_lines):
        next(every, None)
    if not csv.header:
        return Header((), len(taken), len("".join(taken).encode()))
    try:
        names = next(filter(None, python_csv.reader(every, **dialect(csv))), None)
    except python_csv.Error as error:
        raise InputFileError(f"{file_name}: its header cannot be read ({error}): does a quote never close?") from error
    if names is None:
        return None
    if asked_for_more:
        line = next(n for n, text in enumerate(taken, 1) if n > csv.skip_lines and text.strip("\r\n"))
        raise InputFileError(f"{file_name}: a quote opened in line {line}, the header, never closes.")
    if len(head) >= HEAD_BYTES and not taken[-1].endswith(("\r", "\n")):
        raise InputFileError(f"{file_name} is not a CSV text file: its first line is longer than {HEAD_BYTES} bytes.")
    cleaned = tuple(show(name).strip().strip("\ufeff").strip() for name in names)
    return Header(cleaned, len(taken), len("".join(taken).encode()))


def match_fields(spec: RawSpec, file_name: str, names: Sequence[str], advice: str = "") -> Fields:
    """Finds each declared column's field by its name: exactly written, else in any case.

    Args:
        spec: The declared columns, and what the contract says of others.
        file_name: For messages.
        names: The header's names.
        advice: What else may be wrong where a column is missing.

    Raises:
        InputFileError: A declared column is there twice, or not there, or an undeclared one is, and may not be.
    """
    declared = tuple(_position(source_name.strip(), file_name, names) for _, source_name in spec.columns)
    missing = [source for (_, source), at in zip(spec.columns, declared, strict=True) if at is None]
    if missing and spec.contract.missing_columns == "freeze":
        shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
        raise InputFileError(
            f"{file_name} has no column {missing[0]}; its header names: {shown}. "
            f"Declare the name it has there as `from`{advice}."
        )
    if len(missing) == len(declared):
        raise InputFileError(f"{file_name} has none of the declared columns; its header names: {', '.join(names)}.")
    others = []
    used = {ERROR, RAW, MISSING}
    for position, name in enumerate(names):
        if position in declared:
            continue
        key = name or f"column_{position + 1}"
        if key in used:
            key = next(f"{key}_{number}" for number in range(2, len(names) + 4) if f"{key}_{number}" not in used)
        used.add(key)
        others.append((key, position))
        if name and spec.contract.new_columns == "freeze":
            raise undeclared(file_name, name)
    return Fields(declared, tuple(others), len(names))


def undeclared(file_name: str, column: str) -> InputFileError:
    """What to say of a column that a frozen contract does not allow."""
    return InputFileError(
        f"{file_name} has a column {column} that is not declared, and `contract: {{new_columns: freeze}}` refuses it. "
        "Declare it, or choose evolve or quarantine."
    )


def _position(wanted: str, file_name: str, names: Sequence[str]) -> int | None:
    found = [position for position, name in enumerate(names) if name == wanted]
    if not found:
        found = [position for position, name in enumerate(names) if name.casefold() == wanted.casefold()]
    if len(found) > 1:
        raise InputFileError(
            f"{file_name}: the header names column {wanted} {len(found)} times (fields "
            f"{', '.join(str(position + 1) for position in found)}), so it is unclear which one is meant. Rename one."
        )
    return found[0] if found else None
