"""The header line: which field of a record is which declared column."""

from __future__ import annotations

import csv as python_csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.encoding import HEAD_BYTES, TextStream, show
from c360.ingest.rescued import ERROR, RAW
from c360.ingest.spec import RawSpec

_NAMES_SHOWN = 30


class Header(NamedTuple):
    """The names of all fields, and what the header takes of the file: lines, and bytes of its UTF-8 text."""

    names: tuple[str, ...]
    lines: int
    size: int


@dataclass(frozen=True)
class Fields:
    """Where the columns are in a record.

    Attributes:
        declared: The declared columns' positions, in declared order.
        others: The undeclared ones, in the file's order: (key in `_rescued`, position).
        count: How many fields a record has.
    """

    declared: tuple[int, ...]
    others: tuple[tuple[str, int], ...]
    count: int

    @classmethod
    def in_declared_order(cls, spec: RawSpec) -> Fields:
        """The fields of a file without a header."""
        return cls(tuple(range(len(spec.columns))), (), len(spec.columns))


def dialect(csv: CsvFormat) -> dict[str, Any]:
    """Returns the arguments by which Python's csv module reads the format."""
    quoting = python_csv.QUOTE_MINIMAL if csv.quote else python_csv.QUOTE_NONE
    return {"delimiter": csv.delimiter, "quotechar": csv.quote, "escapechar": csv.escape, "quoting": quoting}


def read_header(stream: TextStream, file_name: str, csv: CsvFormat) -> Header | None:
    """Reads the first record that is not a blank line; None if there is none.

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

    try:
        names = next(filter(None, python_csv.reader(lines(), **dialect(csv))), None)
    except python_csv.Error as error:
        raise InputFileError(f"{file_name}: its header cannot be read ({error}): does a quote never close?") from error
    if names is None:
        return None
    if asked_for_more:
        line = next(number for number, text in enumerate(taken, 1) if text.strip("\r\n"))
        raise InputFileError(f"{file_name}: a quote opened in line {line}, the header, never closes.")
    if len(head) >= HEAD_BYTES and not taken[-1].endswith(("\r", "\n")):
        raise InputFileError(f"{file_name} is not a CSV text file: its first line is longer than {HEAD_BYTES} bytes.")
    cleaned = tuple(show(name).strip().strip("\ufeff").strip() for name in names)
    return Header(cleaned, len(taken), len("".join(taken).encode()))


def match_fields(spec: RawSpec, file_name: str, names: Sequence[str]) -> Fields:
    """Finds each declared column's field by its name: exactly written, else in any case.

    Args:
        spec: The declared columns.
        file_name: For messages.
        names: The header's names.

    Raises:
        InputFileError: A declared column is not there, or there twice.
    """
    declared = tuple(_position(source_name.strip(), file_name, names) for _, source_name in spec.columns)
    others = []
    used = {ERROR, RAW}
    for position, name in enumerate(names):
        if position in declared:
            continue
        key = name or f"column_{position + 1}"
        if key in used:
            key = next(f"{key}_{number}" for number in range(2, len(names) + 4) if f"{key}_{number}" not in used)
        used.add(key)
        others.append((key, position))
    return Fields(declared, tuple(others), len(names))


def _position(wanted: str, file_name: str, names: Sequence[str]) -> int:
    found = [position for position, name in enumerate(names) if name == wanted]
    if not found:
        found = [position for position, name in enumerate(names) if name.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputFileError(
            f"{file_name}: the header names column {wanted} {len(found)} times (fields "
            f"{', '.join(str(position + 1) for position in found)}), so it is unclear which one is meant. Rename one."
        )
    shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
    raise InputFileError(
        f"{file_name} has no column {wanted}; its header names: {shown}. "
        "Declare the name it has there as `from`, or the right delimiter."
    )
