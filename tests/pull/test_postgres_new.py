"""Only what is new in a table of a real PostgreSQL, and a pull that does not finish."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from postgres_pulls import Reader, Readers, between_parts, keys, listing, rows
from postgres_server import Scratch

from c360 import crash
from c360.errors import SourceError


@pytest.fixture
def orders(postgres: Scratch) -> Scratch:
    """Three orders, the last two of one time."""
    postgres.run(
        "CREATE TABLE orders (id int PRIMARY KEY, state text, updated_at timestamptz)",
        "INSERT INTO orders VALUES (1, 'new', '2024-01-01 10:00Z'), (2, 'new', '2024-01-01 11:00Z'), "
        "(3, 'new', '2024-01-01 11:00Z')",
    )
    return postgres


NINE, TEN, ELEVEN, TWELVE = (f"2024-01-01 {hour}:00:00.000000Z" for hour in ("09", "10", "11", "12"))


def test_a_second_pull_brings_new_and_changed_rows_only(orders: Scratch, reader: Readers) -> None:
    changed = reader(table="orders", newest="updated_at")
    assert changed.new() == [("1", "new", TEN), ("2", "new", ELEVEN), ("3", "new", ELEVEN)]
    assert changed.mark == ELEVEN
    assert changed.new() == []
    assert changed.mark == ELEVEN
    orders.run(
        "UPDATE orders SET state = 'paid', updated_at = '2024-01-01 12:00Z' WHERE id = 1",
        "INSERT INTO orders VALUES (4, 'new', '2024-01-01 12:00Z')",
    )
    assert changed.new() == [("1", "paid", TWELVE), ("4", "new", TWELVE)]
    assert changed.new() == []


def test_rows_of_the_marks_own_time_that_are_committed_later_are_found(orders: Scratch, reader: Readers) -> None:
    late = reader(table="orders", newest="updated_at")
    late.pull()
    orders.run(
        "INSERT INTO orders VALUES (4, 'new', '2024-01-01 11:00Z')",
        "UPDATE orders SET state = 'paid' WHERE id = 3",  # its time stays
    )
    assert late.new() == [("3", "paid", ELEVEN), ("4", "new", ELEVEN)]
    orders.run("UPDATE orders SET state = 'new' WHERE id = 3")  # as it came first, which is not what came last
    assert late.new() == [("3", "new", ELEVEN)]
    assert late.new() == []


def test_rows_committed_late_are_found_as_far_back_as_the_overlap(orders: Scratch, reader: Readers) -> None:
    near = reader(table="orders", newest="updated_at", overlap="90 minutes")
    far = Reader(near.database.uri, near.root / "far", table="orders", newest="updated_at", overlap="1 hour")
    near.pull()
    far.pull()
    orders.run("INSERT INTO orders VALUES (4, 'late', '2024-01-01 10:00Z'), (5, 'late', '2024-01-01 09:45Z')")
    assert near.new() == [("4", "late", TEN), ("5", "late", "2024-01-01 09:45:00.000000Z")]
    assert far.new() == [("4", "late", TEN)]
    assert near.new() == far.new() == []


@pytest.mark.parametrize("partitions", [1, 3])
def test_rows_that_do_not_say_how_new_they_are_come_when_they_change(
    orders: Scratch, reader: Readers, partitions: int
) -> None:
    orders.run("INSERT INTO orders VALUES (7, 'odd', NULL), (8, 'odd', NULL)")
    odd = reader(table="orders", newest="updated_at", split_by="updated_at", partitions=partitions)
    assert len(odd.new()) == 5
    assert odd.new() == []
    orders.run("UPDATE orders SET state = 'even' WHERE id = 8", "INSERT INTO orders VALUES (9, 'odd', NULL)")
    assert odd.new() == [("8", "even", None), ("9", "odd", None)]


def test_of_equal_rows_without_a_key_each_comes_once(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE clicks (page text, at int)", "INSERT INTO clicks VALUES ('a', 5), ('a', 5)")
    clicks = reader(table="clicks", key=(), newest="at", split_by="page", partitions=2)
    assert clicks.new() == [("a", "5"), ("a", "5")]
    postgres.run("INSERT INTO clicks VALUES ('a', 5)")
    assert clicks.new() == [("a", "5")]
    assert clicks.new() == []


def test_one_row_of_the_far_future_does_not_hide_later_changes(orders: Scratch, reader: Readers) -> None:
    orders.run("INSERT INTO orders VALUES (8, 'wrong', '2999-01-01'), (9, 'open', 'infinity')")
    future = reader(table="orders", newest="updated_at")
    assert len(future.new()) == 5
    assert future.mark == ELEVEN
    orders.run("UPDATE orders SET state = 'paid', updated_at = '2024-01-01 12:00Z' WHERE id = 1")
    assert future.new() == [("1", "paid", TWELVE)]
    assert future.new() == []


@pytest.mark.parametrize(
    ("kind", "overlap", "first", "mark", "late", "second"),
    [
        ("int", None, ["5", "7"], "7", "8", "8"),
        ("bigint", 3, ["5", "-7"], "5", "2", "5"),
        ("smallint", 100_000, ["5"], "5", "-32768", "5"),
        ("numeric(20,4)", "0.5", ["1.25", "'NaN'"], "1.2500", "0.75", "1.2500"),
        ("real", None, ["0.7", "'Infinity'"], "0.7", "0.7", "0.7"),
        ("double precision", None, ["0.1", "'NaN'"], "0.1", "1e20", "100000000000000000000"),
        ("date", "1 hour", ["'2024-01-02'", "'infinity'"], "2024-01-02", "'2024-01-01'", "2024-01-02"),
        (
            "timestamp",
            None,
            ["'2024-01-02'"],
            "2024-01-02 00:00:00.000000",
            "'2024-01-03'",
            "2024-01-03 00:00:00.000000",
        ),
    ],
)
def test_the_mark_may_be_a_number_or_a_time(
    postgres: Scratch, reader: Readers, kind: str, overlap: Any, first: list[str], mark: str, late: str, second: str
) -> None:
    postgres.run(
        f"CREATE TABLE things (id int, version {kind})",
        *(f"INSERT INTO things VALUES ({n}, {value})" for n, value in enumerate(first)),
    )
    things = reader(table="things", newest="version", overlap=overlap)
    assert [row[0] for row in things.new()] == [str(n) for n in range(len(first))]
    assert things.mark == mark
    postgres.run(f"INSERT INTO things VALUES (9, {late})")
    assert [row[0] for row in things.new()] == ["9"]
    assert things.mark == second
    assert things.new() == []


def test_a_mark_never_moves_back(orders: Scratch, reader: Readers) -> None:
    deleted = reader(table="orders", newest="updated_at")
    deleted.pull()
    orders.run("DELETE FROM orders WHERE id > 1")
    assert deleted.new() == []
    assert deleted.mark == ELEVEN


def test_without_the_folder_of_the_pull_before_rows_at_the_mark_come_again(orders: Scratch, reader: Readers) -> None:
    forgetful = reader(table="orders", newest="updated_at")
    forgetful.pull()
    forgetful.before = None
    assert forgetful.new() == [("2", "new", ELEVEN), ("3", "new", ELEVEN)]


def test_what_another_pull_than_the_one_before_noted_is_not_believed(orders: Scratch, reader: Readers) -> None:
    twice = reader(table="orders", newest="updated_at")
    twice.pull()
    oldest = twice.before
    orders.run("UPDATE orders SET updated_at = '2024-01-01 12:00Z' WHERE id = 3")
    twice.pull()
    twice.before = oldest
    assert twice.new() == [("3", "new", TWELVE)]


def test_deleted_rows_are_those_whose_keys_are_gone(orders: Scratch, reader: Readers) -> None:
    compared = reader(table="orders", newest="updated_at", deletes="compare_keys")
    compared.pull()
    assert keys(compared.folder) == [("1",), ("2",), ("3",)]
    orders.run("DELETE FROM orders WHERE id = 2")
    assert compared.new() == []
    assert keys(compared.folder) == [("1",), ("3",)]
    orders.run("DELETE FROM orders")
    compared.pull()
    assert keys(compared.folder) == []
    assert pq.read_schema(compared.folder / "_keys.parquet").names == ["id"]


def test_a_pull_that_was_killed_at_any_write_is_pulled_again_whole(orders: Scratch, tmp_path: Path) -> None:
    code = (
        "import pathlib, sys\n"
        "from c360.config.database import Database, DatabaseTable\n"
        "from c360.pull.database import pull_database\n"
        "table = DatabaseTable(table='orders', split_by='id', partitions=2, newest='updated_at', "
        "deletes='compare_keys')\n"
        "database = Database(kind='postgresql', uri=sys.argv[1])\n"
        "print(pull_database(database, table, ['id'], pathlib.Path(sys.argv[2]), None))\n"
    )

    def pull(folder: Path, last_write: int | None) -> subprocess.CompletedProcess[str]:
        switch = {} if last_write is None else {crash.SWITCH: str(last_write)}
        command = [sys.executable, "-c", code, orders.uri, str(folder)]
        return subprocess.run(command, env=os.environ | switch, capture_output=True, text=True, check=False)

    whole = tmp_path / "whole"
    assert pull(whole, None).stdout == f"Pulled(files=2, rows=3, mark='{ELEVEN}')\n"
    files = ["_at_mark.parquet", "_keys.parquet", "part-0001.parquet", "part-0002.parquet"]
    assert listing(whole) == files
    for last_write in range(1, len(files) + 1):
        folder = tmp_path / str(last_write)
        assert pull(folder, last_write).returncode == -signal.SIGKILL
        assert len([file for file in folder.iterdir() if file.suffix == ".parquet"]) == last_write
        again = pull(folder, None)
        assert again.stdout == f"Pulled(files=2, rows=3, mark='{ELEVEN}')\n", again.stderr
        assert listing(folder) == files
        assert rows(folder) == rows(whole)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_pull_that_fails_leaves_nothing_and_succeeds_when_repeated(
    postgres: Scratch, reader: Readers, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    postgres.run("CREATE TABLE things AS SELECT id FROM generate_series(1, 3000) id")
    things = reader(table="things", split_by="id", partitions=3, newest="id", deletes="compare_keys")
    seen = 0

    def happen() -> None:
        nonlocal seen
        seen += 1
        if seen == part:
            raise SourceError("the light went out")

    with monkeypatch.context() as patched:
        between_parts(patched, happen)
        with pytest.raises(SourceError, match="the light went out"):
            things.pull()
    assert listing(things.folder) == []
    things.pulls -= 1
    assert len(things.new()) == 3000


def test_the_first_part_that_fails_ends_the_others(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE things AS SELECT id FROM generate_series(1, 4) id")
    query = "SELECT id, CASE WHEN id = 1 THEN (1 / (id - 1))::text ELSE pg_sleep(60)::text END AS slow FROM things"
    began = time.monotonic()
    with pytest.raises(SourceError, match="division by zero"):
        reader(query=query, split_by="id", partitions=4).pull()
    assert time.monotonic() - began < 20


def test_ctrl_c_ends_a_pull_at_once(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE things AS SELECT id FROM generate_series(1, 4) id")
    slow = reader(query="SELECT id, pg_sleep(60)::text AS slow FROM things", split_by="id", partitions=4)
    began = time.monotonic()
    ctrl_c = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
    ctrl_c.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            slow.pull()
    finally:
        ctrl_c.cancel()
    assert time.monotonic() - began < 20
    assert listing(slow.folder) == []
