"""One writer at a time, and what becomes of the lock of a run that is dead."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from c360.errors import LakeLockedError
from c360.lock import LakeLock, _start_of
from c360.lock_file import DEAD_AFTER_SECONDS, lock_file
from tests.corner_shop import DAY_1, ONE_TABLE, deliver, shop
from tests.lakes import c360, ended

HOST = socket.gethostname()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "ops").mkdir()
    return tmp_path


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, alive until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    yield process
    process.kill()
    process.wait()


def held_by(lake: Path, **holder: Any) -> None:
    """Put a lock there as another run would have written it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    written = {"host": HOST, "pid": 1, "started": "0", "since": now, "run_id": "other"} | holder
    (lake / "ops/_lock.json").write_text(json.dumps(written))


def took_over(lake: Path) -> str | None:
    """What is said when a run takes the lake; the lake is free again afterwards."""
    with LakeLock(str(lake)).held("mine") as said:
        holder = LakeLock(str(lake)).holder()
        assert holder is not None
        assert (holder["run_id"], holder["pid"], holder["host"]) == ("mine", os.getpid(), HOST)
    assert list((lake / "ops").iterdir()) == []
    return said


def test_a_free_lake_is_taken_and_given_back(lake: Path) -> None:
    assert took_over(lake) is None


def test_a_lake_is_given_back_when_the_run_fails(lake: Path) -> None:
    with pytest.raises(ZeroDivisionError), LakeLock(str(lake)).held("mine"):
        raise ZeroDivisionError
    assert took_over(lake) is None


def test_a_second_run_is_told_who_holds_the_lake(lake: Path, sleeper: subprocess.Popen[bytes]) -> None:
    held_by(lake, pid=sleeper.pid, started=_start_of(sleeper.pid), since="2025-03-01T08:00:00+00:00")
    before = (lake / "ops/_lock.json").read_bytes()
    with pytest.raises(LakeLockedError) as refused, LakeLock(str(lake)).held("mine"):
        pytest.fail("the lake was not free")
    assert str(refused.value) == (
        f"the lake is held by run other (host {HOST}, pid {sleeper.pid}, since 2025-03-01T08:00:00+00:00); "
        "wait until it ends, or `c360 unlock` if you know that it is dead"
    )
    assert {file.name: file.read_bytes() for file in (lake / "ops").iterdir()} == {"_lock.json": before}


def test_the_lock_of_a_killed_process_is_taken_over(lake: Path, sleeper: subprocess.Popen[bytes]) -> None:
    held_by(lake, pid=sleeper.pid, started=_start_of(sleeper.pid))
    sleeper.kill()
    sleeper.wait()
    assert took_over(lake) == f"took over the lock of run other, which is dead (host {HOST}, pid {sleeper.pid})"


def test_a_process_that_got_the_number_of_a_dead_run_is_not_that_run(
    lake: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    held_by(lake, pid=sleeper.pid, started="12345")
    assert took_over(lake) == f"took over the lock of run other, which is dead (host {HOST}, pid {sleeper.pid})"


def test_the_lock_of_another_machine_holds_for_a_day(lake: Path) -> None:
    held_by(lake, host="elsewhere", since=(datetime.now(UTC) - timedelta(hours=23)).isoformat())
    with pytest.raises(LakeLockedError, match="host elsewhere"), LakeLock(str(lake)).held("mine"):
        pytest.fail("the lake was not free")


def test_the_lock_of_another_machine_is_taken_over_after_a_day(lake: Path) -> None:
    held_by(lake, host="elsewhere", since=(datetime.now(UTC) - timedelta(hours=25)).isoformat())
    assert took_over(lake) == "took over the lock of run other, which is dead (host elsewhere, pid 1)"


@pytest.mark.parametrize("content", ["", '{"host": "elsew', "[]", "{}", "null"])
def test_a_half_written_lock_is_taken_over(lake: Path, content: str) -> None:
    (lake / "ops/_lock.json").write_text(content)
    assert took_over(lake) == "took over the lock of run unknown, which is dead (host unknown, pid 0)"


def test_a_lock_that_another_run_took_over_in_the_meantime_is_left_to_it(lake: Path) -> None:
    lock = LakeLock(str(lake))
    held_by(lake, run_id="quicker")
    assert not lock_file(str(lake)).take_over("the lock of a run that is dead", "mine", "mine")
    holder = lock.holder()
    assert holder is not None
    assert holder["run_id"] == "quicker"
    assert [file.name for file in (lake / "ops").iterdir()] == ["_lock.json"]


def test_a_run_whose_lock_was_taken_away_does_not_take_away_the_next_ones(lake: Path) -> None:
    with LakeLock(str(lake)).held("mine"):
        held_by(lake, run_id="next")
    holder = LakeLock(str(lake)).holder()
    assert holder is not None
    assert holder["run_id"] == "next"


def test_what_dead_runs_left_beside_the_lock_goes_and_what_others_are_about_to_use_stays(lake: Path) -> None:
    for name in ("_lock.dead.tmp", "_lock.dead.stale", "_lock.alive.tmp"):
        (lake / "ops" / name).write_text("{}")
    long_ago = time.time() - DEAD_AFTER_SECONDS - 1
    for name in ("_lock.dead.tmp", "_lock.dead.stale"):
        os.utime(lake / "ops" / name, (long_ago, long_ago))
    with LakeLock(str(lake)).held("mine"):
        pass
    assert [file.name for file in (lake / "ops").iterdir()] == ["_lock.alive.tmp"]


def test_of_many_runs_at_once_one_gets_the_lake(tmp_path: Path) -> None:
    code = (
        "import sys, time; from c360.lock import LakeLock; from c360.errors import LakeLockedError\n"
        "try:\n"
        "    with LakeLock(sys.argv[1]).held(sys.argv[2]): print('held'); sys.stdout.flush(); time.sleep(3)\n"
        "except LakeLockedError: print('refused')"
    )
    held_by_dead = {"host": HOST, "pid": 2**22 + 1, "started": "1", "since": "then", "run_id": "dead"}
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/_lock.json").write_text(json.dumps(held_by_dead))
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), f"run{n}"], stdout=subprocess.PIPE, text=True)
        for n in range(6)
    ]
    said = sorted(run.communicate(timeout=60)[0].strip() for run in runs)
    assert said == ["held", *["refused"] * 5]


def test_the_command_says_who_holds_the_lake_and_exits_1(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    where = shop(tmp_path)
    deliver(where, DAY_1)
    (where.lake / "ops").mkdir(parents=True)
    held_by(where.lake, pid=sleeper.pid, started=_start_of(sleeper.pid))
    refused = where.run(*ONE_TABLE)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"the lake is held by run other (host {HOST}, pid {sleeper.pid}, since ")
    assert [path.name for path in where.lake.rglob("*") if path.is_file()] == ["_lock.json"]


def test_two_runs_at_once_make_the_tables_once(tmp_path: Path) -> None:
    where = shop(tmp_path)
    deliver(where, DAY_1)
    first, second = where.start("run", *ONE_TABLE), where.start("run", *ONE_TABLE)
    one, other = ended(first), ended(second)
    # the slower one either met the first at work, or came when everything was done
    assert 0 in (one.code, other.code)
    for ran in (one, other):
        assert ran.code == 0 or (ran.code == 1 and "the lake is held by run" in ran.err)
    assert where.rows("bronze_shop.customers", "customer_id") == [("1",), ("2",), ("2",), ("3",), ("4",)]
    assert where.rows("silver_shop.customers", "customer_id") == [(1,), (2,), (4,)]


def test_unlock_takes_the_lock_of_whoever_holds_it(lake: Path) -> None:
    held_by(lake, host="elsewhere", pid=7)
    unlocked = c360("unlock", "--lake", lake)
    assert (unlocked.code, unlocked.out, unlocked.err) == (
        0,
        "the lock of run other (host elsewhere, pid 7) is taken away\n",
        "",
    )
    assert took_over(lake) is None


def test_unlock_of_a_free_lake_says_so(lake: Path) -> None:
    unlocked = c360("unlock", "--lake", lake)
    assert (unlocked.code, unlocked.out, unlocked.err) == (0, "nobody holds the lake\n", "")


def test_a_killed_run_is_said_to_have_been_taken_over_by_the_next(tmp_path: Path) -> None:
    where = shop(tmp_path)
    deliver(where, DAY_1)
    killed = where.run(*ONE_TABLE, C360_CRASH_AFTER_WRITES="12")
    assert killed.code == -signal.SIGKILL
    run_id = json.loads((where.lake / "ops/_lock.json").read_text())["run_id"]
    assert f"took over the lock of run {run_id}, which is dead (host {HOST}, pid " in where.made(*ONE_TABLE).out
