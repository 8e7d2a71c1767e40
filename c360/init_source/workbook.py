"""A sample of a workbook: which sheet, and where its table begins."""

from __future__ import annotations

import io
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from c360.config.formats import ExcelFormat
from c360.errors import InputFileError
from c360.ingest.archives import DAMAGED
from c360.ingest.encoding import open_bytes
from c360.ingest.excel import LOOKED_THROUGH, cell_text
from c360.ingest.files import LandedFile
from c360.ingest.spec import RawFile
from c360.init_source.delimited import unnameable
from c360.init_source.evidence import Sample
from c360.init_source.layout import COMPARED, layout
from c360.init_source.reading import read_values


def workbook(file: LandedFile, raw: RawFile) -> Sample:
    """What the fullest sheet of a workbook looks like.

    Raises:
        InputFileError: it is no workbook, or has nothing in it.
    """
    try:
        with open_bytes(raw) as opened:
            book = CalamineWorkbook.from_filelike(io.BytesIO(opened.read()))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        sheets = {name: sheet for name in names if (sheet := book.get_sheet_by_name(name)).start is not None}
        if not sheets:
            raise InputFileError(f"{file.name} is empty: none of its sheets has a filled cell.")
        chosen = max(sheets, key=lambda name: (sheets[name].total_height * sheets[name].width, -names.index(name)))
        top = [[cell_text(cell) for cell in row] for row in islice(sheets[chosen].iter_rows(), COMPARED)]
    except PasswordError as error:
        raise InputFileError(f"{file.name} is protected by a password; deliver it without one") from error
    except (CalamineError, *DAMAGED) as error:
        raise InputFileError(f"{file.name} cannot be read as an Excel workbook: {error}") from error
    options: dict[str, Any] = {}
    notes = []
    if len(sheets) > 1:
        options["sheet"] = chosen
        others = ", ".join(name for name in sheets if name != chosen)
        notes.append(f"other sheets: {others}; one file feeds one table, so have them delivered in files of their own")
    begins = layout(top)
    names = [cell.strip() for cell in top[begins.first]]
    positions = [at for at, name in enumerate(names) if name]
    by_position = not begins.header
    if by_position:
        notes.append(f"no header: {begins.why}; c1 … c{len(names)} are to be named")
        options |= {"header": False} | ({"skip_rows": begins.first} if begins.first else {})
        names = [f"c{place}" for place in range(1, len(names) + 1)]
    elif problem := unnameable(names):
        notes.append(f"{problem}; so the columns are read by their places, which must not change")
        options |= {"header": False, "skip_rows": begins.first + 1}
        by_position = True
    elif begins.first >= LOOKED_THROUGH:
        options["skip_rows"] = begins.first
    if by_position:
        names = [name or f"c{place}" for place, name in enumerate(names, 1)]
        positions = list(range(len(names)))
    elif len(positions) < len(names):
        notes.append(f"{len(names) - len(positions)} columns have no name in the header and are not declared")
    written = ExcelFormat(**options)
    shown = tuple(names[at] for at in positions)
    declared = [(f"c{at}", name) for at, name in enumerate(shown)]
    values, broken, is_whole = read_values(raw, declared, format="excel", excel=written)
    return Sample(
        file, "excel", shown, values, excel=written, by_position=by_position, notes=tuple(notes), broken=broken,
        is_whole=is_whole,
    )  # fmt: skip
