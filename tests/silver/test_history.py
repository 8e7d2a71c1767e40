"""Every version of a key and the time it held, whatever comes late, twice or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c360.silver.shape import Shape
from tests.silver.step import Table
from tests.silver.tables import File, Texts, in_groups, source_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = "{key: string, value: string, amount: int, op: string, seq: int, at: timestamp}"
TABLES = f"""
people: &people
  files: p.csv
  key: key
  columns: {COLUMNS}
  rules: {{amount_not_negative: amount >= 0}}
  history: true
dated:
  <<: *people
  newest_by: at
since:
  <<: *people
  history: {{valid_from: at}}
feed:
  <<: *people
  newest_by: seq
  load: {{mode: changes, operation: op}}
whole:
  <<: *people
  load: {{mode: snapshot, max_shrink: 1}}
"""
SOURCE = source_of(TABLES)


def table(spark: SparkSession, root: Path, name: str) -> Table:
    return Table(spark, root, Shape(SOURCE, name), force=True)


def day(number: int, *rows: Texts, name: str | None = None) -> File:
    return File(name or f"day {number}", rows, on=f"2024-03-{number:02d}")


def row(key: str | None, value: str | None = None, **more: str) -> Texts:
    return {"key": key, "value": value, **more}


def held(*versions: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """(key, from day, to day, …) as the history has it."""
    return [(k, *(d and f"2024-03-{d:02d} 00:00:00" for d in days), *more) for k, *days, more in versions]


def intervals(found: Table) -> list[tuple[Any, ...]]:
    """(key, from day, to day, value), and that the latest is marked so."""
    rows = found.history("value", "_is_current")
    assert [current for *_, current in rows] == [to is None for _, _, to, *_ in rows]
    return [(key, *(at and int(at[8:10]) for at in (since, to)), value) for key, since, to, value, _ in rows]


def test_a_version_holds_until_another_comes(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    people.loaded(day(1, row("a", "x"), row("b", "x")))
    assert intervals(people) == [("a", 1, None, "x"), ("b", 1, None, "x")]
    people.loaded(day(3, row("a", "y"), row("b", "x")))
    assert intervals(people) == [("a", 1, 3, "x"), ("a", 3, None, "y"), ("b", 1, None, "x")]


def test_null_is_a_value_to_change_to_and_from(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    people.loaded(day(1, row("a")), day(2, row("a", "x")), day(3, row("a")), day(4, row("a")))
    assert intervals(people) == [("a", 1, 2, None), ("a", 2, 3, "x"), ("a", 3, None, None)]


def test_what_comes_late_takes_its_place_in_between(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    people.loaded(day(1, row("a", "x")))
    people.loaded(day(5, row("a", "x")))
    assert intervals(people) == [("a", 1, None, "x")]
    people.loaded(day(3, row("a", "y")))
    assert intervals(people) == [("a", 1, 3, "x"), ("a", 3, 5, "y"), ("a", 5, None, "x")]


def test_of_several_versions_of_one_time_the_last_holds(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    people.loaded(day(1, row("a", "x"), row("a", "y")), day(1, row("a", "z"), name="more of day 1"))
    assert intervals(people) == [("a", 1, None, "z")]


def test_a_rejected_version_is_none_until_it_is_accepted(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    people.loaded(day(1, row("a", "x")), day(2, row("a", "y", amount="-1")), day(3, row("a", "z")))
    assert intervals(people) == [("a", 1, 3, "x"), ("a", 3, None, "z")]
    lenient = source_of(TABLES.replace("amount >= 0", "amount >= -1"))
    people.shape = Shape(lenient, "people")
    from c360.steps.merging import Merging

    Merging(people.run, people.shape).replay_all()
    assert intervals(people) == [("a", 1, 2, "x"), ("a", 2, 3, "y"), ("a", 3, None, "z")]


def test_the_column_that_says_when_a_row_changed_says_since_when_it_holds(spark: SparkSession, tmp_path: Path) -> None:
    dated = table(spark, tmp_path, "dated")
    dated.loaded(day(9, row("a", "y", at="2024-03-05 00:00:00"), row("a", "x", at="2024-03-02 00:00:00")))
    dated.loaded(day(10, row("a", "w", at="2024-03-01 00:00:00"), row("b", "x")))
    assert intervals(dated) == [("a", 1, 2, "w"), ("a", 2, 5, "x"), ("a", 5, None, "y"), ("b", 10, None, "x")]


def test_time_does_not_run_backwards_whatever_a_row_says(spark: SparkSession, tmp_path: Path) -> None:
    since = table(spark, tmp_path, "since")
    since.loaded(day(6, row("a", "x", at="2024-03-05 00:00:00")), day(7, row("a", "y", at="2024-03-02 00:00:00")))
    since.loaded(day(8, row("a", "z", at="2024-03-08 00:00:00")))
    assert intervals(since) == [("a", 5, 8, "y"), ("a", 8, None, "z")]


def test_a_delete_ends_a_version_and_an_insert_begins_one(spark: SparkSession, tmp_path: Path) -> None:
    feed = table(spark, tmp_path, "feed")
    feed.loaded(
        day(1, row("a", "x", op="I", seq="1")),
        day(3, row("a", op="D", seq="2")),
        day(5, row("a", "x", op="I", seq="3")),
    )
    assert intervals(feed) == [("a", 1, 3, "x"), ("a", 5, None, "x")]
    feed.loaded(day(7, row("a", op="D", seq="4"), row("b", op="D", seq="5")), day(9, row("a", op="D", seq="6")))
    assert intervals(feed) == [("a", 1, 3, "x"), ("a", 5, 7, "x")]


def test_a_snapshot_that_lacks_a_key_ends_its_version(spark: SparkSession, tmp_path: Path) -> None:
    whole = table(spark, tmp_path, "whole")
    whole.loaded(day(1, row("a", "x"), row("b", "x")), day(3, row("b", "x")), day(7, row("a", "x"), row("b", "y")))
    assert intervals(whole) == [("a", 1, 3, "x"), ("a", 7, None, "x"), ("b", 1, 7, "x"), ("b", 7, None, "y")]
    whole.loaded(day(2, row("a", "z")))
    assert intervals(whole) == [
        ("a", 1, 2, "x"),
        ("a", 2, 3, "z"),
        ("a", 7, None, "x"),
        ("b", 1, 2, "x"),
        ("b", 3, 7, "x"),
        ("b", 7, None, "y"),
    ]


def test_history_that_is_asked_for_later_is_made_of_all_that_ever_came(spark: SparkSession, tmp_path: Path) -> None:
    people = table(spark, tmp_path, "people")
    without = source_of(TABLES.replace("history: true", "history: false"))
    people.shape = Shape(without, "people")
    people.loaded(day(1, row("a", "x")), day(2, row("a", "y")))
    people.shape = Shape(SOURCE, "people")
    assert people.make().message == "made anew from bronze"
    assert intervals(people) == [("a", 1, 2, "x"), ("a", 2, None, "y")]


# The reference: what a set of files says, in plain Python.

VALUES = ("value", "amount", "op", "seq")
State = tuple[Any, ...] | None


def faulty(line: Texts, name: str) -> bool:
    is_deleted = name == "feed" and line["op"] == "D"
    return line["key"] is None or (line["amount"] == "-1" and not is_deleted)


def expected(name: str, files: Sequence[File]) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """Silver (key → value, since when it is deleted) and the history's intervals."""
    days = sorted({int(f.on[8:]) for f in files})
    lines = [(int(f.on[8:]), f.name, n, r) for f in files for n, r in enumerate(f.rows, 1)]
    order: Callable[[tuple[Any, ...]], Any] = lambda line: line[:3]  # noqa: E731
    if name == "feed":
        order = lambda line: (int(line[3]["seq"] or 0), *line[:3])  # noqa: E731
    silver, history = {}, []
    for key in sorted({r["key"] for *_, r in lines if r["key"] is not None}):
        of_key = sorted((line for line in lines if line[3]["key"] == key), key=order)
        valid = [line for line in of_key if not faulty(line[3], name)]
        if not valid:
            continue
        steps: list[tuple[int, State]] = []
        for on, _, _, r in valid:
            state = None if name == "feed" and r["op"] == "D" else tuple(r[c] for c in VALUES)
            steps.append((max(on, steps[-1][0] if steps else 0), state))
        gone = None
        if name == "whole":
            seen = {line[0] for line in of_key}
            first = valid[0][0]
            steps += [(d, None) for d in days if d > first and d not in seen]
            steps.sort(key=lambda step: step[0])
            gone = next((d for d in days if d > max(seen)), None)
        elif name == "feed" and steps[-1][1] is None:
            gone = valid[-1][0]
        silver[key] = (valid[-1][3]["value"], gone)
        last_of_day = [step for n, step in enumerate(steps) if n + 1 == len(steps) or steps[n + 1][0] != step[0]]
        kept = [step for n, step in enumerate(last_of_day) if n == 0 or last_of_day[n - 1][1] != step[1]]
        ends = [*(on for on, _ in kept[1:]), None]
        history += [(key, on, to, s[0]) for (on, s), to in zip(kept, ends, strict=True) if s is not None]
    return silver, history


def of_values(*values: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(values)


LINES = st.fixed_dictionaries(
    {
        "key": of_values("a", "b", "a", None),
        "value": of_values(None, "x", "y"),
        "amount": of_values(None, "1", "-1"),
        "op": of_values("I", "U", "D"),
        "seq": of_values(None, "1", "2", "3"),
    }
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[str, list[list[File]]]:
    """A table, and files in groups, each group a run."""
    count = draw(st.integers(2, 5))
    files = [day(draw(st.integers(1, 4)), *draw(st.lists(LINES, max_size=4)), name=f"file {n}") for n in range(count)]
    groups = draw(in_groups(files))
    return draw(st.sampled_from(["people", "feed", "whole"])), groups


def made(spark: SparkSession, root: Path, name: str, groups: Sequence[Sequence[File]]) -> Any:
    found = table(spark, root, name)
    for group in groups:
        found.loaded(*group)
    rows = found.rows("key", "value", "_deleted_at")
    silver = {key: (value, gone and date.fromisoformat(gone[:10]).day) for key, value, gone in rows}
    return silver, intervals(found)


@pytest.mark.slow_on_spark
@given(delivered=deliveries())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_order_of_delivery_the_tables_are_what_the_set_of_files_says(
    spark: SparkSession, tmp_path: Path, delivered: tuple[str, list[list[File]]]
) -> None:
    name, groups = delivered
    files = [file for group in groups for file in group]
    assert made(spark, tmp_path / uuid.uuid4().hex, name, groups) == expected(name, files)
