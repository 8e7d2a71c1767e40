"""Where the records of a table begin, and whether the first row names the columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from c360.init_source.names import says_id, says_moment, snake, words

COMPARED = 1000
"""Rows that the first one is compared with."""

LOOKED_THROUGH = 20
"""Rows in which the table's first one is looked for."""

_KINDS = {
    "number": re.compile(r"[-+(]?\s?[€$£¥]?\s?[0-9][0-9.,' \u00a0]*(e[-+]?[0-9]+)?\s?[€%]?\)?", re.IGNORECASE),
    "moment": re.compile(r"[0-9]{1,4}[-/.][0-9A-Za-z]{1,3}[-/.][0-9]{1,4}([ T][0-9:.]+.*)?"),
    "clock": re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "guid": re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"),
    "code": re.compile(r"[A-Za-z]{1,6}[-_ ]?[0-9]{2,}"),
}
_NAME = re.compile(r"[^\W\d_][\w .#%&()/:-]{0,59}|[A-Za-z_][\w .]{0,59}|[0-9]{4}")
_COMMON = set(
    """name names first last middle full title email mail phone tel mobile fax address street city town state region
    country zip postal postcode plz ort strasse land type kind status category class group level tier segment
    description text comment comments note notes amount price cost total subtotal tax discount currency value qty
    quantity count points score rating gender sex birth dob age date time year month day created updated modified
    channel method product customer order store agent manager item line brand color colour size weight unit url
    reason active flag vorname nachname kunde kundennummer betrag preis datum menge anzahl""".split()
)


@dataclass(frozen=True)
class Layout:
    """Which row is the table's first, and whether it is a header; `why` in words."""

    first: int
    header: bool
    why: str


def layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Where a table begins in rows of which all its own are equally wide.

    Args:
        rows: at least one; texts, "" where a cell is empty.
    """
    first = _first(rows)
    top, rest = rows[first], [row for row in rows[first + 1 : first + 1 + COMPARED] if len(row) == len(rows[first])]
    if not rest:
        is_header = all(map(_is_name, top)) and len({*top}) == len(top) and any(map(_is_common, top))
        return Layout(first, is_header, "the only row; it reads like names" if is_header else "the only row")
    votes = [_vote(cell.strip(), [row[at].strip() for row in rest]) for at, cell in enumerate(top)]
    if sum(votes) > 0:
        return Layout(first, True, "the first row reads like names")
    alike = sum(vote < 0 for vote in votes)
    return Layout(first, False, f"the first row is like the others in {alike} of {len(top)} columns")


def _first(rows: Sequence[Sequence[str]]) -> int:
    """The first row of the usual width that is filled like the others: a title above it fills a cell or two."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    usual = [sum(bool(cell.strip()) for cell in row) for row in rows if len(row) == width]
    filled = sorted(usual)[len(usual) // 2]
    for at, row in enumerate(rows[: LOOKED_THROUGH + 1]):
        if len(row) == width and sum(bool(cell.strip()) for cell in row) >= 0.6 * filled:
            return at
    return next(at for at, row in enumerate(rows) if len(row) == width)


def _vote(cell: str, rest: Sequence[str]) -> float:
    """How much a column speaks for a header: more than 0 for, less than 0 against."""
    filled = [value for value in rest if value]
    if not cell:
        return -0.5 if filled else 0.0
    for kind in _KINDS.values():
        if filled and sum(bool(kind.fullmatch(value)) for value in filled) >= 0.8 * len(filled):
            return -2.0 if kind.fullmatch(cell) else 2.0
    if cell in filled:
        return -1.5
    if any(kind.fullmatch(cell) for kind in _KINDS.values()):
        return -1.0
    if _is_common(cell):
        return 1.0
    return 0.3 if _is_name(cell) else -0.5


def _is_name(cell: str) -> bool:
    return bool(_NAME.fullmatch(cell.strip()))


def _is_common(cell: str) -> bool:
    name = snake(cell)
    return len(cell) <= 40 and (says_id(name) or says_moment(name) or bool(words(name) & _COMMON))
