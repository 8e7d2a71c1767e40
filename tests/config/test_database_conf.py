"""What may be said of a database and of its tables."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from c360.config.database import Database, DatabaseTable

HIDDEN = "postgresql://user:secret-word@host/shop"


def refused(model: type[Any], **options: Any) -> list[str]:
    with pytest.raises(ValidationError) as error:
        model(**options)
    return [problem["msg"].removeprefix("Value error, ") for problem in error.value.errors()]


@pytest.mark.parametrize(
    ("kind", "uri"),
    [
        ("postgresql", "postgresql://reader:p%40ss@db.example:5432/shop"),
        ("postgresql", "postgres://db.example/shop?sslmode=require"),
        ("postgresql", "postgresql://one:1,two:2/shop"),
        ("postgresql", "postgresql://[::1]:5432/shop"),
        ("postgresql", "postgresql:///shop?host=/run/postgresql"),
        ("sqlserver", "sqlserver://reader:word@db.example:1433/Shop?Encrypt=yes"),
        ("sqlserver", "mssql://db.example/Shop"),
    ],
)
def test_a_database_has_a_uri_of_its_kind(kind: Any, uri: str) -> None:
    assert Database(kind=kind, uri=uri).uri == uri


POSTGRES = (
    "uri is none of postgresql; write postgresql://user:password@host:5432/database; an @, /, :, ? or # in a password "
    "is written as %40, %2F, %3A, %3F or %23"
)


@pytest.mark.parametrize(
    "uri",
    [
        "sqlserver://user:secret-word@host/shop",
        "host=db.example password=secret-word",
        "postgresql://user:secret@word@host/shop",
        "postgresql://user:secret/word@host/shop",
        "postgresql://user:secret?word@host/shop",
        "postgresql://user:secret#word@host/shop",
        "postgresql://user:secret:word@host:port/shop",
        "",
    ],
)
def test_another_uri_is_refused_without_being_shown(uri: str) -> None:
    assert refused(Database, kind="postgresql", uri=uri) == [POSTGRES]
    with pytest.raises(ValidationError) as error:
        Database(kind="postgresql", uri=uri)
    assert "secret" not in str(error.value)


def test_a_database_does_not_show_its_uri() -> None:
    assert repr(Database(kind="postgresql", uri=HIDDEN)) == (
        "Database(kind='postgresql', statement_timeout_seconds=None)"
    )


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("orders", ("orders",)),
        ("sales.orders", ("sales", "orders")),
        ("AdventureWorks2019.Sales.Customer", ("AdventureWorks2019", "Sales", "Customer")),
        ('"a.b"."c""d"', ("a.b", 'c"d')),
        ("[a.b].[c]]d]", ("a.b", "c]d")),
        ('public.we"ird', ("public", 'we"ird')),
        ("order", ("order",)),
    ],
)
def test_a_table_is_named_as_the_database_has_it(table: str, names: tuple[str, ...]) -> None:
    assert DatabaseTable(table=table).names == names


def test_a_query_has_no_name_and_no_semicolon() -> None:
    query = DatabaseTable(query="\n-- all of them\nWITH a AS (SELECT 1 AS id) SELECT id FROM a ;\n")
    assert query.names == ()
    assert query.query == "-- all of them\nWITH a AS (SELECT 1 AS id) SELECT id FROM a"


@pytest.mark.parametrize(
    ("written", "overlap"),
    [
        ("10 minutes", timedelta(minutes=10)),
        ("1 hour", timedelta(hours=1)),
        ("1.5days", timedelta(days=1, hours=12)),
        (10, Decimal(10)),
        ("2.5", Decimal("2.5")),
        (None, None),
    ],
)
def test_an_overlap_is_a_time_or_a_number(written: Any, overlap: timedelta | Decimal | None) -> None:
    assert DatabaseTable(table="a", newest="b", overlap=written).overlap == overlap


NO_OVERLAP = "write a number from 0 on, or a time such as 10 minutes"
NO_NAME = 'is no name of a table; write schema.table, or "a.b"."c" for names with dots in them'


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "needs either table (a name) or query (a SELECT)"),
        ({"table": "a", "query": "SELECT 1"}, "needs either table (a name) or query (a SELECT)"),
        ({"table": "a..b"}, NO_NAME),
        ({"table": "a.b.c.d"}, NO_NAME),
        ({"table": ""}, NO_NAME),
        ({"query": "DELETE FROM orders"}, "is no query; write a SELECT"),
        ({"query": "selection"}, "is no query; write a SELECT"),
        ({"table": "a", "partitions": 4}, "partitions needs split_by: the column by which they are made"),
        ({"table": "a", "overlap": 5}, "overlap needs newest: the column that says how new a row is"),
        ({"table": "a", "newest": "b", "overlap": -5}, NO_OVERLAP),
        ({"table": "a", "newest": "b", "overlap": "soon"}, NO_OVERLAP),
        ({"table": "a", "newest": "b", "overlap": True}, NO_OVERLAP),
        (
            {"table": "a", "newest": "b", "overlap": "2 fortnights"},
            "'fortnight' is no unit of time; use seconds, minutes, hours, days, weeks",
        ),
        ({"table": "a", "newest": "b", "overlap": "999999999999 weeks"}, "is longer than all of history"),
    ],
)
def test_what_does_not_fit_together_is_said(options: dict[str, Any], sentence: str) -> None:
    assert refused(DatabaseTable, **options) == [sentence]
