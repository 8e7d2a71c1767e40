"""The day everything in gold is seen from, when none is given."""

from __future__ import annotations

import json
from datetime import date
from functools import reduce

from c360.config.load import Config
from c360.lake import Lake
from c360.ledger import FILES, Ledger, Step
from c360.unify.entities import ENTITIES
from c360.unify.views import RECORDS, inputs, view

NAME = "as_of"
"""Under which its line stands in `ops.steps`: it is kept until a table with events changes or files are delivered."""

_EVENTS = tuple(e.name for e in ENTITIES.values() if e.sets_as_of)


def known(config: Config, lake: Lake, ledger: Ledger) -> date | None:
    """The day as it was last found; None if it may be another one now. Needs no engine."""
    last = ledger.last(NAME)
    if last is None or json.loads(last["inputs"]) != _basis(config, lake, ledger):
        return None
    return date.fromisoformat(last["message"])


def latest_event(config: Config, lake: Lake, ledger: Ledger) -> date:
    """The day of the latest order, interaction or session, but not after the newest delivery.

    Returns:
        The day in UTC; the newest delivery's if there are no events, and 1970-01-01 if there is nothing at all.
    """
    if found := known(config, lake, ledger):
        return found
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F

    moments = []
    for name in _EVENTS:
        events = view(lake, config.sources, config.settings, name, identified=False)
        moments.append(events.select(F.max(ENTITIES[name].event_at or "").cast("date").alias("day")))
    latest = reduce(DataFrame.unionByName, moments).select(F.max("day").alias("day")).collect()[0]["day"]
    newest = _newest_delivery(ledger)
    day: date = min(latest, newest) if latest else newest
    ledger.add_step(Step(NAME, "done", inputs=_basis(config, lake, ledger), message=day.isoformat()))
    return day


def _basis(config: Config, lake: Lake, ledger: Ledger) -> dict[str, int | None]:
    """What the day depends on."""
    tables = {t for name in _EVENTS for t in inputs(config.sources, name) if t != RECORDS}
    versions = {table: lake.version(table) for table in sorted(tables)}
    return versions | {"newest delivery": _newest_delivery(ledger).toordinal()}


def _newest_delivery(ledger: Ledger) -> date:
    """The day of the newest file that brought something; a copy of an old one is no news."""
    days = [line["delivered_at"].date() for line in ledger.rows(FILES) if line["status"] == "ingested"]
    return max(days, default=date(1970, 1, 1))
