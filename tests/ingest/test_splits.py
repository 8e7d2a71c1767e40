"""A file read in pieces has the rows of the whole; so has any text that Python's csv module writes."""

from __future__ import annotations

import csv as python_csv
import io
import json
from pathlib import Path

import pytest
from csv_files import BLOCK, assert_same_rows, declared, field_count, in_pieces, ragged, row, rows_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.config import CsvFormat
from c360.errors import InputFileError


class TestSplits:
    DATA = b"\xef\xbb\xbfid,name\r\n1,Ann\r\n\r\n22,Bob\r\n3\r\n4,\xff\r\n555,Dee"

    def test_numbers_are_the_pieces_first_byte_and_the_ordinal_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id,name\n1,A\n2,B\n3\n4,D\n5,E\n")
        spec = declared(path, "id name", quoted_newlines=False)
        found = [[(row["id"], row["_source_row"]) for row in piece] for piece in in_pieces(spec, 10)]
        assert found == [[("1", 1)], [("2", 11), (None, 12), ("4", 13)], [("5", 21)]]

    @pytest.mark.parametrize("size", range(1, len(DATA) + 1))
    @pytest.mark.parametrize("newline", [b"\r\n", b"\n", b"\r"])
    def test_any_piece_size_gives_the_same_rows(self, tmp_path: Path, size: int, newline: bytes) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(self.DATA.replace(b"\r\n", newline))
        spec = declared(path, "id name", quoted_newlines=False)
        assert_same_rows(spec, size)

    def test_blank_lines_before_the_header_may_fill_a_piece(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"\n" * 20 + self.DATA[3:])
        assert_same_rows(declared(path, "id name", quoted_newlines=False), 7)

    @pytest.mark.parametrize("size", range(1, 30))
    def test_an_escaped_line_end_stops_the_table_wherever_the_file_is_cut(self, tmp_path: Path, size: int) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id,name\n1,Ann\n2,B\\\nob\n3,Cy\n")
        spec = declared(path, "id name", quoted_newlines=False, escape="\\")
        with pytest.raises(InputFileError, match="a quote opened in line 3 never closes in that line"):
            in_pieces(spec, size)

    def test_an_open_quote_is_found_in_its_piece_and_its_line_counted_from_the_files_start(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id,name\r\n" + b"1,Ann\r\n" * 10 + b'2,"Bob\r\n' + b"3,Cy\r\n" * 10)
        spec = declared(path, "id name", quoted_newlines=False)
        with pytest.raises(InputFileError, match="a quote opened in line 12 never closes"):
            in_pieces(spec, 40)


# Any text but what has a meaning of its own here: NUL, and the characters that mark undecodable bytes.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0" + "".join(map(chr, range(0xFDD0, 0xFDF0))))
NO_NEWLINES = st.text(CHARACTERS.filter(lambda character: character not in "\r\n"), max_size=12)
ANY_TEXT = st.text(st.one_of(st.sampled_from(",;|\t\"'\\\r\n aé"), CHARACTERS), max_size=12)

FILES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(rows: list[list[str]], csv: CsvFormat, newline: str, quote_all: bool) -> bytes:
    text = io.StringIO(newline="")
    names = [f"c{number}" for number in range(len(rows[0]))] if rows else ["c0"]
    python_csv.writer(
        text,
        delimiter=csv.delimiter,
        quotechar=csv.quote,
        escapechar=csv.escape,
        doublequote=csv.escape is None,
        lineterminator=newline,
        quoting=python_csv.QUOTE_ALL if quote_all else python_csv.QUOTE_MINIMAL,
    ).writerows([names, *rows])
    return text.getvalue().encode()


def tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(values, min_size=width, max_size=width), max_size=12)
    )


FORMATS = st.builds(
    CsvFormat,
    delimiter=st.sampled_from(",;|\t"),
    quote=st.sampled_from("\"'"),
    escape=st.sampled_from([None, "\\"]),
)
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@FILES
@given(rows=tables(ANY_TEXT), csv=FORMATS, newline=NEWLINES, block=st.integers(400, 2000))
def test_what_pythons_csv_module_writes_reads_back_equal(
    tmp_path: Path, rows: list[list[str]], csv: CsvFormat, newline: str, block: int
) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(written(rows, csv, newline, quote_all=True))
    columns = " ".join(f"c{number}" for number in range(len(rows[0]) if rows else 1))
    spec = declared(path, columns, **csv.model_dump())
    assert [[row[name] for name in columns.split()] for row in rows_of(spec, block=block)] == rows


@FILES
@given(rows=tables(NO_NEWLINES), csv=FORMATS, newline=NEWLINES, size=st.integers(1, 200))
def test_pieces_of_any_size_give_the_rows_of_the_whole(
    tmp_path: Path, rows: list[list[str]], csv: CsvFormat, newline: str, size: int
) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(written(rows, csv, newline, quote_all=False))
    columns = " ".join(f"c{number}" for number in range(len(rows[0]) if rows else 1))
    spec = declared(path, columns, **csv.model_dump() | {"quoted_newlines": False})
    assert [[row[name] for name in columns.split()] for row in rows_of(spec)] == rows
    assert_same_rows(spec, size)


@FILES
@given(data=st.lists(st.sampled_from([b"a", b"\xff", b"\xc3\xa9", b",", b"\n", b"\r"]), max_size=120).map(b"".join))
def test_ragged_and_undecodable_rows_keep_their_place_whatever_lies_between(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    lines = [line for line in data.replace(b"\r", b"\n").split(b"\n") if line]
    expected = []
    for number, line in enumerate(lines, 1):
        fields = line.split(b",")
        shown = line.decode(errors="backslashreplace")
        if len(fields) != 2:
            expected.append(ragged(number, field_count(shown), shown))
            continue
        id, name = (field.decode(errors="backslashreplace") for field in fields)
        bad = {column: text for column, text in (("id", id), ("name", name)) if "\\" in text}
        verb = "is" if len(bad) == 1 else "are"
        error = {"_error": f"undecodable_bytes: {', '.join(bad)} {verb} not utf-8", "_raw": ",".join(bad.values())}
        rescued = json.dumps(error, ensure_ascii=False) if bad else None
        expected.append(row(number, None if "id" in bad else id, None if "name" in bad else name, rescued))
    spec = declared(path, "id name", header=False)
    shown_columns = expected[0].keys() if expected else ()
    for block in (130, BLOCK):
        assert [{name: found[name] for name in shown_columns} for found in rows_of(spec, block=block)] == expected
