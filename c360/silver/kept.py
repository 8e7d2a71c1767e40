"""`_rescued` in expressions: JSON objects put together, and what they say of a row."""

from __future__ import annotations

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

RESCUED = "_rescued"

DELETED = '{"_deleted": true}'
"""`_rescued` of a row by which c360 itself says that a source has deleted its key."""


def both(one: Expression, other: Expression) -> Expression:
    """Two JSON objects as one; null where there is nothing in them."""
    a, b = F.nullif(one, F.lit("{}")), F.nullif(other, F.lit("{}"))
    inside = F.concat(F.substring(a, 1, F.length(a) - 1), F.lit(", "), F.substring(b, 2, F.length(b)))
    return F.coalesce(inside, a, b)


def is_unreadable() -> Expression:
    """Whether the reader could not take the row apart; never null."""
    return F.coalesce(F.col(RESCUED).startswith('{"_error":'), F.lit(False))


def lacks_columns() -> Expression:
    """Whether the row's file did not have every declared column; never null."""
    return F.coalesce(F.col(RESCUED).startswith('{"_missing":'), F.lit(False))


def has_new_columns() -> Expression:
    """Whether the row has values that no declared column takes; never null."""
    nothing_else = F.col(RESCUED).rlike(r'^\{"_missing": "[^"]*"\}$') | (F.col(RESCUED) == DELETED)
    return F.coalesce(~is_unreadable() & ~nothing_else, F.lit(False))


def is_deleted_by_c360() -> Expression:
    """Whether the row says that its key is gone; never null."""
    return F.coalesce(F.col(RESCUED) == DELETED, F.lit(False))
