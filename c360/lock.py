"""One writer at a time: the lake's lock, `<lake>/ops/_lock.json`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c360.errors import LakeLockedError

STALE_AFTER_HOURS = 24
"""A lock of another machine, whose processes cannot be asked after, is stale when this old."""


class LakeLock:
    """The lock of one lake."""

    def __init__(self, lake_root: str) -> None:
        self._file = Path(lake_root, "ops", "_lock.json")

    @contextmanager
    def held(self, run_id: str) -> Iterator[str | None]:
        """Hold the lock for the block; yields a sentence about a stale lock that was taken over, if there was one.

        Raises:
            LakeLockedError: another run holds it; says who.
        """
        note = self._take(run_id)
        try:
            yield note
        finally:
            holder = self.holder()
            if holder and holder.get("run_id") == run_id:
                self._file.unlink(missing_ok=True)

    def holder(self) -> dict[str, Any] | None:
        """Who holds it; None if nobody does."""
        try:
            return dict(json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None
        except ValueError:  # its writer died between creating and writing it
            return {"host": "unknown", "pid": 0, "since": "unknown", "run_id": "unknown", "command": "unknown"}

    def release(self) -> dict[str, Any] | None:
        """Take the lock away, whoever holds it (`c360 unlock`); who did."""
        holder = self.holder()
        self._file.unlink(missing_ok=True)
        return holder

    def _take(self, run_id: str) -> str | None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(
            {
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "started": _start_of(os.getpid()),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
                "run_id": run_id,
            }
        )
        if self._create(content):
            return None
        holder = self.holder()
        if holder is not None and not _is_stale(holder):
            raise LakeLockedError(
                f"the lake is held by run {holder['run_id']} (host {holder['host']}, pid {holder['pid']}, since "
                f"{holder['since']}); wait until it ends, or `c360 unlock` if you know that it is dead"
            )
        if holder is not None:
            self._remove(holder, run_id)
        if not self._create(content):
            raise LakeLockedError("another run took the lake at the same moment; run again when it is done")
        if holder is None:
            return None
        return f"took over the lock of run {holder['run_id']}, which is dead (host {holder['host']}, pid {holder['pid']})"

    def _remove(self, stale: dict[str, Any], run_id: str) -> None:
        """Take a stale lock away, unless another run has replaced it in the meantime."""
        aside = self._file.with_suffix(f".{run_id}.stale")
        with suppress(FileNotFoundError):  # another run was quicker: whether it holds the lake, creating ours will tell
            os.rename(self._file, aside)  # atomic: of two that find the same lock, one gets it
            if json.loads(aside.read_text() or "{}").get("run_id", "unknown") != stale["run_id"]:
                with suppress(FileExistsError):
                    os.link(aside, self._file)
            aside.unlink()

    def _create(self, content: str) -> bool:
        """Create the lock with its content, at once or not at all."""
        draft = self._file.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(content)
        try:
            os.link(draft, self._file)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True


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
