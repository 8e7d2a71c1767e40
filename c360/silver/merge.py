"""Rows from bronze (or back from quarantine) into silver: judge, decide, set aside, write, count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.config.loads import Append
from c360.errors import C360Error, CheckFailedError
from c360.lake import Lake
from c360.ledger import Counts
from c360.silver.checks import RAW, RECEIVED, check, value_of, what_fails, with_orphans
from c360.silver.dedup import WRITTEN, compared, decided, repeated
from c360.silver.limits import refuse_other_types, refuse_too_many
from c360.silver.shape import Shape
from c360.silver.updates import update

SMALL = 200_000
"""Rows. So many are decided in one go, and silver tables of no more are read whole, which is the fewest jobs; of more
rows only those whose key repeats are sorted, and of a bigger partitioned table only the partitions that matter are
read, which is the least work. Both ways give the same tables and counts."""

Partitions = tuple[str, list[Any]]
"""A partition column, and the values of it that matter."""


@dataclass(frozen=True)
class _Decided:
    """What becomes of the rows of a merge.

    Attributes:
        rejected: the quarantined ones, as `checks.check` gives them.
        others: the rest, with their `_status`.
        statuses: batch → status → how many rows.
        touched: where in silver their keys lie; None for anywhere.
    """

    rejected: DataFrame
    others: DataFrame
    statuses: Mapping[str, Counter[str]]
    touched: Partitions | None

    def total(self, *statuses: str) -> int:
        return sum(of_batch[status] for of_batch in self.statuses.values() for status in statuses)


class SilverMerge:
    """The merge of rows into one silver table.

    Args:
        lake: with a session.
        shape: whose rows.
        max_reject_rate: share of a batch's rows that may be rejected.
        force: merge however many are rejected.
        small: see `SMALL`.
    """

    def __init__(
        self, lake: Lake, shape: Shape, max_reject_rate: float = 1.0, force: bool = False, small: int = SMALL
    ) -> None:
        self.lake = lake
        self.shape = shape
        self.max_reject_rate = max_reject_rate
        self.force = force
        self.small = small

    def parents(self) -> dict[str, DataFrame]:
        """Reference column → the keys that exist, or did: what was sold stays sold when its product is deleted."""
        found = {}
        for column, reference in self.shape.table.references.items():
            parent = Shape(self.shape.source, reference.table)
            found[column] = self.lake.read(parent.silver).select(parent.table.key[0])
        return found

    def load(self, batches: Mapping[str, Mapping[str, Any]]) -> dict[str, Counts]:
        """Bring batches from bronze into silver; what became of their rows, by batch id.

        Args:
            batches: batch id → its line in `ops.files` (`file`, `rows`).

        Raises:
            RejectRateError: too many rows of a batch were rejected; nothing was written.
            CheckFailedError: a row is unaccounted for.
            C360Error: a rule or derived column cannot be computed.
        """
        rows = self.lake.read(self.shape.bronze).where(F.col("_batch_id").isin(*batches))
        found = self._decided(rows, sum(line["rows"] for line in batches.values()))
        self._refuse(found, batches)
        if found.total("quarantined"):
            self.lake.append(self.shape.quarantine, self._as_quarantine(found.rejected))
        self._write(found)
        counts = {batch: _counts(found.statuses.get(batch, Counter()), line["rows"]) for batch, line in batches.items()}
        for batch, line in batches.items():
            counts[batch].check(f"{self.shape.silver}, {line['file']}")
        return counts

    def replay(self, reason_kind: str | None = None) -> dict[str, Counts]:
        """Judge quarantined rows again; those that are valid now leave quarantine for silver.

        Args:
            reason_kind: only rows with a reason of this kind, such as `orphan`.

        Returns:
            Batch id → what became of its rows that left, as a change: nothing is read, and fewer are quarantined.
        """
        quarantine = self.lake.read(self.shape.quarantine)
        chosen = F.lit(True)
        if reason_kind:
            # no lambda: Sail fails on one in a condition on a Delta table
            chosen = F.concat_ws("\n", "_reasons").rlike(f"(^|\n){reason_kind}:")
        found = self._decided(quarantine.where(chosen), self.lake.count(self.shape.quarantine))
        if not found.statuses:
            return {}
        kept = self._as_quarantine(found.rejected)
        self._write(found)
        self.lake.overwrite(self.shape.quarantine, quarantine.where(~chosen).unionByName(kept) if reason_kind else kept)
        counts = {batch: _counts(statuses, 0) for batch, statuses in found.statuses.items()}
        for count in counts.values():
            count.quarantined = -count.valid
        return {batch: count for batch, count in counts.items() if count.valid}

    def retest_orphans(self) -> int:
        """Look again for the parents of flagged rows; of how many rows one was found."""
        flagged = self.lake.read(self.shape.silver).where("_orphan IS NOT NULL").withColumnRenamed("_orphan", "_was")
        retested = with_orphans(flagged, self.shape.table, self.parents())
        return update(self.lake, self.shape, retested.where("NOT (_orphan <=> _was)"), "_orphan")

    def _staged(self, rows: DataFrame, part: str = "") -> DataFrame:
        return self.lake.stage(self.shape.silver + part, rows)

    def _decided(self, rows: DataFrame, count: int) -> _Decided:
        """Everything up to the first write.

        Args:
            rows: of bronze or quarantine.
            count: how many, at most.
        """
        with self._explained(rows):
            judged = check(rows, self.shape, self.parents())
            if isinstance(self.shape.table.load, Append):
                status = F.when(F.size("_reasons") > 0, "quarantined").otherwise("inserted")
                return self._split(self._staged(judged.withColumn("_status", status)), None)
            target, touched = self._target(rows)
            if count > self.small:
                return self._decided_in_parts(self._staged(judged), target, touched)
            staged = self._staged(decided(judged, target, self.shape))
        return self._split(staged, touched)

    def _split(self, staged: DataFrame, touched: Partitions | None) -> _Decided:
        rejected = F.col("_status") == "quarantined"
        return _Decided(staged.where(rejected), staged.where(~rejected), _statuses(staged), touched)

    def _decided_in_parts(self, judged: DataFrame, target: DataFrame | None, touched: Partitions | None) -> _Decided:
        """The same for many rows: sorting them all by key would take most of the time."""
        rejected, valid = judged.where("size(_reasons) > 0"), judged.where("size(_reasons) = 0")
        several = self._staged(decided(repeated(valid, self.shape), target, self.shape), ".several")
        single = valid.join(several, list(self.shape.table.key), "left_anti")
        outcome = compared(single, target, self.shape)
        parts = [rejected.withColumn("_status", F.lit("quarantined")), several]
        if target is not None:
            parts.append(outcome)
        statuses = _statuses(*parts)
        if target is None:  # every single row is inserted; to count them by their join would be to do it twice
            for row in judged.groupBy("_batch_id").count().collect():
                of_batch = statuses[row["_batch_id"]]
                of_batch["inserted"] += row["count"] - of_batch.total()
        return _Decided(rejected, several.unionByName(outcome), statuses, touched)

    def _target(self, rows: DataFrame) -> tuple[DataFrame | None, Partitions | None]:
        """The part of silver in which the keys of `rows` lie: none, all of it, or the partitions that hold one."""
        table, held = self.shape.table, self.lake.count(self.shape.silver)
        if held == 0:
            return None, None
        silver = self.lake.read(self.shape.silver)
        if table.partition_by is None or held <= self.small:
            return silver, None
        # looked up by key alone, because a key may have moved to another partition
        keys = rows.select(*[value_of(c, c, self.shape).alias(c) for c in table.key])
        by = table.partition_by
        found = silver.select(*dict.fromkeys((*table.key, by))).join(keys, list(table.key), "left_semi")
        values = [row[0] for row in found.select(by).distinct().collect()]
        within = F.col(by).isin(*[v for v in values if v is not None])
        return silver.where(within | F.col(by).isNull() if None in values else within), (by, values)

    def _write(self, found: _Decided) -> None:
        """Valid rows into silver.

        Raises:
            CheckFailedError: silver did not grow by what was to be inserted.
        """
        silver = self.shape.silver
        if self.shape.table.history:
            self.lake.append(self.shape.versions, found.others.select(*self.lake.columns(self.shape.versions)))
        before = self.lake.count(silver)
        inserted, replaced = found.total("inserted"), found.total("updated", "refreshed")
        rows = found.others.where(F.col("_status").isin(*WRITTEN)).select(*self.lake.columns(silver))
        if replaced:
            self.lake.upsert(silver, rows, self.shape.table.key, partitions=found.touched)
        elif inserted:
            self.lake.append(silver, rows)  # nothing to replace: an append spares the MERGE
        grown = self.lake.count(silver) - before
        if grown != inserted:
            raise CheckFailedError(f"{silver} grew by {grown} rows, but {inserted} were to be inserted")

    def _refuse(self, found: _Decided, batches: Mapping[str, Any]) -> None:
        """Demand that every batch may be merged.

        Raises:
            RejectRateError: one may not.
        """
        freezes = self.shape.table.contract.changed_types == "freeze"
        for batch, line in batches.items():
            rejected = found.statuses.get(batch, Counter())["quarantined"]
            if self.force or not rejected or (not freezes and rejected <= self.max_reject_rate * line["rows"]):
                continue
            rows = found.rejected.where(F.col("_batch_id") == batch)
            faults = rows.select("_source_file", "_source_row", F.explode("_reasons").alias("reason"))
            faults = self._staged(faults, ".faults")
            if freezes:
                refuse_other_types(faults, self.shape.silver, line["file"], batch)
            refuse_too_many(faults, self.shape.silver, line["file"], batch, line["rows"], self.max_reject_rate)

    def _as_quarantine(self, rejected: DataFrame) -> DataFrame:
        texts = [F.col(RAW + c).alias(c) for c in self.shape.table.columns]
        return rejected.select(*texts, *RECEIVED, "_reasons", F.lit(self.shape.fingerprint).alias("_rule_fingerprint"))

    @contextmanager
    def _explained(self, rows: DataFrame) -> Iterator[None]:
        """Tells an error in judging rows as that of the rule or derived column it comes from, if it is one's."""
        try:
            yield
        except C360Error:
            raise
        except Exception as problem:
            said = what_fails(rows, self.shape)
            if said is None:
                raise
            raise C360Error(said) from problem


def _statuses(*frames: DataFrame) -> dict[str, Counter[str]]:
    """Batch → status → rows."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = reduce(DataFrame.unionByName, [frame.select("_batch_id", "_status") for frame in frames])
    for row in rows.groupBy("_batch_id", "_status").count().collect():
        found[row["_batch_id"]][row["_status"]] += row["count"]
    return found


def _counts(statuses: Mapping[str, int], read: int) -> Counts:
    """A line of the ledger; for it, what was only refreshed is unchanged."""
    kinds = Counter(statuses)
    kinds["unchanged"] += kinds.pop("refreshed", 0)
    quarantined = kinds.pop("quarantined", 0)
    return Counts(read=read, valid=kinds.total(), quarantined=quarantined, **kinds)
