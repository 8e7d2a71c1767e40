"""JSON lines and documents, and everything that real ones have in them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from any_files import Read, declared, reader_into, tuples

from c360.errors import InputFileError


@pytest.fixture
def lines(tmp_path: Path) -> Read:
    return reader_into(tmp_path, "people.jsonl")


@pytest.fixture
def document(tmp_path: Path) -> Read:
    return reader_into(tmp_path, "people.json")


class TestValues:
    def test_texts_numbers_and_truths_are_kept_as_they_are_written(self, lines: Read) -> None:
        data = b"""\
{"id": "007", "name": "Zo\\u00eb"}
{"id": 17850.0, "name": true}
{"id": 12345678901234567890.123456789, "name": null}
{"id": 1.5e3, "name": ""}

{"id": 1E-7}
{"id": 1e999, "name": "\\ud83d"}
"""
        assert lines(data) == [
            ("007", "Zoë", 1),
            ("17850.0", "true", 2),
            ("12345678901234567890.123456789", None, 3),
            ("1500", "", 4),
            ("0.0000001", None, 5),
            ("1e999", "\\ud83d", 6),
        ]

    def test_paths_lead_into_objects_and_arrays(self, lines: Read) -> None:
        data = b"""\
{"id": 1, "home": {"city": "Ulm", "zip": "01"}, "tags": ["a", "b"], "x.y": 5}
{"id": 2, "home": null, "tags": []}
{"id": 3, "home": "Ulm", "tags": {"0": "no array"}}
"""
        columns = {"id": "id", "city": "home.city", "second": "tags[1]", "dotted": '["x.y"]'}
        assert lines(data, columns) == [
            ("1", "Ulm", "b", "5", 1, {"home.zip": "01", "tags[0]": "a"}),
            ("2", None, None, None, 2),
            ("3", None, None, None, 3, {"home": "Ulm", "tags.0": "no array"}),
        ]

    def test_an_object_or_array_as_a_whole_stays_json_with_its_numbers(self, lines: Read) -> None:
        data = b'{"id": {"a": [1.50, null, "x\\"y"], "b": false}}\n'
        assert lines(data, "id") == [('{"a": [1.50, null, "x\\"y"], "b": false}', 1)]

    def test_what_no_column_takes_is_rescued_if_it_says_anything(self, lines: Read) -> None:
        data = b'{"id": 1, "name": "Ann", "age": 7, "at": {"x": [1]}, "none": null, "empty": "", "list": []}\n'
        assert lines(data) == [("1", "Ann", 1, {"age": "7", "at": '{"x": [1]}'})]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("people.jsonl", b'{"id": 1}\n{"id": 2, "at": {"x": 5}}\n'),
            ("people.json", b'[{"id": 1}, {"at": {"x": 5}}]'),
        ],
    )
    def test_a_frozen_contract_refuses_what_no_column_takes(self, lines: Read, name: str, data: bytes) -> None:
        columns, frozen = {"id": "id", "city": "at.city"}, {"new_columns": "freeze"}
        with pytest.raises(InputFileError, match=f"^{name} has a column at.x that is not declared, and `contract: "):
            lines(data, columns, name=name, contract=frozen)
        said_nothing = data.replace(b"5", b"null")
        found = [row[0] for row in lines(said_nothing, columns, name=name, contract=frozen)]
        assert found == (["1", "2"] if name.endswith("l") else ["1", None])

    def test_a_path_that_cannot_be_read_stops_the_table(self, lines: Read) -> None:
        for path, problem in {
            "a..b": "column id: 'a..b' is no path",
            "a[]": "column id: 'a\\[\\]' is many values; name a position, or the array as it is",
            "^.a": "people.jsonl: column id comes from \\^.a, but a record lies in 0 others",
        }.items():
            with pytest.raises(InputFileError, match=problem):
                lines(b"{}\n", {"id": path})
        with pytest.raises(InputFileError, match=r"column b: 'a.b' lies in another column; read it out by derive"):
            lines(b"{}\n", {"a": "a", "b": "a.b"})
        with pytest.raises(InputFileError, match=r"column a: other columns lie in 'a'; read them out by derive"):
            lines(b"{}\n", {"b": "a.b", "a": "a"})


class TestLines:
    def test_a_line_that_is_no_record_is_set_aside_with_its_text(self, lines: Read) -> None:
        data = b'{"id": 1\n[2]\n3\nnull\n{"id": 4, "id": 5}\n{"id": NaN}\n{"id": 6}'
        assert [(row[0], row[3]["_error"], row[3]["_raw"]) for row in lines(data)[:-1]] == [
            (None, "malformed_json: Expecting ',' delimiter at character 9", '{"id": 1'),
            (None, "no_object: a record is an object", "2"),
            (None, "no_object: a record is an object", "3"),
            (None, "no_object: a record is an object", "null"),
            (None, "malformed_json: the key 'id' is there twice", '{"id": 4, "id": 5}'),
            (None, "malformed_json: NaN is no JSON", '{"id": NaN}'),
        ]
        assert lines(data)[-1] == ("6", None, 7)

    def test_bytes_that_are_no_utf8_are_shown_where_they_stand(self, lines: Read) -> None:
        assert lines(b'{"id": 1, "name": "\xff"}\n{"id": 2, "x": "\xfe"}\n') == [
            ("1", None, 1, {"_error": "undecodable_bytes: name is not utf-8", "_raw": "\\xff"}),
            ("2", None, 2, {"x": "\\xfe"}),
        ]

    def test_encodings_and_compressions_are_read(self, lines: Read) -> None:
        text = '{"id": 1, "name": "Zoë"}\r\n'
        assert lines(text.encode("utf-8-sig")) == [("1", "Zoë", 1)]
        assert lines(text.encode("utf-16")) == [("1", "Zoë", 1)]
        assert lines(text.encode("latin-1"), json={"encoding": "latin-1"}) == [("1", "Zoë", 1)]
        assert lines(gzip.compress(text.encode()), name="people.jsonl.gz")[-1:] == [("1", "Zoë", 1)]

    def test_pieces_of_any_size_give_the_rows_of_the_whole(self, tmp_path: Path) -> None:
        text = "".join(f'{{"id": {n}, "name": "{"x" * (n % 7)}"}}\n' for n in range(40)) + '\n{"id": 99}'
        (tmp_path / "people.jsonl").write_text(text)
        whole = [row[0] for row in tuples(declared(tmp_path, "id"))]
        for size in range(1, 70, 3):
            found = tuples(declared(tmp_path, "id", split_bytes=size))
            assert [row[0] for row in found] == whole
            assert len({row[1] for row in found}) == len(whole)

    def test_a_line_without_end_is_taken_for_a_document(self, lines: Read, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("c360.ingest.json.LONGEST", 10)
        with pytest.raises(InputFileError, match=r"people.jsonl has a line of more than 10 bytes.*format: json"):
            lines(b'[{"id": 1, "name": "Ann"}]')

    def test_records_inside_a_line_know_what_they_lie_in(self, lines: Read) -> None:
        data = b'{"order": 7, "lines": [{"n": 1}, {"n": 2}]}\n{"order": 8, "lines": []}\n{"order": 9}\n'
        columns = {"order": "^.order", "n": "n"}
        said = {"_error": "no_records: nothing is where the records should be", "_raw": '{"order": 9}'}
        nothing_there = (None, None, 3, said)  # an empty array is no mistake
        assert lines(data, columns, json={"records": "lines"}) == [("7", "1", 1), ("7", "2", 2), nothing_there]


class TestDocuments:
    def test_an_array_at_the_top_holds_the_records(self, document: Read) -> None:
        assert document(b' [{"id": 1}, {"id": 2.50, "name": "B"}]') == [("1", None, 1), ("2.50", "B", 2)]

    def test_an_object_at_the_top_is_a_record_and_several_are_several(self, document: Read) -> None:
        assert document(b'{"id": 1}\n{"id": 2}') == [("1", None, 1), ("2", None, 2)]

    def test_a_declared_path_leads_to_the_records(self, document: Read) -> None:
        data = b'{"page": 1, "data": {"people": [{"id": 1}, {"id": 2}]}}'
        assert document(data, "id", json={"records": "data.people"}) == [("1", 1), ("2", 2)]
        assert document(data, "id", json={"records": "data.people[]"}) == [("1", 1), ("2", 2)]

    def test_arrays_in_arrays_give_a_record_each_which_knows_the_outer_one(self, document: Read) -> None:
        data = b'{"orders": [{"id": 1, "lines": [{"n": 1}, {"n": 2}]}, {"id": 2, "lines": [{"n": 1}]}]}'
        columns = {"order": "^.id", "n": "n"}
        json = {"records": "orders[].lines[]"}
        assert document(data, columns, json=json) == [("1", "1", 1), ("1", "2", 2), ("2", "1", 3)]
        top = {"records": "lines[]"}
        assert document(data[11:-1], columns, json=top) == [("1", "1", 1), ("1", "2", 2), ("2", "1", 3)]
        with pytest.raises(InputFileError, match=r"column order comes from \^\.\^\.id, but a record lies in 1 others"):
            document(data, {"order": "^.^.id"}, json=json)

    def test_an_empty_document_or_array_has_no_rows(self, document: Read) -> None:
        for data in (b"", b" \n", b"[]"):
            assert document(data) == []
        for data in (b'{"data": []}', b'{"data": null}'):
            assert document(data, json={"records": "data"}) == []

    def test_where_no_array_is_the_table_stops_and_says_what_is_there(self, document: Read) -> None:
        with pytest.raises(InputFileError, match=r"has no array at data; at its top it has error, code\. Declare json"):
            document(b'{"error": "no such user", "code": 404}', json={"records": "data"})

    @pytest.mark.parametrize("data", [b'[{"id": 1}, {"id"', b'[{"id": 1} {"id": 2}]', b"<xml/>", b"id,name\n1,Ann\n"])
    def test_a_broken_document_stops_the_table(self, document: Read, data: bytes) -> None:
        with pytest.raises(InputFileError, match=r"people.json is (no valid JSON|not a JSON text file): "):
            document(data)

    def test_a_key_that_is_there_twice_is_a_broken_document(self, document: Read) -> None:
        with pytest.raises(InputFileError, match=r"people.json is no valid JSON: the key 'id' is there twice"):
            document(b'[{"id": 1, "id": 2}]')
