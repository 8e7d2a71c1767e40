"""Text to typed columns, the same on every engine.

The engines' casts differ at the edges (spaces, exponents, other digits, words such as 'today'), so the value of a cast
counts only where the text has the declared shape; where it has not, it is null here and a type error in `checks`.
"""

from __future__ import annotations

import math
import re

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from c360.config import Column
from c360.config.dates import shape_of

_BLANK = " \t\r\n\u00a0"
"""What is no part of a value at its ends; the last one, a no-break space, is what spreadsheets and web pages leave."""
_DIGITS = {"int": 10, "bigint": 19}
_CASTABLE = ("yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")
"""Formats that a plain cast reads, at half the cost."""
_LAST_KNOWN_YEAR = 2096
"""Sail's tables of time zones end with 2099; a later time has the offset of its day in this year, a leap year."""


def text_of(name: str, column: Column) -> Expression:
    """The received text without surrounding blanks; null where it is blank or means null."""
    text = F.nullif(F.btrim(F.col(name), F.lit(_BLANK)), F.lit(""))
    if column.null_values:
        text = F.when(text.isin(*column.null_values), F.lit(None)).otherwise(text)
    return text


def typed(text: Expression, column: Column, timezone: str) -> Expression:
    """`text` as the column's declared type; null where it does not have that type's shape or range.

    Args:
        text: see `text_of`.
        column: what conf declares.
        timezone: IANA name; local times without an offset become UTC by it.
    """
    kind = column.type
    if kind == "string":
        return text
    if kind in _DIGITS:
        return _guarded(text, rf"^[+-]?0*[0-9]{{1,{_DIGITS[kind]}}}$", text.try_cast(kind))
    if kind == "double":
        value = text.try_cast("double")
        shape = r"^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$"
        return F.when(text.rlike(shape) & (F.abs(value) < math.inf), value)
    if kind == "boolean":
        word = F.lower(text)
        return F.when(word.isin(*map(str.lower, column.true_values)), F.lit(True)).when(
            word.isin(*map(str.lower, column.false_values)), F.lit(False)
        )
    if kind in ("date", "timestamp"):
        zone = timezone if kind == "timestamp" else "UTC"  # a date is the same day everywhere
        moment = F.coalesce(*[_moment(text, date_format, zone) for date_format in column.date_formats])
        return F.when(F.year(moment).between(1, 9999), moment).cast(kind)  # beyond, Python and Arrow cannot read it
    scale = int(re.findall(r"\d+", column.sql_type)[1])
    # more decimals than declared would be rounded away silently; zeros there lose nothing
    shape = rf"^[+-]?([0-9]+([.][0-9]{{0,{scale}}}0*)?|[.][0-9]{{1,{scale}}}0*)$" if scale else r"^[+-]?[0-9]+([.]0*)?$"
    return _guarded(text, shape, text.try_cast(column.sql_type.lower()))


def _guarded(text: Expression, shape: str, value: Expression) -> Expression:
    return F.when(text.rlike(shape), value)


def _moment(text: Expression, date_format: str, timezone: str) -> Expression:
    parsed = text.try_cast("timestamp") if date_format in _CASTABLE else F.try_to_timestamp(text, F.lit(date_format))
    if timezone != "UTC" and "XXX" not in date_format:
        parsed = _to_utc(parsed, timezone)
    return _guarded(text, shape_of(date_format), parsed)


def _to_utc(local: Expression, timezone: str) -> Expression:
    """A local time in UTC: of two readings the earlier; one the clocks left out moves on by as much as they did."""
    here = F.to_date(local)
    there = F.add_months(here, (_LAST_KNOWN_YEAR - F.year(local)) * 12)
    moved = F.datediff(here, there).cast("bigint") * 86_400_000_000
    late = F.unix_micros(F.to_utc_timestamp(F.timestamp_micros(F.unix_micros(local) - moved), timezone)) + moved
    return F.when(F.year(local) <= _LAST_KNOWN_YEAR, F.to_utc_timestamp(local, timezone)).otherwise(
        F.timestamp_micros(late)
    )
