"""Which date formats can be declared: those whose letters every engine reads alike, and some with a name."""

from __future__ import annotations

import re

FIELDS = {
    "yyyy": "[0-9]{4}",
    "yy": "[0-9]{2}",
    "MMM": "[A-Za-z]{3}",
    "MM": "[0-9]{2}",
    "M": "[0-9]{1,2}",
    "dd": "[0-9]{2}",
    "d": "[0-9]{1,2}",
    "HH": "[0-9]{2}",
    "H": "[0-9]{1,2}",
    "hh": "[0-9]{2}",
    "h": "[0-9]{1,2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
    "SSSSSS": "[0-9]{6}",
    "SSS": "[0-9]{3}",
    "a": "[AaPp][Mm]",
    "XXX": "(Z|[+-][0-9]{2}:[0-9]{2})",
}
"""Letters of a format → the texts they stand for, as a regular expression."""


_DAY = "([0-9]{4}-[0-9]{2}-[0-9]{2})"
_ZONE = "(Z|[+-](0[0-9]|1[0-7]):?[0-5][0-9]|[+-]18:?00)?"

# \z, because $ also holds before a last line end, of which Java knows more than others
ISO = rf"^{_DAY}([ T](([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{{1,9}})?)?){_ZONE})?\z"
"""A day, with or without a time and an offset; group 3 is the time, group 7 the offset."""

ISO_DAY = rf"^{_DAY}([ T]00:00(:00([.]0{{1,9}})?)?{_ZONE})?\z"
"""The same, of a day without a time but midnight."""

NAMED = {
    "iso": ISO,
    "excel": r"^[0-9]{1,7}([.][0-9]{1,15})?\z",
    "excel_1904": r"^[0-9]{1,7}([.][0-9]{1,15})?\z",
    "unix": r"^-?[0-9]{1,11}([.][0-9]{1,9})?\z",
    "unix_millis": r"^-?[0-9]{1,14}\z",
}
"""Formats with a name: ISO 8601 with all that may be left out; days since 1900 or 1904 as Excel counts them; seconds or
milliseconds since 1970."""


def shape_of(date_format: str) -> str:
    """The regular expression of texts that may be read by a date format.

    Raises:
        ValueError: the format has a letter that is not supported, because the engines might read it differently.
    """
    if date_format in NAMED:
        return NAMED[date_format]
    shape = ""
    for part in re.finditer(r"'([^']*)'|(([A-Za-z])\3*)|(.)", date_format):
        quoted, run, _, other = part.groups()
        if run and run not in FIELDS:
            raise ValueError(
                f"date format {date_format!r}: {run!r} is not supported; use {', '.join(FIELDS)}, or one of "
                f"{', '.join(NAMED)}"
            )
        shape += FIELDS[run] if run else re.escape(quoted if quoted is not None else other)
    return f"^{shape}$"
