"""The folder of a pull from an HTTP API: its pages, and how far it has come."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from c360.pull.pages import Place
from c360.whole import replace_whole

STATE = "_state.json"


@dataclass
class State:
    """How far a pull has come.

    Attributes:
        request: a fingerprint of what is asked for.
        place: of the next page.
        pages: how many are kept.
        rows: how many records are in them.
        asked: how many requests were answered.
        mark: the greatest value so far of the field that says what is new.
        last: a fingerprint of the body kept last.
        checking: the next page should be empty, as the one before was short.
        restarts: how often it began anew since a cursor had expired.
        done: there is no next page.
    """

    request: str
    place: Place = None
    pages: int = 0
    rows: int = 0
    asked: int = 0
    mark: str | None = None
    last: str = ""
    checking: bool = False
    restarts: int = 0
    done: bool = False


class Kept:
    """The folder of a pull: its pages, and how far it has come.

    The state decides which pages there are. One that it does not know came just before a crash, and is fetched again.
    """

    def __init__(self, folder: Path, request: str, place: Place) -> None:
        self.folder = folder
        self._fresh = State(request, place)
        folder.mkdir(parents=True, exist_ok=True)
        self.state = self._read() or replace(self._fresh)
        self._tidy()

    def body(self, page: int) -> bytes:
        """A page as it was received."""
        return self._file(page).read_bytes()

    def store(self, body: bytes) -> None:
        """Keep one more page; it counts once `save` is called."""
        self.state.pages += 1
        self._write(self._file(self.state.pages), body)

    def save(self) -> None:
        """Keep the state."""
        self._write(self.folder / STATE, json.dumps(asdict(self.state)).encode())

    def start_over(self, restarts: int = 0) -> None:
        """Forget all pages."""
        self.state = replace(self._fresh, restarts=restarts)
        self.save()
        self._tidy()

    def _file(self, page: int) -> Path:
        return self.folder / f"page-{page:06d}.json"

    def _read(self) -> State | None:
        """None if there is none of this request, or its pages are not all there."""
        try:
            state = State(**json.loads((self.folder / STATE).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return None  # it is written as a whole or not at all, so this was another version's
        pages = all(self._file(page).is_file() for page in range(1, state.pages + 1))
        return state if pages and state.request == self._fresh.request else None

    def _tidy(self) -> None:
        known = {self._file(page) for page in range(1, self.state.pages + 1)}
        for file in set(self.folder.glob("page-*.json*")) - known:
            file.unlink()

    def _write(self, file: Path, data: bytes) -> None:
        replace_whole(file, data)


def fingerprint(*parts: Any) -> str:
    """Of what is asked for. It takes time to compute, so that no secret can be guessed from it."""
    return hashlib.pbkdf2_hmac("sha256", json.dumps(parts).encode(), b"c360 pull", 20_000).hex()
