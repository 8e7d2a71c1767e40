"""How delimited text is recognised, with the mistakes of real extracts."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import pytest

from c360.errors import ConfigError, InputFileError
from c360.init_source import draft
from tests.init_source.drafts import drafted, lines

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)
SHOP = lines("OrderID,Amount,City", "1,10.50,Zürich", "2,7.25,Bern", "3,9.00,Basel")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~|", "||", "+|"])
def test_a_delimiter_is_found_and_declared(tmp_path: Path, delimiter: str) -> None:
    found = drafted(tmp_path, {"orders.csv": SHOP.replace(",", delimiter)})
    assert found.types == {"order_id": "int", "amount": "money", "city": "string"}
    assert (found.table.csv.delimiter if found.table.csv else ",") == delimiter


def test_commas_in_a_text_do_not_hide_the_semicolons(tmp_path: Path) -> None:
    text = lines("id;name;price", "1;Smith, John;2,5", "2;Doe, Jane;3,75", "3;Roe, Max;4,0")
    found = drafted(tmp_path, {"customers.csv": text})
    assert found.types == {"id": "int", "name": "string", "price": "money"}


def test_decimal_commas_without_a_header_do_not_count_as_delimiters(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"rates.csv": "".join(f"{n};{n},5\n" for n in range(1, 12))})
    assert found.table.csv is not None
    assert (found.table.csv.delimiter, found.table.csv.header) == (";", False)
    assert found.types["c2"].startswith("decimal")
    assert found.column("c2").numbers is not None


def test_records_may_end_with_more_than_a_line_end(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"mail.csv": "".join(f"{n}+|two\nlines {n}+|x{n}@y.org&|\n" for n in range(1, 9))})
    assert found.table.csv is not None
    assert (found.table.csv.delimiter, found.table.csv.terminator, found.table.csv.header) == ("+|", "&|\n", False)
    assert found.types == {"c1": "int", "c2": "string", "c3": "string"}
    assert "# mail.csv: 8 rows" in found.text


def test_newlines_and_delimiters_in_quotes_belong_to_their_field(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"notes.csv": 'id,note\n1,"a, b\nc"\n2,"d"\n3,"e ""f"""\n'})
    assert found.types == {"id": "int", "note": "string"}
    assert "some fields hold a newline" in found.text


def test_quotes_that_mean_nothing_are_declared_as_such(tmp_path: Path) -> None:
    rows = [f'{n}\t"{n} inch\tblack' for n in range(1, 8)]
    found = drafted(tmp_path, {"screens.tsv": "\n".join(["id\tsize\tcolour", *rows, ""])})
    assert found.table.csv is not None
    assert found.table.csv.quote is None
    assert list(found.types) == ["id", "size", "colour"]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_an_encoding_is_declared_where_no_mark_says_it(tmp_path: Path, encoding: str, declared: str | None) -> None:
    found = drafted(tmp_path, {"orders.csv": SHOP.encode(encoding)})
    assert list(found.types) == ["order_id", "amount", "city"]
    assert (found.table.csv.encoding if found.table.csv else None) == declared


def test_a_byte_that_cp1252_lacks_makes_it_latin_1(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": SHOP.encode("latin-1") + b"4,1.00,\x81\xe4\n"})
    assert found.table.csv is not None
    assert found.table.csv.encoding == "latin-1"


def test_a_few_bad_bytes_leave_it_utf_8_and_are_told(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": (SHOP + "4,1.00,Genève äöüéè\n").encode() + b"5,2.00,Gen\xe8ve\n"})
    assert found.table.csv is None
    assert "bytes that are not UTF-8: 1;" in found.text


@pytest.mark.parametrize(("name", "pack"), [("orders.csv.gz", gzip.compress), ("orders.csv.bz2", bz2.compress)])
def test_compressed_files_are_looked_into(tmp_path: Path, name: str, pack: object) -> None:
    assert callable(pack)
    found = drafted(tmp_path, {name: pack(SHOP.encode())})
    assert found.types == {"order_id": "int", "amount": "money", "city": "string"}
    assert found.table.files == ("orders*.csv*",)


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": f"Report of March\n\n{SHOP}"})
    assert found.table.csv is not None
    assert found.table.csv.skip_lines == 2
    assert list(found.types) == ["order_id", "amount", "city"]


def test_a_title_padded_with_delimiters_is_no_header(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": f"Report,,\nof March,,\n{SHOP}"})
    assert found.table.csv is not None
    assert found.table.csv.skip_lines == 2
    assert list(found.types) == ["order_id", "amount", "city"]


def test_blanks_around_names_and_values_do_not_count(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": lines("OrderID , Amount,City ", "1, 10.50,Bern ", "2, 3.00, Basel")})
    assert found.types == {"order_id": "int", "amount": "money", "city": "string"}
    assert found.column("order_id").source_name == "OrderID"


def test_a_name_that_is_there_twice_is_read_by_its_place(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": lines("id,name,name", "1,Ann,Lee", "2,Bob,Ray")})
    assert found.table.csv is not None
    assert (found.table.csv.header, found.table.csv.skip_lines) == (False, 1)
    assert list(found.types) == ["id", "name", "name_2"]
    assert "the header names 'name' 2 times" in found.text


def test_a_name_that_looks_like_a_secret_is_read_by_its_place(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": lines("id,${env:HOME}", "1,Ann", "2,Bob")})
    assert found.table.csv is not None
    assert found.table.csv.header is False
    assert list(found.types) == ["id", "env_home"]


def test_a_column_without_a_name_is_left_out_and_told(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": lines(",id,name", "0,1,Ann", "1,2,Bob")})
    assert list(found.types) == ["id", "name"]
    assert "1 columns have no name in the header" in found.text


def test_without_a_header_columns_are_numbered(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": "1,10.50,Bern\n2,7.25,Basel\n3,9.00,Bern\n"})
    assert found.table.csv is not None
    assert found.table.csv.header is False
    assert found.types == {"c1": "int", "c2": "money", "c3": "string"}
    assert found.table.key == ("c1",)


def test_one_row_may_be_a_header_or_a_record(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": "OrderID,Amount,City\n", "rates.csv": "1,2.50,Bern\n"})
    assert list(found.source.tables["orders"].columns) == ["order_id", "amount", "city"]
    assert list(found.source.tables["rates"].columns) == ["c1", "c2", "c3"]


def test_a_list_of_words_is_a_table_of_one_column(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"colours.txt": "colour\nred\ngreen\nblue\n"})
    assert (found.types, found.table.key) == ({"colour": "string"}, ("colour",))


def test_ragged_rows_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = [f"{n},{n}.50,Bern" for n in range(1, 30)]
    found = drafted(tmp_path, {"orders.csv": lines("id,amount,city", *rows, "30,1.00,Bern,too,much")})
    assert "orders.csv: 29 rows, and 1 not well-formed, to be rejected" in found.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PNG, "logo.csv is not a CSV text file: it looks like a PNG image."),
        (b"", "logo.csv is empty."),
        (b" \n\n", "logo.csv is empty."),
        (
            b"This is free text, with commas.\nIt goes on for a while and says nothing of use\n\nto us.",
            "holds no table",
        ),
        (b" 1  12 34.50\n 2   1  7.25\n10 112  9.00\n", "separated by runs of blanks"),
    ],
)
def test_a_file_without_a_table_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "logo.csv").write_bytes(content)
    with pytest.raises(InputFileError) as refused:
        draft([tmp_path / "logo.csv"], "shop")
    assert said in str(refused.value)


def test_beside_a_table_it_is_left_out_and_named(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": SHOP, "logo.png": PNG})
    assert list(found.source.tables) == ["orders"]
    assert "# Left out: logo.png is not a CSV text file: it looks like a PNG image." in found.text


@pytest.mark.parametrize(("source", "file"), [("My Shop", "orders.csv"), ("shop", "none.csv")])
def test_a_wrong_call_says_what_is_wrong(tmp_path: Path, source: str, file: str) -> None:
    (tmp_path / "orders.csv").write_text(SHOP)
    with pytest.raises(ConfigError, match=r"is no name for a source|there is no file or folder"):
        draft([tmp_path / file], source)
