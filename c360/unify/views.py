"""Unified views: the union of what every source maps to an entity, over its silver tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from c360.config import Mapping as SourceMapping
from c360.config import Settings, SourceConfig
from c360.config.currencies import reporting_amount
from c360.ddl import fields
from c360.lake import Lake
from c360.silver.shape import Shape
from c360.unify.entities import ENTITIES, MAPPED_AS, Entity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

RECORDS = "unified.customer_records"

_CONSTANT = re.compile(r"\s*('[^']*'|[0-9.]+|null)\s*", re.IGNORECASE)


def mappings(sources: Mapping[str, SourceConfig], entity: str) -> Iterator[tuple[SourceConfig, SourceMapping]]:
    """Every mapping that fills an entity, source by source."""
    wanted = ENTITIES[entity].versions_of or entity
    for source in sources.values():
        for name, parts in source.unified.items():
            if MAPPED_AS.get(name, name) == wanted:
                yield from ((source, part) for part in parts)


def silver_tables(source: SourceConfig, mapping: SourceMapping) -> list[Shape]:
    """The tables a mapping reads."""
    if mapping.table is not None:
        return [Shape(source, mapping.table)]
    return [Shape(source, t) for t in source.tables if re.search(rf"\b{t}\b", mapping.query or "")]


def history_of(source: SourceConfig, mapping: SourceMapping) -> Shape | None:
    """The table whose history holds every version of what a mapping gives; None where there is none."""
    kept = mapping.table is not None and source.tables[mapping.table].history
    return Shape(source, str(mapping.table)) if kept else None


def inputs(sources: Mapping[str, SourceConfig], entity: str, identified: bool = True) -> list[str]:
    """Names of the Delta tables below a view, read with or without `c360_id`."""
    parts = list(mappings(sources, entity))
    tables = [shape.silver for source, part in parts for shape in silver_tables(source, part)]
    if ENTITIES[entity].versions_of:
        tables += [found.history for source, part in parts if (found := history_of(source, part))]
    if identified and "c360_id" in ENTITIES[entity].columns:
        tables.append(RECORDS)
    return list(dict.fromkeys(tables))


def sql(
    sources: Mapping[str, SourceConfig],
    settings: Settings,
    name: str,
    table: Callable[[str], str | None],
    as_of: date | None = None,
    identified: bool = True,
    persons: str | None = None,
) -> str:
    """A unified view as SQL, with exactly the entity's columns.

    Args:
        sources: what conf maps.
        settings: says which statuses bring no revenue, and which currency amounts are reported in.
        name: the entity.
        table: how a Delta table is written in SQL; None where it is not there yet, and its mapping is left out.
        as_of: events after this day are left out.
        identified: false to leave `c360_id` out, for what runs before people are known.
        persons: some rows of `customer_records`, as they are written in SQL: only rows of these persons are wanted.
    """
    entity = ENTITIES[name]
    parts = []
    for source, mapping in mappings(sources, name):
        found = {shape.name: table(shape.silver) for shape in silver_tables(source, mapping)}
        kept = history_of(source, mapping) if entity.versions_of else None
        if kept:
            found = {kept.name: table(kept.history)}
        if None not in found.values():
            parts.append(_mapped(entity, source, mapping, found, bool(kept)))
    union = " UNION ALL ".join(parts) or _nothing(entity)
    added = fields(entity.added)
    columns, joined, where = ["m.*"], "", ""
    if "is_revenue" in added:
        lost = ", ".join(text(status) for status in settings.not_revenue) or "NULL"
        columns.append(f"NOT coalesce(lower(m.status) IN ({lost}), false) AS is_revenue")
    if "reporting_amount" in added:
        day, rates = f"CAST(m.{entity.event_at} AS DATE)", settings.currency_rates
        worth = reporting_amount("m.total_amount", "m.currency", day, settings.reporting_currency, rates)
        columns.append(f"{worth} AS reporting_amount")
    if entity.month:
        columns.append(f"year(m.{entity.event_at}) * 100 + month(m.{entity.event_at}) AS {entity.month}")
    if "c360_id" in added and identified:
        columns.append("r.c360_id")
        crosswalk = f"LEFT JOIN {table(RECORDS)}" if persons is None else f"JOIN {persons}"
        joined = f" {crosswalk} r ON m.source = r.source AND m.customer_id = r.customer_id"
    if as_of is not None and entity.event_at:
        end = as_of + timedelta(days=1)
        where = f" WHERE m.{entity.event_at} IS NULL OR m.{entity.event_at} < TIMESTAMP'{end} 00:00:00'"
    every = ", ".join(c for c in entity.columns if c != "c360_id" or identified)
    return f"SELECT {every} FROM (SELECT {', '.join(columns)} FROM ({union}) m{joined}{where})"


def view(
    lake: Lake,
    sources: Mapping[str, SourceConfig],
    settings: Settings,
    name: str,
    as_of: date | None = None,
    identified: bool = True,
    persons: str | None = None,
) -> DataFrame:
    """A unified view as a frame over the lake's tables; see `sql`."""

    def table(delta: str) -> str | None:
        return None if lake.version(delta) is None else lake.sql_name(delta)

    return lake.spark.sql(sql(sources, settings, name, table, as_of, identified, persons))


def is_costly(sources: Mapping[str, SourceConfig], name: str, lake: Lake) -> bool:
    """Whether a view joins tables, or unites more than two: then it is worth keeping for several readers."""
    parts = [
        mapping
        for source, mapping in mappings(sources, name)
        if all(lake.version(shape.silver) is not None for shape in silver_tables(source, mapping))
    ]
    return len(parts) > 2 or any(mapping.query for mapping in parts)


def _mapped(
    entity: Entity,
    source: SourceConfig,
    mapping: SourceMapping,
    tables: Mapping[str, str | None],
    has_versions: bool = False,
) -> str:
    if mapping.query is not None:
        live = ", ".join(f"{t} AS (SELECT * FROM {ref} WHERE _deleted_at IS NULL)" for t, ref in tables.items())
        origin, conditions = f"(WITH {live} SELECT * FROM ({mapping.query}))", []
    else:
        origin, conditions = str(tables[mapping.table or ""]), [] if has_versions else ["_deleted_at IS NULL"]
    if mapping.where:
        conditions.append(f"({mapping.where})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    given = mapping.columns
    known = given.get(entity.grain[1], "1")

    def value(sql: str, sql_type: str) -> str:
        # A text that is the same in every row must not be a constant to the planner: Sail 0.7.2 takes twenty times as
        # long to group by a constant column and another one.
        cast = f"CAST({sql} AS {sql_type})"
        return f"nvl2({known}, {cast}, {cast})" if sql_type == "STRING" and _CONSTANT.fullmatch(sql) else cast

    columns = [f"{value(text(source.source), 'STRING')} AS source"]
    columns += [f"{value(given.get(c, 'NULL'), t)} AS {c}" for c, t in entity.mapped_columns.items()]
    if entity.local_time and entity.event_at:
        moment = f"CAST({given.get(entity.event_at, 'NULL')} AS TIMESTAMP)"
        columns.append(f"from_utc_timestamp({moment}, {text(source.timezone)}) AS {entity.local_time}")
    if entity.alone:
        is_constant = bool(_CONSTANT.fullmatch(given.get(entity.grain[-1], "")))
        columns.append(f"{str(is_constant).lower()} AS {entity.alone}")
    if entity.versions_of:
        held = ("_valid_from", "_valid_to") if has_versions else ("NULL", "NULL")
        columns += [f"CAST({held[0]} AS TIMESTAMP) AS valid_from", f"CAST({held[1]} AS TIMESTAMP) AS valid_to"]
    return f"SELECT {', '.join(columns)} FROM {origin}{where}"


def _nothing(entity: Entity) -> str:
    columns = {"source": "STRING", **entity.mapped_columns}
    if entity.local_time:
        columns[entity.local_time] = "TIMESTAMP"
    if entity.alone:
        columns[entity.alone] = "BOOLEAN"
    if entity.versions_of:
        columns |= {"valid_from": "TIMESTAMP", "valid_to": "TIMESTAMP"}
    return f"SELECT {', '.join(f'CAST(NULL AS {t}) AS {c}' for c, t in columns.items())} WHERE false"


def text(value: str) -> str:
    """`value` as a string of SQL; a quote is escaped, because Sail loses doubled ones."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
