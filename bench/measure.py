"""Run a command and measure it from outside: seconds, and the memory of all its processes together."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    Attributes:
        seconds: Wall time from its start to its end.
        peak_bytes: Largest sum of the resident memory of the command and all it started (the JVM of Spark is a child),
            sampled every 50 ms; memory that processes share counts in each. None where there is no `/proc` to read.
        exit_code: What it ended with.
        log: What it wrote.
    """

    seconds: float
    peak_bytes: int | None
    exit_code: int
    log: str


def measure(command: list[str], log: Path) -> Measured:
    """Run the command to its end, its output into the log file.

    What earlier commands left to be written is written first, so that it does not slow down this one.
    """
    os.sync()
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        sampler = _Sampler(process.pid)
        sampler.start()
        exit_code = process.wait()
        seconds = time.perf_counter() - start
        sampler.ended.set()
        sampler.join()
    return Measured(seconds, sampler.peak_bytes, exit_code, log.read_text(errors="replace"))


class _Sampler(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.ended = threading.Event()
        self.peak_bytes: int | None = None

    def run(self) -> None:
        if not Path("/proc/self/statm").exists():
            return
        while not self.ended.wait(SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes or 0, sum(map(_resident_bytes, _tree(self.pid))))


def _tree(root: int) -> list[int]:
    """The process and its descendants, those that end meanwhile left out."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            threads = list(Path(f"/proc/{pid}/task").iterdir())
        except FileNotFoundError:
            continue
        for thread in threads:
            try:
                children = (thread / "children").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            waiting.extend(int(child) for child in children.split())
    return found


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (FileNotFoundError, ProcessLookupError):
        return 0
