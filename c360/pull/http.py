"""Pulls from HTTP JSON APIs: every page as it was received, once, whatever happens on the way.

The client repeats what broke off or met a busy server; a pull that stopped nevertheless goes on behind its last page.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from c360.config.http import Cursors, Http, HttpTable, Links, Offsets, PageNumbers
from c360.errors import SourceError
from c360.pull.base import Pulled
from c360.pull.http_client import Answer, Client
from c360.pull.http_state import Kept, fingerprint
from c360.pull.pages import (
    NotAsDeclared,
    NotJson,
    Page,
    Place,
    address,
    first,
    following,
    greatest,
    is_short,
    mark_of,
    opened,
    sealed,
)

BEYOND_THE_END = (400, 404, 410, 416)
"""Statuses with which servers answer when they are asked for a page after the last."""

GOOD = (200, 203, 204, 206)
MOST_REPEATS = 3


def pull_http(
    http: Http,
    table: HttpTable,
    folder: Path,
    mark: str | None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Pulled:
    """Fetch a table's pages.

    Args:
        http: the server.
        table: what it is asked for.
        folder: where the pages go: `page-000001.json` and so on, each with at least one record. That of a pull that was
            not finished is completed, if it asked for the same.
        mark: the greatest value of the last pull; None asks for what `since.initial` says, else for everything.
        sleep: takes seconds.
        clock: gives seconds.

    Returns:
        What the folder holds, with the greatest value so far.

    Raises:
        SourceError: the server cannot be asked, or does not answer as declared.
    """
    auth = http.auth and sorted(http.auth.model_fields_set - {"bearer", "password", "value"})
    who = [(name, getattr(http.auth, name)) for name in auth or ()]
    asked = table.model_dump(exclude={"max_pages"})
    kept = Kept(folder, fingerprint(http.base_url, http.headers, who, asked, mark), first(table))
    with closing(Client(http, sleep, clock)) as client:
        _Pull(client, table, kept, mark).run()
    newest = greatest(mark, kept.state.mark) if table.since else None
    return Pulled(kept.state.pages, kept.state.rows, newest)


class _Pull:
    """One pull on its way."""

    def __init__(self, client: Client, table: HttpTable, kept: Kept, mark: str | None) -> None:
        self.client, self.table, self.kept = client, table, kept
        self.since = mark if mark is not None or table.since is None else table.since.initial
        self.own = [(name, value) for name, values in table.params.items() for value in values]
        if client.param:
            self.own.append(client.param)
        self.been: set[Place] = set()
        self.repeats = 1

    def run(self) -> None:
        """Fetch what is not there yet."""
        while not self.kept.state.done:
            place = self.kept.state.place
            url = address(self.client.http.base_url, self.table, self.own, place, self.since)
            if self.kept.state.asked >= self.table.max_pages:
                raise SourceError(
                    f"GET {self.client.shown(url)}: this would be request {self.table.max_pages + 1}, but max_pages is "
                    f"{self.table.max_pages}. Check paging, or declare more."
                )
            answer = self.client.get(url)
            self.kept.state.asked += 1
            self.been.add(place)
            try:
                self._take(place, answer)
            except NotAsDeclared as problem:
                # what looks like JSON holds people's data
                show = isinstance(problem, NotJson) and not answer.body.lstrip().startswith((b"{", b"["))
                raise answer.problem(str(problem), "Check what http: declares.", show=show) from None

    def _take(self, place: Place, answer: Answer) -> None:
        state, table = self.kept.state, self.table
        if answer.status not in GOOD:
            self._refused(place, answer)
            return
        page = Page(None, 0, []) if answer.status == 204 else opened(answer.body, table.steps)
        if state.checking:
            self._demand_end(page)
            self._end()
            return
        after = following(table, place, page, answer.url, answer.links)
        if isinstance(after, str) and isinstance(table.paging, Links):
            after = sealed(after, self.own)
        if after == place and not page.items:
            after = None  # some servers repeat the last cursor where nothing is left
        if after is not None and after in self.been:
            self.kept.start_over()
            raise NotAsDeclared("leads back to a page that was there before, so the pull would never end")
        is_new = bool(page.records) and not self._is_repeated(answer)
        state.place, state.done = after, after is None
        if is_new:
            state.checking = not state.done and is_short(table, page)
            state.rows += len(page.records)
            if table.since:
                state.mark = mark_of(page.records, table.since.field, state.mark)
            state.last = _digest(answer)
            self.kept.store(answer.body)
        if is_new or state.done:
            self.kept.save()

    def _refused(self, place: Place, answer: Answer) -> None:
        paging, restarts = self.table.paging, self.kept.state.restarts
        if self.kept.state.checking and answer.status in BEYOND_THE_END:
            self._end()
        elif place is not None and isinstance(paging, Cursors | Links) and answer.status in paging.expired_statuses:
            self.been.clear()
            self.kept.start_over(restarts=0 if restarts else 1)
            if restarts:
                raise answer.problem(
                    f"is {answer.status}: what leads to the next page has expired, for the second time in one pull",
                    "Ask for larger pages, or for fewer records by since.",
                )
        else:
            raise answer.refusal()

    def _is_repeated(self, answer: Answer) -> bool:
        """Whether this is the page before once more, as from servers that ignore where they should go on."""
        counted = isinstance(self.table.paging, PageNumbers | Offsets)  # else the server itself says what is next
        if not counted or _digest(answer) != self.kept.state.last:
            self.repeats = 1
            return False
        self.repeats += 1
        if self.repeats == MOST_REPEATS:
            raise NotAsDeclared(f"is the same for the {MOST_REPEATS}rd time, although another page was asked for")
        return True

    def _demand_end(self, page: Page) -> None:
        """Demand that nothing comes after a short first page: to take it for the last could lose all the others."""
        before = opened(self.kept.body(1), self.table.steps)
        if page.items and page.records != before.records:  # a server that knows no pages repeats the one it has
            raise NotAsDeclared(
                f"has more records, although the first page had {before.items} where more were asked for: the server "
                f"sends no more than {before.items} at a time, so declare that as size or limit"
            )

    def _end(self) -> None:
        self.kept.state.done, self.kept.state.place = True, None
        self.kept.save()


def _digest(answer: Answer) -> str:
    return hashlib.sha256(answer.body).hexdigest()
