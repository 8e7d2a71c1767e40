"""Dates and times in texts: which of c360's formats they are in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from c360.config.dates import ISO
from c360.init_source.names import says_id, says_moment

_CLOCK = (
    r"(?:(?P<t>[ T])(?P<h>\d{1,2}):(?P<mi>\d{2})(?P<s>:\d{2})?(?P<f>[.](?:\d{6}|\d{3}))?(?P<ap>[ ]?[AaPp][Mm])?"
    r"(?P<z>Z|[+-]\d{2}:\d{2})?)?"
)
_ISO = re.compile(ISO.replace(r"\z", r"\Z"))
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})(?P<sep>[/.-])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_CLOCK}")
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})(?P<sep>[/.-])(?P<a>\d{{1,2}})(?P=sep)(?P<b>\d{{1,2}}){_CLOCK}")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WORD = rf"(?P<m>{'|'.join(_MONTHS)})"
_DAY_WORD = re.compile(rf"(?P<d>\d{{1,2}})(?P<sep>[ /.-]?){_WORD}(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_CLOCK}", re.IGNORECASE)
_WORD_DAY = re.compile(rf"{_WORD} (?P<d>\d{{1,2}})(?P<comma>,?) (?P<y>\d{{4}}){_CLOCK}", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(?P<T>T?)([01]\d|2[0-3])([0-5]\d)([0-5]\d))?")
_DIGITS = re.compile(r"-?\d+([.]\d+)?|\d{8}T\d{6}")
_ZERO = re.compile(r"0{4}-00-00.*")

_FIRST = 200  # different values of which one at least must be a date

FIRST_YEAR, LAST_YEAR = 1800, 2199


@dataclass(frozen=True)
class Moments:
    """What a column of dates or times is.

    Attributes:
        type: date or timestamp.
        formats: as c360 writes them; empty where the type's own one is enough.
        misfits: values that none of them reads.
        notes: evidence in words.
        order: separator → "day" or "month", where values decide which comes first.
        undecided: separators of which no value decides.
        nulls: values that stand for no date, such as 0000-00-00.
        latest: the last day, where it is easily told.
    """

    type: str
    formats: tuple[str, ...]
    misfits: tuple[str, ...]
    notes: tuple[str, ...]
    order: Mapping[str, str]
    undecided: tuple[str, ...]
    nulls: tuple[str, ...] = ()
    latest: str = ""


@dataclass(frozen=True)
class _Read:
    """A value as a form: `A` and `B` stand for the numbers of which one is the day, the other the month."""

    form: str
    short: bool
    has_time: bool
    separator: str = ""
    a: int = 0
    b: int = 0
    year: int = 0


def moments(
    values: Sequence[str], name: str, known: Mapping[str, str] | None = None, until: date | None = None
) -> Moments | None:
    """The formats of a column of dates or times; None if it is no such column.

    Args:
        values: those that are not null.
        name: the column's, which numbers need in order to count as dates.
        known: separator → "day" or "month", as other columns of the file decided.
        until: no number is taken for a date later than the year after this day.
    """
    if not values:
        return None
    found = _numeric(values, name, until)
    if found is not None:
        return found
    zeros = tuple(sorted({value for value in values if _ZERO.fullmatch(value)}))
    counted = Counter(value for value in values if value not in zeros)
    first = list(counted)[:_FIRST]
    if not any(_read(value) for value in first):
        return None
    read = {value: _read(value) for value in counted}
    good = sum(count for value, count in counted.items() if read[value])
    total = sum(counted.values())
    if not total or good < (0.9 if total >= 10 else 1) * total:
        return None
    forms: dict[str, list[_Read]] = {}
    for value in counted:
        if (as_read := read[value]) is not None:
            forms.setdefault(as_read.form, []).append(as_read)
    order = _order(forms.values())
    formats, notes, undecided = _formats(forms, order, known or {})
    misfits = tuple(sorted(value for value in counted if read[value] is None))
    has_time = any(one.has_time for ones in forms.values() for one in ones)
    kind = "timestamp" if has_time else "date"
    own = ["yyyy-MM-dd"] if kind == "date" else ["yyyy-MM-dd HH:mm:ss"]
    declared = () if formats == own else tuple(formats)
    days = [value[:10] for value in counted if _ISO.match(value)]
    return Moments(kind, declared, misfits, tuple(notes), order, undecided, zeros, max(days, default=""))


def _read(value: str) -> _Read | None:
    """A value's form; None if it is no day that exists."""
    if match := _ISO.match(value):
        clock = match[3]
        if not _exists(int(value[:4]), int(value[5:7]), int(value[8:10])):
            return None
        plain = clock and " " in value[10:11] and re.fullmatch(r"\d\d:\d\d:\d\d", clock) and not match[7]
        form = "yyyy-MM-dd" if not clock else "yyyy-MM-dd HH:mm:ss" if plain else "iso"
        return _Read(form, False, bool(clock))
    if match := _YEAR_FIRST.fullmatch(value):
        if not _exists(int(match["y"]), int(match["a"]), int(match["b"])):
            return None
        month, day = ("M", "d") if min(len(match["a"]), len(match["b"])) == 1 else ("MM", "dd")
        return _Read(f"yyyy{match['sep']}{month}{match['sep']}{day}{_clock(match)}", False, bool(match["h"]))
    if match := _NUMBERS.fullmatch(value):
        return _day_and_month(match)
    for pattern in (_DAY_WORD, _WORD_DAY):
        if match := pattern.fullmatch(value):
            year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
            if not _exists(year, _MONTHS.index(match["m"].lower()) + 1, int(match["d"])):
                return None
            year_form = "yyyy" if len(match["y"]) == 4 else "yy"
            if pattern is _DAY_WORD:
                day = f"dd{match['sep']}MMM{match['sep']}{year_form}"
            else:
                day = f"MMM dd{match['comma']} yyyy"
            return _Read(day + _clock(match), len(match["d"]) == 1, bool(match["h"]))
    return None


def _day_and_month(match: re.Match[str]) -> _Read | None:
    a, b, year, sep = int(match["a"]), int(match["b"]), match["y"], match["sep"]
    whole_year = int(year) + (2000 if len(year) == 2 else 0)
    if not (_exists(whole_year, a, b) or _exists(whole_year, b, a)):
        return None
    short = min(len(match["a"]), len(match["b"])) == 1
    if len(year) == 2 and short and sep == ".":  # 3.2.10 is a version
        return None
    form = f"A{sep}B{sep}{'yyyy' if len(year) == 4 else 'yy'}{_clock(match)}"
    return _Read(form, short, bool(match["h"]), sep, a, b, whole_year)


def _clock(match: re.Match[str]) -> str:
    if not match["h"]:
        return ""
    hour = ("h" if match["ap"] else "H") * (2 if len(match["h"]) == 2 else 1)
    fraction = f".{'S' * (len(match['f']) - 1)}" if match["f"] else ""
    half = (" a" if match["ap"].startswith(" ") else "a") if match["ap"] else ""
    between = "'T'" if match["t"] == "T" else " "
    return f"{between}{hour}:mm{':ss' if match['s'] else ''}{fraction}{half}{'XXX' if match['z'] else ''}"


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return FIRST_YEAR <= year <= LAST_YEAR or year in (1, 9999)


def _order(forms: Iterable[Sequence[_Read]]) -> dict[str, str]:
    """Separator → which comes first, where a number above 12 says so; "both" where numbers contradict each other."""
    found: dict[str, str] = {}
    for one in (one for ones in forms for one in ones if one.separator):
        says = "day" if one.a > 12 else "month" if one.b > 12 else ""
        if says and found.setdefault(one.separator, says) != says:
            found[one.separator] = "both"
    return found


def _formats(
    forms: Mapping[str, Sequence[_Read]], order: Mapping[str, str], known: Mapping[str, str]
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """The formats, the commonest first; what there is to say; separators that nothing decides."""
    iso = [form for form in forms if form in ("iso", "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")]
    merged: dict[str, int] = {}
    notes: list[str] = []
    undecided: dict[str, str] = {}
    for form, ones in forms.items():
        if form in iso and len(iso) > 1:
            form = "iso"
        choices = [form]
        if sep := ones[0].separator:
            choices = _ordered(form, sep, order, known, notes, undecided)
        short = any(one.short for one in ones)
        for choice in choices:
            letters = re.sub(r"MM(?!M)|dd", lambda m: m[0][0], choice) if short and "MMM" not in choice else choice
            letters = letters.replace("dd", "d") if short else letters
            merged[letters] = merged.get(letters, 0) + len(ones)
    for exact in [f for f in merged if "dd" in f or "HH" in f or "hh" in f]:  # one digit reads two as well
        looser = next((f for f in merged if f != exact and _loose(f) == _loose(exact) and len(f) < len(exact)), None)
        if looser:
            merged[looser] += merged.pop(exact)
    ranked = sorted(merged, key=lambda form: -merged[form])  # of equals the first seen
    if len(ranked) > 1:
        notes.insert(0, f"{len(ranked)} formats")
    return ranked, notes, tuple(undecided)


def _loose(form: str) -> str:
    if form == "iso":
        return form
    return re.sub(r"MMM|MM|M|dd|d|HH|H|hh|h", lambda m: m[0] if m[0] == "MMM" else m[0][0], form)


def _ordered(
    form: str, sep: str, order: Mapping[str, str], known: Mapping[str, str], notes: list[str], undecided: dict[str, str]
) -> list[str]:
    day_first = form.replace("A", "dd").replace("B", "MM")
    month_first = form.replace("A", "MM").replace("B", "dd")
    says = order.get(sep)
    if says == "both":
        said = "some values have the day first, others the month: where both are 12 or less, the first format is taken"
        if said not in notes:
            notes.append(said)
        return [day_first, month_first]
    if says is None:
        elsewhere = known.get(sep)
        says = elsewhere if elsewhere in ("day", "month") else "month" if sep == "/" else "day"
        why = "as other columns of the file have it" if elsewhere in ("day", "month") else f"as is usual with {sep}"
        if sep not in undecided:
            notes.append(f"no value decides between day and month: {says} first, {why}")
        undecided[sep] = says
    elif (said := f"{says} first, as the {'first' if says == 'day' else 'second'} number goes above 12") not in notes:
        notes.append(said)
    return [day_first if says == "day" else month_first]


def _numeric(values: Sequence[str], name: str, until: date | None) -> Moments | None:
    """Numbers that count as dates: 20250301 by their look, the others where the name says so."""
    if not all(_DIGITS.fullmatch(value) for value in values):
        return None
    last = until.year + 1 if until else 2099
    compact = [_COMPACT.fullmatch(value) for value in values]
    named = says_moment(name) and not says_id(name)
    good = [m for m in compact if m and 1900 <= int(m[1]) <= last and _exists(int(m[1]), int(m[2]), int(m[3]))]
    days = {m[0] for m in good}
    some_wrong = len(good) < len(values)
    is_compact = len(values) >= 10 and len(good) >= 0.9 * len(values) if some_wrong else True
    if good and is_compact and (named or (len(days) >= 10 and not some_wrong and not says_id(name))):
        forms = {"yyyyMMdd" if not m[5] else "yyyyMMdd'T'HHmmss" if m["T"] else "yyyyMMddHHmmss" for m in good}
        if len(forms) == 1:
            form = forms.pop()
            misfits = tuple(sorted(set(values) - days))
            return Moments("date" if form == "yyyyMMdd" else "timestamp", (form,), misfits, (), {}, ())
    if not named or not all(re.fullmatch(r"\d+([.]\d+)?", value) for value in values):
        return None
    seconds = (date(last, 12, 31) - date(1970, 1, 1)).days * 86400
    numbers = [float(value) for value in values]
    if all(3e8 <= number <= seconds for number in numbers):
        return Moments("timestamp", ("unix",), (), ("seconds since 1970",), {}, ())
    if all(3e11 <= number <= seconds * 1000 and number.is_integer() for number in numbers):
        return Moments("timestamp", ("unix_millis",), (), ("milliseconds since 1970",), {}, ())
    if all(10_000 <= number <= 73_000 for number in numbers) and len(set(values)) > 1:
        kind = "date" if all(number.is_integer() for number in numbers) else "timestamp"
        return Moments(kind, ("excel",), (), ("days since 1900, as Excel counts them",), {}, ())
    return None
