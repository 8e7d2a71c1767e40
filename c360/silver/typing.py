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
from c360.config.dates import ISO, ISO_DAY, NAMED, shape_of
from c360.config.numbers import Numbers

_BLANK = " \t\r\n\u00a0\ufeff"
"""What is no part of a value at its ends: a no-break space is what spreadsheets and web pages leave, a byte-order mark
what files leave that were put together into one."""
_DIGITS = {"int": 10, "bigint": 19}
_MILLIS_A_DAY = 86_400_000
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


def plain_number(text: Expression, numbers: Numbers) -> Expression:
    """A number's text as computers write it; null where it is not written as declared."""
    if numbers.is_plain:
        return text
    digits = text
    for sign in numbers.currency:
        digits = F.replace(digits, F.lit(sign), F.lit(""))
    digits = F.regexp_replace(digits, f"[^0-9{numbers.decimal}]", "")
    if numbers.decimal == ",":
        digits = F.replace(digits, F.lit(","), F.lit("."))
    is_negative = F.contains(text, F.lit("-")) | F.contains(text, F.lit("("))
    return _guarded(text, numbers.shape, F.when(is_negative, F.concat(F.lit("-"), digits)).otherwise(digits))


def typed(text: Expression, column: Column, timezone: str, is_native: bool = False) -> Expression:
    """`text` as the column's declared type; null where it does not have that type's shape or range.

    Args:
        text: see `text_of`.
        column: what conf declares.
        timezone: IANA name; local times without an offset become UTC by it.
        is_native: values of the source may have types of their own, and its times are then written in ISO form,
            whatever is declared for texts.
    """
    kind = column.type
    formats = (*column.date_formats, *(["iso"] if is_native else []))
    if kind == "string":
        return text
    if kind in _DIGITS:
        # 17850.0 is what a program leaves of an id that it took for a measure
        shape = rf"^[+-]?0*[0-9]{{1,{_DIGITS[kind]}}}([.]0*)?$"
        return _guarded(text, shape, F.substring_index(text, ".", 1).try_cast(kind))
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
        read = _day if kind == "date" else _moment
        moment = F.coalesce(*[read(text, date_format, timezone) for date_format in formats])
        return F.when(F.year(moment).between(1, 9999), moment).cast(kind)  # beyond, Python and Arrow cannot read it
    scale = int(re.findall(r"\d+", column.sql_type)[1])
    # more decimals than declared would be rounded away silently; zeros there lose nothing
    shape = rf"^[+-]?([0-9]+([.][0-9]{{0,{scale}}}0*)?|[.][0-9]{{1,{scale}}}0*)$" if scale else r"^[+-]?[0-9]+([.]0*)?$"
    return _guarded(text, shape, text.try_cast(column.sql_type.lower()))


def _guarded(text: Expression, shape: str, value: Expression) -> Expression:
    return F.when(text.rlike(shape), value)


def _moment(text: Expression, date_format: str, timezone: str) -> Expression:
    if date_format in NAMED:
        return _guarded(text, shape_of(date_format), _named(text, date_format, timezone))
    parsed = text.try_cast("timestamp") if date_format in _CASTABLE else F.try_to_timestamp(text, F.lit(date_format))
    moment = parsed if "XXX" in date_format else _in_zone(parsed, timezone)
    return _guarded(text, shape_of(date_format), moment)


def _day(text: Expression, date_format: str, timezone: str) -> Expression:
    """A day, which is the same everywhere; a text with a time other than midnight is none."""
    if date_format == "iso":
        return _guarded(text, ISO_DAY, F.substring(text, 1, 10).try_cast("timestamp"))
    moment = _moment(text, date_format, "UTC")
    if date_format in NAMED:
        return F.when(F.unix_micros(moment) % (1000 * _MILLIS_A_DAY) == 0, moment)
    return moment


def _named(text: Expression, date_format: str, timezone: str) -> Expression:
    if date_format == "iso":
        return _iso(text, timezone)
    if date_format == "unix":
        whole, part = F.substring_index(text, ".", 1), F.rpad(F.regexp_extract(text, "[.]([0-9]{1,6})", 1), 6, "0")
        micros = F.concat(whole, part).try_cast("bigint")
        return F.timestamp_micros(micros)
    if date_format == "unix_millis":
        return F.timestamp_micros(text.try_cast("bigint") * 1000)
    # Excel's times are exact to a millisecond. Of 1900 it believes that it had a 29 February, its day 60.
    days = text.try_cast("double")
    millis = F.round(days * _MILLIS_A_DAY).cast("bigint")
    if date_format == "excel_1904":
        since = F.lit(-24_107 * _MILLIS_A_DAY)
    else:
        since = F.when(days < 60, -25_568 * _MILLIS_A_DAY).when(days >= 61, -25_569 * _MILLIS_A_DAY)
    return _in_zone(F.timestamp_micros((millis + since) * 1000), timezone)


def _iso(text: Expression, timezone: str) -> Expression:
    clock, zone = (F.regexp_extract(text, ISO, group) for group in (3, 7))
    whole = (
        F.when(clock == "", "00:00:00")
        .when(F.length(clock) == 5, F.concat(clock, F.lit(":00")))
        .otherwise(F.substring(clock, 1, 15))
    )
    local = F.concat(F.substring(text, 1, 10), F.lit(" "), whole).try_cast("timestamp")
    minutes = F.substring(zone, 2, 2).try_cast("int") * 60 + F.substring(zone, -2, 2).try_cast("int")
    ahead = F.when(zone == "Z", 0).when(F.startswith(zone, F.lit("-")), -minutes).otherwise(minutes)
    moment = F.timestamp_micros(F.unix_micros(local) - ahead.cast("bigint") * 60_000_000)
    return F.when(zone == "", _in_zone(local, timezone)).otherwise(moment)


def _in_zone(local: Expression, timezone: str) -> Expression:
    return local if timezone == "UTC" else _to_utc(local, timezone)


def _to_utc(local: Expression, timezone: str) -> Expression:
    """A local time in UTC: of two readings the earlier; one the clocks left out moves on by as much as they did."""
    here = F.to_date(local)
    there = F.add_months(here, (_LAST_KNOWN_YEAR - F.year(local)) * 12)
    moved = F.datediff(here, there).cast("bigint") * 86_400_000_000
    late = F.unix_micros(F.to_utc_timestamp(F.timestamp_micros(F.unix_micros(local) - moved), timezone)) + moved
    return F.when(F.year(local) <= _LAST_KNOWN_YEAR, F.to_utc_timestamp(local, timezone)).otherwise(
        F.timestamp_micros(late)
    )
