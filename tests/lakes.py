"""Lakes made by the command, every run in a process of its own, and what differs between two of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from c360 import query
from c360.lake import Lake
from tests.input.commands import Process

ROOT = Path(__file__).resolve().parents[1]
"""The checkout; its conf/ is that of the project."""

NOT_COMPARED = ("_batch_id", "_ingested_at")
"""Columns that say which run wrote a row, or when."""

SECONDS = 300
"""Longer than any run here takes on a busy machine."""


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def start(*argv: str | Path, **env: str) -> subprocess.Popen[str]:
    """Start a c360 command in a process of its own, without what this one's environment says of c360."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("C360_")}
    return subprocess.Popen(
        [sys.executable, "-m", "c360.cli", *map(str, argv)],
        env=mine | env,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for a command to end."""
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return Ran(process.returncode, out, err)


def c360(*argv: str | Path, **env: str) -> Ran:
    """Give a c360 command, and wait for its end."""
    return ended(start(*argv, **env))


@dataclass(frozen=True)
class World:
    """A folder with conf/, landing/<source>/ and lake/, and the commands given in it.

    Attributes:
        folder: where they are.
        conf: the configuration, if not the one in the folder.
        lake: the lake's folder; a world can have several.
        process: one with a session that is kept between commands, which saves seconds; without it each command
            has a process of its own.
    """

    folder: Path
    conf: Path
    lake: Path
    process: Process | None = None

    def c360(self, command: str, *more: str, **env: str) -> Ran:
        """Give a command, and wait for its end."""
        if self.process is None:
            return ended(self.start(command, *more, **env))
        said = self.process.run(self.folder, self._argv(command, *more), env)
        return Ran(said.code, said.out, said.err)

    def start(self, command: str, *more: str, **env: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own."""
        return start(*self._argv(command, *more), **env)

    def _argv(self, command: str, *more: str) -> list[str]:
        given = {"lake": self.lake, "conf": self.conf, "landing": self.folder / "landing"}
        taken = given if command in ("run", "replay") else ["lake"]
        return [command, *[part for name in taken for part in (f"--{name}", str(given[name]))], *more]

    def run(self, *more: str, **env: str) -> Ran:
        """A run, however it ends."""
        return self.c360("run", *more, **env)

    def made(self, *more: str, **env: str) -> Ran:
        """A run that must succeed."""
        ran = self.run(*more, **env)
        assert ran.code == 0, ran
        return ran

    def land(self, name: str, text: str, modified: str = "2025-03-01 08:00:00") -> Path:
        """Deliver a file: `<source>/<file>`, its modified time in UTC."""
        file = self.folder / "landing" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
        at = datetime.fromisoformat(f"{modified}+00:00").timestamp()
        os.utime(file, (at, at))
        return file

    def configure(self, name: str, text: str) -> None:
        """Write a file of conf/."""
        file = self.conf / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))

    def correct(self, name: str, old: str, new: str) -> None:
        """Change a file of conf/ in one place."""
        text = (self.conf / name).read_text()
        assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
        (self.conf / name).write_text(text.replace(old, new))

    def beside(self, name: str) -> World:
        """The same files and configuration with another lake."""
        return replace(self, lake=self.folder / name)

    def by(self, process: Process | None) -> World:
        """The same, its commands given to another process; to one of their own each, if that is None."""
        return replace(self, process=process)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows, sorted; all columns but those that say which run wrote a row, if none are named."""
        data = _read(self.lake, table)
        return _sorted(data.select(columns) if columns else data)

    def versions(self, with_ops: bool = False) -> dict[str, int | None]:
        """The version of every table."""
        found = Lake(self.lake)
        return {name: found.version(name) for name in found.names() if with_ops or not name.startswith("ops.")}


def world(folder: Path, files: Mapping[str, str], process: Process | None = None) -> World:
    """A new world with the files of a configuration."""
    new = World(folder, folder / "conf", folder / "lake", process)
    for name, text in files.items():
        new.configure(name, text)
    (folder / "landing").mkdir(parents=True, exist_ok=True)
    return new


def names(lake: Path) -> list[str]:
    """The tables of a lake outside ops."""
    return [name for name in Lake(lake).names() if not name.startswith("ops.")]


def differences(lake_a: Path, lake_b: Path) -> list[str]:
    """What differs between two lakes: tables, columns and types, partitioning, rows; empty if they are the same.

    Left out are `ops` and the columns that say which run wrote a row. Money is compared to the last digit; a double,
    which the engines may add up in another order, to nine digits.
    """
    tables_a, tables_b = set(names(lake_a)), set(names(lake_b))
    found = [f"{name} is only in {lake_a}" for name in sorted(tables_a - tables_b)]
    found += [f"{name} is only in {lake_b}" for name in sorted(tables_b - tables_a)]
    for name in sorted(tables_a & tables_b):
        found += [f"{name}: {difference}" for difference in _table_differences(lake_a, lake_b, name)]
    return found


def _table_differences(lake_a: Path, lake_b: Path, name: str) -> Iterator[str]:
    for what, said in (("columns", _columns), ("partitions", _partitions)):
        in_a, in_b = said(lake_a, name), said(lake_b, name)
        if in_a != in_b:
            yield f"{what} {in_a} and {in_b}"
            return
    rows_a, rows_b = _sorted(_read(lake_a, name)), _sorted(_read(lake_b, name))
    if len(rows_a) != len(rows_b):
        yield f"{len(rows_a)} and {len(rows_b)} rows"
    columns = _read(lake_a, name).column_names
    for row_a, row_b in zip(rows_a, rows_b, strict=False):
        unlike = [c for c, a, b in zip(columns, row_a, row_b, strict=True) if not _same(a, b)]
        if unlike:
            shown = {c: (row_a[columns.index(c)], row_b[columns.index(c)]) for c in unlike}
            yield f"{shown} in {dict(zip(columns, row_a, strict=True))}"
            return


def _columns(lake: Path, name: str) -> list[tuple[str, str]]:
    return [(field.name, field.type.to_json()) for field in DeltaTable(Lake(lake).path(name)).schema().fields]


def _partitions(lake: Path, name: str) -> list[str]:
    return DeltaTable(Lake(lake).path(name)).metadata().partition_columns


def _read(lake: Path, name: str) -> pa.Table:
    data = Lake(lake).arrow(name)
    return data.drop_columns([c for c in NOT_COMPARED if c in data.column_names])


def _sorted(data: pa.Table) -> list[tuple[Any, ...]]:
    floats = [i for i, field in enumerate(data.schema) if pa.types.is_floating(field.type)]
    rows = [tuple(row.values()) for row in data.to_pylist()]

    def order(row: tuple[Any, ...]) -> str:
        # what may differ in its last digit decides last, and rounded
        exact = [None if i in floats else value for i, value in enumerate(row)]
        rounded = [None if row[i] is None else f"{row[i]:.8g}" for i in floats]
        return repr((exact, rounded))

    return sorted(rows, key=order)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))
    return bool(a == b and type(a) is type(b))


def rejected(lake: Path, table: str) -> list[tuple[str, ...]]:
    """The reasons for which rows are in a quarantine table, a tuple for each row."""
    return sorted(tuple(reasons) for (reasons,) in _sorted(_read(lake, table).select(["_reasons"])))


def counts(lake: Path, table: str) -> dict[str, int]:
    """What the ledger says of all rows that ever came into a silver table, as it stands."""
    source, _, name = table.removeprefix("silver_").partition(".")
    lines = pa.Table.from_pylist(Lake(lake).rows("ops.batches"))
    mine = lines.filter(pc.and_(pc.equal(lines["source"], source), pc.equal(lines["table_name"], name)))
    newest = mine.filter(pc.equal(mine["generation"], pc.max(mine["generation"])))
    kinds = ("read", "valid", "quarantined", "inserted", "updated", "unchanged", "duplicate", "stale")
    return {kind: pc.sum(newest[kind]).as_py() for kind in kinds}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def runs(lake: Path) -> list[dict[str, Any]]:
    """What `c360 runs` says, newest first."""
    found = query.runs(str(lake), 1000)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
