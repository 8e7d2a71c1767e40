"""The columns of a table out of its files: names, types, and the evidence in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from c360.init_source.evidence import Column, Sample, Values
from c360.init_source.names import in_lake, says_id, words
from c360.init_source.numbers import PLAIN
from c360.init_source.typing import Around, Verdict, judged

SHOWN = 3
"""Examples in a comment."""

_ACCEPTED = 12
_WORD = re.compile(r"[^\W_][\w .&/+'-]{0,29}")


def columns_of(samples: Sequence[Sample], until: date | None) -> list[Column]:
    """The columns of all files of a table, in the order in which the files have them.

    Args:
        samples: its files.
        until: a day nothing in the data is much later than.
    """
    sources = list(dict.fromkeys(name for sample in samples for name in sample.names))
    by_position = any(sample.by_position for sample in samples)
    if by_position:
        sources = list(max(samples, key=lambda sample: len(sample.names)).names)
    parts = {at: [_values(sample, at, source) for sample in samples] for at, source in enumerate(sources)}
    kinds = {source: _kind(samples, source) for source in sources}
    names = in_lake(sources)
    filled = {at: [value for part in parts[at] for value in part if value is not None] for at in parts}
    first = [judged(names[at], filled[at], kinds[source], None, until) for at, source in enumerate(sources)]
    around = _around(first)
    found = [
        _column(names[at], source, parts[at], _again(verdict, names[at], filled[at], kinds[source], around, until))
        for at, (source, verdict) in enumerate(zip(sources, first, strict=True))
    ]
    for column in found if by_position else ():
        if column.source != column.name:
            column.notes.insert(0, f"{column.source!r} in the header")
        column.source = column.name
    return found


def _values(sample: Sample, at: int, source: str) -> Values:
    """A column's values in one file; nulls if the file lacks it."""
    place = at if sample.by_position else sample.names.index(source) if source in sample.names else len(sample.names)
    return sample.values[place] if place < len(sample.values) else [None] * sample.rows


def _kind(samples: Sequence[Sample], source: str) -> str | None:
    kinds = {sample.kinds.get(source) for sample in samples if source in sample.names}
    return kinds.pop() if len(kinds) == 1 else None


def _around(verdicts: Sequence[Verdict]) -> Around:
    """What columns of which one is sure say for those of which one is not."""
    orders: dict[str, set[str]] = {}
    for verdict in verdicts:
        for separator, first in (verdict.moments.order if verdict.moments else {}).items():
            orders.setdefault(separator, set()).add(first)
    order = {separator: firsts.pop() for separator, firsts in orders.items() if len(firsts) == 1}
    commas = any(v.figures and v.figures.numbers.get("decimal") == "," and not v.figures.undecided for v in verdicts)
    return Around(order, "," if commas else None)


def _again(
    verdict: Verdict, name: str, filled: Sequence[str], kind: str | None, around: Around, until: date | None
) -> Verdict:
    """The verdict once the other columns are known."""
    is_open = bool(verdict.moments and verdict.moments.undecided) or (verdict.figures and around.decimal)
    return judged(name, filled, kind, around, until) if is_open else verdict


def _column(name: str, source: str, parts: list[Values], verdict: Verdict) -> Column:
    nulls = set(verdict.options.get("null_values", ()))
    cleaned = [[None if value in nulls else value for value in part] for part in parts] if nulls else parts
    if verdict.type in ("int", "bigint") and not verdict.options:
        cleaned = [[_whole(value) for value in part] for part in cleaned]
    column = Column(name, source, cleaned, verdict.type, dict(verdict.options), list(verdict.notes))
    if verdict.misfits:
        count = Counter(value for part in parts for value in part if value in set(verdict.misfits)).total()
        column.notes.append(f"{count:,} of {column.rows - column.nulls:,} are none and will be rejected{{examples}}")
        column.misfits = verdict.misfits
    return column


def _whole(value: str | None) -> str | None:
    """17850.0 as 17850, so that it is the id it was."""
    if value is None or not PLAIN.fullmatch(value):
        return value
    whole = value.partition(".")[0]
    return whole.removeprefix("+").lstrip("0") or "0" if not whole.startswith("-") else whole


def evidence(column: Column) -> str:
    """All that speaks for a column's declaration, on one line; without its values if they say who somebody is."""
    shown = "" if column.pii or not column.misfits else f", such as {_listed(column.misfits)}"
    said = [note.replace("{examples}", shown) for note in column.notes]
    if column.pii:
        said.insert(0, f"personal: {column.pii}")
    if column.distinct:
        said += _counts(column)
    if 0 < column.nulls < column.rows:
        said.append(f"{column.nulls:,} of {column.rows:,} null")
    return "; ".join(said)


def _counts(column: Column) -> list[str]:
    distinct = len(column.distinct)
    if distinct == 1 and column.rows > 1:
        return [] if column.type == "boolean" else [f"always {next(iter(column.distinct))!r}" if not column.pii else
                                                    "always the same"]  # fmt: skip
    said = f"{distinct:,} of {column.rows - column.nulls:,} distinct"
    if column.pii or column.type == "boolean":
        return [said] if column.pii else []
    bounds = _bounds(column)
    return [f"{said}, {bounds[0]} … {bounds[1]}"] if bounds else [said]


def _bounds(column: Column) -> tuple[str, str] | None:
    """The least and the greatest value, of numbers and of dates that sort as texts."""
    if column.is_moment and "format" not in column.options:
        return min(column.distinct), max(column.distinct)
    if column.is_moment or column.type in ("string", "boolean") or "numbers" in column.options:
        return None
    numbers = [value for value in column.distinct if PLAIN.fullmatch(value)]
    if not numbers:
        return None
    return min(numbers, key=Decimal), max(numbers, key=Decimal)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(repr(value if len(value) <= 30 else f"{value[:29]}…") for value in values[:SHOWN])


def accepted(column: Column) -> list[str]:
    """The few words of which each of a text column's values is one; empty if it is no such column."""
    if column.type != "string" or column.pii or says_id(column.name) or "name" in words(column.name):
        return []
    counted = Counter(value for part in column.values for value in part if value is not None)
    few = 2 <= len(counted) <= _ACCEPTED and min(counted.values()) >= 2
    if not few or counted.total() < 4 * len(counted):
        return []
    return (
        sorted(counted) if all(_WORD.fullmatch(v) and len(v.split()) <= 3 and not v.isdigit() for v in counted) else []
    )


def lacking(samples: Sequence[Sample]) -> Mapping[str, list[str]]:
    """Files that lack columns which others of the table have: file → columns."""
    every = list(dict.fromkeys(name for sample in samples for name in sample.names))
    lack = {s.file.name: [name for name in every if name not in s.names] for s in samples if not s.by_position}
    return {name: columns for name, columns in lack.items() if columns}
