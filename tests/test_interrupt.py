"""Ctrl-C: the table in progress is undone, and the next run goes on."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from c360.lake import Lake
from tests.corner_shop import ONE_TABLE, shop
from tests.input.commands import Sail
from tests.lakes import World, differences, ended, runs

HEADER = "customer_id,name,email\n"
LONG = 200_000


@pytest.fixture
def where(tmp_path: Path, sail: Sail) -> World:
    return shop(tmp_path, sail)


def interrupted(where: World, until: Callable[[], bool], *more: str) -> tuple[int, str, str]:
    """Start a run, send it Ctrl-C when something is seen to have happened, and wait for its end."""
    process = where.start("run", *more)
    began = time.monotonic()
    while not until():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < 120
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    ran = ended(process)
    return ran.code, ran.out, ran.err


def many_customers(where: World) -> None:
    rows = "".join(f"{n},Name {n},name{n}@mail.test\n" for n in range(1, LONG + 1))
    where.land("shop/Customers_2025-03-01.csv", HEADER + rows)


def in_progress(where: World, name: str) -> bool:
    """Whether the run is in the middle of a step; its note is replaced whole, so what is there can be read."""
    note = where.lake / "ops/_in_progress.json"
    try:
        return bool(json.loads(note.read_text())["name"] == name)
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("engine", ["sail", pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.spark])])
@pytest.mark.parametrize("step", ["bronze_shop.customers", "silver_shop.customers"])
def test_a_run_stopped_by_ctrl_c_undoes_the_table_in_progress_and_the_next_run_goes_on(
    where: World, step: str, engine: str
) -> None:
    many_customers(where)
    options = ("--engine", engine, *ONE_TABLE)
    code, out, err = interrupted(where, lambda: in_progress(where, step), *options)
    assert (code, err.splitlines()[-1:]) == (130, ["stopped; a table in progress was undone, run again to go on"]), err
    assert f"undid {step}, which was half done" in out
    assert Lake(where.lake).count(step) == 0
    assert sorted(path.name for path in (where.lake / "ops").iterdir() if path.name.startswith("_")) == []
    assert [(r["status"], r["message"]) for r in runs(where.lake)] == [("stopped", f"{step} was undone")]

    where.by(None).made(*options)
    other = where.beside("other")
    other.made(*ONE_TABLE)
    assert differences(where.lake, other.lake) == []
    assert Lake(where.lake).count("silver_shop.customers") == LONG
