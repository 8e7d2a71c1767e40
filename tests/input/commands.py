"""The commands of c360 as a user gives them, in a folder of literal files; all on one Sail session.

The session lives in a process of its own, since this one may hold a Spark session.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

from c360.cli import main
from c360.lake import Lake

APPENDED = "TEST_APPEND_WHILE_READING"
"""Names, in a command's environment, a file that gets one more row just after it was read."""

HEBREW = "שלום"

HOSTILE = {
    1: "[red]Ada[/red] [/nothing]",
    2: "<script>alert(1)</script>",
    3: "\x1b[31mred\x07",
    4: f"{HEBREW} \u202etxt.exe",
    5: "x" * 5000,
    6: '=HYPERLINK("http://x","y")',
    7: "two\nlines, and a \t tab",
    8: "+1\r-2@",
}
"""Names that customers typed, by their ids."""

F = TypeVar("F", bound=Callable[..., None])

WORKER = Path(__file__).with_name("worker.py")

SHOP = """\
source: shop
delivered_at: '_(\\d{4}-\\d{2}-\\d{2})'
tables:
  customers:
    files: Customers*.csv*
    key: customer_id
    columns:
      customer_id: {from: CustomerID, type: int}
      name: {from: Name, pii: true}
      email: {from: Email, pii: true}
  orders:
    files: Orders*.csv*
    key: order_id
    columns:
      order_id: {from: OrderID, type: int}
      customer_id: {from: CustomerID, type: int}
      amount: {from: Amount, type: money, required: true}
      ordered_at: {from: OrderedAt, type: timestamp}
      status: {from: Status, accepted: [Completed, Cancelled]}
    event_at: ordered_at
    references: {customer_id: customers}
    rules: {amount_positive: amount > 0}
unified:
  customers:
    from: customers
    columns: {customer_id: CAST(customer_id AS STRING), full_name: name, email: lower(email)}
  orders:
    from: orders
    columns:
      order_id: CAST(order_id AS STRING)
      customer_id: CAST(customer_id AS STRING)
      channel: "'online'"
      ordered_at: ordered_at
      status: status
      total_amount: amount
"""
"""Two tables, of which one refers to the other, and their unified views."""


CUSTOMERS = "CustomerID,Name,Email\n"
ORDERS = "OrderID,CustomerID,Amount,OrderedAt,Status\n"
ADA, BOB = "1,Ada,ada@x.org\n", "2,Bob,bob@x.org\n"
WHO = ("customer_id", "name")

_SECONDS = re.compile(r"  [0-9.]+ s\b")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def steps(self) -> list[str]:
        """A run's lines, one for each table, without the seconds."""
        return [_SECONDS.sub("", line) for line in self.out.splitlines() if line[:1] in ("✓", "✗", "–")]


def answer(cwd: str, argv: Sequence[str], env: dict[str, str]) -> Said:
    """Give a command in this process, in a folder."""
    out, err, before, arguments = io.StringIO(), io.StringIO(), dict(os.environ), sys.argv
    os.environ.update(env)
    sys.argv = ["c360", *argv]
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        return Said(int(ended.code or 0), out.getvalue(), err.getvalue())
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.argv = arguments
    raise AssertionError("the command's entry ends the process")


class Process(Protocol):
    """Runs commands on a session that is kept between them, which saves seconds."""

    def run(self, cwd: Path, argv: Sequence[str], env: dict[str, str]) -> Said:
        """Give a command in a folder."""


class Here:
    """This process, with the session it has."""

    def run(self, cwd: Path, argv: Sequence[str], env: dict[str, str]) -> Said:
        """Give a command in a folder."""
        return answer(str(cwd), argv, env)


class Sail:
    """A process of its own with a session of Sail."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), "sail"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, cwd: Path, argv: Sequence[str], env: dict[str, str]) -> Said:
        """Give a command in a folder."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"cwd": str(cwd), "argv": list(argv), "env": env}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that runs the commands has ended; its last words are above"
        return Said(**json.loads(answer))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)


class Shop:
    """A folder with conf/, data/landing/shop/ and data/lake/, and the commands given in it."""

    def __init__(self, folder: Path, sail: Process) -> None:
        self.folder = folder
        self.landing = folder / "data/landing/shop"
        self.lake = Lake(folder / "data/lake")
        self._sail = sail
        self.landing.mkdir(parents=True)
        self.conf("c360.yml", "settle_seconds: 0\n")
        self.conf("sources/shop.yml", SHOP)

    def conf(self, name: str, text: str) -> None:
        """Write a file of conf/."""
        file = self.folder / "conf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def declare(self, old: str, new: str) -> None:
        """Change a text in the source's YAML."""
        assert SHOP.count(old) == 1
        self.conf("sources/shop.yml", SHOP.replace(old, new))

    def land(self, name: str, content: str | bytes) -> Path:
        """Deliver a file."""
        file = self.landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def customers(self, rows: str, day: str = "2025-03-01") -> Path:
        """Deliver customers, with the header."""
        return self.land(f"Customers_{day}.csv", CUSTOMERS + rows)

    def orders(self, rows: str, day: str = "2025-03-01") -> Path:
        """Deliver orders, with the header."""
        return self.land(f"Orders_{day}.csv", ORDERS + rows)

    def c360(self, *argv: str, **env: str) -> Said:
        """Give a command."""
        return self._sail.run(self.folder, argv, env)

    def run(self, *more: str, **env: str) -> Said:
        """Bring what was delivered into silver."""
        return self.c360("run", "--only", "silver_shop.orders", *more, **env)

    def json(self, *argv: str) -> Any:
        """What a command prints as JSON."""
        said = self.c360(*argv, "--format", "json")
        assert (said.code, said.err) == (0, ""), said
        return json.loads(said.out)

    def silver(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """A silver table's rows, sorted; decimals and times as text."""
        rows = self.lake.rows(f"silver_shop.{table}")
        found = [tuple(_plain(row[c]) for c in columns) for row in rows]
        return sorted(found, key=lambda row: [(v is None, v) for v in row])

    def rejected(self, table: str) -> list[tuple[Any, ...]]:
        """What `c360 quarantine` says of a table: row, reasons and what was received."""
        rows = self.json("quarantine", f"shop.{table}", "--limit", "100")
        return [(row["row"], row["reasons"], row["received"]) for row in rows]

    def check_ledger(self) -> None:
        """Demand that every row of bronze is accounted for, in the ledger and in the tables."""
        for table in ("customers", "orders"):
            lines = [r for r in self.lake.rows("ops.batches") if r["table_name"] == table]
            lines = [r for r in lines if r["generation"] == max(line["generation"] for line in lines)]
            for line in lines:
                outcomes = ("inserted", "updated", "unchanged", "duplicate", "stale")
                assert line["read"] == line["valid"] + line["quarantined"], line
                assert line["valid"] == sum(line[name] for name in outcomes), line
            if lines:
                assert len(self.lake.rows(f"silver_shop.{table}")) == sum(line["inserted"] for line in lines)
                assert len(self.lake.rows(f"quarantine_shop.{table}")) == sum(line["quarantined"] for line in lines)
            judged = {line["batch_id"] for line in lines if line["status"] != "superseded"}
            received = [r for r in self.lake.rows(f"bronze_shop.{table}") if r["_batch_id"] in judged]
            assert len(received) == sum(line["read"] for line in lines)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | datetime) else value


def says(line: str) -> Callable[[F], F]:
    """The test proves the line of docs/wrong-input.md that begins so; test_wrong_commands.py compares the two."""
    return lambda test: test


def refused(said: Said) -> str:
    """Why the customers' file could not be read; what hangs on it was left alone, the run went on."""
    assert said.code == 1
    assert said.err == ""
    failed, *others = said.steps
    assert others == [
        "– silver_shop.customers  because bronze_shop.customers failed",
        "– silver_shop.orders  because silver_shop.customers failed",
    ]
    sign = "✗ bronze_shop.customers  "
    assert failed.startswith(sign)
    return failed.removeprefix(sign)
