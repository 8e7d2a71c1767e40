"""What no model can see: whether the names in a source's YAML lead somewhere, and whether its SQL holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from c360.config.document import Loc, Mistake, Node
from c360.config.explain import no_such
from c360.config.formats import format_named
from c360.config.loads import Changes
from c360.config.models import Mapping, SourceConfig, SourceTable
from c360.config.paths import parsed

Columns = dict[str, str | None]
"""Column → SQL type; None: it is there, but its declaration has mistakes of its own."""

_DELIVERED_AT: Columns = {"_delivered_at": "TIMESTAMP"}
"""Of the columns c360 adds, the one a mapping may use: a source without `updated_at` has no other time of change."""
_PARTITIONED_BY = ("STRING", "INT", "BIGINT", "DATE", None)


@dataclass(frozen=True)
class SourceCheck:
    """The cross-checks of one file under conf/sources/.

    Attributes:
        source: what could be read of it.
        node: its tree, for the places of mistakes.
        doubtful: what is left out of `source` because it has been reported already.
    """

    source: SourceConfig
    node: Node
    doubtful: frozenset[Loc] = frozenset()

    def mistakes(self, check_sql: bool = True) -> Iterator[Mistake]:
        """All mistakes, in no particular order.

        Args:
            check_sql: also parse the expressions.
        """
        yield from self._shared_files()
        yield from self._circles()
        for name, table in self.source.tables.items():
            yield from self._names(name, table)
            yield from self._references(name, table)
            if check_sql:
                yield from self._table_sql(name, table)
        for name, mappings in self.source.unified.items():
            for i, mapping in enumerate(mappings):
                yield from self._mapping(name, mapping, ("unified", name, i), check_sql)

    @cached_property
    def _tables(self) -> dict[str, Columns | None]:
        """Table → its declared and derived columns; None for a table that had to be left out."""
        tables: dict[str, Columns | None] = {n: dict(t.business_columns) for n, t in self.source.tables.items()}
        for loc in self.doubtful:
            if loc[:1] == ("tables",) and len(loc) > 1 and loc[1] not in self.source.tables:
                tables[str(loc[1])] = None
        for name in self.source.tables:
            for kind in ("columns", "derive"):
                tables[name] = {**(tables[name] or {}), **self._doubted(("tables", name, kind))}
        return tables

    def _mistake(self, loc: Loc, problem: str, allowed: str | None = None) -> Mistake:
        """A mistake at a place; one about what a secret stands for keeps to itself what that is."""
        written = self.node.at(loc).written
        said = problem if written is None else f"what {written} stands for is wrong here"
        return self.node.mistake(loc, said, allowed)

    def _doubted(self, under: Loc) -> Columns:
        depth = len(under)
        return {str(loc[depth]).lower(): None for loc in self.doubtful if loc[:depth] == under and len(loc) > depth}

    def _shared_files(self) -> Iterator[Mistake]:
        claimed: dict[str, str] = {}
        for name, table in self.source.tables.items():
            for i, pattern in enumerate(table.files):
                if pattern in claimed:
                    problem = f"the files {pattern!r} already go to table {claimed[pattern]}; one file feeds one table"
                    yield self._mistake(("tables", name, "files", i), problem)
                claimed.setdefault(pattern, name)

    def _names(self, name: str, table: SourceTable) -> Iterator[Mistake]:
        at: Loc = ("tables", name)
        columns = self._tables[name] or {}
        if table.http and table.database:
            yield self._mistake((*at, "http"), "database is declared too; leave one of the two out")
        if not table.files and not self.source.origin(name):
            where = "files, or http or database both at the source and here"
            yield self._mistake(at, f"nothing says where its rows come from; declare {where}")
        declared = {c: t for c, t in columns.items() if c not in table.derive}
        yield from self._listed((*at, "key"), table.key, declared, table)
        yield from self._listed((*at, "newest_by"), table.newest_by, columns)
        for i, group in enumerate(table.unique):
            yield from self._listed((*at, "unique", i), group, columns)
        if table.partition_by is not None and table.partition_by not in columns:
            yield self._unknown((*at, "partition_by"), table.partition_by, columns)
        elif table.partition_by is not None and columns[table.partition_by] not in _PARTITIONED_BY:
            found = str(columns[table.partition_by]).lower()
            problem = f"{table.partition_by} is {found}; a table is partitioned by a string, int, bigint or date"
            yield self._mistake((*at, "partition_by"), problem)
        yield from self._times_and_operations(at, table, columns)
        yield from self._paths(at, table)
        for derived in table.derive:
            if derived in table.columns:
                problem = f"{derived} is declared under columns too; give one of the two another name"
                yield self._mistake((*at, "derive", derived), problem)
        first: dict[str, str] = {}
        for column, source_name in table.source_columns:
            if first.setdefault(source_name.strip(), column) != column:
                problem = f"{source_name!r} already goes to column {first[source_name.strip()]}; use derive for a copy"
                yield self._mistake((*at, "columns", column, "from"), problem)

    def _times_and_operations(self, at: Loc, table: SourceTable, columns: Columns) -> Iterator[Mistake]:
        times: dict[Loc, str | None] = {(*at, "event_at"): table.event_at}
        if table.history:
            times[(*at, "history", "valid_from")] = table.history.valid_from
        if isinstance(table.load, Changes):
            times[(*at, "load", "at")] = table.load.at
            place: Loc = (*at, "load", "operation")
            if table.load.operation not in columns:
                yield self._unknown(place, table.load.operation, columns)
            elif (kind := columns[table.load.operation]) not in ("STRING", None):
                yield self._mistake(place, f"{table.load.operation} is {str(kind).lower()}; it must be a string")
        for place, name in times.items():
            if name is None:
                continue
            if name not in columns:
                yield self._unknown(place, name, columns)
            elif (kind := columns[name]) not in ("DATE", "TIMESTAMP", None):
                yield self._mistake(place, f"{name} is {str(kind).lower()}; it must be a date or a timestamp")

    def _paths(self, at: Loc, table: SourceTable) -> Iterator[Mistake]:
        """What columns of JSON come from: paths that lead to one value each."""
        if table.format in ("json", "jsonl") or {format_named(pattern) for pattern in table.files} & {"json", "jsonl"}:
            for column, path in table.source_columns:
                try:
                    steps = parsed(path)
                except ValueError as problem:
                    yield self._mistake((*at, "columns", column, "from"), str(problem))
                    continue
                if None in steps:
                    said = f"{path!r} is many values; name a position, or the array as it is"
                    yield self._mistake((*at, "columns", column, "from"), said)

    def _listed(
        self, at: Loc, names: Sequence[str], known: Columns, keyed: SourceTable | None = None
    ) -> Iterator[Mistake]:
        for i, name in enumerate(names):
            if keyed is not None and name in keyed.derive:
                problem = f"{name} is derived; declare a key under columns, so that a row without one can be rejected"
                yield self._mistake((*at, i), problem)
            elif name not in known:
                yield self._unknown((*at, i), name, known)
            if name in names[:i]:
                yield self._mistake((*at, i), f"{name} is listed twice")

    def _unknown(self, at: Loc, name: str, known: Collection[str]) -> Mistake:
        return self._mistake(at, no_such("column", name, known), ", ".join(known))

    def _references(self, name: str, table: SourceTable) -> Iterator[Mistake]:
        columns = self._tables[name] or {}
        for column, reference in table.references.items():
            at: Loc = ("tables", name, "references", column)
            if column not in columns:
                yield self._unknown(at, column, columns)
            if reference.table not in self._tables:
                problem = no_such("table", reference.table, self._tables)
                yield self._mistake(at, problem, ", ".join(self._tables))
            elif reference.table == name:
                problem = "a table cannot refer to itself, as parents are merged before children; leave it out"
                yield self._mistake(at, problem)
            elif reference.table in self.source.tables:
                yield from self._comparable(at, column, columns.get(column), reference.table)

    def _comparable(self, at: Loc, column: str, own: str | None, parent: str) -> Iterator[Mistake]:
        key = self.source.tables[parent].key
        if len(key) != 1:
            problem = f"the key of {parent} is {', '.join(key)}; a reference needs a key of one column"
            yield self._mistake(at, problem)
            return
        other = (self._tables[parent] or {}).get(key[0])
        if own and other and _family(own) != _family(other):
            problem = f"{column} is {own.lower()}, but {parent}.{key[0]} is {other.lower()}; give both the same type"
            yield self._mistake(at, problem)

    def _circles(self) -> Iterator[Mistake]:
        """Each circle of references once, at the first of its tables."""
        tables = self.source.tables
        parents = {
            name: {r.table: column for column, r in table.references.items() if r.table in tables and r.table != name}
            for name, table in tables.items()
        }
        reported: set[frozenset[str]] = set()
        for start in tables:
            circle = _way_back(start, parents)
            if circle and frozenset(circle) not in reported:
                reported.add(frozenset(circle))
                way = " → ".join(circle)
                problem = f"the references go in a circle, {way}, but parents are merged before children; leave one out"
                yield self._mistake(("tables", start, "references", parents[start][circle[1]]), problem)

    def _table_sql(self, name: str, table: SourceTable) -> Iterator[Mistake]:
        columns = self._tables[name] or {}
        declared = [c for c in columns if c in table.columns or c not in table.derive]
        for column, derived in table.derive.items():
            yield from self._row_sql(("tables", name, "derive", column), derived.sql, declared)
        for rule, sql in table.rules.items():
            yield from self._row_sql(("tables", name, "rules", rule), sql, columns)

    def _row_sql(self, at: Loc, sql: str, columns: Collection[str] | None) -> Iterator[Mistake]:
        from c360.config.expressions import row_problems  # sqlglot: only where expressions are checked

        for problem, allowed in row_problems(sql, columns):
            yield self._mistake(at, problem, allowed)

    def _mapping(self, name: str, mapping: Mapping, at: Loc, check_sql: bool) -> Iterator[Mistake]:
        from c360.ddl import fields  # pyarrow: only where something is mapped
        from c360.unify.entities import MAPPABLE, MAPPED_AS

        called = {entity: called for called, entity in MAPPED_AS.items()}
        known = [called.get(entity, entity) for entity in MAPPABLE]
        if name in called:
            yield self._mistake(at[:2], f"no such unified table {name!r}; write {called[name]!r}")
            return
        if name not in known:
            yield self._mistake(at[:2], no_such("unified table", name, known), ", ".join(known))
            return
        entity = MAPPABLE[MAPPED_AS.get(name, name)]
        added = fields(entity.schema).keys() - entity.mapped_columns.keys()
        for column in mapping.columns:
            place: Loc = (*at, "columns", column)
            if column in added:
                yield self._mistake(place, f"{column} is filled by c360; leave it out")
            elif column not in entity.mapped_columns:
                problem = no_such("column", column, entity.mapped_columns)
                yield self._mistake(place, problem, ", ".join(entity.mapped_columns))
        grain = [column for column in entity.grain if column != "source"]
        missing = [column for column in grain if column not in mapping.columns]
        if missing and not any(loc[:2] == at[:2] for loc in self.doubtful):
            problem = f"{', '.join(missing)} must be filled: a row of {name} is known by {', '.join(grain)}"
            yield self._mistake((*at, "columns"), problem)
        yield from self._origin(mapping, at, check_sql)

    def _origin(self, mapping: Mapping, at: Loc, check_sql: bool) -> Iterator[Mistake]:
        """The table or query that a mapping reads, and the expressions over its columns."""
        columns: Collection[str] | None = None
        if mapping.table is not None:
            if mapping.table not in self._tables:
                problem = no_such("table", mapping.table, self._tables)
                yield self._mistake((*at, "from"), problem, ", ".join(self._tables))
            own = self._tables.get(mapping.table)
            columns = None if own is None else own | _DELIVERED_AT
        if not check_sql:
            return
        if mapping.query is not None:
            columns = yield from self._query(mapping.query, (*at, "query"))
        if mapping.where is not None:
            yield from self._row_sql((*at, "where"), mapping.where, columns)
        for column, sql in mapping.columns.items():
            yield from self._row_sql((*at, "columns", column), sql, columns)

    def _query(self, sql: str, at: Loc) -> Generator[Mistake, None, Collection[str] | None]:
        """The mistakes in a query; returns the names of its columns, None if they cannot be told."""
        from c360.config.expressions import query_problems

        tables = {name: None if columns is None else columns | _DELIVERED_AT for name, columns in self._tables.items()}
        problems, names = query_problems(sql, tables)
        for problem, allowed in problems:
            yield self._mistake(at, problem, allowed)
        return names if self.node.at(at).written is None else None


def _family(sql_type: str) -> str:
    """Types of one family compare without a cast that could fail or round."""
    whole = re.fullmatch(r"INT|BIGINT|DECIMAL\(.*\)", sql_type)
    return "number" if whole else sql_type


def _way_back(start: str, parents: dict[str, dict[str, str]]) -> list[str]:
    """The shortest way along references from a table back to itself; empty if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for parent in parents[way[-1]]:
            if parent == start:
                return [*way, start]
            if parent not in seen:
                seen.add(parent)
                ways.append([*way, parent])
    return []
