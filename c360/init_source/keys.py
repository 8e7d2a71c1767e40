"""The columns a row is known by: the smallest set that is unique and never null over the sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from c360.init_source.evidence import Column, Key, Table
from c360.init_source.names import says_changed, says_id, singular, stem, words
from c360.init_source.uniqueness import count, is_unique, without_copies

LEAST_DISTINCT = 0.8
"""Of a table's own id, the share of its values that must differ where its rows are versions or repeated."""

NEARLY = 0.95
"""The share of different values in each file from which an id that is not the table's own by its name is the key."""

MOST_NULL = 0.1
"""The share of rows in which a table's own id may be null: a run rejects them."""

DIRT = 0.01
"""The share of rows of a longer table that may be null, or repeat a key of several columns, as dirt does."""

LONGER = 100
_MOST_CANDIDATES = 12
_ROW_GUID = {"rowguid", "row_guid", "row_id", "hash", "row_hash", "checksum"}
_PART = re.compile(
    r"(^|_)(line|lineno|seq|sequence|position|pos|ordinal|version|language|lang|locale|currency|type)(_|$)"
)
_NO_KEY = {"amount", "quantity", "qty", "price", "points", "score", "rating", "comment", "comments", "text", "note"}


def key_of(table: Table) -> Key:
    """A table's key, with what speaks for it; the best candidate if no set of columns is unique."""
    columns, copies = without_copies(table.columns)
    if copies > (1 - NEARLY) * table.columns[0].rows:  # too many for dirt: they may well be things of their own
        columns, copies = table.columns, 0
    bare = replace(table, columns=columns)
    key = _found(bare)
    if copies:
        key.why += f"; {copies:,} whole {'copy' if copies == 1 else 'copies'} of other rows aside"
    return key


def _found(table: Table) -> Key:
    filled = [c for c in table.columns if c.distinct and not c.is_measure]
    complete = [c for c in filled if c.nulls <= _dirt(c.rows)]
    own = [c for c in filled if _is_id(table, c)]
    ids = [c for c in complete if c in own]
    newest = _newest(table)
    return (
        _best(table, [(c,) for c in ids])
        or _own_id(table, [c for c in own if _is_wholly_own(table, c)], newest)
        # rows that link others: the id of country_region_currency is not the currency's alone
        or _best(table, combinations(ids[:_MOST_CANDIDATES], 2))
        or _own_id(table, own, newest)
        or _nearly_unique(table, ids, newest)
        or (None if table.has_names else _best(table, [(c,) for c in complete[:1] if not c.is_moment]))
        or _of_several(table, ids, complete)
        or _nothing_unique(table, own or filled or table.columns, newest)
    )


def _dirt(rows: int) -> int:
    """How many rows may be wrong."""
    return int(DIRT * rows) if rows >= LONGER else 0


def _of_several(table: Table, ids: Sequence[Column], complete: Sequence[Column]) -> Key | None:
    """Of several columns, ids first; then a name or a code alone; then whatever is unique."""
    moments = [c for c in complete if c.is_moment and not says_changed(c.name)]
    parts = [c for c in complete if c not in ids and not c.is_moment and _PART.search(c.name)]
    good = [*ids, *moments, *parts][:_MOST_CANDIDATES]
    by_size = [[s for s in combinations(good, size) if any(c in ids for c in s)] for size in (2, 3)]
    by_size = [sorted(sets, key=lambda s: (sum(c not in ids for c in s), _places(table, s))) for sets in by_size]
    for allowed in sorted({0, _dirt(table.columns[0].rows)}):
        for sets in by_size:
            if found := _best(table, sets, allowed):
                return found
    words_alone = [c for c in complete if c not in good and not c.is_moment and not words(c.name) & _NO_KEY]
    if found := _best(table, [(c,) for c in words_alone if _is_short(c)]):
        return found
    guids = [c for c in complete if c.name in _ROW_GUID]
    if found := _best(table, [(c,) for c in guids]):
        return found
    every = [c for c in complete if not says_changed(c.name)][:_MOST_CANDIDATES]
    for size in (2, 3):
        sets = sorted(combinations(every, size), key=lambda s: (sum(c not in good for c in s), _places(table, s)))
        if found := _best(table, sets):
            return found
    return None


def _best(table: Table, sets: Iterable[Sequence[Column]], allowed: int = 0) -> Key | None:
    """The first unique set; of single columns the one whose name and type fit best."""
    unique = []
    for columns in sets:
        if is_unique(columns, allowed):
            if len(columns) > 1:
                return _key(table, columns)
            unique.append(columns)
    return _key(table, max(unique, key=lambda one: _fitness(table, one[0]))) if unique else None


def _key(table: Table, columns: Sequence[Column]) -> Key:
    found = count(columns)
    is_one = len(columns) == 1
    verb = f"{', '.join(c.name for c in columns)} {'is' if is_one else 'are together'}"
    unique = "unique in each file" if len(columns[0].values) > 1 else "unique"
    if found.repeats:
        unique = f"nearly unique ({found.repeats:,} repeat one)"
    said = f"{found.rows:,} rows: {verb} {unique} and never null"
    if found.nulls:
        said = f"{found.rows:,} rows: {verb} {unique}, and null in {found.nulls:,}, which a run rejects"
    said += f"; {found.again:,} come again in a later file" if found.again else ""
    others = [c for c in table.columns if c not in columns and is_one and not c.nulls]
    also = [c.name for c in others if not c.is_measure and not c.is_moment and is_unique((c,))]
    if found.rows == 1:
        said = "one row only: nothing tells what is unique"
    elif also:
        said += f"; so {'are' if len(also) > 1 else 'is'} {', '.join(also[:3])}"
    return Key(tuple(c.name for c in columns), said, _newest(table))


def _newest(table: Table) -> str | None:
    changed = [c.name for c in table.columns if c.is_moment and says_changed(c.name) and not c.nulls]
    return changed[0] if len(changed) == 1 else None


def _is_id(table: Table, column: Column) -> bool:
    if column.is_moment or column.name in _ROW_GUID:
        return False
    return says_id(column.name) or _is_own(table, column)


def _is_own(table: Table, column: Column) -> bool:
    """Whether its name is that of the table's own id: `id`, customer_id in customers, item_id in transaction_items."""
    called = stem(column.name)
    one = singular(table.base)
    if not called:
        return column.name in ("id", "key", "code", "guid", "uuid", "no", "nr")
    return says_id(column.name) and (one == called or one.endswith(f"_{called}") or singular(called) == one)


def _is_wholly_own(table: Table, column: Column) -> bool:
    """Whether it is called after the whole table: customer_id in customers, not sale_id in gift_sales."""
    return _is_own(table, column) and stem(column.name) in ("", singular(table.base))


def _fitness(table: Table, column: Column) -> tuple[bool, bool, bool, bool, int]:
    """How well a unique column suits: the table's own id, an id, a whole number, no second name, leftmost."""
    is_own = _is_own(table, column) or column.name == f"{singular(table.name)}_id"
    is_id = column.name == "id" or column.name.endswith("_id")
    second = not re.search(r"(number|no|num|guid|uuid)$", column.name)
    return is_own, is_id, column.is_whole_number, second, -_places(table, (column,))[0]


def _places(table: Table, columns: Sequence[Column]) -> tuple[int, ...]:
    return tuple(table.columns.index(column) for column in columns)


def _is_short(column: Column) -> bool:
    """Whether it is of codes, words or names rather than of sentences or measures."""
    return column.is_whole_number or max(map(len, column.distinct)) <= 60


def _own_id(table: Table, candidates: Sequence[Column], newest: str | None) -> Key | None:
    """The table's own id although it repeats or is null in some rows: dirt, or versions of one thing."""
    for column in candidates:
        found = count((column,))
        if not _is_own(table, column) or found.nulls > MOST_NULL * found.rows or found.distinct < 2:
            continue
        filled = found.rows - found.nulls
        versions = newest is not None and is_unique((column, table.column(newest)))
        if versions or filled - found.repeats >= LEAST_DISTINCT * filled:
            return Key((column.name,), _doubts(table, column, newest), newest)
    return None


def _nearly_unique(table: Table, ids: Sequence[Column], newest: str | None) -> Key | None:
    """An id that so few rows repeat that they are rather dirt or versions than things of their own."""
    for column in ids:
        found = count((column,))
        if found.rows >= 20 and found.repeats <= (1 - NEARLY) * found.rows:
            return Key((column.name,), f"nearly unique: {_doubts(table, column, newest)}", newest)
    return None


def _doubts(table: Table, column: Column, newest: str | None) -> str:
    """How often a key repeats or is null, and what may be behind it."""
    found = count((column,))
    said = f"{found.rows:,} rows, {found.distinct:,} distinct"
    if found.nulls:
        said += f", {found.nulls:,} null, which a run rejects"
    if found.repeats:
        said += f", {found.repeats:,} repeat one{' of their file' if len(column.values) > 1 else ''}"
        if newest is not None and is_unique((column, table.column(newest))):
            said += f"; with {newest} they differ, so they are versions: the latest {newest} is kept"
    return said + (f", {found.again:,} come again in a later file" if found.again else "")


def _nothing_unique(table: Table, candidates: Sequence[Column], newest: str | None) -> Key:
    """The column that repeats least, so that there is a key to correct."""
    best = max(candidates, key=lambda c: (len(c.distinct) - c.nulls, -table.columns.index(c)))
    why = "no set of up to three columns is unique: " if best.distinct else "no column has a value: "
    return Key((best.name,), f"{why}{_doubts(table, best, newest)}. Correct it", newest)
