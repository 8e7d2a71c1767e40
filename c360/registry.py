"""`@table`: a function of DataFrames becomes a table of the lake.

The parameters name the input tables, so the signature is the lineage, the order and the documentation.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from c360.ddl import fields
from c360.unify.entities import ENTITIES

MODULES = (
    "c360.identity.customers",
    "c360.identity.history",
    "c360.gold.analysis",
    "c360.gold.behaviour",
    "c360.gold.cohorts",
    "c360.gold.customers",
    "c360.gold.demand",
    "c360.gold.engagement",
    "c360.gold.events",
    "c360.gold.facts",
    "c360.gold.fulfilment",
    "c360.gold.inventory",
    "c360.gold.issues",
    "c360.gold.months",
    "c360.gold.orders",
    "c360.gold.periods",
    "c360.gold.purchases",
    "c360.gold.regions",
    "c360.gold.service",
    "c360.gold.summary",
    "c360.gold.suppliers",
    "c360.gold.tiers",
    "c360.gold.published_retail",
    "c360.models.affinity",
    "c360.models.churn",
    "c360.models.clv",
    "c360.models.demand_report",
    "c360.models.forecast",
    "c360.models.next_best_product",
    "c360.models.holdout",
    "c360.models.report",
    "c360.models.rfm",
    "c360.models.rhythm",
    "c360.audiences.consent",
    "c360.audiences.members",
)
"""Where c360's own tables are declared."""

CONTEXT = ("as_of", "settings", "segments", "audiences", "previous")
"""Parameters that are not tables: the date everything is seen from, what conf/ says, and the table as it was before."""


@dataclass(frozen=True)
class TableSpec:
    """A declared table.

    Attributes:
        name: for example `gold.rfm`.
        inputs: parameter name → table name.
        context: the parameters that are not tables (see CONTEXT).
        anonymous: parameters whose views come without `c360_id`, which spares a join.
        incremental_by: the column of the grain by whose changed values it is recomputed.
        pii: columns that say who somebody is.
        columns: what each column says, for the data dictionary.
    """

    name: str
    grain: tuple[str, ...]
    schema: str
    build: Callable[..., Any]
    inputs: Mapping[str, str]
    context: tuple[str, ...]
    description: str
    anonymous: tuple[str, ...] = ()
    incremental_by: str | None = None
    pii: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        """`unified` or `gold`."""
        return self.name.split(".")[0]


F = TypeVar("F", bound=Callable[..., Any])

TABLES: dict[str, TableSpec] = {}


def table(
    *,
    layer: str,
    grain: list[str],
    schema: str,
    inputs: Mapping[str, str] | None = None,
    anonymous: tuple[str, ...] = (),
    incremental_by: str | None = None,
    pii: tuple[str, ...] = (),
    columns: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Declare the function below as the table of that name.

    Args:
        layer: `unified` or `gold`.
        grain: the columns that identify a row.
        schema: its DDL; the frame is cast to it on every write, and refused when a column is missing or too many.
        inputs: full names (`silver_retail.customers`) of parameters that do not carry their table's name.
        anonymous: parameters whose unified views are read without `c360_id`, which spares a join over all facts.
        incremental_by: a column of the grain, such that rows with a value of it depend on rows of the inputs with that
            value alone, and wholly on inputs that lack the column: only the values that changed are recomputed.
        pii: columns that say who somebody is: no statistics are kept of them.
        columns: column → what it says.
    """

    def declare(build: F) -> F:
        name = f"{layer}.{build.__name__}"
        parameters = list(inspect.signature(build).parameters)
        known = dict(inputs or {})
        tables = {p: known.get(p) or _table_of(p) for p in parameters if p not in CONTEXT}
        if unknown := [c for c in grain if c not in fields(schema)]:
            raise ValueError(f"{name}: grain names {unknown}, which the schema lacks")
        if incremental_by and (incremental_by not in grain or "as_of" in parameters):
            raise ValueError(f"{name}: it is incremental by a column of its grain, and then without as_of")
        TABLES[name] = TableSpec(
            name=name,
            grain=tuple(grain),
            schema=schema,
            build=build,
            inputs=tables,
            context=tuple(p for p in parameters if p in CONTEXT),
            description=inspect.getdoc(build) or "",
            anonymous=anonymous,
            incremental_by=incremental_by,
            pii=pii,
            columns=columns or {},
        )
        return build

    return declare


def _table_of(parameter: str) -> str:
    if parameter in ENTITIES or parameter in ("customers", "customer_records", "customer_history"):
        return f"unified.{parameter}"
    return f"gold.{parameter}"


def load() -> Mapping[str, TableSpec]:
    """All declared tables, c360's own modules imported."""
    for module in MODULES:
        importlib.import_module(module)
    return TABLES


@cache
def package_fingerprint() -> str:
    """Hash of the package's source: a table made by other code is not up to date."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
