"""What the pages count, on a lake of literal rows: guests, orders of two categories, no date, no customer."""

from __future__ import annotations

from datetime import date

import pytest

from c360.config.models import Settings
from c360.dashboard.pages import executive, marketing, products, sales, stores
from c360.dashboard.slicers import Period, Slicers, choices, periods
from c360.dashboard.tables import Tables
from tests.dashboard.little_lake import RFM, SALES, little, put

EVERYTHING = Slicers()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return little(tmp_path_factory.mktemp("little"))


def totals(tables: Tables, slicers: Slicers) -> tuple[float, ...]:
    """Revenue, orders, orders that brought revenue, buyers, customers."""
    row = executive.totals(tables, slicers)
    return tuple(row[name] for name in ("revenue", "orders", "revenue_orders", "buyers", "customers"))


@pytest.mark.parametrize(
    ("slicers", "expected"),
    [
        (EVERYTHING, (105, 5, 4, 2, 3)),
        (Slicers(source=("shop",)), (75, 3, 3, 2, 2)),
        (Slicers(source=("web",)), (30, 2, 1, 1, 2)),
        (Slicers(store=("shop:s1",)), (75, 3, 3, 2, 3)),
        (Slicers(category=("Food",)), (10, 1, 1, 1, 3)),
        (Slicers(tier=("Gold",)), (60, 3, 2, 1, 1)),
        (Slicers(tier=("Guest",)), (5, 1, 1, 0, 0)),
        (Slicers(segment=("One-Time Buyer",)), (40, 1, 1, 1, 1)),
        (Slicers(Period("February", 202502, 202502)), (45, 2, 2, 1, 3)),
        (Slicers(Period("February", 202502, 202502), ("shop",), tier=("Bronze", "Gold")), (40, 1, 1, 1, 2)),
        (Slicers(source=("nobody's",)), (0, 0, 0, 0, 0)),
        (Slicers(source=("it's",)), (0, 0, 0, 0, 0)),
    ],
    ids=lambda value: str(value.chosen() or "everything") if isinstance(value, Slicers) else "",
)
def test_every_slicer_counts_orders_once_and_people_once(tables, slicers, expected):
    assert totals(tables, slicers) == expected


def test_the_last_30_days_end_with_as_of_whatever_period_is_chosen(tables):
    row = executive.totals(tables, Slicers(Period("January", 202501, 202501)))
    found = {name: row[name] for name in row if "30_days" in name}
    assert found == {
        "last_30_days": 75,
        "previous_30_days": 30,
        "orders_last_30_days": 3,
        "orders_previous_30_days": 1,
    }


def test_months_without_a_date_are_no_months(tables):
    assert executive.by_month(tables, EVERYTHING) == [
        {"month": 202501, "revenue": 30, "orders": 1},
        {"month": 202502, "revenue": 45, "orders": 2},
        {"month": 202503, "revenue": 30, "orders": 1},
    ]


def test_what_has_no_category_is_said_to_be_unknown(tables):
    rows = executive.by(tables, EVERYTHING, "category")
    assert [(r["name"], r["revenue"], r["orders"], round(r["share"], 2)) for r in rows] == [
        ("Office", 65, 3, 61.9),
        ("not known", 30, 1, 28.57),
        ("Food", 10, 1, 9.52),
    ]


def test_the_sentence_speaks_of_whole_months_only(tables):
    figure = executive.trend(tables, EVERYTHING)
    assert figure.says == "Feb 2025 brought 45.00, 50 % more than in Jan 2025"
    assert "Mar 2025 is not drawn, it has 30.00 up to 2 Mar 2025" in figure.unit
    assert [row["revenue"] for row in figure.chart["datasets"]["rows"]] == [30, 45]


def test_a_store_is_told_by_the_share_of_its_gold_customers(tables):
    rows = stores.by_tier(tables, EVERYTHING)
    assert [(r["store"], r["tier"], r["revenue"], r["share"], r["customers"]) for r in rows] == [
        ("Corner", "Bronze", 40, pytest.approx(53.33, abs=0.01), 1),
        ("Corner", "Gold", 30, 40, 1),
        ("Corner", "Guest", 5, pytest.approx(6.67, abs=0.01), 0),
    ]
    assert stores.story(rows) == "Corner lives on Gold customers: 40 % of its revenue"
    other = [{"source": "a", "store_id": "9", "store": "Far", "tier": "Bronze", "share": 100.0, "total": 50.0}]
    assert stores.story(rows + other).endswith("; in Far they bring 0 %")
    tiny = [{"source": "a", "store_id": "9", "store": "Tiny", "tier": "Gold", "share": 100.0, "total": 1.0}]
    assert stores.story(rows + tiny).startswith("Corner"), "a store of hardly any sales is no story"
    assert stores.story([]) == "Nothing was sold in a store"


def test_all_cells_of_the_rfm_grid_are_there_with_equal_and_missing_scores(tables):
    cells = {(c["r"], c["f"]): (c["people"], c["segment"]) for c in marketing.rfm_cells(tables, EVERYTHING)}
    assert len(cells) == 25
    assert cells[5, 5] == (1, "Champions")
    assert cells[3, 3] == (0, "nobody")
    gold = {(c["r"], c["f"]): c["people"] for c in marketing.rfm_cells(tables, Slicers(tier=("Gold",)))}
    assert (gold[5, 5], gold[1, 1]) == (1, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (80.0, 30.0, 0.0)),
        ({"price": 10}, (88.0, 38.0, -21.05)),
        ({"discount": 20}, (60.0, 10.0, 200.0)),
        ({"discount": 20, "units": 200}, (180.0, 30.0, 200.0)),
        ({"discount": 90}, (0.0, -50.0, None)),
        ({"discount": -50}, (100.0, 50.0, -40.0)),
        ({"units": -50}, (40.0, 15.0, 0.0)),
    ],
)
def test_a_what_if_is_arithmetic(given, expected):
    base = sales.Base(units=10, gross=100, discount=20, cost=50, all_revenue=80)
    outcome = sales.what_if(base, **({"price": 0, "discount": 0, "units": 0} | given))
    assert (outcome.revenue, outcome.margin, outcome.break_even_units) == pytest.approx(expected, abs=0.01)


def test_a_what_if_of_nothing_is_nothing():
    outcome = sales.what_if(sales.Base(0, 0, 0, 0, 0), price=10, discount=10, units=10)
    assert outcome == sales.Outcome(0, 0, None)


def test_tenths_of_few_buyers_are_as_many_as_there_are(tmp_path):
    rows = [{"c360_id": name, "revenue": revenue} for name, revenue in (("ada", 90), ("bob", 10), ("cyd", 0))]
    tables = little(tmp_path, gold_customer_analysis=rows)
    assert [(r["customers"], r["share"]) for r in products.deciles(tables, EVERYTHING)] == [(1, 90), (1, 10)]


def test_slicers_offer_what_is_in_the_lake(tables):
    offered = choices(tables)
    assert offered.sources == ("shop", "web")
    assert offered.categories == ("Food", "Office")
    assert offered.tiers == ("Gold", "Bronze", "Guest")
    assert offered.stores == {"shop:s1": "Corner (shop)", "shop:s2": "Empty (shop)"}
    assert list(offered.periods)[:5] == ["All time", "Last 12 months", "Last 6 months", "Last 3 months", "Last month"]


def test_periods_end_with_the_month_of_as_of_and_quarters_begin_with_the_first_sale():
    found = periods(date(2024, 11, 30), date(2025, 2, 1))
    assert list(found)[5:] == ["2025", "2025 Q1", "2024", "2024 Q4"]
    assert (found["Last 3 months"].first, found["Last 3 months"].last) == (202412, 202502)
    assert (found["2024 Q4"].first, found["2024 Q4"].last) == (202410, 202412)


def test_amounts_of_several_currencies_are_added_up_in_the_reporting_one(tmp_path):
    dear = [row | {"currency": "EUR"} if row["source"] == "web" else row for row in SALES]
    lake = little(tmp_path, gold_fact_sales=dear).lake
    settings = Settings.model_validate({"reporting_currency": "USD", "currency_rates": {"EUR": {date(2025, 1, 1): 2}}})
    tables = Tables(lake, settings)
    assert executive.totals(tables, EVERYTHING)["revenue"] == 75 + 60
    assert executive.PAGE.blocks[0].build(tables, EVERYTHING).numbers[0].text == "135.00 USD"


def test_an_answer_is_kept_until_a_table_it_was_made_from_changes(tmp_path):
    tables = little(tmp_path)
    before, signature = totals(tables, EVERYTHING), tables.signature()
    assert tables.ask("SELECT * FROM gold.rfm") is tables.ask("SELECT * FROM gold.rfm")
    assert tables.signature() == signature
    put(tables.lake, "gold.fact_sales", SALES[:2])
    assert tables.signature() != signature
    assert (before[0], totals(tables, EVERYTHING)[0]) == (105, 30)
    put(tables.lake, "gold.rfm", RFM[1:])
    assert executive.by(tables, EVERYTHING, "tier")[0]["name"] == "Guest"
