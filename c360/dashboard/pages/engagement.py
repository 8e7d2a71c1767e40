"""Engagement: who visits, how much, and on what."""

from __future__ import annotations

import re
from collections import defaultdict

from c360.dashboard import charts, curves, say
from c360.dashboard.blocks import Block, Content, Figure, Number, Numbers, Page
from c360.dashboard.slicers import Slicers, as_of, month_of
from c360.dashboard.tables import Row, Tables

_BY = ("period", "source", "tier", "segment")
_PART = re.compile(r"(.+?) ([0-9.]+) %(?:, |$)")


def _where(slicers: Slicers) -> str:
    return f"{slicers.where(period='month')} AND {slicers.people()}"


def totals(tables: Tables, slicers: Slicers) -> Row:
    """One row: people with a session, sessions, pages, minutes, and their score averaged over persons and months."""
    return tables.one(f"""SELECT count(DISTINCT c360_id) AS people, coalesce(sum(sessions), 0)::BIGINT AS sessions,
            coalesce(sum(pages), 0)::BIGINT AS pages, coalesce(sum(minutes), 0) AS minutes,
            avg(engagement_score) AS score
        FROM gold.engagement WHERE {_where(slicers)}""")


def by_month(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per month: people with a session, sessions, average score."""
    return tables.ask(f"""SELECT month, count(*) AS people, sum(sessions)::BIGINT AS sessions,
            avg(engagement_score) AS score
        FROM gold.engagement WHERE {_where(slicers)} GROUP BY month ORDER BY month""")


def scores(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per ten points of the score: persons and months with it."""
    return tables.ask(f"""SELECT least(floor(engagement_score / 10), 9)::INT * 10 AS low, count(*) AS people
        FROM gold.engagement WHERE {_where(slicers)} GROUP BY low ORDER BY low""")


def new_and_returning(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per month: active customers, new and returning ones, of the chosen sources."""
    return tables.ask(f"""SELECT month, sum(new_customers)::BIGINT AS new, sum(returning_customers)::BIGINT AS returning
        FROM gold.customer_behaviour WHERE {slicers.where(period="month", source="source")}
        GROUP BY month ORDER BY month""")


def devices(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per device, the most sessions first: sessions, share in percent.

    The mart says shares per location and month; they are weighted by its sessions.
    """
    rows = tables.ask(f"""SELECT device_mix, sum(sessions)::BIGINT AS sessions FROM gold.customer_behaviour
        WHERE device_mix IS NOT NULL AND sessions > 0 AND {slicers.where(period="month", source="source")}
        GROUP BY device_mix""")
    found: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        for name, share in _PART.findall(row["device_mix"]):
            found[name] += row["sessions"] * float(share) / 100
    total = sum(found.values()) or 1
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [{"device": name, "sessions": round(count), "share": 100 * count / total} for name, count in ranked]


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    t = totals(tables, slicers)
    each = t["sessions"] / t["people"] if t["people"] else None
    return Numbers(
        [
            Number("People with a session", say.number(t["people"])),
            Number(
                "Sessions",
                say.number(t["sessions"]),
                f"{say.NOTHING if each is None else f'{each:.1f}'} for each of them",
            ),
            Number("Pages", say.number(t["pages"])),
            Number(
                "Engagement score",
                say.NOTHING if t["score"] is None else f"{t['score']:.1f}",
                "of 100, average of persons and months",
            ),
        ]
    )


def _months(tables: Tables, slicers: Slicers) -> Content:
    rows = by_month(tables, slicers)
    drawn = [r | {"at": say.month_start(r["month"]), "text": say.number(r["people"])} for r in rows]
    whole = [r for r in rows if r["month"] < month_of(as_of(tables))]
    says = (
        f"{say.counted(whole[-1]['people'], 'person', 'people')} came to web or app in {say.month(whole[-1]['month'])}"
        if whole
        else "No session is known"
    )
    return Figure(
        says,
        curves.line(drawn, "at", "people", text="text"),
        "people with a session, by month; the last one may not be over",
    )


def _scores(tables: Tables, slicers: Slicers) -> Content:
    rows = scores(tables, slicers)
    total = sum(r["people"] for r in rows) or 1
    drawn = [
        r
        | {
            "name": f"{r['low']} to {r['low'] + 10}",
            "text": f"{say.number(r['people'])} · {say.percent(100 * r['people'] / total)}",
        }
        for r in rows
    ]
    says = "No session is known"
    if rows:
        low = sum(r["people"] for r in rows if r["low"] < 20)
        says = f"In {say.percent(100 * low / total)} of their active months people score below 20 of 100"
    return Figure(says, charts.bars(drawn, "name", "people", text="text"), "persons and months by engagement score")


def _returning(tables: Tables, slicers: Slicers) -> Content:
    rows = new_and_returning(tables, slicers)
    drawn = [
        {"at": say.month_start(r["month"]), "what": what, "customers": r[what]}
        for what in ("returning", "new")
        for r in rows
    ]
    whole = [r for r in rows if r["month"] < month_of(as_of(tables))]
    says = "Nobody was active"
    if whole:
        last = whole[-1]
        again = say.counted(last["returning"], "customer")
        says = f"{say.month(last['month'])} saw {again} again, and {say.number(last['new'])} for the first time"
    return Figure(
        says,
        curves.lines(drawn, "at", "customers", "what"),
        "customers with an order or a session, by month; the last one may not be over",
    )


def _devices(tables: Tables, slicers: Slicers) -> Content:
    rows = devices(tables, slicers)
    drawn = [
        r | {"device": say.shown(r["device"]), "text": f"{say.number(r['sessions'])} · {say.percent(r['share'])}"}
        for r in rows[:12]
    ]
    says = (
        f"{say.percent(rows[0]['share'])} of the sessions are on {say.shown(rows[0]['device'])}"
        if rows
        else "No session names a device"
    )
    return Figure(says, charts.bars(drawn, "device", "sessions", text="text"), "sessions by device")


PAGE = Page(
    "engagement",
    "Engagement",
    "Who visits, how much, and on what",
    (
        Block("numbers", _numbers, _BY, wide=True),
        Block("months", _months, _BY, wide=True),
        Block("scores", _scores, _BY),
        Block("devices", _devices, ("period", "source")),
        Block("returning", _returning, ("period", "source"), wide=True),
    ),
)
