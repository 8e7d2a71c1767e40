"""Reads a sample's files back, with nothing of the code that wrote them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

KEYS = {"LoyaltyTransactions": 2}  # leading columns; elsewhere one


class Record(NamedTuple):
    line: int
    fields: tuple[str, ...]


class File(NamedTuple):
    """A delivered file, parsed by Python's csv module."""

    name: str
    table: str
    delivered_on: date
    header: tuple[str, ...]
    records: list[Record]

    def rows(self) -> list[dict[str, str]]:
        return [dict(zip(self.header, record.fields, strict=True)) for record in self.records]

    def key(self, record: Record) -> tuple[str, ...]:
        return record.fields[: KEYS.get(self.table, 1)]


def read(path: Path) -> File:
    records, line = [], 1
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        reader = csv.reader(text)
        for fields in reader:
            records.append(Record(line, tuple(fields)))
            line = reader.line_num + 1
    table, day = path.stem.split("_")
    return File(path.name, table, date.fromisoformat(day), records[0].fields, records[1:])


def read_all(folder: Path) -> list[File]:
    """By day, parents before children within it."""
    order = ["Customers", "Products", "Stores", "Agents", "LoyaltyAccounts"]
    files = [read(path) for path in sorted(folder.iterdir())]
    return sorted(files, key=lambda f: (f.delivered_on, order.index(f.table) if f.table in order else len(order)))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def latest(files: list[File], table: str) -> dict[str, dict[str, str]]:
    """The last delivered row of each id."""
    return {row[file.header[0]]: row for file in files if file.table == table for row in file.rows()}
