"""Tables of relational databases: where a database is, and how one of its tables is read."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from c360.config.base import Model

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_PART = r'"(?:[^"]|"")+"|\[(?:[^\]]|\]\])+\]|[^."\[\]][^.]*'
_PASSWORD = "an @, /, :, ? or # in a password is written as %40, %2F, %3A, %3F or %23"

URIS = {
    "postgresql": re.compile(
        r"postgres(?:ql)?://"
        r"(?:(?P<user>[^@/?#:]*)(?::(?P<password>[^@/?#]*))?@)?"
        r"(?P<hosts>[^@/?#:,]*(?::\d+)?(?:,[^@/?#:,]*(?::\d+)?)*|\[[^\]]+\](?::\d+)?)"
        r"(?:/(?P<database>[^@/?#]*))?(?:\?(?P<options>[^#]*))?"
    ),
    "sqlserver": re.compile(
        r"(?:sqlserver|mssql)://"
        r"(?:(?P<user>[^@/?#:]*)(?::(?P<password>[^@/?#]*))?@)?"
        r"(?P<hosts>[^@/?#:,]+(?::\d+)?)"
        r"/(?P<database>[^@/?#]+)(?:\?(?P<options>[^#]*))?"
    ),
}
"""What a URI of each kind of database looks like."""

_EXAMPLES = {
    "postgresql": "postgresql://user:password@host:5432/database",
    "sqlserver": "sqlserver://user:password@host:1433/database",
}


class Database(Model):
    """Which database the tables of a source are read from."""

    model_config = ConfigDict(hide_input_in_errors=True)

    kind: Literal["postgresql", "sqlserver"]
    uri: str = Field(repr=False, description="kind://user:password@host:port/database; best as ${env:NAME}")
    statement_timeout_seconds: int | None = Field(
        None, ge=1, description="a statement that takes longer is given up; null: the server's own limit"
    )

    @model_validator(mode="after")
    def _has_the_uri_of_its_kind(self) -> Database:
        if not URIS[self.kind].fullmatch(self.uri):
            # without the URI that was found: the password is in it
            raise ValueError(f"uri is none of {self.kind}; write {_EXAMPLES[self.kind]}; {_PASSWORD}")
        return self


def _duration_or_number(value: Any) -> Any:
    """`10 minutes` → a timedelta, `10` → a Decimal."""
    if value is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,18}(?:\.\d+)?)(?:\s*([a-z]+?)s?)?\s*", str(value))
    if match is None:
        raise ValueError("write a number from 0 on, or a time such as 10 minutes")
    if match[2] is None:
        return Decimal(match[1])
    if match[2] not in _SECONDS:
        raise ValueError(f"{match[2]!r} is no unit of time; use {', '.join(f'{unit}s' for unit in _SECONDS)}")
    try:
        return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        raise ValueError("is longer than all of history") from None


class DatabaseTable(Model):
    """Which table of the database is read, and how."""

    table: str | None = Field(None, description="such as sales.transactions; names exactly as the database has them")
    query: str | None = Field(None, description="instead of table: a SELECT")
    split_by: str | None = Field(None, description="the column by which partitions are made; null: there is one")
    partitions: int = Field(1, ge=1, le=1000, description="how many parts are read, several at once")
    newest: str | None = Field(
        None, description="a column that grows with every change (updated_at, a counter); null: all is read each time"
    )
    overlap: Annotated[
        timedelta | Decimal | None,
        BeforeValidator(_duration_or_number, json_schema_input_type=str | float),
        Field(description="how far behind newest is read again, for rows committed late: 10 minutes, or a number"),
    ] = None
    deletes: Literal["ignore", "compare_keys"] = Field(
        "ignore", description="compare_keys: all keys are read each time, and a row whose key is gone counts as deleted"
    )

    @field_validator("table")
    @classmethod
    def _has_names(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(rf"(?:{_PART})(?:\.(?:{_PART})){{0,2}}", value):
            raise ValueError('is no name of a table; write schema.table, or "a.b"."c" for names with dots in them')
        return value

    @field_validator("query")
    @classmethod
    def _is_one_select(cls, value: str | None) -> str | None:
        if value is None:
            return None
        text = value.strip().rstrip(";").rstrip()
        if not re.match(
            r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(select|with|values|table)\b", text, re.IGNORECASE | re.DOTALL
        ):
            raise ValueError("is no query; write a SELECT")
        return text

    @model_validator(mode="after")
    def _fits_together(self) -> DatabaseTable:
        if (self.table is None) == (self.query is None):
            raise ValueError("needs either table (a name) or query (a SELECT)")
        if self.partitions > 1 and self.split_by is None:
            raise ValueError("partitions needs split_by: the column by which they are made")
        if self.overlap is not None and self.newest is None:
            raise ValueError("overlap needs newest: the column that says how new a row is")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The parts of the table's name, without the quotes they may be written in; empty for a query."""
        parts = re.findall(_PART, self.table or "")
        return tuple(_bare(part) for part in parts)


def _bare(part: str) -> str:
    if part[0] == '"':
        return part[1:-1].replace('""', '"')
    return part[1:-1].replace("]]", "]") if part[0] == "[" else part
