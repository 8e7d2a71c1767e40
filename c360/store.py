"""Object stores: which files lie there, how they are read, and small files that are there whole, once, or not at all.

Address and credentials come from the environment, under the names by which Delta's reader and Sail find them too:
`AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`, `AWS_…`, `GOOGLE_…`.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from c360.crash import wrote
from c360.errors import StoreError

_PATIENCE: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}

_NO_CONTAINER = ("ContainerNotFound", "NoSuchBucket", "The specified bucket does not exist")

_MEBIBYTE = 1024 * 1024


def is_remote(place: str | Path) -> bool:
    """Whether it is in an object store rather than in a folder."""
    return "://" in str(place)


class Found(NamedTuple):
    """A file; `name` is its path below the store's place."""

    name: str
    size: int
    mtime_ns: int


class Store:
    """The files below one place of an object store.

    Args:
        uri: for example `az://container/folder`.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri.rstrip("/")
        scheme, _, rest = self.uri.partition("://")
        container, _, self._below = rest.partition("/")
        self._root = f"{scheme}://{container}"

    def files(self, below: str = "") -> list[Found]:
        """All files, those in folders of folders too; none where nothing lies."""
        import obstore

        prefix = self._path(below)
        with self._asked():
            listed = obstore.list(_opened(self._root), f"{prefix}/" if prefix else None).collect()
        skip = len(self._below) + 1 if self._below else 0
        return [Found(f["path"][skip:], f["size"], int(f["last_modified"].timestamp() * 1e6) * 1000) for f in listed]

    def find(self, name: str) -> Found | None:
        """One file, if it is there."""
        import obstore

        try:
            with self._asked():
                found = obstore.head(_opened(self._root), self._path(name))
        except FileNotFoundError:
            return None
        return Found(name, found["size"], int(found["last_modified"].timestamp() * 1e6) * 1000)

    def open(self, name: str) -> IO[bytes]:
        """The file, to be read at any place.

        Raises:
            FileNotFoundError: it is not there.
        """
        import obstore

        with self._asked():
            file = obstore.open_reader(_opened(self._root), self._path(name))
        return io.BufferedReader(_Reader(self, file), _MEBIBYTE)

    def read(self, name: str) -> bytes | None:
        """All of a small file; None if it is not there."""
        found = self._read(name)
        return found and found[0]

    def write(self, name: str, data: bytes) -> None:
        """Write a small file, in place of one that may be there."""
        import obstore

        with self._asked():
            obstore.put(_opened(self._root), self._path(name), data)
        wrote()

    def create(self, name: str, data: bytes) -> bool:
        """Write a small file unless one is there; of several who try, one succeeds."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with self._asked(AlreadyExistsError):
                obstore.put(_opened(self._root), self._path(name), data, mode="create")
        except AlreadyExistsError:
            return False
        wrote()
        return True

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        """Write a small file in place of one with the content `old`; of several who try, one succeeds."""
        import obstore
        from obstore.exceptions import PreconditionError

        found = self._read(name)
        if found is None or found[0] != old:
            return False
        try:
            with self._asked(PreconditionError):
                obstore.put(_opened(self._root), self._path(name), new, mode=found[1])
        except (PreconditionError, FileNotFoundError):
            return False
        wrote()
        return True

    def remove(self, *names: str) -> None:
        """Remove files; one that is not there is none to be removed."""
        import obstore

        for name in names:
            try:
                with self._asked():
                    obstore.delete(_opened(self._root), self._path(name))
            except FileNotFoundError:
                continue
            wrote()

    def _read(self, name: str) -> tuple[bytes, Any] | None:
        """The content, and by what it is known that nobody changed it."""
        import obstore

        try:
            with self._asked():
                found = obstore.get(_opened(self._root), self._path(name))
                data = bytes(found.bytes())
        except FileNotFoundError:
            return None
        known = {key: found.meta.get(key) for key in ("e_tag", "version")}
        return data, {key: value for key, value in known.items() if value is not None}

    def _path(self, name: str) -> str:
        return "/".join(part for part in (self._below, name) if part)

    @contextmanager
    def _asked(self, *expected: type[Exception]) -> Iterator[None]:
        """What the store answers as our errors, but for an expected one."""
        from obstore.exceptions import BaseError

        try:
            yield
        except expected:
            raise
        except (FileNotFoundError, BaseError) as problem:
            no_container = any(said in str(problem) for said in _NO_CONTAINER)
            if isinstance(problem, FileNotFoundError) and not no_container:
                raise FileNotFoundError(errno.ENOENT, "no such file", self.uri) from problem
            first = "there is no such container" if no_container else str(problem).strip().splitlines()[0][:300]
            raise StoreError(
                f"{self.uri} cannot be reached as asked ({first}); its address and credentials come from the "
                "environment: see docs/object-stores.md"
            ) from None


class _Reader(io.RawIOBase):
    """A file of a store, for Python's and Arrow's readers."""

    def __init__(self, store: Store, file: Any) -> None:
        self._store, self._file = store, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._store._asked():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())


@cache
def _opened(root: str) -> Any:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ModuleNotFoundError:
        raise StoreError(f"{root} is in an object store, for which obstore is needed; install c360[cloud]") from None
    try:
        return from_url(root, retry_config=_PATIENCE)
    except (BaseError, ValueError) as problem:
        raise StoreError(f"{root} is no object store that c360 knows ({problem}); see docs/object-stores.md") from None


def open_file(path: str) -> IO[bytes]:
    """A file, wherever it lies, to be read at any place.

    Raises:
        FileNotFoundError: it is not there.
    """
    if not is_remote(path):
        return Path(path).open("rb")
    folder, _, name = path.rpartition("/")
    return Store(folder).open(name)


def find_file(path: str) -> Found | None:
    """What an object store says of a file, if it is there."""
    folder, _, name = path.rpartition("/")
    return Store(folder).find(name)


class SmallFile:
    """A small file of a lake, which is there as a whole or not at all.

    Args:
        root: the lake.
        name: the file's path in it.
    """

    def __init__(self, root: str, name: str) -> None:
        self._store = Store(root) if is_remote(root) else None
        self._path = Path(root, name)
        self._name = name

    def read(self) -> bytes | None:
        """Its content; None if it is not there."""
        if self._store:
            return self._store.read(self._name)
        return self._path.read_bytes() if self._path.exists() else None

    def write(self, data: bytes) -> None:
        """Write it, in place of what may be there."""
        from c360.whole import replace_whole

        if self._store:
            self._store.write(self._name, data)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(self._path, data)

    def remove(self) -> None:
        """Take it away."""
        if self._store:
            self._store.remove(self._name)
            return
        self._path.unlink()
        wrote()
