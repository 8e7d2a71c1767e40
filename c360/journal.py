"""A step happens whole or not at all, also when the process dies in the middle.

Before a step writes anything, the journal notes the version of every table it may touch; when the step's ledger line
is written, the note is taken away. A note that is found by the next run belongs to a step that died: its tables are
restored to the noted versions, and the step is simply due again. An error inside a step does the same at once.

A rollback is the same thing asked for: a note of older versions, and then what is done about a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from c360.lake import Lake
from c360.ledger import BATCHES, FILES, SCHEMAS, STEPS, Ledger
from c360.store import SmallFile

_LEDGERS = (FILES, BATCHES, STEPS)


class Journal:
    """The note of the step in progress: `<lake>/ops/_in_progress.json`."""

    def __init__(self, lake: Lake, ledger: Ledger) -> None:
        self._lake = lake
        self._ledger = ledger
        self._note = SmallFile(lake.root, "ops/_in_progress.json")

    @contextmanager
    def step(self, name: str, tables: Iterable[str]) -> Iterator[None]:
        """All that the block writes to `tables` and the ledger stays, or nothing of it.

        An error undoes it at once. When the process is told to stop, its engine may still be writing: the note stays,
        for a `recover` after the engine has ended.
        """
        for ledger_table in _LEDGERS:
            self._lake.ensure(ledger_table, SCHEMAS[ledger_table])
        versions = {table: self._lake.version(table) for table in (*tables, *_LEDGERS)}
        self._write({"run_id": self._ledger.run_id, "name": name, "versions": versions})
        try:
            yield
        except Exception:
            self.recover()
            raise
        self._note.remove()

    def roll_back(self, versions: Mapping[str, int], runs: Sequence[str]) -> None:
        """Make every table what it was at a version, and record that these runs are undone.

        What the process does not live to do, the next `recover` does.

        Args:
            versions: table → version, of all tables but `ops.runs`.
            runs: the runs whose work this takes away.
        """
        name = f"what came after {runs[0]} began"
        self._write({"run_id": self._ledger.run_id, "name": name, "versions": dict(versions), "rolled_back": [*runs]})
        self.recover()

    def recover(self) -> str | None:
        """Undo a step that did not reach its end; its name, or None if there was none."""
        written = self._note.read()
        if written is None:
            return None
        note = json.loads(written)
        finished = [r for r in self._lake.rows(STEPS) if r["run_id"] == note["run_id"] and r["name"] == note["name"]]
        undone = not finished
        if undone:
            for table, version in note["versions"].items():
                if self._lake.version(table) is not None:
                    self._lake.restore(table, version or 0)
            self._ledger.forget_cache()
            if runs := note.get("rolled_back"):
                self._ledger.rolled_back(runs)
        self._note.remove()
        return str(note["name"]) if undone else None

    def _write(self, note: dict[str, object]) -> None:
        self._note.write(json.dumps(note).encode())
