"""A reader of the dashboard: what they click, what they see, and what their browser asked of whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable
from playwright.sync_api import Error

from c360.lake import Lake

_NAMED = re.compile(r"\b((?:gold|unified|ops)\.[a-z_0-9]+)")
_TIMEOUT = 20_000

_LAST = re.compile("^As of |was not made yet|^Open$")
"""What is drawn last: of a page, an empty lake, a question for the token."""

SLICERS = ("period", "source", "store", "category", "tier", "segment")


def sql(lake: Path, query: str) -> Any:
    """The only value of a query on a lake's tables; asked of DuckDB, past all that the dashboard does."""
    with duckdb.connect() as con:
        for name in sorted(set(_NAMED.findall(query))):
            con.register(name.replace(".", "_"), DeltaTable(Lake(lake).path(name)).to_pyarrow_table())
        [value] = con.execute(_NAMED.sub(lambda found: found[0].replace(".", "_"), query)).fetchone() or (None,)
    return value


class Reader:
    """One tab of the browser.

    Attributes:
        wrong: errors of the console and of the page's scripts, and requests to anybody else than the dashboard.
    """

    def __init__(self, browser: Any, address: str, width: int = 1280, scheme: str = "light") -> None:
        self.page = browser.new_context(
            viewport={"width": width, "height": 1400}, color_scheme=scheme, accept_downloads=True
        ).new_page()
        self.address, self.wrong = address, list[str]()
        self.page.set_default_timeout(_TIMEOUT)
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda problem: self.wrong.append(str(problem)))
        self.page.on("request", self._asked)
        self.page.goto(address)
        self.page.get_by_text(_LAST).first.wait_for()
        self.calm()

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.wrong.append(f"asked {request.url}")

    def calm(self) -> None:
        """Wait until the page is drawn: for a while nothing runs, and nothing of an earlier run is left."""
        quiet = 0
        while quiet < 2:
            self.page.wait_for_timeout(120)
            self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
            quiet = 0 if self.page.locator("[data-testid=stMain] [data-stale=true]").count() else quiet + 1

    def open(self, title: str) -> None:
        """Go to a page by the menu."""
        self.page.keyboard.press("Escape")
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        self.page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
        self.calm()

    def choose(self, slicer: str, value: str) -> None:
        """Choose a value of a slicer; of those that take several, one more."""
        self.pick(f"slicer_{slicer}", value)

    def pick(self, key: str, value: str) -> None:
        """Type into a list what is wanted, and take it."""
        box = self.page.locator(f".st-key-{key} input[role=combobox]")
        for _ in range(3):  # a page that is drawn again at this very moment closes the list
            box.click()
            box.fill(value)
            try:
                self.page.get_by_role("option", name=value, exact=True).click(timeout=5000)
                break
            except Error:
                self.page.keyboard.press("Escape")
        else:
            raise AssertionError(f"{key} does not offer {value}")
        self.page.keyboard.press("Escape")
        self.calm()

    def is_idle(self, slicer: str) -> bool:
        """Whether a slicer does not count on this page."""
        return bool(self.page.locator(f".st-key-slicer_{slicer} input[role=combobox]").is_disabled())

    def see_everything(self) -> None:
        """Take all slicers back."""
        self.page.get_by_role("button", name="See everything").click()
        self.calm()

    def numbers(self, block: str) -> Mapping[str, str]:
        """The numbers of a block, by their names."""
        self._shown(f".st-key-{block} .c360-number")
        tiles = self.page.locator(f".st-key-{block} .c360-number").evaluate_all(
            "all => all.map(one => ['.c360-name', '.c360-text'].map(part => one.querySelector(part).textContent))"
        )
        return dict(tiles)

    def _shown(self, what: str) -> None:
        """Wait for it: the browser draws what it has been told a moment later."""
        self.page.locator(what).first.wait_for()

    def remarks(self, block: str) -> list[str]:
        """What is said aside in a block."""
        return list(self.page.locator(f".st-key-{block} .c360-remark").all_text_contents())

    def cells(self, block: str) -> list[list[str]]:
        """The rows of a block's table."""
        self._shown(f".st-key-{block} tbody tr")
        rows: list[list[str]] = self.page.locator(f".st-key-{block} tbody tr").evaluate_all(
            "all => all.map(one => Array.from(one.cells, cell => cell.textContent))"
        )
        return rows

    def says(self, block: str) -> str:
        """The sentence over a block's chart or table."""
        return str(self.page.locator(f".st-key-{block} .c360-says").first.text_content())

    def text(self) -> str:
        """All text of the page."""
        return str(self.page.get_by_test_id("stMain").inner_text())

    def trouble(self) -> list[str]:
        """Traces and alarms on the page."""
        found = self.page.locator("[data-testid=stException], [data-testid=stAlertContentError]").all_text_contents()
        return [*found, *re.findall("This could not be shown.*", self.text())]
