"""Which signs separate the fields of a delimited text, found by counting fields over many records."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from c360.config import CsvFormat
from c360.ingest.header import dialect as python_dialect

RECORDS = 2000
"""Records that are counted for each candidate."""

_SIGNS = "\t|;,^~\x01"
"""Delimiters of one character, from the clearest to the one that texts have for themselves."""

_RUN = re.compile(r"(?<![^\w\s\"'.,;])[^\w\s\"'.,;()<>{}\[\]/\\-]{2,3}(?![^\w\s\"'.,;<(])|::")
_LAST = re.compile(r"[^\w\s\"'.)\]>},;%-]{1,4}$")
_NUMBER = re.compile(r"[-+(]?[0-9][0-9.' ]*,[0-9]+\)?")


class Record(NamedTuple):
    """The fields of a record, and how many lines of the file lie before it."""

    fields: list[str]
    lines_before: int


@dataclass(frozen=True)
class Dialect:
    """How a text is written, and what it then looks like.

    Attributes:
        csv: its separators and quotes.
        width: the fields of most records.
        share: of the records, from the first with so many fields on, that have so many.
    """

    csv: CsvFormat
    width: int
    share: float


def dialect_of(text: str) -> Dialect | None:
    """The signs that split a text most evenly into fields; None if none does."""
    found = [judged for csv_format in _candidates(text) if (judged := _judged(text, csv_format)) is not None]
    return max(found, key=lambda ranked: ranked[0])[1] if found else None


def without_quotes(text: str, dialect: Dialect) -> Dialect | None:
    """The same where quotes mean nothing; None if its records are then not even.

    For a text in which a quote never closes: it may be a sign for inches.
    """
    if dialect.csv.quote is None or dialect.csv.is_odd:
        return None
    judged = _judged(text, CsvFormat(delimiter=dialect.csv.delimiter, quote=None))
    return judged[1] if judged is not None and judged[1].share >= 0.98 else None


def records(text: str, csv_format: CsvFormat) -> Iterator[Record]:
    """The records of a text that are not blank.

    Raises:
        csv.Error: a quote never closes.
    """
    if csv_format.is_odd:
        end = csv_format.terminator or "\n"
        for number, record in enumerate(text.replace("\r\n", "\n").split(end.replace("\r\n", "\n"))):
            if record.strip():
                yield Record(record.split(csv_format.delimiter), number)
        return
    reader = csv.reader(io.StringIO(text, newline=""), **python_dialect(csv_format))
    before = 0
    for fields in reader:
        if fields:
            yield Record(fields, before)
        before = reader.line_num


def _candidates(text: str) -> Iterator[CsvFormat]:
    head = text[: 256 * 1024]
    lines = head.splitlines()
    runs = Counter(_RUN.findall(head)).most_common(4)
    odd = [run for run, count in runs if count >= max(1, len(lines) // 2) and len(set(head)) > 4 and run.isascii()]
    ends = _ends(head, lines)
    for delimiter in odd:
        yield CsvFormat(delimiter=delimiter, quote=None)
    for delimiter in (*odd, *_SIGNS):
        for end in ends:
            if delimiter in head and end[0] != delimiter and set(end) - set(delimiter) and len(end) <= 8:
                yield CsvFormat(delimiter=delimiter, terminator=end, quote=None)
    for delimiter in _SIGNS:
        if delimiter not in head:
            continue
        yield CsvFormat(delimiter=delimiter)
        if '"' in head:
            yield CsvFormat(delimiter=delimiter, quote=None)
        if '\\"' in head:
            yield CsvFormat(delimiter=delimiter, escape="\\")
        if head.count(f"'{delimiter}'") > len(lines) // 4:
            yield CsvFormat(delimiter=delimiter, quote="'")


def _ends(head: str, lines: Sequence[str]) -> list[str]:
    """Signs with which most lines end, with the line's own end behind them."""
    newline = "\r\n" if "\r\n" in head else "\n"
    last = [match[0] for line in lines if (match := _LAST.search(line))]
    tails = Counter(signs[-length:] for signs in last for length in range(2, len(signs) + 1))
    return [signs + newline for signs, count in tails.items() if 2 * count >= len(lines) and signs.isascii()]


_Rank = tuple[float, float, int, int, int]


def _judged(text: str, csv_format: CsvFormat) -> tuple[_Rank, Dialect] | None:
    try:
        found = [record.fields for record in islice(records(text, csv_format), RECORDS)]
    except csv.Error:
        return None
    if text and len(found) > 1 and len(found) < RECORDS:
        found = found[: len(found) - _is_cut(found)]
    widths = Counter(map(len, found))
    width = max(widths, key=lambda wide: (widths[wide] if wide > 1 else 0, wide), default=1)
    if width < 2:
        return None
    first = next(at for at, fields in enumerate(found) if len(fields) == width)
    share = widths[width] / (len(found) - first)
    if share < 0.7 or first > len(found) / 2 + 1:
        return None
    clean = _cleanliness([fields for fields in found if len(fields) == width][:200], csv_format.delimiter)
    end = csv_format.terminator
    # several signs are no accident; of two terminators that fit equally the shorter one: empty fields stand before it
    odd = 100 * len(csv_format.delimiter) + (200 - len(end) if end else 0)
    quotes = 3 if csv_format.quote == '"' and not csv_format.escape else 2 if csv_format.quote else 1
    rank = (round(share, 2), round(clean, 2), odd, quotes, width)
    return rank, Dialect(csv_format, width, share)


def _is_cut(found: Sequence[Sequence[str]]) -> bool:
    """Whether the last record looks as if the text had been cut in it."""
    return len(found[-1]) < len(found[-2])


def _cleanliness(found: Sequence[Sequence[str]], delimiter: str) -> float:
    """The share of fields in which no other delimiter is left, but for the comma of a number or a sentence."""
    filled = [field for fields in found for field in fields if field.strip()]
    others = [sign for sign in "\t|;" if sign not in delimiter]

    def is_clean(field: str) -> bool:
        if any(sign in field for sign in others):
            return False
        return "," not in field or ", " in field or delimiter == "," or bool(_NUMBER.fullmatch(field.strip()))

    return sum(map(is_clean, filled)) / len(filled) if filled else 0.0
