"""`ops.data_quality`: how good each source's data are, run by run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from c360.lake import Lake
from c360.ledger import COUNTS, Ledger, Step
from c360.silver.shape import Shape
from c360.steps import SilverStep
from c360.steps.base import Step as TableStep

QUALITY = "ops.data_quality"

SCHEMA = f"""run_id STRING, source STRING, table_name STRING, {COUNTS}, silver_rows BIGINT, deleted_rows BIGINT,
    quarantine_rows BIGINT, quarantine_reasons STRING, reference_hits STRING, newest_delivered_at TIMESTAMP,
    at TIMESTAMP"""

COLUMNS = {
    "run_id": "the run",
    "source": "the source",
    "table_name": "its table",
    "read": "rows the run read from bronze",
    "valid": "of these, rows that obey types and rules; negative quarantined rows have left quarantine",
    "quarantined": "of these, rows that do not",
    "inserted": "valid rows with a key that silver did not have",
    "updated": "valid rows that changed a key's row",
    "unchanged": "valid rows that said what silver said",
    "duplicate": "valid rows that a newer one of the same batch stands for",
    "stale": "valid rows older than what silver had",
    "silver_rows": "rows in silver after the run, tombstones among them",
    "deleted_rows": "tombstones in silver after the run",
    "quarantine_rows": "rows in quarantine after the run",
    "quarantine_reasons": "JSON: reason → rows in quarantine that have it (a row may have several)",
    "reference_hits": "JSON: reference column → share of its values that lead to a row; null where it has none",
    "newest_delivered_at": "when the newest delivery in silver was made",
    "at": "when this was written",
}


def record(lake: Lake, ledger: Ledger, steps: Iterable[TableStep], lines: Sequence[Step]) -> None:
    """Write a line for every silver table that a run made: one row per run, source and table."""
    made = {line.name: line for line in lines if line.status == "done"}
    shapes = [step.shape for step in steps if isinstance(step, SilverStep) and step.name in made]
    rows = [_line(lake, ledger, shape, made[shape.silver]) for shape in shapes]
    if rows:
        lake.add_rows(QUALITY, SCHEMA, rows)


def _line(lake: Lake, ledger: Ledger, shape: Shape, made: Step) -> Mapping[str, Any]:
    counted = lake.count(shape.quarantine)
    references = list(shape.table.references)
    reasons = "SELECT reason, count(*) AS n FROM (SELECT unnest(_reasons) AS reason FROM t) GROUP BY reason ORDER BY 1"
    waiting = {row["reason"]: row["n"] for row in lake.ask(shape.quarantine, reasons)} if counted else {}
    merged = ledger.merged(shape.source.source, shape.name)
    return {
        "run_id": ledger.run_id,
        "source": shape.source.source,
        "table_name": shape.name,
        **vars(made.counts),
        "silver_rows": lake.count(shape.silver),
        "deleted_rows": lake.not_null(shape.silver, "_deleted_at"),
        "quarantine_rows": counted,
        "quarantine_reasons": json.dumps(waiting, ensure_ascii=False),
        "reference_hits": json.dumps(_hits(lake, shape, references)),
        "newest_delivered_at": max((line["delivered_at"] for line in merged), default=None),
        "at": datetime.now(UTC),
    }


def _hits(lake: Lake, shape: Shape, references: Sequence[str]) -> dict[str, float | None]:
    """Share of the values of each reference column that lead to a row."""
    if not references:
        return {}
    orphans = [
        f"count(CASE WHEN \"{c}\" IS NOT NULL AND ',' || _orphan || ',' LIKE '%,{c},%' THEN 1 END) AS o{n}"
        for n, c in enumerate(references)
    ]
    known = [f'count("{c}") AS n{n}' for n, c in enumerate(references)]
    [found] = lake.ask(shape.silver, f"SELECT {', '.join([*known, *orphans])} FROM t WHERE _deleted_at IS NULL")
    return {
        column: round(1 - found[f"o{n}"] / found[f"n{n}"], 6) if found[f"n{n}"] else None
        for n, column in enumerate(references)
    }
