"""The step of a table that has to be asked for: from its API or database into the landing folder. Needs no engine."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from c360.errors import SourceError
from c360.ledger import Counts
from c360.pull.base import STAMP, Pulled, finish, finished, is_finished
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome, Step


class PullStep(Step):
    """A pull: a folder of files, which are then ingested like any others.

    One that did not finish is gone on with. The mark of the last one stands in its folder, and in the ledger, should
    somebody have tidied up the landing folder.
    """

    layer = "bronze"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.name = f"pull_{shape.source.source}.{shape.name}"

    def tables(self) -> tuple[str, ...]:
        return ()

    def create(self, run: Context) -> None:
        return None

    def due(self, run: Context) -> str | None:
        if run.settled_only:  # it watches
            last = run.ledger.last_attempt(self.name)
            if last and (datetime.now(UTC) - last).total_seconds() < self.shape.source.ask_every_seconds:
                return None
        return f"asks its {self.shape.source.origin(self.shape.name)}"

    def fingerprint(self, run: Context) -> str:
        """The mark up to which it was read; written when the step is done."""
        done = self._finished(run)
        return (finished(done[-1]).mark or "") if done else ""

    def do(self, run: Context) -> Outcome:
        done = self._finished(run)
        mark, before = self._mark(run, done), done[-1] if done else None
        folder = self._folder(run)
        folder.mkdir(parents=True, exist_ok=True)
        pulled = self._pull(folder, mark, before)
        finish(folder, pulled)
        if before and not finished(before).files:  # of pulls that brought nothing, the last says all that they do
            shutil.rmtree(before)
        counts = Counts(read=pulled.rows, valid=pulled.rows, inserted=pulled.rows)
        return Outcome(counts, f"{pulled.files} files" if pulled.files else "nothing new")

    def _pull(self, folder: Path, mark: str | None, before: Path | None) -> Pulled:
        source, table = self.shape.source, self.shape.table
        if source.http and table.http:
            from c360.pull.http import pull_http

            return pull_http(source.http, table.http, folder, mark)
        from c360.pull.database import pull_database

        if not (source.database and table.database):
            raise SourceError(f"{self.name}: conf says neither API nor database")
        names = dict(table.source_columns)
        return pull_database(source.database, table.database, [names[c] for c in table.key], folder, mark, before)

    def _mark(self, run: Context, done: list[Path]) -> str | None:
        if done:
            return finished(done[-1]).mark
        last = run.ledger.last(self.name)
        return (last["fingerprint"] or None) if last else None

    def _all(self, run: Context) -> list[Path]:
        """The folders of its pulls, oldest first."""
        above = run.pulled(self.shape)
        return sorted(f for f in above.iterdir() if f.is_dir()) if above.is_dir() else []

    def _finished(self, run: Context) -> list[Path]:
        return [folder for folder in self._all(run) if is_finished(folder)]

    def _folder(self, run: Context) -> Path:
        """That of a pull that did not finish, else a new one."""
        unfinished = [folder for folder in self._all(run) if not is_finished(folder)]
        if unfinished:
            return unfinished[-1]
        folder = run.pulled(self.shape) / datetime.now(UTC).strftime(STAMP)
        if folder.exists():
            raise SourceError(f"{self.name} was asked for twice within a second; run again")
        return folder
