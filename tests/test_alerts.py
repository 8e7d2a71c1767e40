"""Alerts: who is told what, once, and what no alert says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.corner_shop import DAY_1, ONE_TABLE, deliver, shop
from tests.input.commands import Sail
from tests.lakes import World

HEADER = "customer_id,name,email\n"
SECRET = "s3cr3t-hook"


@dataclass
class Hook:
    """A server that takes alerts.

    Attributes:
        url: where it is; the secret is part of it.
        got: path and body of each.
        status: what it answers.
    """

    url: str = ""
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200

    @property
    def events(self) -> list[str]:
        return [body["event"] for _, body in self.got]


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((self.path, json.loads(body)))
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """The tests look at `got`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_address[1]}/{SECRET}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as found:
        yield found


@pytest.fixture
def where(tmp_path: Path, sail: Sail, hook: Hook) -> World:
    found = shop(tmp_path, sail)
    every = "{on_failure: '${env:HOOK}', on_reject: ['${env:HOOK}'], on_stale: '${env:HOOK}', timeout_seconds: 2}"
    found.configure("c360.yml", f"settle_seconds: 0\nmax_reject_rate: 1\nalerts: {every}\n")
    return found


def run(where: World, hook: Hook, *more: str) -> Any:
    return where.run(*(more or ONE_TABLE), HOOK=hook.url)


def test_a_failure_is_told_with_its_table_and_sentence(where: World, hook: Hook) -> None:
    where.land("shop/Customers_2025-03-01.csv", "customer_id,nam,email\n1,Ann,ann@mail.test\n")
    assert run(where, hook).code == 1
    ((path, body),) = hook.got
    assert path == f"/{SECRET}"
    (table,) = body.pop("tables")
    assert table["table"] == "bronze_shop.customers"
    assert table["message"].startswith("Customers_2025-03-01.csv has no column name; its header names: ")
    assert (body.pop("run_id")[:2], body.pop("lake")) == ("20", str(where.lake))
    text = "c360: 1 table failed: bronze_shop.customers"
    assert body == {"event": "failure", "text": text, "command": "run", "engine": "sail"}


def test_rejected_rows_are_counted_and_none_of_their_values_is_told(where: World, hook: Hook) -> None:
    deliver(where, DAY_1)
    assert run(where, hook, "--only", "silver_shop.orders").code == 0
    ((_, body),) = hook.got
    assert (body["event"], body["text"]) == (
        "reject",
        "c360: 3 rows went to quarantine: silver_shop.customers, silver_shop.orders",
    )
    assert body["tables"] == [
        {"table": "silver_shop.customers", "rows": 1, "read": 5},
        {"table": "silver_shop.orders", "rows": 2, "read": 7},
    ]
    assert "not an address" not in json.dumps(body)


def test_where_all_is_well_nobody_is_told(where: World, hook: Hook) -> None:
    where.land("shop/Customers_2025-03-01.csv", HEADER + "1,Ann,ann@mail.test\n")
    assert run(where, hook).code == 0
    assert run(where, hook).code == 0
    assert hook.got == []


def test_a_table_for_which_nothing_comes_is_told_once_until_something_comes(where: World, hook: Hook) -> None:
    where.correct("sources/shop.yml", "source: shop\n", "source: shop\nstale_after_hours: 48\n")
    day = (datetime.now(UTC) - timedelta(days=5)).strftime("%Y-%m-%d")
    where.land(f"shop/Customers_{day}.csv", HEADER + "1,Ann,ann@mail.test\n")
    for _ in range(3):
        assert run(where, hook).code == 0
    assert hook.events == ["stale"]
    assert hook.got[0][1]["tables"] == [
        {"table": "shop.customers", "newest": f"{day}T00:00:00+00:00", "stale_after_hours": 48.0}
    ]
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    where.land(f"shop/Customers_{today}.csv", HEADER + "2,Bob,bob@mail.test\n")
    assert run(where, hook).code == 0
    assert hook.events == ["stale"]


def test_an_alert_that_is_not_delivered_is_said_without_its_secret_and_changes_nothing(
    where: World, hook: Hook
) -> None:
    where.land("shop/Customers_2025-03-01.csv", HEADER + "1,Ann,ann@mail.test\n,Nobody,\n")
    hook.status = 404
    said = run(where, hook)
    assert said.code == 0
    assert "the alert on_reject to 127.0.0.1 was not delivered: it answered 404\n" in said.out
    where.land("shop/Customers_2025-03-02.csv", HEADER + ",Nobody at all,\n")
    nowhere = where.run(*ONE_TABLE, HOOK=f"http://127.0.0.1:9/{SECRET}")
    assert nowhere.code == 0
    assert "the alert on_reject to 127.0.0.1 was not delivered: " in nowhere.out
    assert SECRET not in said.out + said.err + nowhere.out + nowhere.err


@pytest.mark.skipif(sys.platform == "win32", reason="the message of a broken address differs there")
@pytest.mark.parametrize("address", ["ftp://host/x", "host/x", "http://", "mailto:me@host"])
def test_what_is_no_web_address_is_refused_before_anything_is_done(where: World, hook: Hook, address: str) -> None:
    where.configure("c360.yml", f"alerts: {{on_failure: '{address}', on_stale: '${{env:HOOK}}'}}\n")
    refused = where.run(*ONE_TABLE, HOOK=hook.url)
    assert refused.code == 2
    assert "alerts.on_failure: is no web address; write https://…" in refused.err
    assert not where.lake.exists()
