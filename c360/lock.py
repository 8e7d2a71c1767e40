"""One writer at a time: the lake's lock, `<lake>/ops/_lock.json`."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from c360.crash import wrote
from c360.errors import ConfigError, LakeLockedError

STALE_AFTER_HOURS = 24
"""A lock of another machine, whose processes cannot be asked after, is stale when this old."""

DEAD_AFTER_SECONDS = 60
"""Taking the lock takes no time: what lies beside it for so long belongs to nobody."""

_NOBODY = {"host": "unknown", "pid": 0, "since": "unknown", "run_id": "unknown"}


class LakeLock:
    """The lock of one lake."""

    def __init__(self, lake_root: str) -> None:
        self._file = Path(lake_root, "ops", "_lock.json")

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
                self._file.unlink(missing_ok=True)
                wrote()

    def holder(self) -> dict[str, Any] | None:
        """Who holds it; None if nobody does."""
        return _read(self._file)

    def release(self) -> dict[str, Any] | None:
        """Take the lock away, whoever holds it (`c360 unlock`); who did."""
        holder = self.holder()
        self._file.unlink(missing_ok=True)
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
            self._file.parent.mkdir(parents=True, exist_ok=True)
            created = self._create(content, run_id)
        except OSError as problem:
            raise ConfigError(
                f"the lake {self._file.parents[1]} cannot be written ({problem.strerror}: {problem.filename}); "
                "name another folder with --lake"
            ) from problem
        if created:
            return None
        holder = self.holder()
        if holder is not None and not _is_stale(holder):
            raise LakeLockedError(
                f"the lake is held by run {holder['run_id']} (host {holder['host']}, pid {holder['pid']}, since "
                f"{holder['since']}); wait until it ends, or `c360 unlock` if you know that it is dead"
            )
        if holder is not None:
            self._remove(holder, run_id)
        if not self._create(content, run_id):
            raise LakeLockedError("another run took the lake at the same moment; run again when it is done")
        if holder is None:
            return None
        who = f"host {holder['host']}, pid {holder['pid']}"
        return f"took over the lock of run {holder['run_id']}, which is dead ({who})"

    def _remove(self, stale: dict[str, Any], run_id: str) -> None:
        """Take a stale lock away, unless another run has replaced it in the meantime."""
        aside = self._file.with_suffix(f".{run_id}.stale")
        with suppress(FileNotFoundError):  # another run was quicker: whether it holds the lake, creating ours will tell
            self._file.rename(aside)  # atomic: of two that find the same lock, one gets it
            if _read(aside) != stale:
                with suppress(FileExistsError):
                    os.link(aside, self._file)
            aside.unlink()

    def _create(self, content: str, run_id: str) -> bool:
        """Create the lock with its content, at once or not at all."""
        draft = self._file.with_suffix(f".{run_id}.tmp")
        draft.write_text(content)
        wrote()
        try:
            os.link(draft, self._file)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        wrote()
        self._tidy()
        return True

    def _tidy(self) -> None:
        """Remove what runs left beside the lock that died while taking it."""
        for left in self._file.parent.glob(f"{self._file.stem}.*.*"):
            with suppress(FileNotFoundError):  # it belongs to a run that is taking the lock just now
                if time.time() - left.stat().st_mtime > DEAD_AFTER_SECONDS:
                    left.unlink()


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
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
