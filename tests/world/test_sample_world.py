"""The sample world through the whole pipeline: every piece of dirt is found, and the days may come one by one."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from c360.lake import Lake
from c360.sample.world import write_world
from tests.input.commands import Here, Process, Sail
from tests.lakes import ROOT, World, differences, names

DAYS = ("2025-03-01", "2025-03-02", "2025-03-03")


class Sample:
    """A world of some people and three days, and lakes made of it.

    Attributes:
        files: where it was written; the truth lies there too.
    """

    def __init__(self, folder: Path, people: int) -> None:
        self.folder, self.files = folder, folder / "world"
        write_world(self.files, customers=people, days=len(DAYS))
        self._lakes: dict[tuple[str, bool], Path] = {}

    def lake(self, process: Process, engine: str, day_by_day: bool = False) -> Path:
        """That of all days at once, or made day by day; not to be changed."""
        if (engine, day_by_day) not in self._lakes:
            folder = self.folder / f"{engine}_{'days' if day_by_day else 'once'}"
            where = World(folder, ROOT / "conf", folder / "lake", process)
            for day in DAYS if day_by_day else ("",):
                for file in self._delivered(day):
                    to = folder / "landing" / file.relative_to(self.files)
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, to)
                where.made()
            self._lakes[engine, day_by_day] = where.lake
        return self._lakes[engine, day_by_day]

    def _delivered(self, day: str) -> Iterator[Path]:
        for file in self.files.rglob(f"*{day}.*"):
            if file.is_file() and self.files / "truth" not in file.parents:
                yield file

    def dirt(self) -> dict[tuple[str, str, int], str]:
        """Source, file and row of every planted piece → what must become of it."""
        with (self.files / "truth/dirt.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return {(d["source"], d["file"], int(d["row"])): d["expected"] for d in csv.DictReader(file)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(tmp_path_factory.mktemp("sample"), 200)


def test_every_row_that_is_wrong_is_in_quarantine_for_its_reason_and_no_other_row_is(
    sample: Sample, sail: Sail
) -> None:
    lake = Lake(sample.lake(sail, "sail"))
    wrong = {
        place: why for place, why in sample.dirt().items() if ":" in why or why in ("ragged_row", "undecodable_bytes")
    }
    wrong = {place: why for place, why in wrong.items() if not why.startswith("flagged:")}
    found = {
        (source, row["_source_file"], row["_source_row"]): row["_reasons"]
        for name in lake.names()
        if (source := name.partition(".")[0].removeprefix("quarantine_")) != name.partition(".")[0]
        for row in lake.rows(name)
    }
    assert len(wrong) > 40
    assert found.keys() == wrong.keys()
    assert [(place, wrong[place]) for place, said in found.items() if not _among(wrong[place], said)] == []


def test_every_row_whose_parent_is_missing_is_flagged_and_no_other_row_is(sample: Sample, sail: Sail) -> None:
    lake = Lake(sample.lake(sail, "sail"))
    orphans = {
        place: why.removeprefix("flagged:") for place, why in sample.dirt().items() if why.startswith("flagged:")
    }
    found = {
        (source, row["_source_file"], row["_source_row"]): row["_orphan"]
        for name in lake.names()
        if (source := name.partition(".")[0].removeprefix("silver_")) != name.partition(".")[0]
        and not name.endswith(("_history", "_versions"))
        for row in lake.ask(name, "SELECT _source_file, _source_row, _orphan FROM t WHERE _orphan IS NOT NULL")
    }
    assert orphans
    assert found == orphans


def test_day_by_day_the_tables_are_those_of_all_days_at_once(sample: Sample, sail: Sail) -> None:
    lake = sample.lake(sail, "sail", day_by_day=True)
    assert {"gold.customer_360", "gold.rfm", "gold.clv", "gold.fact_sales"} < set(names(lake))
    assert unlike(lake, sample.lake(sail, "sail")) == []


@pytest.mark.slow
def test_with_2000_people_too(tmp_path: Path, sail: Sail) -> None:
    sample = Sample(tmp_path, 2000)
    assert unlike(sample.lake(sail, "sail", day_by_day=True), sample.lake(sail, "sail")) == []


@pytest.mark.slow
@pytest.mark.spark
def test_on_spark_the_tables_are_those_of_sail_day_by_day_too(tmp_path: Path, sail: Sail, spark_process: Here) -> None:
    sample = Sample(tmp_path, 50)
    at_once = sample.lake(sail, "sail")
    assert differences(sample.lake(spark_process, "spark"), at_once) == []
    assert unlike(sample.lake(spark_process, "spark", day_by_day=True), at_once) == []


def unlike(day_by_day: Path, at_once: Path) -> list[str]:
    """What differs, but for since when somebody is in an audience: that says what earlier runs have seen."""
    found = [d for d in differences(day_by_day, at_once) if not d.startswith("gold.audience")]
    columns = "audience, c360_id, is_contactable, consent_reason"
    members = [
        Lake(lake).ask("gold.audience_members", f"SELECT {columns} FROM t ORDER BY audience, c360_id")
        for lake in (day_by_day, at_once)
    ]
    return found + ["gold.audience_members"] * (members[0] != members[1])


def _among(reason: str, reasons: list[str]) -> bool:
    """Some reasons say more: `ragged_row: 4 fields where 5 were expected`."""
    return any(said == reason or said.startswith(f"{reason}: ") for said in reasons)
