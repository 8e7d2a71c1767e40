"""Which files lie in a landing folder, and which of them bring something new."""

from __future__ import annotations

import fnmatch
import hashlib
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

_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H%M%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%Y-%m-%d_%H%M%S")


@dataclass(frozen=True)
class LandedFile:
    """A file as it lies there; `name` is its path below `<landing>/<source>`."""

    path: str
    name: str
    size: int
    mtime_ns: int

    def unchanged(self) -> bool:
        """Whether it still has the size and modified time it was found with; not, if it is gone."""
        try:
            found = Path(self.path).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.size, self.mtime_ns)


def landed(folder: Path) -> list[LandedFile]:
    """All files below a source's landing folder, by name; those still being written (`.tmp _* .*`) are left out.

    Raises:
        InputFileError: a folder cannot be listed.
    """
    return sorted(_walk(folder, "", ()), key=lambda file: file.name) if folder.is_dir() else []


def _walk(folder: Path, prefix: str, above: tuple[str, ...]) -> Iterator[LandedFile]:
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder it lies in
        return
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except OSError as problem:
        raise InputFileError(f"the folder {folder} cannot be listed ({problem.strerror})") from problem
    for entry in entries:
        if entry.name.startswith((".", "_")) or entry.name.endswith(".tmp"):
            continue
        if entry.is_dir():
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", (*above, real))
            continue
        path = str(Path(entry.path).absolute())
        try:
            found = entry.stat()
        except OSError:  # a link that leads nowhere: reading it will say so, where its table is made
            yield LandedFile(path, prefix + entry.name, 0, 0)
        else:
            yield LandedFile(path, prefix + entry.name, found.st_size, found.st_mtime_ns)


def of_table(files: Iterable[LandedFile], table: SourceTable) -> list[LandedFile]:
    """The files a table's patterns name; a pattern without a slash is matched in every sub-folder."""
    return [f for f in files if any(_matches(f.name, pattern) for pattern in table.files)]


def _matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name if "/" in pattern else name.rsplit("/", 1)[-1], pattern)


def not_seen(files: Sequence[LandedFile], lines: Iterable[Mapping[str, Any]]) -> list[LandedFile]:
    """Files whose name, size and modified time are not in the ledger: they have to be looked into."""
    seen = {(line["file"], line["size"], line["mtime_ns"]) for line in lines}
    return [f for f in files if (f.name, f.size, f.mtime_ns) not in seen]


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
        if os.path.lexists(file.path) and file.mtime_ns and not file.unchanged():
            raise InputFileError(f"{file.name} is still being written; run again when it is complete")


def batch_id(file: LandedFile) -> str:
    """What its content is known by: the first 16 hex digits of its SHA-256.

    Raises:
        InputFileError: it cannot be read.
    """
    path = Path(file.path)
    try:
        if not path.is_file() and path.exists():  # opening a pipe would wait for its writer
            raise InputFileError(f"{file.name} is not a file but a pipe or a device; take it out of the landing folder")
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()[:16]
    except OSError as problem:
        raise InputFileError(
            f"{file.name} cannot be read ({problem.strerror}); does it exist, and may this user read it?"
        ) from problem


def delivered_at(file: LandedFile, pattern: str | None) -> datetime:
    """When it was delivered: the date in its name by the declared pattern, else its modified time; UTC.

    Raises:
        InputFileError: the pattern finds something that is no date.
    """
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
