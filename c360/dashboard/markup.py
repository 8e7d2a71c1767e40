"""Blocks as HTML, the same for the dashboard and the report; whatever was delivered is text in it, never markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

from c360.dashboard import say
from c360.dashboard.blocks import Content, Figure, Grid, Numbers
from c360.dashboard.charts import Paper

_NUMERIC = re.compile(r"[+−]?[\d,.]+( (%|k|M|bn))?")

_LONG = 34
"""Letters of a cell that is not folded."""


def html_of(content: Content, remark: str = "", rows: int = 200) -> str:
    """A block without its chart.

    Args:
        content: what it shows.
        remark: what is to be said below it.
        rows: at most so many of a table.
    """
    aside = f'<p class="c360-remark">{escape(remark)}</p>' if remark else ""
    if isinstance(content, Numbers):
        tiles = "".join(
            f'<div class="c360-number"><div class="c360-name">{escape(n.name)}</div>'
            f'<div class="c360-text">{escape(n.text)}</div><div class="c360-remark">{escape(n.remark)}</div></div>'
            for n in content.numbers
        )
        many = " many" * (len(content.numbers) > 5)
        return f'<div class="c360-numbers{many}">{tiles}</div>{aside}'
    if isinstance(content, Grid):
        return _heading(content.says, content.unit) + _table(content, rows) + aside
    if isinstance(content, Figure):
        return _heading(content.says, content.unit) + aside
    return f'<p class="c360-remark">{escape(content.says)}</p>'


def pairs(values: dict[str, Any]) -> str:
    """Names and values, one below the other; what is unknown is left out."""
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(_cell(value))}</dd>" for name, value in values.items() if value is not None
    )
    return f'<dl class="c360-pairs">{lines}</dl>'


def style(paper: Paper) -> str:
    """The style sheet of blocks, with the colours of a page."""
    colours = f"--ink: {paper.ink}; --faint: {paper.faint}; --line: {paper.line};"
    return f"<style>:root {{ {colours} }}\n{sheet()}</style>"


def sheet() -> str:
    """The style sheet of blocks, without colours."""
    return resources.files("c360.dashboard").joinpath("report_page", "blocks.css").read_text("utf-8")


def _heading(says: str, unit: str) -> str:
    return f'<h3 class="c360-says">{escape(says)}</h3>' + (f'<p class="c360-unit">{escape(unit)}</p>' if unit else "")


def _table(grid: Grid, limit: int) -> str:
    rows: Sequence[Any] = grid.rows[:limit]
    cells = [[_cell(row.get(column)) for column in grid.columns] for row in rows]
    right = [
        any(isinstance(row.get(c), int | float) and not isinstance(row.get(c), bool) for row in rows)
        or (bool(cells) and all(_NUMERIC.fullmatch(line[i]) or line[i] == say.NOTHING for line in cells))
        for i, c in enumerate(grid.columns)
    ]
    head = "".join(
        f"<th{_classed(right[i], False)}>{escape(name)}</th>" for i, name in enumerate(grid.columns.values())
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{_classed(right[i], len(c) > _LONG)}>{escape(c)}</td>" for i, c in enumerate(line))
        + "</tr>"
        for line in cells
    )
    if not cells:
        return ""
    total = max(grid.total or 0, len(grid.rows))
    more = (
        f"<p class='c360-remark'>{say.number(len(cells))} of {say.number(total)} rows</p>" if total > len(cells) else ""
    )
    return (
        f'<div class="c360-scroll" tabindex="0"><table class="c360-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
    )


def _classed(right: bool, long: bool) -> str:
    names = " ".join(["right"] * right + ["long"] * long)
    return f' class="{names}"' if names else ""


def _cell(value: Any) -> str:
    if value is None:
        return say.NOTHING
    if isinstance(value, bool):
        return str(say.shown(value))
    if isinstance(value, int | float):
        return f"{value:,}"
    return str(say.shown(value))
