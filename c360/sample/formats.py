"""The files that systems deliver: text with separators, Parquet, lines of JSON, workbooks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from c360.errors import C360Error
from c360.sample.values import FIRST_DELIVERY, join

Record = dict[str, Any]
"""A row by column. A column that the file does not have makes the row longer; one that is left out makes it shorter."""


class File(Protocol):
    """A file in the making, with a header where its format has one."""

    def rows(self, rows: pa.Table) -> None:
        """Writes clean rows."""

    def record(self, record: Record) -> None:
        """Writes one row, as it is."""

    def close(self) -> None:
        """Finishes the file."""


class Format(Protocol):
    """How a table is delivered."""

    @property
    def above(self) -> int:
        """Rows that count, but stand above the first record: a workbook's rows have numbers of their own."""

    def open(self, path: Path, schema: pa.Schema) -> File:
        """A new file for rows of this schema."""


@dataclass(frozen=True)
class Text:
    """Lines of fields; where there is a header, fields with a delimiter, quote or newline are quoted.

    Args:
        quoted: columns whose clean values may need quotes.
    """

    quoted: tuple[str, ...] = ()
    delimiter: str = ","
    end: str = "\n"
    header: bool = True
    above: int = field(default=0, init=False)

    def open(self, path: Path, schema: pa.Schema) -> File:
        """A new file."""
        return _TextFile(path, self, schema.names)


class _TextFile:
    def __init__(self, path: Path, text: Text, columns: list[str]) -> None:
        self._text = text
        self._special = re.compile(f'["\n{re.escape(text.delimiter)}]')
        self._file = path.open("wb")
        if text.header:
            self._line(columns)

    def rows(self, rows: pa.Table) -> None:
        text = self._text
        fields = [self._texts(name, rows[name].combine_chunks()) for name in rows.column_names]
        lines = pc.binary_join_element_wise(*fields, text.delimiter, null_handling="replace", null_replacement="")
        _write(self._file, join(lines, text.end))

    def _texts(self, name: str, column: pa.Array) -> pa.Array:
        texts = column if pa.types.is_string(column.type) else column.cast(pa.string())
        if name not in self._text.quoted:
            return texts
        quoted = join('"', pc.replace_substring(texts, '"', '""'), '"')
        return pc.if_else(pc.match_substring_regex(texts, self._special.pattern), quoted, texts)

    def record(self, record: Record) -> None:
        self._line([_text_of(value) for value in record.values()])

    def _line(self, fields: list[str]) -> None:
        if self._text.header:
            fields = [
                f'"{field.replace(chr(34), chr(34) * 2)}"' if self._special.search(field) else field for field in fields
            ]
        # surrogateescape: a byte that is not UTF-8 is written as it is
        self._file.write((self._text.delimiter.join(fields) + self._text.end).encode("utf-8", "surrogateescape"))

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class Parquet:
    """Columns with types of their own."""

    above: int = field(default=0, init=False)

    def open(self, path: Path, schema: pa.Schema) -> File:
        """A new file."""
        return _ParquetFile(path, schema)


class _ParquetFile:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def rows(self, rows: pa.Table) -> None:
        # what lies between planted rows is little, and belongs into one row group
        self._waiting.append(rows)
        if sum(len(waiting) for waiting in self._waiting) >= 100_000:
            self._flush()

    def record(self, record: Record) -> None:
        self._waiting.append(pa.Table.from_pylist([record], self._schema))

    def _flush(self) -> None:
        self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting = []

    def close(self) -> None:
        if self._waiting:
            self._flush()
        self._writer.close()


@dataclass(frozen=True)
class JsonLines:
    """One object a line. Texts of clean rows need no escapes."""

    above: int = field(default=0, init=False)

    def open(self, path: Path, schema: pa.Schema) -> File:
        """A new file."""
        return _JsonFile(path)


class _JsonFile:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def rows(self, rows: pa.Table) -> None:
        members = []
        for name in rows.column_names:
            column = rows[name].combine_chunks()
            value = join('"', column, '"') if pa.types.is_string(column.type) else column.cast(pa.string())
            members.append(join(f'"{name}": ', pc.fill_null(value, "null")))
        _write(self._file, join("{", join(*members, separator=", "), "}\n"))

    def record(self, record: Record) -> None:
        self._file.write(json.dumps(record).encode() + b"\n")

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class Workbook:
    """A workbook of one sheet.

    Args:
        sheet: its name.
        title: stands in merged cells above the header.
    """

    sheet: str
    title: str = ""

    @property
    def above(self) -> int:
        """The header, and the title above it."""
        return 2 if self.title else 1

    def open(self, path: Path, schema: pa.Schema) -> File:
        """A new file."""
        return _WorkbookFile(path, self, schema.names)


class _WorkbookFile:
    def __init__(self, path: Path, workbook: Workbook, columns: list[str]) -> None:
        try:
            from xlsxwriter import Workbook as Book  # type: ignore[import-untyped] # it comes without type hints
        except ImportError as problem:
            raise C360Error(
                f"writing workbooks needs xlsxwriter, which is not installed ({problem}): pip install 'c360[local]'"
            ) from problem
        self._book = Book(str(path), {"constant_memory": True})
        self._book.set_properties({"created": datetime.combine(FIRST_DELIVERY, time(), UTC)})
        self._sheet = self._book.add_worksheet(workbook.sheet)
        self._formats = {
            date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._next = 0
        if workbook.title:
            self._sheet.merge_range(0, 0, 0, len(columns) - 1, workbook.title)
            self._next = 1
        self.record(dict(zip(columns, columns, strict=True)))

    def rows(self, rows: pa.Table) -> None:
        for row in rows.to_pylist():
            self.record(row)

    def record(self, record: Record) -> None:
        for column, value in enumerate(record.values()):
            if isinstance(value, str):
                self._sheet.write_string(self._next, column, value)
            elif isinstance(value, date):
                self._sheet.write_datetime(self._next, column, value, self._formats[type(value)])
            elif value is not None:
                self._sheet.write_number(self._next, column, float(value) if isinstance(value, Decimal) else value)
        self._next += 1

    def close(self) -> None:
        self._book.close()


def _write(file: BinaryIO, texts: pa.Array) -> None:
    """Writes the texts one after the other, as they lie in memory."""
    _, offsets, content = texts.buffers()
    if len(texts):
        file.write(memoryview(content)[: memoryview(offsets).cast("i")[len(texts)]])


def _text_of(value: object) -> str:
    return "" if value is None else str(value)
