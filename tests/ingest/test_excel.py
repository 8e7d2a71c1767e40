"""Workbooks as people make them: title rows, several sheets, ids as floats, formulas that failed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from any_files import Read, reader_into

from c360.errors import InputFileError

Sheet = Sequence[Sequence[Any]]
FORMATS = {datetime: "dd.mm.yyyy hh:mm", date: "yyyy-mm-dd", time: "hh:mm", timedelta: "[h]:mm"}


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def workbook(*more: Callable[[Any, Any], None], **sheets: Sheet) -> bytes:
    """A workbook of literal cells; `more` may do to it what cells do not tell."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                kind = next((f for t, f in FORMATS.items() if type(cell) is t), None)
                if kind:
                    sheet.write_datetime(y, x, cell, book.add_format({"num_format": kind}))
                elif cell is not None:
                    sheet.write(y, x, cell)
        for change in more:
            change(book, sheet)
    book.close()
    return data.getvalue()


PEOPLE = [["id", "name"], [1, "Ann"], [2, "Bob"]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path, "people.xlsx")


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (17850.0, "17850"),
            ("007", "007"),
            (12.5, "12.5"),
            (0.1 + 0.2, "0.3"),
            (1.5e-7, "0.00000015"),
            (1e20, "100000000000000000000"),
            (-0.0, "0"),
            (True, "true"),
            (" padded ", " padded "),
            (date(2024, 2, 3), "2024-02-03"),
            (local(2024, 2, 3, 10, 5, 7), "2024-02-03 10:05:07"),
            (local(2024, 2, 3), "2024-02-03"),
            (time(9, 30), "09:30:00"),
            (timedelta(hours=30, minutes=5), "30:05:00"),
            ("=1+1", "0"),
            (None, ""),
        ],
    )
    def test_a_cell_is_the_text_that_excel_means(self, read: Read, cell: Any, text: str) -> None:
        assert read(workbook(People=[["id", "name"], ["x", cell]])) == [("x", text, 2)]

    def test_a_formula_that_failed_spoils_its_row_and_no_other(self, read: Read) -> None:
        def fail(book: Any, sheet: Any) -> None:
            sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
            sheet.write_formula(2, 2, "=x", None, "#NAME?")

        data = workbook(fail, People=[["id", "name", "more"], [1, "Ann", "a"], [2, "Bob", "b"], [3, "Cy", "c"]])
        assert read(data) == [
            ("1", None, 2, {"_error": "excel_error: name is #DIV/0!", "_raw": "#DIV/0!", "more": "a"}),
            ("2", "Bob", 3, {"more": "#NAME?"}),
            ("3", "Cy", 4, {"more": "c"}),
        ]


class TestHeaders:
    def test_the_header_is_found_below_titles_and_right_of_empty_columns(self, read: Read) -> None:
        def merge(book: Any, sheet: Any) -> None:
            sheet.merge_range("B1:C1", "Customers, March 2025")

        rows = [[], [], [None, " Name ", "ID"], [None, "Ann", 1], [], [None, "Bob", 2]]
        assert read(workbook(merge, People=rows)) == [("1", "Ann", 4), ("2", "Bob", 6)]

    def test_a_declared_number_of_rows_is_skipped(self, read: Read) -> None:
        rows = [["id", "name"], ["id", "name"], [1, "Ann"]]
        assert read(workbook(People=rows)) == [("id", "name", 2), ("1", "Ann", 3)]
        assert read(workbook(People=rows), excel={"skip_rows": 1}) == [("1", "Ann", 3)]

    def test_without_a_header_the_declared_order_names_the_cells(self, read: Read) -> None:
        rows = [["made by Bob"], [1, "Ann", "more"], [2]]
        assert read(workbook(People=rows), excel={"header": False, "skip_rows": 1}) == [
            ("1", "Ann", 2, {"column_3": "more"}),
            ("2", "", 3),
        ]
        assert read(workbook(People=[[1], [2]]), excel={"header": False}) == [("1", "", 1), ("2", "", 2)]

    def test_what_no_header_names_is_rescued(self, read: Read) -> None:
        rows = [["id", "name", "age", None], [1, "Ann", 7, "x"], [2, "Bob", None, None]]
        assert read(workbook(People=rows)) == [("1", "Ann", 2, {"age": "7", "column_4": "x"}), ("2", "Bob", 3)]

    def test_a_header_that_is_nowhere_or_there_twice_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match=r"people.xlsx, sheet People has no column name; .* names: id, nam\."):
            read(workbook(People=[["title"], ["id", "nam"], [1, "Ann"]]))
        with pytest.raises(InputFileError, match=r"sheet People: the header names column name 2 times \(fields 2, 3\)"):
            read(workbook(People=[["id", "NAME", "Name "], [1, "Ann", "x"]]))
        with pytest.raises(InputFileError, match="sheet People has no row 10 with a header"):
            read(workbook(People=PEOPLE), excel={"skip_rows": 9})


class TestSheets:
    def test_the_one_sheet_with_the_declared_columns_is_the_table(self, read: Read) -> None:
        data = workbook(Notes=[["hello"]], People=PEOPLE, Empty=[])
        assert read(data) == [("1", "Ann", 2), ("2", "Bob", 3)]

    def test_a_sheet_is_declared_by_name_or_number(self, read: Read) -> None:
        data = workbook(People=PEOPLE, Others=[["id", "name"], [3, "Cy"]])
        assert read(data, excel={"sheet": "Others"}) == [("3", "Cy", 2)]
        assert read(data, excel={"sheet": 2}) == [("3", "Cy", 2)]

    def test_a_sheet_that_is_not_there_or_not_clear_stops_the_table(self, read: Read) -> None:
        data = workbook(People=PEOPLE, Others=[["id", "name"], [3, "Cy"]])
        for sheet in ("people", 3):
            with pytest.raises(InputFileError, match=rf"people.xlsx has no sheet {sheet}; its sheets: People, Others"):
                read(data, excel={"sheet": sheet})
        with pytest.raises(
            InputFileError, match="has several sheets with the columns id, name; its sheets: People, Ot"
        ):
            read(data)
        with pytest.raises(InputFileError, match="has no sheet with the columns id, age; its sheets: People, Others"):
            read(data, "id age")

    def test_an_empty_sheet_has_no_rows(self, read: Read) -> None:
        assert read(workbook(People=[["id", "name"]])) == []
        assert read(b"") == []
        with pytest.raises(InputFileError, match="has no sheet with the columns id, name; its sheets: People"):
            read(workbook(People=[]))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"id,name\n1,Ann\n", "Cannot detect file format"),
        (workbook(People=PEOPLE)[:2000], "Cannot detect file format"),
    ],
)
def test_what_is_no_workbook_stops_the_table(read: Read, data: bytes, problem: str) -> None:
    with pytest.raises(InputFileError, match=rf"people.xlsx cannot be read as an Excel workbook: {problem}"):
        read(data)
