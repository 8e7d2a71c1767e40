"""The step of a declared table of unified or gold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from c360.commits import named
from c360.config import SourceConfig
from c360.errors import C360Error, SchemaMismatchError
from c360.lake import Lake
from c360.ledger import Counts
from c360.registry import TableSpec, package_fingerprint
from c360.steps.base import Context, Outcome, Step
from c360.unify import views
from c360.unify.entities import ENTITIES, Entity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from c360.steps.changes import Increment


CUSTOMERS = "unified.customers"
HISTORY = "unified.customer_history"


class TableStep(Step):
    """A declared table of unified or gold: computed anew, or what changed of it."""

    def __init__(self, spec: TableSpec, sources: Mapping[str, SourceConfig]) -> None:
        self.spec = spec
        self.name = spec.name
        self.layer = spec.layer
        below = [
            views.inputs(sources, e.name, p not in spec.anonymous) if (e := _entity(n)) else [n]
            for p, n in spec.inputs.items()
        ]
        self.reads = tuple(dict.fromkeys(table for tables in below for table in tables))
        # with --as-of it is the history that says who the customers were
        self.needs = (*self.reads, HISTORY) if CUSTOMERS in self.reads else self.reads
        sees_events = any(e.event_at for n in spec.inputs.values() if (e := _entity(n)))
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
        shown = {"not_revenue", "reporting_currency", "currency_rates"}  # of all, what a table can depend on
        settings = config.settings.model_dump_json(include=shown)
        parts: list[Any] = [package_fingerprint(), settings, config.segments.model_dump_json()]
        parts += [config.audiences.model_dump_json()] if "audiences" in self.spec.context else []
        for source in config.sources.values():
            parts += [source.timezone, [[n, [m.model_dump_json() for m in ms]] for n, ms in source.unified.items()]]
        made_of = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        return f"{made_of}@{run.as_of()}" if run.given_as_of or self._depends_on_as_of else made_of

    def inputs(self, run: Context) -> dict[str, int | None]:
        return {table: run.lake.version(table) for table in self.reads}

    def do(self, run: Context) -> Outcome:
        with named(run.lake.spark) as name_of:
            message = self._make(run, name_of)
        rows = run.lake.count(self.name)
        return Outcome(Counts(read=rows, valid=rows, inserted=rows), message)

    def _make(self, run: Context, name_of: Callable[[DataFrame], str]) -> str:
        """Make the table; what there is to say about it."""
        increment = self._increment(run, name_of)
        keys = increment.keys() if increment else None
        if increment is None or keys is None:
            run.lake.overwrite(self.name, self.spec.build(**self._inputs(run)))
            return ""
        number, by = keys.count(), increment.by
        if number:
            given = self._inputs(run, increment.persons(keys))
            given |= {p: increment.only(given[p], keys, _entity(name)) for p, name in self.spec.inputs.items()}
            old = run.lake.read(self.name)
            kept = old.join(keys, old[by].eqNullSafe(keys[by]), "left_anti")
            run.lake.overwrite(self.name, kept.unionByName(self.spec.build(**given)))
        return f"recomputed for {number} {by}"

    def _increment(self, run: Context, name_of: Callable[[DataFrame], str]) -> Increment | None:
        """What changed since the table was made; None where it has to be made anew whatever changed."""
        last = run.ledger.last(self.name)
        if self.spec.incremental_by is None or run.full or last is None:
            return None
        made_of, _, day = self.fingerprint(run).partition("@")
        made_of_then, _, day_then = last["fingerprint"].partition("@")
        since = json.loads(last["inputs"])
        as_it_was_made = made_of == made_of_then and run.lake.version(self.name) == last["version"]
        if not as_it_was_made or bool(day) != bool(day_then) or set(since) != {*self.reads} or None in since.values():
            return None
        from c360.steps.changes import Increment

        seen_from = (date.fromisoformat(day_then), date.fromisoformat(day)) if day != day_then else None
        return Increment(run, self.spec, since, seen_from, name_of)

    def _inputs(self, run: Context, persons: str | None = None) -> dict[str, Any]:
        """What its function is called with; of unified views with persons only these, if given."""
        config = run.config
        given: dict[str, Any] = {"settings": config.settings, "segments": config.segments}
        given |= {"audiences": config.audiences} | {p: run.as_of() for p in self.spec.context if p == "as_of"}
        given |= {p: run.lake.read(self.name) for p in self.spec.context if p == "previous"}
        found = {p: given[p] for p in self.spec.context}
        for parameter, name in self.spec.inputs.items():
            if entity := _entity(name):
                cut = run.as_of() if entity.event_at else None
                identified = parameter not in self.spec.anonymous
                if persons is None and self.layer == "gold":
                    found[parameter] = run.view(entity.name, cut, identified)
                else:
                    found[parameter] = views.view(
                        run.lake, config.sources, config.settings, entity.name, cut, identified, persons
                    )
            elif name.startswith("silver_"):
                found[parameter] = run.lake.read(name).where("_deleted_at IS NULL")
            elif name == CUSTOMERS and run.given_as_of:
                found[parameter] = known_on(run.lake, run.given_as_of)
            else:
                found[parameter] = run.lake.read(name)
        return found


def known_on(lake: Lake, day: date) -> DataFrame:
    """`unified.customers` as it was known at the end of a day, UTC.

    Raises:
        C360Error: nobody kept what was known.
    """
    if lake.version(HISTORY) is None:
        raise C360Error(f"--as-of needs {HISTORY}, which was not made yet; run without --as-of first")
    end = f"TIMESTAMP'{day + timedelta(days=1)} 00:00:00'"
    held = lake.read(HISTORY).where(f"valid_from IS NULL OR valid_from < {end}")
    return held.where(f"valid_to IS NULL OR valid_to >= {end}").select(*lake.columns(CUSTOMERS))


def _entity(name: str) -> Entity | None:
    """The unified view of that table name, if it is one."""
    database, _, table = name.partition(".")
    return ENTITIES.get(table) if database == "unified" else None
