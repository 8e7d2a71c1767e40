"""A lake's tables, asked in SQL without an engine.

DuckDB reads the files that a table's newest version has. An answer is kept until one of the tables it was made from has
another version; the sales, which most pages ask about, are kept as a table of their own, with what is sliced by.
"""

from __future__ import annotations

import re
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any

import duckdb

from c360.config.currencies import reporting_amount
from c360.dashboard.sales import SALES, sales_sql
from c360.errors import C360Error
from c360.lake import Lake
from c360.store import is_remote

if TYPE_CHECKING:
    from c360.config.models import Settings

_NAMED = re.compile(r"\b(gold|unified|ops)\.([a-z_0-9]+)")

_KEPT = 3000
"""Answers kept; each is a few rows."""

Row = dict[str, Any]


class NotMadeError(C360Error):
    """A table that a page needs is not there, or not as this c360 makes it."""


class Tables:
    """The tables of one lake as they are now; can be asked by several threads.

    Args:
        lake: where they lie.
        settings: says in which currency amounts are added up; without it, as they are.
    """

    def __init__(self, lake: Lake, settings: Settings | None = None) -> None:
        self.lake, self.settings = lake, settings
        self._con = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",  # nothing is fetched from anywhere
                "autoload_known_extensions": "false",
                "temp_directory": tempfile.gettempdir(),
            }
        )
        self._con.execute("SET GLOBAL TimeZone = 'UTC'")
        for schema in ("gold", "unified", "ops"):
            self._con.execute(f"CREATE SCHEMA {schema}")
        self._lock = RLock()
        self._seen: dict[str, int | None] = {}
        self._sales_of: tuple[int | None, ...] = ()
        self._answers: OrderedDict[tuple[Any, ...], list[Row]] = OrderedDict()

    @property
    def currency(self) -> str:
        """What amounts are in; empty where each source has its own."""
        return (self.settings and self.settings.reporting_currency) or ""

    def has(self, *names: str) -> bool:
        """Whether these tables were made."""
        return all(self.lake.version(name) is not None for name in names)

    def signature(self) -> tuple[tuple[str, int | None], ...]:
        """The versions of all tables that were asked about: another one means that a page is out of date."""
        with self._lock:
            asked = sorted(self._seen)
        return tuple((name, self.lake.version(name)) for name in asked)

    def ask(self, sql: str) -> list[Row]:
        """The rows of a query on `gold`, `unified` and `ops` tables, and on `sales`; numbers as int or float.

        Raises:
            NotMadeError: a table is missing, or has not the columns asked for.
        """
        with self._lock:
            names = _names(sql)
            key = (sql, *(self._fresh(name) for name in names))
            if SALES in sql:
                key = (*key, *self._fresh_sales())
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            cursor = self._con.cursor()
        try:
            rows = _rows(cursor.execute(sql))
        except duckdb.IOException:  # its files were rewritten and swept meanwhile
            with self._lock:
                for name in names:
                    self._seen.pop(name, None)
                    self._fresh(name)
            rows = _rows(cursor.execute(sql))
        except duckdb.BinderException as problem:
            raise _of_older_c360(names, problem) from None
        except duckdb.OutOfMemoryException:
            raise C360Error(
                f"{', '.join(names) or SALES} is larger than this machine's memory allows; choose a shorter period"
            ) from None
        with self._lock:
            self._answers[key] = rows
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return rows

    def one(self, sql: str) -> Row:
        """The only row of a query."""
        [row] = self.ask(sql)
        return row

    def _fresh(self, name: str) -> int | None:
        """The table's version, which DuckDB's view is then of.

        Raises:
            NotMadeError: there is no such table.
        """
        version = self.lake.version(name)
        if version is None:
            self._seen[name] = None
            raise NotMadeError(f"{name} was not made yet; `c360 run` makes it")
        if self._seen.get(name) != version:
            self._open(name)
            self._seen[name] = version
        return version

    def _open(self, name: str) -> None:
        table = self.lake.table(name)
        files = table.file_uris()
        if files and not is_remote(self.lake.root) and not table.metadata().partition_columns:
            listed = ", ".join(map(quoted, files))
            self._con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")
            return
        self._con.register("arriving", self.lake.arrow(name))
        self._con.execute(f"CREATE OR REPLACE TABLE {name}__rows AS SELECT * FROM arriving")
        self._con.unregister("arriving")
        self._con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {name}__rows")

    def _fresh_sales(self) -> tuple[int | None, ...]:
        amount = reporting_amount("total_due_amount", "currency", "ordered_on", *self._rates())
        sql = sales_sql(amount)
        versions = tuple(self._fresh(name) for name in _names(sql))
        if versions != self._sales_of:
            try:
                self._con.execute(sql)
            except duckdb.BinderException as problem:
                raise _of_older_c360(_names(sql), problem) from None
            self._sales_of = versions
        return versions

    def _rates(self) -> tuple[str | None, dict[str, dict[date, Decimal]]]:
        if self.settings is None:
            return None, {}
        return self.settings.reporting_currency, self.settings.currency_rates


def _names(sql: str) -> list[str]:
    return sorted({".".join(found) for found in _NAMED.findall(sql)})


def _rows(result: Any) -> list[Row]:
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in result.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _of_older_c360(names: Iterable[str], problem: Exception) -> NotMadeError:
    first = str(problem).removeprefix("Binder Error: ").splitlines()[0]
    return NotMadeError(f"{', '.join(names)}: made by another version of c360 ({first}); `c360 run` makes it anew")


def quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def among(column: str, values: Iterable[str]) -> str:
    """SQL: the column has one of these values; always true where none are given."""
    listed = ", ".join(map(quoted, values))
    return f"{column} IN ({listed})" if listed else "true"
