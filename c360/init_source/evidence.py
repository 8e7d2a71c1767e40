"""What is known of a file, a column and a table while a source is drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from c360.config import CsvFormat
from c360.config.formats import ExcelFormat, Format, JsonFormat
from c360.ingest.files import LandedFile

MOST_ROWS = 50_000
"""Rows that are looked at of a file."""

TEXT = "text"
"""The kind of a column that is text in a file whose columns have types."""

Values = list[str | None]


@dataclass(frozen=True)
class Sample:
    """What was looked at of one file.

    Attributes:
        file: the file.
        format: what it is.
        names: its columns as a source calls them: names in a header, paths, or c1 … cn.
        values: of each column, trimmed; null where there is nothing.
        kinds: column → its type, in a file whose columns have types; `TEXT` for a text.
        csv: how it is written, if it is delimited text.
        excel: where its table is, if it is a workbook.
        json: where its records are, if it is JSON.
        by_position: whether the fields are known by their places only.
        notes: sentences about it for the user.
        broken: rows that are not well-formed, which were left out.
        is_whole: whether all its rows were looked at.
        any_encoding: whether it reads the same in whatever encoding is declared.
    """

    file: LandedFile
    format: Format
    names: tuple[str, ...]
    values: tuple[Values, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    csv: CsvFormat = field(default_factory=CsvFormat)
    excel: ExcelFormat = field(default_factory=ExcelFormat)
    json: JsonFormat = field(default_factory=JsonFormat)
    by_position: bool = False
    notes: tuple[str, ...] = ()
    broken: int = 0
    is_whole: bool = True
    any_encoding: bool = False

    @property
    def rows(self) -> int:
        """How many rows there are values of."""
        return len(self.values[0]) if self.values else 0


@dataclass
class Column:
    """A column as it will be declared.

    Attributes:
        name: in the lake.
        source: in the file.
        values: file by file; ids without the `.0` of a measure, texts that mean null as null.
        type: c360's.
        options: what else to declare: format, numbers, null_values …
        notes: the evidence for its type; `{examples}` in one stands for some of the misfits.
        misfits: values that are not of the type.
        pii: why it says who somebody is; None if it does not.
    """

    name: str
    source: str
    values: list[Values]
    type: str = "string"
    options: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    misfits: tuple[str, ...] = ()
    pii: str | None = None

    def __post_init__(self) -> None:
        self.rows = sum(map(len, self.values))
        self._distinct: set[str] | None = None

    @property
    def distinct(self) -> set[str]:
        """The values that are not null."""
        if self._distinct is None:
            self._distinct = {value for part in self.values for value in part if value is not None}
        return self._distinct

    @property
    def nulls(self) -> int:
        """Rows without a value."""
        return sum(part.count(None) for part in self.values)

    @property
    def is_moment(self) -> bool:
        """Whether it is a date or a timestamp."""
        return self.type in ("date", "timestamp")

    @property
    def is_whole_number(self) -> bool:
        """Whether it is an int or a bigint."""
        return self.type in ("int", "bigint")

    @property
    def is_measure(self) -> bool:
        """Whether it is a number with decimals, or a truth value: never part of a key."""
        return self.type.startswith(("money", "decimal", "double", "boolean"))


@dataclass
class Key:
    """The columns a row is known by, and why."""

    columns: tuple[str, ...]
    why: str
    newest_by: str | None = None


@dataclass
class Table:
    """A table as it will be declared.

    Attributes:
        name: in the lake.
        base: its name without what stands before a point in the file's name: customer of Sales.Customer.csv.
        files: patterns.
        samples: its files, or some of them.
        columns: in the files' order.
        notes: sentences about it for the user.
        key: what its rows are known by.
        references: column → (parent table, why).
        doubts: sentences about references that were not made.
        event_at: the column that says when it happened, and why.
        is_whole: whether all rows of all its files were looked at.
    """

    name: str
    base: str
    files: tuple[str, ...]
    samples: Sequence[Sample]
    columns: list[Column]
    notes: list[str] = field(default_factory=list)
    key: Key | None = None
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    event_at: tuple[str, str] | None = None
    is_whole: bool = True

    @property
    def has_names(self) -> bool:
        """Whether its columns are called by a file, rather than numbered."""
        return any(column.source != f"c{place}" for place, column in enumerate(self.columns, 1))

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.name == name)
