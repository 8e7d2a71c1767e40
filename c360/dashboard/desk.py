"""What only the dashboard can do: a what-if, an export, a look at one person, at rejected rows, at lineage."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st
from rich.console import Console

from c360.dashboard import charts, curves, lineage, person, say
from c360.dashboard.blocks import Figure, Grid, Number, Numbers, Page
from c360.dashboard.draw import draw_content
from c360.dashboard.markup import pairs
from c360.dashboard.pages import marketing
from c360.dashboard.pages.sales import base_of, what_if
from c360.dashboard.privacy import cover, covered, personal
from c360.dashboard.serving import Served
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row
from c360.errors import C360Error

PERSON = Page("customer", "Customer", "One person: who they are, what happened, and the records behind it")

_REJECTED = 200


def draw_what_if(what: Served, slicers: Slicers) -> None:
    """Sliders for price, discount and units, and what would come of them."""
    base = base_of(what.tables, slicers)
    st.subheader("What if", anchor=False)
    if not base.gross:
        st.caption("No product with a known cost was sold here; without it there is no margin to reckon with.")
        return
    left, middle, right = st.columns(3, gap="large")
    price = left.slider("List price, change in %", -30, 30, 0, key="what_if_price")
    discount = middle.slider("Discount, change in points of gross", -20, 40, 0, key="what_if_discount")
    units = right.slider("Units sold, change in %", -50, 100, 0, key="what_if_units")
    now, then = what_if(base, price=0, discount=0, units=0), what_if(base, price=price, discount=discount, units=units)
    money = what.tables.currency
    even = "no number of units would do" if then.break_even_units is None else "for the margin to stay as it is"
    with st.container(key="what-if-outcome"):
        draw_content(
            Numbers(
                [
                    Number(
                        "Revenue then",
                        say.amount(then.revenue, money),
                        f"{_moved(then.revenue, now.revenue)} of {say.amount(now.revenue)}",
                    ),
                    Number(
                        "Margin then",
                        say.amount(then.margin, money),
                        f"{_moved(then.margin, now.margin)} of {say.amount(now.margin)}",
                    ),
                    Number("Units needed", say.change(then.break_even_units), even),
                ]
            ),
            "Reckoned, not forecast, by period, source and category, of products whose cost is known: how many units "
            "another price would sell is for you to say.",
        )


def _moved(then: float, now: float) -> str:
    return say.change(100 * (then - now) / abs(now) if now else None)


def draw_export(what: Served, slicers: Slicers) -> None:
    """A button that makes the file of an audience, as `c360 audience` does."""
    names = [row["audience"] for row in marketing.audiences(what.tables)]
    st.subheader("Export an audience", anchor=False)
    if not names:
        st.caption("conf/audiences.yml declares no audience.")
        return
    name = st.selectbox("Audience", names, key="export_audience")
    hashed = st.toggle(
        "E-mail and phone hashed, as ad platforms take them",
        value=not what.show_pii,
        disabled=not what.show_pii,
        key="export_hashed",
        help=None if what.show_pii else "Who people are is covered; `--show-pii` lets it into the file",
    )
    if st.button("Make the file", key="export_make"):
        st.session_state["export"] = (name, hashed, *_exported(what, name, hashed))
    made = st.session_state.get("export")
    if made and made[:2] == (name, hashed):
        _, _, said, data = made
        st.text(said)
        if data is not None:
            st.download_button("Save", data, file_name=f"{name}.csv", mime="text/csv", key="export_save")


def _exported(what: Served, name: str, hashed: bool) -> tuple[str, bytes | None]:
    """What is said of the export, and the file; None where there is none."""
    from c360.audiences.export import export
    from c360.commands import config_of

    text = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="c360-") as folder:
        out = Path(folder, f"{name}.csv")
        try:
            export(config_of(what.conf), what.tables.lake.root, name, out, Console(file=text, width=160), hashed=hashed)
        except C360Error as problem:
            return str(problem), None
        return text.getvalue().replace(f" in {out}", ""), out.read_bytes()


def draw_person(what: Served, slicers: Slicers) -> None:
    """A search, and the person found: picture, timeline, records."""
    text = st.text_input("Name, e-mail, phone or id", key="who", max_chars=200)
    if not text.strip():
        st.caption("A part of the name is enough; e-mail, phone and ids are to be whole.")
        return
    found = person.search(what.tables, text)
    if not found:
        st.info("Nobody is known by this; a part of the name is enough, e-mail, phone and ids are to be whole.")
        return
    chosen = found[0]["c360_id"]
    if len(found) > 1:
        hidden = frozenset() if what.show_pii else personal(what.tables.lake, "gold.customer_360")
        labels = {row["c360_id"]: _label(cover(row, hidden)) for row in found}
        total = found[0]["total"]
        meant = f"{say.number(total)} people are meant" + (f"; the first {len(found)}" if total > len(found) else "")
        chosen = st.selectbox(meant, list(labels), format_func=lambda c360_id: labels[c360_id], key="found")
    _draw_picture(what, chosen)


def _label(row: Row) -> str:
    parts = [row["full_name"] or row["c360_id"], row["email"], row["city"], row["tier"], say.amount(row["revenue"])]
    return " · ".join(str(say.shown(part))[:60] for part in parts if part)


def _draw_picture(what: Served, c360_id: str) -> None:
    tables = what.tables
    hidden = frozenset() if what.show_pii else personal(tables.lake, "gold.customer_360")
    row = cover(person.picture(tables, c360_id), hidden)
    with st.container(key="person"):
        st.html(f"<h2 class='c360-text'>{_text(row['full_name'] or c360_id)}</h2>")
        draw_content(
            Numbers(
                [
                    Number(
                        "Revenue",
                        say.amount(row["revenue"], tables.currency),
                        f"{say.number(row['revenue_orders'])} orders",
                    ),
                    Number("Tier", say.shown(row["tier"]) or say.NOTHING, say.shown(row["rfm_segment"]) or ""),
                    Number(
                        "Last purchase",
                        say.shown(row["last_purchased_at"]) or say.NOTHING,
                        f"{say.number(row['recency_days'])} days before",
                    ),
                    Number("Lifetime value", say.amount(row.get("clv")), say.shown(row.get("churn_status")) or ""),
                ]
            )
        )
        for column, (title, names) in zip([*st.columns(2), *st.columns(2)], person.CARD.items(), strict=True):
            with column:
                st.html(f'<h3 class="c360-says">{title}</h3>{pairs({n.replace("_", " "): row.get(n) for n in names})}')
    _draw_timeline(what, c360_id)
    st.subheader("Records behind it", anchor=False)
    with st.container(key="records"):
        for record in person.records(tables, c360_id):
            score = "" if record["score"] is None else f", link {record['score']:.2f}"
            found = person.source_rows(tables.lake, record["source"], record["customer_id"], show_pii=what.show_pii)
            with st.expander(say.plain(f"{record['source']}: {record['customer_id']}{score}"), expanded=True):
                for name, rows in found.items():
                    for one in rows:
                        st.html(f'<h3 class="c360-says">{_text(name)}</h3>{pairs(one)}')
                if not found:
                    st.caption("No table of this source has the record any more.")


def _draw_timeline(what: Served, c360_id: str) -> None:
    rows = person.timeline(what.tables, c360_id)
    if not rows:
        st.caption("Nothing happened with this person yet.")
        return
    hidden = frozenset() if what.show_pii else personal(what.tables.lake, "gold.customer_events")
    shown = [
        {
            "at": say.moment(r["occurred_at"]),
            "what": say.shown(r["title"]),
            "more": say.shown(
                r["description"]
                if "description" not in hidden or _is_plain(r)
                else covered("description", r["description"])
            ),
            "amount": say.amount(r["amount"]) if r["amount"] is not None else "",
            "source": r["source"],
        }
        for r in rows
    ]
    dots = [
        {"at": r["occurred_at"], "kind": r["event_type"], "title": say.shown(r["title"])}
        for r in rows
        if r["occurred_at"]
    ]
    kinds = len({r["event_type"] for r in rows})
    of_kinds = f"{say.counted(rows[0]['total'], 'event')} of {say.counted(kinds, 'kind')}"
    says = f"{of_kinds}; the last on {say.moment(rows[0]['occurred_at'])}"
    with st.container(key="timeline"):
        draw_content(Figure(says, curves.dots(dots), "every event known, in UTC"))
        columns = {"at": "When", "what": "What", "more": "More", "amount": "Amount", "source": "Source"}
        draw_content(Grid("The timeline, the newest first", columns, shown, total=rows[0]["total"]))


def _is_plain(row: Row) -> bool:
    """Whether the description says nothing that the person wrote."""
    return row["event_type"] not in ("review", "return")


def draw_data(what: Served, slicers: Slicers) -> None:
    """Rejected rows of a table, and where a table comes from."""
    lake = what.tables.lake
    st.subheader("Quarantine", anchor=False)
    names = [n for n in lake.names() if n.startswith("quarantine_") and lake.count(n)]
    if names:
        name = st.selectbox("Table", names, key="quarantine_table", format_func=lambda n: n.removeprefix("quarantine_"))
        rows: list[dict[str, Any]] = person.rejected(lake, name, _REJECTED, show_pii=what.show_pii)
        columns = {"row": "Row", "reasons": "Why", "received": "As received", "file": "File"}
        with st.container(key="quarantine"):
            draw_content(
                Grid(f"{say.counted(lake.count(name), 'row')} rejected", columns, rows, total=lake.count(name))
            )
    else:
        st.caption("No row is in quarantine.")
    st.subheader("Lineage", anchor=False)
    made_from = lineage.inputs(what.tables)
    first = "gold.customer_360"
    listed = sorted(made_from)
    if not listed:
        st.caption("No run has made a table yet.")
        return
    table = st.selectbox("Table", listed, index=listed.index(first) if first in listed else 0, key="lineage_table")
    with st.container(key="lineage"):
        says = f"{table} is made from {say.counted(len(made_from[table]), 'table')}"
        draw_content(
            Figure(
                says, charts.graph(*lineage.around(made_from, table)), "as its last making recorded it, left to right"
            )
        )


def _text(value: Any) -> str:
    from html import escape

    return escape(str(say.shown(value)))
