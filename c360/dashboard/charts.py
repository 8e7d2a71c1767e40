"""Rows → charts, one way of drawing for the dashboard and the report.

A chart has no colours of text and ground: `config` gives them, for a light or a dark page. One accent; what belongs
together is shades of it. Values stand beside their marks, so few axes are needed; a title is the page's affair, since a
chart cannot fold it on a narrow screen.

What Altair makes of a kind of chart is kept, and the rows are laid into a copy of it: to make one takes Altair 50 ms,
and a report has a thousand. `altair.Chart.from_dict` takes a chart back, say in a notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import altair as alt

from c360.dashboard.tables import Row

Chart: TypeAlias = dict[str, Any]
"""A Vega-Lite specification, rows and all."""

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


class Paper(NamedTuple):
    """Colours of what is written, what is written aside, and thin lines."""

    ink: str
    faint: str
    line: str


LIGHT = Paper("#1f2933", "#5c6773", "#dfe4e8")
DARK = Paper("#e6e9ec", "#a5aeb8", "#3a424c")
CSS = Paper("var(--ink)", "var(--faint)", "var(--line)")
"""For a page whose style sheet says it, also while it is being printed."""


def config(paper: Paper) -> dict[str, Any]:
    """Vega-Lite's configuration for a page."""
    ink, faint, line = paper
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


def bars(
    rows: Sequence[Row], label: str, value: str, *, text: str | None = None, strong: str | None = None
) -> Chart | None:
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
    lengths = [float(row[value] or 0) for row in rows]
    letters = max(len(str(row[text]) if text else f"{row[value]:,}") for row in rows)
    has_less, has_more = any(length < 0 for length in lengths), any(length >= 0 for length in lengths)
    chart = _bars(label, value, text, strong, has_less, has_more)
    numbers = {"low": min(0.0, *lengths), "high": max(0.0, *lengths), "beside": 7 * letters + 12}
    return filled(chart, len(rows) * _ROW + 8, numbers, rows=data(rows, label, value, text, strong))


@cache
def _bars(label: str, value: str, text: str | None, strong: str | None, has_less: bool, has_more: bool) -> Chart:
    """Bars whose scale leaves room for the texts (`beside`, in pixels), however wide the page is."""
    base = of().encode(
        y=alt.Y(f"{label}:N", sort=None, title=None, axis=names_beside(220)),
        tooltip=[alt.Tooltip(f"{label}:N"), alt.Tooltip(f"{text or value}:{'N' if text else 'Q'}", title=value)],
    )
    sides = 2 if has_less else 1
    free = f"(high - low || 1) / max(0.2, 1 - {sides} * beside / width) * beside / width"
    lowest: Any = alt.ExprRef(f"low - {free}") if has_less else 0
    scale = alt.Scale(domainMax=alt.ExprRef(f"high + {free}"), domainMin=lowest, nice=False)
    x = alt.X(f"{value}:Q", axis=None, scale=scale)
    bar = base.mark_bar(height={"band": 0.72}, cornerRadiusEnd=2, color=ACCENT).encode(x=x)
    if strong:
        bar = bar.encode(color=alt.condition(f"datum[{strong!r}]", alt.value(ACCENT), alt.value(_QUIET)))
    shown = alt.Text(f"{text}:N") if text else alt.Text(f"{value}:Q", format=",")
    layers = [bar]
    if has_more:
        right = base.transform_filter(f"datum[{value!r}] >= 0").mark_text(align="left", dx=5)
        layers.append(right.encode(x=x, text=shown))
    if has_less:
        left = base.transform_filter(f"datum[{value!r}] < 0").mark_text(align="right", dx=-5)
        layers.append(left.encode(x=x, text=shown))
    return made(alt.layer(*layers))


def shares(rows: Sequence[Row], label: str, series: str, value: str) -> Chart | None:
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
    height = len({row[label] for row in rows}) * _ROW + 36
    chart = _shares(label, series, value, tuple(names))
    return filled(chart, height, rows=data(numbered, label, series, value, "place"))


@cache
def _shares(label: str, series: str, value: str, names: tuple[str, ...]) -> Chart:
    base = of().encode(y=alt.Y(f"{label}:N", sort=None, title=None, axis=names_beside(180)), order=alt.Order("place:Q"))
    x = alt.X(f"{value}:Q", stack="zero", axis=None, scale=alt.Scale(domain=[0, 100]))
    colour = alt.Color(f"{series}:N", title=None, scale=alt.Scale(domain=list(names), range=shades_of(names)))
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
    return made(bar + written)


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
) -> Chart | None:
    """A field of cells, the darker the higher; `text` is the column written into them."""
    if not rows:
        return None
    height = len({row[y] for row in rows}) * 28 + 40
    top = {"top": max(row[value] or 0 for row in rows) or 1}
    return filled(_heat(x, y, value, text, x_title, y_title, tip), height, top, rows=data(rows, x, y, value, text, tip))


@cache
def _heat(
    x: str, y: str, value: str, text: str | None, x_title: str | None, y_title: str | None, tip: str | None
) -> Chart:
    across = alt.Axis(labelAngle=0, labelOverlap=True, domain=False, ticks=False)
    base = of().encode(
        x=alt.X(f"{x}:N", sort=None, title=x_title, axis=across),
        y=alt.Y(f"{y}:N", sort=None, title=y_title, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[alt.Tooltip(f"{c}:N") for c in (y, x, value, *([tip] if tip else []))],
    )
    scale = alt.Scale(domainMin=0, domainMax=alt.ExprRef("top"), range=["#dfeaf4", "#1f5f96"])
    layers = [base.mark_rect(cornerRadius=2).encode(color=alt.Color(f"{value}:Q", legend=None, scale=scale))]
    if text:
        light = alt.condition(f"datum[{value!r}] > top * 0.55", alt.value("white"), alt.value("#17212b"))
        layers.append(base.mark_text(fontSize=11).encode(text=f"{text}:N", color=light))
    return made(alt.layer(*layers))


def graph(nodes: Sequence[Row], edges: Sequence[Row]) -> Chart | None:
    """Tables (`name`, `x`, `y`, `strong`, `says`) in three columns, lines between them (`x`, `y`, `x2`, `y2`)."""
    if not nodes:
        return None
    down = max(node["y"] for node in nodes)
    named = {"nodes": data(nodes)} | ({"edges": data(edges)} if edges else {})
    return filled(_graph(bool(edges)), max(120, int(down + 1) * 24), {"down": down}, **named)


@cache
def _graph(has_edges: bool) -> Chart:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.05, 2.95]))
    falling = alt.Scale(domainMin=-0.6, domainMax=alt.ExprRef("down + 0.6"), reverse=True, zero=False, nice=False)
    y = alt.Y("y:Q", axis=None, scale=falling)
    dots = of("nodes").encode(x=x, y=y)
    points = dots.mark_point(filled=True, size=60, opacity=1).encode(
        color=alt.condition("datum.strong", alt.value(ACCENT), alt.value(_QUIET))
    )
    room = alt.ExprRef("width / 3 - 16")
    names = dots.mark_text(align="left", dx=8, fontSize=11, limit=room).encode(
        text="name:N", tooltip=["name:N", "says:N"]
    )
    lines = [of("edges").mark_rule(opacity=0.45).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")] if has_edges else []
    return made(alt.layer(*lines, points, names))


def data(rows: Iterable[Row], *columns: str | None) -> list[Row]:
    """The columns of rows that a chart needs, all if none are named; days as ISO text."""
    kept = [{c: row[c] for c in columns if c} if columns else row for row in rows]
    return [{c: v.isoformat() if isinstance(v, date | datetime) else v for c, v in row.items()} for row in kept]


def of(name: str = "rows") -> alt.Chart:
    """A chart of the rows that `filled` gives this name."""
    return alt.Chart(alt.NamedData(name=name))


def made(chart: Any) -> Chart:
    """A chart without rows, as wide as its page."""
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    spec: Chart = chart.properties(width="container", autosize=fit).to_dict(validate=False)
    del spec["$schema"], spec["config"]
    return spec


def filled(chart: Chart, height: int, numbers: dict[str, float] | None = None, **rows: list[Row]) -> Chart:
    """The chart, this high (pixels), with its rows and the numbers its expressions name."""
    params = [{"name": name, "value": value} for name, value in (numbers or {}).items()]
    return {**chart, "height": height, "datasets": rows} | ({"params": params} if params else {})


def names_beside(limit: int) -> alt.Axis:
    """Names beside bars; cut on a narrow screen, where the tooltip has all of them."""
    room = alt.ExprRef(f"windowSize()[0] < 500 ? {limit * 0.6:.0f} : {limit}")
    return alt.Axis(labelLimit=room, domain=False, ticks=False, labelPadding=6)


def shades_of(names: Sequence[str]) -> list[str]:
    """A shade for each name; tiers have their own."""
    rest = iter(["#2f7fc1", "#8dbbe0", "#b9c3cc", "#7d8791", "#1d4e79", "#c9dcee", "#566069"] * 3)
    return [SHADES[name] if name in SHADES else next(rest) for name in names]
