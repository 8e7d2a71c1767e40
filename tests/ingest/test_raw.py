"""`c360_raw` on an engine: what the reader yields is what the frame holds, and its errors are found again."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from c360.config import CsvFormat
from c360.errors import InputFileError
from c360.ingest import readers
from c360.ingest.raw import RawFile, RawSpec, input_error_in, read_raw
from c360.ingest.spec import SPLIT_BYTES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DELIVERED = datetime(2025, 3, 1, 6, 30, 0, 250_000, tzinfo=UTC)
INGESTED = datetime(2025, 3, 2, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def spec_of(files: dict[str, bytes], folder: Path, split_bytes: int = SPLIT_BYTES, **csv: Any) -> RawSpec:
    """A table `order id`, `na`me` of files that are written into the folder."""
    delivered = []
    for number, (name, data) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        day = DELIVERED + timedelta(days=number)
        delivered.append(RawFile(str(path), name, len(data), f"{number:016x}", day))
    columns = (("order id", "OrderID"), ("na`me", "Na`me"))
    return RawSpec(columns, CsvFormat(**csv), tuple(delivered), INGESTED, split_bytes)


DIRTY = {
    "day 1/orders.csv": b'OrderID,Na`me,x\n1,Zo\xc3\xab,\n2,\n3,"a\nb",y\n4,\xff,z\n',
    "day 2/bestellungen.csv": "x,Na`me,OrderID\n,,7\n".encode("utf-16"),
    "empty.csv": b"",
}


def rows_of(spark: SparkSession, spec: RawSpec) -> list[list[object]]:
    """All rows in order; times as microseconds, because the client shows them in its own zone."""
    from pyspark.sql import functions as F

    rows = read_raw(spark, spec)
    times = [F.unix_micros(name).alias(name) for name in ("_delivered_at", "_ingested_at")]
    found = rows.orderBy("_source_file", "_source_row").select(
        "`order id`", "`na``me`", "_rescued", "_source_file", "_source_row", "_batch_id", *times
    )
    return [list(row) for row in found.collect()]


def test_files_of_every_format_are_read_together(spark: SparkSession, tmp_path: Path) -> None:
    """One row each, as `tests/ingest` reads them without an engine."""
    book, table = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(2, 0, ["OrderID", "Na`me"])
        sheet.write_row(3, 0, [17850.0, "Excel"])
    pq.write_table(pa.table({"OrderID": [1, 2], "Na`me": ["Parquet", None]}), table, row_group_size=1)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", "OrderID,Na`me\n3,Zip\n")
    spec = spec_of(
        {
            "b.xlsx": book.getvalue(),
            "c.json": b'[{"OrderID": 4, "Na`me": "JSON", "x": 1}]',
            "d.jsonl": b'{"OrderID": 5, "Na`me": "lines"}\n{"OrderID": ',
            "e.parquet": table.getvalue(),
        },
        tmp_path,
    )
    zipped = RawFile(str(tmp_path / "all.zip"), "all.zip/a.csv", 20, "z", DELIVERED, "a.csv")
    rows = rows_of(spark, replace(spec, files=(*spec.files, zipped)))
    broken = '{"_error": "malformed_json: Expecting value at character 13", "_raw": "{\\"OrderID\\": "}'
    assert [row[:5] for row in rows] == [
        ["3", "Zip", None, "all.zip/a.csv", 1],
        ["17850", "Excel", None, "b.xlsx", 4],
        ["4", "JSON", '{"x": "1"}', "c.json", 1],
        ["5", "lines", None, "d.jsonl", 1],
        [None, None, broken, "d.jsonl", 2],
        ["1", "Parquet", None, "e.parquet", 1],
        ["2", None, None, "e.parquet", 2],
    ]


def micros(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def expected_of_dirty() -> list[list[object]]:
    ragged = '{"_error": "ragged_row: 2 fields where 3 were expected", "_raw": "2,"}'
    bytes_ = '{"_error": "undecodable_bytes: na`me is not utf-8", "_raw": "\\\\xff", "x": "z"}'
    first = ["0000000000000000", micros(DELIVERED), micros(INGESTED)]
    second = ["0000000000000001", micros(DELIVERED + timedelta(days=1)), micros(INGESTED)]
    return [
        ["1", "Zoë", None, "day 1/orders.csv", 1, *first],
        [None, None, ragged, "day 1/orders.csv", 2, *first],
        ["3", "a\nb", '{"x": "y"}', "day 1/orders.csv", 3, *first],
        ["4", None, bytes_, "day 1/orders.csv", 4, *first],
        ["7", "", None, "day 2/bestellungen.csv", 1, *second],
    ]


def broken_specs(folder: Path) -> dict[str, tuple[RawSpec, str]]:
    """By what is wrong: a spec that cannot be read, and the message."""
    gone = spec_of({"gone.csv": b"OrderID,Na`me\n1,A\n"}, folder, split_bytes=4, quoted_newlines=False)
    Path(gone.files[0].path).unlink()
    name = "Kauf 'ü\".csv"  # an engine may quote or escape what a message holds
    return {
        "while it reads": (
            spec_of({name: b"OrderID,b\n1,2\n"}, folder),
            f"{name} has no column Na`me; its header names: OrderID, b. "
            "Declare the name it has there as `from`, or the right delimiter.",
        ),
        "while it plans": (gone, f"gone.csv is gone from {gone.files[0].path}: it was there when it was listed."),
    }


def error_of(spark: SparkSession, spec: RawSpec) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each engine has exceptions of its own
        read_raw(spark, spec).collect()
    found = input_error_in(caught.value)
    assert isinstance(found, InputFileError), caught.value
    return str(found)


def test_a_spec_travels_as_json() -> None:
    times = datetime(2025, 3, 1, 6, 30, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    file = RawFile("s3://b/a.csv", "ü/a.csv", 12, "0123456789abcdef", times)
    spec = RawSpec((("a", "A"), ("b", 'B"')), CsvFormat(delimiter="\t", quote=None), (file,), INGESTED, 99)
    assert RawSpec.from_json(spec.to_json()) == spec


def test_an_input_error_is_found_as_itself_as_a_cause_and_not_in_others() -> None:
    error = InputFileError("a.csv is gone")
    wrapped = RuntimeError("task failed")
    wrapped.__cause__ = error
    assert input_error_in(error) is error
    assert input_error_in(wrapped) is error
    assert input_error_in(RuntimeError("InputFileError: a.csv is gone")) is None


def test_big_files_are_cut_where_lines_can_be_told_and_small_ones_share_a_partition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "PARTITION_BYTES", 10)
    files = {"a.csv": b"a" * 4, "b.csv": b"b" * 6, "big.csv": b"c" * 25, "z.csv": b"\x1f\x8b" + b"z" * 23}

    def planned(**csv: Any) -> list[list[tuple[str, int, int]]]:
        spec = spec_of(files, tmp_path, split_bytes=10, **csv)
        return [[(file.name, start, end) for file, start, end in group] for group in readers.partitions(spec)]

    small = [("a.csv", 0, 4), ("b.csv", 0, 6)]
    packed = [("z.csv", 0, 25)]
    pieces = [[("big.csv", 0, 10)], [("big.csv", 10, 20)], [("big.csv", 20, 25)]]
    whole = [[("big.csv", 0, 25)]]
    assert planned(quoted_newlines=False) == [small, *pieces, packed]
    assert planned(quoted_newlines=False, encoding="cp1252") == [small, *pieces, packed]
    assert planned(quoted_newlines=False, encoding="utf-16") == [small, *whole, packed]
    assert planned(quoted_newlines=False, encoding="cp500") == [small, *whole, packed]
    assert planned(quoted_newlines=True) == [small, *whole, packed]


def test_no_files_are_one_empty_partition(tmp_path: Path) -> None:
    assert readers.partitions(spec_of({}, tmp_path)) == [[]]


def test_the_frame_has_the_schema_of_bronze(spark: SparkSession, tmp_path: Path) -> None:
    schema = read_raw(spark, spec_of(DIRTY, tmp_path)).schema
    assert [(field.name, field.dataType.simpleString()) for field in schema] == [
        ("order id", "string"),
        ("na`me", "string"),
        ("_rescued", "string"),
        ("_source_file", "string"),
        ("_source_row", "bigint"),
        ("_delivered_at", "timestamp"),
        ("_batch_id", "string"),
        ("_ingested_at", "timestamp"),
    ]


def test_the_frame_holds_every_row_of_every_file(spark: SparkSession, tmp_path: Path) -> None:
    assert rows_of(spark, spec_of(DIRTY, tmp_path)) == expected_of_dirty()


def test_no_files_are_no_rows(spark: SparkSession, tmp_path: Path) -> None:
    assert rows_of(spark, spec_of({}, tmp_path)) == []


def test_a_file_in_pieces_has_the_rows_of_the_whole(spark: SparkSession, tmp_path: Path) -> None:
    files = {"a.csv": b"OrderID,Na`me\n" + b"".join(b"%d,n%d\n" % (n, n) for n in range(1000))}
    found = rows_of(spark, spec_of(files, tmp_path, split_bytes=1000, quoted_newlines=False))
    assert [row[:2] for row in found] == [[str(n), f"n{n}"] for n in range(1000)]


@pytest.mark.parametrize("when", ["while it reads", "while it plans"])
def test_our_error_is_found_in_the_engines(spark: SparkSession, tmp_path: Path, when: str) -> None:
    spec, message = broken_specs(tmp_path)[when]
    assert error_of(spark, spec) == message


def test_our_error_is_found_when_a_write_fails(spark: SparkSession, tmp_path: Path) -> None:
    spec, message = broken_specs(tmp_path)["while it reads"]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each engine has exceptions of its own
        read_raw(spark, spec).write.parquet(str(tmp_path / "out"))
    assert str(input_error_in(caught.value)) == message
