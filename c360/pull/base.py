"""Sources that have to be asked: what a pull brings into the landing folder, and what it is known by.

A pull is a folder of files. They are ingested like any delivered file, so a pull needs no engine, and what came in can
be looked at. Only a pull that was finished counts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from c360.whole import replace_whole

STAMP = "%Y%m%dT%H%M%SZ"
"""How the time of a pull is written in its folder's name."""

_DONE = "_done.json"


@dataclass(frozen=True)
class Pulled:
    """What a pull brought.

    Attributes:
        files: how many files were written; none where there was nothing new.
        rows: how many rows are in them.
        mark: up to where the source was read, for the next pull; None for a source that is always read as a whole.
    """

    files: int
    rows: int
    mark: str | None = None


def time_of(stamp: str) -> datetime:
    """When a pull was made, by its folder's name.

    Raises:
        ValueError: it is no such name.
    """
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


def is_finished(folder: Path) -> bool:
    """Whether a pull came to its end, so that its files count."""
    return (folder / _DONE).is_file()


def finish(folder: Path, pulled: Pulled) -> None:
    """Let a pull's files count from now on."""
    replace_whole(folder / _DONE, json.dumps(asdict(pulled)).encode())


def finished(folder: Path) -> Pulled:
    """What a finished pull brought."""
    return Pulled(**json.loads((folder / _DONE).read_text()))
