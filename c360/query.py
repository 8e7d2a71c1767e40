"""What people ask of a lake: tables, rows, SQL, rejected rows, runs, one customer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from c360.config.load import Config
from c360.errors import C360Error
from c360.lake import Lake
from c360.ledger import RUNS
from c360.session import Engine, start
from c360.unify.entities import ENTITIES
from c360.unify.views import view


@dataclass(frozen=True)
class Rows:
    """Named columns and their rows; `more` says that there are others."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    more: bool = False


def tables(lake: str) -> Rows:
    """Every table: its name, rows and version."""
    found = Lake(lake)
    return Rows(("table", "rows", "version"), [(n, found.count(n), found.version(n)) for n in found.names()])


def rows_of(lake: str, config: Config, name: str, limit: int) -> Rows:
    """The first rows of a table, read without an engine; a unified view needs one.

    Raises:
        C360Error: there is no such table.
    """
    found = Lake(lake)
    database, _, table = name.partition(".")
    if database == "unified" and table in ENTITIES:
        with start() as session:
            frame = view(found.with_session(session.spark), config.sources, config.settings, table)
            return _of_frame(frame, limit)
    data = _head(found, name, limit + 1)
    return Rows(tuple(data.column_names), [tuple(r.values()) for r in data.slice(0, limit).to_pylist()], len(data) > limit)


def _head(lake: Lake, name: str, rows: int, where: Any = None) -> Any:
    dataset = lake.table(name).to_pyarrow_dataset()
    return dataset.head(rows, filter=where) if where is not None else dataset.head(rows)


def sql(lake: str, config: Config, statement: str, engine: Engine, limit: int = 1000) -> Rows:
    """The answer to a SELECT; at most `limit` rows of it."""
    from c360.catalog import register

    with start(engine) as session:
        register(Lake(lake, session.spark), config)
        return _of_frame(session.spark.sql(statement), limit)


def _of_frame(frame: Any, limit: int) -> Rows:
    found = frame.limit(limit + 1).collect()
    return Rows(tuple(frame.columns), [tuple(r) for r in found[:limit]], len(found) > limit)


def rejected_by_reason(lake: str) -> Rows:
    """How many rows each table rejected for each reason; a row with two reasons counts under both."""
    import pyarrow.compute as pc

    found = Lake(lake)
    lines = []
    for name in found.names():
        if name.startswith("quarantine_"):
            reasons = found.table(name).to_pyarrow_table(columns=["_reasons"])["_reasons"]
            counted = pc.value_counts(pc.list_flatten(reasons)).to_pylist()
            lines += [(name, c["values"], c["counts"]) for c in sorted(counted, key=lambda c: (-c["counts"], c["values"]))]
    return Rows(("table", "reason", "rows"), lines)


def rejected(lake: str, config: Config, table: str, limit: int) -> Rows:
    """A table's rejected rows: file, row, reasons, and the row as it was received."""
    from c360.pipeline import silver_step
    from c360.registry import load
    from c360.steps import steps_of

    shape = silver_step(steps_of(config, load()), table).shape
    data = _head(Lake(lake), shape.quarantine, limit + 1)
    lines = []
    for row in data.slice(0, limit).to_pylist():
        received = {c: row[c] for c in shape.table.columns if row[c] is not None}
        rescued = json.loads(row["_rescued"]) if row["_rescued"] else {}
        shown = rescued.get("_raw") or json.dumps(received | {k: v for k, v in rescued.items() if k[0] != "_"}, ensure_ascii=False)
        lines.append((row["_source_file"], row["_source_row"], "; ".join(row["_reasons"]), shown))
    return Rows(("file", "row", "reasons", "received"), lines, len(data) > limit)


def runs(lake: str, limit: int) -> Rows:
    """The newest runs first; one that never said how it ended has died (or is still at it)."""
    begun: dict[str, dict[str, Any]] = {}
    for line in sorted(Lake(lake).rows(RUNS), key=lambda r: r["at"]):
        if line["event"] == "started":
            begun[line["run_id"]] = line | {"status": "no end recorded", "ended": None}
        elif line["event"] == "finished" and line["run_id"] in begun:
            begun[line["run_id"]] |= {k: line[k] for k in ("status", "as_of", "message")} | {"ended": line["at"]}
        elif line["event"] == "rolled_back":
            for run_id in json.loads(line["message"]):
                begun[run_id]["status"] = "rolled back"
    lines = [
        (
            r["run_id"],
            r["command"],
            r["engine"],
            r["as_of"],
            r["status"],
            round((r["ended"] - r["at"]).total_seconds(), 1) if r["ended"] else None,
            r["host"],
            r["message"],
        )
        for r in reversed(begun.values())
    ]
    columns = ("run", "command", "engine", "as_of", "status", "seconds", "host", "message")
    return Rows(columns, lines[:limit], len(lines) > limit)


def customers_like(lake: str, who: str) -> list[dict[str, Any]]:
    """The customer_360 rows that an id, e-mail, phone or part of a name points at."""
    import pyarrow.compute as pc

    found = Lake(lake)
    people = found.table("gold.customer_360").to_pyarrow_table()
    records = found.table("unified.customer_records").to_pyarrow_table()
    by_source = records.filter(pc.equal(records["customer_id"], who))["c360_id"]
    text = pc.utf8_lower(pc.fill_null(people["full_name"], ""))
    exact = pc.or_(pc.equal(people["c360_id"], who), pc.is_in(people["c360_id"], by_source))
    for column in ("email", "phone"):
        exact = pc.or_(exact, pc.fill_null(pc.equal(pc.utf8_lower(people[column]), who.lower()), False))
    chosen = people.filter(exact)
    return (chosen if len(chosen) else people.filter(pc.match_substring(text, who.lower()))).to_pylist()


def write_customer(lake: str, who: str, console: Console) -> None:
    """Print one person's picture; where several are meant, a list to choose from.

    Raises:
        C360Error: nobody is meant.
    """
    found = customers_like(lake, who)
    if not found:
        raise C360Error(f"nobody found for {who!r}; give a c360_id, a source's customer id, an e-mail, a phone or a name")
    if len(found) > 1:
        rows = [(p["c360_id"], p["full_name"], p["email"], p["revenue"]) for p in found]
        write(Rows(("c360_id", "name", "email", "revenue"), rows[:50], len(rows) > 50), "table", console)
        return
    card = Table(show_header=False, title=Text(found[0]["full_name"] or found[0]["c360_id"]), title_justify="left")
    for column, value in found[0].items():
        if value is not None:
            card.add_row(column, Text(_shown(value)))
    console.print(card)


def write(rows: Rows, form: str | Literal["table", "csv", "json"], console: Console) -> None:
    """Print rows; csv and json to be read by a program, a table by a person."""
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(rows.columns)
        writer.writerows(["" if v is None else _shown(v) for v in row] for row in rows.rows)
        console.file.write(out.getvalue())
    elif form == "json":
        objects = [dict(zip(rows.columns, map(_plain, row), strict=True)) for row in rows.rows]
        console.file.write(json.dumps(objects, ensure_ascii=False, indent=1) + "\n")
    else:
        table = Table(header_style="bold")
        for column in rows.columns:
            table.add_column(Text(column), overflow="fold")
        for row in rows.rows:
            table.add_row(*[Text("" if v is None else _shown(v)) for v in row])
        console.print(table)
        console.print(f"{len(rows.rows)} rows{', and more (--limit)' if rows.more else ''}", highlight=False)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | dict):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(value)


def _plain(value: Any) -> Any:
    """A value as JSON knows it; money stays exact, as text."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(v) for v in value]
    return _shown(value) if isinstance(value, datetime | date | Decimal) else value
