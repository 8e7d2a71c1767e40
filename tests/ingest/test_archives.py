"""A zip archive is a folder, and its members are files like any other."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from any_files import declared, tuples

from c360.errors import InputFileError
from c360.ingest.files import LandedFile, batch_id, landed


def packed(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return data.getvalue()


def test_members_are_listed_below_their_archive(tmp_path: Path) -> None:
    data = packed(a_csv=b"x", sub__b_csv=b"yy", MACOSX__a_csv=b"")
    data = data.replace(b"MACOSX", b"__MACO")
    (tmp_path / "day 1").mkdir()
    (tmp_path / "day 1" / "all.zip").write_bytes(data)
    (tmp_path / "c.csv").write_bytes(b"zzz")
    assert [(f.name, f.member, f.size) for f in landed(tmp_path)] == [
        ("c.csv", None, 3),
        ("day 1/all.zip/a.csv", "a.csv", 1),
        ("day 1/all.zip/sub/b.csv", "sub/b.csv", 2),
    ]
    assert all(file.unchanged() for file in landed(tmp_path))


def test_a_member_has_the_batch_of_the_same_content_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(packed(a_csv=b"id\n1\n"))
    (tmp_path / "b.csv").write_bytes(b"id\n1\n")
    zipped, plain = landed(tmp_path)
    assert (zipped.name, plain.name) == ("all.zip/a.csv", "b.csv")
    assert batch_id(zipped) == batch_id(plain)


def test_a_member_is_read_whatever_its_format(tmp_path: Path) -> None:
    rows = b"id,name\n1,Ann\n"
    members = {"a_csv": rows, "b_csv_gz": gzip.compress(b"id,name\n2,Bob\n"), "c_jsonl": b'{"id": 3, "name": "Cy"}'}
    (tmp_path / "all.zip").write_bytes(packed(**members))
    spec = declared(tmp_path, "id name", split_bytes=4, csv={"quoted_newlines": False})
    assert [row[:2] for row in tuples(spec)] == [("1", "Ann"), ("2", "Bob"), ("3", "Cy")]


def test_an_archive_that_is_no_archive_or_was_cut_short_stops_its_source(tmp_path: Path) -> None:
    whole = packed(a_csv=b"id,name\n1,Ann\n")
    for data in (b"no archive", whole[: len(whole) // 2], b""):
        (tmp_path / "all.zip").write_bytes(data)
        with pytest.raises(InputFileError, match=r"^all.zip is a truncated or damaged zip archive \("):
            landed(tmp_path)


def test_a_damaged_member_stops_its_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", b"id,name\n1,Ann\n")
    data = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(data.replace(b"1,Ann", b"1,Bob", 1))
    (file,) = landed(tmp_path)
    with pytest.raises(InputFileError, match=r"^all.zip/a.csv is a truncated or damaged zip archive"):
        batch_id(file)
    with pytest.raises(InputFileError, match=r"^all.zip/a.csv is a truncated or damaged zip archive"):
        tuples(declared(tmp_path, "id name"))


def test_a_member_behind_a_password_or_gone_stops_its_table(tmp_path: Path) -> None:
    data = bytearray(packed(a_csv=b"id\n1\n"))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of a protected member, in the archive's directory
    (tmp_path / "all.zip").write_bytes(data)
    (file,) = landed(tmp_path)
    with pytest.raises(InputFileError, match=r"^all.zip/a.csv is protected by a password; deliver it without one$"):
        batch_id(file)
    gone = LandedFile(file.path, "all.zip/b.csv", 1, file.mtime_ns, "b.csv")
    with pytest.raises(InputFileError, match=r"^all.zip/b.csv is gone from its archive"):
        batch_id(gone)
    assert gone.raw("b", datetime.now(UTC))[0].member == "b.csv"
