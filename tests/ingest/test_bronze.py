"""Landed files into bronze, each content once; `pytest --engine sail` runs the same on Sail."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from gold.rows import result

from c360.config import SourceConfig
from c360.errors import InputFileError
from c360.ingest import bronze
from c360.ingest.bronze import ingest, recovered
from c360.ingest.files import landed
from c360.lake import Lake
from c360.silver.shape import Shape

SHAPE = Shape(
    SourceConfig.model_validate(
        {
            "source": "shop",
            "delivered_at": r"_(\d{4}-\d{2}-\d{2})",
            "tables": {
                "people": {
                    "files": "*.csv",
                    "key": "id",
                    "columns": {"id": {"from": "ID", "type": "int"}, "name": {"from": "Name"}},
                }
            },
        }
    ),
    "people",
)


@pytest.fixture
def lake(spark, tmp_path: Path) -> Lake:
    """A lake with an empty bronze table."""
    lake = Lake(tmp_path / "lake", spark)
    lake.ensure(SHAPE.bronze, SHAPE.bronze_schema)
    return lake


def test_a_file_becomes_rows_and_a_line_and_known_content_only_a_line(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a_2025-03-01.csv").write_text("ID,Name,Age\n1,Ada,36\n\n x ,,\n3\n")
    (folder / "b_2025-03-02.csv").write_text("ID,Name,Age\n1,Ada,36\n\n x ,,\n3\n")
    (folder / "c_2025-03-03.csv").write_text("ID,Name\n")
    (folder / "d_2025-03-04.csv").write_text("name,id\nBob,2\n")
    os.utime(folder / "a_2025-03-01.csv", ns=(1, 5))
    files = landed(folder)
    known = [bronze.batch_id(files[3])]

    lines = ingest(lake, SHAPE, files, known)

    assert [(line["file"], line["rows"], line["status"], line["size"]) for line in lines] == [
        ("a_2025-03-01.csv", 3, "ingested", 30),
        ("b_2025-03-02.csv", 0, "same_content", 30),
        ("c_2025-03-03.csv", 0, "ingested", 8),
        ("d_2025-03-04.csv", 0, "same_content", 14),
    ]
    assert lines[0] | {"rows": 0} == {
        "source": "shop",
        "table_name": "people",
        "file": "a_2025-03-01.csv",
        "size": 30,
        "mtime_ns": 5,
        "batch_id": bronze.batch_id(files[0]),
        "delivered_at": datetime(2025, 3, 1, tzinfo=UTC),
        "rows": 0,
        "status": "ingested",
    }
    assert result(
        lake.read(SHAPE.bronze), "_source_row", "id", "name", "_rescued", "_source_file", "_delivered_at", "_batch_id"
    ) == [
        (1, "1", "Ada", '{"Age": "36"}', "a_2025-03-01.csv", "2025-03-01 00:00:00", lines[0]["batch_id"]),
        (2, " x ", "", None, "a_2025-03-01.csv", "2025-03-01 00:00:00", lines[0]["batch_id"]),
        (
            3,
            None,
            None,
            '{"_error": "ragged_row: 1 field where 3 were expected", "_raw": "3"}',
            "a_2025-03-01.csv",
            "2025-03-01 00:00:00",
            lines[0]["batch_id"],
        ),
    ]


def test_the_lines_of_a_lost_ledger_are_read_off_bronze(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a_2025-03-01.csv").write_text("ID,Name\n1,Ada\n2,Bob\n")
    [line] = ingest(lake, SHAPE, landed(tmp_path / "in"), [])

    assert recovered(lake, SHAPE) == [{name: value for name, value in line.items() if name not in ("size", "mtime_ns")}]


def test_a_file_that_is_no_csv_is_our_error_and_not_the_engines(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_bytes(b"PAR1")

    with pytest.raises(InputFileError, match=r"^a.csv is not a CSV text file: it looks like a Parquet file.$"):
        ingest(lake, SHAPE, landed(tmp_path / "in"), [])


def test_what_an_engine_says_of_itself_is_handed_on(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("ID,Name\n1,Ada\n")

    def full(name: str, rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lake, "append", full)

    with pytest.raises(OSError, match="No space left on device"):
        ingest(lake, SHAPE, landed(tmp_path / "in"), [])
