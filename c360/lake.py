"""The one place that reads and writes Delta.

Tables are named as users see them (`silver_retail.customers`, `gold.rfm`) and lie in folders
(`silver/retail/customers`). Metadata (create, version, restore) goes through delta-rs, which needs no engine; rows go
through the session, so that what runs on a laptop runs on a cluster. Small `ops` tables go through delta-rs altogether.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from deltalake.exceptions import TableNotFoundError

from c360.commits import fit, in_list, named, retried
from c360.crash import wrote
from c360.ddl import arrow_schema, fields, mismatch, sql_type_of
from c360.errors import C360Error, SchemaMismatchError
from c360.location import checked_root, engine_root, folder, latest_version, tables_below
from c360.scratch import Scratch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Lake(Scratch):
    """The tables below one folder.

    Args:
        root: a local folder, or the URI of one in an object store.
        spark: the session rows go through; None where only metadata and `ops` are needed.
    """

    def __init__(self, root: str | Path, spark: SparkSession | None = None) -> None:
        super().__init__(checked_root(root), spark)
        self._opened: dict[str, DeltaTable] = {}
        self._columns: dict[str, tuple[int | None, dict[str, str]]] = {}

    @property
    def has_engine(self) -> bool:
        """Whether it was opened with a session."""
        return self._spark is not None

    def with_session(self, spark: SparkSession) -> Lake:
        """The same lake, with a session."""
        lake = Lake(self.root, spark)
        lake._opened = self._opened
        return lake

    def path(self, name: str) -> str:
        """Where the table lies."""
        return f"{self.root}/{folder(name)}"

    def location(self, name: str) -> str:
        """Where the session finds the table."""
        return f"{engine_root(self.root, self.spark)}/{folder(name)}"

    def sql_name(self, name: str) -> str:
        """The table as the session's SQL names it."""
        return "delta.`" + self.location(name).replace("`", "``") + "`"

    def table(self, name: str) -> DeltaTable:
        """The table's metadata, as it is now.

        To open a table is to read its whole log, so an opened one is kept, and reads no more than the commits since.

        Raises:
            C360Error: there is no such table.
        """
        opened, version = self._opened.get(name), self.version(name)
        if opened is None or version is None or opened.version() > version:
            try:
                opened = self._opened[name] = DeltaTable(self.path(name))
            except TableNotFoundError:
                raise C360Error(f"no such table in {self.root}: {name}") from None
        elif opened.version() < version:
            opened.update_incremental()
        return opened

    def version(self, name: str) -> int | None:
        """Its current version; None if it does not exist."""
        return latest_version(self.root, name)

    def names(self) -> list[str]:
        """All tables, sorted."""
        return tables_below(self.root)

    def count(self, name: str) -> int:
        """Rows, from the table's own metadata."""
        return sum(action["num_records"] for action in self.files(name))

    def not_null(self, name: str, column: str) -> int:
        """Rows whose `column` is not null, from the table's own metadata."""
        return sum(action["num_records"] - action[f"null_count.{column}"] for action in self.files(name))

    def files(self, name: str) -> list[dict[str, Any]]:
        """What the table's metadata says of each of its files."""
        actions: list[dict[str, Any]] = pa.table(self.table(name).get_add_actions(flatten=True)).to_pylist()
        return actions

    def ensure(
        self,
        name: str,
        schema: str,
        *,
        partition_by: str | None = None,
        pii: Iterable[str] = (),
        description: str = "",
        comments: Mapping[str, str] | None = None,
    ) -> None:
        """Create the table, empty and with every column nullable, unless it exists as declared.

        One place settles nullability, types and order for both engines. Column statistics are kept off `pii` columns,
        because they outlive deleted rows in the table's log.

        Raises:
            SchemaMismatchError: it exists with other columns.
        """
        if self.version(name) is None:
            self._create(name, schema, "error", partition_by, pii, description, comments)
            return
        found = self.columns(name)
        if found != fields(schema):
            raise SchemaMismatchError(mismatch(name, found, fields(schema)))

    def recreate(self, name: str, schema: str, **declared: Any) -> None:
        """Empty the table and give it this schema; its history stays."""
        self._create(name, schema, "error" if self.version(name) is None else "overwrite", **declared)

    def _create(
        self,
        name: str,
        schema: str,
        mode: Any,
        partition_by: str | None = None,
        pii: Iterable[str] = (),
        description: str = "",
        comments: Mapping[str, str] | None = None,
    ) -> None:
        arrow = arrow_schema(schema)
        if comments:
            said = {f.name: {"comment": comments[f.name]} if f.name in comments else None for f in arrow}
            arrow = pa.schema([f.with_metadata(said[f.name]) for f in arrow])
        self._opened.pop(name, None)
        hidden = {*pii, partition_by}
        counted = [f.name for f in arrow if f.name not in hidden and not pa.types.is_list(f.type)]
        DeltaTable.create(
            self.path(name),
            schema=arrow,
            mode=mode,
            partition_by=[partition_by] if partition_by else None,
            description=description[:4000] or None,
            configuration={
                "delta.enableDeletionVectors": "false",  # delta-rs cannot read them, and Sail rewrites instead
                "delta.dataSkippingStatsColumns": ",".join(counted),
            },
        )
        wrote()

    def columns(self, name: str) -> dict[str, str]:
        """Column names and SQL types of an existing table."""
        version = self.version(name)
        if name not in self._columns or self._columns[name][0] != version:
            found = {f.name: sql_type_of(f.type.to_json()) for f in self.table(name).schema().fields}
            self._columns[name] = version, found
        return self._columns[name][1]

    def read(self, name: str, version: int | None = None) -> DataFrame:
        """The table as a DataFrame, at a version if one is given."""
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", str(version))
        return reader.load(self.location(name))

    def append(self, name: str, rows: DataFrame) -> None:
        """Add rows, cast to the table's own columns."""
        self._write(name, rows, "append")

    def overwrite(self, name: str, rows: DataFrame) -> None:
        """Replace all rows, cast to the table's own columns."""
        self._write(name, rows, "overwrite")

    def _write(self, name: str, rows: DataFrame, mode: str) -> None:
        fitted = fit(rows, self.columns(name), name)
        retried(name, lambda: fitted.write.format("delta").mode(mode).save(self.location(name)))

    def upsert(
        self,
        name: str,
        rows: DataFrame,
        key: Sequence[str],
        *,
        partitions: tuple[str, Sequence[Any]] | None = None,
        insert: bool = True,
        columns: Sequence[str] | None = None,
    ) -> None:
        """MERGE rows by key: matched rows are replaced, the others inserted.

        Args:
            rows: no two with the same key, and none that changes nothing.
            key: compared with `=`; never null.
            partitions: (partition column, its values in which matched rows lie): the scan is bounded by this literal
                list, since neither engine prunes by anything else here.
            insert: false to leave rows out whose key is not there.
            columns: what is replaced, if not everything.
        """
        every = self.columns(name)
        wanted = {c: every[c] for c in (*key, *columns)} if columns else every
        source = fit(rows, wanted, name)
        on = " AND ".join(f"t.`{c}` = s.`{c}`" for c in key)
        if partitions is not None:
            on += f" AND {in_list(*partitions)}"
        update = ", ".join(f"t.`{c}` = s.`{c}`" for c in wanted)
        names, values = ", ".join(f"`{c}`" for c in wanted), ", ".join(f"s.`{c}`" for c in wanted)
        with named(self.spark) as name_of:
            statement = f"MERGE INTO {self.sql_name(name)} AS t USING {name_of(source)} AS s ON {on}"
            statement += f" WHEN MATCHED THEN UPDATE SET {update}"
            if insert:
                statement += f" WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"
            retried(name, lambda: self.spark.sql(statement).collect())

    def restore(self, name: str, version: int) -> None:
        """Make the table what it was at `version`, by a new commit."""
        if self.version(name) != version:
            self.table(name).restore(version)
            wrote()

    def rows(self, name: str) -> list[dict[str, Any]]:
        """All rows of a small table, without an engine; none if it does not exist."""
        if self.version(name) is None:
            return []
        return list(self.arrow(name).to_pylist())

    def arrow(self, name: str, query: str = "SELECT * FROM t") -> pa.Table:
        """A small table, or a few rows of one, without an engine.

        Not by way of pyarrow's datasets: their threads may still let go of files when the command is done, and then end
        it with an abort.

        Args:
            query: which of its columns and rows; in it the table is called `t`.
        """
        found = self._asked(name, query)
        types = {field.name: field.type for field in pa.schema(self.table(name).schema().to_arrow())}
        return found.cast(pa.schema([(column, types[column]) for column in found.column_names]))

    def ask(self, name: str, query: str) -> list[dict[str, Any]]:
        """The rows of any query on one table, called `t` in it, without an engine."""
        return list(self._asked(name, query).to_pylist())

    def _asked(self, name: str, query: str) -> pa.Table:
        return pa.table(QueryBuilder().register("t", self.table(name)).execute(query).read_all())

    def add_rows(self, name: str, schema: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append a few rows to an `ops` table, without an engine; it is created when missing."""
        data = pa.Table.from_pylist([dict(r) for r in rows], schema=arrow_schema(schema))
        self.ensure(name, schema)
        retried(name, lambda: write_deltalake(self.table(name), data, mode="append"))

    def compact(self, name: str) -> None:
        """Rewrite many small files as few, and drop files no version of the last week needs."""
        self.table(name).optimize.compact()
        wrote()
        self.table(name).vacuum(dry_run=False, full=True)  # full: also what a dead run wrote and never committed
        wrote()
