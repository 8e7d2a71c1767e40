"""What becomes of the mistakes that real extracts contain: literal bytes in, whole rows out."""

from __future__ import annotations

import bz2
import codecs
import csv as python_csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.csv import MOST_ROWS, csv_batches
from c360.ingest.spec import RawFile, RawSpec, bronze_schema

DELIVERED = datetime(2025, 3, 1, 6, 30, tzinfo=UTC)
INGESTED = datetime(2025, 3, 2, tzinfo=UTC)
BLOCK = 4 * 1024 * 1024

Row = dict[str, Any]
Read = Callable[..., list[Row]]


def declared(path: Path, columns: str, **csv: Any) -> RawSpec:
    """A table of one file; a column `a=A` is called a in the lake and A in the file."""
    pairs = tuple((name.partition("=")[0], name.partition("=")[2] or name) for name in columns.split())
    file = RawFile(str(path), path.name, path.stat().st_size, "0123456789abcdef", DELIVERED)
    return RawSpec(pairs, CsvFormat(**csv), (file,), INGESTED)


def rows_of(spec: RawSpec, start: int = 0, end: int | None = None, block: int = BLOCK) -> list[Row]:
    """All rows of the spec's file, in its order."""
    (file,) = spec.files
    batches = list(csv_batches(spec, file, start, file.size if end is None else end, block))
    for batch in batches:
        batch.validate(full=True)
        assert batch.schema == bronze_schema(spec)
    return sorted((row for batch in batches for row in batch.to_pylist()), key=lambda row: row["_source_row"])


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes the bytes as a file and returns what is read of it: the declared columns, `_rescued`, `_source_row`."""

    def from_bytes(
        data: bytes, columns: str = "id name", name: str = "people.csv", block: int = BLOCK, **csv: Any
    ) -> list[Row]:
        path = tmp_path / name
        path.write_bytes(data)
        spec = declared(path, columns, **csv)
        shown = [*(column for column, _ in spec.columns), "_rescued", "_source_row"]
        return [{column: row[column] for column in shown} for row in rows_of(spec, block=block)]

    return from_bytes


def row(number: int, id: str | None, name: str | None, rescued: str | None = None) -> Row:
    return {"id": id, "name": name, "_rescued": rescued, "_source_row": number}


def ragged(number: int, found: str, raw: str, expected: int = 2) -> Row:
    error = {"_error": f"ragged_row: {found} where {expected} were expected", "_raw": raw}
    return row(number, None, None, json.dumps(error, ensure_ascii=False))


class TestValues:
    def test_a_row_carries_file_batch_and_times(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id,name\n1,Ann\n")
        assert rows_of(declared(path, "id name")) == [
            {
                "id": "1",
                "name": "Ann",
                "_rescued": None,
                "_source_file": "people.csv",
                "_source_row": 1,
                "_delivered_at": DELIVERED,
                "_batch_id": "0123456789abcdef",
                "_ingested_at": INGESTED,
            }
        ]

    def test_columns_are_nullable_strings_then_the_six_of_bronze(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.touch()
        schema = bronze_schema(declared(path, "id name"))
        assert [(field.name, str(field.type)) for field in schema] == [
            ("id", "string"),
            ("name", "string"),
            ("_rescued", "string"),
            ("_source_file", "string"),
            ("_source_row", "int64"),
            ("_delivered_at", "timestamp[us, tz=UTC]"),
            ("_batch_id", "string"),
            ("_ingested_at", "timestamp[us, tz=UTC]"),
        ]
        assert all(field.nullable for field in schema)

    def test_nothing_is_trimmed_or_taken_for_null(self, read: Read) -> None:
        assert read(b"id,name\n 1 ,NULL\n,\nNA,\"\"\n\t,'x'\n") == [
            row(1, " 1 ", "NULL"),
            row(2, "", ""),
            row(3, "NA", ""),
            row(4, "\t", "'x'"),
        ]

    def test_quotes_go_and_what_they_hold_stays(self, read: Read) -> None:
        assert read(b'id,name\n1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n4,"two\r\nlines"\n5,5" disk\n') == [
            row(1, "1", "a,b"),
            row(2, "2", 'say "hi"'),
            row(3, "3", "two\nlines"),
            row(4, "4", "two\r\nlines"),
            row(5, "5", '5" disk'),
        ]

    def test_an_escape_protects_a_quote(self, read: Read) -> None:
        assert read(b'id,name\n1,"say \\"hi\\""\n2,a\\,b\n', escape="\\") == [
            row(1, "1", 'say "hi"'),
            row(2, "2", "a,b"),
        ]

    def test_without_quoting_a_quote_is_a_character(self, read: Read) -> None:
        assert read(b'id\tname\n1\t"Ann\n2\t5"\n', delimiter="\t", quote=None) == [
            row(1, "1", '"Ann'),
            row(2, "2", '5"'),
        ]

    @pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
    @pytest.mark.parametrize("at_the_end", [True, False])
    def test_any_line_end_will_do(self, read: Read, newline: bytes, at_the_end: bool) -> None:
        data = newline.join([b"id,name", b"1,Ann", b"2,Bob"]) + newline * at_the_end
        assert read(data) == [row(1, "1", "Ann"), row(2, "2", "Bob")]

    def test_blank_lines_are_no_rows_and_have_no_number(self, read: Read) -> None:
        assert read(b"\n\r\nid,name\n\n1,Ann\n\n\n2,Bob\n\n") == [row(1, "1", "Ann"), row(2, "2", "Bob")]

    @pytest.mark.parametrize(
        "data", [b"", b"\n\n", b"id,name", b"id,name\n", b"\xef\xbb\xbf", b"\xef\xbb\xbfid,name\r\n"]
    )
    def test_a_file_without_records_has_no_rows(self, read: Read, data: bytes) -> None:
        assert read(data) == []

    def test_an_empty_file_without_header_has_no_rows(self, read: Read) -> None:
        assert read(b"", header=False) == []

    def test_a_field_of_a_megabyte_and_two_thousand_columns(self, read: Read) -> None:
        long = "x" * 1_000_000
        names = [f"c{number}" for number in range(2000)]
        data = ",".join(names) + "\n" + ",".join([long, *names[1:]]) + "\n" + ",".join(names) + "\n"
        first, second = read(data.encode(), " ".join(names))
        assert (first["c0"], first["c1999"], first["_rescued"]) == (long, "c1999", None)
        assert second == {name: name for name in names} | {"_rescued": None, "_source_row": 2}

    def test_a_narrow_file_comes_in_batches_of_bounded_length(self, tmp_path: Path) -> None:
        path = tmp_path / "ids.csv"
        path.write_bytes(b"id\n" + b"1\n" * (MOST_ROWS + 5) + b"1,2\n")
        spec = declared(path, "id")
        batches = list(csv_batches(spec, spec.files[0], 0, spec.files[0].size))
        assert [batch.num_rows for batch in batches] == [MOST_ROWS, 5, 1]
        assert batches[1]["_source_row"].to_pylist() == [MOST_ROWS + number for number in range(1, 6)]
        assert batches[2]["_source_row"].to_pylist() == [MOST_ROWS + 6]

    def test_a_path_may_be_a_uri(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id\n1\n")
        spec = RawSpec((("id", "id"),), CsvFormat(), (RawFile(path.as_uri(), "p", 5, "b", DELIVERED),), INGESTED)
        assert [found["id"] for found in rows_of(spec)] == ["1"]

    def test_a_file_that_went_away_is_named(self, tmp_path: Path) -> None:
        file = RawFile(str(tmp_path / "gone.csv"), "in/gone.csv", 5, "b", DELIVERED)
        with pytest.raises(InputFileError, match=r"in/gone.csv is gone"):
            rows_of(RawSpec((("id", "id"),), CsvFormat(), (file,), INGESTED))


class TestHeader:
    def test_names_are_matched_without_white_space_byte_order_mark_and_in_any_case(self, read: Read) -> None:
        data = "\ufeff\ufeff ID \t, \ufeffNAME\n1,Ann\n".encode()
        assert read(data, "id=Id name=Name") == [row(1, "1", "Ann")]

    def test_an_exact_name_goes_before_one_in_other_case(self, read: Read) -> None:
        assert read(b"NAME,id,name\nA,1,b\n") == [row(1, "1", "b", '{"NAME": "A"}')]

    def test_the_files_order_does_not_matter(self, read: Read) -> None:
        assert read(b"name,id\nAnn,1\n") == [row(1, "1", "Ann")]

    def test_a_quoted_name_may_hold_a_delimiter_and_a_newline(self, read: Read) -> None:
        assert read(b'"id",name,"a,\nb"\n1,Ann,x\n') == [row(1, "1", "Ann", '{"a,\\nb": "x"}')]

    def test_undeclared_columns_are_rescued_in_the_files_order_unless_empty(self, read: Read) -> None:
        assert read('zip,id,name,Größe\n8000,1,Ann,"1 ""m""\n"\n,2,Bob,\n,3,Cy,ß\\\n'.encode()) == [
            row(1, "1", "Ann", '{"zip": "8000", "Größe": "1 \\"m\\"\\n"}'),
            row(2, "2", "Bob"),
            row(3, "3", "Cy", '{"Größe": "ß\\\\"}'),
        ]

    def test_undeclared_columns_of_equal_no_or_reserved_name_stay_apart(self, read: Read) -> None:
        assert read(b"id,name,note,note,,_error\n1,Ann,a,b,c,d\n") == [
            row(1, "1", "Ann", '{"note": "a", "note_2": "b", "column_5": "c", "_error_2": "d"}')
        ]

    def test_a_declared_name_that_is_there_twice_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match=r"people.csv: the header names column name 2 times \(fields 2, 3\)"):
            read(b"id,name,name\n1,Ann,Bob\n")

    def test_a_declared_name_that_is_there_twice_in_other_case_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match="names column name 2 times"):
            read(b"id,Name,NAME\n1,Ann,Bob\n")

    def test_a_missing_column_stops_the_table_and_the_message_says_what_was_found(self, read: Read) -> None:
        with pytest.raises(InputFileError, match=r"people.csv has no column name; its header names: id;name;x"):
            read(b"id;name;x\n1;Ann;\n", "name")

    def test_without_header_the_declared_order_names_the_fields(self, read: Read) -> None:
        assert read(b"1|Ann\n2|Bob|x\n", header=False, delimiter="|") == [
            row(1, "1", "Ann"),
            ragged(2, "3 fields", "2|Bob|x"),
        ]

    def test_a_header_that_never_ends_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match="a quote opened in line 2, the header, never closes"):
            read(b'\nid,"name\n1,Ann\n')

    def test_a_first_line_without_end_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match="first line is longer than"):
            read(b"id,name," * 200_000)


class TestRaggedRows:
    def test_a_ragged_row_is_kept_as_text_with_its_number(self, read: Read) -> None:
        assert read(b'id,name\n1,Ann\n2\n3,"C\ny",x\r\n4,Dee\n "q,r",5\n') == [
            row(1, "1", "Ann"),
            ragged(2, "1 field", "2"),
            ragged(3, "3 fields", '3,"C\ny",x'),
            row(4, "4", "Dee"),
            ragged(5, "3 fields", ' "q,r",5'),
        ]

    def test_a_file_of_ragged_rows_only(self, read: Read) -> None:
        assert read(b"id,name\n1\n2\n") == [ragged(1, "1 field", "1"), ragged(2, "1 field", "2")]

    def test_the_verdict_comes_first_so_that_silver_knows_it_by_its_prefix(self, read: Read) -> None:
        (found,) = read(b"id,name,x\n1\n")
        assert found["_rescued"].startswith('{"_error":')

    def test_numbers_stay_exact_across_blocks(self, read: Read) -> None:
        lines = ["x" * (number % 7) + ",y" * (number % 3) for number in range(1, 2000)]
        expected = [
            row(number, *line.split(",")) if line.count(",") == 1 else ragged(number, _fields(line), line)
            for number, line in enumerate((line for line in lines if line), 1)
        ]
        assert read(("id,name\n" + "\n".join(lines)).encode(), block=64) == expected


def _fields(line: str) -> str:
    count = line.count(",") + 1
    return "1 field" if count == 1 else f"{count} fields"


class TestEncodings:
    TEXT = 'id,name\r\n1,Zoë\r\n2,"Jürgen\nß"\r\n3,\r\n'
    ROWS = (row(1, "1", "Zoë"), row(2, "2", "Jürgen\nß"), row(3, "3", ""))

    @pytest.mark.parametrize(
        ("written", "mark", "said"),
        [
            ("utf-8", b"", "utf-8"),
            ("utf-8", codecs.BOM_UTF8, "utf-8"),
            ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
            ("utf-8", codecs.BOM_UTF8, "cp1252"),
            ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
            ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
            ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-le"),
            ("utf-16-le", codecs.BOM_UTF16_LE, "utf-8"),
            ("utf-16-le", b"", "utf-16"),
            ("utf-16-be", b"", "utf-16"),
            ("utf-16-le", b"", "utf-16-le"),
            ("utf-16-be", b"", "UTF-16BE"),
            ("utf-32-le", codecs.BOM_UTF32_LE, "utf-8"),
            ("utf-32-be", b"", "utf-32"),
            ("latin-1", b"", "latin-1"),
            ("cp1252", b"", "cp1252"),
            ("mac-roman", b"", "mac-roman"),
            ("cp500", b"", "cp500"),
        ],
    )
    @pytest.mark.parametrize("block", [64, BLOCK])
    def test_the_same_text_in_any_encoding(self, read: Read, written: str, mark: bytes, said: str, block: int) -> None:
        assert read(mark + self.TEXT.encode(written), encoding=said, block=block) == list(self.ROWS)

    def test_a_delimiter_inside_a_multibyte_character_is_none(self, read: Read) -> None:
        assert "ポ".encode("shift_jis")[1:] == b"|"
        assert read("id|name\n1|ポ\n".encode("shift_jis"), encoding="shift_jis", delimiter="|") == [row(1, "1", "ポ")]

    def test_undecodable_bytes_cost_one_value_and_nothing_of_the_row(self, read: Read) -> None:
        assert read(b"id,name,town\n1,Zo\xeb,K\xf6ln\n2,Ann,Bonn\n3,Zo\xc3\xab,\n") == [
            row(
                1,
                "1",
                None,
                '{"_error": "undecodable_bytes: name is not utf-8", "_raw": "Zo\\\\xeb", "town": "K\\\\xf6ln"}',
            ),
            row(2, "2", "Ann", '{"town": "Bonn"}'),
            row(3, "3", "Zoë"),
        ]

    def test_undecodable_bytes_in_two_columns(self, read: Read) -> None:
        rescued = '{"_error": "undecodable_bytes: id, name are not utf-8", "_raw": "\\\\xff,a\\\\xfe\\\\x80"}'
        assert read(b"id,name\n\xff,a\xfe\x80\n") == [row(1, None, None, rescued)]

    def test_undecodable_bytes_of_an_undeclared_column_are_shown_and_do_no_harm(self, read: Read) -> None:
        assert read(b"id,name,town\n1,Ann,K\xf6ln\n") == [row(1, "1", "Ann", '{"town": "K\\\\xf6ln"}')]

    def test_undecodable_bytes_in_a_ragged_row(self, read: Read) -> None:
        assert read(b"id,name\n1,Zo\xeb,x\n2,Ann\n") == [ragged(1, "3 fields", "1,Zo\\xeb,x"), row(2, "2", "Ann")]

    def test_undecodable_bytes_in_the_header(self, read: Read) -> None:
        assert read(b"id,name,gr\xf6\xdfe\n1,Ann,2\n") == [row(1, "1", "Ann", '{"gr\\\\xf6\\\\xdfe": "2"}')]

    def test_a_byte_that_the_declared_encoding_lacks(self, read: Read) -> None:
        rescued = '{"_error": "undecodable_bytes: name is not cp1252", "_raw": "é\\\\x81"}'
        assert read(b"id,name\n1,\xe9\x81\n", encoding="cp1252") == [row(1, "1", None, rescued)]

    def test_half_a_surrogate_pair(self, read: Read) -> None:
        data = "id,name\n1,".encode("utf-16-le") + b"\x00\xd8" + "\n".encode("utf-16-le")
        rescued = '{"_error": "undecodable_bytes: name is not utf-16-le", "_raw": "\\\\x00\\\\xd8"}'
        assert read(data, encoding="utf-16-le") == [row(1, "1", None, rescued)]

    def test_a_file_cut_inside_a_character(self, read: Read) -> None:
        rescued = '{"_error": "undecodable_bytes: name is not utf-8", "_raw": "\\\\xe2\\\\x82"}'
        assert read("id,name\n1,€".encode()[:-1]) == [row(1, "1", None, rescued)]

    def test_the_characters_that_serve_as_marks_are_not_taken_as_text(self, read: Read) -> None:
        rescued = '{"_error": "undecodable_bytes: name is not utf-8", "_raw": "a\\\\ufdef"}'
        assert read("id,name\n1,a\ufdef\n2,\ufdf2 \ufffd\n".encode()) == [
            row(1, "1", None, rescued),
            row(2, "2", "\ufdf2 \ufffd"),
        ]

    def test_nul_bytes_stop_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match=r"people.csv is not a CSV text file: it contains NUL bytes"):
            read(b"id,name\n1,\0\n")

    def test_utf_16_without_a_mark_and_without_a_declaration_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match="declare `encoding: utf-16`"):
            read(self.TEXT.encode("utf-16-le"))


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


class TestArchives:
    DATA = b"id,name\n" + b"".join(b"%d,name %d\n" % (number, number * 7919) for number in range(5000))
    PACKERS = (
        (gzip.compress, "p.csv.gz", "gzip"),
        (bz2.compress, "p.CSV.BZ2", "bz2"),
        (zstd, "p.csv.zst", "zstd"),
    )

    @pytest.mark.parametrize(("pack", "name", "kind"), PACKERS)
    def test_known_by_name_by_content_or_by_declaration(
        self, read: Read, pack: Callable[[bytes], bytes], name: str, kind: str
    ) -> None:
        plain = read(self.DATA)
        assert len(plain) == 5000
        assert read(pack(self.DATA), name=name) == plain
        assert read(pack(self.DATA), name="p.csv") == plain
        assert read(pack(self.DATA), name="p.dat", compression=kind) == plain
        assert read(pack(self.DATA[:999]) + pack(self.DATA[999:]), name=name) == plain

    @pytest.mark.parametrize(("pack", "name", "kind"), PACKERS)
    def test_truncated_or_damaged_stops_the_table(
        self, read: Read, pack: Callable[[bytes], bytes], name: str, kind: str
    ) -> None:
        packed = pack(self.DATA)
        for broken in (packed[: len(packed) // 2], packed[:-3], packed[:10], self.DATA):
            with pytest.raises(InputFileError, match=f"{name} is a truncated or damaged {kind} archive"):
                read(broken, name=name)

    def test_plain_text_under_an_archives_name_can_be_declared(self, read: Read) -> None:
        assert read(b"id,name\n1,Ann\n", name="p.csv.gz", compression="none") == [row(1, "1", "Ann")]

    def test_an_archive_that_is_declared_plain_stops_the_table(self, read: Read) -> None:
        with pytest.raises(InputFileError, match="looks like a gzip archive"):
            read(gzip.compress(self.DATA), compression="none")


class TestOtherFormats:
    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
            (b"PK\x03\x04\x14\0\0\0", "a zip archive or an Excel workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
            (b"PAR1\x15\x04", "a Parquet file"),
            (b"\n <!DOCTYPE html>\n<html>", "an HTML page"),
            (b"\xef\xbb\xbf<HTML><body>502 Bad Gateway", "an HTML page"),
            (b"<?xml version='1.0'?><a/>", "an XML document"),
        ],
    )
    def test_the_message_says_what_it_looks_like(self, read: Read, data: bytes, kind: str) -> None:
        with pytest.raises(InputFileError, match=f"people.csv is not a CSV text file: it looks like {kind}"):
            read(data, header=False)


class TestQuotesThatNeverClose:
    @pytest.mark.parametrize("block", [64, BLOCK])
    @pytest.mark.parametrize(
        ("data", "line"),
        [
            (b'id,name\n1,Ann\n2,"Bob\n3,Cy\n4,Dee\n', 3),
            (b'id,name\r\n\r\n"1\r\n",Ann\r\n2,"Bob\r\n3,Cy', 5),
            (b'id,name\r1,Ann\r2,x,"Bob\r', 3),
            (b'id,name\n1,"', 2),
            (b'id,name\n1\n"2', 3),
        ],
    )
    def test_the_line_is_named_instead_of_swallowing_the_rest(
        self, read: Read, data: bytes, line: int, block: int
    ) -> None:
        with pytest.raises(InputFileError, match=f"people.csv: a quote opened in line {line} never closes"):
            read(data, block=block)

    def test_in_a_file_bigger_than_a_block(self, read: Read) -> None:
        data = b"id,name\n" + b"1,Ann\n" * 100 + b'2,"Bob\n' + b"3,Cy\n" * 1000
        with pytest.raises(
            InputFileError, match="a quote opened in line 102 never closes, or its record is longer than 256"
        ):
            read(data, block=256)

    def test_a_newline_where_none_is_declared_stops_the_table(self, read: Read) -> None:
        for data in (
            b'id,name\n1,Ann\n2,"Bob\n3",Cy\n',
            b'id,name\n1,Ann\n2,"Bob\n3,Cy"\n',
            b'id,name\n1,Ann\n2,"\r"\n',
        ):
            with pytest.raises(InputFileError, match="a quote opened in line 3 never closes in that line"):
                read(data, quoted_newlines=False)

    def test_quotes_without_newlines_are_fine_where_none_is_declared(self, read: Read) -> None:
        assert read(b'id,name\n1,"A,nn"\n2\n', quoted_newlines=False) == [
            row(1, "1", "A,nn"),
            ragged(2, "1 field", "2"),
        ]


def in_pieces(spec: RawSpec, size: int) -> list[list[Row]]:
    end = spec.files[0].size
    return [rows_of(spec, start, min(start + size, end)) for start in range(0, end, size)]


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

    def test_an_open_quote_is_found_in_its_piece_and_its_line_counted_from_the_files_start(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(b"id,name\r\n" + b"1,Ann\r\n" * 10 + b'2,"Bob\r\n' + b"3,Cy\r\n" * 10)
        spec = declared(path, "id name", quoted_newlines=False)
        with pytest.raises(InputFileError, match="a quote opened in line 12 never closes"):
            in_pieces(spec, 40)


def assert_same_rows(spec: RawSpec, size: int) -> None:
    whole = rows_of(spec)
    pieces = [row for piece in in_pieces(spec, size) for row in piece]
    numbers = [row["_source_row"] for row in pieces]
    assert numbers == sorted(set(numbers))
    assert [row | {"_source_row": 0} for row in pieces] == [row | {"_source_row": 0} for row in whole]


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
            expected.append(ragged(number, _fields(shown), shown))
            continue
        texts = {
            name: field.decode(errors="backslashreplace") for name, field in zip(("id", "name"), fields, strict=True)
        }
        bad = [name for name, text in texts.items() if "\\" in text]
        raw = ",".join(texts[name] for name in bad)
        error = {
            "_error": f"undecodable_bytes: {', '.join(bad)} {'is' if len(bad) == 1 else 'are'} not utf-8",
            "_raw": raw,
        }
        kept = [None if name in bad else text for name, text in texts.items()]
        expected.append(row(number, *kept, json.dumps(error, ensure_ascii=False) if bad else None))
    spec = declared(path, "id name", header=False)
    shown_columns = expected[0].keys() if expected else ()
    for block in (130, BLOCK):
        assert [{name: found[name] for name in shown_columns} for found in rows_of(spec, block=block)] == expected
