"""What init-source says of real extracts: `C360_REAL_DATA`, or `shared/data` beside us.

A key counts as right if it is the documented one, or a part of it that is unique over all rows there are: PersonPhone
is known by person, number and type, but everybody in it has one number only, which no sample can tell from a rule. The
strict score, without these, is printed beside.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from c360.config import SourceConfig
from c360.config.load import load
from c360.ingest.preview import findings
from c360.init_source import draft
from c360.init_source.names import snake
from tests.init_source.truth import ADVENTUREWORKS_CSV, ADVENTUREWORKS_KEYS, DOMAINS, RETAIL, Truth
from tests.lakes import ROOT

DATA = Path(os.environ.get("C360_REAL_DATA", ROOT.parent / "shared/data"))
NINE_IN_TEN = 0.9

pytestmark = pytest.mark.skipif(
    not (DATA / "retail/Customers.csv").is_file(),
    reason=f"no real extracts in {DATA}; name their folder in C360_REAL_DATA",
)


class Score(NamedTuple):
    """Right and all: types, keys, and keys that are the documented ones exactly."""

    types: int
    columns: int
    keys: int
    exact_keys: int
    tables: int
    wrong: list[str]

    def __str__(self) -> str:
        return (
            f"{self.types} of {self.columns} types, {self.keys} of {self.tables} keys "
            f"({self.exact_keys} exactly as documented); wrong: {', '.join(self.wrong) or 'none'}"
        )


def drafted(files: list[Path], source: str, folder: Path) -> SourceConfig:
    """The drafted source, as c360's own loader reads it."""
    (folder / "conf/sources").mkdir(parents=True)
    (folder / f"conf/sources/{source}.yml").write_text(draft(files, source), "utf-8")
    return load(folder / "conf").sources[source]


Rows = Callable[[str, Sequence[str]], list[tuple[Any, ...]]]
"""A table's values of some columns, read without c360."""


def scored(found: SourceConfig, truth: Truth, rows: Rows) -> Score:
    assert set(found.tables) == set(truth)
    wrong: list[str] = []
    types = keys = exact = 0
    for name, (key, columns) in truth.items():
        declared = found.tables[name]
        assert list(declared.columns) == [*sorted(columns, key=list(declared.columns).index)]
        for column, kind in columns.items():
            if _family(declared.columns[column].type) in kind.split("|"):
                types += 1
            else:
                wrong.append(f"{name}.{column} is {kind}, not {declared.columns[column].type}")
        exact += set(declared.key) == set(key)
        if set(declared.key) == set(key) or (set(declared.key) < set(key) and _differ(rows(name, declared.key))):
            keys += 1
        else:
            wrong.append(f"the key of {name} is {' '.join(key)}, not {' '.join(declared.key)}")
    return Score(types, sum(len(columns) for _, columns in truth.values()), keys, exact, len(truth), wrong)


def _differ(values: Sequence[tuple[Any, ...]]) -> bool:
    return len(set(values)) == len(values)


def _family(kind: str) -> str:
    return "int" if kind == "bigint" else "decimal" if kind.startswith(("decimal", "money")) else kind


def nine_in_ten(score: Score) -> bool:
    return score.types >= NINE_IN_TEN * score.columns and score.keys >= NINE_IN_TEN * score.tables


def with_header(folder: Path, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    (file,) = (f for f in folder.rglob("*.csv") if snake(f.stem) == name)
    read = list(csv.reader(file.read_text("utf-8").splitlines()))
    at = [[snake(cell) for cell in read[0]].index(column) for column in columns]
    return [tuple(row[place] for place in at) for row in read[1:]]


def without_header(name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    (file,) = (f for f in (DATA / "adventureworks/csv").glob("*.csv") if snake(f.stem) == name)
    text = file.read_text("utf-8")
    records, sign = (text.split("&|\n"), "+|") if "&|\n" in text else (text.split("\n"), "\t")
    return [tuple(r.split(sign)[int(c[1:]) - 1] for c in columns) for r in records if r.strip()]


def parquet_rows(name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    (file,) = (f for n, f in parquet_files().items() if snake(n) == name)
    table = pq.read_table(file)
    return [tuple(row.values()) for row in table.select(_named(table.column_names, columns)).to_pylist()]


def _named(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    return [name for column in wanted for name in names if snake(name) == column]


@pytest.mark.parametrize(("source", "truth"), [("retail", RETAIL), ("domains", DOMAINS)])
def test_csv_with_headers_is_recognised(source: str, truth: Truth, tmp_path: Path) -> None:
    found = drafted([DATA / source], source, tmp_path)
    score = scored(found, truth, partial(with_header, DATA / source))
    print(f"{source}: {score}")
    assert nine_in_ten(score)


@pytest.mark.parametrize("source", ["retail", "domains"])
def test_the_drafted_tables_read_the_files_they_were_drafted_from(source: str, tmp_path: Path) -> None:
    drafted([DATA / source], source, tmp_path)
    assert findings(load(tmp_path / "conf"), DATA) == []


def test_references_of_the_retail_extract_are_those_of_its_database(tmp_path: Path) -> None:
    found = drafted([DATA / "retail"], "retail", tmp_path)
    assert {t: {c: r.table for c, r in d.references.items()} for t, d in found.tables.items() if d.references} == {
        "customer_service_interactions": {"customer_id": "customers", "agent_id": "agents"},
        "in_store_transactions": {"customer_id": "customers", "store_id": "stores"},
        "loyalty_accounts": {"customer_id": "customers"},
        "loyalty_transactions": {"loyalty_id": "loyalty_accounts"},
        "online_transactions": {"customer_id": "customers", "product_id": "products"},
    }


def test_installation_extracts_without_header_are_recognised(tmp_path: Path) -> None:
    found = drafted([DATA / "adventureworks/csv"], "adventureworks", tmp_path)
    score = scored(found, ADVENTUREWORKS_CSV, without_header)
    print(f"adventureworks/csv: {score}")
    assert nine_in_ten(score)
    assert {name: (t.csv.delimiter, t.csv.terminator) for name, t in found.tables.items() if t.csv} == {
        name: ("+|", "&|\n") if name in ("email_address", "person_phone", "store") else ("\t", None)
        for name in ADVENTUREWORKS_CSV
    }


def parquet_truth(files: Mapping[str, Path], typed: bool) -> Truth:
    """The types of Parquet files. Of a column without any value a text of it cannot tell the type."""
    truth: Truth = {}
    for name, file in files.items():
        table = pq.read_table(file)
        columns = {}
        for field in table.schema:
            kind = _of_arrow(field.type)
            columns[snake(field.name)] = kind if typed or table[field.name].null_count < len(table) else "string"
        truth[snake(name)] = tuple(ADVENTUREWORKS_KEYS[name].split()), columns
    return truth


def _of_arrow(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "int"
    if pa.types.is_decimal(kind):
        return "decimal"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "timestamp" if pa.types.is_timestamp(kind) else "string"


def parquet_files() -> dict[str, Path]:
    return {name: DATA / f"adventureworks/parquet/{name}.parquet" for name in ADVENTUREWORKS_KEYS}


@pytest.mark.slow
def test_parquet_files_say_their_types_themselves_and_their_keys_are_found(tmp_path: Path) -> None:
    files = parquet_files()
    score = scored(
        drafted([*files.values()], "adventureworks", tmp_path), parquet_truth(files, typed=True), parquet_rows
    )
    print(f"adventureworks/parquet: {score}")
    assert nine_in_ten(score)


@pytest.mark.slow
def test_the_same_tables_as_text_are_recognised(tmp_path: Path) -> None:
    """What the Parquet files say is hidden: the types must come out of names and texts alone."""
    files = parquet_files()
    (tmp_path / "text").mkdir()
    for name, file in files.items():
        arrow_csv.write_csv(pq.read_table(file).slice(0, 20_000), tmp_path / f"text/{name}.csv")
    truth = parquet_truth(files, typed=False)
    # a varchar whose values are all whole numbers
    truth["sales_shopping_cart_item"][1]["shopping_cart_id"] = "string|int"
    score = scored(drafted([tmp_path / "text"], "adventureworks", tmp_path), truth, parquet_rows)
    print(f"adventureworks as text: {score}")
    assert nine_in_ten(score)
