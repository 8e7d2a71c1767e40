"""The frame of the dashboard: who may see it, the menu, the slicers, and the eye on new versions of the lake."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from c360.dashboard import desk, say
from c360.dashboard.blocks import Page
from c360.dashboard.draw import draw_page, paper, said_of
from c360.dashboard.markup import style
from c360.dashboard.pages import PAGES
from c360.dashboard.serving import Served, served
from c360.dashboard.slicers import ALL_TIME, NAMES, Choices, Slicers, as_of, choices
from c360.dashboard.tables import Tables
from c360.errors import C360Error

LOOKS_EVERY = 5.0
"""Seconds between two looks for new versions."""

_LABELS = {
    "period": "Period",
    "source": "Source",
    "store": "Store",
    "category": "Category",
    "tier": "Customer tier",
    "segment": "Segment",
}

_MARGINS = """<style>
.stMainBlockContainer { padding-top: 3.6rem; padding-bottom: 4rem; max-width: 1280px; }
.stMainBlockContainer h1 { font-size: 1.7rem; line-height: 1.4; padding: 0.4rem 0 0; }
@media (max-width: 640px) { .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; } }
</style>"""


def draw() -> None:
    """The page a reader asks for."""
    what = served()
    st.set_page_config(page_title="c360", layout="wide")
    st.html(style(paper()) + _MARGINS)
    if not _may_see(what):
        return
    pages = [*PAGES[:-1], desk.PERSON, PAGES[-1]]
    by_name = {page.name: page for page in pages}
    menu = st.navigation(
        [st.Page(_drawn_by_menu, title=page.title, url_path=page.name, default=page is pages[0]) for page in pages],
        expanded=True,
    )
    page = by_name[menu.url_path or pages[0].name]
    menu.run()
    try:
        offered = choices(what.tables)
    except C360Error as problem:
        st.title(page.title, anchor=False)
        st.info(say.plain(str(problem)))
    except Exception as problem:
        st.error(say.plain(said_of(problem)))
    else:
        slicers = _slicers(page, offered)
        _body(page, what, slicers, offered)
    _watch(what.tables)


def _drawn_by_menu() -> None:
    """Nothing: `draw` draws all pages, below slicers that all of them share."""


def _body(page: Page, what: Served, slicers: Slicers, offered: Choices) -> None:
    chosen = slicers.chosen().items()
    said = " · ".join(f"{_LABELS[name]}: {_named(name, value, slicers, offered)}" for name, value in chosen)
    draw_page(page, what.tables, slicers, said)
    extra: dict[str, Callable[..., None]] = {
        "sales": desk.draw_what_if,
        "marketing": desk.draw_export,
        "data": desk.draw_data,
        "customer": desk.draw_person,
    }
    if page.name in extra:
        try:
            extra[page.name](what, slicers)
        except C360Error as problem:
            st.info(say.plain(str(problem)))
        except Exception as problem:
            st.error(say.plain(said_of(problem)))
    st.caption(f"As of {say.day(as_of(what.tables))}. " + ("" if what.show_pii else "Who people are is covered."))


def _named(name: str, value: str, slicers: Slicers, offered: Choices) -> str:
    return str(say.shown(", ".join(offered.stores[s] for s in slicers.store) if name == "store" else value))


def _slicers(page: Page, offered: Choices) -> Slicers:
    """The slicers in the side bar; what was chosen stays as the reader goes from page to page."""
    options: dict[str, list[str]] = {
        "period": list(offered.periods),
        "source": list(offered.sources),
        "store": list(offered.stores),
        "category": list(offered.categories),
        "tier": list(offered.tiers),
        "segment": list(offered.segments),
    }
    chosen: dict[str, Any] = {}
    for name in NAMES:
        key, idle = f"slicer_{name}", name not in page.by
        help_text = "Does not count on this page" if idle else None
        if name == "period":
            known = st.session_state.get(key) in options[name]
            st.session_state[key] = st.session_state[key] if known else ALL_TIME
            period = st.sidebar.selectbox(_LABELS[name], options[name], key=key, disabled=idle, help=help_text)
            chosen[name] = offered.periods[period]
        else:
            # Said again in every run: a widget that was not drawn, or drawn disabled, would forget it.
            st.session_state[key] = [value for value in st.session_state.get(key, []) if value in options[name]]
            picked = st.sidebar.multiselect(
                _LABELS[name],
                options[name],
                key=key,
                disabled=idle,
                help=help_text,
                placeholder="Does not count here" if idle else "All",
                format_func=lambda value, n=name: str(say.shown(offered.stores[value] if n == "store" else value)),
            )
            chosen[name] = tuple(picked)
    st.sidebar.button("See everything", on_click=_reset, width="stretch")
    everything = Slicers(**chosen)
    idle_names = [name for name in NAMES if name not in page.by]
    nothing = Slicers()
    return replace(everything, **{name: getattr(nothing, name) for name in idle_names})


def _reset() -> None:
    for name in NAMES:
        st.session_state[f"slicer_{name}"] = ALL_TIME if name == "period" else []


def _may_see(what: Served) -> bool:
    """Whether this reader knows the token, if there is one; asks for it."""
    if not what.token or st.session_state.get("may_see"):
        return True
    st.title("c360", anchor=False)
    with st.form("token"):
        said = st.text_input("Token", type="password", autocomplete="off")
        if st.form_submit_button("Open"):
            if hmac.compare_digest(said.encode(), what.token.encode()):
                st.session_state["may_see"] = True
                st.rerun()
            time.sleep(1)  # so that nobody tries many
            st.error("This is not the token; whoever started the dashboard has it.")
    return False


def _watch(tables: Tables) -> None:
    """Look for new versions now and then; draw again when there are, and no more are coming."""
    st.session_state["drawn_of"] = st.session_state["seen_of"] = tables.signature()
    _look(tables)


@st.fragment(run_every=LOOKS_EVERY)
def _look(tables: Tables) -> None:
    now = tables.signature()
    calm = now == st.session_state.get("seen_of")  # a run makes one table after the other
    st.session_state["seen_of"] = now
    if calm and now != st.session_state.get("drawn_of"):
        st.rerun()
