"""The notebooks as they are kept, and as they run: each in a kernel of its own, on a small world."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from c360.sample.world import write_world

ROOT = Path(__file__).parents[2]
NAMES = ("01_raw_to_gold", "02_analyst_questions", "03_new_source")
PEOPLE = "60"
SECONDS = 1200
"""Longer than any cell takes on a busy machine, on Spark too."""

SOURCES = ["adventureworks", "choice", "domains", "oltp", "retail"]


class Executed:
    """A notebook after it ran, and what its cells show."""

    def __init__(self, name: str, folder: Path) -> None:
        self.cells = jupytext.read(ROOT / "notebooks" / f"{name}.py")
        where = {"metadata": {"path": str(folder)}}
        NotebookClient(self.cells, timeout=SECONDS, kernel_name="python3", resources=where).execute()

    def shown(self, beginning: str) -> str:
        """What the cell that begins so shows as text."""
        (cell,) = (cell for cell in self.cells.cells if cell.source.startswith(beginning))
        return "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)

    @property
    def charts(self) -> list[str]:
        """The pictures, as HTML."""
        data = [output.get("data", {}) for cell in self.cells.cells for output in cell.get("outputs", [])]
        return [part["text/html"] for part in data if part.get("text/plain") == "alt.Chart(...)"]


def titles(source: str) -> list[str]:
    """The headings of questions."""
    return [line.removeprefix("## ") for line in source.splitlines() if line.startswith("## ")]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_kept_twice_the_same_and_without_outputs(name):
    written = jupytext.read(ROOT / "notebooks" / f"{name}.py")
    kept = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(kept)
    assert [(c.cell_type, c.source) for c in kept.cells] == [(c.cell_type, c.source) for c in written.cells]
    assert [c.source for c in kept.cells if c.get("outputs") or c.get("execution_count")] == []


def test_there_is_no_other_notebook():
    assert {file.stem for file in (ROOT / "notebooks").glob("*.ipynb")} == set(NAMES)
    assert {file.stem for file in (ROOT / "notebooks").glob("*.py")} == set(NAMES)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a notebook runs, with what the environment tells it."""
    said = {"C360_CONF": ROOT / "conf", "C360_LAKE": tmp_path / "lake", "C360_LANDING": tmp_path / "landing"}
    for name, value in (said | {"C360_PEOPLE": PEOPLE, "IPYTHONDIR": tmp_path / "ipython"}).items():
        monkeypatch.setenv(name, str(value))
    return tmp_path


def test_raw_files_become_gold_and_every_question_gets_a_table_and_a_picture(folder, monkeypatch):
    monkeypatch.setenv("C360_ENGINE", "sail")
    first = Executed("01_raw_to_gold", folder)
    check_raw_to_gold(first, "sail", SOURCES)
    second = Executed("02_analyst_questions", folder)
    asked = [title for cell in second.cells.cells for title in titles(cell.source)]
    assert asked == [
        "Who are the top customers?",
        "Which regions have the most customers?",
        "Which products sell most?",
        "How does revenue develop?",
        "What comes back?",
        "Do discounts pay?",
    ]
    tables = ("top_customers =", "regions =", "products =", "months =", "returned =", "discounts =")
    assert [table for table in tables if len(second.shown(table).splitlines()) < 2] == []
    assert len(second.charts) == len(asked)
    assert all('"data-' in chart for chart in second.charts), "each holds its rows"


@pytest.mark.slow
@pytest.mark.spark
def test_raw_files_become_gold_on_spark_too(folder, monkeypatch):
    """Of one source, as a table costs Spark seconds however small it is."""
    monkeypatch.setenv("C360_ENGINE", "spark")
    write_world(folder / "landing", customers=int(PEOPLE), days=1, sources=["retail"])
    check_raw_to_gold(Executed("01_raw_to_gold", folder), "spark", ["retail"])


def check_raw_to_gold(first: Executed, engine: str, sources: list[str]) -> None:
    """What the first notebook shows, whichever engine."""
    assert first.shown("lake = notebook.open").endswith(f"'{engine}'")
    assert "CustomerID,Name,Email,Address" in first.shown("first = next")
    assert [line.split()[1] for line in first.shown("accounted =").splitlines()[1:]] == sources
    assert "accepted:status" in first.shown('lake.rejected("retail.online_transactions"')
    assert "c360_id" in first.shown("best =")
    assert len(first.charts) == 1


def test_a_new_source_is_drafted_corrected_run_and_asked(folder, monkeypatch):
    monkeypatch.setenv("C360_ENGINE", "sail")
    third = Executed("03_new_source", folder)
    assert "balance: {from: Balance, type: money, numbers: {decimal: ',', thousands: '.'}}" in third.shown("drafted =")
    assert third.shown("wrong =") == "'conf is right, and fits the files'"
    assert "rule:email_has_one_at" in third.shown("lake.rejected(")
    assert rows(third.shown('lake.sql("""\n    SELECT c.full_name, a.orders')) == [
        "0 Inês Duarte 2 2 19.7 2025-02-28 18:05:00+00:00",
        "1 João Reis 1 1 3.0 2025-02-28 19:00:00+00:00",
        "2 Rui Sá 1 0 0.0 2025-03-01 08:10:00+00:00",
    ]
    assert rows(third.shown("by_day =")) == [
        "0 Inês Duarte 2025-02-27 12.5 True",
        "1 Inês Duarte 2025-02-28 7.2 True",
        "2 João Reis 2025-02-28 3.0 True",
        "3 Rui Sá 2025-03-01 4.4 False",
        "4 Lia Melo 2025-03-02 2.1 True",
    ]


def rows(shown: str) -> list[str]:
    """The rows of a frame as text, without its heading."""
    return [" ".join(line.split()) for line in shown.splitlines()[1:]]
