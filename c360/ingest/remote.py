"""Which files lie in a landing folder of an object store: the rules of `c360.ingest.files`, on a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from c360.ingest.spec import PULLED
from c360.store import Found, Store

_PULL = re.compile(rf"({PULLED}/[^/]+/[0-9TZ]+)/")
_LOG = re.compile(r"(?:^|/)_delta_log/(\d+)\.json$")


def delta_tables(found: list[Found]) -> dict[str, tuple[int, int]]:
    """Folder of every Delta table → its version, and when that was written."""
    tables: dict[str, tuple[int, int]] = {}
    for file in found:
        if commit := _LOG.search(file.name):
            folder = file.name[: commit.start()]
            tables[folder] = max(tables.get(folder, (-1, 0)), (int(commit[1]), file.mtime_ns))
    return tables


def listed(store: Store) -> Iterator[tuple[Found, bool]]:
    """The files that are delivered there, and whether each is a Delta table: then its size is its version."""
    found = store.files()
    tables = delta_tables(found)
    done = {name.removesuffix("/_done.json") for name, _, _ in found if name.endswith("/_done.json")}
    for name, (version, mtime_ns) in tables.items():
        if not _is_hidden(name):
            yield Found(name, version, mtime_ns), True
    for file in found:
        pull = _PULL.match(file.name)
        unfinished = pull is not None and pull[1] not in done
        in_table = any(file.name.startswith(f"{folder}/") for folder in tables)
        if not (unfinished or in_table or _is_hidden(file.name)):
            yield file, False


def _is_hidden(name: str) -> bool:
    """Whether it is still being written, or nobody delivered it on purpose."""
    parts = name.split("/")
    return any(p.startswith((".", "_", "~$")) for p in parts) or any(p.endswith(".tmp") for p in parts)
