"""The file that is a lake's lock: created by one of several who try, and taken over by one."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from c360.crash import wrote
from c360.store import Store, is_remote

DEAD_AFTER_SECONDS = 60
"""Taking the lock takes no time: what lies beside it for so long belongs to nobody."""


class LockFile(Protocol):
    """What a lock's file can do, wherever the lake is."""

    def read(self) -> str | None:
        """Its content; None if it is not there."""

    def create(self, content: str, run_id: str) -> bool:
        """Create it with its content, at once or not at all; false if it is there."""

    def take_over(self, stale: str, content: str, run_id: str) -> bool:
        """Replace a stale one, unless another run was quicker."""

    def remove(self) -> None:
        """Take it away, if it is there."""


def lock_file(root: str) -> LockFile:
    """That of a lake: `<lake>/ops/_lock.json`."""
    return _StoredLock(Store(root)) if is_remote(root) else _LocalLock(Path(root, "ops", "_lock.json"))


class _StoredLock:
    """In an object store, which decides of several writes which is the one."""

    def __init__(self, store: Store) -> None:
        self._store, self._name = store, "ops/_lock.json"

    def read(self) -> str | None:
        found = self._store.read(self._name)
        return None if found is None else found.decode(errors="replace")

    def create(self, content: str, run_id: str) -> bool:
        return self._store.create(self._name, content.encode())

    def take_over(self, stale: str, content: str, run_id: str) -> bool:
        return self._store.replace(self._name, stale.encode(), content.encode())

    def remove(self) -> None:
        self._store.remove(self._name)


class _LocalLock:
    """In a folder: by links and renames, of which a file system lets one succeed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> str | None:
        return _text(self._file)

    def create(self, content: str, run_id: str) -> bool:
        self._file.parent.mkdir(parents=True, exist_ok=True)
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

    def take_over(self, stale: str, content: str, run_id: str) -> bool:
        aside = self._file.with_suffix(f".{run_id}.stale")
        with suppress(FileNotFoundError):  # another run was quicker: whether it holds the lake, creating ours will tell
            self._file.rename(aside)  # atomic: of two that find the same lock, one gets it
            if _text(aside) != stale:
                with suppress(FileExistsError):
                    os.link(aside, self._file)
            aside.unlink()
        return self.create(content, run_id)

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)
        wrote()

    def _tidy(self) -> None:
        """Remove what runs left beside the lock that died while taking it."""
        for left in self._file.parent.glob(f"{self._file.stem}.*.*"):
            with suppress(FileNotFoundError):  # it belongs to a run that is taking the lock just now
                if time.time() - left.stat().st_mtime > DEAD_AFTER_SECONDS:
                    left.unlink()


def _text(file: Path) -> str | None:
    try:
        return file.read_text(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
