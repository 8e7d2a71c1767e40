"""The ledger: which files came in, what became of every row, what each table was made from, and who ran what.

Four small Delta tables under `ops`, written without an engine. A step's lines and its tables belong together: see
`journal.py` for how they stay so when a process dies.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from c360.errors import CheckFailedError
from c360.lake import Lake

FILES = "ops.files"
BATCHES = "ops.batches"
STEPS = "ops.steps"
RUNS = "ops.runs"

COUNTS = """read BIGINT, valid BIGINT, quarantined BIGINT, inserted BIGINT, updated BIGINT, unchanged BIGINT,
    duplicate BIGINT, stale BIGINT"""

SCHEMAS = {
    FILES: """run_id STRING, source STRING, table_name STRING, file STRING, size BIGINT, mtime_ns BIGINT,
        batch_id STRING, delivered_at TIMESTAMP, rows BIGINT, status STRING, at TIMESTAMP""",
    BATCHES: f"""run_id STRING, source STRING, table_name STRING, generation INT, batch_id STRING,
        rule_fingerprint STRING, file STRING, delivered_at TIMESTAMP, {COUNTS}, status STRING, at TIMESTAMP""",
    STEPS: f"""run_id STRING, name STRING, status STRING, fingerprint STRING, inputs STRING, version BIGINT, {COUNTS},
        seconds DOUBLE, message STRING, at TIMESTAMP""",
    RUNS: """run_id STRING, event STRING, command STRING, engine STRING, as_of DATE, host STRING, pid BIGINT,
        status STRING, message STRING, versions STRING, at TIMESTAMP""",
}


@dataclass
class Counts:
    """What became of the rows of a batch or a step.

    A replay is written as a change: rows leave quarantine, so
    `quarantined` is negative there and nothing is `read`.
    """

    read: int = 0
    valid: int = 0
    quarantined: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    stale: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Counts)})

    def check(self, what: str) -> None:
        """Demand that every row read is accounted for.

        Raises:
            CheckFailedError: the numbers do not add up.
        """
        if self.read != self.valid + self.quarantined:
            raise CheckFailedError(
                f"{what}: {self.read} rows read, but {self.valid} valid and {self.quarantined} quarantined"
            )
        parts = {n: getattr(self, n) for n in ("inserted", "updated", "unchanged", "duplicate", "stale")}
        if self.valid != sum(parts.values()):
            listed = " + ".join(f"{n} {name}" for name, n in parts.items())
            raise CheckFailedError(f"{what}: {self.valid} rows valid, but {listed} = {sum(parts.values())}")


@dataclass(frozen=True)
class Step:
    """The line of one table in one run."""

    name: str
    status: str
    fingerprint: str = ""
    inputs: Mapping[str, int | None] = field(default_factory=dict)
    version: int | None = None
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    message: str = ""


class Ledger:
    """The lake's four `ops` tables, read once and kept up to date as this process writes them."""

    def __init__(self, lake: Lake, run_id: str) -> None:
        self.lake = lake
        self.run_id = run_id
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The lines of one of the four tables, oldest first."""
        if name not in self._rows:
            self._rows[name] = sorted(self.lake.rows(name), key=lambda row: row["at"])
        return self._rows[name]

    def forget_cache(self) -> None:
        """Read the tables again when next asked: they were restored."""
        self._rows.clear()

    def files(self, source: str, table: str) -> list[dict[str, Any]]:
        """The files of a table that are in bronze, and those that brought nothing new."""
        return [r for r in self.rows(FILES) if r["source"] == source and r["table_name"] == table]

    def ingested(self, source: str, table: str) -> dict[str, dict[str, Any]]:
        """Batch id → its file's line, of the batches that are in bronze."""
        return {r["batch_id"]: r for r in self.files(source, table) if r["status"] == "ingested"}

    def generation(self, source: str, table: str) -> int:
        """How often the silver table was rebuilt; lines of earlier generations speak of a table that is gone."""
        return max((r["generation"] for r in self._batches(source, table)), default=0)

    def merged(self, source: str, table: str) -> list[dict[str, Any]]:
        """The lines of the batches that are in the silver table as it stands."""
        generation = self.generation(source, table)
        return [r for r in self._batches(source, table) if r["generation"] == generation]

    def _batches(self, source: str, table: str) -> list[dict[str, Any]]:
        return [r for r in self.rows(BATCHES) if r["source"] == source and r["table_name"] == table]

    def last(self, name: str) -> dict[str, Any] | None:
        """The newest line of a table that was made; None if it never was."""
        done = [r for r in self.rows(STEPS) if r["name"] == name and r["status"] == "done"]
        return done[-1] if done else None

    def last_attempt(self, name: str) -> datetime | None:
        """When a step last ended, however it did; None if it never did."""
        return max((r["at"] for r in self.rows(STEPS) if r["name"] == name), default=None)

    def last_as_of(self) -> Any:
        """The date the last finished run saw everything from; None before the first."""
        finished = [r for r in self.rows(RUNS) if r["event"] == "finished" and r["as_of"] is not None]
        return finished[-1]["as_of"] if finished else None

    def add_files(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Record files that were ingested, or whose content was there already."""
        self._add(FILES, lines)

    def add_batches(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Record what became of batches in silver."""
        self._add(BATCHES, lines)

    def add_step(self, step: Step) -> None:
        """Record a table's step; with this line the step is done."""
        line = asdict(step) | asdict(step.counts) | {"inputs": json.dumps(dict(step.inputs), sort_keys=True)}
        del line["counts"]
        self._add(STEPS, [line])

    def started(self, command: str, engine: str) -> None:
        """Record that this run begins, and the version of every table before it."""
        names = (*self.lake.names(),)
        versions = {name: self.lake.version(name) for name in names if name != RUNS}
        self._run("started", command=command, engine=engine, versions=json.dumps(versions, sort_keys=True))

    def finished(self, status: str, message: str, **more: Any) -> None:
        """Record how this run ended."""
        self._run("finished", status=status, message=message, **more)

    def rolled_back(self, run_ids: Sequence[str]) -> None:
        """Record that the tables are again what they were before the first of these runs."""
        self._run("rolled_back", message=json.dumps(run_ids))

    def _run(self, event: str, **more: Any) -> None:
        self._add(RUNS, [{"event": event, "host": socket.gethostname(), "pid": os.getpid(), **more}])

    def _add(self, name: str, lines: Iterable[Mapping[str, Any]]) -> None:
        now = datetime.now(UTC)
        rows = [{"run_id": self.run_id, "at": now, **line} for line in lines]
        if rows:
            self.lake.add_rows(name, SCHEMAS[name], rows)
            if name in self._rows:
                self._rows[name] += rows
