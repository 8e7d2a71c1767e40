"""Pulls of the tests' own PostgreSQL, and what they brought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from postgres_server import Scratch

from c360.config import secrets
from c360.config.database import Database, DatabaseTable
from c360.pull.base import Pulled
from c360.pull.database import pull_database
from c360.pull.postgres import PostgresSession

Row = tuple[str | None, ...]


@pytest.fixture
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret of another test is masked in this one."""
    monkeypatch.setattr(secrets, "_hidden", set())


class Reader:
    """Pulls a table again and again, each time into a folder of its own, as a run does."""

    def __init__(self, uri: str, root: Path, key: Sequence[str] = ("id",), **table: Any) -> None:
        self.database = Database(kind="postgresql", uri=uri)
        self.table = DatabaseTable(**table)
        self.key, self.root = key, root
        self.pulls = 0
        self.mark: str | None = None
        self.before: Path | None = None

    @property
    def folder(self) -> Path:
        return self.root / f"pull-{self.pulls}"

    def pull(self) -> Pulled:
        self.pulls += 1
        pulled = pull_database(self.database, self.table, self.key, self.folder, self.mark, self.before)
        self.mark, self.before = pulled.mark, self.folder
        return pulled

    def new(self) -> list[Row]:
        """The rows of one more pull, sorted."""
        pulled = self.pull()
        found = rows(self.folder)
        assert pulled.rows == len(found)
        assert pulled.files == len(parts(self.folder))
        return found


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!_]*"))


def rows(folder: Path) -> list[Row]:
    found = [row for part in parts(folder) for row in texts_of(part)]
    return sorted(found, key=lambda row: [(value is None, value or "") for value in row])


def texts_of(file: Path) -> list[Row]:
    table = pq.read_table(file)
    assert set(table.schema.types) == {pa.string()}
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def keys(folder: Path) -> list[Row]:
    return sorted(texts_of(folder / "_keys.parquet"))


def listing(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


Readers = Callable[..., Reader]


@pytest.fixture
def reader(postgres: Scratch, tmp_path: Path, nothing_hidden: None) -> Readers:
    """Makes readers of the empty database."""
    return lambda **options: Reader(postgres.uri, tmp_path, **options)


def between_parts(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], None]) -> None:
    """Has something happen each time before a part is read."""
    read = PostgresSession.batches

    def batches(self: PostgresSession, *arguments: Any) -> Iterator[pa.RecordBatch]:
        happen()
        return read(self, *arguments)

    monkeypatch.setattr(PostgresSession, "batches", batches)
