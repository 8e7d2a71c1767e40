"""SQL Server, over ODBC: one connection, for its transactions cannot share the state they see.

So partitions are read one after another, all in one SNAPSHOT transaction, which locks nothing and is not in the way of
those who write. The driver is pyodbc (MIT-0) over any ODBC driver that is installed: Microsoft's, or FreeTDS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

import pyarrow as pa

from c360.config.database import URIS, Database, DatabaseTable
from c360.errors import SourceError
from c360.ingest.parquet import texts
from c360.pull.servers import Place, listed
from c360.pull.sql import TIMES, Column, Dialect, Kind, where

DRIVER = "ODBC Driver 18 for SQL Server"
"""Unless the URI names another: `?Driver=FreeTDS`."""

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), "decimal"),
    **dict.fromkeys(("float", "real"), "float"),
    "date": "date",
    **dict.fromkeys(("datetime", "smalldatetime", "datetime2"), "timestamp"),
    "datetimeoffset": "instant",
    **dict.fromkeys(("timestamp", "rowversion"), "version"),
}
_BYTES = ("binary", "varbinary", "image")
_OBJECTS = ("hierarchyid", "geography", "geometry")
_BATCH_ROWS = 20_000
_CONNECT_SECONDS = 15


class SqlServer(Dialect):
    """Transact-SQL, from SQL Server 2016 on."""

    def quoted(self, name: str) -> str:
        """In brackets."""
        return "[" + name.replace("]", "]]") + "]"

    def text(self, value: str, column: Column) -> str:
        """Times with all their decimals, an instant in UTC with a Z; bytes in hex, of a version with 0x in front.

        A float comes with an exponent; `SqlServerSession.batches` writes it out.
        """
        kind = _base(column.type)
        if column.kind == "integer":
            return f"CONVERT(varchar(20), {value})"
        if column.kind == "decimal":
            style = ", 2" if kind in ("money", "smallmoney") else ""  # with its four decimals, without commas
            return f"CONVERT(varchar(41), {value}{style})"
        if column.kind == "float":
            return f"CONVERT(varchar(40), {value}, 3)"  # the style that loses nothing
        if column.kind == "date":
            return f"CONVERT(varchar(10), {value}, 23)"
        if column.kind == "timestamp":
            return f"CONVERT(varchar(27), {value}, 121)"
        if column.kind == "instant":
            return f"CONVERT(varchar(27), CONVERT(datetime2(7), SWITCHOFFSET({value}, 0)), 121) + 'Z'"
        if column.kind == "version":
            return f"CONVERT(varchar(18), CONVERT(binary(8), {value}), 1)"
        if kind == "time":
            return f"CONVERT(varchar(16), {value}, 121)"
        if kind == "bit":
            return f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
        if kind in _BYTES:
            return f"LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), {value}), 2))"
        if kind in _OBJECTS:
            return f"{value}.ToString()"
        return f"CONVERT(nvarchar(max), {value})"

    def literal(self, text: str, column: Column) -> str:
        """A number as it is; any other value converted to the column's type, so that an index can be used."""
        if column.kind in ("integer", "decimal", "version"):
            return text
        if _base(column.type) in _BYTES:
            return f"0x{text}"
        if column.kind == "date":
            return f"CONVERT(date, {_string(text)}, 23)"
        if column.kind in TIMES:
            moment = f"CONVERT(datetime2(7), {_string(text.removesuffix('Z'))}, 121)"
            return f"TODATETIMEOFFSET({moment}, 0)" if column.kind == "instant" else f"CONVERT({column.type}, {moment})"
        return f"CONVERT({column.type}, {_string(text)})"

    def is_regular(self, value: str, column: Column) -> str | None:
        """All are: there is no NaN, and no infinity."""
        return None

    def can_be_mark(self, value: str, column: Column) -> str | None:
        """No time later than tomorrow."""
        return f"{value} <= DATEADD(day, 1, SYSUTCDATETIME())" if column.kind in TIMES else None

    def quantiles(self, origin: str, column: Column, conditions: Sequence[str], parts: int) -> str:
        """By numbering all values."""
        at = self.at(column)
        tiles = f"SELECT {at} AS a, NTILE({parts}) OVER (ORDER BY {at}) AS tile"
        inner = f"{tiles}\nFROM {origin}{where([*conditions, f'{at} IS NOT NULL'])}"
        least = f"SELECT DISTINCT MIN(q.a) AS a\nFROM (\n{inner}\n) AS q\nWHERE q.tile > 1\nGROUP BY q.tile"
        return f"SELECT {self.text('b.a', column)} AS a\nFROM (\n{least}\n) AS b\nORDER BY b.a"


class SqlServerSession:
    """A connection to SQL Server.

    Args:
        connection: of pyodbc.
        source: says what its errors mean.
    """

    def __init__(self, connection: Any, source: SqlServerSource) -> None:
        self._connection, self._source = connection, source
        self._cursor = connection.cursor()

    def run(self, statement: str) -> None:
        """Run a statement that finds nothing."""
        with self._source.errors():
            self._cursor.execute(statement)

    def rows(self, statement: str) -> list[tuple[str | None, ...]]:
        """See `Session`."""
        with self._source.errors():
            self._cursor.execute(statement)
            return [tuple(row) for row in self._cursor.fetchall()]

    def batches(self, statement: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """See `Session`."""
        with self._source.errors():
            self._cursor.execute(statement)
            names = [described[0] for described in self._cursor.description]
            while found := self._cursor.fetchmany(_BATCH_ROWS):
                values = [pa.array(column, pa.string()) for column in zip(*found, strict=True)]
                for number, column in enumerate(columns):
                    if column.kind == "float":
                        values[number] = _without_exponents(values[number], column)
                yield pa.RecordBatch.from_arrays(values, names)

    def cancel(self) -> None:
        """See `Session`."""
        with suppress(self._source.driver.Error):  # it has just ended by itself
            self._cursor.cancel()


class SqlServerSource:
    """A SQL Server database in one state. Use it as a context manager.

    Args:
        database: where it is.
        what: the table or query, for the sentences of errors.

    Raises:
        SourceError: there is no such server or database, it does not let us in, or it keeps no snapshots.
    """

    at_once = 1

    def __init__(self, database: Database, what: str) -> None:
        self.dialect = SqlServer()
        self.driver = odbc()
        self._what = what
        self._place = Place.of(database)
        with self.errors(connecting=True):
            self._connection = self.driver.connect(
                connection_string(database.uri), autocommit=True, timeout=_CONNECT_SECONDS
            )
        try:
            self._connection.timeout = database.statement_timeout_seconds or 0
            self.session = SqlServerSession(self._connection, self)
            # asked before the transaction begins: what is below has been committed by then, and so will be seen
            [(self._unsettled,)] = self.session.rows("SELECT CONVERT(varchar(18), MIN_ACTIVE_ROWVERSION(), 1) AS a")
            self.session.run("SET TRANSACTION ISOLATION LEVEL SNAPSHOT")
            self.session.run("BEGIN TRANSACTION")
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> SqlServerSource:
        return self

    def __exit__(self, *raised: object) -> None:
        with self.errors():
            self._connection.close()

    @contextmanager
    def another(self) -> Iterator[SqlServerSession]:
        """The one session there is."""
        yield self.session

    def unsettled(self, column: Column) -> str | None:
        """See `Source`: of a rowversion, the server knows."""
        return self._unsettled if column.kind == "version" else None

    def columns(self, table: DatabaseTable) -> list[Column]:
        """See `Source`."""
        if table.names:
            self._exists(table.names)
        found = self.session.rows(columns_statement(self.dialect.origin(table)))
        names = [name for name, _, _ in found]
        if problem := next((problem for _, _, problem in found if problem), None):
            raise SourceError(self._place.failed(self._what, problem, None))
        if twice := sorted({str(name) for name in names if names.count(name) > 1}):
            raise SourceError(f"{self._what} gives several columns the name {twice[0]!r}; rename all but one with AS")
        return [Column(str(name), str(kind), _KINDS.get(_base(str(kind)), "other")) for name, kind, _ in found]

    @contextmanager
    def errors(self, connecting: bool = False) -> Iterator[None]:
        """What the driver raises inside becomes a sentence."""
        try:
            yield
        except (self.driver.Error, pa.ArrowException) as problem:
            code, said = (str(part) for part in (*problem.args, "", "")[:2])
            said, code = (said, code) if said else (code, "")
            sentence = self._place.refused(said) if connecting else self._place.failed(self._what, said, code)
            raise SourceError(sentence) from None

    def _exists(self, names: Sequence[str]) -> None:
        path = _string(self.dialect.path(names))
        [(found,)] = self.session.rows(f"SELECT CONVERT(varchar(20), OBJECT_ID({path})) AS a")
        if found is None:
            there = [str(name) for (name,) in self.session.rows(TABLES)]
            raise SourceError(
                f"{self._place.database} has no table {'.'.join(names)}; it has {listed('.'.join(names), there)}"
            )


TABLES = "SELECT TABLE_SCHEMA + N'.' + TABLE_NAME AS a\nFROM INFORMATION_SCHEMA.TABLES\nORDER BY a"
"""The statement that lists the tables and views."""


def columns_statement(origin: str) -> str:
    """The statement that gives the name and type of each column, or says why there are none; it reads no row."""
    return (
        "SELECT name, COALESCE(system_type_name, user_type_name) AS type, error_message\n"
        f"FROM sys.dm_exec_describe_first_result_set({_string(f'SELECT * FROM {origin}')}, NULL, 0)\n"
        "WHERE COALESCE(is_hidden, 0) = 0\n"
        "ORDER BY column_ordinal"
    )


def connection_string(uri: str) -> str:
    """A URI as ODBC wants it. What follows its `?` is handed on; without a user, Kerberos or Windows says who asks."""
    found = URIS["sqlserver"].fullmatch(uri)
    assert found is not None, "the model has checked it"
    options = dict(parse_qsl(found["options"] or ""))
    driver = next((options.pop(name) for name in list(options) if name.lower() == "driver"), DRIVER)
    settings = {"Driver": driver, "Server": unquote(found["hosts"]).replace(":", ",")}
    settings["Database"] = unquote(found["database"])
    if found["user"]:
        settings |= {"UID": unquote(found["user"]), "PWD": unquote(found["password"] or "")}
    else:
        settings["Trusted_Connection"] = "yes"
    settings |= {"APP": "c360", **options}
    return ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in settings.items())


def odbc() -> ModuleType:
    """The driver, which only those need who read from SQL Server.

    Raises:
        SourceError: it is not installed.
    """
    try:
        return import_module("pyodbc")
    except ImportError:
        raise SourceError(
            "to read from SQL Server, install pyodbc (pip install pyodbc) and an ODBC driver, "
            f"{DRIVER} or FreeTDS; the latter is named in the URI: ?Driver=FreeTDS"
        ) from None


def _without_exponents(values: pa.Array, column: Column) -> pa.Array:
    """17 digits as the fewest that mean the same number."""
    is_single = column.type == "real"
    numbers = [None if value is None else float(value) for value in values.to_pylist()]
    return texts(pa.array(numbers, pa.float32() if is_single else pa.float64()))


def _base(kind: str) -> str:
    return kind.partition("(")[0]


def _string(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"
