"""The day everything in gold is seen from, when none is given."""

from __future__ import annotations

import json
from datetime import date
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.config.load import Config
from c360.lake import Lake
from c360.ledger import FILES, Ledger, Step
from c360.unify.entities import ENTITIES
from c360.unify.views import RECORDS, inputs, view

NAME = "as_of"
"""Under which its line stands in `ops.steps`: it is kept until a table with events changes."""


def latest_event(config: Config, lake: Lake, ledger: Ledger) -> date:
    """The day of the latest order, interaction or session, but not after the newest delivery.

    Returns:
        The day in UTC; the newest delivery's if there are no events, and 1970-01-01 if there is nothing at all.
    """
    names = [e.name for e in ENTITIES.values() if e.sets_as_of]
    tables = {t for name in names for t in inputs(config.sources, name) if t != RECORDS}
    versions = {table: lake.version(table) for table in sorted(tables)}
    known = ledger.last(NAME)
    if known and json.loads(known["inputs"]) == versions:
        return date.fromisoformat(known["message"])
    moments = []
    for name in names:
        events = view(lake, config.sources, config.settings, name, identified=False)
        moments.append(events.select(F.max(ENTITIES[name].event_at or "").cast("date").alias("day")))
    latest = reduce(DataFrame.unionByName, moments).select(F.max("day").alias("day")).collect()[0]["day"]
    delivered = [r["delivered_at"].date() for r in ledger.rows(FILES) if r["delivered_at"] is not None]
    newest = max(delivered, default=date(1970, 1, 1))
    day = min(latest, newest) if latest else newest
    ledger.add_step(Step(NAME, "done", inputs=versions, message=day.isoformat()))
    return day
