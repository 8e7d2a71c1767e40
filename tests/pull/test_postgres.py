"""Tables of a real PostgreSQL: every value exactly, every row once, all in one state."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from postgres_pulls import Reader, Readers, between_parts, keys, parts, rows
from postgres_server import Scratch, Server

from c360.errors import SourceError
from c360.pull.base import Pulled

VALUES = [
    ("smallint", "-32768", "-32768"),
    ("integer", "2147483647", "2147483647"),
    ("bigint", "-9223372036854775808", "-9223372036854775808"),
    ("numeric(38,10)", "1234567890123456789012345678.0000000001", "1234567890123456789012345678.0000000001"),
    ("numeric(38,10)", "2", "2.0000000000"),
    ("numeric", "'NaN'", "NaN"),
    ("numeric", "1e-20", "0.00000000000000000001"),
    ("money", "'-1234.5'", "-1234.50"),
    ("real", "0.1", "0.1"),
    ("real", "16777216", "16777216"),
    ("double precision", "0.1", "0.1"),
    ("double precision", "1e20", "100000000000000000000"),
    ("double precision", "-1.5e-7", "-0.00000015"),
    ("double precision", "123456789.123456789", "123456789.12345679"),
    ("double precision", "'NaN'", "NaN"),
    ("double precision", "'-Infinity'", "-Infinity"),
    ("boolean", "true", "true"),
    ("boolean", "false", "false"),
    ("text", "''", ""),
    ("text", "E'a\\nb\\r\\n\\t\"c\" ''d'' \\\\ \\\\N \\\\. , ;'", "a\nb\r\n\t\"c\" 'd' \\ \\N \\. , ;"),
    ("text", "'Zoë Ōsaka 大阪 🛒'", "Zoë Ōsaka 大阪 🛒"),
    ("text", "'NULL'", "NULL"),
    ("text", "'  x  '", "  x  "),
    ("varchar(5)", "'ab'", "ab"),
    ("char(5)", "'ab'", "ab"),
    ("date", "'2024-02-29'", "2024-02-29"),
    ("date", "'infinity'", "infinity"),
    ("timestamp", "'2024-02-03 12:00'", "2024-02-03 12:00:00.000000"),
    ("timestamp", "'2024-02-03 12:00:00.25'", "2024-02-03 12:00:00.250000"),
    ("timestamp", "'0044-03-15 12:00:00'", "0044-03-15 12:00:00.000000"),
    ("timestamp", "'0044-03-15 12:00:00 BC'", "0044-03-15 12:00:00 BC"),
    ("timestamp", "'12024-02-03 12:00:00'", "12024-02-03 12:00:00"),
    ("timestamp", "'-infinity'", "-infinity"),
    ("timestamptz", "'2024-02-03 12:00:00.000001+09'", "2024-02-03 03:00:00.000001Z"),
    ("timestamptz", "'infinity'", "infinity"),
    ("time", "'09:30'", "09:30:00"),
    ("timetz", "'09:30:00.5+02'", "09:30:00.5+02"),
    ("interval", "'1 year 2 months 3 days 4 hours'", "1 year 2 mons 3 days 04:00:00"),
    ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", """'{"b":1,  "a":1.50}'""", '{"b":1,  "a":1.50}'),
    ("jsonb", """'{"b":1,  "a":1.50}'""", '{"a": 1.50, "b": 1}'),
    ("xml", "'<a>1</a>'", "<a>1</a>"),
    ("bytea", r"'\x00dead5c'", "00dead5c"),
    ("integer[]", "'{1,NULL,3}'", "{1,NULL,3}"),
    ("text[]", """'{"a,b",NULL,""}'""", '{"a,b",NULL,""}'),
    ("inet", "'10.0.0.1'", "10.0.0.1/32"),
    ("bit(3)", "B'101'", "101"),
    ("mood", "'so so'", "so so"),
    ("yes", "true", "true"),
    ("since", "'2024-02-03 12:00+09'", "2024-02-03 03:00:00.000000Z"),
    ("int4range", "'[1,5)'", "[1,5)"),
]
TYPES = (
    "CREATE TYPE mood AS ENUM ('good', 'so so')",
    "CREATE DOMAIN yes AS boolean CHECK (VALUE)",
    "CREATE DOMAIN moment AS timestamptz",
    "CREATE DOMAIN since AS moment",
)
"""An enumeration, and domains: one of a boolean, one of a domain of a time."""


@pytest.mark.parametrize(
    "habits",
    [
        "",
        "DateStyle='German', TimeZone='Asia/Tokyo', IntervalStyle='iso_8601', bytea_output='escape', "
        "extra_float_digits='-5'",
    ],
)
def test_every_value_is_its_exact_text_whatever_the_habits_of_the_server(
    postgres: Scratch, reader: Readers, habits: str
) -> None:
    columns = ", ".join(f"c{n} {kind}" for n, (kind, _, _) in enumerate(VALUES))
    postgres.run(
        *(f"ALTER DATABASE {postgres.name} SET {habit}" for habit in habits.split(", ") if habit),
        *TYPES,
        f"CREATE TABLE all_types (id int, {columns})",
        f"INSERT INTO all_types VALUES (1, {', '.join(f'{value}' for _, value, _ in VALUES)})",
        "INSERT INTO all_types VALUES (2)",
    )
    assert reader(table="public.all_types").new() == [
        ("1", *(expected for _, _, expected in VALUES)),
        ("2", *(None for _ in VALUES)),
    ]


def test_what_an_old_database_keeps_in_its_own_encoding_is_the_same_text(cluster: Server, tmp_path: Path) -> None:
    with cluster.scratch("ENCODING 'LATIN1' TEMPLATE template0") as old:
        old.run("CREATE TABLE people (id int, name text)", "INSERT INTO people VALUES (1, 'Zo' || chr(235))")
        assert Reader(old.uri, tmp_path, table="people").new() == [("1", "Zoë")]


def test_bytes_that_are_no_text_are_an_error_and_no_other_text(cluster: Server, tmp_path: Path) -> None:
    with cluster.scratch("ENCODING 'SQL_ASCII' TEMPLATE template0") as old:
        old.run("CREATE TABLE people (id int, name text)", r"INSERT INTO people VALUES (1, E'Zo\xeb')")
        with pytest.raises(SourceError) as error:
            Reader(old.uri, tmp_path, table="people").pull()
    assert str(error.value) == ('people was not read: PostgreSQL says invalid byte sequence for encoding "UTF8": 0xeb')


def test_of_many_rows_in_eight_partitions_each_comes_once(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE sales AS SELECT id, 'sale ' || id AS note FROM generate_series(1, 100000) id")
    many = reader(table="sales", split_by="id", partitions=8)
    assert many.pull() == Pulled(files=8, rows=100_000)
    assert [pq.read_metadata(part).num_rows for part in parts(many.folder)] == [12_500] * 8
    assert Counter(rows(many.folder)) == Counter((str(n), f"sale {n}") for n in range(1, 100_001))
    assert [part.name for part in many.folder.iterdir() if part not in parts(many.folder)] == []


@pytest.mark.slow
def test_a_million_rows_come_in_bounded_memory(postgres: Scratch, tmp_path: Path) -> None:
    postgres.run(
        "CREATE TABLE sales AS SELECT id, id % 1000 AS customer_id, (id % 10000) / 100.0 AS price, "
        "timestamptz '2024-01-01' + id * interval '1 s' AS sold_at, 'a note of some length ' || id AS note "
        "FROM generate_series(1, 1000000) id"
    )
    for partitions in (8, 1):
        code = (
            "import pathlib, resource, sys\n"
            "from c360.config.database import Database, DatabaseTable\n"
            "from c360.pull.database import pull_database\n"
            "table = DatabaseTable(table='sales', split_by='id', partitions=int(sys.argv[2]))\n"
            "database = Database(kind='postgresql', uri=sys.argv[1])\n"
            "pulled = pull_database(database, table, ['id'], pathlib.Path(sys.argv[3]), None)\n"
            "print(pulled.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
        )
        folder = tmp_path / str(partitions)
        done = subprocess.run(
            [sys.executable, "-c", code, postgres.uri, str(partitions), str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        count, megabytes = map(int, done.stdout.split())
        assert count == 1_000_000
        assert megabytes < 600  # the rows are some 100 bytes each; as Arrow all of them alone were 150 MB
        ids = [id_ for part in parts(folder) for id_ in pq.read_table(part, columns=["id"])["id"].to_pylist()]
        assert len(set(ids)) == len(ids) == 1_000_000
        assert all(pq.read_metadata(part).num_row_groups > 1 for part in parts(folder))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int", ["1", "2", "3", "4", "5", "1000", "NULL", "NULL"]),
        ("smallint", ["-32768", "32767", "0"]),
        ("bigint", ["-9223372036854775808", "9223372036854775807", "0"]),
        ("numeric(10,2)", ["0.01", "0.02", "99.99", "'NaN'", "NULL"]),
        ("real", ["0.1", "0.2", "0.7", "'NaN'", "'-Infinity'", "1e30"]),
        ("double precision", ["-1e308", "1e308", "1e-300", "'Infinity'"]),
        ("date", ["'2024-01-01'", "'2024-12-31'", "'infinity'", "'0044-03-15 BC'", "NULL"]),
        ("timestamp", ["'2024-01-01'", "'2024-01-01 00:00:00.000001'", "'-infinity'", "'12024-01-01'"]),
        ("timestamptz", ["'2024-01-01 00:00+09'", "'2024-06-01 12:00Z'", "'infinity'", "NULL"]),
        ("text", ["'a'", "'b'", "'it''s'", "E'back\\\\slash'", "''", "'é'", "NULL"]),
        ("char(3)", ["'a'", "'ab'", "'abc'", "'b'"]),
        ("uuid", ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "NULL"]),
        ("boolean", ["true", "false", "NULL"]),
        ("bytea", [r"'\x00'", r"'\xff27'", "NULL"]),
        ("money", ["1", "2.5", "1000"]),
        ("time", ["'09:30'", "'10:00:00.5'"]),
        ("mood", ["'good'", "'so so'"]),
        ("int", ["7"]),
        ("int", ["NULL"]),
        ("text", ["NULL"]),
    ],
)
def test_partitions_by_any_column_take_every_row_once(
    postgres: Scratch, reader: Readers, kind: str, values: list[str]
) -> None:
    every = [value for value in values for _ in range(3)]
    postgres.run(
        *TYPES,
        f"CREATE TABLE things (id int, by_this {kind})",
        *(f"INSERT INTO things VALUES ({n}, {value})" for n, value in enumerate(every)),
    )
    found = reader(table="things", split_by="by_this", partitions=4).new()
    assert sorted(int(str(row[0])) for row in found) == list(range(len(every)))


def test_partitions_by_text_are_of_like_size(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE people AS SELECT id, md5(id::text) AS name FROM generate_series(1, 4000) id")
    people = reader(table="people", split_by="name", partitions=4)
    people.pull()
    assert [pq.read_metadata(part).num_rows for part in parts(people.folder)] == [999, 1000, 1000, 1001]


def test_a_partition_without_rows_has_no_file(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE things (id int)", "INSERT INTO things VALUES (1), (2), (1000)")
    things = reader(table="things", split_by="id", partitions=4)
    assert things.new() == [("1",), ("1000",), ("2",)]
    assert [part.name for part in parts(things.folder)] == ["part-0001.parquet", "part-0004.parquet"]


def test_an_empty_table_gives_no_file(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE things (id int, changed_at timestamptz)")
    for options in ({}, {"split_by": "id", "partitions": 3}, {"newest": "changed_at"}):
        assert reader(table="things", **options).pull() == Pulled(0, 0, None)


def test_names_may_have_anything_in_them(postgres: Scratch, reader: Readers) -> None:
    postgres.run(
        'CREATE SCHEMA "My.Shop"',
        'CREATE TABLE "My.Shop"."we""ird" ("order" int, "we""ird" text, "a b.c" timestamp, "it\'s %s" int, "É" int)',
        """INSERT INTO "My.Shop"."we""ird" VALUES (1, 'x', '2024-01-01', 5, 6)""",
        'CREATE TABLE "order" (id int)',
        'INSERT INTO "order" VALUES (7)',
    )
    weird = reader(
        table='"My.Shop".we"ird', key=("order", 'we"ird'), split_by='we"ird', partitions=2, newest="a b.c",
        deletes="compare_keys",
    )  # fmt: skip
    assert weird.new() == [("1", "x", "2024-01-01 00:00:00.000000", "5", "6")]
    assert pq.read_schema(parts(weird.folder)[0]).names == ["order", 'we"ird', "a b.c", "it's %s", "É"]
    assert keys(weird.folder) == [("1", "x")]
    assert weird.new() == []
    assert reader(table="order").new() == [("7",)]


def test_a_query_is_read_like_a_table(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE TABLE things (id int, name text)", "INSERT INTO things VALUES (1, 'a'), (2, 'b'), (3, NULL)")
    query = "WITH few AS (SELECT id, name FROM things WHERE id > 1)\nSELECT id, upper(name) AS name FROM few -- all;"
    few = reader(query=query, split_by="id", partitions=2, newest="id", deletes="compare_keys")
    assert few.new() == [("2", "B"), ("3", None)]
    assert keys(few.folder) == [("2",), ("3",)]
    assert few.mark == "3"


def test_all_partitions_see_the_state_at_the_beginning(
    postgres: Scratch, reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run("CREATE TABLE things (id int, name text)", "INSERT INTO things VALUES (1, 'a'), (2, 'b'), (100, 'c')")

    def happen() -> None:
        postgres.run(
            "INSERT INTO things SELECT max(id) + 1, 'new' FROM things",
            "DELETE FROM things WHERE id = 1",
            "UPDATE things SET name = name || '!'",
        )

    between_parts(monkeypatch, happen)
    things = reader(table="things", split_by="id", partitions=5, newest="id", deletes="compare_keys")
    assert things.new() == [("1", "a"), ("100", "c"), ("2", "b")]
    assert keys(things.folder) == [("1",), ("100",), ("2",)]
    assert things.mark == "100"
    assert len(postgres.rows("SELECT * FROM things")) == 2 + 6


def test_a_pull_changes_nothing(postgres: Scratch, reader: Readers) -> None:
    postgres.run("CREATE SEQUENCE numbers")
    with pytest.raises(SourceError, match="cannot execute nextval\\(\\) in a read-only transaction"):
        reader(query="SELECT nextval('numbers') AS id").pull()
