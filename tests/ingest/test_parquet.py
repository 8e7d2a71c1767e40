"""Parquet files and Delta tables: exact texts, rows in order, nothing left out."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from any_files import Read, declared, reader_into, tuples
from deltalake import DeltaTable, write_deltalake

from c360.errors import InputFileError
from c360.ingest.files import batch_id, landed
from c360.ingest.parquet import texts


def parquet(table: pa.Table, **options: Any) -> bytes:
    data = io.BytesIO()
    pq.write_table(table, data, **options)
    return data.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader_into(tmp_path, "people.parquet")


NOON = datetime(2024, 2, 3, 12, 0, 0, 250_000, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, None, -5]), ["1", None, "-5"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["a", "", None]), ["a", "", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([1.0, 0.1, 1e20, 1.5e-7]), ["1", "0.1", "100000000000000000000", "0.00000015"]),
        (pa.array([17850.0, None], pa.float16()), ["17856", None]),
        (pa.array([Decimal("0.0000001"), Decimal("12.50")], pa.decimal128(20, 7)), ["0.0000001", "12.5000000"]),
        (pa.array([date(2024, 2, 3)]), ["2024-02-03"]),
        (pa.array([time(9, 30)]), ["09:30:00.000000"]),
        (pa.array([NOON]), ["2024-02-03 12:00:00.250000"]),
        (pa.array([NOON.replace(tzinfo=ZoneInfo("Europe/Berlin"))]), ["2024-02-03 11:00:00.250000Z"]),
        (pa.array([1], pa.timestamp("ns", "UTC")), ["1970-01-01 00:00:00.000000Z"]),
        (pa.array([b"Zo\xc3\xab", None]), ["Zoë", None]),
        (pa.array([None, None]), [None, None]),
        (pa.array([[1, 2], None, []]), ["[1, 2]", None, "[]"]),
        (pa.array([{"a": Decimal("1.50"), "d": date(2024, 2, 3)}]), ['{"a": 1.50, "d": "2024-02-03"}']),
    ],
)
def test_a_value_is_its_exact_text(values: pa.Array, expected: list[str | None]) -> None:
    assert texts(values).to_pylist() == expected


def test_columns_are_found_by_name_and_the_others_rescued(read: Read) -> None:
    table = pa.table({"NAME": ["Ann", None], "x": [None, 1.5], "id": [1, 2], "raw": [b"\xff", b"ok"]})
    assert read(parquet(table)) == [
        ("1", "Ann", 1, {"raw": "\\xff"}),
        ("2", None, 2, {"x": "1.5", "raw": "ok"}),
    ]


def test_bytes_that_are_no_text_are_set_aside(read: Read) -> None:
    table = pa.table({"id": [1, 2], "name": [b"\xff", b"Bob"]})
    assert read(parquet(table)) == [
        ("1", None, 1, {"_error": "undecodable_bytes: name is not utf-8", "_raw": "\\xff"}),
        ("2", "Bob", 2),
    ]


def test_a_path_leads_into_a_struct(read: Read) -> None:
    table = pa.table({"id": [1, 2], "home": [{"city": "Ulm", "zip": {"code": 7}}, None]})
    columns = {"id": "id", "city": "home.city", "code": "home.zip.code"}
    home = {"home": '{"city": "Ulm", "zip": {"code": 7}}'}
    assert read(parquet(table), columns) == [("1", "Ulm", "7", 1, home), ("2", None, None, 2)]


def test_row_groups_are_read_by_themselves_and_numbered_through(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"id": range(10), "name": [f"n{n}" for n in range(10)]})
    monkeypatch.setattr("c360.ingest.readers.PARTITION_BYTES", 1)
    monkeypatch.setattr("c360.ingest.parquet.MOST_ROWS", 2)
    assert read(parquet(table, row_group_size=3)) == [(str(n), f"n{n}", n + 1) for n in range(10)]


def test_the_folders_above_name_columns_too(tmp_path: Path) -> None:
    for month in ("2025-03", "__HIVE_DEFAULT_PARTITION__", "a%20b"):
        folder = tmp_path / f"month={month}"
        folder.mkdir()
        (folder / "part.parquet").write_bytes(parquet(pa.table({"id": [1]})))
    assert sorted(tuples(declared(tmp_path, "id month")), key=str) == [
        ("1", "2025-03", 1),
        ("1", "a b", 1),
        ("1", None, 1),
    ]


def test_an_empty_table_has_no_rows_and_a_missing_column_stops_it(read: Read) -> None:
    assert read(parquet(pa.table({"id": pa.array([], pa.int64()), "name": pa.array([], pa.string())}))) == []
    with pytest.raises(InputFileError, match=r"people.parquet has no column name; its header names: id, nam\."):
        read(parquet(pa.table({"id": [1], "nam": ["Ann"]})))


@pytest.mark.parametrize("data", [b"", b"id,name\n1,Ann\n", parquet(pa.table({"id": [1]}))[:-20]])
def test_what_is_no_parquet_file_stops_the_table(read: Read, data: bytes) -> None:
    with pytest.raises(InputFileError, match=r"people.parquet cannot be read as Parquet: "):
        read(data)


class TestDelta:
    def test_a_folder_that_is_a_delta_table_is_read_as_its_last_version(self, tmp_path: Path) -> None:
        people = tmp_path / "people"
        first = pa.table({"id": [1, 2], "name": ["Ann", "Bob"], "land": ["a b", "c"]})
        write_deltalake(people, first, partition_by=["land"])
        write_deltalake(people, pa.table({"id": [3], "name": ["Cy"], "land": ["c"]}), mode="append")
        DeltaTable(people).delete("id = 2")
        spec = declared(tmp_path, "id name land")
        assert sorted(row[:3] for row in tuples(spec)) == [("1", "Ann", "a b"), ("3", "Cy", "c")]
        assert {file.batch_id for file in spec.files} == {f"{0:016x}"}

    def test_a_column_that_older_files_lack_is_null_there(self, tmp_path: Path) -> None:
        people = tmp_path / "people"
        write_deltalake(people, pa.table({"id": [1]}))
        write_deltalake(people, pa.table({"id": [2], "name": ["Bob"]}), mode="append", schema_mode="merge")
        assert sorted(row[:2] for row in tuples(declared(tmp_path, "id name"))) == [("1", None), ("2", "Bob")]

    def test_each_version_is_one_content_and_the_same_files_are_the_same(self, tmp_path: Path) -> None:
        people = tmp_path / "people"
        write_deltalake(people, pa.table({"id": [1]}))
        (then,) = landed(tmp_path)
        before = batch_id(then)
        assert then.unchanged()
        write_deltalake(people, pa.table({"id": [2]}), mode="append")
        (now,) = landed(tmp_path)
        assert (then.size, now.size) == (0, 1)
        assert not then.unchanged()
        assert [batch_id(then), batch_id(now) == before] == [before, False]
        DeltaTable(people).restore(0)
        assert batch_id(*landed(tmp_path)) == before

    def test_what_c360_cannot_read_stops_the_table(self, tmp_path: Path) -> None:
        write_deltalake(
            tmp_path / "people", pa.table({"id": [1]}), configuration={"delta.enableDeletionVectors": "true"}
        )
        with pytest.raises(InputFileError, match="people is a Delta table with deletion vectors or column mapping"):
            declared(tmp_path, "id")
        (tmp_path / "people/_delta_log/00000000000000000000.json").write_text("{}")
        with pytest.raises(InputFileError, match="people cannot be read as a Delta table: "):
            declared(tmp_path, "id")


def test_times_without_a_zone_have_none_here_either() -> None:
    assert texts(pa.array([datetime(2024, 2, 3, tzinfo=UTC)])).to_pylist() == ["2024-02-03 00:00:00.000000Z"]
