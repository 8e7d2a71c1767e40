"""Which date formats can be declared: those whose letters every engine reads alike."""

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


def shape_of(date_format: str) -> str:
    """The regular expression of texts that may be read by a date format.

    Raises:
        ValueError: the format has a letter that is not supported, because the engines might read it differently.
    """
    shape = ""
    for part in re.finditer(r"'([^']*)'|(([A-Za-z])\3*)|(.)", date_format):
        quoted, run, _, other = part.groups()
        if run and run not in FIELDS:
            raise ValueError(f"date format {date_format!r}: {run!r} is not supported; use {', '.join(FIELDS)}")
        shape += FIELDS[run] if run else re.escape(quoted if quoted is not None else other)
    return f"^{shape}$"
