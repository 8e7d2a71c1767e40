"""Numbers in texts: how they are written, and which type holds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from c360.config.numbers import Numbers

PLAIN = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)")
WHOLE = re.compile(r"[+-]?[0-9]+([.]0*)?")
_EXPONENT = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)[eE][+-]?[0-9]{1,3}")
_MARKED = re.compile(r"[-0-9.,'’+() \u00a0\u202f]*[0-9][-0-9.,'’+() \u00a0\u202f]*")
_THREE = re.compile(r"[+-]?[0-9]{1,3}[.,][0-9]{3}")

_SIGNS = "€ $ £ ¥ ₹ ₽ ₺ ₩ zł Kč Ft kr".split()
_CODES = "EUR USD GBP CHF JPY SEK NOK DKK PLN CZK HUF INR AUD CAD CNY NZD BRL MXN ZAR TRY US$ A$ C$ R$".split()
_CURRENCY = re.compile("|".join(sorted(map(re.escape, [*_SIGNS, *_CODES]), key=len, reverse=True)))
_MARKS: tuple[tuple[str, str | None], ...] = (
    (".", None), (".", ","), (",", None), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"),
)  # fmt: skip

_MONEY = set(
    """price amount amt cost costs revenue turnover subtotal fee fees salary wage spend spent spending budget balance
    discount tax vat freight charge charges payment paid due refund gross net margin profit income debit credit value
    worth bonus quota sales total sum money betrag preis kosten umsatz ytd shipping tip deposit loan limit""".split()
)
_SURE_MONEY = set("price amount amt cost revenue subtotal fee salary betrag preis umsatz turnover".split())
_NO_MONEY = set(
    """points count quantity qty number num score rating pct percent percentage rate ratio share weight height width
    length depth size lat lon lng latitude longitude factor kg km cm mm transactions orders days hours minutes seconds
    units stock items visits pages age year month clv probability temperature distance level""".split()
)
_MEASURE = set("score rating pct percent percentage rate ratio share weight height width length depth factor".split())
_DOUBLE = set("lat lon lng latitude longitude probability ratio factor".split())


@dataclass(frozen=True)
class Figures:
    """What a column of numbers is.

    Attributes:
        type: int, bigint, decimal(p,s), money or double.
        numbers: what to declare of how they are written; empty if computers write them so.
        misfits: values that are no such number.
        notes: evidence in words.
        undecided: whether 1.234 may be a thousand or a little more than one.
    """

    type: str
    numbers: dict[str, Any] = field(default_factory=dict)
    misfits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    undecided: bool = False


def figures(values: Sequence[str], words: set[str], decimal: str | None = None, least: float = 1.0) -> Figures | None:
    """The type of a column of numbers; None if it is no such column.

    Args:
        values: those that are not null.
        words: of the column's name.
        decimal: what begins the decimals in other columns of the file, where one is sure of it.
        least: the share of the values that must be numbers.
    """
    if not values:
        return None
    plain = [value for value in values if PLAIN.fullmatch(value) or _EXPONENT.fullmatch(value)]
    if len(plain) >= least * len(values):
        misfits = tuple(sorted({*values} - {*plain}))
        if decimal == "," and _all_of_three(plain, "."):
            numbers = {"decimal": ",", "thousands": "."}
            said = "1.234 counts as a thousand, since other columns of the file have a comma before decimals"
            kind, notes = _type([value.replace(".", "") for value in plain], words)
            return Figures(kind, numbers, misfits, (said, *notes), undecided=True)
        kind, notes = _type(plain, words)
        return Figures(kind, {}, misfits, notes)
    return _localised(values, words, decimal, least)


def _localised(values: Sequence[str], words: set[str], decimal: str | None, least: float) -> Figures | None:
    bare = [value for value in values if _MARKED.fullmatch(_CURRENCY.sub("", value))]
    if len(bare) < least * len(values):
        return None
    currency = sorted({sign for value in values for sign in _CURRENCY.findall(value)})
    digits = [_CURRENCY.sub("", value).strip(" \u00a0\u202f") for value in values]
    places = [
        place
        for place, shape in (("before", r"-"), ("after", r".*[0-9][ \u00a0]?-$"), ("brackets", r"\("))
        if any(re.match(shape, value) for value in digits)
    ]
    options: dict[str, Any] = {"currency": currency} if currency else {}
    if places not in ([], ["before"]):
        options["negative"] = places
    ranked = []
    for at, (point, thousands) in enumerate(_MARKS):
        marks = {"decimal": point, "thousands": thousands}
        shape = re.compile(Numbers(**options, **marks).shape.replace(r"\z", r"\Z"))
        fitting = [value for value in values if shape.match(value)]
        ranked.append((len(fitting), -at, marks, fitting))
    best, _, marks, fitting = max(ranked, key=lambda rank: rank[:2])
    if not fitting or best < least * len(values):
        return None
    notes: list[str] = []
    undecided = _all_of_three([_CURRENCY.sub("", value).strip("() -+\u00a0") for value in fitting], ",")
    if undecided and marks["thousands"] == ",":
        marks = {"decimal": ",", "thousands": None} if decimal == "," else marks
        taken = "a little more than one, as other columns have it" if decimal == "," else "a thousand"
        notes.append(f"no value decides what the comma of 1,234 is: taken for {taken}")
    written = {key: mark for key, mark in marks.items() if mark not in (None, ".") or (key == "thousands" and mark)}
    kind, more = _type(
        [_plain(value, marks["decimal"]) for value in fitting], words | ({"amount"} if currency else set())
    )
    misfits = tuple(sorted({*values} - {*fitting}))
    return Figures(kind, written | options, misfits, (*notes, *more), undecided)


def _all_of_three(values: Sequence[str], mark: str) -> bool:
    """Whether each value with the mark has one only, with three digits behind it: thousands or decimals."""
    marked = [value for value in values if mark in value]
    return bool(marked) and all(_THREE.fullmatch(value) and not value.lstrip("+-").startswith("0") for value in marked)


def _plain(value: str, decimal: str | None) -> str:
    digits = re.sub(f"[^0-9{re.escape(decimal or '.')}]", "", value).replace(decimal or ".", ".")
    return f"-{digits}" if "-" in value or "(" in value else digits


def _type(values: Sequence[str], words: set[str]) -> tuple[str, tuple[str, ...]]:
    """The type that holds numbers as computers write them, with room to spare; and why, if the name had a say."""
    if any("e" in value.lower() for value in values):
        return "double", ("written with exponents",)
    whole = all(map(WHOLE.fullmatch, values))
    scales = {len(value.partition(".")[2]) for value in values}
    places = max(scales)
    digits = max(len(value.partition(".")[0].lstrip("+-").lstrip("0")) for value in values)
    is_money = bool(words & _MONEY) and not words & _NO_MONEY
    is_measure = (words & _MEASURE and places) or (words & _SURE_MONEY and not words & _NO_MONEY)
    if whole and places <= 1 and not is_measure:
        notes = (f"whole numbers, written as {max(values, key=len)}",) if places else ()
        if digits > 19 or (digits == 19 and max(values, key=len) > str(2**63 - 1)):
            return "string", (f"up to {digits} digits, more than a bigint holds",)
        biggest = max(abs(int(value.partition(".")[0] or "0")) for value in values)
        return ("int" if biggest < 2**31 else "bigint"), notes
    if digits > 30 or places > 8 or (words & _DOUBLE and places > 4):
        return "double", (f"up to {places} decimals",)
    if places <= 4 and digits <= 15 and not words & _NO_MONEY and (is_money or scales in ({2}, {4})):
        said = "whole numbers only, but its name says money" if whole and not places else _said(scales)
        return "money", (said,)
    return f"decimal({max(digits + 2, 8) + max(places, 2)},{max(places, 2)})", (_said(scales),)


def _said(scales: set[int]) -> str:
    low, high = min(scales), max(scales)
    many = str(high) if low == high else f"{low} to {high}"
    return f"{many} {'decimal' if high == 1 else 'decimals'}"
