"""What is asked of a database. Every dialect asks the same and differs in how it writes names, texts and values.

Every value is read as text, by a cast that loses nothing; what is compared is compared by the database, as its type.
The table or query is `t` in every statement.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from itertools import pairwise
from typing import Literal, Protocol

import pyarrow as pa

from c360.config.database import DatabaseTable

Kind = Literal["integer", "decimal", "float", "date", "timestamp", "instant", "version", "other"]
"""What can be done with a type: an instant is a timestamp with a zone, a version a counter of changes in bytes."""

NUMBERS: tuple[Kind, ...] = ("integer", "decimal", "float")
TIMES: tuple[Kind, ...] = ("date", "timestamp", "instant")
_LEAST = -(2**63)
_FIRST = datetime(1, 1, 1)  # noqa: DTZ001 - no zone: both of an instant and of a local time


@dataclass(frozen=True)
class Column:
    """A column of a table or query.

    Attributes:
        name: as the database has it.
        type: as the database writes it in a cast.
        kind: what can be done with it.
    """

    name: str
    type: str
    kind: Kind


class Dialect(ABC):
    """How one kind of database writes what is asked of it."""

    @abstractmethod
    def quoted(self, name: str) -> str:
        """A name, whatever is in it."""

    @abstractmethod
    def text(self, value: str, column: Column) -> str:
        """An expression of the column's type as exact text; NULL stays NULL."""

    @abstractmethod
    def literal(self, text: str, column: Column) -> str:
        """The value that has this text, so that it can be compared with the column."""

    @abstractmethod
    def is_regular(self, value: str, column: Column) -> str | None:
        """The condition that a number or time is one that can be reckoned with; None if each is."""

    @abstractmethod
    def can_be_mark(self, value: str, column: Column) -> str | None:
        """The condition that a value may be the mark: no infinity, and no time that is still far off.

        One row of the year 2999 would otherwise keep every later change from being found.
        """

    @abstractmethod
    def quantiles(self, origin: str, column: Column, conditions: Sequence[str], parts: int) -> str:
        """The statement that gives the texts of the values between parts of about equal size, in order."""

    def origin(self, table: DatabaseTable) -> str:
        """The table or query, as `t`."""
        # the line ends: a query may end with a comment
        return f"(\n{table.query}\n) AS t" if table.query else f"{self.path(table.names)} AS t"

    def path(self, names: Sequence[str]) -> str:
        """A name with that of its schema in front."""
        return ".".join(map(self.quoted, names))

    def at(self, column: Column) -> str:
        """The column of `t`."""
        return f"t.{self.quoted(column.name)}"


class Session(Protocol):
    """A connection inside a transaction that sees one state of the database."""

    def rows(self, statement: str) -> list[tuple[str | None, ...]]:
        """All rows of a small result."""

    def batches(self, statement: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """The rows of a result, a few megabytes at a time; every column is of strings.

        Args:
            statement: see `rows_of`.
            columns: that it reads as texts; it may have more.
        """

    def cancel(self) -> None:
        """Have what another thread waits for here end with an error."""


class Source(Protocol):
    """An open database, in one state of it."""

    @property
    def dialect(self) -> Dialect:
        """How it is asked."""

    @property
    def session(self) -> Session:
        """The connection that is open as long as this is."""

    @property
    def at_once(self) -> int:
        """How many sessions may see that state at the same time."""

    def columns(self, table: DatabaseTable) -> list[Column]:
        """The columns of the table or query.

        Raises:
            SourceError: there is no such table.
        """

    def another(self) -> AbstractContextManager[Session]:
        """One more session in the same state."""

    def unsettled(self, column: Column) -> str | None:
        """The text of the least value that rows still to be committed may have; None where nobody knows."""


def rows_of(
    dialect: Dialect, origin: str, columns: Sequence[Column], conditions: Sequence[str], extra: str | None = None
) -> str:
    """The statement that reads columns as texts.

    Args:
        dialect: how it is written.
        origin: see `Dialect.origin`.
        columns: in this order.
        conditions: all of which must hold.
        extra: one more expression, which becomes the last column.
    """
    texts = [f"{dialect.text(dialect.at(c), c)} AS {dialect.quoted(c.name)}" for c in columns]
    if extra is not None:
        texts.append(f"{extra} AS {dialect.quoted(' at mark')}")
    return "SELECT\n  " + ",\n  ".join(texts) + f"\nFROM {origin}{where(conditions)}"


def where(conditions: Sequence[str]) -> str:
    """The WHERE of conditions that must all hold; nothing if there are none."""
    return "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""


def extent(dialect: Dialect, origin: str, column: Column, conditions: Sequence[str]) -> str:
    """The statement that gives the texts of the least and the greatest regular value."""
    at = dialect.at(column)
    regular = dialect.is_regular(at, column)
    least, greatest = (dialect.text(f"{function}({at})", column) for function in ("MIN", "MAX"))
    return f"SELECT {least} AS a, {greatest} AS b\nFROM {origin}{where([*conditions, *([regular] if regular else [])])}"


def greatest_mark(
    dialect: Dialect, origin: str, column: Column, conditions: Sequence[str], below: str | None = None
) -> str:
    """The statement that gives the text of the greatest value that may be the mark, if need be one below another."""
    at = dialect.at(column)
    possible = dialect.can_be_mark(at, column)
    limits = [*([possible] if possible else []), *([f"{at} < {dialect.literal(below, column)}"] if below else [])]
    return f"SELECT {dialect.text(f'MAX({at})', column)} AS a\nFROM {origin}{where([*conditions, *limits])}"


def since(dialect: Dialect, column: Column, start: str | None) -> list[str]:
    """The condition that a row is not older than a value's text; one that does not say how old it is counts as new."""
    if start is None:
        return []
    at = dialect.at(column)
    return [f"({at} >= {dialect.literal(start, column)} OR {at} IS NULL)"]


def at_mark(dialect: Dialect, column: Column, start: str | None) -> str:
    """The expression that is '1' for a row that the next pull reads again, which begins there, else '0'."""
    # NULL, which no comparison finds, is among them
    return (
        "'1'"
        if start is None
        else f"CASE WHEN {dialect.at(column)} < {dialect.literal(start, column)} THEN '0' ELSE '1' END"
    )


def parts(dialect: Dialect, column: Column, bounds: Sequence[str]) -> list[str]:
    """One condition a partition, from the texts of ascending bounds; each row fulfils exactly one.

    The first also takes the NULLs and all that is below; the last all that is above, NaN and infinity among them.
    """
    at = dialect.at(column)
    values = [dialect.literal(bound, column) for bound in bounds]
    inner = [f"({at} >= {low} AND {at} < {high})" for low, high in pairwise(values)]
    return [f"({at} < {values[0]} OR {at} IS NULL)", *inner, f"({at} >= {values[-1]})"] if values else []


def evenly(kind: Kind, low: str, high: str, count: int) -> list[str]:
    """The texts of bounds that divide [low, high] into at most `count` parts of equal width, not of equal size."""
    if kind == "integer":
        return [str(bound) for bound in _between(int(low), int(high), count)]
    if kind == "decimal":  # counted in the last decimal place, so that no bound has more digits than the column
        places = max(-int(Decimal(text).as_tuple().exponent) for text in (low, high))
        with localcontext(prec=200):
            least, greatest = (int(Decimal(text).scaleb(places)) for text in (low, high))
            return [f"{Decimal(bound).scaleb(-places):f}" for bound in _between(least, greatest, count)]
    if kind == "float":
        shares = [n / count for n in range(1, count)]
        return [repr(bound) for bound in sorted({float(low) * (1 - n) + float(high) * n for n in shares})]
    start, end = _moment(low), _moment(high)
    moments = [start + (end - start) * n // count for n in range(1, count)]
    return list(dict.fromkeys(_written(kind, moment) for moment in moments))


def checked_mark(column: Column, mark: str) -> str | None:
    """What is wrong with a mark, as the end of a sentence; None if the column can have such a value."""
    try:
        if column.kind == "integer":
            int(mark)
        elif column.kind in NUMBERS:
            if not Decimal(mark).is_finite():
                return "is not finite"
        elif column.kind in TIMES:
            _moment(mark)
        else:
            int(mark, 16)
    except (ValueError, InvalidOperation):
        return f"is no value of type {column.type}"
    return None


def earlier(column: Column, mark: str, overlap: timedelta | Decimal | None) -> str:
    """The text of the value that is `overlap` before a mark."""
    if not overlap:
        return mark
    if isinstance(overlap, timedelta):
        moment = _moment(mark)
        return _written(column.kind, moment - min(overlap, moment - _FIRST))
    if column.kind == "version":
        return f"0x{max(int(mark, 16) - math.ceil(overlap), 0):016X}"
    with localcontext(prec=60):
        value = Decimal(mark) - overlap
    return str(max(math.floor(value), _LEAST)) if column.kind == "integer" else f"{value:f}"


def later(column: Column, one: str | None, other: str | None) -> str | None:
    """The greater of two marks."""
    marks = [mark for mark in (one, other) if mark is not None]
    # times and versions are written in one form and width, so that their texts have their order
    return max(marks, key=lambda m: (Decimal(m) if column.kind in NUMBERS else Decimal(0), m), default=None)


def _between(low: int, high: int, count: int) -> list[int]:
    return sorted({low + (high - low + 1) * n // count for n in range(1, count)} - {low})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def _written(kind: Kind, moment: datetime) -> str:
    if kind == "date":
        return date(moment.year, moment.month, moment.day).isoformat()
    return moment.isoformat(" ", "microseconds") + ("Z" if kind == "instant" else "")
