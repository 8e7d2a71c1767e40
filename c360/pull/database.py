"""Tables of a relational database as Parquet files in the landing folder: one state of it, every value as exact text.

A pull is one transaction's view of the table, so one that did not finish is started over. What is only written when a
part is complete, and given its name when all parts are, is never seen half.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from c360 import crash
from c360.config.database import Database, DatabaseTable
from c360.errors import SourceError
from c360.pull import sql
from c360.pull.base import Pulled
from c360.pull.before import AT_MARK, Before, digests, on_disk, write_at_mark
from c360.pull.running import Running
from c360.pull.servers import listed

KEYS = "_keys.parquet"
"""The file with all keys that exist."""

_OURS = ("part-*.parquet", "_*.parquet", "*.tmp")
_SESSIONS_A_CORE = 2


def pull_database(
    database: Database,
    table: DatabaseTable,
    key: Sequence[str],
    folder: Path,
    mark: str | None,
    before: Path | None = None,
) -> Pulled:
    """Read what is new in a table, or all of it.

    Every column is of strings, and a NULL is none. With `newest`, rows from the mark (less the overlap) on are read,
    and those without a value in it; what an earlier pull brought in the same form is left out again.

    Args:
        database: where it is.
        table: what is read of it.
        key: the database's names of the table's key, for `deletes: compare_keys`.
        folder: is made, or emptied of an earlier attempt. Gets `part-0001.parquet` and so on, of partitions that have
            rows; `_keys.parquet`, if deletes are to be found; and `_at_mark.parquet` for the next pull, with `newest`.
        mark: of the pull before; None for the first, which reads all.
        before: the folder of the pull before.

    Raises:
        SourceError: the database does not give it: it does not answer, there is no such table or column, or the
            connection was lost.
    """
    if table.deletes == "compare_keys" and not key:
        raise SourceError(f"{_what(table)}: deletes: compare_keys needs the key of the table; declare key")
    known, running = Before.read(before, mark), Running()

    def pull() -> Pulled:
        with _emptied(folder), _opened(database, table) as source, running.reads(source.session):
            keys = key if table.deletes == "compare_keys" else ()
            return _Pull(source, table, folder, mark, known, running).run(keys)

    return running.apart(pull)


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Without anything of an earlier attempt, and, if this one fails, of this one."""
    folder.mkdir(parents=True, exist_ok=True)
    _remove(folder)
    try:
        yield
    except BaseException:
        _remove(folder)
        raise


def _remove(folder: Path) -> None:
    for pattern in _OURS:
        for file in folder.glob(pattern):
            file.unlink()


@contextmanager
def _opened(database: Database, table: DatabaseTable) -> Iterator[sql.Source]:
    what = _what(table)
    if database.kind == "postgresql":
        from c360.pull.postgres import PostgresSource

        with PostgresSource(database, what, _SESSIONS_A_CORE * (os.cpu_count() or 1)) as postgres:
            yield postgres
    else:
        from c360.pull.sqlserver import SqlServerSource

        with SqlServerSource(database, what) as sqlserver:
            yield sqlserver


def _what(table: DatabaseTable) -> str:
    return table.table or "the query"


@dataclass(frozen=True)
class _Job:
    """A file to be written.

    Attributes:
        name: that it will have.
        columns: of it.
        statement: gives them, and if `is_marked` whether the next pull will read the row again.
    """

    name: str
    columns: Sequence[sql.Column]
    statement: str
    is_marked: bool = False


@dataclass(frozen=True)
class _Done:
    """What became of a job.

    Attributes:
        file: under the name it will have but for `.tmp`; None if it would have no rows.
        rows: that are in it.
        at_mark: digests of the rows, those left out among them, that the next pull will read again.
    """

    file: Path | None
    rows: int = 0
    at_mark: Sequence[bytes] = ()


class _Pull:
    """One pull, over an open database."""

    def __init__(
        self,
        source: sql.Source,
        table: DatabaseTable,
        folder: Path,
        mark: str | None,
        before: Before,
        running: Running,
    ) -> None:
        self.source, self.table, self.folder, self.running = source, table, folder, running
        self.mark, self.before = mark, before
        self.dialect, self.origin = source.dialect, source.dialect.origin(table)
        self.columns = source.columns(table)
        self.newest = self._newest(table.newest) if table.newest else None

    def run(self, key: Sequence[str]) -> Pulled:
        """Bounds and mark first, then all files at once, then their names."""
        columns = [self._column(name, "key") for name in key]
        conditions, extra, mark = self._since()
        jobs = [
            _Job(
                f"part-{number:04}.parquet",
                self.columns,
                sql.rows_of(self.dialect, self.origin, self.columns, part, extra),
                extra is not None,
            )
            for number, part in enumerate(self._parts(conditions), 1)
        ]
        keys = [_Job(KEYS, columns, sql.rows_of(self.dialect, self.origin, columns, []))] if columns else []
        done = self.running.at_once([partial(self._do, job) for job in (*jobs, *keys)], self.source.at_once)
        parts = [part for part in done[: len(jobs)] if part.file]
        if self.newest:
            at_mark = self.folder / f"{AT_MARK}.tmp"
            write_at_mark(at_mark, mark, [digest for part in done for digest in part.at_mark])
            done.append(_Done(at_mark))
        for one in done:
            if one.file:
                one.file.rename(one.file.with_suffix(""))
                crash.wrote()
        return Pulled(len(parts), sum(part.rows for part in parts), mark)

    def _column(self, name: str, role: str) -> sql.Column:
        names = [column.name for column in self.columns]
        if name not in names:
            raise SourceError(f"{_what(self.table)} has no column {name} ({role}); it has {listed(name, names)}")
        return self.columns[names.index(name)]

    def _newest(self, name: str) -> sql.Column:
        """The column of the mark, if it is fit for that and suits the mark and the overlap."""
        column, overlap = self._column(name, "newest"), self.table.overlap
        if column.kind == "other":
            raise SourceError(
                f"{_what(self.table)}: newest is {name}, of type {column.type}, which cannot be; "
                "it must be a number, a date or a time that grows with every change"
            )
        if overlap is not None and isinstance(overlap, timedelta) != (column.kind in sql.TIMES):
            wanted = "a time, such as 10 minutes" if column.kind in sql.TIMES else "a number"
            raise SourceError(
                f"{_what(self.table)}: newest is {name}, of type {column.type}, so overlap must be {wanted}"
            )
        if self.mark is not None and (wrong := sql.checked_mark(column, self.mark)):
            raise SourceError(
                f"{_what(self.table)}: the pull before reached {self.mark!r}, which {wrong}, the column {name} now; "
                "if newest was another column then, pull the whole table anew"
            )
        return column

    def _since(self) -> tuple[list[str], str | None, str | None]:
        """The condition of rows to read, the expression of those that the next pull reads again, and the new mark."""
        if self.newest is None:
            return [], None, None
        start = self._start(self.mark)
        conditions = sql.since(self.dialect, self.newest, start)
        below = self.source.unsettled(self.newest)
        [(found,)] = self.source.session.rows(
            sql.greatest_mark(self.dialect, self.origin, self.newest, conditions, below)
        )
        mark = sql.later(self.newest, self.mark, found)
        return conditions, sql.at_mark(self.dialect, self.newest, self._start(mark)), mark

    def _start(self, mark: str | None) -> str | None:
        return sql.earlier(self.newest, mark, self.table.overlap) if self.newest and mark is not None else None

    def _parts(self, conditions: list[str]) -> list[list[str]]:
        """The conditions of each partition."""
        if self.table.split_by is None or self.table.partitions == 1:
            return [conditions]
        column, count = self._column(self.table.split_by, "split_by"), self.table.partitions
        rows = self.source.session.rows
        if column.kind in (*sql.NUMBERS, *sql.TIMES):
            [(low, high)] = rows(sql.extent(self.dialect, self.origin, column, conditions))
            bounds = sql.evenly(column.kind, low, high, count) if low is not None and high is not None else []
        else:
            found = rows(self.dialect.quantiles(self.origin, column, conditions, count))
            bounds = [bound for (bound,) in found if bound is not None]
        return [[*conditions, part] for part in sql.parts(self.dialect, column, bounds)] or [conditions]

    def _do(self, job: _Job) -> _Done:
        with self.source.another() as session, self.running.reads(session):
            return self._write(job, session.batches(job.statement, job.columns))

    def _write(self, job: _Job, batches: Iterable[pa.RecordBatch]) -> _Done:
        """Writes a row group a batch; no file of a part without rows, but one of the keys even if there is none."""
        file = self.folder / f"{job.name}.tmp"
        schema = pa.schema([(column.name, pa.string()) for column in job.columns])
        writer = pq.ParquetWriter(file, schema, compression="zstd") if job.name == KEYS else None
        rows, at_mark = 0, list[bytes]()
        try:
            for batch in batches:
                if self.running.is_over.is_set():
                    break
                kept = pa.RecordBatch.from_arrays(batch.columns[: len(schema)], schema=schema)
                if job.is_marked:
                    kept, noted = self._without_known(kept, pc.equal(batch.columns[-1], "1"))
                    at_mark += noted
                if kept.num_rows:
                    writer = writer or pq.ParquetWriter(file, schema, compression="zstd")
                    writer.write_batch(kept)
                    rows += kept.num_rows
        finally:
            if writer:
                writer.close()
        if writer is None:
            return _Done(None, 0, at_mark)
        on_disk(file)
        return _Done(file, rows, at_mark)

    def _without_known(self, rows: pa.RecordBatch, is_at_mark: pa.Array) -> tuple[pa.RecordBatch, list[bytes]]:
        """The rows that did not come before, and the digests of all that the next pull reads again."""
        if not self.before:
            return rows, digests(rows.filter(is_at_mark))
        found = digests(rows)
        is_new = pa.array([not self.before.came(row) for row in found], pa.bool_())
        return rows.filter(is_new), [
            row for row, is_noted in zip(found, is_at_mark.to_pylist(), strict=True) if is_noted
        ]
