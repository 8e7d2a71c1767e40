"""Numbers, days and delivered values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from c360.output import visible

LONGEST = 300
"""Characters of a value that is shown; the rest is counted."""

NOTHING = "–"

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def number(value: float | None) -> str:
    """`18,783`."""
    return NOTHING if value is None else f"{value:,.0f}"


def amount(value: float | None, currency: str = "") -> str:
    """`17.84 M`, `493.4 k`, `88.79`; with its currency, if one is known."""
    if value is None:
        return NOTHING
    size = abs(value)
    for unit, above in (("bn", 1e9), ("M", 1e6), ("k", 1e4)):
        if size >= above:
            scaled = value / (1e3 if unit == "k" else above)
            text = f"{scaled:,.{2 if abs(scaled) < 100 else 1}f} {unit}"
            break
    else:
        text = f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"
    return f"{text} {currency}".strip()


def percent(value: float | None, digits: int = 0) -> str:
    """`12 %`; the value is in percent."""
    return NOTHING if value is None else f"{value:,.{digits}f} %"


def change(value: float | None) -> str:
    """`+7 %`, `−5 %`."""
    if value is None:
        return NOTHING
    return f"{'+' if value >= 0 else '−'}{abs(value):,.0f} %"


def than(value: float | None, what: str) -> str:
    """`7 % more than in January`, `as much as in January`."""
    if value is None:
        return f"there is nothing to compare with {what}"
    if round(value) == 0:
        return f"as much as {what}"
    return f"{abs(value):,.0f} % {'more' if value > 0 else 'less'} than {what}"


def month(value: int) -> str:
    """202503 → `Mar 2025`."""
    return f"{_MONTHS[value % 100 - 1]} {value // 100}"


def day(value: date | None) -> str:
    """`3 Mar 2025`."""
    return NOTHING if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None) -> str:
    """`3 Mar 2025 14:05`, in UTC."""
    if value is None:
        return NOTHING
    at = value.astimezone(UTC) if value.tzinfo else value
    return f"{day(at.date())} {at:%H:%M}"


def counted(value: float, thing: str, things: str = "") -> str:
    """`1 person`, `2 people`."""
    return f"{value:,.0f} {thing if value == 1 else things or f'{thing}s'}"


def month_start(value: int) -> str:
    """202503 → `2025-03-01`, as charts take a date."""
    return f"{value // 100}-{value % 100:02}-01"


def shown(value: Any) -> Any:
    """A delivered value as a page shows it: text whole up to 300 characters, nothing in it can steer or turn."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return value
    cut = value if len(value) <= LONGEST else f"{value[:LONGEST]}… ({len(value):,} characters)"
    return visible(cut)


def plain(text: str) -> str:
    """Text for a place that takes Markdown: every sign that means something there is escaped."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|$~:&=^" else sign for sign in text)
