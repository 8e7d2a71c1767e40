"""Incremental gold: which rows of a table have to be recomputed since it was last made.

A table declared `incremental_by` a column (a person, a month) is recomputed for the values of that column that occur in
a changed row of one of its inputs, before or after the change; its other rows stay. Changed rows are found by comparing
two versions of an input, in the partitions where its files differ. Where that would be no less work than making the
table anew, or cannot be told, it is made anew.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from c360.lake import Lake
from c360.registry import TableSpec
from c360.steps.base import Context
from c360.unify import views
from c360.unify.entities import ENTITIES, Entity

SMALL = 200_000
"""Rows of all inputs together: up to so many a table is made anew, which is the fewest jobs."""

WORTH = 0.3
"""Share of the inputs' bytes that may have to be compared; with more, making the table anew is less work."""


@dataclass(frozen=True)
class Touched:
    """Where two versions of a table differ.

    Attributes:
        bytes: size of all files there, of both versions.
        by: the partition column, if it has one.
        values: the partitions that differ.
    """

    bytes: int
    by: str | None = None
    values: tuple[Any, ...] = ()

    def rows(self, table: DataFrame) -> DataFrame:
        """The rows of one version that lie there."""
        if self.by is None:
            return table
        found = F.col(self.by).isin(*(v for v in self.values if v is not None))
        return table.where(found | F.col(self.by).isNull() if None in self.values else found)


def touched(lake: Lake, name: str, since: int) -> Touched | None:
    """Where the table differs from what it was at version `since`; None if that version is not held any more."""
    try:
        then = DeltaTable(lake.path(name), version=since)
    except DeltaError:  # its log has been cleaned up
        return None
    if "://" in lake.root or then.schema() != lake.table(name).schema():
        return None
    before, after = (
        {action["path"]: action for action in pa.table(table.get_add_actions(flatten=True)).to_pylist()}
        for table in (then, lake.table(name))
    )
    if not all(Path(lake.path(name), unquote(path)).exists() for path in before.keys() - after.keys()):
        return None  # vacuumed
    by = next(iter(then.metadata().partition_columns), None)

    def place(action: Mapping[str, Any]) -> Any:
        return action[f"partition.{by}"] if by else None

    changed = [(before | after)[path] for path in before.keys() ^ after.keys()]
    values = {place(action) for action in changed}
    there = [a for a in (*before.values(), *after.values()) if place(a) in values]
    return Touched(sum(a["size_bytes"] for a in there), by, tuple(values))


def changed_rows(lake: Lake, name: str, since: int, where: Touched) -> DataFrame:
    """Every row of the table that was not there at version `since`, and every row that was and is not any more."""
    sides = [
        where.rows(lake.read(name, version)).withColumn("_side", F.lit(side))
        for version, side in ((since, -1), (None, 1))
    ]
    both = sides[0].unionByName(sides[1])
    differ = both.groupBy(*lake.columns(name)).agg(F.sum("_side").alias("_side")).where("_side != 0")
    return differ.drop("_side")


@dataclass
class Increment:
    """What changed in the inputs of one table since it was last made.

    Args:
        run: the run.
        spec: the table, declared `incremental_by` a column.
        since: input table → its version then.
        seen_from: the as_of of then and that of now, if they differ.
        name_of: gives a frame a name for SQL; see `commits.named`.
    """

    run: Context
    spec: TableSpec
    since: Mapping[str, int]
    seen_from: tuple[date, date] | None
    name_of: Callable[[DataFrame], str]
    _moved: dict[str, Touched] = field(default_factory=dict)
    _rows: dict[tuple[str, bool], DataFrame] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """The column by whose values it is recomputed."""
        return str(self.spec.incremental_by)

    def keys(self) -> DataFrame | None:
        """The values for which the table is to be recomputed, in a column of that name; None for: all of it."""
        lake = self.run.lake
        for table, version in self.since.items():
            if lake.version(table) != version:
                where = touched(lake, table, version)
                if where is None:
                    return None
                self._moved[table] = where
        files = [file for table in self.since for file in lake.files(table)]
        if sum(file["num_records"] for file in files) <= SMALL:
            return None
        if sum(where.bytes for where in self._moved.values()) > WORTH * sum(file["size_bytes"] for file in files):
            return None
        found: list[DataFrame] = []
        for parameter, name in self.spec.inputs.items():
            of_input = self._of_input(parameter, name)
            if of_input is None:
                return None
            found += of_input
        if not found:
            return lake.spark.createDataFrame([], f"{self.by} STRING")
        return lake.stage(f"{self.spec.name}.changed", reduce(DataFrame.unionByName, found).distinct())

    def persons(self, keys: DataFrame) -> str | None:
        """The crosswalk's rows of these persons, as they are written in SQL; None for a table that is not by person."""
        if self.by != "c360_id":
            return None
        records = self.run.lake.read(views.RECORDS).join(keys, self.by, "left_semi")
        return self.name_of(self.run.lake.stage(f"{self.spec.name}.persons", records))

    def only(self, rows: DataFrame, keys: DataFrame, entity: Entity | None) -> DataFrame:
        """The rows of an input with these values; all rows of an input without the column."""
        if self.by not in rows.columns:
            return rows
        if entity is not None and self.by == entity.month:
            return rows.where(_within_months(str(entity.event_at), _months(keys)))
        return rows.join(F.broadcast(keys), rows[self.by].eqNullSafe(keys[self.by]), "left_semi")

    def _changed(self, table: str, exactly: bool = True) -> DataFrame:
        """Its changed rows; or, which is less work, all rows where its files have changed."""
        if (table, exactly) not in self._rows:
            lake, where, since = self.run.lake, self._moved[table], self.since[table]
            if exactly:
                found = lake.stage(f"{self.spec.name}.{table}", changed_rows(lake, table, since, where))
            else:
                found = where.rows(lake.read(table, since)).unionByName(where.rows(lake.read(table)))
            self._rows[table, exactly] = found
        return self._rows[table, exactly]

    def _of_input(self, parameter: str, name: str) -> list[DataFrame] | None:
        """The values in changed rows of one input; None where they cannot be told."""
        by = self.by
        entity = ENTITIES.get(name.removeprefix("unified."))
        if entity is None:
            if name not in self._moved:
                return []
            return [self._changed(name).select(by)] if by in self.run.lake.columns(name) else None
        identified = parameter not in self.spec.anonymous
        below = views.inputs(self.run.config.sources, entity.name, identified)
        moved = [table for table in below if table in self._moved]
        if not moved and (self.seen_from is None or entity.event_at is None):
            return []
        if by not in entity.columns or (by != "c360_id" and views.RECORDS in moved):
            return None
        found = []
        for table in moved:
            if table == views.RECORDS:
                found.append(self._changed(table).select(by))
            else:
                found.append(self._seen(entity, self._instead(entity, table), identified).select(by))
        if self.seen_from is not None and entity.event_at:
            first, last = (day + timedelta(days=1) for day in sorted(self.seen_from))
            moment = F.col(entity.event_at)
            events = self._seen(entity, self.run.lake.sql_name, identified)
            found.append(events.where((moment >= _midnight(first)) & (moment < _midnight(last))).select(by))
        return found

    def _read_together(self, entity: Entity) -> Iterable[list[str]]:
        for source, mapping in views.mappings(self.run.config.sources, entity.name):
            yield [shape.silver for shape in views.silver_tables(source, mapping)]

    def _instead(self, entity: Entity, changed: str) -> Callable[[str], str | None]:
        """How tables are written in SQL: the one by its changed rows, and only what is read together with it.

        A row that has changed may have met a row of another table as that was, so what changed there is beside it.
        """
        lake = self.run.lake
        together = {t for tables in self._read_together(entity) if changed in tables for t in tables} - {changed}
        moved = together & self._moved.keys()
        names = {name: lake.sql_name(name) for name in (*together, views.RECORDS)}
        names |= {name: self.name_of(lake.read(name).unionByName(self._changed(name))) for name in moved}
        # where files are those of months, the months of whole files are enough
        names[changed] = self.name_of(self._changed(changed, exactly=self.by != entity.month or bool(moved)))
        return names.get

    def _seen(self, entity: Entity, table: Callable[[str], str | None], identified: bool) -> DataFrame:
        config = self.run.config
        query = views.sql(config.sources, config.settings, entity.name, table, identified=identified)
        return self.run.lake.spark.sql(query)


def _months(keys: DataFrame) -> list[int | None]:
    """The months (202503) of a frame of one column; an unknown one last."""
    return sorted((row[0] for row in keys.collect()), key=lambda month: (month is None, month))


def _within_months(moment: str, months: list[int | None]) -> Column:
    """As a condition on the moment itself: by that the engines skip files, by a value computed from it they do not."""
    found = F.lit(False)
    for month in months:
        if month is None:
            found = found | F.col(moment).isNull()
        else:
            year, number = divmod(month, 100)
            last = date(year, number, monthrange(year, number)[1])
            found = found | F.col(moment).between(_midnight(date(year, number, 1)), _at(last, "23:59:59.999999"))
    return found


def _midnight(day: date) -> Column:
    return _at(day, "00:00:00")


def _at(day: date, time: str) -> Column:
    return F.lit(f"{day} {time}").cast("TIMESTAMP")
