"""What a run was asked for, which steps that are, and which of them are due."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from c360 import registry
from c360.config.explain import no_such
from c360.config.load import Config
from c360.errors import ConfigError
from c360.session import Engine
from c360.steps import steps_of
from c360.steps.base import Context, Step


@dataclass(frozen=True)
class Options:
    """What a run was asked for.

    Attributes:
        source: only this source's bronze and silver tables.
        layer: only this layer.
        only: only these tables and what they are made from.
        as_of: see everything as of this day.
        full: make everything anew from bronze.
        force: merge batches however many of their rows are rejected.
        dry_run: say what would be done.
        settled_only: leave files that were changed in the last seconds to a later run, instead of waiting for them.
    """

    engine: Engine = "auto"
    source: str | None = None
    layer: str | None = None
    only: tuple[str, ...] = ()
    as_of: date | None = None
    full: bool = False
    force: bool = False
    dry_run: bool = False
    verbose: bool = False
    settled_only: bool = False


LAYERS = ("bronze", "silver", "unified", "gold")


def new_run_id() -> str:
    """A run's name: when it began, and four digits that keep two of the same second apart."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:4]}"


def selected(config: Config, options: Options) -> list[Step]:
    """The steps a run is about, in order.

    Raises:
        ConfigError: a source, layer or table is named that does not exist.
    """
    if options.source and options.source not in config.sources:
        raise ConfigError(f"no such source: {options.source}; conf has {', '.join(config.sources)}")
    if options.layer and options.layer not in LAYERS:
        raise ConfigError(f"no such layer: {options.layer}; allowed: {', '.join(LAYERS)}")
    steps = steps_of(config, registry.load(), [options.source] if options.source else None)
    if options.only:
        by_name = {step.name: step for step in steps}
        if unknown := [name for name in options.only if name not in by_name]:
            said = no_such("table", unknown[0], by_name)
            raise ConfigError(f"{said}; `c360 run --dry-run --full` lists what there is")
        wanted = set(options.only)
        for step in reversed(steps):
            if step.name in wanted:
                wanted |= set(step.needs)
        steps = [step for step in steps if step.name in wanted]
    return [step for step in steps if options.layer in (None, step.layer)]


def plan(steps: Sequence[Step], run: Context) -> list[tuple[Step, str]]:
    """The steps that are due, each with why; what is made from a due table follows it. Needs no engine."""
    due: dict[str, str] = {}
    found = []
    for step in steps:
        follows = next((name for name in step.needs if name in due), None)
        reason = f"follows {follows}" if follows else step.due(run)
        if reason:
            due[step.name] = reason
            found.append((step, reason))
    return found
