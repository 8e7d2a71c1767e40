"""The whole dictionary: every table that conf and code declare, whether it was made yet or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from c360.config.load import Config
from c360.docs.lineage import Columns, Filling, column_reads, fillings, read_by
from c360.docs.model import Fact, Table, columns_of
from c360.docs.ops_tables import ops_tables
from c360.docs.source_tables import tables_of
from c360.docs.unified_says import COLUMNS, VIEWS
from c360.registry import TableSpec, load
from c360.silver.shape import Shape
from c360.steps import TableStep, steps_of
from c360.unify import views
from c360.unify.entities import ENTITIES, Entity

CONTEXT_SAYS = {
    "as_of": "as_of, the day everything is seen from",
    "settings": "conf/c360.yml",
    "segments": "conf/segments.yml",
    "audiences": "conf/audiences.yml",
    "previous": "the table as it was before the run",
}

ADDED_SAYS = {
    "is_revenue": "not one of the statuses that not_revenue of conf/c360.yml lists",
    "reporting_amount": "in the reporting currency of conf/c360.yml, by its dated rates",
    "c360_id": "found by source and customer_id",
}


def dictionary(config: Config) -> list[Table]:
    """Every table, in the order of a run; needs neither lake nor engine.

    Raises:
        ConfigError: the lineage of a view cannot be told.
    """
    specs = load()
    filled, personal = fillings(config), _personal(config)
    reads = column_reads(filled)
    made_of = read_by(reads)
    tables = [table for source in config.sources.values() for table in tables_of(source, made_of)]
    for entity in ENTITIES.values():
        name = f"unified.{entity.name}"
        tables.append(_view(config, entity, filled[name], reads[name], personal))
    tables += [_made(step.spec) for step in steps_of(config, specs) if isinstance(step, TableStep)]
    return [*tables, *ops_tables()]


def _view(config: Config, entity: Entity, parts: Sequence[Filling], columns: Columns, personal: set[str]) -> Table:
    facts = {column: tuple(_column_facts(entity, column, parts, columns[column])) for column in entity.columns}
    pii = {column for column, made_of in columns.items() if personal.intersection(made_of)}
    return Table(
        name=f"unified.{entity.name}",
        says=VIEWS[entity.name],
        grain=entity.grain,
        columns=columns_of(entity.schema, COLUMNS[entity.name], pii, facts),
        inputs=tuple(views.inputs(config.sources, entity.name)),
        is_view=True,
        facts=tuple(_filled_by(part) for part in parts) or (Fact("filled by", "no source of this configuration"),),
    )


def _filled_by(part: Filling) -> Fact:
    mapping = part.mapping
    where = f" WHERE {mapping.where}" if mapping.where else ""
    return Fact(f"filled by {part.source}", (mapping.query or f"FROM {mapping.table}").strip() + where, is_code=True)


def _column_facts(entity: Entity, column: str, parts: Sequence[Filling], made_of: tuple[str, ...]) -> Iterator[Fact]:
    """How each source fills it, and from which columns."""
    if column in entity.mapped_columns:
        for part in parts:
            if sql := part.mapping.columns.get(column):
                yield Fact(part.source, sql, part.columns[column], is_code=True)
    elif column != "source":
        yield Fact("added by c360", ADDED_SAYS.get(column, ""), made_of)


def _personal(config: Config) -> set[str]:
    """The silver columns that say who somebody is."""
    return {
        f"{table}.{column}"
        for source in config.sources.values()
        for shape in (Shape(source, name) for name in source.tables)
        for table in (shape.silver, shape.history)
        for column in shape.table.pii_columns
    }


def _made(spec: TableSpec) -> Table:
    facts = [Fact("also depends on", CONTEXT_SAYS[name]) for name in spec.context]
    if spec.incremental_by:
        facts.append(Fact("recomputed", f"for each {spec.incremental_by} that changed"))
    columns = columns_of(spec.schema, spec.columns, spec.pii)
    return Table(spec.name, spec.description, spec.grain, columns, tuple(spec.inputs.values()), facts=tuple(facts))
