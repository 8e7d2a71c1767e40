"""The step of a source's silver table: when it is due, and in which order its parts are done."""

from __future__ import annotations

import json

from c360.errors import SchemaMismatchError
from c360.ledger import Counts
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome, Step
from c360.steps.bronze import OTHER_COLUMNS, has_other_columns
from c360.steps.merging import Merging


class SilverStep(Step):
    """Bronze batches into silver; the rest into quarantine."""

    layer = "silver"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.name = shape.silver
        self.parents = tuple(
            dict.fromkeys(Shape(shape.source, r.table).silver for r in shape.table.references.values())
        )
        self.needs = (shape.bronze, *self.parents)

    def tables(self) -> tuple[str, ...]:
        shape = self.shape
        kept = (shape.versions, shape.history) if shape.table.history else ()
        return (self.name, shape.quarantine, *kept)

    def create(self, run: Context) -> None:
        shape = self.shape
        run.lake.ensure(shape.bronze, shape.bronze_schema, pii=shape.table.pii_columns)
        merging = Merging(run, shape)
        if not merging.is_to_be_rebuilt():
            try:
                merging.create()
            except SchemaMismatchError as problem:
                raise SchemaMismatchError(
                    f"{problem}. conf was changed: `c360 replay {self.name}` makes it anew from bronze"
                ) from None

    def due(self, run: Context) -> str | None:
        merging = Merging(run, self.shape)
        if merging.is_to_be_rebuilt():
            return "to be made anew from bronze"
        if has_other_columns(run, self.name, self.shape.silver_schema):
            return OTHER_COLUMNS
        if pending := merging.pending():
            return f"{len(pending)} new batch{'es' * (len(pending) > 1)}"
        if self._orphans_are_due(run):
            return "a table it refers to has changed"
        return None

    def _orphans_are_due(self, run: Context) -> bool:
        last = run.ledger.last(self.name)
        if last is None or json.loads(last["inputs"]) == self.inputs(run):
            return False
        return self._flagged(run) > 0 or self._held_back(run) > 0

    def _flagged(self, run: Context) -> int:
        return run.lake.not_null(self.name, "_orphan") if self.shape.table.references else 0

    def _held_back(self, run: Context) -> int:
        refuses = any(r.on_missing == "quarantine" for r in self.shape.table.references.values())
        return run.lake.count(self.shape.quarantine) if refuses else 0

    def do(self, run: Context) -> Outcome:
        merging = Merging(run, self.shape)
        if merging.is_to_be_rebuilt():
            return merging.rebuild()
        last = run.ledger.last(self.name)
        retest = last is not None and json.loads(last["inputs"]) != self.inputs(run)
        flagged, held_back = (self._flagged(run), self._held_back(run)) if retest else (0, 0)
        total, notes = Counts(), []
        if pending := merging.pending():
            loaded, left_out = merging.load(pending)
            total += loaded
            notes += left_out
        if held_back:
            replayed = merging.replay("orphan")
            total += replayed
            notes += [f"{replayed.valid} rows left quarantine, their parents have come"] * bool(replayed.valid)
        if flagged:
            found = merging.retest_orphans()
            notes += [f"{found} orphans found their parents"] * bool(found)
        return Outcome(total, "; ".join([*notes, *merging.finish()]))

    def inputs(self, run: Context) -> dict[str, int | None]:
        return {parent: run.lake.version(parent) for parent in self.parents}
