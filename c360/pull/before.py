"""Which rows at the mark an earlier pull has brought already.

Rows with the mark's own value may be committed later, so the next pull reads them all again. What it leaves out are
those that are as they were: a table without a key may hold the same row several times, so they are counted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

AT_MARK = "_at_mark.parquet"
"""A 128-bit digest a row that the next pull reads again."""

_MARK = b"c360.mark"
_ROW = pa.binary(16)


class Before:
    """The rows that came before. Equal rows must be asked for by one thread; others may ask at the same time."""

    def __init__(self, rows: Iterable[bytes] = ()) -> None:
        self._left = Counter(rows)

    @classmethod
    def read(cls, folder: Path | None, mark: str | None) -> Before:
        """What the pull in a folder noted; nothing if there is none, or if it is not the one that reached the mark."""
        file = folder / AT_MARK if folder else None
        if file is None or not file.is_file():
            return cls()
        found = pq.read_table(file)
        noted = (found.schema.metadata or {}).get(_MARK)
        return cls(found["row"].to_pylist()) if noted == _noted(mark) else cls()

    def __bool__(self) -> bool:
        return bool(self._left)

    def came(self, row: bytes) -> bool:
        """Whether the row with this digest came before; each time it did counts once."""
        left = self._left.get(row, 0)
        if left:
            self._left[row] = left - 1
        return left > 0


def digests(rows: pa.RecordBatch) -> list[bytes]:
    """A digest a row, of the names of its columns and of its texts."""
    start = hashlib.blake2b(json.dumps(rows.schema.names).encode(), digest_size=_ROW.byte_width)
    found = []
    for values in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        one = start.copy()
        one.update(json.dumps(values).encode())
        found.append(one.digest())
    return found


def write_at_mark(file: Path, mark: str | None, rows: Iterable[bytes]) -> None:
    """Write what `Before.read` reads.

    Args:
        file: is on the disk when this returns.
        mark: that was reached.
        rows: digests of the rows that the next pull will read again.
    """
    schema = pa.schema([("row", _ROW)], metadata={_MARK: _noted(mark)})
    pq.write_table(pa.table([pa.array(sorted(rows), _ROW)], schema=schema), file)
    on_disk(file)


def on_disk(file: Path) -> None:
    """Returns when the file would be whole after a power cut."""
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _noted(mark: str | None) -> bytes:
    return json.dumps(mark).encode()
