"""Blocks, drawn by Streamlit."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from html import escape

import streamlit as st

from c360.dashboard import charts
from c360.dashboard.blocks import Block, Content, Figure, Missing, Page
from c360.dashboard.charts import DARK, LIGHT, Paper
from c360.dashboard.markup import html_of
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Tables
from c360.errors import C360Error


def paper() -> Paper:
    """The colours of the reader's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def draw_page(page: Page, tables: Tables, slicers: Slicers, chosen: str) -> None:
    """A page's blocks, two in a row where they are not wide; below the title what was chosen."""
    st.title(page.title, anchor=False)
    st.html(f'<p class="c360-unit">{escape(page.asks)}.</p><p class="c360-unit c360-chosen">{escape(chosen)}</p>')
    waiting: list[Block] = []
    for block in page.blocks:
        if block.wide:
            _draw_row(waiting, page, tables, slicers)
            waiting = []
            draw_block(block, page, tables, slicers)
        else:
            waiting.append(block)
            if len(waiting) == 2:
                _draw_row(waiting, page, tables, slicers)
                waiting = []
    _draw_row(waiting, page, tables, slicers)


def _draw_row(blocks: Sequence[Block], page: Page, tables: Tables, slicers: Slicers) -> None:
    if not blocks:
        return
    for column, block in zip(st.columns(2, gap="large"), blocks, strict=False):
        with column:
            draw_block(block, page, tables, slicers)


def draw_block(block: Block, page: Page, tables: Tables, slicers: Slicers) -> None:
    """One block, or the sentence that says why there is nothing to see."""
    content = _built(block, tables, slicers)
    with st.container(key=f"block-{page.name}-{block.name}"):
        draw_content(content, block.unheeded(slicers))


def draw_content(content: Content, remark: str = "") -> None:
    """What a block shows, and a remark on it."""
    st.html(html_of(content, remark))
    if isinstance(content, Figure) and content.chart is not None:
        st.vega_lite_chart({**content.chart, "config": charts.config(paper())}, theme=None, width="stretch")


def _built(block: Block, tables: Tables, slicers: Slicers) -> Content:
    try:
        return block.build(tables, slicers)
    except C360Error as problem:
        return Missing(str(problem))
    except Exception as problem:
        return Missing(said_of(problem))


def said_of(problem: Exception) -> str:
    """A sentence for the reader; the trace is for the terminal where the dashboard was started."""
    traceback.print_exception(problem, file=sys.stderr)
    first = str(problem).strip().splitlines() or [""]
    return (
        f"This could not be shown ({type(problem).__name__}: {first[0][:200]}); the dashboard's terminal has the trace"
    )
