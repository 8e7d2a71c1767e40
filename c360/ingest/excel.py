"""Workbooks as bronze rows: every cell as text, numbers without the `.0` that Excel keeps of ids."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from c360.errors import InputFileError
from c360.ingest.archives import DAMAGED
from c360.ingest.encoding import open_bytes
from c360.ingest.header import Fields, match_fields
from c360.ingest.records import plain
from c360.ingest.rescued import ERROR, RAW
from c360.ingest.spec import RawFile, RawSpec, bronze_batch

LOOKED_THROUGH = 20
"""Rows in which a header is looked for."""

MOST_ROWS = 64 * 1024
"""Of a batch."""

_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ERROR_CELL = re.compile(rb'<c\s[^>]*?\bt="e"[^>]*>.*?</c>', re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")

_Broken = Mapping[int, Mapping[int, str]]
"""Row number → position in the row → the error that the cell holds."""


def excel_batches(spec: RawSpec, file: RawFile) -> Iterator[pa.RecordBatch]:
    """Reads the table's sheet of a workbook.

    Yields:
        Batches of `bronze_schema`; `_source_row` is the row's number in the sheet, as Excel shows it.

    Raises:
        InputFileError: It is no workbook, or has no such sheet or header.
    """
    with open_bytes(file) as raw:
        data = raw.read()
    if not data:
        return
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet, first, fields = _table(spec, file.name, workbook)
        broken = _error_cells(data, sheet.name, (sheet.start or (0, 0))[1])
        rows = enumerate(islice(sheet.iter_rows(), first, None), first + 1)
        while taken := [(number, row) for number, row in islice(rows, MOST_ROWS)]:
            filled = [(number, row) for number, row in taken if number in broken or any(cell != "" for cell in row)]
            if filled:
                yield _batch(spec, file, fields, filled, broken)
    except PasswordError as error:
        raise InputFileError(f"{file.name} is protected by a password; deliver it without one") from error
    except (CalamineError, *DAMAGED) as error:
        raise InputFileError(f"{file.name} cannot be read as an Excel workbook: {error}") from error


def cell_text(value: Any) -> str:
    """A cell as bronze keeps it: whole numbers as such, others with the 15 digits that Excel has, times in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else plain(f"{value:.15g}")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600:02d}:{abs(seconds) // 60 % 60:02d}:{abs(seconds) % 60:02d}"
    return str(value)


def _table(spec: RawSpec, name: str, workbook: CalamineWorkbook) -> tuple[CalamineSheet, int, Fields]:
    """The sheet, the rows above its first record, and which cell is which column."""
    sheets = [s.name for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    wanted = spec.excel.sheet
    if wanted is not None:
        chosen = wanted if isinstance(wanted, str) else next(iter(sheets[wanted - 1 : wanted]), None)
        if chosen not in sheets:
            raise InputFileError(f"{name} has no sheet {wanted}; its sheets: {', '.join(sheets)}")
        return _in_sheet(spec, name, workbook.get_sheet_by_name(chosen))
    filled = [sheet for s in sheets if (sheet := workbook.get_sheet_by_name(s)).start is not None]
    if len(filled) == 1:
        return _in_sheet(spec, name, filled[0])
    found = []
    for sheet in filled:
        with suppress(InputFileError):  # not the table's sheet, which is what is found out here
            found.append(_in_sheet(spec, name, sheet))
    if len(found) == 1:
        return found[0]
    said = "has no sheet with" if not found else "has several sheets with"
    columns = ", ".join(source_name for _, source_name in spec.columns)
    raise InputFileError(
        f"{name} {said} the columns {columns}; its sheets: {', '.join(sheets)}. Declare excel: {{sheet: …}}"
    )


def _in_sheet(spec: RawSpec, name: str, sheet: CalamineSheet) -> tuple[CalamineSheet, int, Fields]:
    excel = spec.excel
    if not excel.header:
        count = len(spec.columns)
        beyond = tuple((f"column_{at + 1}", at) for at in range(count, sheet.width))
        return sheet, excel.skip_rows or 0, Fields(tuple(range(count)), beyond, max(count, sheet.width))
    candidates = list(islice(sheet.iter_rows(), LOOKED_THROUGH if excel.skip_rows is None else excel.skip_rows + 1))
    if excel.skip_rows is not None:
        candidates = candidates[excel.skip_rows :]
    names = [[cell_text(cell).strip() for cell in row] for row in candidates]
    wanted = {source_name.strip().casefold() for _, source_name in spec.columns}
    known = [len(wanted & {cell.casefold() for cell in row}) for row in names]
    best = max(range(len(names)), key=lambda at: (known[at], any(names[at])), default=None)
    if best is None:
        raise InputFileError(f"{name}: sheet {sheet.name} has no row {(excel.skip_rows or 0) + 1} with a header")
    fields = match_fields(spec, f"{name}, sheet {sheet.name}", names[best])
    return sheet, (excel.skip_rows or 0) + best + 1, fields


def _batch(
    spec: RawSpec, file: RawFile, fields: Fields, rows: Sequence[tuple[int, Sequence[Any]]], broken: _Broken
) -> pa.RecordBatch:
    width = max(fields.count, len(rows[0][1]))
    columns = zip(*(_texts(row, width, broken.get(number, {})) for number, row in rows), strict=True)
    arrays = [pa.array(column, pa.string()) for column in columns]
    names = [name for name, _ in spec.columns]
    values, rescued = fields.values(spec, arrays)
    wrong = [_errors(fields, names, broken.get(number, {})) for number, _ in rows]
    if any(wrong):
        is_wrong = pa.array([bool(errors) for errors in wrong])
        said = [_said(errors, text) for errors, text in zip(wrong, rescued.to_pylist(), strict=True) if errors]
        rescued = pc.replace_with_mask(rescued, is_wrong, pa.array(said, pa.string()))
        for at, name in enumerate(names):
            spoilt = pa.array([name in errors for errors in wrong])
            values[at] = pc.if_else(spoilt, pa.scalar(None, pa.string()), values[at])
    return bronze_batch(spec, file, values, rescued, pa.array([number for number, _ in rows], pa.int64()))


def _texts(row: Sequence[Any], width: int, errors: Mapping[int, str]) -> list[str]:
    texts = [cell_text(cell) for cell in row] + [""] * (width - len(row))
    for at, error in errors.items():
        texts[at] = error
    return texts


def _errors(fields: Fields, names: Sequence[str], errors: Mapping[int, str]) -> dict[str, str]:
    places = zip(names, fields.declared, strict=True)
    return {name: errors[at] for name, at in places if at is not None and at in errors}


def _said(errors: Mapping[str, str], rescued: str | None) -> str:
    shown = ", ".join(f"{name} is {error}" for name, error in errors.items())
    said = {ERROR: f"excel_error: {shown}", RAW: ",".join(errors.values())}
    return json.dumps(said | (json.loads(rescued) if rescued else {}), ensure_ascii=False)


def _error_cells(data: bytes, sheet: str, first_column: int) -> _Broken:
    """The cells of an .xlsx sheet that hold an error: row number → position → error. calamine shows them as empty."""
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if "xl/workbook.xml" not in package.namelist():  # .xlsb and .ods are written otherwise
            return {}
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
        links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): str(link.get("Target")) for link in links.iter(f"{_PACKAGE}Relationship")}
        link = next(e.get(f"{_OFFICE}id") for e in book.iter() if e.tag.endswith("}sheet") and e.get("name") == sheet)
        target = targets[link]
        cells = package.read(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    found: dict[int, dict[int, str]] = {}
    for cell in _ERROR_CELL.finditer(cells):
        place, value = _REFERENCE.search(cell[0]), _VALUE.search(cell[0])
        if place:
            column = 0
            for letter in place[1]:
                column = column * 26 + letter - 64
            found.setdefault(int(place[2]), {})[column - 1 - first_column] = value[1].decode() if value else "an error"
    return found
