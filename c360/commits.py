"""What every commit needs: rows that fit the table's columns, and another try when somebody else committed first."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from c360.crash import wrote
from c360.ddl import mismatch
from c360.errors import C360Error, SchemaMismatchError, WriteConflictError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

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


@contextmanager
def named(spark: SparkSession) -> Iterator[Callable[[DataFrame], str]]:
    """Gives frames names for SQL, for the time of the block.

    Each is a new name: a second view of one name changes earlier lazy frames on Sail.
    """
    names: list[str] = []

    def name(rows: DataFrame) -> str:
        names.append(f"c360_rows_{uuid.uuid4().hex}")
        rows.createOrReplaceTempView(names[-1])
        return names[-1]

    try:
        yield name
    finally:
        for each in names:
            spark.catalog.dropTempView(each)


def in_list(column: str, values: Sequence[Any]) -> str:
    """SQL that keeps the target `t` of a MERGE within these partitions."""
    literals = ", ".join(_literal(v) for v in values if v is not None)
    known = f"t.`{column}` IN ({literals})" if literals else "false"
    return f"({known} OR t.`{column}` IS NULL)" if None in values else known


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"DATE '{value}'"
    raise C360Error(f"a table is partitioned by a string, int, bigint or date, but found a {type(value).__name__}")


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
