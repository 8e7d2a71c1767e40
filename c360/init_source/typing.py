"""The type of a column, with what speaks for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from c360.init_source.evidence import TEXT
from c360.init_source.moments import Moments, moments
from c360.init_source.names import says_id, words
from c360.init_source.numbers import WHOLE, Figures, figures

LEAST = 0.9
"""The share of a longer column's values that must be of its type; the others are dirt that a run sets aside."""

FEW = 10
"""Of fewer values each must be of the type."""

MOST_ODD_IDS = 0.01
"""The share of ids with letters in them that count as dirt, rather than say that ids are no numbers."""

NULL_TEXTS = {"n/a", "#n/a", "null", r"\n", "-", "--", "(null)", "<null>", "nil", "#null!", "undefined"}
"""Texts, in small letters, that mean null wherever they stand."""

_MAYBE_NULL = NULL_TEXTS | {"na", "none", "nan", "?", ".", "unknown", "missing", "tbd", "x", "k.a.", "n.a.", "---"}
"""Texts that mean null among numbers or dates; among words they may be words."""

_TRUTH = (("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("ja", "nein"), ("j", "n"), ("oui", "non"),
          ("si", "no"), ("wahr", "falsch"))  # fmt: skip
_OWN_TRUE, _OWN_FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_FLAG = re.compile(
    r"^(is|has|had|can|was|are|allow|allows|enable)_|(^|_)(flag|active|enabled|disabled|deleted|verified|opt_?in|"
    r"opt_?out|opted_(in|out)|consent|subscribed|valid)$"
)
_TEXT_NAME = re.compile(
    r"(^|_)(zip|zipcode|postal|postcode|plz|phone|telephone|tel|mobile|cell|fax|telefon|handy|iban|bic|ssn|isbn|ean|"
    r"upc|gtin|barcode|tracking|passport|tax_id|taxid|card_number|card_no|cardnumber|routing|imei|version|vat_id|vat_no|vat_number)(_|$)"
)
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
_NO_TEXT = re.compile(r"(id|amount|rate|count|minutes|seconds|cost|total|tax|fee|type)$")


@dataclass(frozen=True)
class Verdict:
    """A column's type, what else to declare, and why.

    Attributes:
        type: c360's.
        options: format, numbers, null_values, true_values, false_values.
        notes: evidence in words.
        misfits: values that are not of the type.
        moments: what is known of it as a date or time.
        figures: what is known of it as a number.
    """

    type: str
    options: dict[str, Any]
    notes: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    moments: Moments | None = None
    figures: Figures | None = None


@dataclass(frozen=True)
class Around:
    """What the file's other columns say of how it is written."""

    order: dict[str, str]
    decimal: str | None = None


def judged(
    name: str, values: Sequence[str], kind: str | None, around: Around | None = None, until: date | None = None
) -> Verdict:
    """The type of a column.

    Args:
        name: in the lake.
        values: those that are not blank.
        kind: its type in a file that has types; `TEXT` for a text.
        around: what the other columns say.
        until: a day nothing in the data is much later than.
    """
    if not values:
        return Verdict("string" if kind in (None, TEXT) else str(kind), {}, ("empty",))
    if kind not in (None, TEXT):
        return Verdict(str(kind), {}, (f"{kind} in the file",))
    counted = Counter(values)
    for nulls in (_among(counted, NULL_TEXTS), _among(counted, _MAYBE_NULL)):
        rest = [value for value in values if value not in nulls]
        found = _typed(name, rest, kind, around or Around({}), until) if rest else None
        if found is not None:
            return replace(found, options=_with_nulls(found, nulls))
    nulls = _among(counted, NULL_TEXTS)
    if len(nulls) == len(counted):
        return Verdict("string", {"null_values": sorted(nulls)}, ("nothing but texts that mean null",))
    rest = [value for value in values if value not in nulls]
    return Verdict("string", {"null_values": sorted(nulls)} if nulls else {}, tuple(_why_text(name, rest, kind)))


def _with_nulls(found: Verdict, nulls: set[str]) -> dict[str, Any]:
    also = nulls | set(found.moments.nulls if found.moments else ())
    return found.options | ({"null_values": sorted(also)} if also else {})


def _among(counted: Counter[str], texts: set[str]) -> set[str]:
    return {value for value in counted if value.lower() in texts and "${" not in value}


def _typed(name: str, values: Sequence[str], kind: str | None, around: Around, until: date | None) -> Verdict | None:
    """The type that is not text; None if it is text."""
    boolean = _boolean(name, values)
    if boolean is not None:
        return boolean
    if _is_text_by_name(name) and not re.search(r"(date|time|_at)$", name):
        return None
    found = moments(values, name, around.order, until)
    if found is not None:
        options = {"format": list(found.formats)} if found.formats else {}
        return Verdict(found.type, options, found.notes, found.misfits, moments=found)
    return _number(name, values, kind, around)


def _number(name: str, values: Sequence[str], kind: str | None, around: Around) -> Verdict | None:
    if any(_LEADING_ZERO.match(value) for value in values):
        return None
    if kind == TEXT and all(map(WHOLE.fullmatch, values)):
        return None
    is_id = says_id(name)
    least = LEAST if len(values) >= FEW else 1.0
    found = figures(values, words(name), around.decimal, least)
    if found is None or found.type == "string":
        return None
    odd = sum(value in found.misfits and bool(re.search("[0-9]", value)) for value in values)
    if is_id and (found.numbers or odd > MOST_ODD_IDS * len(values)):
        return None  # A17 among 1001 and 1002 is an id too
    return Verdict(found.type, {"numbers": found.numbers} if found.numbers else {}, found.notes, found.misfits,
                   figures=found)  # fmt: skip


def _is_text_by_name(name: str) -> bool:
    return (bool(_TEXT_NAME.search(name)) and not _NO_TEXT.search(name)) or name in ("tax_id", "taxid", "tax_number")


def _boolean(name: str, values: Sequence[str]) -> Verdict | None:
    seen = {value.lower() for value in values}
    is_flag = bool(_FLAG.search(name))
    shown = sorted(set(values))
    if seen <= {"0", "1"}:
        if not is_flag:
            return None
        return Verdict(
            "boolean", {}, ("0 and 1, and its name says yes or no" if len(seen) > 1 else f"always {shown[0]}",)
        )
    for true, false in _TRUTH:
        if seen <= {true, false} and (len(seen) == 2 or true == "true" or is_flag):
            options: dict[str, Any] = {}
            if true not in _OWN_TRUE or false not in _OWN_FALSE:
                options = {"true_values": [true], "false_values": [false]}
            return Verdict("boolean", options, (" and ".join(shown) if len(shown) > 1 else f"always {shown[0]}",))
    return None


def _why_text(name: str, values: Sequence[str], kind: str | None) -> Iterator[str]:
    """Why what looks like numbers is text."""
    digits = sum(bool(WHOLE.fullmatch(value)) for value in values)
    if values and digits >= 0.9 * len(values):
        if any(_LEADING_ZERO.match(value) for value in values):
            yield "leading zeros, so no number"
        elif _is_text_by_name(name):
            yield "digits, but nobody adds them up"
        elif kind == TEXT:
            yield "digits, but text in the file"
        else:
            yield "digits, but not all are numbers that fit"
    percents = sum(value.endswith("%") for value in values)
    if values and percents >= 0.9 * len(values):
        yield "percent signs; derive a number from it by sql"
