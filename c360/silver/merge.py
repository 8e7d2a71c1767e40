"""Rows from bronze (or back from quarantine) into silver: judge, set aside, deduplicate, compare, write, count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.errors import CheckFailedError, RejectRateError
from c360.lake import Lake
from c360.ledger import Counts
from c360.silver.checks import RAW, check, with_orphans
from c360.silver.dedup import compared, ranked
from c360.silver.shape import Shape
from c360.silver.typing import text_of, typed

STAGED_WHOLE = 200_000
"""Up to so many rows all are typed once into a scratch file; of more, in a first load, only those that are invalid or
repeat a key: the others go straight into silver. Both ways give the same tables; this one costs less where it is used."""


class SilverMerge:
    """The merge of rows into one silver table.

    Args:
        lake: with a session.
        shape: whose rows.
        max_reject_rate: share of a batch's rows that may be rejected.
        force: merge however many are rejected.
    """

    def __init__(self, lake: Lake, shape: Shape, max_reject_rate: float = 1.0, force: bool = False) -> None:
        self.lake = lake
        self.shape = shape
        self.max_reject_rate = max_reject_rate
        self.force = force
        self._refreshed = 0

    def parents(self) -> dict[str, DataFrame]:
        """Reference column → the keys that exist."""
        source, tables = self.shape.source, self.shape.source.tables
        return {
            column: self.lake.read(Shape(source, r.table).silver).where("_deleted_at IS NULL").select(tables[r.table].key[0])
            for column, r in self.shape.table.references.items()
        }

    def load(self, batches: Mapping[str, Mapping[str, Any]]) -> dict[str, Counts]:
        """Bring batches from bronze into silver; what became of their rows, by batch id.

        Args:
            batches: batch id → its line in `ops.files` (`file`, `rows`).

        Raises:
            RejectRateError: too many rows of a batch were rejected; nothing was written.
            CheckFailedError: a row is unaccounted for.
        """
        rows = self.lake.read(self.shape.bronze).where(F.col("_batch_id").isin(*batches))
        first = self.lake.count(self.shape.silver) == 0
        if first and sum(line["rows"] for line in batches.values()) > STAGED_WHOLE:
            counts = self._load_large(rows, batches)
        else:
            counts = self._merge(self._staged(check(rows, self.shape, self.parents())), batches, first)
        for batch, line in batches.items():
            counts.setdefault(batch, Counts()).read = line["rows"]
            counts[batch].check(f"{self.shape.silver}, {line['file']}")
        return counts

    def replay(self, reason_kind: str | None = None) -> dict[str, Counts]:
        """Judge quarantined rows again; those that are valid now leave quarantine for silver.

        Args:
            reason_kind: only rows with a reason of this kind, such as `orphan`.
        """
        quarantine = self.lake.read(self.shape.quarantine)
        if reason_kind:
            chosen = F.exists("_reasons", lambda reason: reason.startswith(f"{reason_kind}:"))
        else:
            chosen = F.lit(True)
        staged = self._staged(check(quarantine.where(chosen), self.shape, self.parents()))
        rejected = staged.where("size(_reasons) > 0")
        kept = quarantine.where(~chosen).unionByName(self._as_quarantine(rejected)) if reason_kind else self._as_quarantine(rejected)
        counts = self._merge(staged, {}, self.lake.count(self.shape.silver) == 0, replay=True)
        self.lake.overwrite(self.shape.quarantine, kept)
        for count in counts.values():
            count.read, count.quarantined = 0, -count.valid
        return {batch: count for batch, count in counts.items() if count.valid}

    def retest_orphans(self) -> int:
        """Look again for the parents of flagged rows; how many rows were found one."""
        silver = self.lake.read(self.shape.silver)
        flagged = silver.where("_orphan IS NOT NULL").withColumnRenamed("_orphan", "_was")
        changed = with_orphans(flagged, self.shape.table, self.parents()).where("NOT (_orphan <=> _was)")
        by = self.shape.table.partition_by
        columns = ["_orphan"] if by is None else ["_orphan", by]
        staged = self._staged(changed.select(*dict.fromkeys((*self.shape.table.key, *columns))))
        found = staged.count()
        if found:
            bound = (by, [r[0] for r in staged.select(by).distinct().collect()]) if by else None
            self.lake.upsert(self.shape.silver, staged, self.shape.table.key, partitions=bound, insert=False, columns=columns)
        return found

    def _staged(self, rows: DataFrame) -> DataFrame:
        return self.lake.stage(self.shape.silver, rows)

    def _merge(self, staged: DataFrame, batches: Mapping[str, Any], first: bool, replay: bool = False) -> dict[str, Counts]:
        """Everything from judged rows to written tables."""
        by_rank = ranked(staged.where("size(_reasons) = 0"), self.shape)
        winners = by_rank.where("_rank = 1").drop("_rank")
        bound = None
        if first:
            outcome = winners.withColumn("_status", F.lit("inserted"))
        else:
            bound, target = self._target(winners)
            outcome = compared(winners, target, self.shape)
        counts = self._counted(
            staged.where("size(_reasons) > 0").select("_batch_id", F.lit("quarantined").alias("_status")),
            by_rank.where("_rank > 1").select("_batch_id", F.lit("duplicate").alias("_status")),
            outcome.select("_batch_id", "_status"),
        )
        total = reduce(Counts.__add__, counts.values(), Counts())
        if not replay:
            self._refuse_too_many(counts, batches)
            if total.quarantined:
                self.lake.append(self.shape.quarantine, self._as_quarantine(staged.where("size(_reasons) > 0")))
        self._write(outcome, total, first, bound)
        return counts

    def _target(self, winners: DataFrame) -> tuple[tuple[str, list[str | None]] | None, DataFrame]:
        """The part of silver in which these keys lie: all of it, or the partitions that hold one of them."""
        silver, by = self.lake.read(self.shape.silver), self.shape.table.partition_by
        if by is None:
            return None, silver
        # looked up by key alone, because a key may have moved to another partition
        keys = list(self.shape.table.key)
        held = silver.select(*keys, by).join(winners.select(*keys), keys, "left_semi").select(by).distinct()
        values = [row[0] for row in held.collect()]
        within = F.col(by).isin(*[v for v in values if v is not None]) if any(v is not None for v in values) else F.lit(False)
        return (by, values), silver.where(within | F.col(by).isNull() if None in values else within)

    def _write(self, outcome: DataFrame, total: Counts, first: bool, bound: Any) -> None:
        rows = outcome.where("_status IN ('inserted', 'updated', 'refreshed')").select(*self.lake.columns(self.shape.silver))
        before = self.lake.count(self.shape.silver)
        if total.inserted and total.inserted == total.valid - total.duplicate - total.stale:
            self.lake.append(self.shape.silver, rows)  # nothing to replace: an append spares the MERGE
        elif total.inserted or total.updated or self._refreshed:
            self.lake.upsert(self.shape.silver, rows, self.shape.table.key, partitions=bound)
        after = self.lake.count(self.shape.silver)
        if after - before != total.inserted:
            raise CheckFailedError(f"{self.shape.silver} grew by {after - before} rows, {total.inserted} were to be inserted")

    def _load_large(self, rows: DataFrame, batches: Mapping[str, Any]) -> dict[str, Counts]:
        """The first load of a big table: valid rows of single keys never pass through a scratch file."""
        table = self.shape.table
        keys = [typed(text_of(c, table.columns[c]), table.columns[c], self.shape.source.timezone).alias(f"_k_{c}") for c in table.key]
        names = [f"_k_{c}" for c in table.key]
        repeated = rows.select(*keys).groupBy(*names).count().where("count > 1").select(*names, F.lit(True).alias("_repeats"))
        judged = check(rows, self.shape, self.parents())
        on = reduce(lambda a, b: a & b, [F.col(c) == F.col(f"_k_{c}") for c in table.key])
        judged = judged.join(repeated, on, "left").drop(*names)
        special = F.coalesce(F.col("_repeats"), F.lit(False)) | (F.size("_reasons") > 0)
        staged = self._staged(judged.where(special).drop("_repeats"))
        by_rank = ranked(staged.where("size(_reasons) = 0"), self.shape)
        counts = self._counted(
            staged.where("size(_reasons) > 0").select("_batch_id", F.lit("quarantined").alias("_status")),
            by_rank.where("_rank > 1").select("_batch_id", F.lit("duplicate").alias("_status")),
        )
        self._refuse_too_many(counts, batches)
        if any(c.quarantined for c in counts.values()):
            self.lake.append(self.shape.quarantine, self._as_quarantine(staged.where("size(_reasons) > 0")))
        columns = list(self.lake.columns(self.shape.silver))
        single = judged.where(~special).select(*columns)
        self.lake.append(self.shape.silver, single.unionByName(by_rank.where("_rank = 1").select(*columns)))
        for row in self.lake.read(self.shape.silver).groupBy("_batch_id").count().collect():
            found = counts[row["_batch_id"]]
            found.inserted = row["count"]
            found.valid = found.inserted + found.duplicate
        return counts

    def _counted(self, *outcomes: DataFrame) -> dict[str, Counts]:
        counts: dict[str, Counts] = defaultdict(Counts)
        for row in reduce(DataFrame.unionByName, outcomes).groupBy("_batch_id", "_status").count().collect():
            found = counts[row["_batch_id"]]
            kind = row["_status"]
            if kind == "refreshed":
                kind = "unchanged"
                self._refreshed += row["count"]
            setattr(found, kind, getattr(found, kind) + row["count"])
            if kind != "quarantined":
                found.valid += row["count"]
            found.read += row["count"]
        return counts

    def _refuse_too_many(self, counts: Mapping[str, Counts], batches: Mapping[str, Any]) -> None:
        for batch, line in batches.items():
            rejected = counts[batch].quarantined if batch in counts else 0
            if line["rows"] and rejected / line["rows"] > self.max_reject_rate and not self.force:
                raise RejectRateError(
                    f"{self.shape.silver}: {rejected} of {line['rows']} rows of {line['file']} were rejected, "
                    f"more than the {self.max_reject_rate:.0%} allowed; nothing was merged. Most often: {self._why(batch)}. "
                    "Correct the file or the rules, or run with --force"
                )

    def _why(self, batch: str) -> str:
        staged = self.lake.spark.read.parquet(self.lake.staging(self.shape.silver))
        reasons = staged.where(F.col("_batch_id") == batch).select(F.explode("_reasons").alias("reason"))
        top = reasons.groupBy("reason").count().orderBy(F.col("count").desc(), "reason").limit(3).collect()
        return ", ".join(f"{row['reason']} ({row['count']})" for row in top)

    def _as_quarantine(self, rejected: DataFrame) -> DataFrame:
        provenance: Sequence[str] = ["_rescued", "_source_file", "_source_row", "_delivered_at", "_batch_id", "_ingested_at"]
        return rejected.select(
            *[F.col(RAW + c).alias(c) for c in self.shape.table.columns],
            *provenance,
            "_reasons",
            F.lit(self.shape.fingerprint).alias("_rule_fingerprint"),
        )
