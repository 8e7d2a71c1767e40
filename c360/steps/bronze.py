"""The step of a source's files: into bronze."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from c360.ddl import fields
from c360.ingest.files import LandedFile, not_seen, settle
from c360.ingest.spec import PULLED
from c360.ledger import Counts
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome, Step
from c360.store import is_remote

OTHER_COLUMNS = "conf declares other columns"


class BronzeStep(Step):
    """Landed files into bronze."""

    layer = "bronze"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.name = shape.bronze
        self.needs = (f"pull_{shape.source.source}.{shape.name}",) if shape.source.origin(shape.name) else ()

    def fresh(self, run: Context) -> list[LandedFile]:
        """The table's files that no line of the ledger tells of."""
        return not_seen(run.files(self.shape), run.ledger.files(self.shape.source.source, self.shape.name))

    def due(self, run: Context) -> str | None:
        if self._ledger_is_lost(run):
            return "its ledger is lost"
        if has_other_columns(run, self.name, self.shape.bronze_schema):
            return OTHER_COLUMNS
        if fresh := self.fresh(run):
            return f"{len(fresh)} new file{'s' * (len(fresh) > 1)}"
        return "to find what is gone" if self._key_list(run) else None

    def _ledger_is_lost(self, run: Context) -> bool:
        known = run.ledger.ingested(self.shape.source.source, self.shape.name)
        return not known and run.lake.version(self.name) is not None and run.lake.count(self.name) > 0

    def create(self, run: Context) -> None:
        if not has_other_columns(run, self.name, self.shape.bronze_schema):
            table = self.shape.table
            run.lake.ensure(self.name, self.shape.bronze_schema, pii=table.pii_columns, description=table.description)

    def do(self, run: Context) -> Outcome:
        from c360.ingest.bronze import ingest, recovered
        from c360.ingest.reshape import reshape

        is_reshaped = has_other_columns(run, self.name, self.shape.bronze_schema)
        if is_reshaped:
            reshape(run.lake, self.shape)
        fresh = self.fresh(run)
        settle(fresh, run.config.settings.settle_seconds)
        source, table = self.shape.source.source, self.shape.name
        if self._ledger_is_lost(run):
            run.ledger.add_files(recovered(run.lake, self.shape))
        lines = ingest(run.lake, self.shape, fresh, list(run.ledger.ingested(source, table)))
        lines += self._deletes(run)
        run.ledger.add_files(lines)
        rows = sum(line["rows"] for line in lines)
        again = [line["file"] for line in lines if line["status"] == "same_content"]
        empty = [line["file"] for line in lines if line["status"] == "ingested" and not line["rows"]]
        notes = ["the columns are now those that conf declares"] * is_reshaped
        notes += [f"nothing new in {', '.join(again)}"] * bool(again) + [f"no rows in {', '.join(empty)}"] * bool(empty)
        return Outcome(Counts(read=rows, valid=rows, inserted=rows), "; ".join(notes))

    def _deletes(self, run: Context) -> list[dict[str, Any]]:
        """The lines of what the last pull found to be gone, once."""
        found = self._key_list(run)
        if found is None:
            return []
        from c360.ingest.deletes import delete_missing

        return [delete_missing(run.lake, self.shape, *found)]

    def _key_list(self, run: Context) -> tuple[Path, str, datetime] | None:
        """The list of all keys that the last pull brought, its name and time, until the ledger tells of it."""
        source, table = self.shape.source, self.shape.name
        if source.origin(table) != "database" or is_remote(run.landing):
            return None
        from c360.pull.base import is_finished, time_of
        from c360.pull.database import KEYS

        pulls = run.pulled(self.shape)
        lists = sorted(file for file in pulls.glob(f"*/{KEYS}") if is_finished(file.parent))
        if not lists:
            return None
        stamp = lists[-1].parent.name
        name = f"{PULLED}/{table}/{stamp}/{KEYS}"
        is_known = any(line["file"] == name for line in run.ledger.files(source.source, table))
        return None if is_known else (lists[-1], name, time_of(stamp))


def has_other_columns(run: Context, name: str, schema: str) -> bool:
    """Whether a table is there, but not as conf declares it now."""
    return run.lake.version(name) is not None and run.lake.columns(name) != fields(schema)
