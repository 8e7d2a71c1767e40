"""Service: what people ask for, how fast and how well they are helped."""

from __future__ import annotations

from c360.dashboard import charts, curves, say
from c360.dashboard.blocks import Block, Content, Figure, Number, Numbers, Page
from c360.dashboard.slicers import Slicers, as_of, month_of
from c360.dashboard.tables import Row, Tables

_BY = ("period", "source")


def _where(slicers: Slicers) -> str:
    return slicers.where(period="month", source="source")


def totals(tables: Tables, slicers: Slicers) -> Row:
    """One row: tickets, resolved, resolution rate (%), satisfaction (mean of months by tickets), repeat contacts."""
    return tables.one(f"""SELECT coalesce(sum(tickets), 0)::BIGINT AS tickets,
            coalesce(sum(resolved_tickets), 0)::BIGINT AS resolved,
            100.0 * sum(resolved_tickets) / nullif(sum(tickets), 0) AS rate,
            sum(average_satisfaction * tickets) / nullif(sum(tickets) FILTER (average_satisfaction IS NOT NULL), 0)
                AS satisfaction,
            coalesce(sum(repeat_contacts), 0)::BIGINT AS repeats
        FROM gold.issue_resolution WHERE {_where(slicers)}""")


def by_month(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per month: tickets opened, and open at its end."""
    return tables.ask(f"""SELECT month, sum(tickets)::BIGINT AS tickets, sum(open_at_month_end)::BIGINT AS open
        FROM gold.issue_resolution WHERE {_where(slicers)} GROUP BY month ORDER BY month""")


def by_issue(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per issue type, the most tickets first: tickets, resolution rate (%), median of its months' hours."""
    return tables.ask(f"""SELECT coalesce(issue_type, 'not said') AS issue, sum(tickets)::BIGINT AS tickets,
            100.0 * sum(resolved_tickets) / nullif(sum(tickets), 0) AS rate, median(median_hours_to_resolve) AS hours
        FROM gold.issue_resolution WHERE {_where(slicers)} GROUP BY 1 ORDER BY tickets DESC, issue LIMIT 15""")


def agents(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per agent with an interaction, the highest resolution rate first."""
    return tables.ask(f"""SELECT source, agent_id, coalesce(agent_name, agent_id) AS agent, interactions,
            resolution_rate_percent AS rate, median_hours_to_resolve AS hours, average_satisfaction AS satisfaction
        FROM gold.resolution_stats WHERE interactions > 0 AND {slicers.where(source="source")}
        ORDER BY rate DESC, interactions DESC, source, agent_id""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    t = totals(tables, slicers)
    return Numbers(
        [
            Number("Tickets", say.number(t["tickets"])),
            Number("Resolved", say.number(t["resolved"]), f"{say.percent(t['rate'], 1)} of the tickets"),
            Number(
                "Satisfaction",
                say.NOTHING if t["satisfaction"] is None else f"{t['satisfaction']:.2f}",
                "where it was asked for",
            ),
            Number("Repeat contacts", say.number(t["repeats"]), "same person and issue within 30 days"),
        ]
    )


def _months(tables: Tables, slicers: Slicers) -> Content:
    rows = by_month(tables, slicers)
    drawn = [
        {"at": say.month_start(r["month"]), "what": what, "tickets": r[column]}
        for what, column in (("opened", "tickets"), ("open at month end", "open"))
        for r in rows
    ]
    whole = [r for r in rows if r["month"] < month_of(as_of(tables))]
    says = "No ticket was opened"
    if whole:
        last = whole[-1]
        opened = say.counted(last["tickets"], "ticket")
        says = f"{say.month(last['month'])} brought {opened}; {say.number(last['open'])} were open at its end"
    return Figure(says, curves.lines(drawn, "at", "tickets", "what"), "tickets by month; the last one may not be over")


def _issues(tables: Tables, slicers: Slicers) -> Content:
    rows = by_issue(tables, slicers)
    drawn = [
        r | {"issue": say.shown(r["issue"]), "text": f"{say.number(r['tickets'])} · {say.percent(r['rate'])} resolved"}
        for r in rows
    ]
    says = f"{say.shown(rows[0]['issue'])} is what people ask for most" if rows else "No ticket was opened"
    return Figure(
        says, charts.bars(drawn, "issue", "tickets", text="text"), "tickets by issue type, and the share resolved"
    )


def _hours(tables: Tables, slicers: Slicers) -> Content:
    rows = sorted(
        (r for r in by_issue(tables, slicers) if r["hours"] is not None), key=lambda r: (-r["hours"], r["issue"])
    )
    drawn = [r | {"issue": say.shown(r["issue"]), "text": f"{r['hours']:,.1f} h"} for r in rows]
    says = (
        f"{say.shown(rows[0]['issue'])} takes longest: {rows[0]['hours']:,.0f} hours"
        if rows
        else "No source says when tickets were resolved"
    )
    return Figure(
        says,
        charts.bars(drawn, "issue", "hours", text="text"),
        "hours to resolve: the middle one of the months' medians",
    )


def _agents(tables: Tables, slicers: Slicers) -> Content:
    rows = agents(tables, slicers)
    drawn = [
        r
        | {
            "name": f"{say.shown(r['agent'])} · {r['source']}",
            "text": f"{say.percent(r['rate'])} of {say.number(r['interactions'])}",
        }
        for r in rows[:20]
    ]
    says = "No agent handled an interaction"
    if rows:
        first, last = (f"{say.shown(r['agent'])} {say.percent(r['rate'])}" for r in (rows[0], rows[-1]))
        says = f"The best agent resolves most: {first}; the last one: {last}"
    return Figure(
        says,
        charts.bars(drawn, "name", "rate", text="text"),
        "percent of each agent's interactions that were resolved; the first 20",
    )


PAGE = Page(
    "service",
    "Service",
    "What people ask for, how fast and how well they are helped",
    (
        Block("numbers", _numbers, _BY, wide=True),
        Block("months", _months, _BY, wide=True),
        Block("issues", _issues, _BY),
        Block("hours", _hours, _BY),
        Block("agents", _agents, ("source",), wide=True),
    ),
)
