"""Silver and quarantine are functions of the set of delivered files, whatever came first and with whatever."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.silver.merge import SilverMerge
from c360.silver.shape import Shape
from tests.silver.tables import File, Texts, bronze, in_groups, lake_of, source_of, tuples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = "{key: string, name: string, amount: int, version: int, shop: string, club: string}"
TABLES = f"""
latest: &latest
  files: latest*
  key: key
  columns: {COLUMNS}
  rules: &rules {{amount_not_negative: amount >= 0}}
  references: {{shop: shops, club: {{table: shops, on_missing: quarantine}}}}
versioned:
  <<: *latest
  files: versioned*
  newest_by: version
combined:
  files: combined*
  key: key
  dedup: first_non_null
  columns: {COLUMNS}
  rules: *rules
  references: {{shop: shops, club: shops}}
shops: {{files: shops*, key: shop, columns: {{shop: string}}}}
"""
SOURCE = source_of(TABLES)
SHOPS = Shape(SOURCE, "shops")
VALUES = ("name", "amount", "version", "shop", "club")
SHOWN = ("key", *VALUES, "_orphan", "_source_file", "_source_row", "_delivered_at")


@dataclass(frozen=True)
class History:
    """Files in the order they are merged, in groups; the shop `s` becomes known before the group `parents`."""

    table: str
    groups: Sequence[Sequence[File]]
    parents: int
    small: int


def faults(row: Texts, quarantines: bool) -> list[str]:
    found = ["null:key"] if row["key"] is None else []
    found += ["rule:amount_not_negative"] if row["amount"] == "-1" else []
    return found + (["orphan:club"] if quarantines and row["club"] == "t" else [])


def expected(history: History) -> tuple[list[Any], list[Any]]:
    """Silver and quarantine, computed from the set of files."""
    combines = history.table == "combined"
    silver, rejected = {}, []
    for file in sorted((f for group in history.groups for f in group), key=lambda f: (f.on, f.name)):
        of_key: dict[str, list[tuple[int, Texts]]] = defaultdict(list)
        for number, row in enumerate(file.rows, 1):
            if reasons := faults(row, not combines):
                rejected.append((file.name, number, reasons))
            else:
                of_key[str(row["key"])].append((number, row))
        for key, rows in of_key.items():
            if combines:
                firsts = {c: next((row[c] for _, row in rows if row[c] is not None), None) for c in VALUES}
                rows = [(rows[-1][0], firsts)]
            for number, row in rows:
                there = silver.get(key)
                if history.table == "versioned" and there and (row["version"] or "") < (there["version"] or ""):
                    continue
                missing = [c for c in ("shop", "club") if row[c] not in (None, "s")]
                provenance = {"_source_file": file.name, "_source_row": number, "_delivered_at": f"{file.on} 00:00:00"}
                silver[key] = {**row, "key": key, "_orphan": ",".join(missing) or None, **provenance}
    numbers = ("amount", "version")
    rows = [tuple(int(r[c]) if c in numbers and r[c] else r[c] for c in SHOWN) for _, r in sorted(silver.items())]
    return rows, sorted(rejected, key=lambda row: [str(v) for v in row])  # as `tuples` does


def merged(spark: SparkSession, root: Path, history: History) -> tuple[list[Any], list[Any]]:
    """Silver and quarantine, as they are when these groups were merged one after the other."""
    shape = Shape(SOURCE, history.table)
    lake = lake_of(root, spark, shape, SHOPS)
    merge = SilverMerge(lake, shape, small=history.small)
    for number, group in enumerate([*history.groups, []]):
        if number == history.parents:
            lake.append(SHOPS.bronze, bronze(spark, SHOPS, [File("shops", [{"shop": "s"}])]))
            SilverMerge(lake, SHOPS).load({"shops": {"file": "shops", "rows": 1}})
        if group:
            lake.append(shape.bronze, bronze(spark, shape, group))
            merge.load({file.batch_id: file.line for file in group})
        if number == history.parents and number:
            merge.replay("orphan")
            merge.retest_orphans()
    rejected = tuples(lake.read(shape.quarantine), "_source_file", "_source_row", "_reasons")
    return tuples(lake.read(shape.silver), *SHOWN), rejected


def texts(*values: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(values)


ROWS = st.fixed_dictionaries(
    {
        "key": texts("a", "b", "c", "a", "b", None),
        "name": texts(None, "x", "y"),
        "amount": texts(None, "1", "2", "-1"),
        "version": texts(None, "1", "2"),
        "shop": texts(None, "s", "s", "t"),
        "club": texts(None, "s", "s", "t"),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    count = draw(st.integers(2, 4))
    days = st.sampled_from(["2024-03-01", "2024-03-02", "2024-03-03"])
    files = [File(f"file {n}", draw(st.lists(ROWS, max_size=5)), on=draw(days)) for n in range(count)]
    groups = draw(in_groups(files))
    table = draw(st.sampled_from(["latest", "versioned", "combined"]))
    return History(table, groups, draw(st.integers(0, len(groups))), draw(st.sampled_from([0, 1_000_000])))


@pytest.mark.slow_on_spark
@given(history=histories())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_grouping_gives_what_the_set_of_files_says(
    spark: SparkSession, tmp_path: Path, history: History
) -> None:
    assert merged(spark, tmp_path / uuid.uuid4().hex, history) == expected(history)


def files_of(seed: int) -> list[File]:
    """Four files of many keys: as many small histories at once."""
    chance = random.Random(seed)
    choices = {
        "key": [None, *[f"k{n}" for n in range(60)]],
        "name": [None, "x", "y"],
        "amount": [None, "1", "2", "2", "-1"],
        "version": [None, "1", "2"],
        "shop": [None, "s", "s", "t"],
        "club": [None, "s", "s", "t"],
    }
    days = ["2024-03-02", "2024-03-01", "2024-03-02", "2024-03-03"]
    rows = [[{c: chance.choice(values) for c, values in choices.items()} for _ in range(60)] for _ in days]
    return [File(f"file {n}", rows[n], on=day) for n, day in enumerate(days)]


@pytest.mark.slow_on_spark
@pytest.mark.parametrize(("table", "parents", "small"), [("versioned", 1, 1_000_000), ("combined", 2, 0)])
def test_files_that_come_late_and_before_their_parents_give_what_the_set_of_files_says(
    spark: SparkSession, tmp_path: Path, table: str, parents: int, small: int
) -> None:
    one, two, three, four = files_of(seed=7)
    history = History(table, [[four, two], [one, three]], parents, small)
    assert merged(spark, tmp_path, history) == expected(history)
