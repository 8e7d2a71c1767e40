"""What a run does with one silver table: its rows, and what the ledger says of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import reduce
from typing import Any

from c360.config.loads import Snapshot
from c360.ddl import fields
from c360.errors import CheckFailedError, RejectRateError
from c360.ledger import Counts
from c360.silver.deliveries import Line, live, moments, refuse_shrunken
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome

SUPERSEDED = "superseded"


class Merging:
    """The merging of one silver table in one run; an engine is needed for what writes rows."""

    def __init__(self, run: Context, shape: Shape) -> None:
        self.run = run
        self.shape = shape
        self._touched: set[str] | None = set()

    @property
    def _lines(self) -> list[dict[str, Any]]:
        return self.run.ledger.files(self.shape.source.source, self.shape.name)

    @property
    def _merged(self) -> list[dict[str, Any]]:
        return self.run.ledger.merged(self.shape.source.source, self.shape.name)

    def pending(self) -> dict[str, Line]:
        """Batch id → its file's line, of what is in bronze and not yet merged."""
        done = {line["batch_id"] for line in self._merged}
        return {batch: line for batch, line in live(self._lines, self.shape.table).items() if batch not in done}

    def is_to_be_rebuilt(self) -> bool:
        """Asked for; or nobody knows what is in it; or it holds what was corrected, or lacks what a history needs."""
        lake, shape, merged = self.run.lake, self.shape, self._merged
        if self.run.full or lake.version(shape.silver) is None:
            return self.run.full
        if not merged:
            return lake.count(shape.silver) > 0
        counts = {line["batch_id"] for line in merged if line["status"] != SUPERSEDED}
        if shape.table.history and self._kept() != sum(line["valid"] for line in merged):
            return True
        return not counts <= live(self._lines, shape.table).keys()

    def _kept(self) -> int:
        is_there = self.run.lake.version(self.shape.versions) is not None
        return self.run.lake.count(self.shape.versions) if is_there else 0

    def create(self) -> None:
        """Make sure its tables exist as declared.

        Raises:
            SchemaMismatchError: one has other columns.
        """
        self._each(self.run.lake.ensure)

    def _each(self, make: Any) -> None:
        shape, table = self.shape, self.shape.table
        # what identifies a person is in the raw texts too, and in no statistics there
        make(shape.quarantine, shape.quarantine_schema, pii=(*table.columns, "_rescued"))
        pii = (*table.pii_columns, "_rescued")
        declared = {"pii": pii, "partition_by": table.partition_by, "description": table.description}
        make(shape.silver, shape.silver_schema, **declared)
        if table.history:
            make(
                shape.versions, shape.silver_schema, pii=pii, description=f"{shape.silver}: all valid rows as delivered"
            )
            make(
                shape.history, shape.history_schema, pii=pii, description=f"{shape.silver}: every version of every key"
            )

    def load(self, batches: Mapping[str, Line], status: str = "merged") -> tuple[Counts, list[str]]:
        """Merge batches and record them: what became of their rows, and what there is to say.

        A batch that is refused stops the table, unless its file was delivered again with other content, or all of the
        table in a later snapshot: then that counts, and the refused batch is recorded as superseded, with none of its
        rows in silver.

        Raises:
            RejectRateError: a batch was refused that nothing supersedes.
        """
        wanted, notes = dict(batches), []
        while True:
            try:
                self._refuse_shrunken(wanted, batches.keys() - wanted.keys())
                counts = self._merge().load(wanted) if wanted else {}
                break
            except RejectRateError as problem:
                if not self._is_moot(problem.batch_id):
                    raise
                line = wanted.pop(problem.batch_id)
                notes.append(f"{line['file']}: the delivery refused before is left out, for there is a newer one")
        superseded = {batch: Counts() for batch in batches if batch not in wanted}
        return self._record(counts | superseded, batches, status, superseded), notes

    def _refuse_shrunken(self, fresh: Mapping[str, Line], left_out: Iterable[str]) -> None:
        mode = self.shape.table.load
        if isinstance(mode, Snapshot) and not self.run.force:
            refused = {*left_out, *(line["batch_id"] for line in self._merged if line["status"] == SUPERSEDED)}
            every = {b: line for b, line in live(self._lines, self.shape.table).items() if b not in refused}
            refuse_shrunken(self.shape.silver, every, fresh, mode)

    def replay(self, reason_kind: str | None = None) -> Counts:
        """Judge quarantined rows again, all or those with a reason of a kind, and record what became of them."""
        files = self.run.ledger.ingested(self.shape.source.source, self.shape.name)
        return self._record(self._merge().replay(reason_kind), files, "replayed")

    def rebuild(self) -> Outcome:
        """Make the silver table and its quarantine anew from all of bronze that counts."""
        self._each(self.run.lake.recreate)
        self._touched = None
        total, notes = Counts(), ["made anew from bronze"]
        if batches := live(self._lines, self.shape.table):
            total, left_out = self.load(batches, "rebuilt")
            notes += left_out
        return Outcome(total, "; ".join([*notes, *self.finish()]))

    def replay_all(self) -> Outcome:
        """Judge quarantined rows again under today's types and rules (`c360 replay`).

        Only those rows are looked at, unless what conf says changes the other rows too: then the table is made anew.
        """
        table = self.shape.table
        changed = self.run.lake.columns(self.shape.silver) != fields(self.shape.silver_schema)
        if changed or table.dedup == "first_non_null" or table.unique or self.is_to_be_rebuilt():
            return self.rebuild()
        return Outcome(self.replay(), "; ".join(self.finish()))

    def retest_orphans(self) -> int:
        """Look again for the parents of flagged rows; of how many one was found."""
        return int(self._merge().retest_orphans())

    def finish(self) -> list[str]:
        """What follows from the rows as they are now: tombstones, intervals, checks; what there is to say.

        Raises:
            CheckFailedError: a table does not hold the rows that the ledger says it does.
        """
        shape, lake, notes = self.shape, self.run.lake, []
        snapshots = isinstance(shape.table.load, Snapshot)
        times = list(moments(self._in_silver())) if snapshots else []
        if self._touched is None or self._touched:
            if snapshots:
                from c360.silver.updates import retire

                retired = retire(lake, shape, times)
                notes += [f"{retired} rows are deleted now, or again there"] * bool(retired)
            if shape.table.history:
                from c360.silver.history import refresh

                some = None if snapshots or self._touched is None else sorted(self._touched)
                refresh(lake, shape, some, times)
        self._check()
        return notes

    def _in_silver(self) -> Iterable[Line]:
        held = {line["batch_id"] for line in self._merged if line["status"] != SUPERSEDED}
        ingested = self.run.ledger.ingested(self.shape.source.source, self.shape.name)
        return [ingested[batch] for batch in held if batch in ingested]

    def _check(self) -> None:
        """Demand that silver, quarantine and versions hold exactly the rows that the ledger says they do."""
        shape, lines = self.shape, self._merged
        counts = {shape.silver: "inserted", shape.quarantine: "quarantined"}
        if shape.table.history:
            counts[shape.versions] = "valid"
        for table, count in counts.items():
            found, expected = self.run.lake.count(table), sum(line[count] for line in lines)
            if found != expected:
                raise CheckFailedError(f"{table} holds {found} rows, but the ledger says {count}: {expected}")

    def _merge(self) -> Any:
        from c360.silver.merge import SilverMerge  # pyspark: only where rows are merged

        limit, settings = self.shape.table.max_reject_rate, self.run.config.settings
        most = settings.max_reject_rate if limit is None else limit
        return SilverMerge(self.run.lake, self.shape, most, self.run.force)

    def _is_moot(self, batch: str) -> bool:
        """Whether the batch's file came again, under its name with other content, or a later snapshot of all did."""
        lines = self._lines
        if isinstance(self.shape.table.load, Snapshot):
            every = live(lines, self.shape.table)
            if batch not in every or max(moments(every.values())) > every[batch]["delivered_at"]:
                return True
        first = next((n for n, line in enumerate(lines) if line["batch_id"] == batch), None)
        if first is None:
            return False
        return any(line["file"] == lines[first]["file"] and line["batch_id"] != batch for line in lines[first + 1 :])

    def _record(
        self, counts: Mapping[str, Counts], files: Mapping[str, Line], status: str, superseded: Container[str] = ()
    ) -> Counts:
        """Write the ledger's lines of a merge; their sum."""
        source, ledger = self.shape.source.source, self.run.ledger
        generation = ledger.generation(source, self.shape.name)
        for batch, count in counts.items():
            count.check(f"{self.shape.silver}, batch {batch}")
        ledger.add_batches(
            [
                {
                    "source": source,
                    "table_name": self.shape.name,
                    "generation": generation + (status == "rebuilt"),
                    "batch_id": batch,
                    "rule_fingerprint": self.shape.fingerprint,
                    "file": files[batch]["file"],
                    "delivered_at": files[batch]["delivered_at"],
                    "status": SUPERSEDED if batch in superseded else status,
                    **vars(count),
                }
                for batch, count in counts.items()
            ]
        )
        if self._touched is not None:
            is_whole = isinstance(self.shape.table.load, Snapshot)
            self._touched |= {batch for batch, count in counts.items() if count.valid or is_whole}
        return reduce(Counts.__add__, counts.values(), Counts())
