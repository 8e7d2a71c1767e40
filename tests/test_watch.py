"""`c360 run --watch`: files are picked up as they land, and a restart loses and doubles nothing."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from c360.lake import Lake
from c360.lock import LakeLock
from tests.corner_shop import ONE_TABLE, shop
from tests.input.commands import Sail
from tests.lakes import Ran, World, differences, ended, runs

HEADER = "customer_id,name,email\n"


@pytest.fixture
def where(tmp_path: Path, sail: Sail) -> World:
    found = shop(tmp_path, sail)
    found.configure("c360.yml", "settle_seconds: 0.2\n")
    return found


def waited(until: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120) -> None:
    began = time.monotonic()
    while not until():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < seconds
        time.sleep(0.05)


def customers(where: World, *ids: int) -> Callable[[], bool]:
    """Whether these customers, and no others, are in silver, and nothing is in progress."""

    def there() -> bool:
        lake = Lake(where.lake)
        if lake.version("silver_shop.customers") is None or (where.lake / "ops/_in_progress.json").exists():
            return False
        return sorted(row["customer_id"] for row in lake.rows("silver_shop.customers")) == list(ids)

    return there


@contextmanager
def watching(where: World, *more: str) -> Iterator[tuple[subprocess.Popen[str], list[Ran]]]:
    """A process that watches, and how it ended; it is stopped by Ctrl-C when the block is done."""
    process, ran = where.start("run", "--watch", "--every", "0.2", *ONE_TABLE, *more), list[Ran]()
    try:
        yield process, ran
        time.sleep(1.5)  # what comes after a run's last line: the next look
        process.send_signal(signal.SIGINT)
        ran.append(ended(process))
    finally:
        process.kill()


def finished_runs(where: World) -> list[str]:
    return [run["status"] for run in runs(where.lake)] if (where.lake / "ops/runs").exists() else []


@pytest.mark.parametrize("engine", ["sail", pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.spark])])
def test_files_are_picked_up_as_they_land_and_a_stop_while_idle_is_no_failure(where: World, engine: str) -> None:
    where.land("shop/Customers_2025-03-01.csv", HEADER + "1,Ann,ann@mail.test\n")
    with watching(where, "--engine", engine) as (process, ran):
        waited(customers(where, 1), process)
        where.land("shop/Customers_2025-03-02.csv", HEADER + "2,Bob,bob@mail.test\n")
        waited(customers(where, 1, 2), process)
        waited(lambda: len(finished_runs(where)) == 2, process)
    assert (ran[0].code, finished_runs(where)) == (0, ["done", "done"])
    assert "Traceback" not in ran[0].err
    first, *_, last = ran[0].out.splitlines()
    assert first == f"watching {where.folder / 'landing'} every 0.2 s; Ctrl-C stops"
    assert last == "stopped watching"
    other = where.beside("other")
    other.made(*ONE_TABLE)
    assert differences(where.lake, other.lake) == []


def test_a_broken_file_is_tried_once_and_again_when_it_has_changed(where: World) -> None:
    file = where.land("shop/Customers_2025-03-01.csv", "customer_id,nam,email\n1,Ann,ann@mail.test\n")
    with watching(where) as (process, ran):
        waited(lambda: finished_runs(where) == ["failed"], process)
        time.sleep(1.5)
        assert finished_runs(where) == ["failed"]
        file.write_text(HEADER + "1,Ann,ann@mail.test\n")
        waited(customers(where, 1), process)
        waited(lambda: sorted(finished_runs(where)) == ["done", "failed"], process)
    assert ran[0].code == 0


def test_a_file_that_is_being_written_waits(where: World) -> None:
    where.configure("c360.yml", "settle_seconds: 1.0\n")
    where.land("shop/Customers_2025-03-01.csv", HEADER + "1,Ann,ann@mail.test\n")
    with watching(where) as (process, ran):
        waited(customers(where, 1), process)
        growing = where.folder / "landing/shop/Customers_2025-03-02.csv"
        with growing.open("w") as file:
            file.write(HEADER)
            for number in range(2, 8):
                file.write(f"{number},N,n@mail.test\n")
                file.flush()
                time.sleep(0.3)
        waited(customers(where, *range(1, 8)), process)
        waited(lambda: len(finished_runs(where)) == 2, process)
    assert (ran[0].code, finished_runs(where)) == (0, ["done", "done"])


def test_while_another_run_holds_the_lake_it_waits_and_says_so_once(where: World) -> None:
    where.land("shop/Customers_2025-03-01.csv", HEADER + "1,Ann,ann@mail.test\n")
    where.lake.mkdir()
    with LakeLock(str(where.lake)).held("other"), watching(where) as (process, ran):
        time.sleep(4)
        assert process.poll() is None
    assert ran[0].code == 0
    assert sum("holds" in line or "locked" in line for line in ran[0].out.splitlines()) == 1, ran
    assert where.made(*ONE_TABLE).code == 0


def test_after_a_kill_the_next_watch_goes_on_without_loss_or_double(where: World) -> None:
    for day in range(1, 4):
        where.land(f"shop/Customers_2025-03-0{day}.csv", HEADER + f"{day},Ann,ann@mail.test\n")
    process = where.start("run", "--watch", "--every", "0.2", *ONE_TABLE, C360_CRASH_AFTER_WRITES="9")
    assert ended(process).code == -signal.SIGKILL
    with watching(where) as (process, ran):
        waited(customers(where, 1, 2, 3), process)
    assert ran[0].code == 0
    other = where.beside("other")
    other.made(*ONE_TABLE)
    assert differences(where.lake, other.lake) == []


@pytest.mark.parametrize("option", ["--full", "--dry-run", "--as-of=2025-03-01"])
def test_what_goes_with_one_run_only_is_refused(where: World, option: str) -> None:
    said = where.run("--watch", option)
    name = option.partition("=")[0]
    assert (said.code, said.err) == (2, f"--watch goes on from what is there; leave {name} out\n")
