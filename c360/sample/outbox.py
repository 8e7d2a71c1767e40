"""Where a system puts its deliveries: what goes into which file of which day, and the dirt between the clean rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from c360.sample.formats import File, Format, Record
from c360.sample.values import Ints, delivered_on

_ROWS_PER_PIECE = 2_000
"""A kind of dirt comes once among so many of a file's first rows."""
_MOST_PIECES = 20
"""A kind of dirt comes at most so often in a file."""
_REJECTED_AT_MOST = 4
"""At most one in so many rows is one that cannot enter silver: a run refuses files that are mostly wrong."""


@dataclass(frozen=True)
class Dirt:
    """A kind of row that should not be there, or is no pleasure to read.

    Args:
        kind: what is the matter with it.
        expected: what becomes of it: the reason for which it is found in quarantine, or `flagged:<column>` (an orphan
            that is kept), `kept`, or `superseded` (another row of its key wins).
        values: what is put into a copy of a clean row; a function gets that row. A column that the table does not have
            makes the row longer.
        without: a column that is left out.
        day: the delivery that brings it, from 0 on; in the first one there are more of them in large files.
        until: the delivery without which the expectation would not hold.
        again: it has the key of the row it resembles; otherwise it has a new one.
        before: it stands before the row it resembles.
        is_person: it is somebody whom no other row is about.
    """

    kind: str
    expected: str
    values: Mapping[str, object] = field(default_factory=dict)
    without: str = ""
    day: int = 0
    until: int = 0
    again: bool = False
    before: bool = False
    is_person: bool = False

    @property
    def is_rejected(self) -> bool:
        """Whether it goes to quarantine."""
        return self.expected.split(":")[0] not in ("flagged", "kept", "superseded")


@dataclass(frozen=True)
class Feed:
    """A table that a system delivers.

    Args:
        path: of its files, below the source's folder; `{day}` stands for the day of delivery.
        key: its columns that identify a row.
        format: of its files.
        dirt: what is planted.
        fresh: the column of the key in which planted rows get a new value.
        new: that value; the braces stand for a number from 1 on.
        extra_column: one that the file of the second day has and no other has, and what is in some of its rows.
    """

    path: str
    key: tuple[str, ...]
    format: Format
    dirt: tuple[Dirt, ...] = ()
    fresh: str = ""
    new: str = "9{:08d}"
    extra_column: tuple[str, str] | None = None


class Planted(NamedTuple):
    """One piece of dirt.

    Args:
        row: the record's ordinal in its file, from 1 on below the header; 0 for the header itself. In a workbook it is
            the number of the sheet's row.
        key: as written, its parts joined by `|`; empty where it has none.
        expected: see `Dirt`.
        is_person: see `Dirt`.
    """

    kind: str
    source: str
    table: str
    file: str
    row: int
    key: str
    expected: str
    is_person: bool


class Outbox:
    """The deliveries of one source. The first one is written as it comes, later ones, which are small, when it closes.

    Args:
        folder: the source's.
        source: its name.
        feeds: its tables.
        days: how many deliveries there are.
        rng: what the places of the dirt are drawn from; None: it is clean.
    """

    def __init__(
        self, folder: Path, source: str, feeds: Mapping[str, Feed], days: int, rng: np.random.Generator | None
    ) -> None:
        self._folder = folder
        self._source = source
        self._feeds = feeds
        self._days = days
        self._rng = rng
        self._first: dict[str, _Open] = {}
        self._later: dict[tuple[int, str], list[pa.Table]] = {}
        self._samples: dict[str, pa.Table] = {}
        self._fresh = 0
        self.planted: list[Planted] = []

    def put(self, table: str, columns: Mapping[str, Any], delivery: Ints | int = 0) -> None:
        """Takes rows for the deliveries they belong to; those of deliveries that are not asked for are left out.

        Args:
            delivery: from 0 on, of all rows or of each.
        """
        rows = pa.table(dict(columns))
        which = np.broadcast_to(np.asarray(delivery), len(rows))
        for day in range(self._days) if len(rows) else ():
            of_day = which == day
            if of_day.any():
                part = rows if of_day.all() else rows.filter(pa.array(of_day))
                if day:
                    self._later.setdefault((day, table), []).append(part)
                else:
                    self._put_now(table, part)

    def close(self) -> None:
        """Writes what is not yet written, and gives all files their names."""
        for table, opened in self._first.items():
            self._finish(table, 0, opened)
        for table, feed in self._feeds.items():
            dirty_days = (
                {dirt.day for dirt in feed.dirt if max(dirt.day, dirt.until) < self._days} if self._rng else set()
            )
            for day in range(1, self._days):
                parts = self._later.pop((day, table), [])
                if parts or (day in dirty_days and table in self._samples):
                    rows = pa.concat_tables(parts) if parts else self._samples[table].slice(0, 0)
                    self._put_later(table, day, rows.combine_chunks())

    def _put_now(self, table: str, rows: pa.Table) -> None:
        if opened := self._first.get(table):
            opened.file.rows(rows)
            return
        self._samples[table] = rows.take([0])  # a slice would keep all of them
        opened = self._first[table] = self._opened(table, 0, rows.schema)
        self._write(table, 0, opened, rows, rows)

    def _put_later(self, table: str, day: int, rows: pa.Table) -> None:
        extra = self._feeds[table].extra_column
        if extra and day == 1 and self._rng:
            name, value = extra
            filled = [value if row % 5 == 0 else None for row in range(len(rows))]
            rows = rows.append_column(name, pa.array(filled, pa.string()))
            self._note(Dirt("extra_column", "kept"), table, day, 0, "")
        opened = self._opened(table, day, rows.schema)
        self._write(table, day, opened, rows, self._samples.get(table, rows))
        self._finish(table, day, opened)

    def _write(self, table: str, day: int, opened: _Open, rows: pa.Table, resembled: pa.Table) -> None:
        """The rows, and between them copies of those `resembled` that something is wrong with."""
        done, row = 0, self._feeds[table].format.above
        for position, dirt, record in self._pieces(table, day, len(rows), resembled):
            opened.file.rows(rows.slice(done, position - done))
            opened.file.record(record)
            row += position - done + 1
            done = position
            key = [record.get(column) for column in self._feeds[table].key]
            self._note(dirt, table, day, row, "" if None in key else "|".join(map(str, key)))
        opened.file.rows(rows.slice(done))

    def _pieces(self, table: str, day: int, count: int, resembled: pa.Table) -> list[tuple[int, Dirt, Record]]:
        """What is planted into a file of `count` clean rows: (the clean rows before it, its kind, the row)."""
        pieces: list[tuple[int, Dirt, Record]] = []
        if self._rng is None:
            return pieces
        rejected = 0
        for dirt in self._feeds[table].dirt:
            times = 1 if day or dirt.is_person else min(max(count // _ROWS_PER_PIECE, 1), _MOST_PIECES)
            for _ in range(times if dirt.day == day and dirt.until < self._days else 0):
                if dirt.is_rejected and rejected >= count // _REJECTED_AT_MOST:
                    continue
                rejected += dirt.is_rejected
                like = int(self._rng.integers(len(resembled)))
                low, high = 0, count
                if dirt.again and not day:
                    low, high = (0, like) if dirt.before else (like + 1, count)
                place = int(self._rng.integers(low, high + 1))
                pieces.append((place, dirt, self._record(table, dirt, resembled.slice(like, 1).to_pylist()[0])))
        return sorted(pieces, key=lambda piece: piece[0])

    def _record(self, table: str, dirt: Dirt, clean: Record) -> Record:
        feed, record = self._feeds[table], dict(clean)
        if not dirt.again:
            self._fresh += 1
            column = feed.fresh or feed.key[0]
            record[column] = type(clean[column])(feed.new.format(self._fresh))
        for column, value in dirt.values.items():
            record[column] = value(clean) if callable(value) else value
        record.pop(dirt.without, None)
        return record

    def _note(self, dirt: Dirt, table: str, day: int, row: int, key: str) -> None:
        self.planted.append(
            Planted(dirt.kind, self._source, table, self._name(table, day), row, key, dirt.expected, dirt.is_person)
        )

    def _name(self, table: str, day: int) -> str:
        return self._feeds[table].path.format(day=delivered_on(day).isoformat())

    def _opened(self, table: str, day: int, schema: pa.Schema) -> _Open:
        """A file under a name that a reader leaves alone: nobody sees half of it."""
        path = self._folder / self._name(table, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"_{path.name}")
        return _Open(draft, path, self._feeds[table].format.open(draft, schema))

    def _finish(self, table: str, day: int, opened: _Open) -> None:
        opened.file.close()
        modified = datetime.combine(delivered_on(day), time(23, 59, 59), UTC).timestamp()
        os.utime(opened.draft, (modified, modified))
        opened.draft.replace(opened.path)


class _Open(NamedTuple):
    draft: Path
    path: Path
    file: File
