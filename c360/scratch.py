"""What a run computes once and reads several times: scratch files in the lake, gone when the step or the run ends."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from c360.crash import wrote
from c360.errors import C360Error
from c360.location import engine_root
from c360.store import Store, is_remote

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_STEP, _RUN = "step", "run"


class Scratch:
    """The scratch files below a lake's folder.

    Args:
        root: the lake.
        spark: the session rows go through, if there is one.
    """

    def __init__(self, root: str, spark: SparkSession | None) -> None:
        self.root = root
        self._spark = spark

    @property
    def spark(self) -> SparkSession:
        """The session.

        Raises:
            C360Error: the lake was opened without one.
        """
        if self._spark is None:
            raise C360Error("this lake was opened without an engine")
        return self._spark

    def stage(self, name: str, rows: DataFrame, for_run: bool = False) -> DataFrame:
        """Write rows to a scratch file and read them back, so that what follows does not compute them again.

        Args:
            name: of the file.
            rows: lazy ones.
            for_run: it is kept until the run ends, not only until its step does.
        """
        path = self.staging(f"{_RUN if for_run else _STEP}/{name}")
        rows.write.mode("overwrite").option("compression", "snappy").parquet(path)  # quicker than Sail's own choice
        wrote()
        return self.spark.read.schema(rows.schema).parquet(path)  # Sail writes no file where there are no rows

    def staging(self, name: str) -> str:
        """Where scratch files lie while a step runs, or the run that it belongs to."""
        root = engine_root(self.root, self._spark) if self._spark else self.root
        return f"{root}/ops/_staging/{name}"

    def unstage(self, run_ends: bool = True) -> None:
        """Remove scratch files: they hold people's data, and nobody looks for it there.

        Args:
            run_ends: false to keep those that the next steps of the run read.
        """
        below = "" if run_ends else _STEP
        if is_remote(self.root):
            store = Store(self.root)
            store.remove(*(file.name for file in store.files(f"ops/_staging/{below}".rstrip("/"))))
        elif Path(self.staging(below)).exists():
            shutil.rmtree(self.staging(below))
            wrote()
