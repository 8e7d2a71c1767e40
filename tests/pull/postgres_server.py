"""A PostgreSQL of the tests' own: made in an empty folder, on a free port, gone when they end."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pytest

DEMAND = "C360_DEMAND_POSTGRES"
"""With 1 in this variable the tests that need a PostgreSQL fail where there is none, instead of being skipped."""

_WHERE_DEBIAN_PUTS_THEM = Path("/usr/lib/postgresql")
_WITHOUT_SAFETY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_PATIENCE = 30.0
"""Seconds until a server that does not answer is given up."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        password: of the user postgres.
        folder: where its sockets are.
    """

    port: int
    password: str = field(repr=False)
    folder: Path

    def uri(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Where a database of it is found."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each committed."""
        with adbc.connect(self.uri(database), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What a query finds."""
        with adbc.connect(self.uri(database), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]

    @contextmanager
    def scratch(self, options: str = "") -> Iterator[Scratch]:
        """An empty database, gone afterwards.

        Args:
            options: of CREATE DATABASE.
        """
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} {options}")
        yield Scratch(self, name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


def binaries() -> Path:
    """The folder with initdb and postgres: on the path, or the newest one where Debian puts them."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").is_file():
        return Path(on_path).resolve().parent
    versions = [folder for folder in _WHERE_DEBIAN_PUTS_THEM.glob("*/bin") if (folder / "initdb").is_file()]
    if not versions:
        said = "no PostgreSQL on the path or in /usr/lib/postgresql; Debian's package is postgresql"
        if os.environ.get(DEMAND) == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    return max(versions, key=lambda folder: float(folder.parent.name))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    """One server for all tests; each makes a database of its own in it."""
    programs = binaries()
    # not pytest's own folder: that is closed to the other user whom the server, which refuses to be root, runs as
    folder = Path(tempfile.mkdtemp(prefix="c360-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        password = secrets.token_hex(12)
        _make(programs, folder, password, user)
        server = Server(_free_port(), password, folder)
        process = _start(programs, server, user)
        try:
            _wait_for(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # it ends the connections that are left, and itself
            process.wait(_PATIENCE)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres(cluster: Server) -> Iterator[Scratch]:
    """An empty database."""
    with cluster.scratch() as database:
        yield database


@dataclass(frozen=True)
class Scratch:
    """A database of the server."""

    server: Server
    name: str

    @property
    def uri(self) -> str:
        """Where it is found, with the password."""
        return self.server.uri(self.name)

    def run(self, *statements: str) -> None:
        """Run statements, each committed."""
        self.server.run(*statements, database=self.name)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """What a query finds."""
        return self.server.rows(statement, database=self.name)


def _make(programs: Path, folder: Path, password: str, user: str | None) -> None:
    words = folder / "password"
    words.write_text(password, "utf-8")
    if user:
        shutil.chown(words, user)
    made = subprocess.run(
        [
            *(programs / "initdb", "--pgdata", folder / "data", "--username", "postgres", "--pwfile", words),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.fail(f"initdb made no database: {made.stderr}", pytrace=False)


def _start(programs: Path, server: Server, user: str | None) -> subprocess.Popen[bytes]:
    settings = _WITHOUT_SAFETY | {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": str(server.folder),
    }
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", server.folder / "data", *(f"--{k}={v}" for k, v in settings.items())],
            user=user,
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C is for the tests, which then end it
        )


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            server.run("SELECT 1")
            return
        except adbc.Error as problem:
            if process.poll() is not None or time.monotonic() > until:
                said = (server.folder / "log").read_text("utf-8", "replace")
                pytest.fail(f"PostgreSQL does not answer ({problem}); it said: {said}", pytrace=False)
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
