"""Text with separators of several characters, as database exports have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from any_files import Read, reader_into

from c360.errors import InputFileError

ODD = {"delimiter": "+|", "terminator": "&|\n", "header": False}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path, "people.csv")


def test_fields_and_records_end_where_they_are_declared_to(read: Read) -> None:
    data = b'1+|Ann&|\n2+|"B|o+b\n\xc3\xa9", &Co&|\n\n&|\n3+|&|\n'
    assert read(data, csv=ODD) == [("1", "Ann", 1), ("2", '"B|o+b\né", &Co', 2), ("3", "", 3)]


def test_the_last_record_may_end_with_the_file(read: Read) -> None:
    assert read(b"1+|Ann&|\n2+|Bob", csv=ODD) == [("1", "Ann", 1), ("2", "Bob", 2)]
    assert read(b"", csv=ODD) == []


def test_a_delimiter_of_two_characters_leaves_records_to_line_ends(read: Read) -> None:
    data = "id||name||x\r\n1||Ann||\r\n2||Bob||y".encode("utf-16")
    assert read(data, csv={"delimiter": "||"}) == [("1", "Ann", 1), ("2", "Bob", 2, {"x": "y"})]


def test_lines_above_are_skipped(read: Read) -> None:
    data = b"exported by Bob\n2025\nid||name\n1||Ann\n"
    assert read(data, csv={"delimiter": "||", "skip_lines": 2}) == [("1", "Ann", 1)]


def test_ragged_records_and_bad_bytes_are_set_aside(read: Read) -> None:
    assert read(b"1+|Ann+|x&|\n2&|\n\xff+|Bob&|\n3+|\xfe&|\n4+|Dee&|\n", csv=ODD) == [
        (None, None, 1, {"_error": "ragged_row: 3 fields where 2 were expected", "_raw": "1+|Ann+|x"}),
        (None, None, 2, {"_error": "ragged_row: 1 field where 2 were expected", "_raw": "2"}),
        (None, "Bob", 3, {"_error": "undecodable_bytes: id is not utf-8", "_raw": "\\xff"}),
        ("3", None, 4, {"_error": "undecodable_bytes: name is not utf-8", "_raw": "\\xfe"}),
        ("4", "Dee", 5),
    ]


@pytest.mark.parametrize("size", range(1, 30))
def test_chunks_of_any_size_give_the_same_rows(read: Read, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("c360.ingest.odd.CHUNK_BYTES", size)
    data = "title\r\n1+|Zoë&|\n2+|B+&|&|\n3+|&\n|&|\n".encode()
    found = read(data, csv=ODD | {"skip_lines": 1})
    assert found == [("1", "Zoë", 1), ("2", "B+&|", 2), ("3", "&\n|", 3)]


def test_a_terminator_that_never_comes_stops_the_table(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("c360.ingest.odd.LONGEST", 20)
    with pytest.raises(InputFileError, match=r"a record of more than 20 characters: is '&\|\\n' what ends one\?"):
        read(b"1+|Ann\n2+|Bob\n3+|Cy\n4+|Dee\n", csv=ODD)
