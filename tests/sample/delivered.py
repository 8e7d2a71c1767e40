"""Reads the sample world's files back, with nothing of the code that wrote them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

Fields = tuple[Any, ...]

EXTRACTS = {
    "Address": "AddressID AddressLine1 AddressLine2 City StateProvinceID PostalCode SpatialLocation guid ModifiedDate",
    "EmailAddress": "BusinessEntityID EmailAddressID EmailAddress rowguid ModifiedDate",
    "PersonPhone": "BusinessEntityID PhoneNumber PhoneNumberTypeID ModifiedDate",
    "Store": "BusinessEntityID Name SalesPersonID Demographics rowguid ModifiedDate",
}
"""Text without a header: the columns are what Microsoft's installation script says they are."""


class File(NamedTuple):
    """A delivered file; a record's place in it is its place in `records` + `above`, both counted from 1."""

    source: str
    name: str
    table: str
    delivered_on: date
    header: tuple[str, ...]
    records: list[Fields]
    above: int

    def rows(self) -> Iterator[dict[str, Any]]:
        for record in self.records:
            yield dict(zip(self.header, record, strict=True))


def read(path: Path, source: str) -> File:
    table, day = re.fullmatch(r"(.+)_(\d{4}-\d{2}-\d{2})", path.stem).groups()  # type: ignore[union-attr]
    above = 0
    if path.suffix == ".parquet":
        content = pq.read_table(path)
        header, records = tuple(content.column_names), [tuple(row.values()) for row in content.to_pylist()]
    elif path.suffix == ".jsonl":
        objects = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        header, records = tuple(objects[0]), [tuple(row.values()) for row in objects]
    elif path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        cells = sheet.to_python(skip_empty_area=False)
        above = 2 if table == "Customer_master" else 1
        header, records = tuple(map(str, cells[above - 1])), [tuple(row) for row in cells[above:]]
    elif table in EXTRACTS:
        delimiter, end = ("\t", "\n") if table == "Address" else ("+|", "&|\n")
        text = path.read_bytes().decode("utf-8", "surrogateescape").removesuffix(end)
        header = tuple(EXTRACTS[table].split())
        records = [tuple(line.split(delimiter)) for line in text.split(end)]
    else:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            header, *records = [tuple(fields) for fields in csv.reader(file)]
    return File(source, path.name, table, date.fromisoformat(day), header, records, above)


def read_source(world: Path, source: str) -> list[File]:
    """A source's files, by day."""
    files = [read(path, source) for path in sorted((world / source).rglob("*")) if path.is_file()]
    return sorted(files, key=lambda file: (file.delivered_on, file.name))


def read_world(world: Path) -> dict[str, list[File]]:
    """Each source's files, by day."""
    return {
        folder.name: read_source(world, folder.name) for folder in sorted(world.iterdir()) if folder.name != "truth"
    }


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def latest(files: list[File], table: str, keys: int = 1) -> list[dict[str, Any]]:
    """The last delivered row of each key, which is in the first columns."""
    return list({tuple(row.values())[:keys]: row for f in files if f.table == table for row in f.rows()}.values())


def truth(world: Path, name: str) -> list[dict[str, str]]:
    with (world / "truth" / f"{name}.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def planted(world: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world / "truth/planted.json").read_text("utf-8"))
    return found
