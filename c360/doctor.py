"""What works on this machine, and what to do about the rest: `c360 doctor`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from c360.errors import C360Error, StoreError
from c360.store import Store, is_remote

State = Literal["ok", "warning", "missing"]
MAKE_SETUP = "Call `make setup`, or `python -m c360.install` in the environment that is there."
LITTLE_SPACE_GIB = 2
PATIENCE_S = 300


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it is about, a word or two.
        state: `missing` keeps something from working, `warning` may.
        found: what was found, as a sentence or a name with a version.
        advice: what to do about it; empty where there is nothing to do.
    """

    topic: str
    state: State
    found: str
    advice: str = ""


def examine(conf: Path, lake: str | Path, landing: str | Path, start_engines: bool = False) -> list[Finding]:
    """Looks at this machine and at the folders, changing nothing.

    Args:
        conf: the configuration folder.
        lake: the folder of the lake; it need not be there yet.
        landing: the folder in which deliveries arrive.
        start_engines: also start each engine in a process of its own and write and read a small Delta table in a
            temporary folder; takes up to a minute.
    """
    looks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        lambda: _packages("c360"),
        _sail,
        lambda: _spark(os.environ),
        lambda: _conf(conf),
        lambda: _landing(str(landing)),
        lambda: _lake(str(lake)),
    ]
    if start_engines:
        looks += [lambda: _engine("sail"), lambda: _engine("spark")]
    return [finding for look in looks for finding in look()]


def _python() -> Iterator[Finding]:
    kind = "virtual environment" if sys.prefix != sys.base_prefix else "no virtual environment"
    found = f"{sys.version.split()[0]} in {sys.prefix}, {kind}"
    yield Finding("Python", "ok", found)


def _packages(package: str) -> Iterator[Finding]:
    """Compares what is installed with what the package declares; the declared versions are those that work together."""
    try:
        requirements = requires(package) or []
    except PackageNotFoundError:
        advice = "Install it: pip install -e . in its folder, or make setup."
        yield Finding("Packages", "missing", f"{package} is not installed, so nobody knows what it needs", advice)
        return
    wrong = []
    versions = []
    for requirement in requirements:
        declared = re.match(r"([\w.-]+)(?:\[[^]]*\])?([^;]*)", requirement)
        assert declared, f"not a requirement: {requirement}"
        name, bounds = declared[1], declared[2].strip()
        if "extra ==" in requirement and not re.search("extra == .local", requirement):
            continue
        try:
            installed = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name}{bounds} is not installed")
            continue
        versions.append(f"{name} {installed}")
        if not _satisfies(installed, bounds):
            wrong.append(f"{name} is {installed}, not {bounds}")
    if wrong:
        yield Finding("Packages", "warning", "; ".join(wrong), "Install what was tested together: make setup")
    else:
        yield Finding("Packages", "ok", ", ".join(versions))


def _satisfies(installed: str, bounds: str) -> bool:
    """Whether a version lies within bounds such as `>=2.2,<3`; numbers only, as c360 declares them."""

    def number(text: str) -> list[int]:
        parts = [int(part) for part in re.findall(r"\d+", text)]
        return parts + [0] * (6 - len(parts))

    compare: dict[str, Callable[[list[int], list[int]], bool]] = {
        "==": lambda left, right: left == right,
        ">=": lambda left, right: left >= right,
        "<": lambda left, right: left < right,
    }
    return all(
        compare[operator](number(installed), number(bound))
        for operator, bound in re.findall(r"(==|>=|<)\s*([\d.]+)", bounds)
    )


def _sail() -> Iterator[Finding]:
    if find_spec("pysail") is None:
        yield Finding(
            "Sail", "missing", "not installed", "Install it: pip install 'c360[local]'; or run with --engine spark."
        )
        return
    # In a process of its own: the library may be built for a newer system than this one, which only loading it shows.
    answer = _run([sys.executable, "-c", "import pysail.spark"])
    if answer.returncode == 0:
        yield Finding("Sail", "ok", version("pysail"))
    else:
        yield Finding(
            "Sail", "missing", f"installed, but cannot be loaded: {_last_line(answer)}", "Use --engine spark."
        )


def _spark(environ: Mapping[str, str]) -> Iterator[Finding]:
    from c360.install import this_place
    from c360.install_delta import delta_coordinate, delta_jars
    from c360.install_java import find_java

    try:
        place = this_place()
        coordinate = delta_coordinate()
    except C360Error as error:
        yield Finding("Spark", "warning", str(error), "Sail serves without it.")
        return
    try:
        yield Finding("Java", "ok", str(find_java(environ, place.shim_home)))
    except C360Error as error:
        yield Finding("Java", "missing", str(error), "Sail serves without it.")
    jars = delta_jars(place.pyspark, coordinate)
    if jars:
        yield Finding("Delta for Spark", "ok", f"{coordinate}, {len(jars)} jars")
    else:
        yield Finding("Delta for Spark", "missing", f"{coordinate} is not there, or not whole", MAKE_SETUP)
    yield from _spark_settings(place.conf, place.pyspark, environ)


def _spark_settings(conf: Path, pyspark: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    topic = "Spark settings"
    env = conf / "spark-env.sh"
    home = re.search(r"^ *JAVA_HOME='?([^'\n]+)", env.read_text(), re.MULTILINE) if env.is_file() else None
    if home is None:
        yield Finding(topic, "missing", f"{env} was not written", MAKE_SETUP)
    elif not os.access(Path(home[1], "bin", "java"), os.X_OK):
        yield Finding(topic, "missing", f"the Java they were made for is gone: {home[1]}", MAKE_SETUP)
    elif elsewhere := [
        f"{name}={environ[name]}"
        for name, ours in (("SPARK_HOME", pyspark), ("SPARK_CONF_DIR", conf))
        if environ.get(name) and Path(environ[name]).resolve() != ours.resolve()
    ]:
        advice = "That Spark then needs Delta and the settings of its own; unset it to use this environment's."
        yield Finding(topic, "warning", f"not in use, for the environment says {' and '.join(elsewhere)}", advice)
    else:
        yield Finding(topic, "ok", str(conf))


def _conf(conf: Path) -> Iterator[Finding]:
    from c360.config.load import load

    try:
        config = load(conf)
    except C360Error as error:
        first, *more = str(error).splitlines()
        rest = f", and {len(more)} more" if more else ""
        yield Finding("Configuration", "missing", f"{first}{rest}", f"`c360 check --conf {conf}` lists all of it.")
    else:
        names = ", ".join(config.sources) or "no source"
        yield Finding("Configuration", "ok", f"{conf}: {names}")


def _in_store(topic: str, uri: str, advice: str) -> Iterator[Finding]:
    try:
        files = len(Store(uri).files())
    except StoreError as problem:
        yield Finding(topic, "missing", str(problem), advice)
    else:
        yield Finding(topic, "ok", f"{uri}: {files} files")


def _landing(place: str) -> Iterator[Finding]:
    if is_remote(place):
        yield from _in_store("Landing", place, "Name another place: --landing")
        return
    landing = Path(place)
    if not landing.is_dir():
        found = f"{landing} is a file" if landing.exists() else f"{landing} is not there"
    elif not os.access(landing, os.R_OK | os.X_OK):
        found = f"{landing} cannot be read by this user"
    elif folders := sorted(path.name for path in landing.iterdir() if path.is_dir()):
        yield Finding("Landing", "ok", f"{landing}: {', '.join(folders)}")
        return
    else:
        found = f"{landing} holds no source's folder"
    advice = f"Put files into {landing}/<source>/, or have a world made up: c360 sample {landing}"
    yield Finding("Landing", "warning", found, advice)


def _lake(place: str) -> Iterator[Finding]:
    if is_remote(place):
        yield from _in_store("Lake", place, "Name another place: --lake")
        return
    lake = Path(place)
    there = next(path for path in (lake.absolute(), *lake.absolute().parents) if path.exists())
    if not there.is_dir():
        yield Finding("Lake", "missing", f"{there} is a file", "Name another folder: --lake PATH")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding("Lake", "missing", f"{there} cannot be written by this user", "Name another folder: --lake PATH")
        return
    yield Finding("Lake", "ok", str(lake) if lake.exists() else f"{lake}, not there yet, can be made")
    free_gib = shutil.disk_usage(there).free / 2**30
    if free_gib < LITTLE_SPACE_GIB:
        yield Finding(
            "Disk", "warning", f"{free_gib:.1f} GiB free at {there}", "Make room: c360 optimize, or --lake PATH"
        )
    else:
        yield Finding("Disk", "ok", f"{free_gib:.0f} GiB free")


_TRIAL = """
import sys, tempfile, time
from c360.session import start
begin = time.perf_counter()
with start(sys.argv[1]) as session, tempfile.TemporaryDirectory() as folder:
    ready = time.perf_counter()
    rows = session.spark.createDataFrame([(1, "a"), (2, None)], "id INT, v STRING")
    rows.write.format("delta").save(folder + "/t")
    read = [tuple(row) for row in session.spark.read.format("delta").load(folder + "/t").orderBy("id").collect()]
    assert read == [(1, "a"), (2, None)], read
    done = time.perf_counter()
print(f"TRIAL starts in {ready - begin:.1f} s, writes and reads a Delta table in {done - ready:.1f} s")
"""


def _engine(engine: Literal["sail", "spark"]) -> Iterator[Finding]:
    """One process holds one kind of session, so each engine is tried in one of its own."""
    begin = time.monotonic()
    answer = _run([sys.executable, "-c", _TRIAL, engine])
    said = re.search("^TRIAL (.+)$", answer.stdout, re.MULTILINE)
    topic = f"{engine.capitalize()}, tried"
    if answer.returncode == 0 and said:
        yield Finding(topic, "ok", said[1])
    else:
        advice = MAKE_SETUP if engine == "spark" else "Use --engine spark."
        seconds = time.monotonic() - begin
        yield Finding(topic, "missing", f"failed after {seconds:.1f} s: {_last_line(answer)}", advice)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {PATIENCE_S} seconds")


def _last_line(answer: subprocess.CompletedProcess[str]) -> str:
    lines = (answer.stderr or answer.stdout).strip().splitlines()
    return lines[-1] if lines else f"it ended with code {answer.returncode} and said nothing"
