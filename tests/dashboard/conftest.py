"""A small sample world in a lake, made once; Chromium, where there is one; the dashboard in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from c360.sample.world import write_world
from tests.input.commands import Sail
from tests.lakes import ROOT, World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DEMAND = "C360_DEMAND_CHROMIUM"

PEOPLE = 150


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory, sail: Sail) -> Path:
    """The lake of a sample world of 150 people, with all gold tables; not to be changed."""
    folder = tmp_path_factory.mktemp("dashboard")
    write_world(folder / "landing", customers=PEOPLE, days=1)
    made = World(folder, ROOT / "conf", folder / "lake", sail)
    made.made()
    return made.lake


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    if CHROMIUM is None:
        if os.environ.get(DEMAND) == "1":
            pytest.fail(f"Chromium is not installed, and {DEMAND}=1 demands it")
        pytest.skip(f"Chromium is not installed; with {DEMAND}=1 this fails instead")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts a dashboard of a lake, and says its address; it ends with the tests."""
    started: list[subprocess.Popen[bytes]] = []

    def start(lake: Path, *more: str, **env: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("served") / "log"
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("C360_", "STREAMLIT_"))}
        command = [sys.executable, "-m", "c360.cli", "dashboard", "--lake", str(lake), "--port", str(port), *more]
        with log.open("wb") as out:
            started.append(subprocess.Popen(command, cwd=ROOT, env=mine | env, stdout=out, stderr=out))
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", started[-1], log)
        return address

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer: {log.read_text()}")
