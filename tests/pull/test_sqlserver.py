"""What SQL Server is asked, as text: no server runs here."""

from __future__ import annotations

import pytest
import sqlglot

from c360.config.database import DatabaseTable
from c360.pull import sql
from c360.pull.sql import Column, Kind
from c360.pull.sqlserver import TABLES, SqlServer, columns_statement, connection_string

URI = "sqlserver://reader:p%40ss%7Dword@db.example:1433/Shop"
DIALECT = SqlServer()


@pytest.mark.parametrize(
    ("kind", "type_name", "text", "literal"),
    [
        ("integer", "bigint", "CONVERT(varchar(20), t.[x])", "1"),
        ("decimal", "decimal(10,2)", "CONVERT(varchar(41), t.[x])", "1"),
        ("decimal", "money", "CONVERT(varchar(41), t.[x], 2)", "1"),
        ("float", "real", "CONVERT(varchar(40), t.[x], 3)", "CONVERT(real, N'1')"),
        ("date", "date", "CONVERT(varchar(10), t.[x], 23)", "CONVERT(date, N'1', 23)"),
        (
            "timestamp",
            "datetime",
            "CONVERT(varchar(27), t.[x], 121)",
            "CONVERT(datetime, CONVERT(datetime2(7), N'1', 121))",
        ),
        (
            "timestamp",
            "datetime2(7)",
            "CONVERT(varchar(27), t.[x], 121)",
            "CONVERT(datetime2(7), CONVERT(datetime2(7), N'1', 121))",
        ),
        (
            "instant",
            "datetimeoffset(7)",
            "CONVERT(varchar(27), CONVERT(datetime2(7), SWITCHOFFSET(t.[x], 0)), 121) + 'Z'",
            "TODATETIMEOFFSET(CONVERT(datetime2(7), N'1', 121), 0)",
        ),
        ("version", "timestamp", "CONVERT(varchar(18), CONVERT(binary(8), t.[x]), 1)", "1"),
        ("other", "time(7)", "CONVERT(varchar(16), t.[x], 121)", "CONVERT(time(7), N'1')"),
        ("other", "bit", "CASE t.[x] WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", "CONVERT(bit, N'1')"),
        ("other", "varbinary(20)", "LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), t.[x]), 2))", "0x1"),
        ("other", "hierarchyid", "t.[x].ToString()", "CONVERT(hierarchyid, N'1')"),
        ("other", "nvarchar(max)", "CONVERT(nvarchar(max), t.[x])", "CONVERT(nvarchar(max), N'1')"),
        ("other", "uniqueidentifier", "CONVERT(nvarchar(max), t.[x])", "CONVERT(uniqueidentifier, N'1')"),
        ("other", "xml", "CONVERT(nvarchar(max), t.[x])", "CONVERT(xml, N'1')"),
    ],
)
def test_each_type_has_its_text_and_its_literal(kind: Kind, type_name: str, text: str, literal: str) -> None:
    column = Column("x", type_name, kind)
    assert DIALECT.text("t.[x]", column) == text
    assert DIALECT.literal("1Z" if kind == "instant" else "1", column) == literal


ORDER_ID = Column("order", "int", "integer")
WEIRD = Column("we]ird", "nvarchar(50)", "other")
CHANGED = Column("ModifiedDate", "datetime2(7)", "timestamp")
VERSION = Column("RowVersion", "timestamp", "version")
ORIGIN = DIALECT.origin(DatabaseTable(table="Sales.we]ird"))


def test_names_are_in_brackets() -> None:
    assert ORIGIN == "[Sales].[we]]ird] AS t"
    assert DIALECT.origin(DatabaseTable(table="[Sales.x].[we]]ird]")) == "[Sales.x].[we]]ird] AS t"
    assert DIALECT.origin(DatabaseTable(query="SELECT 1 AS id;")) == "(\nSELECT 1 AS id\n) AS t"


STATEMENTS = {
    "rows": (
        sql.rows_of(
            DIALECT,
            ORIGIN,
            [ORDER_ID, WEIRD],
            [
                *sql.since(DIALECT, CHANGED, "2024-01-01 00:00:00.0000001"),
                sql.parts(DIALECT, ORDER_ID, ["5", "9"])[1],
            ],
            sql.at_mark(DIALECT, CHANGED, "2024-02-01 00:00:00.0000000"),
        ),
        """\
SELECT
  CONVERT(varchar(20), t.[order]) AS [order],
  CONVERT(nvarchar(max), t.[we]]ird]) AS [we]]ird],
  CASE WHEN t.[ModifiedDate] < CONVERT(datetime2(7), CONVERT(datetime2(7), N'2024-02-01 00:00:00.0000000', 121)) \
THEN '0' ELSE '1' END AS [ at mark]
FROM [Sales].[we]]ird] AS t
WHERE (t.[ModifiedDate] >= CONVERT(datetime2(7), CONVERT(datetime2(7), N'2024-01-01 00:00:00.0000001', 121)) \
OR t.[ModifiedDate] IS NULL)
  AND (t.[order] >= 5 AND t.[order] < 9)""",
    ),
    "keys": (
        sql.rows_of(DIALECT, ORIGIN, [ORDER_ID], []),
        "SELECT\n  CONVERT(varchar(20), t.[order]) AS [order]\nFROM [Sales].[we]]ird] AS t",
    ),
    "a mark that is a time": (
        sql.greatest_mark(DIALECT, ORIGIN, CHANGED, []),
        """\
SELECT CONVERT(varchar(27), MAX(t.[ModifiedDate]), 121) AS a
FROM [Sales].[we]]ird] AS t
WHERE t.[ModifiedDate] <= DATEADD(day, 1, SYSUTCDATETIME())""",
    ),
    "a mark that is a rowversion": (
        sql.greatest_mark(
            DIALECT, ORIGIN, VERSION, sql.since(DIALECT, VERSION, "0x00000000000007D1"), "0x00000000000007E0"
        ),
        """\
SELECT CONVERT(varchar(18), CONVERT(binary(8), MAX(t.[RowVersion])), 1) AS a
FROM [Sales].[we]]ird] AS t
WHERE (t.[RowVersion] >= 0x00000000000007D1 OR t.[RowVersion] IS NULL)
  AND t.[RowVersion] < 0x00000000000007E0""",
    ),
    "bounds of numbers": (
        sql.extent(DIALECT, ORIGIN, ORDER_ID, []),
        """\
SELECT CONVERT(varchar(20), MIN(t.[order])) AS a, CONVERT(varchar(20), MAX(t.[order])) AS b
FROM [Sales].[we]]ird] AS t""",
    ),
    "bounds of texts": (
        DIALECT.quantiles(ORIGIN, WEIRD, ["t.[order] >= 5"], 4),
        """\
SELECT CONVERT(nvarchar(max), b.a) AS a
FROM (
SELECT DISTINCT MIN(q.a) AS a
FROM (
SELECT t.[we]]ird] AS a, NTILE(4) OVER (ORDER BY t.[we]]ird]) AS tile
FROM [Sales].[we]]ird] AS t
WHERE t.[order] >= 5
  AND t.[we]]ird] IS NOT NULL
) AS q
WHERE q.tile > 1
GROUP BY q.tile
) AS b
ORDER BY b.a""",
    ),
    "columns": (
        columns_statement("[it's] AS t"),
        """\
SELECT name, COALESCE(system_type_name, user_type_name) AS type, error_message
FROM sys.dm_exec_describe_first_result_set(N'SELECT * FROM [it''s] AS t', NULL, 0)
WHERE COALESCE(is_hidden, 0) = 0
ORDER BY column_ordinal""",
    ),
    "tables": (TABLES, "SELECT TABLE_SCHEMA + N'.' + TABLE_NAME AS a\nFROM INFORMATION_SCHEMA.TABLES\nORDER BY a"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_transact_sql(name: str) -> None:
    found, expected = STATEMENTS[name]
    assert found == expected
    assert len(sqlglot.parse(found, dialect="tsql")) == 1


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            URI,
            "Driver={ODBC Driver 18 for SQL Server};Server={db.example,1433};Database={Shop};UID={reader};"
            "PWD={p@ss}}word};APP={c360}",
        ),
        (
            "mssql://db.example/Shop?driver=FreeTDS&Encrypt=yes&TrustServerCertificate=yes",
            "Driver={FreeTDS};Server={db.example};Database={Shop};Trusted_Connection={yes};APP={c360};Encrypt={yes};"
            "TrustServerCertificate={yes}",
        ),
    ],
)
def test_a_uri_becomes_a_connection_string(uri: str, expected: str) -> None:
    assert connection_string(uri) == expected
