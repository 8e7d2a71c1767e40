"""The page as a browser shows it: found, followed and read on a phone; needs Chromium."""

from __future__ import annotations

import shutil

import pytest

from c360.docs.write import write_docs
from tests.corner_shop import CONF

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]


def test_a_reader_finds_tables_follows_links_and_can_read_on_a_phone(configured, tmp_path):
    from playwright.sync_api import sync_playwright

    address = write_docs(configured(CONF), tmp_path / "docs.html").as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        asked, wrong = [], []
        for width in (1400, 390):
            page = browser.new_page(viewport={"width": width, "height": 844})
            page.on("request", lambda request: asked.append(request.url))
            page.on("pageerror", lambda problem: wrong.append(str(problem)))
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing is wider than the screen"
            page.fill("header input", "stg_sales_orders")
            shown = page.locator("section.table:visible").evaluate_all("all => all.map(one => one.id)")
            assert shown == ["unified.orders"]
            assert page.inner_text("header output").startswith("1 of ")
            page.fill("header input", "amount_positive money")
            assert page.locator("#silver_shop\\.orders tr.hit code").first.text_content() == "amount"
            page.evaluate("location.hash = 'gold.rfm'")
            page.wait_for_function("document.querySelector('header input').value === ''")
            assert page.locator("#gold\\.rfm").is_visible(), "a link to what the search has hidden ends the search"
            page.close()
        page = browser.new_page(viewport={"width": 1400, "height": 844})
        page.goto(address)
        page.hover("svg.lineage a[data-name='silver_shop.calls']")
        lit = page.locator("svg.lineage.chosen a.lit").evaluate_all("all => all.map(one => one.dataset.name)")
        assert {"bronze_shop.calls", "unified.interactions", "gold.resolution_stats"} <= set(lit)
        assert "silver_shop.orders" not in lit
        browser.close()
    assert set(asked) == {address}
    assert wrong == []
