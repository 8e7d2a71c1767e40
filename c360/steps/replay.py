"""The step of `c360 replay`: rejected rows are judged again, under today's types and rules."""

from __future__ import annotations

from c360.errors import SchemaMismatchError
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome
from c360.steps.merging import Merging
from c360.steps.silver import SilverStep


class ReplayStep(SilverStep):
    """A silver step that looks at quarantine instead of new batches."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._is_done = False

    def due(self, run: Context) -> str | None:
        """Once, whatever the ledger says."""
        return None if self._is_done else "asked for"

    def create(self, run: Context) -> None:
        """The silver table may have other columns than conf declares now: that is what the replay is for."""
        if run.lake.version(self.name) is None:
            super().create(run)
        try:
            run.lake.ensure(self.shape.bronze, self.shape.bronze_schema)
        except SchemaMismatchError as problem:
            raise SchemaMismatchError(f"{problem}. `c360 run` gives it those first, then replay") from None

    def do(self, run: Context) -> Outcome:
        self._is_done = True
        return Merging(run, self.shape).replay_all()
