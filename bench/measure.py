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
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    Attributes:
        seconds: Wall time from its start to its end.
        cpu_seconds: What the command and all it started computed, on all cores, up to the last sample. A busy machine
            stretches `seconds`, this hardly. None where there is no `/proc` to read.
        peak_bytes: Largest sum of the resident memory of the command and all it started (the JVM of Spark is a child),
            sampled every 50 ms; memory that processes share counts in each. None where there is no `/proc` to read.
        exit_code: What it ended with.
        log: What it wrote.
    """

    seconds: float
    cpu_seconds: float | None
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
        try:
            exit_code = process.wait()
            seconds = time.perf_counter() - start
        finally:
            process.terminate()  # only if this command is itself interrupted; otherwise it has ended
            sampler.ended.set()
            sampler.join()
    cpu_seconds = sum(sampler.cpu_seconds.values()) if sampler.cpu_seconds else None
    return Measured(seconds, cpu_seconds, sampler.peak_bytes, exit_code, log.read_text(errors="replace"))


class _Sampler(threading.Thread):
    """Watches a process and what it starts, until `ended` is set."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.ended = threading.Event()
        self.peak_bytes: int | None = None
        self.cpu_seconds: dict[int, float] = {}

    def run(self) -> None:
        if not Path("/proc/self/stat").exists():
            return
        while not self.ended.wait(SAMPLE_SECONDS):
            resident_bytes = 0
            for pid in _tree(self.pid):
                usage = _usage(pid)
                if usage is not None:
                    self.cpu_seconds[pid] = usage[0]
                    resident_bytes += usage[1]
            self.peak_bytes = max(self.peak_bytes or 0, resident_bytes)


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


def _usage(pid: int) -> tuple[float, int] | None:
    """Seconds of CPU so far and resident bytes; None once it has ended."""
    try:
        # The second field, the name in brackets, may hold blanks; what follows it is counted from the third.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND, int(fields[21]) * PAGE_BYTES
