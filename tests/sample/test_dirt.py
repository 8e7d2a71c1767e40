"""The dirt of the `retail` sample: every kind, exactly where the manifest says, and never so much that a run stops."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from delivered import File, Record, bytes_of, read_all

from c360.sample.dirt import KEPT, NEEDS_TWO_DAYS, REJECTED
from c360.sample.retail import Planted, write_retail_sample


def test_every_kind_is_planted(dirty: tuple[dict[str, File], list[Planted]]) -> None:
    _, planted = dirty
    assert sorted({piece.kind for piece in planted}) == sorted(REJECTED + KEPT)


def test_dirt_adds_records_and_changes_none(clean: list[File], dirty: tuple[dict[str, File], list[Planted]]) -> None:
    files, planted = dirty
    assert sorted(files) == sorted(file.name for file in clean)
    lines = {(piece.file, piece.line) for piece in planted}
    for expected in clean:
        file = files[expected.name]
        width = len(expected.header)  # without the undeclared column
        kept = [record.fields[:width] for record in file.records if (file.name, record.line) not in lines]
        assert kept == [record.fields for record in expected.records], file.name


def test_every_piece_is_where_the_manifest_says_and_looks_like_its_kind(
    dirty: tuple[dict[str, File], list[Planted]],
) -> None:
    files, planted = dirty
    assert planted == sorted(planted, key=lambda piece: (piece.file, piece.line))
    for piece in planted:
        if piece.kind == "extra_column":
            assert (piece.line, piece.key, files[piece.file].header[-1]) == (1, None, "Note")
            assert {row["Note"] for row in files[piece.file].rows()} == {"", "welcome gift sent"}
            continue
        file = files[piece.file]
        [record] = [record for record in file.records if record.line == piece.line]
        assert piece.key == (None if piece.kind == "null_key" else "|".join(file.key(record)))
        assert looks_like(piece.kind, file, record, list(files.values())), (piece, record)


def looks_like(kind: str, file: File, record: Record, files: list[File]) -> bool:
    key, missing = file.key(record), len(file.header) - len(record.fields)
    if kind in ("ragged_short", "ragged_long"):
        return missing == (1 if kind == "ragged_short" else -1)
    assert missing == 0
    row = dict(zip(file.header, record.fields, strict=True))
    before = [r.fields for r in file.records if r.line < record.line and file.key(r) == key]
    after = [r for r in file.records if r.line > record.line and file.key(r) == key]
    parents = {f.delivered_on: [r.fields[0] for r in f.records] for f in files if f.table == "Customers"}
    match kind:
        case "null_key":
            return key == ("",)
        case "exact_duplicate":
            return record.fields in before
        case "near_duplicate":
            return before != [] and record.fields not in before and after == []
        case "late_update":
            earlier = [r.fields for f in files if f.table == file.table for r in f.records if f.key(r) == key]
            return file.delivered_on > date(2025, 3, 1) and len(earlier) > 1 and earlier.count(record.fields) == 1
        case "wrong_type":
            return [c for c, v in row.items() if (c, v) in (("Amount", "abc"), ("AgentID", "12x"))] != []
        case "bad_date":
            return not is_date(row["DateTime"])
        case "negative_amount":
            return Decimal(row["Amount"]) < 0
        case "unlisted_value":
            return row["Status"] == "Complted"
        case "orphan" if file.table == "LoyaltyTransactions":
            return row["LoyaltyID"] not in {
                r.fields[0] for f in files if f.table == "LoyaltyAccounts" for r in f.records
            }
        case "orphan":
            return row["CustomerID"] not in [key for keys in parents.values() for key in keys]
        case "early_child":
            arrived_on = [day for day, keys in parents.items() if row["CustomerID"] in keys]
            return arrived_on == [file.delivered_on + timedelta(1)]
        case "late_parent":
            children = [(f.delivered_on, r) for f in files if f.table == "OnlineTransactions" for r in f.rows()]
            return [day for day, child in children if child["CustomerID"] == key[0]] == [
                file.delivered_on - timedelta(1)
            ]
        case "quoted_newline":
            return "\n" in row["Address"] and '"' in row["Address"] and "," in row["Address"]
        case "bad_byte":
            return any("\udc80" <= sign <= "\udcff" for sign in row["Name"])
        case "future_row":
            return date.fromisoformat(row["DateTime"][:10]) > file.delivered_on + timedelta(2)
        case "empty_email":
            return row["Email"] == ""
    raise AssertionError(f"no test says what {kind} looks like")


def is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_the_bad_byte_is_latin_1_in_a_file_that_is_utf_8_otherwise(tmp_path: Path) -> None:
    planted = write_retail_sample(tmp_path, customers=50)
    bad = {piece.file for piece in planted if piece.kind == "bad_byte"}
    for name, content in bytes_of(tmp_path).items():
        assert content.count(b"Andr\xe9 ") == (name in bad)
        content.replace(b"Andr\xe9 ", b"").decode("utf-8")


def test_the_extra_column_is_on_the_second_day(dirty: tuple[dict[str, File], list[Planted]]) -> None:
    files, _ = dirty
    assert [name for name, file in files.items() if "Note" in file.header] == ["LoyaltyAccounts_2025-03-02.csv"]


@pytest.mark.parametrize("seed", [0, 1, 360])
@pytest.mark.parametrize("days", [1, 2, 3, 6])
@pytest.mark.parametrize("customers", [1, 2, 10, 60])
def test_a_small_sample_has_all_its_customers_and_kinds_and_few_rejects(
    tmp_path: Path, customers: int, days: int, seed: int
) -> None:
    planted = write_retail_sample(tmp_path, customers=customers, days=days, seed=seed)
    files = read_all(tmp_path)
    assert {file.delivered_on for file in files} == {date(2025, 3, 1) + timedelta(day) for day in range(days)}
    assert {piece.kind for piece in planted} == {*REJECTED, *KEPT} - {*(NEEDS_TWO_DAYS if days == 1 else ())}
    lines = {(piece.file, piece.line) for piece in planted if piece.kind != "extra_column"}
    clean_ids = {
        record.fields[0]
        for file in files
        for record in file.records
        if file.table == "Customers" and (file.name, record.line) not in lines
    }
    assert clean_ids == {str(number) for number in range(1, customers + 1)}
    for file in files:
        # a run refuses a file more than half of which it must reject
        rejected = sum(piece.file == file.name and piece.kind in REJECTED for piece in planted)
        assert rejected <= len(file.records) / 2, file.name
