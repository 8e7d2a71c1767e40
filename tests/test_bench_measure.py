"""The benchmark measures whole process trees, and judges its bounds by medians."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from measure import Measured, measure
from run import BY_HAND, Result, verdicts


def test_a_measurement_counts_the_memory_of_children_and_keeps_what_was_said(tmp_path: Path) -> None:
    hold = "import sys, time; held = b'x' * 60_000_000; time.sleep(0.4); print('done'); sys.exit(3)"
    parent = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {hold!r}]).returncode)"
    measured = measure([sys.executable, "-c", parent], tmp_path / "log")
    assert (measured.exit_code, measured.log) == (3, "done\n")
    assert measured.seconds > 0.4
    if Path("/proc/self/stat").exists():
        assert measured.peak_bytes is not None
        assert measured.peak_bytes > 60_000_000


def test_a_measurement_counts_what_children_compute(tmp_path: Path) -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("CPU time is read from /proc")
    work = "import time\nwhile time.process_time() < 0.5: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    measured = measure([sys.executable, "-c", parent], tmp_path / "log")
    assert measured.cpu_seconds is not None
    assert 0.3 < measured.cpu_seconds < 2


def _measured(**seconds: list[float]) -> Result:
    return Result({phase: [Measured(s, None, None, 0, "") for s in runs] for phase, runs in seconds.items()})


@pytest.mark.parametrize(
    ("full", "increment", "said"),
    [([12.0, 30.0, 11.0], [3.0], ["met", "met"]), ([21.0], [4.2], ["MISSED", "MISSED"])],
)
def test_the_bounds_are_judged_by_the_medians(full: list[float], increment: list[float], said: list[str]) -> None:
    results = {
        BY_HAND: _measured(full=[10.0], increment=[1.0]),
        "sail": _measured(full=full, increment=increment, start=[2.0]),
    }
    lines = verdicts(results)
    assert [line.split(": ")[1].split(" ")[0] for line in lines] == said
