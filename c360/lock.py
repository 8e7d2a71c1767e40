"""One writer at a time: the lake's lock, `<lake>/ops/_lock.json`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c360.errors import ConfigError, LakeLockedError
from c360.lock_file import lock_file

STALE_AFTER_HOURS = 24
"""A lock of another machine, whose processes cannot be asked after, is stale when this old."""

_NOBODY = {"host": "unknown", "pid": 0, "since": "unknown", "run_id": "unknown"}


class LakeLock:
    """The lock of one lake."""

    def __init__(self, lake_root: str) -> None:
        self._root = lake_root
        self._file = lock_file(lake_root)

    @contextmanager
    def held(self, run_id: str) -> Iterator[str | None]:
        """Hold the lock for the block; yields a sentence about a stale lock that was taken over, if there was one.

        Raises:
            LakeLockedError: another run holds it; says who.
            ConfigError: the lake's folder cannot be written.
        """
        note = self._take(run_id)
        try:
            yield note
        finally:
            holder = self.holder()
            if holder and holder["run_id"] == run_id:
                self._file.remove()

    def holder(self) -> dict[str, Any] | None:
        """Who holds it; None if nobody does."""
        found = self._file.read()
        return None if found is None else _holder_in(found)

    def release(self) -> dict[str, Any] | None:
        """Take the lock away, whoever holds it (`c360 unlock`); who did."""
        holder = self.holder()
        self._file.remove()
        return holder

    def _take(self, run_id: str) -> str | None:
        content = json.dumps(
            {
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "started": _start_of(os.getpid()),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
                "run_id": run_id,
            }
        )
        try:
            created = self._file.create(content, run_id)
        except OSError as problem:
            raise ConfigError(
                f"the lake {self._root} cannot be written ({problem.strerror}: {problem.filename}); "
                "name another folder with --lake"
            ) from problem
        if created:
            return None
        found = self._file.read()
        holder = None if found is None else _holder_in(found)
        if holder is not None and not _is_stale(holder):
            raise LakeLockedError(
                f"the lake is held by run {holder['run_id']} (host {holder['host']}, pid {holder['pid']}, since "
                f"{holder['since']}); wait until it ends, or `c360 unlock` if you know that it is dead"
            )
        is_free = found is None  # given back just now
        if not (self._file.create(content, run_id) if is_free else self._file.take_over(str(found), content, run_id)):
            raise LakeLockedError("another run took the lake at the same moment; run again when it is done")
        if holder is None:
            return None
        who = f"host {holder['host']}, pid {holder['pid']}"
        return f"took over the lock of run {holder['run_id']}, which is dead ({who})"


def _holder_in(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    # nothing c360 wrote: a lock cut short by a full disk, or by hand
    return found if isinstance(found, dict) and found.keys() >= _NOBODY.keys() else dict(_NOBODY)


def _is_stale(holder: dict[str, Any]) -> bool:
    if holder["host"] == socket.gethostname():
        return _start_of(int(holder["pid"])) != holder.get("started")
    try:
        since = datetime.fromisoformat(holder["since"])
    except ValueError:
        return True
    return (datetime.now(UTC) - since).total_seconds() > STALE_AFTER_HOURS * 3600


def _start_of(pid: int) -> str | None:
    """When the process started, so that a number used again is not taken for the old process; None: it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[19]
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return None
    try:  # no /proc: macOS
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "running"
    return "running"
