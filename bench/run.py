"""The benchmark: c360 on Sail and on Spark beside the same job by hand, on the same files, in one run.

    python bench/run.py                                     # 1 and 5 million orders, all three
    python bench/run.py --orders 1000000 --engines sail --repeat 3 --save

For each size the files are generated once. Each contender then gets an empty lake and three runs, each a whole process
measured from outside: the first delivery, the increment of the next day, and again with nothing new. Repeats are
interleaved (A B C A B C), so that a busy moment of the machine does not fall on one of them alone; the medians count.
CPU time is given too, as wall time says little while others use the machine. At the end the gold tables must be the
same, and the two bounds are computed: a full load on Sail takes at most twice the time of the one by hand, an increment
at most a tenth of the full load plus the engine's start.

Exits 1 when a run failed or the tables differ. A missed bound is printed, and is for the reader to judge: on a busy
machine it says little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from compare import COMPARED, compare
from generate import write_increment, write_orders
from measure import Measured, measure
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
C360 = (PYTHON, "-m", "c360.cli")
BY_HAND = "by hand"
PHASES = ("full", "increment", "nothing new")
FULL_BOUND, FULL_AIM, INCREMENT_BOUND = 2.0, 1.0, 0.10


def by_hand_command(landing: Path, lake: Path) -> list[str]:
    """The job by hand."""
    return [PYTHON, str(HERE / "by_hand.py"), "--landing", str(landing), "--lake", str(lake)]


def c360_command(engine: str, landing: Path, lake: Path) -> list[str]:
    """The same job by c360."""
    folders = ["--conf", str(HERE.parent / "conf"), "--landing", str(landing), "--lake", str(lake)]
    wanted = [part for table in COMPARED for part in ("--only", f"gold.{table}")]
    return [*C360, "run", *folders, "--engine", engine, "--source", "retail", *wanted]


def start_command(engine: str) -> list[str]:
    """The least that starts c360's engine and has an answer from it."""
    code = f"from c360.session import start\nwith start({engine!r}) as s: s.spark.sql('SELECT 1').collect()"
    return [PYTHON, "-c", code]


@dataclass
class Result:
    """What was measured of one contender at one size: phase (or `start`, of the engine alone) → its runs."""

    runs: dict[str, list[Measured]] = field(default_factory=dict)

    def seconds(self, phase: str) -> float:
        """Median of the runs' wall time."""
        return statistics.median(run.seconds for run in self.runs[phase])

    def cpu_seconds(self, phase: str) -> float | None:
        """Median of the runs' CPU time, all cores together; None where it cannot be measured."""
        known = [run.cpu_seconds for run in self.runs[phase] if run.cpu_seconds is not None]
        return statistics.median(known) if known else None

    @property
    def peak_bytes(self) -> int | None:
        """The most memory that any phase took; None where it cannot be measured."""
        known = [run.peak_bytes for runs in self.runs.values() for run in runs if run.peak_bytes is not None]
        return max(known) if known else None

    def saved(self) -> dict[str, object]:
        """As it is written to the file of results."""
        return {
            phase: [{"seconds": r.seconds, "cpu_seconds": r.cpu_seconds, "peak_bytes": r.peak_bytes} for r in runs]
            for phase, runs in self.runs.items()
        }


class Failed(Exception):
    """A contender's process did not end with 0."""


def run_size(
    orders: int, engines: list[str], repeat: int, work: Path, seed: int, console: Console
) -> tuple[dict[str, Result], bool]:
    """Measure all contenders at one size.

    Returns:
        Contender → what was measured, and whether their tables are the same.
    """
    folder = work / str(orders)
    shutil.rmtree(folder, ignore_errors=True)
    with console.status(f"generating {orders:,} orders"):
        write_orders(folder / "first", orders, seed)
        write_increment(folder / "next", orders, seed)
    contenders = [BY_HAND, *engines]
    results = {name: Result() for name in contenders}
    for turn in range(repeat):
        for name in contenders:
            with console.status(f"{orders:,} orders, {name}, run {turn + 1} of {repeat}"):
                _run_contender(name, folder, results[name])
    console.print(_table(orders, results))
    for line in verdicts(results):
        console.print(line)
    compared = [_print_comparison(name, folder, console) for name in engines]
    return results, all(compared)


def _run_contender(name: str, folder: Path, result: Result) -> None:
    place = folder / name.replace(" ", "_")
    shutil.rmtree(place, ignore_errors=True)
    landing, lake = place / "landing", place / "lake"
    (landing / "retail").mkdir(parents=True)
    lake.mkdir()
    command = by_hand_command(landing, lake) if name == BY_HAND else c360_command(name, landing, lake)
    if name != BY_HAND:
        start = _measure(start_command(name), place / "start.log")
        result.runs.setdefault("start", []).append(start)
    for phase, delivery in zip(PHASES, ("first", "next", None), strict=True):
        if delivery:
            for file in (folder / delivery / "retail").iterdir():
                os.link(file, landing / "retail" / file.name)
        measured = _measure(command, place / f"{phase.replace(' ', '_')}.log")
        result.runs.setdefault(phase, []).append(measured)


def _measure(command: list[str], log: Path) -> Measured:
    measured = measure(command, log)
    if measured.exit_code:
        tail = "\n".join(measured.log.splitlines()[-20:])
        raise Failed(f"exit code {measured.exit_code} of {' '.join(command)}\nIts last lines, from {log}:\n{tail}")
    return measured


def _table(orders: int, results: dict[str, Result]) -> Table:
    table = Table(title=f"{orders:,} orders: median seconds, and how many times those by hand")
    headers = ("", "full load", "×", "its CPU", "×", "increment", "×", "nothing new", "start", "peak memory")
    for header in headers:
        table.add_column(header, justify="right" if header else "left")
    hand = results[BY_HAND]
    for name, result in results.items():
        cpu, hand_cpu = result.cpu_seconds("full"), hand.cpu_seconds("full")
        table.add_row(
            name if name == BY_HAND else f"c360 on {name.capitalize()}",
            f"{result.seconds('full'):.2f}",
            f"{result.seconds('full') / hand.seconds('full'):.2f}",
            f"{cpu:.2f}" if cpu else "–",
            f"{cpu / hand_cpu:.2f}" if cpu and hand_cpu else "–",
            f"{result.seconds('increment'):.2f}",
            f"{result.seconds('increment') / hand.seconds('increment'):.2f}",
            f"{result.seconds('nothing new'):.2f}",
            f"{result.seconds('start'):.2f}" if "start" in result.runs else "–",
            f"{result.peak_bytes / 1e9:.2f} GB" if result.peak_bytes else "–",
        )
    return table


def verdicts(results: dict[str, Result]) -> Iterator[str]:
    """A line for each bound, which hold for Sail."""
    if "sail" not in results:
        return
    sail, hand = results["sail"], results[BY_HAND]
    ratio = sail.seconds("full") / hand.seconds("full")
    aim = "the aim too" if ratio <= FULL_AIM else f"the aim is {FULL_AIM:.0f}"
    met = "met" if ratio <= FULL_BOUND else "MISSED"
    yield f"full load on Sail ÷ by hand = {ratio:.2f}, bound {FULL_BOUND:.0f}: {met} ({aim})"
    bound = INCREMENT_BOUND * sail.seconds("full") + sail.seconds("start")
    met = "met" if sail.seconds("increment") <= bound else "MISSED"
    yield (
        f"increment on Sail = {sail.seconds('increment'):.2f} s, "
        f"bound {INCREMENT_BOUND:.0%} of the full load + start = {bound:.2f} s: {met}"
    )


def _print_comparison(engine: str, folder: Path, console: Console) -> bool:
    lakes = [(name, folder / name.replace(" ", "_") / "lake") for name in (BY_HAND, engine)]
    results = [compare(table, lakes[0], lakes[1]) for table in COMPARED]
    for result in results:
        said = "equal" if result.is_equal else "DIFFERENT"
        console.print(
            f"gold.{result.table}, {BY_HAND} and {engine}: {said} ({result.rows[0]:,} and {result.rows[1]:,} rows)"
        )
        for column in result.missing:
            console.print(f"  no such column in {column}")
        for row in result.differing:
            console.print("  only " + ": ".join((str(row[0]), ", ".join(map(str, row[1:])))))
    return all(result.is_equal for result in results)


def _machine() -> dict[str, object]:
    packages = ("duckdb", "deltalake", "pysail", "pyspark", "delta-spark", "pyarrow")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
    }


def main() -> None:
    """The command: measure, print, compare, and save where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 5_000_000], help="sizes, in order rows")
    parser.add_argument("--engines", nargs="*", choices=["sail", "spark"], default=["sail", "spark"])
    parser.add_argument("--repeat", type=int, default=1, help="runs of each contender, of which the median counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=HERE.parent / "data/bench", help="folder for files and lakes")
    parser.add_argument("--save", action="store_true", help="write bench/results.json")
    arguments = parser.parse_args()
    # A benchmark that is told to stop takes the process it measures with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(width=None if sys.stdout.isatty() else 140)
    sizes, all_equal = {}, True
    for orders in arguments.orders:
        try:
            results, is_equal = run_size(
                orders, arguments.engines, arguments.repeat, arguments.work, arguments.seed, console
            )
        except Failed as problem:
            console.print(str(problem), markup=False)
            raise SystemExit(1) from None
        all_equal &= is_equal
        sizes[str(orders)] = {name: result.saved() for name, result in results.items()}
    if arguments.save:
        saved = {"machine": _machine(), "seed": arguments.seed, "outputs_equal": all_equal, "orders": sizes}
        (HERE / "results.json").write_text(json.dumps(saved, indent=1) + "\n")
    raise SystemExit(0 if all_equal else 1)


if __name__ == "__main__":
    main()
