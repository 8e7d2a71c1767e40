"""The steps of a source's table: files into bronze, bronze into silver."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from functools import reduce
from typing import Any

from c360.ddl import fields
from c360.errors import CheckFailedError, RejectRateError, SchemaMismatchError
from c360.ingest.files import LandedFile, not_seen, settle
from c360.ledger import Counts
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome, Step

OTHER_COLUMNS = "conf declares other columns"


class BronzeStep(Step):
    """Landed files into bronze."""

    layer = "bronze"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.name = shape.bronze

    def _fresh(self, run: Context) -> list[LandedFile]:
        return not_seen(run.files(self.shape), run.ledger.files(self.shape.source.source, self.shape.name))

    def due(self, run: Context) -> str | None:
        if self._ledger_is_lost(run):
            return "its ledger is lost"
        if _has_other_columns(run, self.name, self.shape.bronze_schema):
            return OTHER_COLUMNS
        fresh = self._fresh(run)
        return f"{len(fresh)} new file{'s' * (len(fresh) > 1)}" if fresh else None

    def _ledger_is_lost(self, run: Context) -> bool:
        known = run.ledger.ingested(self.shape.source.source, self.shape.name)
        return not known and run.lake.version(self.name) is not None and run.lake.count(self.name) > 0

    def create(self, run: Context) -> None:
        if not _has_other_columns(run, self.name, self.shape.bronze_schema):
            table = self.shape.table
            run.lake.ensure(self.name, self.shape.bronze_schema, pii=table.pii_columns, description=table.description)

    def do(self, run: Context) -> Outcome:
        from c360.ingest.bronze import ingest, recovered
        from c360.ingest.reshape import reshape

        is_reshaped = _has_other_columns(run, self.name, self.shape.bronze_schema)
        if is_reshaped:
            reshape(run.lake, self.shape)
        fresh = self._fresh(run)
        settle(fresh, run.config.settings.settle_seconds)
        source, table = self.shape.source.source, self.shape.name
        if self._ledger_is_lost(run):
            run.ledger.add_files(recovered(run.lake, self.shape))
        lines = ingest(run.lake, self.shape, fresh, list(run.ledger.ingested(source, table)))
        run.ledger.add_files(lines)
        rows = sum(line["rows"] for line in lines)
        again = [line["file"] for line in lines if line["status"] == "same_content"]
        empty = [line["file"] for line in lines if line["status"] == "ingested" and not line["rows"]]
        notes = ["the columns are now those that conf declares"] * is_reshaped
        notes += [f"nothing new in {', '.join(again)}"] * bool(again) + [f"no rows in {', '.join(empty)}"] * bool(empty)
        return Outcome(Counts(read=rows, valid=rows, inserted=rows), "; ".join(notes))


def _has_other_columns(run: Context, name: str, schema: str) -> bool:
    """Whether a table is there, but not as conf declares it now."""
    return run.lake.version(name) is not None and run.lake.columns(name) != fields(schema)


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
        return (self.name, self.shape.quarantine)

    def create(self, run: Context) -> None:
        shape, lake = self.shape, run.lake
        lake.ensure(shape.bronze, shape.bronze_schema, pii=shape.table.pii_columns)
        if not self._is_to_be_rebuilt(run):
            try:
                # what identifies a person is in the raw texts too, and in no statistics there
                lake.ensure(shape.quarantine, shape.quarantine_schema, pii=(*shape.table.columns, "_rescued"))
                lake.ensure(self.name, shape.silver_schema, **self.declared())
            except SchemaMismatchError as problem:
                raise SchemaMismatchError(
                    f"{problem}. conf was changed: `c360 replay {self.name}` makes it anew from bronze"
                ) from None

    def declared(self) -> dict[str, Any]:
        """What its silver table is created with, besides the schema."""
        table = self.shape.table
        return {"partition_by": table.partition_by, "pii": table.pii_columns, "description": table.description}

    def _pending(self, run: Context) -> dict[str, Mapping[str, Any]]:
        source, table = self.shape.source.source, self.shape.name
        done = {line["batch_id"] for line in run.ledger.merged(source, table)}
        return {b: line for b, line in run.ledger.ingested(source, table).items() if b not in done}

    def _is_to_be_rebuilt(self, run: Context) -> bool:
        """Asked for; or its ledger is lost, without which nobody knows what is in it."""
        known = run.ledger.merged(self.shape.source.source, self.shape.name)
        lost = run.lake.version(self.name) is not None and not known
        return run.full or (lost and run.lake.count(self.name) > 0)

    def due(self, run: Context) -> str | None:
        if self._is_to_be_rebuilt(run):
            return "to be made anew from bronze"
        if _has_other_columns(run, self.name, self.shape.silver_schema):
            return OTHER_COLUMNS
        if pending := self._pending(run):
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
        if self._is_to_be_rebuilt(run):
            return rebuild(run, self.shape)
        last = run.ledger.last(self.name)
        retest = last is not None and json.loads(last["inputs"]) != self.inputs(run)
        flagged, held_back = (self._flagged(run), self._held_back(run)) if retest else (0, 0)
        total, notes = Counts(), []
        if pending := self._pending(run):
            loaded, left_out = _load(run, self.shape, pending, "merged")
            total += loaded
            notes += left_out
        if held_back:
            replayed = _replay(run, self.shape, "orphan")
            total += replayed
            notes += [f"{replayed.valid} rows left quarantine, their parents have come"] * bool(replayed.valid)
        if flagged:
            found = _merge_of(run, self.shape).retest_orphans()
            notes += [f"{found} orphans found their parents"] * bool(found)
        check_rows(run, self.shape)
        return Outcome(total, "; ".join(notes))

    def inputs(self, run: Context) -> dict[str, int | None]:
        return {parent: run.lake.version(parent) for parent in self.parents}


def _merge_of(run: Context, shape: Shape) -> Any:
    from c360.silver.merge import SilverMerge

    limit = shape.table.max_reject_rate
    return SilverMerge(run.lake, shape, run.config.settings.max_reject_rate if limit is None else limit, run.force)


def _load(
    run: Context, shape: Shape, batches: Mapping[str, Mapping[str, Any]], status: str
) -> tuple[Counts, list[str]]:
    """Merge batches and record them: what became of their rows, and what there is to say.

    A batch with too many rejected rows stops the table, unless its file was delivered again with other content: then
    the correction counts, and the refused batch is recorded as superseded, with none of its rows in silver.

    Raises:
        RejectRateError: a batch was refused that nothing supersedes.
    """
    wanted, notes = dict(batches), []
    while True:
        try:
            counts = _merge_of(run, shape).load(wanted) if wanted else {}
            break
        except RejectRateError as problem:
            if not _is_delivered_again(run, shape, problem.batch_id):
                raise
            line = wanted.pop(problem.batch_id)
            notes.append(f"{line['file']}: the delivery refused before is left out, for there is a newer one")
    superseded = {batch: Counts() for batch in batches if batch not in wanted}
    return _record(run, shape, counts | superseded, batches, status, superseded), notes


def _is_delivered_again(run: Context, shape: Shape, batch: str) -> bool:
    """Whether the batch's file came again, under its name with other content."""
    lines = run.ledger.files(shape.source.source, shape.name)
    first = next((n for n, line in enumerate(lines) if line["batch_id"] == batch), None)
    if first is None:
        return False
    return any(line["file"] == lines[first]["file"] and line["batch_id"] != batch for line in lines[first + 1 :])


def _record(
    run: Context,
    shape: Shape,
    counts: Mapping[str, Counts],
    files: Mapping[str, Mapping[str, Any]],
    status: str,
    superseded: Container[str] = (),
) -> Counts:
    """Write the ledger's lines of a merge; their sum."""
    source, generation = shape.source.source, run.ledger.generation(shape.source.source, shape.name)
    for batch, count in counts.items():
        count.check(f"{shape.silver}, batch {batch}")
    run.ledger.add_batches(
        [
            {
                "source": source,
                "table_name": shape.name,
                "generation": generation + (status == "rebuilt"),
                "batch_id": batch,
                "rule_fingerprint": shape.fingerprint,
                "file": files[batch]["file"],
                "delivered_at": files[batch]["delivered_at"],
                "status": "superseded" if batch in superseded else status,
                **vars(count),
            }
            for batch, count in counts.items()
        ]
    )
    return reduce(Counts.__add__, counts.values(), Counts())


def _replay(run: Context, shape: Shape, reason_kind: str | None = None) -> Counts:
    files = run.ledger.ingested(shape.source.source, shape.name)
    return _record(run, shape, _merge_of(run, shape).replay(reason_kind), files, "replayed")


def rebuild(run: Context, shape: Shape) -> Outcome:
    """Make a silver table and its quarantine anew from all of bronze."""
    step = SilverStep(shape)
    run.lake.recreate(shape.silver, shape.silver_schema, **step.declared())
    run.lake.recreate(shape.quarantine, shape.quarantine_schema, pii=(*shape.table.columns, "_rescued"))
    batches = run.ledger.ingested(shape.source.source, shape.name)
    total, notes = Counts(), ["made anew from bronze"]
    if batches:
        total, left_out = _load(run, shape, batches, "rebuilt")
        notes += left_out
    check_rows(run, shape)
    return Outcome(total, "; ".join(notes))


def replay(run: Context, shape: Shape) -> Outcome:
    """Judge quarantined rows again under today's types and rules (`c360 replay`).

    Only those rows are looked at, unless what conf says changes the other rows too: then the table is made anew.
    """
    changed = run.lake.columns(shape.silver) != fields(shape.silver_schema)
    if changed or shape.table.dedup == "first_non_null" or shape.table.unique:
        return rebuild(run, shape)
    total = _replay(run, shape)
    check_rows(run, shape)
    return Outcome(total)


def check_rows(run: Context, shape: Shape) -> None:
    """Demand that silver and quarantine hold exactly the rows the ledger says they do.

    Raises:
        CheckFailedError: they do not.
    """
    lines = run.ledger.merged(shape.source.source, shape.name)
    for table, count in ((shape.silver, "inserted"), (shape.quarantine, "quarantined")):
        found, expected = run.lake.count(table), sum(line[count] for line in lines)
        if found != expected:
            raise CheckFailedError(f"{table} holds {found} rows, but the ledger says {count}: {expected}")
