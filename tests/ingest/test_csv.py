"""What becomes of the mistakes that real extracts contain: literal bytes in, whole rows out."""

from __future__ import annotations

from pathlib import Path

import pytest
from csv_files import BLOCK, DELIVERED, INGESTED, Read, declared, field_count, ragged, reader_into, row, rows_of

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest.csv import MOST_ROWS, csv_batches
from c360.ingest.spec import RawFile, RawSpec, bronze_schema


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path)


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

    @pytest.mark.parametrize("block", range(64, 80))
    @pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
    def test_a_line_end_cut_by_a_blocks_end_stays_whole(self, read: Read, newline: str, block: int) -> None:
        lines = f"a{newline}{newline}b{newline}"
        data = f"id,name{newline}" + f'"{lines}",x{newline}' * 100
        assert read(data.encode(), block=block) == [row(number, lines, "x") for number in range(1, 101)]

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
            row(number, *line.split(",")) if line.count(",") == 1 else ragged(number, field_count(line), line)
            for number, line in enumerate((line for line in lines if line), 1)
        ]
        assert read(("id,name\n" + "\n".join(lines)).encode(), block=64) == expected


class TestQuotesThatNeverClose:
    @pytest.mark.parametrize("block", [64, BLOCK])
    @pytest.mark.parametrize(
        ("data", "line"),
        [
            (b'id,name\n1,Ann\n2,"Bob\n3,Cy\n4,Dee\n', 3),
            (b'id,name\r\n\r\n"1\r\n",Ann\r\n2,"Bob\r\n3,Cy', 5),
            (b'id,name\r1,Ann\r2,x,"Bob\r', 3),
            (b'id,name\n1,"', 2),
            (b'id,name\n1\n\n\n"2', 5),
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
