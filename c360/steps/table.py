"""The step of a declared table of unified or gold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from c360.config import SourceConfig
from c360.errors import SchemaMismatchError
from c360.ledger import Counts
from c360.registry import TableSpec, package_fingerprint
from c360.steps.base import Context, Outcome, Step
from c360.unify import views
from c360.unify.entities import ENTITIES


class TableStep(Step):
    """A declared table of unified or gold, computed anew."""

    def __init__(self, spec: TableSpec, sources: Mapping[str, SourceConfig]) -> None:
        self.spec = spec
        self.name = spec.name
        self.layer = spec.layer
        self.reads = tuple(dict.fromkeys(t for name in spec.inputs.values() for t in _delta_tables(name, sources)))
        self.needs = self.reads
        sees_events = any(_event_at(name) for name in spec.inputs.values())
        self._depends_on_as_of = "as_of" in spec.context or sees_events

    def create(self, run: Context) -> None:
        spec = self.spec
        declared: dict[str, Any] = {"pii": spec.pii, "description": spec.description, "comments": spec.columns}
        try:
            run.lake.ensure(self.name, spec.schema, **declared)
        except SchemaMismatchError:  # it is computed anew in any case, so it takes its new shape
            run.lake.recreate(self.name, spec.schema, **declared)

    def due(self, run: Context) -> str | None:
        last = run.ledger.last(self.name)
        if run.full or last is None or run.lake.version(self.name) != last["version"]:
            return "to be made"
        if json.loads(last["inputs"]) != self.inputs(run):
            return "its inputs have changed"
        if self._depends_on_as_of and not run.knows_as_of():
            return "as_of may have changed"
        if last["fingerprint"] != self.fingerprint(run):
            return "its code, conf or as_of has changed"
        return None

    def fingerprint(self, run: Context) -> str:
        config = run.config
        parts: list[Any] = [package_fingerprint(), config.settings.model_dump_json(), config.segments.model_dump_json()]
        for source in config.sources.values():
            parts += [source.timezone, [[n, [m.model_dump_json() for m in ms]] for n, ms in source.unified.items()]]
        if run.given_as_of or self._depends_on_as_of:
            parts.append(str(run.as_of()))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def inputs(self, run: Context) -> dict[str, int | None]:
        return {table: run.lake.version(table) for table in self.reads}

    def do(self, run: Context) -> Outcome:
        given: dict[str, Any] = {p: self._input(run, p) for p in self.spec.inputs}
        context = {"settings": run.config.settings, "segments": run.config.segments}
        given |= {p: run.as_of() if p == "as_of" else context[p] for p in self.spec.context}
        run.lake.overwrite(self.name, self.spec.build(**given))
        rows = run.lake.count(self.name)
        return Outcome(Counts(read=rows, valid=rows, inserted=rows))

    def _input(self, run: Context, parameter: str) -> Any:
        name = self.spec.inputs[parameter]
        database, _, table = name.partition(".")
        if database == "unified" and table in ENTITIES:
            cut = run.as_of() if _event_at(name) else None
            identified = parameter not in self.spec.anonymous
            return views.view(run.lake, run.config.sources, run.config.settings, table, cut, identified)
        frame = run.lake.read(name)
        return frame.where("_deleted_at IS NULL") if database.startswith("silver_") else frame


def _event_at(name: str) -> str | None:
    """The column that says when a row of a unified view happened, if it is a table of events."""
    database, _, table = name.partition(".")
    return ENTITIES[table].event_at if database == "unified" and table in ENTITIES else None


def _delta_tables(name: str, sources: Mapping[str, SourceConfig]) -> Iterable[str]:
    database, _, table = name.partition(".")
    return views.inputs(sources, table) if database == "unified" and table in ENTITIES else [name]
