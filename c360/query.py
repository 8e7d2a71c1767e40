"""What people ask of a lake: tables, rows, SQL, rejected rows, runs, one customer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from c360.config.explain import no_such
from c360.config.load import Config
from c360.errors import C360Error, ConfigError
from c360.lake import Lake
from c360.ledger import RUNS
from c360.output import Rows, card, write
from c360.session import Engine, start
from c360.unify.entities import ENTITIES
from c360.unify.views import RECORDS, view

VIEWS = tuple(f"unified.{name}" for name in ENTITIES)
"""The unified views' names."""

_READS = ("Query", "Values", "Describe")
_COMMANDS_THAT_READ = ("SHOW", "EXPLAIN", "DESCRIBE")


def opened(lake: str) -> Lake:
    """A lake that holds something.

    Raises:
        C360Error: there is no table in it: nothing was run yet, or it is another folder that was meant.
    """
    found = Lake(lake)
    if not found.names():
        raise C360Error(f"there is no table in {found.root} yet; `c360 run` makes them, --lake names another folder")
    return found


def tables(lake: str) -> Rows:
    """Every table and unified view: its name and kind; rows and version of the tables."""
    found = opened(lake)
    names = found.names()
    lines: list[tuple[Any, ...]] = [(n, "table", found.count(n), found.version(n)) for n in names]
    if RECORDS in names:
        lines += [(view_name, "view", None, None) for view_name in VIEWS]
    return Rows(("name", "kind", "rows", "version"), sorted(lines))


def rows_of(lake: str, config: Config, name: str, limit: int, engine: Engine = "auto") -> Rows:
    """Some rows of a table, read without an engine; a unified view needs one.

    Raises:
        ConfigError: there is no such table.
        C360Error: nothing was made yet.
    """
    found = opened(lake)
    names = found.names()
    if name in VIEWS:
        _demand(found, RECORDS)
        with start(engine) as session:
            frame = view(found.with_session(session.spark), config.sources, config.settings, name.partition(".")[2])
            return _of_arrow(frame.limit(limit + 1).toArrow(), limit)
    if name not in names:
        raise ConfigError(f"{no_such('table', name, [*names, *VIEWS])}; `c360 show` lists them")
    return _of_arrow(_head(found, name, limit + 1), limit)


def _demand(lake: Lake, name: str) -> None:
    if lake.version(name) is None:
        raise C360Error(f"{name} was not made yet; `c360 run` makes it")


def _head(lake: Lake, name: str, rows: int) -> Any:
    return lake.arrow(name, f"SELECT * FROM t LIMIT {rows}")


def _of_arrow(data: Any, limit: int) -> Rows:
    """Arrow, because its timestamps carry their zone; rows collected from Spark would be in this machine's."""
    columns = [column.slice(0, limit).to_pylist() for column in data.columns]
    return Rows(tuple(data.column_names), list(zip(*columns, strict=True)), len(data) > limit)


def sql(lake: str, config: Config, statement: str, engine: Engine, limit: int = 1000) -> Rows:
    """The answer to a SELECT; at most `limit` rows of it.

    Raises:
        ConfigError: it is no query, or the engine refuses it.
    """
    found = opened(lake)
    _demand_query(statement)
    from pyspark.errors import PySparkException

    from c360.catalog import register

    with start(engine) as session:
        register(found.with_session(session.spark), config)
        try:
            return _of_arrow(session.spark.sql(statement).limit(limit + 1).toArrow(), limit)
        except PySparkException as problem:
            first = str(problem).strip().splitlines()[0]
            raise ConfigError(f"the statement has no answer: {first}; `c360 show` lists the tables") from problem


def _demand_query(statement: str) -> None:
    """Only what reads: a DELETE would pass by the lake's lock and its ledger."""
    import logging

    import sqlglot
    from sqlglot import expressions
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of SHOW, which it does not look into
    try:
        found = [part for part in sqlglot.parse(statement, dialect="spark") if part is not None]
    except SqlglotError as problem:
        raise ConfigError(f"not a statement: {str(problem).splitlines()[0]}") from None
    reads = tuple(getattr(expressions, kind) for kind in _READS)
    if len(found) != 1 or not (
        isinstance(found[0], reads)
        or (isinstance(found[0], expressions.Command) and str(found[0].this).upper() in _COMMANDS_THAT_READ)
    ):
        raise ConfigError("`c360 sql` takes one query, for example SELECT * FROM gold.rfm; the tables are for reading")


def rejected_by_reason(lake: str) -> Rows:
    """How many rows each table rejected for each reason; a row with two reasons counts under both."""
    import pyarrow.compute as pc

    found = opened(lake)
    lines = []
    for name in found.names():
        if name.startswith("quarantine_"):
            reasons = found.arrow(name, "SELECT _reasons FROM t")["_reasons"]
            counted = pc.value_counts(pc.list_flatten(reasons)).to_pylist()
            lines += [
                (name, c["values"], c["counts"]) for c in sorted(counted, key=lambda c: (-c["counts"], c["values"]))
            ]
    return Rows(("table", "reason", "rows"), lines)


def rejected(lake: str, config: Config, table: str, limit: int) -> Rows:
    """A table's rejected rows in the order of their files: file, row, reasons, and the row as it was received.

    Raises:
        ConfigError: there is no such table.
        C360Error: nothing was made yet.
    """
    from c360.pipeline import silver_step
    from c360.registry import load
    from c360.steps import steps_of

    shape = silver_step(steps_of(config, load()), table).shape
    found = opened(lake)
    _demand(found, shape.quarantine)
    data = found.arrow(shape.quarantine, f"SELECT * FROM t ORDER BY _source_file, _source_row LIMIT {limit}")
    lines = [
        (row["_source_file"], row["_source_row"], "; ".join(row["_reasons"]), _received(row, shape.table.columns))
        for row in data.to_pylist()
    ]
    return Rows(("file", "row", "reasons", "received"), lines, found.count(shape.quarantine) > limit)


def _received(row: Mapping[str, Any], columns: Iterable[str]) -> str:
    """The row's own text where it could not be taken apart, else its values by column."""
    values = {c: row[c] for c in columns if row.get(c) is not None}
    rescued = json.loads(row["_rescued"]) if row["_rescued"] else {}
    rescued.pop("_error", None)
    if not values and set(rescued) == {"_raw"}:
        return str(rescued["_raw"])
    return json.dumps(values | rescued, ensure_ascii=False)


def runs(lake: str, limit: int) -> Rows:
    """The newest runs first; one that never said how it ended has died (or is still at it)."""
    begun: dict[str, dict[str, Any]] = {}
    for line in sorted(opened(lake).rows(RUNS), key=lambda r: r["at"]):
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
    """The customer_360 rows that an id, e-mail, phone or part of a name points at.

    Raises:
        ConfigError: `who` is blank.
        C360Error: nothing was made yet.
    """
    import pyarrow.compute as pc

    wanted = who.strip()
    if not wanted:
        raise ConfigError("say who: a c360_id, a source's customer id, an e-mail, a phone or a part of the name")
    found = opened(lake)
    _demand(found, "gold.customer_360")
    people = found.arrow("gold.customer_360")
    records = found.arrow(RECORDS)
    by_source = records.filter(pc.equal(records["customer_id"], wanted))["c360_id"]
    text = pc.utf8_lower(pc.fill_null(people["full_name"], ""))
    exact = pc.or_(pc.equal(people["c360_id"], wanted), pc.is_in(people["c360_id"], by_source))
    for column in ("email", "phone"):
        exact = pc.or_(exact, pc.fill_null(pc.equal(pc.utf8_lower(people[column]), wanted.lower()), False))
    chosen = people.filter(exact)
    meant = chosen if len(chosen) else people.filter(pc.match_substring(text, wanted.lower()))
    return list(meant.sort_by("c360_id").to_pylist())


def write_customer(lake: str, who: str, console: Console) -> None:
    """Print one person's picture; where several are meant, a list to choose from.

    Raises:
        C360Error: nobody is meant.
    """
    found = customers_like(lake, who)
    if not found:
        raise C360Error(
            f"nobody found for {who!r}; give a c360_id, a source's customer id, an e-mail, a phone or a name"
        )
    if len(found) > 1:
        rows = [(p["c360_id"], p["full_name"], p["email"], p["revenue"]) for p in found]
        write(Rows(("c360_id", "name", "email", "revenue"), rows[:50], len(rows) > 50), "table", console)
        return
    card(found[0]["full_name"] or found[0]["c360_id"], found[0], console)
