"""Which columns refer to rows of other tables: by their names, and by the values they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from c360.init_source.evidence import Column, Table
from c360.init_source.names import says_id, singular, stem

LEAST_SHARED = 0.95
"""The share of a column's distinct values that must be keys of the parent."""

LEAST_OF_PART = 0.5
"""The same where only a part of the parent was looked at, and the name leaves no doubt."""


@dataclass(frozen=True)
class _Candidate:
    child: Table
    column: Column
    parent: Table
    fit: int
    shared: int

    @property
    def share(self) -> float:
        return self.shared / len(self.column.distinct)

    @property
    def holds(self) -> bool:
        """Whether enough is shared; less is enough where only a part of the parent's keys was looked at."""
        return self.share >= (LEAST_SHARED if self.parent.is_whole or self.fit < 3 else LEAST_OF_PART)


def refer(tables: Sequence[Table]) -> None:
    """Give each table its references, the surest first, and none that would close a circle."""
    parents = [table for table in tables if table.key and len(table.key.columns) == 1 and table.has_names]
    candidates = [
        candidate
        for child in tables
        if child.has_names
        for column in child.columns
        if column.distinct and not column.is_moment and not column.is_measure
        for candidate in _best_parents(child, column, parents)
    ]
    for candidate in sorted(candidates, key=lambda c: (-c.fit, -c.share, c.child.name, c.column.name, c.parent.name)):
        _take(candidate, tables)


def _best_parents(child: Table, column: Column, parents: Sequence[Table]) -> list[_Candidate]:
    """The parents that fit a column's name best; of several that fit equally, the smallest that has the values."""
    found = []
    for parent in parents:
        fit = _fit(column, parent)
        key = _key(parent)
        is_own = child.key is not None and child.key.columns == (column.name,)
        # what a row is known by refers to another table only where that is clearly the home of such ids
        if parent is child or fit < (3 if is_own else 1) or _family(column) != _family(key):
            continue
        found.append(_Candidate(child, column, parent, fit, len(column.distinct & key.distinct)))
    holding = [c for c in found if c.holds]
    if holding:
        return sorted(holding, key=lambda c: (-c.fit, len(_key(c.parent).distinct), c.parent.name))[:1]
    return sorted(found, key=lambda c: (-c.fit, -c.share))[:1]


def _take(candidate: _Candidate, tables: Sequence[Table]) -> None:
    child, column, parent = candidate.child, candidate.column, candidate.parent
    key = _key(parent).name
    said = f"{candidate.shared:,} of {len(column.distinct):,} distinct are {parent.name}.{key}"
    if not candidate.holds:
        if candidate.fit > 2:
            child.doubts.append(f"{column.name} may refer to {parent.name}, but only {said}")
    elif _reaches(parent, child, tables):
        child.doubts.append(f"{column.name} fits {parent.name} too ({said}), but references must not go in a circle")
    else:
        child.references[column.name] = (parent.name, said)


def _reaches(start: Table, goal: Table, tables: Sequence[Table]) -> bool:
    """Whether references lead from one table to another."""
    by_name = {table.name: table for table in tables}
    seen: set[str] = set()
    ways = [start]
    for table in ways:
        if table is goal:
            return True
        for parent, _ in table.references.values():
            if parent not in seen:
                seen.add(parent)
                ways.append(by_name[parent])
    return False


def _key(table: Table) -> Column:
    assert table.key is not None, "a parent has a key of one column"
    return table.column(table.key.columns[0])


def _family(column: Column) -> str:
    return "number" if column.is_whole_number else column.type


def _fit(column: Column, parent: Table) -> int:
    """How well a column's name fits a parent, 0 if it does not.

    4: customer_id and customers with the key customer_id; 3: person_id and persons, whatever its key is called;
    2: ship_to_address_id and addresses; 1: a key of the same name in a table that is called otherwise.
    """
    key, one, called = _key(parent).name, singular(parent.base), stem(column.name)
    is_home = bool(called) and called == one
    if not says_id(column.name) and not (called and (called == stem(key) or called.endswith(f"_{stem(key)}"))):
        return 0
    if is_home or (called and parent.base == called):
        return 4 if column.name == key else 3
    home_of_key = stem(key) and (one == stem(key) or one.endswith(f"_{stem(key)}"))
    if column.name == key:
        return 3 if home_of_key else 1
    if called and (called.endswith(f"_{one}") or (home_of_key and called.endswith(f"_{stem(key)}"))):
        return 2
    if called and "_" not in called and one.endswith(f"_{called}"):
        return 1
    return 0
