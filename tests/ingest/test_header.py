"""Which field of a record is which declared column."""

from __future__ import annotations

from pathlib import Path

import pytest
from csv_files import Read, ragged, reader_into, row

from c360.errors import InputFileError


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path)


def test_names_are_matched_without_white_space_byte_order_mark_and_in_any_case(read: Read) -> None:
    data = "\ufeff\ufeff ID \t, \ufeffNAME\n1,Ann\n".encode()
    assert read(data, "id=Id name=Name") == [row(1, "1", "Ann")]


def test_an_exact_name_goes_before_one_in_other_case(read: Read) -> None:
    assert read(b"NAME,id,name\nA,1,b\n") == [row(1, "1", "b", '{"NAME": "A"}')]


def test_the_files_order_does_not_matter(read: Read) -> None:
    assert read(b"name,id\nAnn,1\n") == [row(1, "1", "Ann")]


def test_a_quoted_name_may_hold_a_delimiter_and_a_newline(read: Read) -> None:
    assert read(b'"id",name,"a,\nb"\n1,Ann,x\n') == [row(1, "1", "Ann", '{"a,\\nb": "x"}')]


def test_undeclared_columns_are_rescued_in_the_files_order_unless_empty(read: Read) -> None:
    assert read('zip,id,name,Größe\n8000,1,Ann,"1 ""m""\n"\n,2,Bob,\n,3,Cy,ß\\\n'.encode()) == [
        row(1, "1", "Ann", '{"zip": "8000", "Größe": "1 \\"m\\"\\n"}'),
        row(2, "2", "Bob"),
        row(3, "3", "Cy", '{"Größe": "ß\\\\"}'),
    ]


def test_undeclared_columns_of_equal_no_or_reserved_name_stay_apart(read: Read) -> None:
    assert read(b"id,name,note,note,,_error\n1,Ann,a,b,c,d\n") == [
        row(1, "1", "Ann", '{"note": "a", "note_2": "b", "column_5": "c", "_error_2": "d"}')
    ]


def test_a_declared_name_that_is_there_twice_stops_the_table(read: Read) -> None:
    with pytest.raises(InputFileError, match=r"people.csv: the header names column name 2 times \(fields 2, 3\)"):
        read(b"id,name,name\n1,Ann,Bob\n")


def test_a_declared_name_that_is_there_twice_in_other_case_stops_the_table(read: Read) -> None:
    with pytest.raises(InputFileError, match="names column name 2 times"):
        read(b"id,Name,NAME\n1,Ann,Bob\n")


def test_a_missing_column_stops_the_table_and_the_message_says_what_was_found(read: Read) -> None:
    with pytest.raises(InputFileError, match=r"people.csv has no column name; its header names: id;name;x"):
        read(b"id;name;x\n1;Ann;\n", "name")


def test_without_header_the_declared_order_names_the_fields(read: Read) -> None:
    assert read(b"1|Ann\n2|Bob|x\n", header=False, delimiter="|") == [
        row(1, "1", "Ann"),
        ragged(2, "3 fields", "2|Bob|x"),
    ]


def test_a_header_that_never_ends_stops_the_table(read: Read) -> None:
    with pytest.raises(InputFileError, match="a quote opened in line 2, the header, never closes"):
        read(b'\nid,"name\n1,Ann\n')


def test_a_first_line_without_end_stops_the_table(read: Read) -> None:
    with pytest.raises(InputFileError, match="first line is longer than"):
        read(b"id,name," * 200_000)
