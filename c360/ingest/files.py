"""Which files lie in a landing folder, and which of them bring something new."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from c360.config import SourceTable
from c360.errors import InputFileError
from c360.ingest.archives import DAMAGED, damaged, is_archive, member_of, members
from c360.ingest.remote import delta_tables, listed
from c360.ingest.spec import PULLED, RawFile
from c360.pull.base import is_finished, time_of
from c360.store import Store, find_file, is_remote, open_file

_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H%M%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%Y-%m-%d_%H%M%S")


_PULL = re.compile(rf"{PULLED}/[^/]+/([0-9TZ]+)")


@dataclass(frozen=True)
class LandedFile:
    """A file as it lies there.

    Attributes:
        path: where; of a file in a zip archive, that archive's path; of a Delta table, its folder.
        name: its path below `<landing>/<source>`.
        size: its bytes; of a Delta table, its version.
        mtime_ns: when it, its archive or its last commit was modified.
        member: what it is called in its archive.
        is_delta: whether it is a Delta table.
    """

    path: str
    name: str
    size: int
    mtime_ns: int
    member: str | None = None
    is_delta: bool = False

    def unchanged(self) -> bool:
        """Whether it still has the size and modified time it was found with; not, if it is gone."""
        if is_remote(self.path):
            if self.is_delta:
                return self._version_in_store() == (self.size, self.mtime_ns)
            there = find_file(self.path)
            return there is not None and (self.member or there.size == self.size) and there.mtime_ns == self.mtime_ns
        if self.is_delta:
            return _delta(Path(self.path), self.name) == self
        try:
            found = Path(self.path).stat()
        except OSError:
            return False
        size = self.size if self.member else found.st_size
        return (size, found.st_mtime_ns) == (self.size, self.mtime_ns)

    def _version_in_store(self) -> tuple[int, int] | None:
        folder, _, name = self.path.rpartition("/")
        return delta_tables(Store(folder).files(f"{name}/_delta_log")).get(name)

    def raw(self, batch_id: str, delivered_at: datetime) -> list[RawFile]:
        """What a reader reads: the file itself; of a Delta table, the data files of its version.

        Raises:
            InputFileError: it is a Delta table that cannot be read.
        """
        if not self.is_delta:
            return [RawFile(self.path, self.name, self.size, batch_id, delivered_at, self.member)]
        from c360.ingest.delta import data_files

        parts = data_files(self.path, self.name, self.size)
        return [
            RawFile(part.path, f"{self.name}/{part.name}", part.size, batch_id, delivered_at, columns=part.columns)
            for part in parts
        ]


def landed(folder: Path | str, settle_seconds: float = 0) -> list[LandedFile]:
    """All files below a source's landing folder, by name; those still being written (`.tmp _* .*`) are left out.

    A zip archive counts as a folder with its members, a folder that is a Delta table as a file.

    Args:
        folder: on this machine, or in an object store; need not exist.
        settle_seconds: an archive changed more recently is waited for.

    Raises:
        InputFileError: a folder or an archive cannot be listed.
    """
    if is_remote(folder):
        found = _stored(Store(str(folder)), settle_seconds)
    else:
        found = _walk(Path(folder), "", (), settle_seconds) if Path(folder).is_dir() else iter(())
    return sorted(found, key=lambda file: file.name)


def _stored(store: Store, settle_seconds: float) -> Iterator[LandedFile]:
    for (name, size, mtime_ns), is_delta in listed(store):
        file = LandedFile(f"{store.uri}/{name}", name, size, mtime_ns, is_delta=is_delta)
        yield from _unpacked(file, settle_seconds) if is_archive(name) and not is_delta else [file]


def _walk(folder: Path, prefix: str, above: tuple[str, ...], settle_seconds: float) -> Iterator[LandedFile]:
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder it lies in
        return
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except OSError as problem:
        raise InputFileError(f"the folder {folder} cannot be listed ({problem.strerror})") from problem
    for entry in entries:
        if entry.name.startswith((".", "_", "~$")) or entry.name.endswith(".tmp"):
            continue
        name, path = prefix + entry.name, Path(entry.path).absolute()
        if entry.is_dir():
            if _PULL.fullmatch(name) and not is_finished(path):
                continue
            below = (*above, real)
            yield from [_delta(path, name)] if _is_delta(path) else _walk(path, f"{name}/", below, settle_seconds)
            continue
        try:
            found = entry.stat()
        except OSError:  # a link that leads nowhere: reading it will say so, where its table is made
            yield LandedFile(str(path), name, 0, 0)
            continue
        file = LandedFile(str(path), name, found.st_size, found.st_mtime_ns)
        yield from _unpacked(file, settle_seconds) if is_archive(name) else [file]


def _unpacked(archive: LandedFile, settle_seconds: float) -> Iterator[LandedFile]:
    """The files in a zip archive, once it is complete."""
    settle([archive], settle_seconds)
    with open_file(archive.path) as opened:
        for name, size in members(opened, archive.name):
            yield LandedFile(archive.path, f"{archive.name}/{name}", size, archive.mtime_ns, name)


def _is_delta(folder: Path) -> bool:
    return (folder / "_delta_log").is_dir()


def _delta(folder: Path, name: str) -> LandedFile:
    """A Delta table as a file: each of its versions is one content."""
    commits = [(int(c.stem), c.stat().st_mtime_ns) for c in (folder / "_delta_log").glob("*.json") if c.stem.isdigit()]
    return LandedFile(str(folder), name, *max(commits, default=(-1, 0)), is_delta=True)


def of_table(files: Iterable[LandedFile], table: SourceTable, name: str) -> list[LandedFile]:
    """The files a table's patterns name, and those that were pulled for it.

    A pattern without a slash is matched in every sub-folder, but not among what was pulled.
    """
    pulled = f"{PULLED}/{name}/"

    def is_its(file: LandedFile) -> bool:
        if file.name.startswith(f"{PULLED}/"):
            return file.name.startswith(pulled)
        return any(_matches(file.name, pattern) for pattern in table.files)

    return [file for file in files if is_its(file)]


def _matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name if "/" in pattern else name.rsplit("/", 1)[-1], pattern)


def not_seen(files: Sequence[LandedFile], lines: Iterable[Mapping[str, Any]]) -> list[LandedFile]:
    """Files whose name, size and modified time are not in the ledger: they have to be looked into."""
    seen = {(line["file"], line["size"], line["mtime_ns"]) for line in lines}
    return [f for f in files if (f.name, f.size, f.mtime_ns) not in seen]


def is_settled(file: LandedFile, seconds: float) -> bool:
    """Whether it was not changed in the last `seconds`; a time in the future says nothing."""
    return not 0 <= time.time() - file.mtime_ns / 1e9 < seconds


def settle(files: Sequence[LandedFile], seconds: float) -> None:
    """Wait until none of the files was changed in the last `seconds`.

    Raises:
        InputFileError: one is still being written.
    """
    newest = max((f.mtime_ns for f in files), default=0) / 1e9
    wait = newest + seconds - time.time()
    if 0 < wait <= seconds:  # a time in the future says nothing
        time.sleep(wait)
    for file in files:
        if (is_remote(file.path) or os.path.lexists(file.path)) and file.mtime_ns and not file.unchanged():
            raise InputFileError(f"{file.name} is still being written; run again when it is complete")


def batch_id(file: LandedFile) -> str:
    """What its content is known by: the first 16 hex digits of its SHA-256.

    Raises:
        InputFileError: it cannot be read.
    """
    path = None if is_remote(file.path) else Path(file.path)
    try:
        if file.is_delta:
            from c360.ingest.delta import data_files

            parts = sorted((part.name, part.size) for part in data_files(file.path, file.name, file.size))
            return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        if path and not path.is_file() and path.exists():  # opening a pipe would wait for its writer
            raise InputFileError(f"{file.name} is not a file but a pipe or a device; take it out of the landing folder")
        with open_file(file.path) as opened:
            return _digest(member_of(opened, file.name, file.member) if file.member else opened)
    except DAMAGED as problem:
        raise damaged(file.name, problem) from problem
    except OSError as problem:
        raise InputFileError(
            f"{file.name} cannot be read ({problem.strerror}); does it exist, and may this user read it?"
        ) from problem


def _digest(content: Any) -> str:
    found = hashlib.sha256()
    while chunk := content.read(1024 * 1024):
        found.update(chunk)
    return found.hexdigest()[:16]


def delivered_at(file: LandedFile, pattern: str | None) -> datetime:
    """When it was delivered: the date in its name by the declared pattern, else its modified time; UTC.

    Raises:
        InputFileError: the pattern finds something that is no date.
    """
    if pulled := _PULL.match(file.name):
        return time_of(pulled[1])
    match = re.search(pattern, file.name) if pattern else None
    if match is None or match[1] is None:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=file.mtime_ns // 1000)
    for date_format in _DATES:
        try:
            return datetime.strptime(match[1], date_format).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise InputFileError(
        f"{file.name}: {match[1]!r} is not a date; delivered_at expects for example 2025-03-01, 20250301 or "
        "20250301T120000"
    )
