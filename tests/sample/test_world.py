"""The sample world as a whole: the same every time, of any size, in pieces or at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from delivered import File, bytes_of, latest, read_source, read_world, truth

from c360.errors import ConfigError
from c360.sample import choice, people
from c360.sample.people import SOURCES
from c360.sample.world import write_world


def test_the_same_arguments_give_the_same_bytes_and_the_same_manifest(tmp_path: Path) -> None:
    one = write_world(tmp_path / "one", customers=60, days=2)
    two = write_world(tmp_path / "two", customers=60, days=2)
    assert one == two
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    write_world(tmp_path / "one", customers=60, days=1, seed=1)
    write_world(tmp_path / "two", customers=60, days=1, seed=2)
    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    assert one["retail/Customers_2025-03-01.csv"] != two["retail/Customers_2025-03-01.csv"]
    assert one["truth/customers.csv"] != two["truth/customers.csv"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_the_same_without_the_others(tmp_path: Path, dirty_world: Path, source: str) -> None:
    write_world(tmp_path, customers=400, days=3, sources=[source])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source, "truth"])
    assert bytes_of(tmp_path / source) == bytes_of(dirty_world / source)


def test_files_of_an_earlier_world_are_replaced_and_no_draft_is_left(tmp_path: Path) -> None:
    write_world(tmp_path / "used", customers=40, days=1, seed=1)
    write_world(tmp_path / "used", customers=40, days=1)
    write_world(tmp_path / "fresh", customers=40, days=1)
    assert bytes_of(tmp_path / "used") == bytes_of(tmp_path / "fresh")
    assert [path for path in (tmp_path / "used").rglob("*") if path.name.startswith("_")] == []


@pytest.mark.parametrize("seed", [0, 1, 360])
@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("customers", [1, 2, 10])
def test_even_a_tiny_world_is_whole(tmp_path: Path, customers: int, days: int, seed: int) -> None:
    planted = write_world(tmp_path, customers=customers, days=days, seed=seed)
    people_of = {row["person"] for row in truth(tmp_path, "customers") if int(row["person"]) <= customers}
    assert people_of == {str(number) for number in range(1, customers + 1)}
    rejected = [piece for piece in planted if piece.expected.split(":")[0] not in ("flagged", "kept", "superseded")]
    last_day = date(2025, 3, 1) + timedelta(days - 1)
    for source, files in read_world(tmp_path).items():
        for file in files:
            assert date(2025, 3, 1) <= file.delivered_on <= last_day
            wrong = [piece for piece in rejected if (piece.source, Path(piece.file).name) == (source, file.name)]
            assert len(wrong) <= len(file.records) / 4, file.name  # a run refuses a file that is mostly wrong


def test_a_world_made_in_several_pieces_has_no_id_twice_and_all_its_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "CHUNK", 70)
    write_world(tmp_path, customers=200, days=2, dirt=False)
    known = truth(tmp_path, "customers")
    assert len({(row["source"], row["customer_id"]) for row in known}) == len(known)
    assert {row["person"] for row in known} == {str(number) for number in range(1, 201)}
    for source, files in read_world(tmp_path).items():
        for file in files:
            keys = KEYS.get(file.table, 1)
            records = [record[:keys] for record in file.records]
            assert len(set(records)) == len(records), (source, file.name)


KEYS = {
    "LoyaltyTransactions": 2,
    "Person.BusinessEntityAddress": 2,
    "PersonPhone": 2,
    "Production.ProductInventory": 2,
    "Sales.SalesOrderDetail": 2,
    "Sales.SalesOrderHeaderSalesReason": 2,
    "Sales.SpecialOfferProduct": 2,
    "product_suppliers": 2,
    "regional_sales": 4,
}
"""Leading columns that identify a row; elsewhere one."""


def test_small_worlds_have_workbooks_and_large_ones_the_same_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_world(tmp_path / "small", customers=100, days=1, sources=["choice"], dirt=False)
    monkeypatch.setattr(choice, "_MOST_IN_WORKBOOKS", 99)
    write_world(tmp_path / "large", customers=100, days=1, sources=["choice"], dirt=False)
    small, large = read_source(tmp_path / "small", "choice"), read_source(tmp_path / "large", "choice")
    assert [file.name.replace(".xlsx", ".csv") for file in small] == [file.name for file in large]
    for workbook, text in zip(small, large, strict=True):
        assert workbook.header == text.header
        assert [record[:2] for record in workbook.records] == [record[:2] for record in text.records]


def test_workbooks_together_have_less_than_50_000_rows(tmp_path: Path) -> None:
    write_world(tmp_path, customers=1000, days=1, sources=["choice"])
    rows = sum(len(file.records) for file in read_source(tmp_path, "choice"))
    assert rows * choice._MOST_IN_WORKBOOKS / 1000 < 45_000


def test_the_later_days_bring_new_people_and_change_some_of_the_old(clean: dict[str, list[File]]) -> None:
    customers = [file for file in clean["retail"] if file.table == "Customers"]
    assert [file.delivered_on.day for file in customers] == [1, 2, 3]
    known = {row["CustomerID"]: row for row in customers[0].rows()}
    later = [row for file in customers[1:] for row in file.rows()]
    changed = [row for row in later if row["CustomerID"] in known]
    assert changed != []
    for row in changed:
        before = known[row["CustomerID"]]
        assert row["Name"] == before["Name"]
        assert (row["Email"] == before["Email"]) != (row["Address"] == before["Address"])
    assert len(latest(clean["retail"], "Customers")) == len({*known, *(row["CustomerID"] for row in later)})


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"customers": 0}, "at least 1 of customers, but 0 was asked for"),
        ({"days": -1}, "at least 1 of days, but -1 was asked for"),
        ({"sources": []}, "at least 1 of sources, but 0 was asked for"),
        ({"sources": ["retail", "crm"]}, "has no source 'crm'; it has retail, choice"),
    ],
)
def test_a_world_that_cannot_be_is_refused(tmp_path: Path, arguments: dict[str, object], what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        write_world(tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()
