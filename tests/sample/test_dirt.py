"""The dirt: every kind, where the manifest says, expected under names that conf knows, and no clean row altered."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from delivered import File, bytes_of, truth

from c360.sample.dirt import KINDS, NEEDS_LATER_DAYS
from c360.sample.people import SOURCES
from c360.sample.world import write_world

CONF = Path(__file__).parents[2] / "conf/sources"
Piece = dict[str, str]


@pytest.fixture(scope="module")
def pieces(dirty_world: Path) -> list[Piece]:
    return truth(dirty_world, "dirt")


def files_of(world: dict[str, list[File]]) -> dict[tuple[str, str], File]:
    return {(source, file.name): file for source, files in world.items() for file in files}


def file_of(piece: Piece) -> tuple[str, str]:
    return piece["source"], Path(piece["file"]).name


def test_every_kind_is_planted(pieces: list[Piece]) -> None:
    assert {piece["kind"] for piece in pieces} == set(KINDS)
    assert {piece["source"] for piece in pieces} == set(SOURCES)


def test_a_world_of_one_day_has_all_kinds_but_those_that_need_more(tmp_path: Path) -> None:
    planted = write_world(tmp_path, customers=400, days=1)
    assert {piece.kind for piece in planted} == set(KINDS) - set(NEEDS_LATER_DAYS)


def test_nobody_is_announced_who_will_not_come(tmp_path: Path) -> None:
    kinds = {piece.kind for piece in write_world(tmp_path, customers=100, days=2)}
    assert "late_update" in kinds
    assert not kinds & {"early_child", "late_parent"}


def test_dirt_adds_records_and_changes_none(
    clean: dict[str, list[File]], dirty: dict[str, list[File]], pieces: list[Piece]
) -> None:
    """Only the undeclared column touches them all."""
    rows = {(*file_of(piece), int(piece["row"])) for piece in pieces}
    expected, found = files_of(clean), files_of(dirty)
    assert set(expected) <= set(found)
    for key, file in found.items():
        width = len(expected[key].header) if key in expected else None
        numbered = enumerate(file.records, start=file.above + 1)
        kept = [record[:width] for number, record in numbered if (*key, number) not in rows]
        assert kept == (expected[key].records if key in expected else []), key


def test_the_manifest_points_at_the_record_that_has_its_key(dirty: dict[str, list[File]], pieces: list[Piece]) -> None:
    files = files_of(dirty)
    for piece in pieces:
        if piece["kind"] == "extra_column":
            assert (piece["row"], piece["key"]) == ("0", "")
            continue
        file = files[file_of(piece)]
        record = file.records[int(piece["row"]) - file.above - 1]
        parts = piece["key"].split("|")
        if piece["key"]:
            assert set(parts) <= {str(value) for value in record}, piece
        else:
            assert piece["kind"] == "null_key"
            assert record[0] in (None, ""), piece


def test_every_piece_looks_like_its_kind(dirty: dict[str, list[File]], pieces: list[Piece]) -> None:
    files = files_of(dirty)
    for piece in pieces:
        file = files[file_of(piece)]
        if piece["kind"] == "extra_column":
            others = [f.header for f in dirty[piece["source"]] if f.table == file.table and f.name != file.name]
            assert {file.header[:-1]} == set(others)
            continue
        record = file.records[int(piece["row"]) - file.above - 1]
        assert looks_like(piece, file, record), (piece, record)


def looks_like(piece: Piece, file: File, record: tuple[Any, ...]) -> bool:
    missing = len(file.header) - len(record)
    if piece["kind"] in ("ragged_short", "ragged_long"):
        return missing == (1 if piece["kind"] == "ragged_short" else -1)
    assert missing == 0
    texts = [str(value) for value in record]
    others = [r for n, r in enumerate(file.records, start=file.above + 1) if n != int(piece["row"])]
    again = [r for r in others if [str(v) for v in r[:1]] == texts[:1]]
    match piece["kind"]:
        case "null_key":
            return record[0] in (None, "")
        case "exact_duplicate":
            return record in again
        case "near_duplicate":
            return record not in again and again != []
        case "late_update":
            return file.delivered_on == date(2025, 3, 2)
        case "early_child":
            return file.delivered_on == date(2025, 3, 2) and any(t in LATE for t in texts)
        case "late_parent":
            return file.delivered_on == date(2025, 3, 3) and texts[0] in LATE
        case "wrong_type":
            return any(text in ("abc", "12x", "n/a", "many", "five", "lots", "two", "maybe") for text in texts)
        case "bad_date":
            return any(re.search("25:61|31/31|yesterday|before|13-41", text) for text in texts)
        case "negative_amount":
            return any(re.match(r"-\d", text) for text in texts)
        case "future_row":
            return any(text.startswith("2026-03-01") for text in texts)
        case "quoted_newline":
            return any("\n" in text for text in texts) and any('"' in text or "," in text for text in texts)
        case "bad_byte":
            return any("\udc80" <= sign <= "\udcff" for text in texts for sign in text)
        case "orphan":
            return any("9999" in text or text == "99" for text in texts)
        case "empty_email":
            return {n.lower(): value for n, value in zip(file.header, record, strict=True)}["email"] in ("", None)
        case "broken_sum" | "unlisted_value":
            return record not in others
    raise AssertionError(f"no test says what {piece['kind']} looks like")


LATE = {"900100000", "900099100", "C98000000", "CUST98000000"}


def test_bad_bytes_are_latin_1_in_files_that_are_utf_8_otherwise(dirty_world: Path, pieces: list[Piece]) -> None:
    bad = {f"{piece['source']}/{piece['file']}" for piece in pieces if piece["kind"] == "bad_byte"}
    assert len(bad) == 3
    for name, content in bytes_of(dirty_world).items():
        if name.endswith(".csv"):
            assert content.count(b"Andr\xe9 ") == (name in bad), name
            content.replace(b"Andr\xe9 ", b"").decode("utf-8")


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_expected_of_a_piece_has_the_names_that_conf_gives(pieces: list[Piece], source: str) -> None:
    tables = yaml.safe_load((CONF / f"{source}.yml").read_text("utf-8"))["tables"]
    mine = [piece for piece in pieces if piece["source"] == source]
    assert mine != []
    for piece in mine:
        table, (kind, _, name) = tables[piece["table"]], piece["expected"].partition(":")
        columns = {n: c if isinstance(c, dict) else {"type": c} for n, c in table["columns"].items()}
        keys = table["key"] if isinstance(table["key"], list) else [table["key"]]
        match kind:
            case "rule":
                assert name in table["rules"], piece
            case "type":
                assert columns[name].get("type", "string") != "string", piece
            case "null":
                assert name in keys, piece
            case "accepted":
                assert "accepted" in columns[name], piece
            case "future":
                assert table["event_at"] == name, piece
            case "flagged" | "orphan":
                reference = table["references"][name]
                waits = isinstance(reference, dict) and reference.get("on_missing") == "quarantine"
                assert waits == (kind == "orphan"), piece
            case "superseded":
                assert piece["kind"] != "late_update" or "newest_by" in table, piece
            case _:
                assert kind in ("kept", "ragged_row", "undecodable_bytes"), piece


def test_a_large_file_has_more_of_each_kind_but_never_many(tmp_path: Path) -> None:
    planted = write_world(tmp_path, customers=12_000, days=1, sources=["oltp"])
    counts = Counter((piece.table, piece.kind, piece.expected) for piece in planted)
    assert counts["transactions", "null_key", "null:transaction_id"] > 1
    assert counts["stores", "null_key", "null:store_id"] == 1
    assert max(counts.values()) <= 20


def test_whoever_is_planted_and_kept_is_one_of_the_people(dirty_world: Path, pieces: list[Piece]) -> None:
    people = [row for row in truth(dirty_world, "customers") if int(row["person"]) > 400]
    assert [int(row["person"]) for row in people] == list(range(401, 401 + len(people)))
    kinds = Counter(
        piece["kind"]
        for row in people
        for piece in pieces
        if (piece["source"], piece["key"]) == (row["source"], row["customer_id"])
    )
    assert kinds == {"quoted_newline": 4, "empty_email": 4, "late_parent": 4}
