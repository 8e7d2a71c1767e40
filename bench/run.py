"""The benchmark: c360 on Sail and on Spark beside the same job by hand, on the same files, in one run.

    python bench/run.py                                     # 1 and 5 million orders, all three
    python bench/run.py --orders 1000000 --engines sail --repeat 3 --save

For each size the files are generated once. Each contender then gets an empty lake and three runs, each a whole process
measured from outside: the first delivery, the increment of the next day, and again with nothing new. Repeats are
interleaved (A B C A B C), so that a busy moment of the machine does not fall on one of them alone; the medians count.
At the end the gold tables must be the same, and the two bounds are computed: a full load on Sail takes at most twice
the time of the one by hand, an increment at most a tenth of the full load plus the engine's start.

Exits 1 when a run failed or the tables differ. A missed bound is printed, and is for the reader to judge: on a busy
machine it says little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
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


def start_command(engine: str, lake: Path) -> list[str]:
    """The least that starts c360's engine."""
    conf = str(HERE.parent / "conf")
    return [*C360, "sql", "SELECT 1", "--conf", conf, "--lake", str(lake), "--engine", engine]


@dataclass
class Result:
    """What was measured of one contender at one size: seconds and bytes, one per repeat."""

    full: list[float] = field(default_factory=list)
    increment: list[float] = field(default_factory=list)
    nothing_new: list[float] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    peak_bytes: list[int] = field(default_factory=list)

    def seconds(self, phase: str) -> float:
        """Median of the repeats."""
        return float(statistics.median(getattr(self, phase.replace(" ", "_"))))


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
        result.start.append(_measure(start_command(name, place / "empty"), place / "start.log").seconds)
    peaks = []
    for phase, delivery in zip(PHASES, ("first", "next", None), strict=True):
        if delivery:
            for file in (folder / delivery / "retail").iterdir():
                os.link(file, landing / "retail" / file.name)
        measured = _measure(command, place / f"{phase.replace(' ', '_')}.log")
        getattr(result, phase.replace(" ", "_")).append(measured.seconds)
        peaks += [measured.peak_bytes] if measured.peak_bytes else []
    result.peak_bytes += [max(peaks)] if peaks else []


def _measure(command: list[str], log: Path) -> Measured:
    measured = measure(command, log)
    if measured.exit_code:
        tail = "\n".join(measured.log.splitlines()[-20:])
        raise Failed(f"exit code {measured.exit_code} of {' '.join(command)}\nIts last lines, from {log}:\n{tail}")
    return measured


def _table(orders: int, results: dict[str, Result]) -> Table:
    table = Table(title=f"{orders:,} orders: median seconds, and how many times the one by hand")
    for column in ("", "full load", "×", "increment", "×", "nothing new", "start", "peak memory"):
        table.add_column(column, justify="right" if column else "left")
    hand = results[BY_HAND]
    for name, result in results.items():
        row = [name if name == BY_HAND else f"c360 on {name.capitalize()}"]
        for phase in PHASES:
            row.append(f"{result.seconds(phase):.2f}")
            if phase != "nothing new":
                row.append(f"{result.seconds(phase) / hand.seconds(phase):.2f}")
        row.append(f"{result.seconds('start'):.2f}" if result.start else "–")
        row.append(f"{statistics.median(result.peak_bytes) / 1e9:.2f} GB" if result.peak_bytes else "–")
        table.add_row(*row)
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
    console = Console()
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
        sizes[str(orders)] = {name: asdict(result) for name, result in results.items()}
    if arguments.save:
        saved = {"machine": _machine(), "seed": arguments.seed, "outputs_equal": all_equal, "orders": sizes}
        (HERE / "results.json").write_text(json.dumps(saved, indent=1) + "\n")
    raise SystemExit(0 if all_equal else 1)


if __name__ == "__main__":
    main()
