"""When so many rows of a batch are rejected, or for such reasons, that nothing of it is merged."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from c360.errors import RejectRateError

_ADVICE = "Deliver the file corrected under its name, correct the rules, or run with --force"


def refuse_too_many(faults: DataFrame, table: str, file: str, batch: str, rows: int, max_rate: float) -> None:
    """Demand that no more rows of a batch were rejected than its table allows.

    Rows that only wait for their parents are held back, not rejected: a child may come first.

    Args:
        faults: `_source_file`, `_source_row` and `reason` of each fault in the batch.
        table: name of the silver table.
        file: the batch's file.
        batch: its id.
        rows: how many it has.
        max_rate: share of them that may be rejected.

    Raises:
        RejectRateError: more were.
    """
    faults = faults.where("reason NOT LIKE 'orphan:%'")
    rejected = faults.select("_source_file", "_source_row").distinct().count()
    if rejected > max_rate * rows:
        raise RejectRateError(
            f"{table}: {rejected} of {rows} rows of {file} were rejected, more than the {max_rate:.0%} allowed; "
            f"nothing was merged. Most often: {_most(faults)}. {_ADVICE}",
            batch,
        )


def refuse_other_types(faults: DataFrame, table: str, file: str, batch: str) -> None:
    """Demand that no value of a batch has another type than declared.

    Raises:
        RejectRateError: one has.
    """
    faults = faults.where("reason LIKE 'type:%'")
    if found := _most(faults):
        raise RejectRateError(
            f"{table}: values in {file} do not have their declared types, and `contract: {{changed_types: freeze}}` "
            f"refuses them; nothing was merged. Most often: {found}. {_ADVICE}",
            batch,
        )


def _most(faults: DataFrame) -> str:
    rows = faults.groupBy("reason").count().orderBy(F.col("count").desc(), "reason").limit(3).collect()
    return ", ".join(f"{row['reason']} ({row['count']})" for row in rows)
