"""PostgreSQL: rows as Arrow straight from COPY, over as many connections as there are parts, all in one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType

import pyarrow as pa

from c360.config.database import Database, DatabaseTable
from c360.errors import SourceError
from c360.pull.servers import Place, listed
from c360.pull.sql import TIMES, Column, Dialect, Kind, where

_KINDS: dict[str, Kind] = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "decimal",
    "real": "float",
    "double precision": "float",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "instant",
}
_OPTIONS = {"adbc.postgresql.batch_size_hint_bytes": str(8 * 1024 * 1024)}
# what a text of a value depends on
_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "idle_in_transaction_session_timeout": "0",  # the first session waits for the others, and keeps their snapshot
}


class Postgres(Dialect):
    """PostgreSQL's SQL."""

    def quoted(self, name: str) -> str:
        """In double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str, column: Column) -> str:
        """Times with six decimals, an instant in UTC with a Z; numbers without an exponent; bytes in hex.

        A time outside of the years 1 to 9999 is as PostgreSQL writes it (`infinity`, `… BC`), and so are NaN and
        Infinity.
        """
        if column.kind in ("timestamp", "instant"):
            zone = "Z" if column.kind == "instant" else ""
            written = f"to_char({value}, 'YYYY-MM-DD HH24:MI:SS.US{zone}')"
            return f"CASE WHEN {self.is_regular(value, column)} THEN {written} ELSE {value}::text END"
        if column.kind == "float":
            return f"CASE WHEN {value}::text LIKE '%e%' THEN {value}::text::numeric::text ELSE {value}::text END"
        if column.type == "money":  # its own text depends on the server's country
            return f"{value}::numeric::text"
        if column.type == "bytea":
            return f"encode({value}, 'hex')"
        return f"{value}::text"

    def literal(self, text: str, column: Column) -> str:
        """A number as it is; any other value in quotes, with its type."""
        if column.kind in ("integer", "decimal"):
            return text
        prefix = r"\x" if column.type == "bytea" else ""
        return f"{_string(prefix + text)}::{column.type}"

    def is_regular(self, value: str, column: Column) -> str | None:
        """Finite, and within the years 1 to 9999."""
        if column.kind in ("decimal", "float"):
            return f"{value}::text NOT IN ('NaN', 'Infinity', '-Infinity')"
        if column.kind in TIMES:
            return f"{value} >= '0001-01-01' AND {value} < '10000-01-01'"
        return None

    def can_be_mark(self, value: str, column: Column) -> str | None:
        """Regular, and no time later than tomorrow."""
        regular = self.is_regular(value, column)
        return f"{regular} AND {value} <= now() + interval '1 day'" if column.kind in TIMES else regular

    def quantiles(self, origin: str, column: Column, conditions: Sequence[str], parts: int) -> str:
        """By sorting all values."""
        at = self.at(column)
        shares = ", ".join(f"{n}.0 / {parts}" for n in range(1, parts))
        found = f"SELECT DISTINCT unnest(percentile_disc(ARRAY[{shares}]) WITHIN GROUP (ORDER BY {at})) AS a"
        inner = f"{found}\nFROM {origin}{where([*conditions, f'{at} IS NOT NULL'])}"
        return f"SELECT {self.text('b.a', column)} AS a\nFROM (\n{inner}\n) AS b\nWHERE b.a IS NOT NULL\nORDER BY b.a"


class PostgresSession:
    """A connection to PostgreSQL in a transaction that only reads. Close it.

    Args:
        uri: where the database is.
        settings: of the transaction.
        snapshot: the state to see, exported by another session; None: the present one.
        explained: makes of what the driver raises, perhaps while it connects, what is raised here.
    """

    def __init__(
        self,
        uri: str,
        settings: Mapping[str, str],
        snapshot: str | None,
        explained: Callable[[Exception, bool], SourceError],
    ) -> None:
        self._explained = explained
        self._driver = adbc()
        with self._errors(connecting=True):
            self._connection = self._driver.connect(uri, autocommit=True)
        try:
            self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if snapshot is not None:
                self.run(f"SET TRANSACTION SNAPSHOT {_string(snapshot)}")
            self.run("SET LOCAL client_encoding = 'UTF8'")
            set_all = ", ".join(f"set_config({_string(n)}, {_string(v)}, true)" for n, v in settings.items())
            self.rows(f"SELECT {set_all}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """The transaction ends with the connection."""
        with self._errors():
            self._connection.close()

    def run(self, statement: str) -> None:
        """Run a statement that finds nothing."""
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(statement)

    def names(self, statement: str) -> list[str]:
        """The names of the columns that a statement would give."""
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(statement)
            return [column[0] for column in cursor.description or ()]

    def rows(self, statement: str) -> list[tuple[str | None, ...]]:
        """See `Session`."""
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]

    def batches(self, statement: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """See `Session`."""
        with self._errors(), self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**_OPTIONS)
            cursor.execute(statement)
            yield from cursor.fetch_record_batch()

    def cancel(self) -> None:
        """See `Session`."""
        with suppress(self._driver.Error):  # it has just ended by itself
            self._connection.adbc_cancel()

    @contextmanager
    def _errors(self, connecting: bool = False) -> Iterator[None]:
        try:
            yield
        except (self._driver.Error, pa.ArrowException, OSError) as problem:
            raise self._explained(problem, connecting) from None


class PostgresSource:
    """A PostgreSQL database in one state. Use it as a context manager.

    Args:
        database: where it is.
        what: the table or query, for the sentences of errors.
        at_once: how many more sessions there may be.

    Raises:
        SourceError: there is no such server or database, or it does not let us in.
    """

    def __init__(self, database: Database, what: str, at_once: int) -> None:
        self.dialect = Postgres()
        self.at_once = at_once
        self._uri = _with_defaults(database.uri)
        self._settings = dict(_SETTINGS)
        if database.statement_timeout_seconds:
            self._settings["statement_timeout"] = f"{database.statement_timeout_seconds}s"
        self._what = what
        self._place = Place.of(database)
        self.session = self._opened(None)
        try:
            [(self._snapshot,)] = self.session.rows("SELECT pg_export_snapshot()")
        except BaseException:
            self.session.close()
            raise

    def __enter__(self) -> PostgresSource:
        return self

    def __exit__(self, *raised: object) -> None:
        self.session.close()

    @contextmanager
    def another(self) -> Iterator[PostgresSession]:
        """See `Source`."""
        session = self._opened(self._snapshot)
        try:
            yield session
        finally:
            session.close()

    def unsettled(self, column: Column) -> str | None:
        """None: PostgreSQL has no column that would know."""
        return None

    def columns(self, table: DatabaseTable) -> list[Column]:
        """See `Source`."""
        if table.names:
            self._exists(table.names)
        origin = self.dialect.origin(table)
        names = self.session.names(f"SELECT * FROM {origin} LIMIT 0")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SourceError(f"{self._what} gives several columns the name {twice[0]!r}; rename all but one with AS")
        if not names:
            raise SourceError(f"{self._what} has no columns")
        types = self.session.rows(_types(origin, [f"t.{self.dialect.quoted(name)}" for name in names]))
        return [
            Column(name, str(kind), _KINDS.get(str(kind), "other")) for name, (kind,) in zip(names, types, strict=True)
        ]

    def _opened(self, snapshot: str | None) -> PostgresSession:
        return PostgresSession(self._uri, self._settings, snapshot, self._explained)

    def _exists(self, names: Sequence[str]) -> None:
        [(found,)] = self.session.rows(f"SELECT to_regclass({_string(self.dialect.path(names))})::text")
        if found is None:
            there = [str(name) for (name,) in self.session.rows(_TABLES)]
            raise SourceError(
                f"{self._place.database} has no table {'.'.join(names)}; it has {listed('.'.join(names), there)}"
            )

    def _explained(self, problem: Exception, connecting: bool) -> SourceError:
        details = dict(getattr(problem, "details", None) or [])
        said = details.get("PG_DIAG_MESSAGE_PRIMARY", b"").decode("utf-8", "replace") or str(problem)
        if connecting:
            return SourceError(self._place.refused(said))
        return SourceError(self._place.failed(self._what, said, getattr(problem, "sqlstate", None)))


def adbc() -> ModuleType:
    """The driver, which only those need who read from PostgreSQL.

    Raises:
        SourceError: it is not installed.
    """
    try:
        return import_module("adbc_driver_postgresql.dbapi")
    except ImportError:
        raise SourceError(
            "to read from PostgreSQL, install its driver: pip install adbc-driver-manager adbc-driver-postgresql"
        ) from None


def _with_defaults(uri: str) -> str:
    """The URI with a limit to how long a connection is waited for, if it has none, and with our name."""
    more = {"connect_timeout": "15", "fallback_application_name": "c360"}
    for name, value in more.items():
        if f"{name}=" not in uri:
            uri += f"{'&' if '?' in uri else '?'}{name}={value}"
    return uri


_TABLES = """
SELECT n.nspname || '.' || c.relname AS a
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY 1"""


def _types(origin: str, columns: Sequence[str]) -> str:
    """The statement that gives the type of each column, that of a domain being the one it is made of."""
    # one row is made up, for there may be none; nothing of the table is read
    return f"""
WITH RECURSIVE found AS (
  SELECT c.number, c.type
  FROM (SELECT 1) AS one LEFT JOIN {origin} ON false
  CROSS JOIN LATERAL unnest(ARRAY[{", ".join(f"pg_typeof({column})::oid" for column in columns)}])
    WITH ORDINALITY AS c(type, number)
  UNION ALL
  SELECT found.number, p.typbasetype FROM found JOIN pg_type p ON p.oid = found.type WHERE p.typtype = 'd'
)
SELECT format_type(found.type, -1) AS a
FROM found JOIN pg_type p ON p.oid = found.type
WHERE p.typtype <> 'd'
ORDER BY found.number"""


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
