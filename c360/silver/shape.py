"""The shapes of a source table in bronze, silver and quarantine, and what its rules are known by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from c360.config import SourceConfig, SourceTable
from c360.ddl import fields

PROVENANCE = "_delivered_at TIMESTAMP, _source_file STRING, _ingested_at TIMESTAMP, _source_row BIGINT"
"""Where a row comes from. Compared in this order, it also says which of two rows is newer: `_ingested_at` decides only
between two contents of one file name and date, where the later one is the source's correction of the earlier."""

PLACE = ("_batch_id", "_source_file", "_source_row")
"""The columns that say which row of which file a row is."""

ORDER = tuple(fields(PROVENANCE))


@dataclass(frozen=True)
class Shape:
    """One table of one source: its names in the lake and its schemas there."""

    source: SourceConfig
    name: str

    @property
    def table(self) -> SourceTable:
        """What conf/sources/<source>.yml declares."""
        return self.source.tables[self.name]

    @property
    def bronze(self) -> str:
        """Its name in bronze."""
        return f"bronze_{self.source.source}.{self.name}"

    @property
    def silver(self) -> str:
        """Its name in silver."""
        return f"silver_{self.source.source}.{self.name}"

    @property
    def quarantine(self) -> str:
        """Its name in quarantine."""
        return f"quarantine_{self.source.source}.{self.name}"

    @property
    def versions(self) -> str:
        """The name of all its valid rows as delivered, which are kept for its history."""
        return f"{self.silver}_versions"

    @property
    def history(self) -> str:
        """The name of its history."""
        return f"{self.silver}_history"

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that tell two rows of silver apart: the key, or where a row came from if it has none."""
        return self.table.key or PLACE

    @property
    def bronze_schema(self) -> str:
        """Every declared column as received, what was not declared, and where it comes from."""
        declared = ", ".join(f"{c} STRING" for c in self.table.columns)
        return (
            f"{declared}, _rescued STRING, _source_file STRING, _source_row BIGINT, _delivered_at TIMESTAMP, "
            "_batch_id STRING, _ingested_at TIMESTAMP"
        )

    @property
    def quarantine_schema(self) -> str:
        """The bronze row with every reason it was rejected for, and by which rules."""
        return f"{self.bronze_schema}, _reasons ARRAY<STRING>, _rule_fingerprint STRING"

    @property
    def silver_schema(self) -> str:
        """Typed columns; `_rescued` keeps what no column takes, `_orphan` names the references that lead nowhere,
        `_deleted_at` marks a tombstone.
        """
        typed = ", ".join(f"{c} {t}" for c, t in self.table.business_columns.items())
        return f"{typed}, _rescued STRING, _orphan STRING, _deleted_at TIMESTAMP, _batch_id STRING, {PROVENANCE}"

    @property
    def history_schema(self) -> str:
        """The content of a version and the time it held; `_valid_to` is null where it still does."""
        typed = ", ".join(f"{c} {t}" for c, t in self.table.business_columns.items())
        held = "_valid_from TIMESTAMP, _valid_to TIMESTAMP, _is_current BOOLEAN"
        return f"{typed}, _rescued STRING, {held}, _batch_id STRING, {PROVENANCE}"

    @property
    def content(self) -> tuple[str, ...]:
        """The columns that say what a row says, besides whether its key is deleted."""
        return (*self.table.business_columns, "_rescued")

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that decide, compared in this order, which of two rows of a key is newer."""
        return (*self.table.newest_by, *ORDER)

    @property
    def fingerprint(self) -> str:
        """What types and rules a row was judged by: a hash of all that conf says about rows of this table."""
        delivered = {"files", "format", "csv", "excel", "json_", "description", "max_reject_rate", "partition_by"}
        delivered |= {"http", "database", "stale_after_hours"}
        judged = self.table.model_dump_json(exclude=delivered)
        source = f"{self.source.timezone}\n{self.source.numbers.model_dump_json()}"
        return hashlib.sha256(f"{source}\n{judged}".encode()).hexdigest()[:16]
