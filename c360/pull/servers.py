"""Where a database is, without its secrets, and what it means when it refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qsl, unquote

from c360.config.database import URIS, Database
from c360.config.secrets import hide, mask

PRODUCTS = {"postgresql": "PostgreSQL", "sqlserver": "SQL Server"}
_SHOWN = 20
"""Of the names that there are."""

_LOST = re.compile(
    "server closed the connection|terminating connection|connection not open|connection to server was lost|"
    "no connection to the server|SSL connection has been closed|Connection reset|Broken pipe|"
    "Communication link failure|TCP Provider|08S01|08007"
)
_NO_ANSWER = re.compile(
    "Connection refused|could not translate host name|timeout expired|No route to host|Network is unreachable|"
    "Connection timed out|No such file or directory|Connection reset|the database system is (?:starting|shutting)|"
    "server closed the connection|Login timeout|HYT00|08001"
)
_NOT_LET_IN = re.compile('authentication failed|no password supplied|role ".*" does not exist|28P01|28000|Login failed')
_NO_DATABASE = re.compile('database ".*" does not exist|Cannot open database')
_TOO_LONG = re.compile("statement timeout|HYT00|Query timeout")
_NOT_ALLOWED = re.compile("42501|permission denied|permission was denied")
_NO_SNAPSHOTS = re.compile("snapshot isolation is not allowed", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Where a database is, as it may be shown.

    Attributes:
        product: PostgreSQL or SQL Server.
        server: host and port.
        database: its name.
        user: who asks.
        limit: of seconds, that a statement may take; None: the server's own.
    """

    product: str
    server: str
    database: str
    user: str
    limit: int | None

    @classmethod
    def of(cls, database: Database) -> Place:
        """The place that a URI names; from now on no message shows what is secret in it."""
        found = URIS[database.kind].fullmatch(database.uri)
        assert found is not None, "the model has checked it"
        options = dict(parse_qsl(found["options"] or ""))
        hide(database.uri)
        for secret in (found["password"], *(v for k, v in options.items() if "password" in k.lower())):
            hide(secret or "")
            hide(unquote(secret or ""))
        server = unquote(found["hosts"] or options.get("host", ""))
        return cls(
            PRODUCTS[database.kind],
            f"{PRODUCTS[database.kind]} at {server}" if server else f"this machine's {PRODUCTS[database.kind]}",
            unquote(found["database"] or options.get("dbname", "")) or "its default database",
            unquote(found["user"] or options.get("user", "")) or "this process's user",
            database.statement_timeout_seconds,
        )

    def refused(self, said: str) -> str:
        """Why no connection was made.

        Args:
            said: by the driver.
        """
        reason = _shown(said)
        if _NOT_LET_IN.search(said):
            return f"{self.server} does not let {self.user} in ({reason}); check user and password in database.uri"
        if _NO_DATABASE.search(said):
            return f"{self.server} has no database {self.database} for us ({reason}); check the end of database.uri"
        if _NO_ANSWER.search(said):
            return (
                f"{self.server} does not answer ({reason}); check host and port in database.uri, that the server runs, "
                "and that this machine may reach it"
            )
        return f"{self.server} cannot be connected to: {reason}; check database.uri"

    def failed(self, what: str, said: str, code: str | None) -> str:
        """Why a statement failed.

        Args:
            what: the table or query.
            said: by the database.
            code: its SQLSTATE.
        """
        reason, both = _shown(said), f"{code} {said}"
        if _TOO_LONG.search(both):
            limit = f" ({self.limit})" if self.limit else ""
            return (
                f"{what} was not read: a statement took longer than statement_timeout_seconds{limit} or the server's "
                "own limit allows; raise it, or read more partitions"
            )
        if _LOST.search(both):
            return f"{what} was not read: the connection to {self.server} was lost ({reason}); run again"
        if _NOT_ALLOWED.search(both):
            return f"{what} was not read: {self.user} may not ({reason}); GRANT SELECT on it"
        if _NO_SNAPSHOTS.search(both):
            return (
                f"{what} was not read: the database {self.database} keeps no snapshots ({reason}); "
                f"ALTER DATABASE {self.database} SET ALLOW_SNAPSHOT_ISOLATION ON"
            )
        return f"{what} was not read: {self.product} says {reason}"


def listed(wanted: str, there: Sequence[str]) -> str:
    """Names as a list for a sentence, the nearest one first if there are many."""
    if not there:
        return "none"
    near = get_close_matches(wanted, there, n=3)
    names = there if len(there) <= _SHOWN else [*near, *(name for name in there if name not in near)]
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    hint = f" (did you mean {near[0]}?)" if near else ""
    return ", ".join(names[:_SHOWN]) + more + hint


def _shown(said: str) -> str:
    """The first line of what was said, without the words all drivers put in front."""
    # an address or port is said elsewhere, and a host may be part of a password with an @ in it
    line = mask(next((line for line in said.splitlines() if line.strip()), "")).strip()
    line = re.sub(r"^(?:[A-Z_]+: )?(?:\[[^\]]*\] ?)*(?:Failed to [^:]*: )?(?:connection to server [^:]*: )?", "", line)
    return re.sub(r"^.*?\b(?:FATAL|ERROR): +", "", line).rstrip(".") or "no reason was given"
