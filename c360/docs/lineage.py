"""What every value is made of: column by column up to the unified views, table by table from there on.

The columns are read off the very SQL that the views are, by sqlglot; the tables off the parameters of the functions
that make them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from c360.config import Mapping as SourceMapping
from c360.config import SourceConfig
from c360.config.load import Config
from c360.ddl import fields
from c360.docs.model import Table
from c360.errors import ConfigError
from c360.registry import load
from c360.silver.shape import Shape
from c360.unify import views
from c360.unify.entities import ENTITIES, MAPPED_AS

Columns = Mapping[str, tuple[str, ...]]
"""Column of a unified view → what it is made of, such as `silver_retail.customers.email`; sorted."""


@dataclass(frozen=True)
class Filling:
    """What one mapping of one source puts into a unified view, and what each column of that is made of."""

    source: str
    mapping: SourceMapping
    columns: Columns


def fillings(config: Config) -> dict[str, tuple[Filling, ...]]:
    """Unified view → what fills it, mapping by mapping: columns of silver, and of the crosswalk of persons.

    A column that is null or a constant is made of none. What only decides which rows there are (WHERE, JOIN … ON) does
    not count; what a CASE asks does.

    Raises:
        ConfigError: the lineage of a view cannot be told.
    """
    schema = _schema(config)
    return {
        f"unified.{entity}": tuple(
            Filling(source.source, mapping, _reads(config, entity, source, mapping, schema))
            for source, mapping in views.mappings(config.sources, entity)
        )
        for entity in ENTITIES
    }


def column_reads(filled: Mapping[str, tuple[Filling, ...]]) -> dict[str, Columns]:
    """Unified view → column → what all sources together make it of."""
    return {
        view: {
            column: tuple(sorted({origin for part in parts for origin in part.columns[column]}))
            for column in ENTITIES[view.partition(".")[2]].columns
        }
        for view, parts in filled.items()
    }


def read_by(reads: Mapping[str, Columns]) -> dict[str, tuple[str, ...]]:
    """The other way round: `silver_retail.customers.email` → the unified columns made of it, sorted."""
    found: dict[str, list[str]] = {}
    for view, columns in reads.items():
        for column, made_of in columns.items():
            for origin in made_of:
                found.setdefault(origin, []).append(f"{view}.{column}")
    return {origin: tuple(sorted(columns)) for origin, columns in found.items()}


def users(tables: Iterable[Table]) -> dict[str, tuple[str, ...]]:
    """Table → the tables made from it, sorted; those that nothing is made from are left out."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for name in table.inputs:
            found.setdefault(name, []).append(table.name)
    return {name: tuple(sorted(makes)) for name, makes in found.items()}


def _schema(config: Config) -> dict[str, dict[str, dict[str, str]]]:
    """Database → table → column → type, of all that a unified view may read."""
    schema = {"unified": {"customer_records": fields(load()[views.RECORDS].schema)}}
    for source in config.sources.values():
        shapes = [Shape(source, name) for name in source.tables]
        tables = {shape.silver: shape.silver_schema for shape in shapes}
        tables |= {shape.history: shape.history_schema for shape in shapes}
        schema[f"silver_{source.source}"] = {name.partition(".")[2]: fields(ddl) for name, ddl in tables.items()}
    return schema


def _reads(
    config: Config,
    entity: str,
    source: SourceConfig,
    mapping: SourceMapping,
    schema: dict[str, dict[str, dict[str, str]]],
) -> Columns:
    """Of a view that has this one mapping only."""
    wanted = ENTITIES[entity].versions_of or entity
    name = next(name for name in source.unified if MAPPED_AS.get(name, name) == wanted)
    alone = {source.source: source.model_copy(update={"unified": {name: (mapping,)}})}
    text = views.sql(alone, config.settings, entity, lambda table: table)
    try:
        query = sqlglot.parse_one(text, dialect="spark").transform(_without_disguise)
        nodes = lineage(None, query, schema, dialect="spark", trim_selects=False, copy=False)
    except SqlglotError as problem:
        said = str(problem).splitlines()[0]
        raise ConfigError(
            f"what unified.{entity} is made of in {source.source} cannot be told from its SQL: {said}; "
            "name the table before each column of the query"
        ) from None
    assert isinstance(nodes, dict), "asked for no single column, it gives them all"
    return {column: _leaves(nodes[column]) for column in ENTITIES[entity].columns}


def _without_disguise(node: exp.Expr) -> exp.Expr:
    """A constant as itself: a view hides it behind its key, so that Sail does not see that it is one."""
    is_hidden = isinstance(node, exp.Nvl2) and node.args["true"] == node.args.get("false")
    return node.args["true"] if is_hidden else node


def _leaves(node: Node) -> tuple[str, ...]:
    found = set()
    for part in node.walk():
        if isinstance(part.expression, exp.Table):
            column = part.name.rpartition(".")[2].strip("`")
            found.add(f"{part.expression.db}.{part.expression.name}.{column}")
    return tuple(sorted(found))
