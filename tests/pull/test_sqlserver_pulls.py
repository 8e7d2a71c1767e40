"""Pulls from SQL Server over a stand-in for its driver: what is asked, in which order, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from c360.config.database import Database, DatabaseTable
from c360.errors import SourceError
from c360.pull.base import Pulled
from c360.pull.database import pull_database

URI = "sqlserver://reader:p%40ss%7Dword@db.example:1433/Shop"

pytestmark = pytest.mark.usefixtures("nothing_hidden")


class OdbcError(Exception):
    """As pyodbc raises: SQLSTATE and message."""


class StandIn:
    """Answers statements by the first of its answers that occurs in them, and keeps what it was asked."""

    Error = OdbcError

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.found: list[tuple[Any, ...]] = []
        self.description: list[tuple[str]] = []
        self.timeout: int | None = None
        self.is_closed = False

    def connect(self, text: str, **options: Any) -> StandIn:
        self.asked.append(f"connect {text} {options}")
        if "connect" in self.answers:
            raise self.answers["connect"]
        return self

    def cursor(self) -> StandIn:
        return self

    def execute(self, statement: str) -> None:
        self.asked.append(statement)
        answer = next((answer for words, answer in self.answers.items() if words in statement), None)
        if isinstance(answer, Exception):
            raise answer
        names, self.found = answer or ([], [])
        self.description = [(name,) for name in names]

    def fetchall(self) -> list[tuple[Any, ...]]:
        found, self.found = self.found, []
        return found

    def fetchmany(self, count: int) -> list[tuple[Any, ...]]:
        found, self.found = self.found[:count], self.found[count:]
        return found

    def cancel(self) -> None:
        self.asked.append("cancel")

    def close(self) -> None:
        self.is_closed = True


def answers(columns: Sequence[tuple[str, str]], **more: Any) -> dict[str, Any]:
    return {
        "MIN_ACTIVE_ROWVERSION": (["a"], [("0x00000000000007E0",)]),
        "OBJECT_ID": (["a"], [("42",)]),
        "dm_exec_describe": (["name", "type", "error_message"], [(name, kind, None) for name, kind in columns]),
        **more,
    }


def pull(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn, folder: Path, **table: Any) -> Pulled:
    monkeypatch.setitem(sys.modules, "pyodbc", stand_in)
    database = Database(kind="sqlserver", uri=URI, statement_timeout_seconds=60)
    mark, before = table.pop("mark", None), table.pop("before", None)
    return pull_database(database, DatabaseTable(**table), ["id"], folder, mark, before)


def test_all_is_asked_in_one_snapshot_transaction(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    columns = [("id", "int"), ("price", "float"), ("weight", "real"), ("changed", "timestamp")]
    names = ["id", "price", "weight", "changed", " at mark"]
    server = StandIn(
        answers(
            columns,
            **{
                "MAX(t.[changed])": (["a"], [("0x00000000000007D1",)]),
                "MIN(t.[id])": (["a", "b"], [("1", "10")]),
                "t.[id] < 6": (names, [("1", "1.0000000000000000e+020", "1.00000001e-001", "0x00000000000007D0", "0")]),
                "t.[id] >= 6": (names, [("9", None, None, "0x00000000000007D1", "1")]),
                "AS [id]\nFROM": (["id"], [("1",), ("9",)]),
            },
        )
    )
    pulled = pull(
        monkeypatch, server, tmp_path, table="dbo.Sales", split_by="id", partitions=2, newest="changed",
        deletes="compare_keys",
    )  # fmt: skip
    assert pulled == Pulled(files=2, rows=2, mark="0x00000000000007D1")
    asked = [statement.split("\n")[0] for statement in server.asked]
    assert asked == [
        "connect Driver={ODBC Driver 18 for SQL Server};Server={db.example,1433};Database={Shop};UID={reader};"
        "PWD={p@ss}}word};APP={c360} {'autocommit': True, 'timeout': 15}",
        "SELECT CONVERT(varchar(18), MIN_ACTIVE_ROWVERSION(), 1) AS a",
        "SET TRANSACTION ISOLATION LEVEL SNAPSHOT",
        "BEGIN TRANSACTION",
        "SELECT CONVERT(varchar(20), OBJECT_ID(N'[dbo].[Sales]')) AS a",
        "SELECT name, COALESCE(system_type_name, user_type_name) AS type, error_message",
        "SELECT CONVERT(varchar(18), CONVERT(binary(8), MAX(t.[changed])), 1) AS a",
        "SELECT CONVERT(varchar(20), MIN(t.[id])) AS a, CONVERT(varchar(20), MAX(t.[id])) AS b",
        "SELECT",
        "SELECT",
        "SELECT",
    ]
    assert server.timeout == 60
    assert server.is_closed
    parts = [pq.read_table(tmp_path / f"part-000{n}.parquet").to_pylist() for n in (1, 2)]
    assert parts == [
        [{"id": "1", "price": "100000000000000000000", "weight": "0.1", "changed": "0x00000000000007D0"}],
        [{"id": "9", "price": None, "weight": None, "changed": "0x00000000000007D1"}],
    ]
    assert pq.read_table(tmp_path / "_keys.parquet").to_pylist() == [{"id": "1"}, {"id": "9"}]


def test_a_second_pull_reads_from_the_mark_on_and_leaves_out_what_came(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    columns = [("id", "int"), ("changed", "datetime2(7)")]
    mark = "2024-01-01 00:00:00.0000000"
    rows = (["id", "changed", " at mark"], [("1", mark, "1")])
    server = StandIn(answers(columns, **{"MAX(t.[changed])": (["a"], [(mark,)]), "AS [id]": rows}))
    options: dict[str, Any] = {"table": "dbo.Sales", "newest": "changed"}
    assert pull(monkeypatch, server, tmp_path / "1", **options) == Pulled(1, 1, mark)
    rows[1][:] = [("1", mark, "1"), ("2", mark, "1")]
    again = pull(monkeypatch, server, tmp_path / "2", **options, mark=mark, before=tmp_path / "1")
    assert again == Pulled(1, 1, mark)
    assert pq.read_table(tmp_path / "2" / "part-0001.parquet").to_pylist() == [{"id": "2", "changed": mark}]
    assert server.asked[-1].endswith(
        f"WHERE (t.[changed] >= CONVERT(datetime2(7), CONVERT(datetime2(7), N'{mark}', 121)) OR t.[changed] IS NULL)"
    )


NATIVE = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


LOGIN_FAILED = OdbcError("28000", f"[28000] {NATIVE}Login failed for user 'reader'. (18456) (SQLDriverConnect)")
NO_ANSWER = OdbcError("HYT00", "[HYT00] [Microsoft][ODBC Driver 18 for SQL Server]Login timeout expired (0)")
NO_SNAPSHOTS = OdbcError("42000", f"[42000] {NATIVE}Snapshot isolation is not allowed in this database. (3952)")
TOO_SLOW = OdbcError("HYT00", f"[HYT00] {NATIVE}Query timeout expired (0)")
LOST = OdbcError("08S01", f"[08S01] {NATIVE}TCP Provider: Error code 0x68 (104)")
NO_QUERY = (["name", "type", "error_message"], [(None, None, "Incorrect syntax near 'p@ss}word'.")])
TWICE = (["name", "type", "error_message"], [("id", "int", None), ("id", "int", None)])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"connect": LOGIN_FAILED},
            "SQL Server at db.example:1433 does not let reader in (Login failed for user 'reader'. (18456) "
            "(SQLDriverConnect)); check user and password in database.uri",
        ),
        (
            {"connect": NO_ANSWER},
            "SQL Server at db.example:1433 does not answer (Login timeout expired (0)); check host and port in "
            "database.uri, that the server runs, and that this machine may reach it",
        ),
        (
            {"OBJECT_ID": (["a"], [(None,)]), "INFORMATION_SCHEMA": (["a"], [("dbo.Sale",), ("dbo.Stores",)])},
            "Shop has no table dbo.Sales; it has dbo.Sale, dbo.Stores (did you mean dbo.Sale?)",
        ),
        (
            {"OBJECT_ID": NO_SNAPSHOTS},
            "dbo.Sales was not read: the database Shop keeps no snapshots (Snapshot isolation is not allowed in this "
            "database. (3952)); ALTER DATABASE Shop SET ALLOW_SNAPSHOT_ISOLATION ON",
        ),
        ({"dm_exec_describe": NO_QUERY}, "dbo.Sales was not read: SQL Server says Incorrect syntax near '***'"),
        (
            {"dm_exec_describe": TWICE},
            "dbo.Sales gives several columns the name 'id'; rename all but one with AS",
        ),
        (
            {"AS [id]": TOO_SLOW},
            "dbo.Sales was not read: a statement took longer than statement_timeout_seconds (60) or the server's own "
            "limit allows; raise it, or read more partitions",
        ),
        (
            {"AS [id]": LOST},
            "dbo.Sales was not read: the connection to SQL Server at db.example:1433 was lost "
            "(TCP Provider: Error code 0x68 (104)); run again",
        ),
    ],
)
def test_a_refusal_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    server = StandIn(answers([("id", "int")], **more))
    with pytest.raises(SourceError) as error:
        pull(monkeypatch, server, tmp_path, table="dbo.Sales")
    assert str(error.value) == sentence
    assert "connect" in more or server.is_closed
    assert list(tmp_path.iterdir()) == []


def test_without_the_driver_the_command_that_installs_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    with pytest.raises(SourceError) as error:
        pull_database(Database(kind="sqlserver", uri=URI), DatabaseTable(table="a"), [], tmp_path, None)
    assert str(error.value) == (
        "to read from SQL Server, install pyodbc (pip install pyodbc) and an ODBC driver, ODBC Driver 18 for SQL "
        "Server or FreeTDS; the latter is named in the URI: ?Driver=FreeTDS"
    )
