"""Alerts: one JSON POST to each address that conf names, when a table fails, rows are rejected or nothing comes.

An alert that cannot be delivered is said, and changes nothing else. No body holds a secret; of rejected
rows only their number is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from c360.config.load import Config
from c360.config.secrets import mask
from c360.ledger import Ledger, Step
from c360.output import counted
from c360.terminal import say

STALE = "alert_stale"
"""The name of the ledger's line that tells for which tables it has been said."""


class Alerts:
    """What is told about one lake.

    Args:
        config: says whom to tell.
        lake: where it lies.
        console: where it is said that somebody could not be told.
    """

    def __init__(self, config: Config, lake: str, console: Console) -> None:
        self._config = config
        self._asked = config.settings.alerts
        self._lake = lake
        self._console = console

    def after_run(self, run_id: str, command: str, engine: str, lines: Iterable[Step]) -> None:
        """Tell of the tables of a run that failed, and of those that rejected rows."""
        about = {"run_id": run_id, "command": command, "engine": engine}
        lines = list(lines)
        failed = [{"table": line.name, "message": line.message} for line in lines if line.status == "failed"]
        if failed:
            tables = ", ".join(table["table"] for table in failed)
            said = f"c360: {counted(len(failed), 'table')} failed: {tables}"
            self._tell(self._asked.on_failure, "failure", said, about | {"tables": failed})
        rejected = [
            {"table": line.name, "rows": line.counts.quarantined, "read": line.counts.read}
            for line in lines
            if line.status == "done" and line.counts.quarantined > 0
        ]
        if rejected:
            rows = sum(line.counts.quarantined for line in lines if line.counts.quarantined > 0)
            tables = ", ".join(str(table["table"]) for table in rejected)
            said = f"c360: {counted(rows, 'row')} went to quarantine: {tables}"
            self._tell(self._asked.on_reject, "reject", said, about | {"tables": rejected})

    def stale(self, ledger: Ledger, now: datetime) -> None:
        """Tell of tables for which nothing has come for too long, once until something comes."""
        if not self._asked.on_stale:
            return
        found = self._stale_tables(ledger, now)
        last = ledger.last(STALE)
        known = json.loads(last["message"]) if last else []
        names = [table["table"] for table in found]
        fresh = [table for table in found if table["table"] not in known]
        if fresh:
            said = f"c360: nothing new for too long: {', '.join(table['table'] for table in fresh)}"
            self._tell(self._asked.on_stale, "stale", said, {"tables": fresh})
        if names != known:
            ledger.add_step(Step(STALE, "done", message=json.dumps(names)))

    def _stale_tables(self, ledger: Ledger, now: datetime) -> list[dict[str, Any]]:
        found = []
        for source in self._config.sources.values():
            for name, table in source.tables.items():
                hours = table.stale_after_hours or source.stale_after_hours
                lines = ledger.files(source.source, name)
                newest = max((line["delivered_at"] for line in lines), default=None)
                if hours and newest and newest < now - timedelta(hours=hours):
                    newest_at = newest.astimezone(UTC).isoformat()
                    found.append({"table": f"{source.source}.{name}", "newest": newest_at, "stale_after_hours": hours})
        return found

    def _tell(self, addresses: Sequence[str], event: str, text: str, details: Mapping[str, Any]) -> None:
        body = mask(json.dumps({"event": event, "text": text, "lake": self._lake, **details}, ensure_ascii=False))
        for address in addresses:
            if wrong := _posted(address, body, self._asked.timeout_seconds):
                host = urlsplit(address).hostname
                say(self._console, f"the alert on_{event} to {host} was not delivered: {mask(wrong)}")


def _posted(address: str, body: str, timeout: float) -> str | None:
    """What went wrong, if anything did."""
    import urllib3  # only where somebody is told: every run would pay for it

    again = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(429, 502, 503), allowed_methods=None)
    headers = {"Content-Type": "application/json"}
    try:
        with urllib3.PoolManager(timeout=timeout, retries=again) as pool:
            answer = pool.request("POST", address, body=body.encode(), headers=headers, redirect=False)
    except urllib3.exceptions.HTTPError as problem:
        reason = getattr(problem, "reason", None) or problem
        return type(reason).__name__
    return None if answer.status < 300 else f"it answered {answer.status}"
