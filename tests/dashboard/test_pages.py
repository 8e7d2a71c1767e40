"""Every page in a real browser: its numbers are those of SQL on the lake, its slicers work, nobody else is asked."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake

from c360.dashboard import say
from c360.dashboard.app import LOOKS_EVERY
from c360.lake import Lake
from tests.dashboard.reader import SLICERS, Reader, sql
from tests.input.commands import HEBREW

pytestmark = pytest.mark.slow

HOSTILE = f"<script>document.title='taken'</script><img src=x> [a](http://x) =1+1 {HEBREW} " + "x" * 5000

_SOLD = "gold.fact_sales WHERE is_revenue"
_ALL = "FROM gold.executive_summary WHERE source = 'all'"

EXPECTED: dict[str, tuple[str, str, dict[str, tuple[Callable[..., str], str]]]] = {
    "Executive summary": (
        "executive",
        "source",
        {
            "Total sales": (say.amount, f"SELECT total_sales {_ALL}"),
            "Customers": (say.number, f"SELECT customers {_ALL}"),
            "Orders": (say.number, f"SELECT orders {_ALL}"),
            "Average order": (say.amount, f"SELECT average_order_value {_ALL}"),
            "Sale per customer": (say.amount, f"SELECT sale_per_customer {_ALL}"),
            "Last 30 days": (say.amount, f"SELECT sales_last_30_days {_ALL}"),
            "Orders of these days": (say.number, f"SELECT orders_last_30_days {_ALL}"),
        },
    ),
    "Stores": (
        "stores",
        "source",
        {
            "Stores with sales": (
                say.number,
                "SELECT count(DISTINCT source || store_id) FROM gold.store_performance WHERE orders > 0",
            ),
            "Sales in stores": (say.amount, "SELECT sum(revenue) FROM gold.store_performance"),
            "Orders in stores": (say.number, "SELECT sum(orders) FROM gold.store_performance"),
        },
    ),
    "Sales": (
        "sales",
        "source",
        {
            "Sales": (say.amount, f"SELECT total_sales {_ALL}"),
            "Units": (say.number, f"SELECT sum(quantity) FROM {_SOLD}"),
            "Discounts": (say.amount, f"SELECT sum(discount_amount) FROM {_SOLD}"),
        },
    ),
    "Service": (
        "service",
        "source",
        {
            "Tickets": (say.number, "SELECT sum(tickets) FROM gold.issue_resolution"),
            "Resolved": (say.number, "SELECT sum(resolved_tickets) FROM gold.issue_resolution"),
            "Repeat contacts": (say.number, "SELECT sum(repeat_contacts) FROM gold.issue_resolution"),
        },
    ),
    "Engagement": (
        "engagement",
        "source",
        {
            "People with a session": (say.number, "SELECT count(DISTINCT c360_id) FROM gold.engagement"),
            "Sessions": (say.number, "SELECT sum(sessions) FROM gold.engagement"),
            "Pages": (say.number, "SELECT sum(pages) FROM gold.engagement"),
        },
    ),
    "Fulfilment & inventory": (
        "fulfilment",
        "source",
        {
            "Orders shipped": (say.number, "SELECT count(*) FROM gold.fulfilment"),
            "On time": (
                lambda value: say.percent(value, 1),
                "SELECT 100.0 * sum(is_on_time::INT) / count(is_on_time) FROM gold.fulfilment",
            ),
            "To reorder": (say.number, "SELECT count(*) FROM gold.inventory_position WHERE action = 'reorder'"),
        },
    ),
    "Marketing": (
        "marketing",
        "tier",
        {
            "People who bought": (say.number, "SELECT count(*) FROM gold.rfm"),
            "Lifetime value": (say.amount, "SELECT avg(clv) FROM gold.clv"),
            "At risk": (say.number, "SELECT count(*) FROM gold.churn WHERE status = 'at risk'"),
        },
    ),
    "Data": (
        "data",
        "source",
        {
            "Rows received": (say.number, "SELECT sum(read) FROM ops.batches"),
            "In quarantine": (say.number, "SELECT sum(quarantined) FROM ops.batches"),
            "Kept in silver": (say.number, "SELECT sum(inserted) FROM ops.batches"),
        },
    ),
}
"""Page → its name, a slicer that changes its numbers, and number → how it is written, and the SQL that says it."""

CHOSEN = {
    "period": "Last 3 months",
    "source": "domains",
    "category": "Books",
    "tier": "Gold",
    "segment": "Regular",
}


@pytest.fixture(scope="module")
def reader(chromium: Any, serve: Callable[..., str], sample_lake: Path) -> Reader:
    return Reader(chromium, serve(sample_lake))


@pytest.fixture(autouse=True)
def nothing_is_wrong(request: pytest.FixtureRequest) -> Any:
    yield
    if "reader" in request.fixturenames:
        found = request.getfixturevalue("reader")
        assert found.wrong == [], "errors of the console, or requests to somebody else"
        assert found.trouble() == []


@pytest.mark.parametrize("title", EXPECTED)
def test_the_numbers_of_a_page_are_those_of_sql_and_every_slicer_can_be_used(reader, sample_lake, title):
    name, slicer, numbers = EXPECTED[title]
    reader.open(title)
    reader.see_everything()
    before = reader.numbers(f"block-{name}-numbers")
    for number, (written, query) in numbers.items():
        value = sql(sample_lake, query)
        assert before[number] == written(None if value is None else float(value)), number
    active = [each for each in SLICERS if not reader.is_idle(each)]
    assert slicer in active
    for each in active:
        reader.choose(each, CHOSEN.get(each) or _a_store(sample_lake))
        if each == slicer:
            assert reader.numbers(f"block-{name}-numbers") != before
        assert reader.trouble() == []
    reader.see_everything()
    assert reader.numbers(f"block-{name}-numbers") == before


def _a_store(lake: Path) -> str:
    return str(
        sql(lake, "SELECT store || ' (' || source || ')' FROM gold.store_performance WHERE source = 'domains' LIMIT 1")
    )


def test_a_choice_stays_from_page_to_page_and_a_slicer_that_does_not_count_says_so(reader, sample_lake):
    reader.open("Executive summary")
    reader.see_everything()
    reader.choose("source", "retail")
    reader.choose("period", "Last 12 months")
    revenue = "SELECT sum(total_due_amount) FROM gold.fact_sales WHERE is_revenue AND source = 'retail'"
    last_12 = f"{revenue} AND ordered_on >= DATE '2024-04-01'"
    assert reader.numbers("block-executive-numbers")["Total sales"] == say.amount(float(sql(sample_lake, last_12)))
    reader.open("Data")
    assert [reader.is_idle(name) for name in SLICERS] == [name != "source" for name in SLICERS]
    retail = sql(sample_lake, "SELECT sum(read) FROM ops.batches WHERE source = 'retail'")
    assert reader.numbers("block-data-numbers")["Rows received"] == say.number(retail)
    reader.open("Products & customers")
    assert reader.is_idle("period")
    reader.choose("tier", "Gold")
    assert "not by tier" in reader.remarks("block-products-regions")
    reader.open("Executive summary")
    assert "Period: Last 12 months · Source: retail · Customer tier: Gold" in reader.text()
    reader.see_everything()
    assert "Source: retail" not in reader.text()


def test_products_of_a_tier_are_those_of_sql(reader, sample_lake):
    reader.open("Products & customers")
    reader.see_everything()
    reader.choose("tier", "Silver")
    best = "FROM gold.product_by_tier WHERE tier = 'Silver' ORDER BY revenue DESC, source, product_id LIMIT 1"
    first = reader.cells("block-products-list")[0]
    assert first[0] == sql(sample_lake, f"SELECT product_name {best}")
    assert first[3] == say.number(float(sql(sample_lake, f"SELECT units {best}")))
    assert first[4] == say.amount(float(sql(sample_lake, f"SELECT revenue {best}")))
    assert "Silver customers spend most on" in reader.says("block-products-top")
    reader.see_everything()


def test_the_tiers_of_a_store_are_those_of_the_mart_and_the_sentence_names_it(reader, sample_lake):
    reader.open("Stores")
    reader.see_everything()
    cells = reader.cells("block-stores-list")
    share = "SELECT share_percent FROM gold.store_performance WHERE source || ' ' || store_id = '{}' AND tier = '{}'"
    for store, tier, _, percent, *_ in cells[:9]:
        at = store.rpartition(" · ")[2]
        assert percent == say.percent(float(sql(sample_lake, share.format(at, tier))), 1)
    assert "lives on Gold customers" in reader.says("block-stores-mix")


def test_the_what_if_reckons_with_price_and_units(reader, sample_lake):
    reader.open("Sales")
    reader.see_everything()
    net = "SELECT sum(revenue) FROM gold.sales_performance WHERE period = 'month' AND margin IS NOT NULL"
    revenue = float(sql(sample_lake, net))
    assert reader.numbers("what-if-outcome")["Revenue then"] == say.amount(revenue)
    price = reader.page.get_by_role("slider", name="List price, change in %")
    price.focus()
    for _ in range(10):
        reader.page.keyboard.press("ArrowRight")
    reader.page.wait_for_function(
        "before => !document.querySelector('.st-key-what-if-outcome').textContent.includes('+0 % of ' + before)",
        arg=say.amount(revenue),
    )
    reader.calm()
    assert reader.numbers("what-if-outcome")["Revenue then"] == say.amount(revenue * 1.1)


def test_an_audience_is_exported_without_who_they_are(reader, sample_lake, tmp_path):
    reader.open("Marketing")
    reader.page.get_by_role("button", name="Make the file").click()
    save = reader.page.get_by_role("button", name="Save")
    save.wait_for()
    with reader.page.expect_download() as download:
        save.click()
    file = tmp_path / "audience.csv"
    download.value.save_as(file)
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    contactable = sql(sample_lake, "SELECT contactable FROM gold.audiences WHERE audience = 'champions'")
    assert 0 < len(rows) <= contactable
    assert not {"email", "full_name", "phone"} & set(rows[0])
    assert all(len(row["email_sha256"]) == 64 for row in rows if row["email_sha256"])
    asked = "held back for want of consent (email, marketing)"
    assert asked in reader.text()


def test_rejected_rows_and_lineage_can_be_looked_at(reader, sample_lake):
    reader.open("Data")
    reader.pick("quarantine_table", "retail.customers")
    rows = reader.cells("quarantine")
    assert len(rows) == Lake(sample_lake).count("quarantine_retail.customers") > 0
    assert all(reasons for _, reasons, *_ in rows)
    assert reader.says("lineage").startswith("gold.customer_360 is made from ")


def test_a_person_is_found_and_covered(reader, sample_lake):
    reader.open("Customer")
    who = "FROM gold.customer_360 WHERE revenue_orders > 1 AND email IS NOT NULL ORDER BY revenue DESC, c360_id LIMIT 1"
    name, email, c360_id = (sql(sample_lake, f"SELECT {column} {who}") for column in ("full_name", "email", "c360_id"))
    reader.page.get_by_label("Name, e-mail, phone or id").fill(email.upper())
    reader.page.keyboard.press("Enter")
    reader.page.locator(".st-key-records").wait_for()
    reader.calm()
    shown = reader.numbers("person")
    assert shown["Revenue"] == say.amount(float(sql(sample_lake, f"SELECT revenue {who}")))
    assert shown["Tier"] == sql(sample_lake, f"SELECT tier {who}")
    events = sql(sample_lake, f"SELECT count(*) FROM gold.customer_events WHERE c360_id = '{c360_id}'")
    assert reader.says("timeline").startswith(f"{events:,} event")
    text = reader.text()
    assert email not in text
    assert name not in text
    assert "silver_" in text


def test_a_new_version_is_noticed_and_what_was_typed_is_text_when_it_is_shown(chromium, serve, sample_lake, tmp_path):
    lake = tmp_path / "lake"
    shutil.copytree(sample_lake, lake)
    reader = Reader(chromium, serve(lake, "--show-pii"))
    reader.open("Customer")
    found = Lake(lake)
    people = found.arrow("gold.customer_360").to_pylist()
    people[0]["full_name"] = HOSTILE
    reader.page.get_by_label("Name, e-mail, phone or id").fill(people[0]["c360_id"])
    reader.page.keyboard.press("Enter")
    reader.page.locator(".st-key-person").wait_for()
    reader.calm()
    data = found.arrow("gold.customer_360")
    write_deltalake(
        found.path("gold.customer_360"), type(data).from_pylist(people, schema=data.schema), mode="overwrite"
    )
    reader.page.get_by_text("document.title=").first.wait_for(timeout=6 * LOOKS_EVERY * 1000)
    reader.calm()
    assert reader.page.title() == "c360"
    assert reader.page.locator("img[src='x'], [data-testid=stMain] a[href='http://x']").count() == 0
    shown = reader.page.locator(".st-key-person .c360-text").first.text_content()
    assert shown.startswith("<script>document.title='taken'</script>")
    assert HEBREW in shown
    assert shown.endswith(f"… ({len(HOSTILE):,} characters)")
    assert reader.wrong == []


def test_an_empty_lake_is_a_sentence(chromium, serve, tmp_path):
    reader = Reader(chromium, serve(tmp_path / "nothing"))
    assert "was not made yet; c360 run makes it" in reader.text().replace("`", "")
    assert reader.wrong == []


def test_who_does_not_know_the_token_sees_nothing(chromium, serve, sample_lake):
    reader = Reader(chromium, serve(sample_lake, C360_DASHBOARD_TOKEN="a-long-and-secret-token"))
    for said, heading in (("wrong", "c360"), ("a-long-and-secret-token", "Executive summary")):
        assert "Total sales" not in reader.text()
        reader.page.get_by_label("Token").fill(said)
        reader.page.get_by_role("button", name="Open").click()
        reader.page.get_by_role("heading", level=1, name=heading).wait_for()
        reader.page.wait_for_timeout(1500)
        reader.calm()
    assert "Total sales" in reader.text()
    assert reader.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone_nothing_is_wider_than_the_screen(chromium, reader, scheme):
    phone = Reader(chromium, reader.address, 390, scheme)
    widest = (
        "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
    )
    assert phone.page.evaluate(widest) == 390
    assert phone.numbers("block-executive-numbers")
    assert phone.wrong == []
