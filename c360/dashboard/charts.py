"""Rows → charts, one way of drawing for the dashboard and the report.

A chart has no colours of text and ground: `config` gives them, for a light or a dark page. One accent; what belongs
together is shades of it. Values stand beside their marks, so few axes are needed; a title is the page's affair, since a
chart cannot fold it on a narrow screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import altair as alt

from c360.dashboard.tables import Row

ACCENT = "#2f7fc1"

SHADES = {
    "Gold": "#2f7fc1",
    "Silver": "#8dbbe0",
    "Bronze": "#b9c3cc",
    "Guest": "#7d8791",
}
"""Tiers, strongest first."""

_QUIET = "#9aa5b0"
_ROW = 26
_HEIGHT = 240


def config(*, dark: bool) -> dict[str, Any]:
    """Vega-Lite's configuration for a light or a dark page."""
    ink, faint, line = ("#e6e9ec", "#a5aeb8", "#3a424c") if dark else ("#1f2933", "#5c6773", "#dfe4e8")
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"
    return {
        "background": "transparent",
        "font": font,
        "view": {"stroke": None},
        "text": {"color": ink, "fontSize": 12},
        "rule": {"color": faint},
        "axis": {
            "labelColor": faint,
            "titleColor": faint,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
        },
        "legend": {
            "labelColor": faint,
            "titleColor": faint,
            "labelFontSize": 12,
            "titleFontWeight": "normal",
            "orient": "top",
        },
        "header": {"labelColor": faint, "titleColor": faint},
    }


def data(rows: Iterable[Row]) -> alt.Data:
    """Rows as a chart holds them: days as ISO text."""
    plain = [{k: v.isoformat() if isinstance(v, date | datetime) else v for k, v in row.items()} for row in rows]
    return alt.Data(values=plain)


def bars(
    rows: Sequence[Row], label: str, value: str, *, text: str | None = None, strong: str | None = None
) -> alt.LayerChart | None:
    """A bar for each row, in their order, its value beside it.

    Args:
        rows: the bars.
        label: column with their names.
        value: column with their lengths.
        text: column with what stands beside them; without it, the value.
        strong: column that is true for bars in the accent; without it, all are.
    """
    if not rows:
        return None
    base = alt.Chart(data(rows)).encode(
        y=alt.Y(f"{label}:N", sort=None, title=None, axis=_names(220)),
        tooltip=[alt.Tooltip(f"{label}:N"), alt.Tooltip(f"{text or value}:{'N' if text else 'Q'}", title=value)],
    )
    colour = alt.value(ACCENT)
    if strong:
        colour = alt.condition(f"datum[{strong!r}]", alt.value(ACCENT), alt.value(_QUIET))
    low = min(0.0, *(row[value] or 0 for row in rows), 0.0)
    high = max(0.0, *(row[value] or 0 for row in rows), 0.0)
    room = alt.Scale(domain=[low - (high - low) * (0.18 if low < 0 else 0), high + (high - low or 1) * 0.28])
    x = alt.X(f"{value}:Q", axis=None, scale=room)
    bar = base.mark_bar(height={"band": 0.72}, cornerRadiusEnd=2).encode(x=x, color=colour)
    shown = alt.Text(f"{text}:N") if text else alt.Text(f"{value}:Q", format=",")
    right = base.transform_filter(f"datum[{value!r}] >= 0").mark_text(align="left", dx=5).encode(x=x, text=shown)
    left = base.transform_filter(f"datum[{value!r}] < 0").mark_text(align="right", dx=-5).encode(x=x, text=shown)
    return _sized((bar + right + left) if low < 0 else bar + right, len(rows) * _ROW + 8)


def line(rows: Sequence[Row], x: str, y: str, *, text: str, form: str = "~s") -> alt.LayerChart | None:
    """A line over months or days (ISO text in `x`), its last point named by the column `text`."""
    if not rows:
        return None
    base = alt.Chart(data(rows)).encode(
        x=_time(x),
        y=alt.Y(f"{y}:Q", title=None, axis=alt.Axis(format=form, tickCount=4, domain=False, ticks=False)),
        tooltip=[alt.Tooltip(f"{x}:T", title="month", format="%b %Y"), alt.Tooltip(f"{text}:N", title=y)],
    )
    last = alt.Chart(data(rows[-1:])).encode(x=_time(x), y=f"{y}:Q")
    drawn = base.mark_area(color=ACCENT, opacity=0.10) + base.mark_line(color=ACCENT, strokeWidth=2)
    drawn += base.mark_point(opacity=0, size=120)  # to be pointed at
    named = last.mark_text(align="right", dy=-12, fontWeight="bold").encode(text=f"{text}:N")
    return _sized(drawn + last.mark_point(color=ACCENT, filled=True, size=50) + named, _HEIGHT)


def lines(rows: Sequence[Row], x: str, y: str, series: str, *, form: str = "~s") -> alt.Chart | None:
    """A line for each of a few series, in shades of the accent, over months."""
    if not rows:
        return None
    names = list(dict.fromkeys(row[series] for row in rows))
    chart = (
        alt.Chart(data(rows))
        .mark_line(strokeWidth=2, point={"size": 25})
        .encode(
            x=_time(x),
            y=alt.Y(f"{y}:Q", title=None, axis=alt.Axis(format=form, tickCount=4, domain=False, ticks=False)),
            color=alt.Color(f"{series}:N", title=None, scale=alt.Scale(domain=names, range=_shades(names))),
            tooltip=[
                alt.Tooltip(f"{series}:N"),
                alt.Tooltip(f"{x}:T", format="%b %Y"),
                alt.Tooltip(f"{y}:Q", format=",.2~f"),
            ],
        )
    )
    return _sized(chart, _HEIGHT)


def shares(rows: Sequence[Row], label: str, series: str, value: str) -> alt.LayerChart | None:
    """For each label one bar, cut into the shares of the series; shares of 12 % and more are written in it.

    Args:
        rows: one per label and series, in the order of the bars; `value` in percent.
        label: column with the bars' names.
        series: column with what they are cut into.
        value: column with the shares.
    """
    if not rows:
        return None
    names = [name for name in SHADES if any(row[series] == name for row in rows)]
    names += [n for n in dict.fromkeys(row[series] for row in rows) if n not in names]
    numbered = [row | {"place": names.index(row[series])} for row in rows]
    base = alt.Chart(data(numbered)).encode(
        y=alt.Y(f"{label}:N", sort=None, title=None, axis=_names(180)), order=alt.Order("place:Q")
    )
    x = alt.X(f"{value}:Q", stack="zero", axis=None, scale=alt.Scale(domain=[0, 100]))
    colour = alt.Color(f"{series}:N", title=None, scale=alt.Scale(domain=names, range=_shades(names)))
    bar = base.mark_bar(height={"band": 0.78}).encode(
        x=x,
        color=colour,
        tooltip=[alt.Tooltip(f"{label}:N"), alt.Tooltip(f"{series}:N"), alt.Tooltip(f"{value}:Q", format=".1f")],
    )
    written = base.mark_text().encode(
        x=alt.X(f"{value}:Q", stack="zero", bandPosition=0.5),
        text=alt.condition(f"datum[{value!r}] >= 12", alt.Text(f"{value}:Q", format=".0f"), alt.value("")),
        color=alt.condition(f"datum[{series!r}] == {names[0]!r}", alt.value("white"), alt.value("#17212b")),
        detail=f"{series}:N",
    )
    return _sized(bar + written, len({row[label] for row in rows}) * _ROW + 36)


def heat(
    rows: Sequence[Row],
    x: str,
    y: str,
    value: str,
    *,
    text: str | None = None,
    x_title: str | None = None,
    y_title: str | None = None,
    tip: str | None = None,
) -> alt.LayerChart | None:
    """A field of cells, the darker the higher; `text` is the column written into them."""
    if not rows:
        return None
    top = max(row[value] or 0 for row in rows) or 1
    tips = [alt.Tooltip(f"{c}:N") for c in (y, x, value, *([tip] if tip else []))]
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            f"{x}:N", sort=None, title=x_title, axis=alt.Axis(labelAngle=0, labelOverlap=True, domain=False, ticks=False)
        ),
        y=alt.Y(f"{y}:N", sort=None, title=y_title, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=tips,
    )
    colour = alt.Color(f"{value}:Q", legend=None, scale=alt.Scale(domain=[0, top], range=["#dfeaf4", "#1f5f96"]))
    cells = base.mark_rect(cornerRadius=2).encode(color=colour)
    drawn = cells
    if text:
        light = alt.condition(f"datum[{value!r}] > {top * 0.55}", alt.value("white"), alt.value("#17212b"))
        drawn = cells + base.mark_text(fontSize=11).encode(text=f"{text}:N", color=light)
    return _sized(alt.layer(drawn), len({row[y] for row in rows}) * 28 + 40)


def band(
    known: Sequence[Row], expected: Sequence[Row], x: str, *, form: str = "~s"
) -> alt.LayerChart | None:
    """What was (`known`: x, value) and what is expected, within its 80 and 95 % intervals."""
    if not expected:
        return None
    ahead = alt.Chart(data(expected)).encode(x=_time(x))
    axis = alt.Axis(format=form, tickCount=4, domain=False, ticks=False)
    wide = ahead.mark_area(color=ACCENT, opacity=0.15).encode(y=alt.Y("low_95:Q", title=None, axis=axis), y2="high_95")
    narrow = ahead.mark_area(color=ACCENT, opacity=0.25).encode(y="low_80:Q", y2="high_80")
    middle = ahead.mark_line(color=ACCENT, strokeDash=[5, 3]).encode(
        y="expected:Q",
        tooltip=[alt.Tooltip(f"{x}:T", title="week from", format="%d %b %Y")]
        + [alt.Tooltip(f"{c}:Q", format=",.0f") for c in ("expected", "low_80", "high_80", "low_95", "high_95")],
    )
    before = alt.Chart(data(known)).encode(x=_time(x)).mark_line(color=ACCENT).encode(y="value:Q")
    return _sized(wide + narrow + middle + before, _HEIGHT)


def graph(nodes: Sequence[Row], edges: Sequence[Row]) -> alt.LayerChart | None:
    """Tables (`name`, `x`, `y`, `strong`) and arrows between them (`x`, `y`, `x2`, `y2`), left to right."""
    if not nodes:
        return None
    across, down = (max(node[axis] for node in nodes) for axis in ("x", "y"))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.1, across + 0.9]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[down + 0.6, -0.6]))
    arrows = alt.Chart(data(edges)).mark_rule(opacity=0.45).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    dots = alt.Chart(data(nodes)).encode(x=x, y=y)
    points = dots.mark_point(filled=True, size=60, opacity=1).encode(
        color=alt.condition("datum.strong", alt.value(ACCENT), alt.value(_QUIET))
    )
    names = dots.mark_text(align="left", dx=8, fontSize=11).encode(text="name:N", tooltip=["name:N", "says:N"])
    return _sized(alt.layer(*([arrows] if edges else []), points, names), max(120, int(down + 1) * 24))


def _time(x: str) -> alt.X:
    return alt.X(f"{x}:T", title=None, axis=alt.Axis(format="%b %y", tickCount=6, grid=False, labelOverlap=True))


def _names(limit: int) -> alt.Axis:
    return alt.Axis(labelLimit=limit, domain=False, ticks=False, labelPadding=6)


def _shades(names: Sequence[str]) -> list[str]:
    rest = iter(["#2f7fc1", "#8dbbe0", "#b9c3cc", "#7d8791", "#1d4e79", "#c9dcee", "#566069"] * 3)
    return [SHADES[name] if name in SHADES else next(rest) for name in names]


def _sized(chart: Any, height: int) -> Any:
    return chart.properties(width="container", height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
