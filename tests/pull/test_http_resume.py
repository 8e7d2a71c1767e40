"""Pulls from HTTP APIs that were stopped: the pages are those of a pull that nothing disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from api_server import Api, Reply, said
from http_pulls import STATE, THREE, Pull, by_cursor, cursors, orders

from c360.errors import SourceError
from c360.pull.base import Pulled


class TestResuming:
    def test_a_pull_that_failed_goes_on_behind_its_last_page(self, api: Api, pull: Pull) -> None:
        by_cursor(api)
        api.on("/orders?cursor=7", Reply(status=403), said(THREE["page-000002.json"]))
        with pytest.raises(SourceError, match="403"):
            pull(cursors())
        assert list(pull.pages) == ["page-000001.json"]
        assert pull(cursors(), auth={"bearer": "a newer token"}) == Pulled(3, 5)
        assert pull.pages == THREE
        assert api.asked.count("/orders") == 1

    def test_the_mark_is_that_of_all_pages_before_and_after(self, api: Api, pull: Pull) -> None:
        api.on("/orders?page=1", said(orders(9, 10)))
        api.on("/orders?page=2", Reply(status=403), said([{"id": 2}, {}]))
        api.on("/orders?page=3", said([]))
        table = {"path": "orders", "paging": {"style": "page"}, "since": {"param": "since", "field": "id"}}
        with pytest.raises(SourceError):
            pull(table)
        assert pull(table) == Pulled(2, 4, "10")

    def test_a_short_first_page_is_still_doubted(self, api: Api, pull: Pull) -> None:
        api.on("/orders?page=1", said(orders(1)))
        api.on("/orders?page=2", Reply(status=403), said(orders(2)), said([]))
        table = {"path": "orders", "paging": {"style": "page", "size": 9}}
        for message in ("403", "the first page had 1 where more were asked for"):
            with pytest.raises(SourceError, match=message):
                pull(table)
        assert pull(table) == Pulled(1, 1)

    def test_a_pull_that_is_done_asks_nothing_more(self, api: Api, pull: Pull) -> None:
        by_cursor(api)
        assert pull(cursors()) == pull(cursors()) == Pulled(3, 5)
        assert len(api.asked) == 4

    @pytest.mark.parametrize("unknown", ["page-000002.json", "page-000002.json.tmp", "page-000009.json"])
    def test_a_page_that_the_state_does_not_know_is_fetched_again(self, api: Api, pull: Pull, unknown: str) -> None:
        by_cursor(api)
        api.on("/orders?cursor=7", Reply(status=403), said(THREE["page-000002.json"]))
        with pytest.raises(SourceError):
            pull(cursors())
        (pull.folder / unknown).write_bytes(b'{"data": [{"id": "hal')
        assert pull(cursors()) == Pulled(3, 5)
        assert pull.pages == THREE

    @pytest.mark.parametrize("changed", ["conf", "mark", "state", "page"])
    def test_it_starts_over_where_it_cannot_go_on(self, api: Api, pull: Pull, changed: str) -> None:
        api.script("/orders", lambda query: Reply(status=403) if query.get("cursor") == ["c"] else pages(query))

        def pages(query: dict[str, list[str]]) -> Reply:
            return said({"data": [{"id": query}], "next": {"": "b", "b": "c"}[query.get("cursor", [""])[0]]})

        table = cursors()
        with pytest.raises(SourceError):
            pull(table)
        before = pull.bodies
        api.script("/orders", lambda query: said({"data": [{"id": query}]}))
        if changed == "conf":
            table["params"] = {"state": "open"}
        elif changed == "state":
            (pull.folder / STATE).write_text("{}")
        elif changed == "page":
            (pull.folder / "page-000001.json").unlink()
        assert len(before) == 2
        assert pull(table, "5" if changed == "mark" else None) == Pulled(1, 1)
        query = {"state": ["open"]} if changed == "conf" else {}
        assert pull.pages == {"page-000001.json": {"data": [{"id": query}]}}

    def test_killed_at_any_write_and_pulled_again_the_pages_are_the_same(
        self, api: Api, pull: Pull, tmp_path: Path
    ) -> None:
        by_cursor(api)
        code = (
            "import sys; from pathlib import Path; from c360 import crash\n"
            "from c360.config.http import Http, HttpTable; from c360.pull.http import pull_http\n"
            "table = HttpTable.model_validate_json(sys.argv[2])\n"
            "pull_http(Http(base_url=sys.argv[1]), table, Path(sys.argv[3]), None)\n"
            "print(crash.writes())"
        )

        def run(folder: Path, after: int) -> subprocess.CompletedProcess[str]:
            arguments = [sys.executable, "-c", code, api.url, json.dumps(cursors()), str(folder)]
            environment = os.environ | {"C360_CRASH_AFTER_WRITES": str(after)}
            return subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)

        assert run(tmp_path / "undisturbed", 0).stdout == "12\n"
        for after in range(1, 13):
            folder = tmp_path / str(after)
            killed = run(folder, after)
            assert killed.returncode == -9, killed.stderr
            again = Pull(api, folder)
            assert again(cursors()) == Pulled(3, 5)
            assert again.pages == THREE

    def test_an_interrupted_write_leaves_no_page(self, api: Api, pull: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
        by_cursor(api)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
            with pytest.raises(OSError, match="no space left"):
                pull(cursors())
        assert list(pull.bodies) == ["page-000001.json.tmp"]
        assert pull(cursors()) == Pulled(3, 5)
        assert pull.pages == THREE


class TestCursorsThatFail:
    def test_a_circle_is_refused_and_the_next_pull_starts_over(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"data": orders(1), "next": "b"}))
        api.on("/orders?cursor=b", said({"data": orders(2), "next": "c"}))
        api.on("/orders?cursor=c", said({"data": orders(3), "next": "b"}), said({"data": orders(3)}))
        with pytest.raises(SourceError) as error:
            pull(cursors())
        assert str(error.value) == (
            f"GET {api.url}/orders?cursor=c: the answer leads back to a page that was there before, so the pull would "
            "never end. Check what http: declares."
        )
        assert pull.pages == {}
        assert pull(cursors()) == Pulled(3, 3)

    @pytest.mark.parametrize("status", [400, 410])
    def test_one_that_expired_starts_the_pull_over_once(self, api: Api, pull: Pull, status: int) -> None:
        by_cursor(api)
        api.on("/orders?cursor=7", Reply(status=status), said(THREE["page-000002.json"]))
        assert pull(cursors(expired_statuses=[400, 410])) == Pulled(3, 5)
        assert pull.pages == THREE
        assert api.asked.count("/orders") == 2

    def test_one_that_expires_again_ends_the_pull_and_the_next_one_may_start_over_again(
        self, api: Api, pull: Pull
    ) -> None:
        by_cursor(api)
        api.on("/orders?cursor=7", *[Reply(b"gone", 410)] * 3, said(THREE["page-000002.json"]))
        with pytest.raises(SourceError) as error:
            pull(cursors())
        assert str(error.value) == (
            f"GET {api.url}/orders?cursor=7: the answer is 410: what leads to the next page has expired, for the "
            "second time in one pull. Ask for larger pages, or for fewer records by since."
        )
        assert pull.pages == {}
        assert pull(cursors()) == Pulled(3, 5)

    def test_a_status_that_is_not_declared_is_an_error_as_is_one_to_the_first_request(
        self, api: Api, pull: Pull
    ) -> None:
        by_cursor(api)
        api.on("/orders?cursor=7", Reply(status=400))
        with pytest.raises(SourceError, match="the answer is 400 Bad Request"):
            pull(cursors())
        api.on("/gone", Reply(status=410))
        with pytest.raises(SourceError, match="the answer is 410 Gone"):
            pull(cursors() | {"path": "gone"})

    def test_more_without_a_cursor_or_more_that_is_no_truth_is_refused(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"data": [], "more": True}), said({"data": [], "more": "yes"}), said({"data": []}))
        said_so = []
        for _ in range(3):
            with pytest.raises(SourceError) as error:
                pull(cursors(more="more"))
            said_so.append(str(error.value).removeprefix(f"GET {api.url}/orders: the answer "))
        assert said_so == [
            "says at more that there is more, but has no cursor at next. Check what http: declares.",
            "has neither true nor false at more; at its top it has data, more. Check what http: declares.",
            "has neither true nor false at more; at its top it has data. Check what http: declares.",
        ]
