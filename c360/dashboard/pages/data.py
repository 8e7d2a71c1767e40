"""Data: what came in, what became of it, and how fresh it is."""

from __future__ import annotations

import json

from c360.dashboard import charts, say
from c360.dashboard.blocks import Block, Content, Figure, Grid, Number, Numbers, Page
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables

_BY = ("source",)


def funnel(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per source table: rows read of its present generation, in quarantine, in silver; the most read first."""
    return tables.ask(f"""WITH present AS (
            SELECT source, table_name, max(generation) AS generation FROM ops.batches GROUP BY ALL),
        read AS (
            SELECT b.source, b.table_name, sum(b.read)::BIGINT AS read, sum(b.valid)::BIGINT AS valid,
                sum(b.quarantined)::BIGINT AS quarantined, sum(b.inserted)::BIGINT AS inserted,
                sum(b.read - b.quarantined - b.inserted)::BIGINT AS superseded
            FROM ops.batches b JOIN present p USING (source, table_name, generation) GROUP BY ALL)
        SELECT * FROM read WHERE {slicers.where(source="source")} ORDER BY read DESC, source, table_name""")


def freshness(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per source: tables, when its newest delivery was made, rows in quarantine."""
    return tables.ask(f"""WITH last AS (
            SELECT *, row_number() OVER (PARTITION BY source, table_name ORDER BY "at" DESC) AS place
            FROM ops.data_quality)
        SELECT source, count(*) AS tables, max(newest_delivered_at) AS delivered, min(newest_delivered_at) AS oldest,
            sum(quarantine_rows)::BIGINT AS quarantine, sum(silver_rows)::BIGINT AS silver
        FROM last WHERE place = 1 AND {slicers.where(source="source")} GROUP BY source ORDER BY source""")


def reasons(tables: Tables, slicers: Slicers) -> list[Row]:
    """One row per reason, the most frequent first: rows in quarantine that have it, and in how many tables."""
    found = tables.ask(f"""WITH last AS (
            SELECT *, row_number() OVER (PARTITION BY source, table_name ORDER BY "at" DESC) AS place
            FROM ops.data_quality)
        SELECT source, table_name, quarantine_reasons FROM last
        WHERE place = 1 AND {slicers.where(source="source")} ORDER BY source, table_name""")
    counts: dict[str, list[int]] = {}
    for row in found:
        for reason, rows in json.loads(row["quarantine_reasons"] or "{}").items():
            entry = counts.setdefault(reason, [0, 0])
            entry[0] += rows
            entry[1] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    return [{"reason": reason, "rows": rows, "tables": in_tables} for reason, (rows, in_tables) in ranked]


def runs(tables: Tables, limit: int = 30) -> list[Row]:
    """One row per run, the newest first: when, how long, tables made, how it ended."""
    return tables.ask(f"""SELECT s.run_id AS run, s.at AS began, s.command, coalesce(f.engine, s.engine) AS engine,
            f.as_of, epoch(f.at) - epoch(s.at) AS seconds, coalesce(f.status, 'no end recorded') AS status, f.message,
            (SELECT count(*) FROM ops.steps t WHERE t.run_id = s.run_id AND t.status = 'done') AS made
        FROM ops.runs s LEFT JOIN ops.runs f ON f.run_id = s.run_id AND f.event = 'finished'
        WHERE s.event = 'started' ORDER BY s.at DESC, s.run_id LIMIT {limit}""")


def _numbers(tables: Tables, slicers: Slicers) -> Content:
    rows = funnel(tables, slicers)
    read, out = sum(r["read"] for r in rows), sum(r["quarantined"] for r in rows)
    fresh = freshness(tables, slicers)
    newest = max((r["delivered"] for r in fresh if r["delivered"]), default=None)
    return Numbers(
        [
            Number("Rows received", say.number(read), say.counted(len(rows), "table")),
            Number(
                "In quarantine", say.number(out), f"{say.percent(100 * out / read if read else None, 2)} of the rows"
            ),
            Number("Kept in silver", say.number(sum(r["inserted"] for r in rows)), "one row per key"),
            Number("Newest delivery", say.day(newest) if newest else say.NOTHING),
        ]
    )


def _lost(tables: Tables, slicers: Slicers) -> Content:
    rows = [
        r | {"share": 100 * r["quarantined"] / r["read"]}
        for r in funnel(tables, slicers)
        if r["quarantined"] > 0 and r["read"]
    ]
    rows.sort(key=lambda r: (-r["share"], r["source"], r["table_name"]))
    drawn = [
        r
        | {"table": f"{r['source']}.{r['table_name']}"}
        | {"text": f"{say.percent(r['share'], 1)} · {say.number(r['quarantined'])} of {say.number(r['read'])}"}
        for r in rows[:15]
    ]
    says = "No row is in quarantine"
    if drawn:
        says = f"{drawn[0]['table']} loses most to quarantine: {say.percent(drawn[0]['share'], 1)} of its rows"
    return Figure(
        says,
        charts.bars(drawn, "table", "share", text="text"),
        "percent of a table's rows that are in quarantine; the first 15",
    )


def _funnel(tables: Tables, slicers: Slicers) -> Content:
    rows = funnel(tables, slicers)
    columns = {
        "table": "Table",
        "read": "Read",
        "valid": "Valid",
        "quarantined": "Quarantined",
        "inserted": "Kept",
        "superseded": "Superseded",
    }
    shown = [r | {"table": f"{r['source']}.{r['table_name']}"} for r in rows]
    return Grid("Every row received is kept, superseded or in quarantine", columns, shown, "rows", len(rows))


def _reasons(tables: Tables, slicers: Slicers) -> Content:
    rows = reasons(tables, slicers)
    drawn = [r | {"reason": say.shown(r["reason"])} for r in rows[:15]]
    says = (
        f"{say.shown(rows[0]['reason'])} is the most frequent reason for quarantine"
        if rows
        else "No row is in quarantine"
    )
    return Figure(says, charts.bars(drawn, "reason", "rows"), "rows in quarantine by reason; a row can have several")


def _freshness(tables: Tables, slicers: Slicers) -> Content:
    rows = freshness(tables, slicers)
    shown = [r | {"delivered": say.moment(r["delivered"]), "oldest": say.moment(r["oldest"])} for r in rows]
    columns = {
        "source": "Source",
        "tables": "Tables",
        "delivered": "Newest delivery",
        "oldest": "Stalest table",
        "silver": "Rows in silver",
        "quarantine": "In quarantine",
    }
    late = min((r for r in rows if r["delivered"]), key=lambda r: (r["delivered"], r["source"]), default=None)
    says = "Nothing was delivered"
    if late:
        alike = len({r["delivered"] for r in rows}) == 1
        says = f"{'All sources' if alike else late['source']} delivered last on {say.moment(late['delivered'])}"
    return Grid(says, columns, shown, "times in UTC")


def _runs(tables: Tables, slicers: Slicers) -> Content:
    rows = runs(tables)
    shown = [
        {
            "began": say.moment(r["began"]),
            "command": r["command"],
            "engine": r["engine"],
            "seconds": None if r["seconds"] is None else round(r["seconds"], 1),
            "made": r["made"],
            "status": r["status"],
            "message": say.shown(r["message"]),
        }
        for r in rows
    ]
    columns = {
        "began": "Began (UTC)",
        "command": "Command",
        "engine": "Engine",
        "seconds": "Seconds",
        "made": "Tables made",
        "status": "Ended",
        "message": "Message",
    }
    says = f"The last run ended: {rows[0]['status']}" if rows else "No run is recorded"
    return Grid(says, columns, shown, "the last 30 runs")


PAGE = Page(
    "data",
    "Data",
    "What came in, what became of it, and how fresh it is",
    (
        Block("numbers", _numbers, _BY, wide=True),
        Block("freshness", _freshness, _BY, wide=True),
        Block("lost", _lost, _BY),
        Block("reasons", _reasons, _BY),
        Block("funnel", _funnel, _BY, wide=True),
        Block("runs", _runs, (), wide=True),
    ),
)
