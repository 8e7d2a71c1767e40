"""A silver table with its ledger: files are delivered to bronze by hand, and the table's step is run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c360.config.load import Config
from c360.config.models import Settings
from c360.config.segments import Segments
from c360.lake import Lake
from c360.ledger import Ledger
from c360.silver.shape import Shape
from c360.steps import Context, Outcome, SilverStep
from tests.silver.tables import File, bronze, tuples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Table:
    """One silver table in a lake of its own.

    Args:
        spark: the session.
        root: the lake's folder.
        shape: the table.
        force: merge whatever is delivered.
    """

    def __init__(self, spark: SparkSession, root: Path, shape: Shape, force: bool = False) -> None:
        self.shape = shape
        self.lake = Lake(root, spark)
        config = Config(Settings(), Segments(), {shape.source.source: shape.source}, root)
        self.run = Context(config, self.lake, Ledger(self.lake, "run"), root, force=force)
        self.lake.ensure(shape.bronze, shape.bronze_schema)

    def deliver(self, *files: File) -> None:
        """Put files into bronze, and into the ledger; one whose batch is there already is only written down."""
        known = self.run.ledger.ingested(self.shape.source.source, self.shape.name)
        fresh = [file for file in files if file.batch_id not in known]
        if any(file.rows for file in fresh):
            self.lake.append(self.shape.bronze, bronze(self.lake.spark, self.shape, fresh))
        self.run.ledger.add_files(
            [
                {
                    "source": self.shape.source.source,
                    "table_name": self.shape.name,
                    "file": file.name,
                    "batch_id": file.batch_id,
                    "delivered_at": datetime.fromisoformat(f"{file.on}T{file.at}").replace(tzinfo=UTC),
                    "rows": len(file.rows),
                    "status": "ingested" if file in fresh else "same_content",
                }
                for file in files
            ]
        )

    def make(self) -> Outcome:
        """Run the step."""
        step = SilverStep(self.shape)
        step.create(self.run)
        outcome = step.do(self.run)
        outcome.counts.check(step.name)
        self.lake.unstage()
        return outcome

    def loaded(self, *files: File) -> Outcome:
        """Deliver and run."""
        self.deliver(*files)
        return self.make()

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """The silver table."""
        return tuples(self.lake.read(self.shape.silver), *columns)

    def history(self, *columns: str) -> list[tuple[Any, ...]]:
        """The history, by key and time."""
        found = tuples(self.lake.read(self.shape.history), *self.shape.table.key, "_valid_from", "_valid_to", *columns)
        return sorted(found, key=lambda row: [str(v) for v in row[: len(self.shape.table.key) + 1]])

    def rejected(self, *columns: str) -> list[tuple[Any, ...]]:
        """The quarantine."""
        return tuples(self.lake.read(self.shape.quarantine), *columns, "_reasons")
