"""Nested records as bronze rows: which value is which column, and what is left over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from c360.config.paths import UP, Step, parsed, written
from c360.errors import InputFileError
from c360.ingest.spec import RawFile, RawSpec, bronze_batch

Record = tuple[list[str | None], str | None]
"""The declared columns' texts, and `_rescued`."""

_NO_COLUMN = object()
_SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A JSON number, as it is written."""

    __slots__ = ()


def text_of(value: Any) -> str | None:
    """A value as bronze keeps it: numbers without exponent, objects and arrays as JSON."""
    if value is None or type(value) is str:
        return value if value is None or value.isascii() else _SURROGATE.sub(_escaped, value)
    if isinstance(value, Number | int | Decimal) and not isinstance(value, bool):
        return plain(str(value))
    return as_json(value)


def plain(number: str) -> str:
    """A number's text without an exponent, unless it would be hundreds of digits long."""
    if "e" not in number and "E" not in number:
        return number
    exact = Decimal(number)
    exponent = exact.as_tuple().exponent
    return format(exact, "f") if isinstance(exponent, int) and abs(exponent) <= 400 else number


def as_json(value: Any) -> str:
    """A value as JSON text, numbers as they were written."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_json(str(key))}: {as_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, Number | Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return _SURROGATE.sub(_escaped, json.dumps(value, ensure_ascii=False, default=str))


def _escaped(surrogate: re.Match[str]) -> str:
    return f"\\u{ord(surrogate[0]):04x}"


@dataclass(frozen=True)
class Paths:
    """Where the declared columns are in a record.

    Attributes:
        columns: column → steps.
        tree: the same as a tree; a leaf is None.
        is_frozen: a record may hold nothing else.
    """

    columns: Mapping[str, tuple[Step, ...]]
    tree: Mapping[Step, Any]
    is_frozen: bool

    @classmethod
    def of(cls, spec: RawSpec) -> Paths:
        """The paths that the table declares as `from`.

        Raises:
            InputFileError: one is no path to a single value.
        """
        columns: dict[str, tuple[Step, ...]] = {}
        tree: dict[Step, Any] = {}
        for name, path in spec.columns:
            try:
                steps = parsed(path)
            except ValueError as problem:
                raise InputFileError(f"column {name}: {problem}") from problem
            if None in steps:
                raise InputFileError(f"column {name}: {path!r} is many values; name a position, or the array as it is")
            columns[name] = steps
            branch = tree
            for step in steps[:-1]:
                branch = branch.setdefault(step, {})
                if branch is None:
                    raise InputFileError(f"column {name}: {path!r} lies in another column; read it out by derive")
            if branch.setdefault(steps[-1], None) is not None:
                raise InputFileError(f"column {name}: other columns lie in {path!r}; read them out by derive")
        return cls(columns, tree, spec.contract.new_columns == "freeze")

    def values(self, record: Any, enclosing: Sequence[Any] = ()) -> list[str | None]:
        """The columns' texts; null where the way ends before.

        Args:
            record: an object.
            enclosing: what it lies in, the outermost first.
        """
        return [text_of(_at(record, enclosing, steps)) for steps in self.columns.values()]

    def demand(self, levels: int, file_name: str) -> None:
        """Demand that no column lies further out than the records that enclose one.

        Raises:
            InputFileError: one does.
        """
        for name, steps in self.columns.items():
            if steps.count(UP) > levels:
                raise InputFileError(
                    f"{file_name}: column {name} comes from {written(steps)}, but a record lies in {levels} others"
                )

    def rest(self, record: Any) -> dict[str, str]:
        """What no column takes: path → text, of all that is not empty."""
        found: dict[str, str] = {}
        self._rest(record, self.tree, (), found)
        return found

    def _rest(self, value: Any, tree: Mapping[Step, Any], way: tuple[Step, ...], found: dict[str, str]) -> None:
        inside = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in inside:
            below = tree.get(key, _NO_COLUMN)
            if below is None or item is None or item in ("", {}, []):
                continue
            if isinstance(below, Mapping) and isinstance(item, Mapping | list):
                self._rest(item, below, (*way, key), found)
            else:
                found[written((*way, key))] = str(text_of(item))


def _at(record: Any, enclosing: Sequence[Any], steps: tuple[Step, ...]) -> Any:
    ups = steps.count(UP)
    value = enclosing[len(enclosing) - ups] if ups else record
    for step in steps[ups:]:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def inside(value: Any, steps: Sequence[Step], enclosing: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The records at a path, each with the records it lies in; an array at its end counts by its elements."""
    for at, step in enumerate(steps):
        if step is None:
            for item in value if isinstance(value, list) else ():
                rest = steps[at + 1 :]
                yield from inside(item, rest, (*enclosing, item) if rest else enclosing)
            return
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        yield from ((item, enclosing) for item in value)
    elif value is not None or not steps:
        yield value, enclosing


def leads_somewhere(value: Any, steps: Sequence[Step]) -> bool:
    """Whether the path, up to its first array, is there; an empty array is."""
    for step in steps:
        if step is None:
            return isinstance(value, list)
        value = value.get(step) if isinstance(value, Mapping) else None
    return value is not None


def records_batch(spec: RawSpec, file: RawFile, records: Sequence[Record], first: int) -> pa.RecordBatch:
    """Rows of bronze; the first is number `first`."""
    columns = zip(*(values for values, _ in records), strict=True)
    arrays = [pa.array(column, pa.string()) for column in columns]
    rescued = pa.array([said for _, said in records], pa.string())
    rows = pa.array(range(first, first + len(records)), pa.int64())
    return bronze_batch(spec, file, arrays, rescued, rows)


def in_batches(
    spec: RawSpec, file: RawFile, records: Iterable[Record], first: int, size: int
) -> Iterator[pa.RecordBatch]:
    """The same for many records."""
    taken: list[Record] = []
    for record in records:
        taken.append(record)
        if len(taken) == size:
            yield records_batch(spec, file, taken, first)
            first += size
            taken = []
    if taken:
        yield records_batch(spec, file, taken, first)
