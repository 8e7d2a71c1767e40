"""What every step of a run is, and what it knows of its run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c360.config.load import Config
from c360.errors import SourceError
from c360.ingest.files import LandedFile, is_settled, landed, of_table
from c360.ingest.spec import PULLED
from c360.lake import Lake
from c360.ledger import Counts, Ledger
from c360.silver.shape import Shape
from c360.store import is_remote
from c360.unify import views

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass
class Context:
    """What a step needs to know of its run."""

    config: Config
    lake: Lake
    ledger: Ledger
    landing: str | Path
    given_as_of: date | None = None
    full: bool = False
    force: bool = False
    settled_only: bool = False
    _landed: dict[str, list[LandedFile]] = field(default_factory=dict)
    _as_of: date | None = None
    _views: dict[str, tuple[tuple[Any, ...], DataFrame]] = field(default_factory=dict)

    def files(self, shape: Shape) -> list[LandedFile]:
        """The files of a table in the landing folder; each source's folder is looked through once."""
        source = shape.source.source
        if source not in self._landed:
            settle = self.config.settings.settle_seconds
            found = landed(f"{self.landing}/{source}", settle)
            self._landed[source] = [f for f in found if not self.settled_only or is_settled(f, settle)]
        return of_table(self._landed[source], shape.table, shape.name)

    def pulled(self, shape: Shape) -> Path:
        """The folder of what was asked for of a table.

        Raises:
            SourceError: the landing folder is not on this machine.
        """
        if is_remote(self.landing):
            raise SourceError(
                f"{shape.source.source}.{shape.name} is asked for, and what comes is written bit by bit, which needs "
                f"a landing folder on this machine; {self.landing} is in an object store"
            )
        return Path(self.landing, shape.source.source, PULLED, shape.name)

    def view(self, name: str, as_of: date | None, identified: bool) -> DataFrame:
        """A unified view; one that costs something is computed once in a run, whoever reads it.

        Args:
            name: of the entity.
            as_of: events after this day are left out.
            identified: false to leave `c360_id` out.
        """
        config = self.config
        if not views.is_costly(config.sources, name, self.lake):
            return views.view(self.lake, config.sources, config.settings, name, as_of, identified)
        tables = views.inputs(config.sources, name)
        made_of = (as_of, *(self.lake.version(table) for table in tables))
        if name not in self._views or self._views[name][0] != made_of:
            rows = views.view(self.lake, config.sources, config.settings, name, as_of)
            self._views[name] = made_of, self.lake.stage(name, rows, for_run=True)
        found = self._views[name][1]
        return found if identified else found.drop("c360_id")

    def as_of(self) -> date:
        """The day everything in gold is seen from."""
        from c360.as_of import latest_event

        if self._as_of is None:
            self._as_of = self.given_as_of or latest_event(self.config, self.lake, self.ledger)
        return self._as_of

    def knows_as_of(self) -> bool:
        """Whether that day can be told: without an engine only where nothing has changed since it was last found."""
        from c360.as_of import known

        if self._as_of is None:
            self._as_of = self.given_as_of or known(self.config, self.lake, self.ledger)
        return self._as_of is not None or self.lake.has_engine


@dataclass(frozen=True)
class Outcome:
    """What a step did."""

    counts: Counts = field(default_factory=Counts)
    message: str = ""


class Step:
    """One table's step.

    Attributes:
        name: the table's name.
        layer: bronze, silver, unified or gold.
        needs: names of the steps whose failure stops this one.
    """

    name: str
    layer: str
    needs: tuple[str, ...] = ()

    def due(self, run: Context) -> str | None:
        """Why it has to be done; None if its table is up to date. Needs no engine."""
        raise NotImplementedError

    def tables(self) -> tuple[str, ...]:
        """The tables it may write."""
        return (self.name,)

    def create(self, run: Context) -> None:
        """Make sure its tables exist as declared."""
        raise NotImplementedError

    def do(self, run: Context) -> Outcome:
        """Do it."""
        raise NotImplementedError

    def fingerprint(self, run: Context) -> str:
        """What, besides its inputs, its result depends on."""
        return ""

    def inputs(self, run: Context) -> dict[str, int | None]:
        """The versions of the tables it reads."""
        return {}
