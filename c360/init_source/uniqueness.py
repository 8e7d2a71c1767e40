"""How often rows of a sample agree in some columns: within a file, where a key may not, and across files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from c360.init_source.evidence import Column, Values

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Count:
    """What the rows of some columns are.

    Attributes:
        rows: all.
        nulls: those without a value in one of the columns.
        distinct: different ones among the others.
        repeats: those that come again in the same file.
        again: those that come again in another file only.
    """

    rows: int
    nulls: int
    distinct: int
    repeats: int
    again: int


def count(columns: Sequence[Column]) -> Count:
    """Count the rows of some columns."""
    rows = nulls = per_file = filled = 0
    every: set[Row] = set()
    for part in _files(columns):
        whole = [row for row in zip(*part, strict=True) if None not in row]
        own = set(whole)
        rows += len(part[0])
        nulls += len(part[0]) - len(whole)
        filled += len(whole)
        per_file += len(own)
        every |= own
    return Count(rows, nulls, len(every), filled - per_file, per_file - len(every))


def is_unique(columns: Sequence[Column], allowed: int = 0) -> bool:
    """Whether no two rows of one file agree in all the columns; those with a null do not count.

    Args:
        columns: at least one.
        allowed: so many rows may.
    """
    bound = 1
    for column in columns:
        bound *= len(column.distinct)
    rows, nulls = columns[0].rows, sum(column.nulls for column in columns)
    if bound * len(columns[0].values) < rows - nulls - allowed:
        return False
    repeats = 0
    for part in _files(columns):
        seen: set[Row] = set()
        for row in zip(*part, strict=True):
            if row in seen and None not in row:
                repeats += 1
                if repeats > allowed:
                    return False
            seen.add(row)
    return True


def without_copies(columns: Sequence[Column]) -> tuple[list[Column], int]:
    """The columns without rows that are whole copies of another one in their file, and how many those were."""
    kept: list[list[Row]] = [list(dict.fromkeys(zip(*part, strict=True))) for part in _files(columns)]
    copies = columns[0].rows - sum(map(len, kept))
    if not copies:
        return list(columns), 0
    return [replace(c, values=[[row[at] for row in part] for part in kept]) for at, c in enumerate(columns)], copies


def _files(columns: Sequence[Column]) -> list[list[Values]]:
    """The columns' values, file by file."""
    return [[column.values[at] for column in columns] for at in range(len(columns[0].values))]
