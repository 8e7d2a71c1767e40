"""What every commit needs: rows that fit the table's columns, and another try when somebody else committed first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from c360.crash import wrote
from c360.ddl import mismatch
from c360.errors import SchemaMismatchError, WriteConflictError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_ATTEMPTS = 4
_CONFLICT = ("concurrent", "conflict", "version already exists", "transaction failed")


def fit(rows: DataFrame, columns: Mapping[str, str], name: str) -> DataFrame:
    """`rows` with exactly these columns, in order and cast; Sail would cast silently and Spark refuse.

    Raises:
        SchemaMismatchError: a column is missing or too many.
    """
    from pyspark.sql import functions as F

    if set(rows.columns) != set(columns) or len(rows.columns) != len(columns):
        raise SchemaMismatchError(mismatch(name, rows.columns, columns))
    return rows.select(*[F.col(f"`{c}`").cast(t.lower()).alias(c) for c, t in columns.items()])


def in_list(column: str, values: Sequence[str | None]) -> str:
    """SQL that keeps the target `t` of a MERGE within these partitions."""
    texts = ", ".join("'" + v.replace("\\", "\\\\").replace("'", "\\'") + "'" for v in values if v is not None)
    known = f"t.`{column}` IN ({texts})" if texts else "false"
    return f"({known} OR t.`{column}` IS NULL)" if None in values else known


def retried(name: str, write: Callable[[], Any]) -> None:
    """Run a write; another writer's commit in between is a reason to try again, a few times."""
    for attempt in _attempts():
        try:
            write()
            wrote()
            return
        except Exception as problem:
            if not any(word in str(problem).lower() for word in _CONFLICT):
                raise
            if attempt == _ATTEMPTS:
                raise WriteConflictError(
                    f"{name}: another writer kept changing it ({_ATTEMPTS} attempts); run again when it is done"
                ) from problem


def _attempts() -> Iterator[int]:
    for attempt in range(1, _ATTEMPTS + 1):
        yield attempt
        time.sleep(0.2 * 2**attempt)
