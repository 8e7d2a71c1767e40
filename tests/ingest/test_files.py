"""Which files lie in a landing folder, when they were delivered, and which of them are new."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from c360.config import SourceTable
from c360.errors import InputFileError
from c360.ingest.files import LandedFile, batch_id, delivered_at, landed, not_seen, of_table, settle


def put(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def names(folder: Path) -> list[str]:
    return [file.name for file in landed(folder)]


def table(*patterns: str) -> SourceTable:
    return SourceTable.model_validate({"files": list(patterns), "key": "id", "columns": {"id": "int"}})


def named(*files: str) -> list[LandedFile]:
    return [LandedFile(f"/landing/{name}", name, 1, 1) for name in files]


def test_files_are_found_in_sub_folders_by_name_with_size_and_time(tmp_path: Path) -> None:
    put(tmp_path, "b.csv", "a/z.csv", "a/b/c.csv")
    os.utime(tmp_path / "b.csv", ns=(5, 7_000))

    found = landed(tmp_path)

    assert [file.name for file in found] == ["a/b/c.csv", "a/z.csv", "b.csv"]
    assert found[-1] == LandedFile(str(tmp_path / "b.csv"), "b.csv", 5, 7_000)


def test_what_is_still_being_brought_is_left_out_with_all_below_it(tmp_path: Path) -> None:
    put(tmp_path, ".a.csv", "_b.csv", "c.csv.tmp", ".git/d.csv", "_e/f.csv", "g.tmp/h.csv", "i.tmp.csv", "j_.csv")

    assert names(tmp_path) == ["i.tmp.csv", "j_.csv"]


def test_a_folder_that_is_not_there_or_is_a_file_holds_no_files(tmp_path: Path) -> None:
    put(tmp_path, "file")

    assert (landed(tmp_path / "nowhere"), landed(tmp_path / "file")) == ([], [])


def test_links_are_followed_once_and_one_that_leads_nowhere_is_listed(tmp_path: Path) -> None:
    put(tmp_path, "in/a.csv", "elsewhere/b.csv")
    (tmp_path / "in/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/lost.csv").symlink_to("nowhere")

    assert names(tmp_path / "in") == ["a.csv", "linked/b.csv", "lost.csv"]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "closed/a.csv")
    scan = os.scandir

    def scandir(folder: Path) -> os.ScandirIterator[str]:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)

    with pytest.raises(InputFileError) as problem:
        landed(tmp_path)

    assert str(problem.value) == f"the folder {tmp_path / 'closed'} cannot be listed (Permission denied)"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["Orders*.csv"], ["Orders.csv", "2025/Orders_1.csv"]),
        (["2025/*.csv"], ["2025/Orders_1.csv", "2025/orders.csv"]),
        (["Orders.csv", "Orders*.csv"], ["Orders.csv", "2025/Orders_1.csv"]),
        (["orders.CSV"], []),
        (["*/Orders*"], ["2025/Orders_1.csv"]),
        (["Orders[!_]csv"], ["Orders.csv"]),
    ],
)
def test_a_pattern_without_a_slash_is_matched_in_every_folder_and_case_counts(
    patterns: list[str], expected: list[str]
) -> None:
    files = named("Orders.csv", "2025/Orders_1.csv", "2025/orders.csv")

    assert [file.name for file in of_table(files, table(*patterns), "t")] == expected


def test_a_file_is_new_unless_name_size_and_time_are_in_the_ledger() -> None:
    files = [LandedFile("", "a", 1, 1), LandedFile("", "a", 2, 1), LandedFile("", "a", 1, 2), LandedFile("", "b", 1, 1)]

    assert not_seen(files, [{"file": "a", "size": 1, "mtime_ns": 1}]) == files[1:]
    assert not_seen(files, [{"file": "a", "size": None, "mtime_ns": None}]) == files  # a ledger made anew from bronze


def test_a_batch_is_known_by_its_content(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("1,2\n")
    put(tmp_path, "c.csv")
    a, b, c = landed(tmp_path)

    assert batch_id(a) == batch_id(b) == hashlib.sha256(b"1,2\n").hexdigest()[:16]
    assert batch_id(c) != batch_id(a)


@pytest.mark.parametrize(
    ("pattern", "name", "moment"),
    [
        (None, "x_2025-03-01.csv", datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
        (r"_(\d{4}-\d{2}-\d{2})", "x.csv", datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
        (r"_(\d{4}-\d{2}-\d{2})?", "x_.csv", datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
        (r"_(\d{4}-\d{2}-\d{2})", "in/x_2025-03-01.csv", datetime(2025, 3, 1, tzinfo=UTC)),
        (r"_(\d+)", "x_20250301.csv", datetime(2025, 3, 1, tzinfo=UTC)),
        (r"_([\dT]+)", "x_20250301T123456.csv", datetime(2025, 3, 1, 12, 34, 56, tzinfo=UTC)),
        (r"_(\d+)", "x_20250301123456.csv", datetime(2025, 3, 1, 12, 34, 56, tzinfo=UTC)),
        (r"_([\d_-]+)", "x_2025-03-01_123456.csv", datetime(2025, 3, 1, 12, 34, 56, tzinfo=UTC)),
    ],
)
def test_when_a_file_was_delivered_its_name_says_or_else_its_modified_time(
    pattern: str | None, name: str, moment: datetime
) -> None:
    assert delivered_at(LandedFile("", name, 1, 1_500_000_000), pattern) == moment


@pytest.mark.parametrize("found", ["2025-02-30", "1", "99999999"])
def test_a_date_that_is_none_is_an_error(found: str) -> None:
    with pytest.raises(InputFileError) as problem:
        delivered_at(LandedFile("", f"x_{found}.csv", 1, 1), r"_([\d-]+)")

    assert str(problem.value) == (
        f"x_{found}.csv: '{found}' is not a date; delivered_at expects for example 2025-03-01, 20250301 or "
        "20250301T120000"
    )


def test_only_a_file_changed_just_now_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "old.csv", "new.csv", "tomorrow.csv")
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    for name, second in (("old.csv", 10), ("new.csv", 999.5), ("tomorrow.csv", 90_000)):
        os.utime(tmp_path / name, (second, second))
    new, old, tomorrow = landed(tmp_path)

    settle([old], 2)
    settle([], 2)
    settle([old, tomorrow], 2)
    assert waits == []
    settle([old, new], 2)
    assert waits == [1.5]


def test_a_file_that_changed_or_went_while_it_was_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    [file] = landed(tmp_path)
    assert file.unchanged()
    Path(file.path).write_text("more than before")
    assert not file.unchanged()
    with pytest.raises(InputFileError, match=r"^a.csv is still being written; run again when it is complete$"):
        settle([file], 0)
    Path(file.path).unlink()
    assert not file.unchanged()
    with pytest.raises(InputFileError, match=r"^a.csv cannot be read \(No such file or directory\)"):
        batch_id(file)
