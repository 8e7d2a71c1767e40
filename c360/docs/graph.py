"""Lineage drawn: tables as boxes in the order they are made, left to right, and what is made of what as curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from c360.docs.html import Html, element
from c360.docs.model import Table, layer_of

BOX, GAP, ROW, MARGIN = 236, 56, 24, 8
"""Pixels: width of a box, between two columns of them, from one box to the next below, around the whole."""

COLUMNS = (("bronze",), ("silver", "quarantine"), ("unified",), ("gold",))
"""The layers from left to right; each takes as many columns as its tables are made from one another."""

_SWEEPS = 6
"""Times the columns are put in order by their neighbours; the number of crossings hardly falls after that."""

_LONGEST = 33
"""Characters of a name that fit into a box."""


def edges(tables: Iterable[Table]) -> list[tuple[str, str]]:
    """(input, table made from it), of the tables given."""
    known = {table.name: table for table in tables}
    return [(name, table.name) for table in known.values() for name in table.inputs if name in known]


def arrange(tables: Sequence[Table]) -> list[list[str]]:
    """The tables column by column, each right of all it is made from; tables of `ops` are left out.

    Rows follow the mean row of a table's neighbours, so that few curves cross.
    """
    depth = _depths(tables)
    columns = [sorted(name for name in depth if depth[name] == place) for place in sorted(set(depth.values()))]
    links = edges(tables)
    before, after = _neighbours((b, a) for a, b in links), _neighbours(links)
    for sweep in range(_SWEEPS):
        beside, order = (after, reversed(columns)) if sweep % 2 else (before, iter(columns))
        for column in order:
            rows = {name: row / len(names) for names in columns for row, name in enumerate(names)}
            column.sort(key=lambda name: (_mean([rows[n] for n in beside.get(name, ())], rows[name]), name))
    return columns


def drawn(
    columns: Sequence[Sequence[str]], links: Iterable[tuple[str, str]], title: str, focus: str | None = None
) -> Html:
    """Tables and what is made of what as inline SVG; each box leads to its table's section.

    Args:
        columns: the tables from left to right, and in each column from the top.
        links: (input, table made from it), between tables that are there.
        title: what a screen reader says of the picture.
        focus: the table it is about.
    """
    rows = max(map(len, columns), default=0)
    places = {
        name: (MARGIN + x * (BOX + GAP), MARGIN + (rows - len(column)) * ROW / 2 + y * ROW)
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    width, height = 2 * MARGIN + len(columns) * (BOX + GAP) - GAP, 2 * MARGIN + rows * ROW
    return element(
        "svg",
        element("title", title),
        element("g", [_curve(a, b, places) for a, b in links], class_="curves"),
        element("g", [_box(name, x, y, name == focus) for name, (x, y) in places.items()]),
        view_box=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="lineage",
    )


def _depths(tables: Sequence[Table]) -> dict[str, int]:
    """Table → its column: right of all its inputs, and of every table of an earlier layer."""
    known, depth, first = {table.name: table for table in tables}, dict[str, int](), 0
    for layers in COLUMNS:
        inside = {name: table for name, table in known.items() if layer_of(name) in layers}
        depth |= {name: first + _height(name, inside) for name in inside}
        first = max((depth[name] + 1 for name in inside), default=first)
    return depth


def _height(name: str, inside: Mapping[str, Table]) -> int:
    return max((_height(needed, inside) + 1 for needed in inside[name].inputs if needed in inside), default=0)


def _neighbours(links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in links:
        found.setdefault(one, []).append(other)
    return found


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _curve(start: str, end: str, places: Mapping[str, tuple[float, float]]) -> Html:
    (x0, y0), (x1, y1) = places[start], places[end]
    x0, y0, y1 = x0 + BOX, y0 + ROW / 2 - 2, y1 + ROW / 2 - 2
    bend = (x1 - x0) / 2
    path = f"M{x0:g},{y0:g}C{x0 + bend:g},{y0:g} {x1 - bend:g},{y1:g} {x1:g},{y1:g}"
    return element("path", d=path, data_from=start, data_to=end)


def _box(name: str, x: float, y: float, is_focus: bool) -> Html:
    return element(
        "a",
        element("title", name),
        element("rect", x=f"{x:g}", y=f"{y:g}", width=BOX, height=ROW - 4, rx=4),
        element("text", name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…", x=f"{x + 8:g}", y=f"{y + 14:g}"),
        href=f"#{name}",
        class_=f"{layer_of(name)} focus" if is_focus else layer_of(name),
        data_name=name,
    )
