"""A source of conf/ on literal files: delivered as workbooks, Parquet, JSON lines or CSV, and run in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from rich.console import Console

from c360.config.load import Config, load
from c360.lake import Lake
from c360.pipeline import Pipeline
from c360.plan import Options
from c360.unify.entities import ENTITIES
from c360.unify.views import view
from tests.lakes import ROOT
from tests.silver.tables import tuples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SHOWN_AS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}


class Source:
    """A source as conf/sources declares it, with a landing folder and a lake of its own.

    Args:
        name: of the source.
        folder: for its files, its configuration and its lake.
        spark: the session.
    """

    def __init__(self, name: str, folder: Path, spark: SparkSession) -> None:
        self.name, self.conf = name, folder / "conf"
        self.landing, self.lake = folder / "landing", Lake(folder / "lake", spark)
        declared = (ROOT / f"conf/sources/{name}.yml").read_text()
        for file, text in (("c360.yml", "settle_seconds: 0\n"), (f"sources/{name}.yml", declared)):
            self.configure(file, text)
        (self.landing / name).mkdir(parents=True)

    def configure(self, file: str, text: str) -> None:
        """Write a file of its configuration."""
        path = self.conf / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))

    @property
    def config(self) -> Config:
        """What its configuration says."""
        return load(self.conf)

    def land(self, file: str, content: str | bytes) -> None:
        """Deliver a file."""
        path = self.landing / self.name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())

    def run(self, *tables: str, full: bool = False) -> dict[str, str]:
        """Make these tables, or all of its silver tables; what was said of each."""
        said = io.StringIO()
        config = self.config
        only = tables or tuple(f"silver_{self.name}.{table}" for table in config.sources[self.name].tables)
        pipeline = Pipeline(config, str(self.lake.root), str(self.landing), Console(file=said))
        assert pipeline.run(Options(only=only, full=full)) == 0, said.getvalue()
        steps = self.lake.rows("ops.steps")
        last = max(steps, key=lambda line: line["at"])["run_id"]
        return {line["name"]: line["message"] for line in steps if line["run_id"] == last}

    def beside(self, name: str) -> Source:
        """The same files and configuration with another lake."""
        other = copy(self)
        other.lake = Lake(Path(self.lake.root).with_name(name), self.lake.spark)
        return other

    def silver(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """A silver table's rows, sorted; times, dates and decimals as texts."""
        return tuples(self.lake.read(f"silver_{self.name}.{table}"), *columns)

    def rejected(self, table: str) -> dict[str, str]:
        """The keys of the rows in quarantine, and why they are there."""
        key = self.config.sources[self.name].tables[table].key
        rows = tuples(self.lake.read(f"quarantine_{self.name}.{table}"), *key, "_reasons")
        return {" ".join(map(str, row[:-1])): "; ".join(row[-1]) for row in rows}

    def unified(self, entity: str, *columns: str) -> list[tuple[Any, ...]]:
        """A unified view's rows, without who the person is."""
        config = self.config
        return tuples(view(self.lake, config.sources, config.settings, entity, identified=False), *columns)

    def filled(self, entity: str) -> set[str]:
        """The columns that its mapping fills: those not null in all rows of the view."""
        rows = view(self.lake, self.config.sources, self.config.settings, entity, identified=False).toArrow()
        return {name for name in ENTITIES[entity].mapped_columns if rows[name].null_count < len(rows)}


def workbook(sheet: str, rows: Iterable[Sequence[Any]], title: str | None = None) -> bytes:
    """A workbook of one sheet, with a merged title row above the others if there is a title; dates are real ones."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    written = book.add_worksheet(sheet)
    if title:
        written.merge_range(0, 0, 0, 3, title)
    for y, row in enumerate(rows, 1 if title else 0):
        for x, cell in enumerate(row):
            shown = _SHOWN_AS.get(type(cell))
            if shown:
                written.write_datetime(y, x, cell, book.add_format({"num_format": shown}))
            elif cell is not None:
                written.write(y, x, cell)
    book.close()
    return data.getvalue()


def parquet(schema: Mapping[str, pa.DataType], *rows: Sequence[Any]) -> bytes:
    """A Parquet file of typed columns."""
    table = pa.Table.from_pylist(
        [dict(zip(schema, row, strict=True)) for row in rows], schema=pa.schema(list(schema.items()))
    )
    data = io.BytesIO()
    pq.write_table(table, data)
    return data.getvalue()


def json_lines(*records: Mapping[str, Any]) -> str:
    """A JSON record on each line."""
    return "".join(f"{json.dumps(record)}\n" for record in records)
