"""The same text in any encoding and archive; bytes that are no text; files that are none."""

from __future__ import annotations

import bz2
import codecs
import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from csv_files import BLOCK, Read, ragged, reader_into, row

from c360.errors import InputFileError


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path)


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
