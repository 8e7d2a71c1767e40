"""The tables about the runs: the ledger and the quality of the data."""

from __future__ import annotations

from collections.abc import Mapping

from c360 import ledger, quality
from c360.docs.model import Table, columns_of

_COUNTS = {name: quality.COLUMNS[name] for name in ("read", "valid", "quarantined")} | {
    name: quality.COLUMNS[name] for name in ("inserted", "updated", "unchanged", "duplicate", "stale")
}
_AT = {"run_id": "the run", "at": "when this was written"}
_BATCH = {
    "source": "the source",
    "table_name": "its table",
    "batch_id": "the file's content: the first 16 hex digits of its SHA-256",
    "file": "the file, relative to the source's landing folder",
    "delivered_at": "when the source delivered it",
}

_TABLES: Mapping[str, tuple[str, tuple[str, ...], str, Mapping[str, str]]] = {
    ledger.FILES: (
        "One row per file that was found and read, or whose content was there already.",
        ("run_id", "source", "table_name", "file"),
        ledger.SCHEMAS[ledger.FILES],
        _AT
        | _BATCH
        | {
            "size": "its size, as it lies there",
            "mtime_ns": "its modified time since 1970",
            "rows": "records in it; null where its content was there already",
            "status": "ingested, or same_content where another file had brought it",
        },
    ),
    ledger.BATCHES: (
        "One row per batch and each time it was judged: what became of its rows.\n\nread = valid + quarantined, and "
        "valid = inserted + updated + unchanged + duplicate + stale; a run whose numbers do not add up says so. A "
        "replay is written as a change, so that quarantined is negative there.",
        ("run_id", "source", "table_name", "generation", "batch_id"),
        ledger.SCHEMAS[ledger.BATCHES],
        _AT
        | _BATCH
        | _COUNTS
        | {
            "generation": "how often silver had been rebuilt; lines of earlier ones are of a table that is gone",
            "rule_fingerprint": "by which types and rules it was judged: a hash of what conf said then",
            "read": "rows of the batch",
            "status": "what was done with it, such as merged or superseded",
        },
    ),
    ledger.STEPS: (
        "One row per run and table that was due in it.",
        ("run_id", "name"),
        ledger.SCHEMAS[ledger.STEPS],
        _AT
        | _COUNTS
        | {
            "name": "the table",
            "status": "done, failed, or skipped because an input failed",
            "fingerprint": "what, besides its inputs, the table depends on: a hash of code, conf and as_of",
            "inputs": "JSON: table → the version it was read at",
            "version": "the table's version after it",
            "read": "rows the step read from bronze; 0 from unified on",
            "seconds": "how long it took",
            "message": "why it failed, or what there is to know",
        },
    ),
    ledger.RUNS: (
        "One row per run and event: started, finished, rolled back.",
        ("run_id", "event", "at"),
        ledger.SCHEMAS[ledger.RUNS],
        _AT
        | {
            "event": "started, finished or rolled_back",
            "command": "the command: run, replay …",
            "engine": "sail or spark",
            "as_of": "the day its marts are seen from; null where it made none",
            "host": "the machine",
            "pid": "the process",
            "status": "done, failed or stopped; null when it started",
            "message": "the tables that failed; of a rollback, JSON of the runs it undid",
            "versions": "JSON: table → its version before the run, which a rollback goes back to",
        },
    ),
    quality.QUALITY: (
        "One row per run and silver table that it changed: how good what came was, and what stands there since.",
        ("run_id", "source", "table_name"),
        quality.SCHEMA,
        quality.COLUMNS,
    ),
}


def ops_tables() -> list[Table]:
    """The tables under `ops`."""
    return [Table(name, says, grain, columns_of(schema, of)) for name, (says, grain, schema, of) in _TABLES.items()]
