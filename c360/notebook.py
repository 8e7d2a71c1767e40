"""A lake at hand in a notebook: run it, ask it, look at what it rejected; in Jupyter and on Databricks.

    from c360 import notebook

    lake = notebook.open("conf", "data/lake", "data/landing")
    lake.run("gold.rfm")
    lake.sql("SELECT segment, count(*) AS people FROM gold.rfm GROUP BY segment")

What comes back is a pandas frame: for a table in the notebook and for a picture of it. `table` gives the Spark frame.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console

from c360 import catalog, query
from c360.config.load import Config, load
from c360.errors import C360Error, ConfigError
from c360.lake import Lake
from c360.output import Rows
from c360.pipeline import Pipeline
from c360.plan import Options
from c360.session import Engine, Session, start

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

ENGINES = ("auto", "sail", "spark")


def open(
    conf: str | Path = "conf",
    lake: str | Path = "data/lake",
    landing: str | Path = "data/landing",
    engine: str | None = None,
) -> Workbench:
    """A lake and a session for it.

    Args:
        conf: the folder of the configuration.
        lake: the folder of the lake; it need not be there yet.
        landing: the folder of delivered files, one per source.
        engine: auto, sail or spark; without it what C360_ENGINE says, else auto: the active session (as on
            Databricks), else Sail.

    Raises:
        ConfigError: conf is wrong, or there is no such engine.
        EngineError: the engine does not start, or the notebook already has a session of another kind.
    """
    chosen = engine or os.environ.get("C360_ENGINE", "auto")
    if chosen not in ENGINES:
        raise ConfigError(f"there is no engine {chosen!r}; name one of {', '.join(ENGINES)}")
    return Workbench(load(Path(conf)), str(lake), str(landing), chosen)


class Workbench:
    """One lake, its configuration and a session that stays until `close`.

    Attributes:
        config: what conf says.
        session: the session, with `spark` and the name of its engine.
    """

    def __init__(self, config: Config, lake: str, landing: str, engine: Any) -> None:
        self.config = config
        self._lake, self._landing = lake, landing
        self._open = ExitStack()
        self.session: Session = self._open.enter_context(start(engine))

    def run(self, *tables: str, as_of: date | None = None, full: bool = False) -> None:
        """Make these tables and what they are made from, or without any all that is due; one line each is printed.

        Args:
            tables: such as `gold.rfm`.
            as_of: see everything as of this day.
            full: make everything anew from bronze.

        Raises:
            C360Error: a table or a check failed; its line says why.
        """
        console = Console(force_jupyter=False, force_terminal=False, width=160)
        engine: Engine = self.session.engine
        options = Options(engine=engine, only=tables, as_of=as_of, full=full)
        if Pipeline(self.config, self._lake, self._landing, console).run(options):
            raise C360Error("a table or a check failed; the lines above say which and why")

    def sql(self, statement: str) -> pd.DataFrame:
        """The answer to a query over all tables and unified views, with decimals as floats.

        Raises:
            ConfigError: the engine refuses it.
            C360Error: nothing was made yet.
        """
        from pyspark.errors import PySparkException

        try:
            return _frame(self._asked(statement).toArrow())
        except PySparkException as problem:
            first = str(problem).strip().splitlines()[0]
            raise ConfigError(f"the statement has no answer: {first}; lake.tables() lists the tables") from problem

    def table(self, name: str) -> DataFrame:
        """A table or unified view as a Spark frame, such as `unified.orders`; nothing is read yet.

        Raises:
            C360Error: nothing was made yet.
        """
        return self._asked(f"SELECT * FROM {name}")

    def show(self, name: str, rows: int = 5) -> pd.DataFrame:
        """Some rows of a table or unified view.

        Raises:
            ConfigError: there is no such table.
            C360Error: nothing was made yet.
        """
        return _of_rows(query.rows_of(self._lake, self.config, name, rows, self.session.engine))

    def tables(self) -> pd.DataFrame:
        """Every table and unified view: name and kind; rows and version of the tables.

        Raises:
            C360Error: nothing was made yet.
        """
        return _of_rows(query.tables(self._lake))

    def rejected(self, table: str | None = None, rows: int = 20) -> pd.DataFrame:
        """A table's rejected rows with every reason, such as of `retail.customers`; without it, how many for which.

        Raises:
            ConfigError: there is no such table.
            C360Error: nothing was made yet.
        """
        if table is None:
            return _of_rows(query.rejected_by_reason(self._lake))
        return _of_rows(query.rejected(self._lake, self.config, table, rows))

    def close(self) -> None:
        """End the session, unless it was there before."""
        self._open.close()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, statement: str) -> DataFrame:
        opened = Lake(query.opened(self._lake).root, self.session.spark)
        catalog.register(opened, self.config)
        return self.session.spark.sql(statement)


def _of_rows(rows: Rows) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([list(row) for row in rows.rows], columns=list(rows.columns), dtype=object)


def _frame(data: pa.Table) -> pd.DataFrame:
    """With numbers and dates as a picture needs them: no decimals, and days as times."""
    import pyarrow as pa

    kinds = [pa.field(f.name, pa.float64() if pa.types.is_decimal(f.type) else f.type) for f in data.schema]
    frame: pd.DataFrame = data.cast(pa.schema(kinds)).to_pandas(date_as_object=False)
    return frame
