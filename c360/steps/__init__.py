"""The steps of a run: one per table and layer. Each knows whether it is due without an engine, and how to do itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from c360.config.load import Config
from c360.registry import TableSpec
from c360.silver.shape import Shape
from c360.steps.base import Context, Outcome, Step
from c360.steps.bronze import BronzeStep
from c360.steps.pull import PullStep
from c360.steps.silver import SilverStep
from c360.steps.table import TableStep

__all__ = ["BronzeStep", "Context", "Outcome", "PullStep", "SilverStep", "Step", "TableStep", "steps_of"]


def steps_of(config: Config, specs: Mapping[str, TableSpec], selected: Sequence[str] | None = None) -> list[Step]:
    """Every step conf and code declare, parents before children.

    Args:
        selected: the sources whose bronze and silver steps are wanted, and marts of one source; None for all.
    """
    steps: dict[str, Step] = {}
    for source in config.sources.values():
        if selected is None or source.source in selected:
            shapes = [Shape(source, name) for name in source.tables]
            steps |= {s.name: s for shape in shapes for s in (BronzeStep(shape), SilverStep(shape))}
            steps |= {s.name: s for s in map(PullStep, shapes) if source.origin(s.shape.name)}
    for spec in specs.values():
        if all(_has_source(name, config, selected) for name in spec.inputs.values()):
            steps[spec.name] = TableStep(spec, config.sources)
    ordered: dict[str, Step] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"tables depend on each other in a circle: {' → '.join((*path, name))}")
        if name in steps and name not in ordered:
            for needed in steps[name].needs:
                visit(needed, (*path, name))
            ordered[name] = steps[name]

    layers = ("bronze", "silver", "unified", "gold")
    for name in sorted(steps, key=lambda n: layers.index(steps[n].layer)):
        visit(name, ())
    return list(ordered.values())


def _has_source(name: str, config: Config, selected: Sequence[str] | None) -> bool:
    """Whether a table a mart reads can exist: marts of one source are left out where conf lacks that source.

    They are left out too where only other sources are wanted, as nothing of that one may ever have been delivered.
    """
    database, _, table = name.partition(".")
    if not database.startswith("silver_"):
        return True
    source = config.sources.get(database.removeprefix("silver_"))
    return source is not None and table in source.tables and (selected is None or source.source in selected)
