"""The report, opened from disk without a network: its slicers change the numbers, and these are those of SQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from c360.dashboard import say
from tests.dashboard.reader import sql
from tests.lakes import ROOT, c360

pytestmark = pytest.mark.slow

_SOLD = "SELECT sum(total_due_amount) FROM gold.fact_sales WHERE is_revenue"


@pytest.fixture(scope="module")
def report(sample_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "report.html"
    made = c360("report", out, "--lake", sample_lake, "--conf", ROOT / "conf")
    assert (made.code, made.err) == (0, ""), made
    return out


class Sheet:
    """The report in a tab of a browser that has no network."""

    def __init__(self, browser: Any, report: Path, width: int = 1280, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        self.page, self.wrong = context.new_page(), list[str]()
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda problem: self.wrong.append(str(problem)))
        self.page.on(
            "request", lambda asked: None if asked.url == report.as_uri() else self.wrong.append(asked.url[:99])
        )
        self.page.goto(report.as_uri())
        self.page.wait_for_selector("body[data-drawn]")

    def choose(self, slicer: str, value: str) -> None:
        """Choose a value, and wait until it is drawn."""
        self.page.select_option(f"#slicer-{slicer}", value)
        self.page.wait_for_function(
            "([name, value]) => JSON.parse(document.body.dataset.drawn)[name] === value", arg=[slicer, value]
        )

    def numbers(self, block: str) -> dict[str, str]:
        """The numbers of a block, by their names."""
        return dict(
            self.page.locator(f"#{block} .c360-number").evaluate_all(
                "all => all.map(one => ['.c360-name', '.c360-text'].map(part => one.querySelector(part).textContent))"
            )
        )


def test_it_is_one_file_below_5_mb_that_names_no_other_place_to_load_from(report):
    text = report.read_text("utf-8")
    assert report.stat().st_size < 5_000_000
    assert list(report.parent.iterdir()) == [report]
    assert not re.findall(r"<(?:link|img|iframe)\b|<script[^>]+src=|@import|url\(", text.partition("<script>")[0])
    assert "default-src 'none'" in text
    assert "@example." not in text


def test_slicers_change_the_numbers_and_they_are_those_of_sql(chromium, report, sample_lake):
    sheet = Sheet(chromium, report)
    shown = lambda: sheet.numbers("executive-numbers")  # noqa: E731
    of_sql = lambda query: say.amount(float(sql(sample_lake, query)))  # noqa: E731
    assert shown()["Total sales"] == of_sql(_SOLD)
    sheet.choose("source", "retail")
    assert shown()["Total sales"] == of_sql(f"{_SOLD} AND source = 'retail'")
    orders = sql(sample_lake, "SELECT count(DISTINCT order_id) FROM gold.fact_sales WHERE source = 'retail'")
    assert shown()["Orders"] == say.number(orders)
    sheet.choose("period", "Last 3 months")
    assert shown()["Total sales"] == of_sql(f"{_SOLD} AND source = 'retail' AND ordered_on >= DATE '2025-01-01'")
    tickets = "SELECT sum(tickets) FROM gold.issue_resolution WHERE source = 'retail' AND month >= 202501"
    assert sheet.numbers("service-numbers")["Tickets"] == say.number(sql(sample_lake, tickets))
    sheet.choose("source", "All")
    sheet.choose("tier", "Gold")
    best = sql(
        sample_lake,
        "SELECT product_name FROM gold.product_by_tier WHERE tier = 'Gold' "
        "ORDER BY revenue DESC, source, product_id LIMIT 1",
    )
    assert sheet.page.locator("#products-list td").first.text_content() == best
    assert "not by customer tier" in sheet.page.locator("#executive-numbers").text_content()
    gold = sql(sample_lake, "SELECT count(*) FROM gold.rfm WHERE tier = 'Gold'")
    assert sheet.numbers("marketing-numbers")["People who bought"] == say.number(gold)
    assert sheet.wrong == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_every_page_is_drawn_and_nothing_is_wider_than_the_screen(chromium, report, width, scheme):
    sheet = Sheet(chromium, report, width, scheme)
    assert sheet.page.evaluate("document.documentElement.scrollWidth") == width
    assert sheet.page.locator("main > section").count() == 9
    assert sheet.page.locator(".chart svg").count() > 25
    assert sheet.page.locator(".chart:not(:has(svg))").count() == 0
    assert sheet.wrong == []


def test_it_prints_every_page_without_its_slicers_dark_on_light(chromium, report):
    sheet = Sheet(chromium, report, scheme="dark")
    sheet.page.emulate_media(media="print")
    assert not sheet.page.locator("#slicers").is_visible()
    assert sheet.page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 41, 51)"
    assert len(sheet.page.pdf(format="A4")) > 50_000
