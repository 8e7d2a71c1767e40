"""Rows → charts over time; see charts.py for how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from c360.dashboard.charts import ACCENT, Chart, data, filled, made, names_beside, of, shades_of
from c360.dashboard.tables import Row

_HEIGHT = 240


def line(rows: Sequence[Row], x: str, y: str, *, text: str, form: str = "~s") -> Chart | None:
    """A line over months or days (ISO text in `x`), its last point named by the column `text`."""
    if not rows:
        return None
    falls = len(rows) > 1 and (rows[-1][y] or 0) < (rows[-2][y] or 0)
    last = data(rows[-1:], x, y, text)
    return filled(_line(x, y, text, form, falls), _HEIGHT, rows=data(rows, x, y, text), last=last)


@cache
def _line(x: str, y: str, text: str, form: str, falls: bool) -> Chart:
    base = of().encode(
        x=_time(x),
        y=alt.Y(f"{y}:Q", title=None, axis=_amounts(form)),
        tooltip=[alt.Tooltip(f"{x}:T", title="month", format="%b %Y"), alt.Tooltip(f"{text}:N", title=y)],
    )
    last = of("last").encode(x=_time(x), y=f"{y}:Q")
    return made(
        alt.layer(
            base.mark_area(color=ACCENT, opacity=0.10),
            base.mark_line(color=ACCENT, strokeWidth=2),
            base.mark_point(opacity=0, size=120),  # to be pointed at
            last.mark_point(color=ACCENT, filled=True, size=50),
            last.mark_text(align="right", dy=16 if falls else -14, fontWeight="bold").encode(text=f"{text}:N"),
        )
    )


def lines(rows: Sequence[Row], x: str, y: str, series: str, *, form: str = "~s") -> Chart | None:
    """A line for each of a few series, in shades of the accent, over months."""
    if not rows:
        return None
    names = tuple(dict.fromkeys(row[series] for row in rows))
    return filled(_lines(x, y, series, form, names), _HEIGHT, rows=data(rows, x, y, series))


@cache
def _lines(x: str, y: str, series: str, form: str, names: tuple[str, ...]) -> Chart:
    scale = alt.Scale(domain=list(names), range=shades_of(names))
    tips = [
        alt.Tooltip(f"{series}:N"),
        alt.Tooltip(f"{x}:T", format="%b %Y"),
        alt.Tooltip(f"{y}:Q", format=",.2~f"),
    ]
    drawn = of().mark_line(strokeWidth=2, point={"size": 25})
    return made(
        drawn.encode(
            x=_time(x),
            y=alt.Y(f"{y}:Q", title=None, axis=_amounts(form)),
            color=alt.Color(f"{series}:N", title=None, scale=scale),
            tooltip=tips,
        )
    )


def band(known: Sequence[Row], expected: Sequence[Row], x: str, *, form: str = "~s") -> Chart | None:
    """What was (`known`: x, value) and what is expected, within its 80 and 95 % intervals."""
    if not expected:
        return None
    return filled(_band(x, form), _HEIGHT, known=data(known, x, "value"), expected=data(expected, x, *_EXPECTED))


_EXPECTED = ("expected", "low_80", "high_80", "low_95", "high_95")


@cache
def _band(x: str, form: str) -> Chart:
    ahead = of("expected").encode(x=_time(x))
    wide = alt.Y("low_95:Q", title=None, axis=_amounts(form))
    week = alt.Tooltip(f"{x}:T", title="week from", format="%d %b %Y")
    return made(
        alt.layer(
            ahead.mark_area(color=ACCENT, opacity=0.15).encode(y=wide, y2="high_95"),
            ahead.mark_area(color=ACCENT, opacity=0.25).encode(y="low_80:Q", y2="high_80"),
            ahead.mark_line(color=ACCENT, strokeDash=[5, 3]).encode(
                y="expected:Q", tooltip=[week, *(alt.Tooltip(f"{c}:Q", format=",.0f") for c in _EXPECTED)]
            ),
            of("known").encode(x=_time(x)).mark_line(color=ACCENT).encode(y="value:Q"),
        )
    )


def dots(rows: Sequence[Row]) -> Chart | None:
    """A dot for each event (`at`, `kind`, `title`), a line of them for each kind."""
    if not rows:
        return None
    height = len({row["kind"] for row in rows}) * 24 + 30
    return filled(_dots(), height, rows=data(rows, "at", "kind", "title"))


@cache
def _dots() -> Chart:
    drawn = of().mark_point(filled=True, color=ACCENT, size=55, opacity=0.6)
    return made(
        drawn.encode(
            x=_time("at"),
            y=alt.Y("kind:N", title=None, axis=names_beside(160)),
            tooltip=[alt.Tooltip("at:T", format="%d %b %Y"), "kind:N", "title:N"],
        )
    )


def _time(x: str) -> alt.X:
    return alt.X(f"{x}:T", title=None, axis=alt.Axis(format="%b %y", tickCount=6, grid=False, labelOverlap=True))


def _amounts(form: str) -> alt.Axis:
    return alt.Axis(labelExpr=f"format(datum.value, {form!r})", tickCount=4, domain=False, ticks=False)
