"""What a real PostgreSQL refuses, in the sentences that are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from postgres_pulls import Reader, Readers, between_parts, listing
from postgres_server import Scratch

from c360.config.database import Database
from c360.errors import SourceError
from c360.pull.postgres import PostgresSession

pytestmark = pytest.mark.usefixtures("nothing_hidden")


@pytest.fixture
def people(postgres: Scratch) -> Scratch:
    postgres.run(
        "CREATE SCHEMA crm",
        "CREATE TABLE crm.people (id int, name text, is_new boolean, joined_on date, points int)",
        "INSERT INTO crm.people VALUES (1, 'a', true, '2024-01-01', 5)",
        "CREATE TABLE crm.places (id int)",
    )
    return postgres


def said(reader: Reader) -> str:
    with pytest.raises(SourceError) as error:
        reader.pull()
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return str(error.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"table": "crm.peple"},
            "{database} has no table crm.peple; it has crm.people, crm.places (did you mean crm.people?)",
        ),
        (
            {"table": "CRM.People"},
            "{database} has no table CRM.People; it has crm.people, crm.places (did you mean crm.people?)",
        ),
        (
            {"table": "crm.people", "newest": "joinedon"},
            "crm.people has no column joinedon (newest); it has id, name, is_new, joined_on, points "
            "(did you mean joined_on?)",
        ),
        (
            {"table": "crm.people", "split_by": "no", "partitions": 2},
            "crm.people has no column no (split_by); it has id, name, is_new, joined_on, points",
        ),
        (
            {"table": "crm.people", "key": ["person"], "deletes": "compare_keys"},
            "crm.people has no column person (key); it has id, name, is_new, joined_on, points",
        ),
        (
            {"table": "crm.people", "key": [], "deletes": "compare_keys"},
            "crm.people: deletes: compare_keys needs the key of the table; declare key",
        ),
        (
            {"table": "crm.people", "newest": "is_new"},
            "crm.people: newest is is_new, of type boolean, which cannot be; it must be a number, a date or a time "
            "that grows with every change",
        ),
        (
            {"table": "crm.people", "newest": "name"},
            "crm.people: newest is name, of type text, which cannot be; it must be a number, a date or a time that "
            "grows with every change",
        ),
        (
            {"table": "crm.people", "newest": "points", "overlap": "10 minutes"},
            "crm.people: newest is points, of type integer, so overlap must be a number",
        ),
        (
            {"table": "crm.people", "newest": "joined_on", "overlap": 10},
            "crm.people: newest is joined_on, of type date, so overlap must be a time, such as 10 minutes",
        ),
        (
            {"query": "SELECT id, nam FROM crm.people"},
            'the query was not read: PostgreSQL says column "nam" does not exist',
        ),
        (
            {"query": "SELECT id FROM crm.people WHERE"},
            'the query was not read: PostgreSQL says syntax error at or near ")"',
        ),
        (
            {"query": "SELECT a.id, b.id FROM crm.people a, crm.people b"},
            "the query gives several columns the name 'id'; rename all but one with AS",
        ),
        (
            {"query": "SELECT '{}'::json AS id", "split_by": "id", "partitions": 2},
            "the query was not read: PostgreSQL says could not identify an ordering operator for type json",
        ),
    ],
)
def test_what_does_not_exist_or_suit_is_said(
    people: Scratch, reader: Readers, options: dict[str, Any], sentence: str
) -> None:
    assert said(reader(**options)) == sentence.format(database=people.name)


def test_a_mark_of_another_column_is_said(people: Scratch, reader: Readers) -> None:
    other = reader(table="crm.people", newest="joined_on")
    other.mark = "17"
    assert said(other) == (
        "crm.people: the pull before reached '17', which is no value of type date, the column joined_on now; "
        "if newest was another column then, pull the whole table anew"
    )


def test_a_server_that_refuses_is_said_without_the_password(people: Scratch, tmp_path: Path) -> None:
    server, host = people.server, f"127.0.0.1:{people.server.port}"

    def reader(uri: str) -> Reader:
        return Reader(uri, tmp_path, table="crm.people")

    assert said(reader(server.uri(people.name, password="pässwort%20x"))) == (
        f'PostgreSQL at {host} does not let postgres in (password authentication failed for user "postgres"); '
        "check user and password in database.uri"
    )
    assert said(reader(server.uri(people.name, user="nobody"))) == (
        f'PostgreSQL at {host} does not let nobody in (password authentication failed for user "nobody"); '
        "check user and password in database.uri"
    )
    assert said(reader(server.uri("nothing"))) == (
        f'PostgreSQL at {host} has no database nothing for us (database "nothing" does not exist); '
        "check the end of database.uri"
    )
    assert said(reader("postgresql://postgres:secret-word@127.0.0.1:1/shop")) == (
        "PostgreSQL at 127.0.0.1:1 does not answer (Connection refused); check host and port in database.uri, that the "
        "server runs, and that this machine may reach it"
    )
    assert said(reader(f"{server.uri(people.name)}?sslmode=secret-word&password=secret-word")) == (
        f'PostgreSQL at {host} cannot be connected to: invalid sslmode value: "***"; check database.uri'
    )


def test_a_statement_may_quote_no_secret_either(people: Scratch, reader: Readers) -> None:
    secret = people.server.password
    assert said(reader(query=f"SELECT '{secret}'::int AS id")) == (
        'the query was not read: PostgreSQL says invalid input syntax for type integer: "***"'
    )


def test_a_table_that_may_not_be_read_is_said(people: Scratch, tmp_path: Path) -> None:
    people.run("CREATE ROLE clerk LOGIN PASSWORD 'clerks-word'", "GRANT USAGE ON SCHEMA crm TO clerk")
    try:
        assert said(Reader(people.server.uri(people.name, "clerk", "clerks-word"), tmp_path, table="crm.people")) == (
            "crm.people was not read: clerk may not (permission denied for table people); GRANT SELECT on it"
        )
    finally:
        people.run("DROP OWNED BY clerk", "DROP ROLE clerk")


def test_a_statement_that_takes_too_long_is_said(people: Scratch, tmp_path: Path) -> None:
    slow = Reader(people.uri, tmp_path, query="SELECT id, pg_sleep(60)::text AS slept FROM crm.people")
    slow.database = Database(kind="postgresql", uri=people.uri, statement_timeout_seconds=1)
    assert said(slow) == (
        "the query was not read: a statement took longer than statement_timeout_seconds (1) or the server's own limit "
        "allows; raise it, or read more partitions"
    )


def test_a_connection_that_is_lost_in_the_middle_is_said(
    people: Scratch, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def happen() -> None:
        people.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{people.name}' AND pid <> pg_backend_pid()"
        )

    between_parts(monkeypatch, happen)
    lost = reader(table="crm.people")
    assert said(lost) == (
        f"crm.people was not read: the connection to PostgreSQL at 127.0.0.1:{people.server.port} was lost "
        "(terminating connection due to administrator command); run again"
    )
    assert listing(lost.folder) == []


def test_without_the_driver_the_command_that_installs_it_is_said(
    people: Scratch, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", None)
    assert said(reader(table="crm.people")) == (
        "to read from PostgreSQL, install its driver: pip install adbc-driver-manager adbc-driver-postgresql"
    )


def test_a_connection_that_is_lost_between_two_rows_is_said(
    people: Scratch, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = PostgresSession.batches

    def batches(self: PostgresSession, *arguments: Any) -> Iterator[pa.RecordBatch]:
        found = read(self, *arguments)
        yield next(found)
        people.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{people.name}' AND pid <> pg_backend_pid()"
        )
        yield from found

    monkeypatch.setattr(PostgresSession, "batches", batches)
    lost = reader(query="SELECT id, repeat(md5(id::text), 100) AS long FROM generate_series(1, 20000) id")
    assert said(lost).startswith(
        f"the query was not read: the connection to PostgreSQL at 127.0.0.1:{people.server.port} was lost ("
    )
    assert listing(lost.folder) == []
