"""Pulls from HTTP APIs: every page once, however the server pages; and up to where the source was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from api_server import Api, Reply, said, zipped
from http_pulls import THREE, Pull, by_cursor, cursors, orders

from c360.config.formats import CsvFormat, JsonFormat
from c360.errors import SourceError
from c360.ingest.files import landed
from c360.ingest.readers import batches, partitions
from c360.ingest.spec import RawSpec
from c360.pull.base import Pulled

NOW = datetime(2026, 10, 14, tzinfo=UTC)


class TestPages:
    def test_one_answer_without_paging_is_kept_byte_by_byte(self, api: Api, pull: Pull) -> None:
        body = '{"data" : [{"name": "Zoë 🛒", "price": 1.50}]}\n'.encode()
        api.on("/v1/orders", Reply(body))
        table = {"path": "/v1/orders", "records": "data[]"}
        assert pull(table) == Pulled(1, 1, None)
        assert pull.bodies == {"page-000001.json": body}

    def test_numbered_pages_end_with_an_empty_one(self, api: Api, pull: Pull) -> None:
        api.on("/orders?page=1", said(orders(1, 2)))
        api.on("/orders?page=2", said(orders(3)))
        api.on("/orders?page=3", said([]))
        assert pull({"path": "orders", "paging": {"style": "page"}}) == Pulled(2, 3)
        assert pull.pages == {"page-000001.json": orders(1, 2), "page-000002.json": orders(3)}
        assert api.asked == ["/orders?page=1", "/orders?page=2", "/orders?page=3"]

    def test_numbered_pages_end_with_a_short_one_where_their_size_is_declared(self, api: Api, pull: Pull) -> None:
        api.on("/orders?p=0&n=2", said(orders(1, 2)))
        api.on("/orders?p=1&n=2", said(orders(3)))
        paging = {"style": "page", "param": "p", "first": 0, "size_param": "n", "size": 2}
        assert pull({"path": "orders", "paging": paging}) == Pulled(2, 3)
        assert api.asked == ["/orders?p=0&n=2", "/orders?p=1&n=2"]

    def test_offsets_go_on_by_what_came(self, api: Api, pull: Pull) -> None:
        api.on("/orders?offset=0&limit=2", said(orders(1, 2)))
        api.on("/orders?offset=2&limit=2", said(orders(3, 4)))
        api.on("/orders?offset=4&limit=2", said([]))
        assert pull({"path": "orders", "paging": {"style": "offset", "limit_param": "limit", "limit": 2}}) == Pulled(
            2, 4
        )

    def test_a_page_is_counted_by_the_outer_array_and_rows_by_the_inner_one(self, api: Api, pull: Pull) -> None:
        api.on("/orders?offset=0", said({"orders": [{"lines": orders(1, 2)}, {"lines": []}]}))
        api.on("/orders?offset=2", said({"orders": [{"lines": []}]}))
        api.on("/orders?offset=3", said({"orders": [{"lines": orders(3)}, {}]}))
        api.on("/orders?offset=5", said({"orders": None}))
        assert pull({"path": "orders", "records": "orders[].lines[]", "paging": {"style": "offset"}}) == Pulled(2, 3)
        assert pull.pages == {
            "page-000001.json": {"orders": [{"lines": orders(1, 2)}, {"lines": []}]},
            "page-000002.json": {"orders": [{"lines": orders(3)}, {}]},
        }

    @pytest.mark.parametrize("beyond", [said([]), said(orders(1)), said({"error": "no such page"}, 404)])
    def test_a_short_first_page_is_all_where_nothing_else_comes_after_it(
        self, api: Api, pull: Pull, beyond: Reply
    ) -> None:
        api.on("/orders?page=1", said(orders(1)))
        api.on("/orders?page=2", beyond)
        assert pull({"path": "orders", "paging": {"style": "page", "size": 100}}) == Pulled(1, 1)
        assert len(api.asked) == 2

    def test_a_server_that_sends_fewer_than_it_is_asked_for_is_noticed(self, api: Api, pull: Pull) -> None:
        api.on("/orders?page=1&n=100", said(orders(1, 2)))
        api.on("/orders?page=2&n=100", said(orders(3, 4)))
        with pytest.raises(SourceError) as error:
            pull({"path": "orders", "paging": {"style": "page", "size_param": "n", "size": 100}})
        assert str(error.value) == (
            f"GET {api.url}/orders?page=2&n=100: the answer has more records, although the first page had 2 where more "
            "were asked for: the server sends no more than 2 at a time, so declare that as size or limit. "
            "Check what http: declares."
        )

    def test_cursors_lead_on_also_over_a_page_without_records(self, api: Api, pull: Pull) -> None:
        by_cursor(api)
        assert pull(cursors()) == Pulled(3, 5)
        assert pull.pages == THREE

    @pytest.mark.parametrize("end", [{}, {"next": None}, {"next": ""}, {"next": False}])
    def test_no_cursor_is_the_end(self, api: Api, pull: Pull, end: dict[str, Any]) -> None:
        api.on("/orders", said({"data": orders(1), **end}))
        assert pull(cursors()) == Pulled(1, 1)

    def test_more_decides_where_it_is_declared(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"data": orders(1), "next": "b", "meta": {"more": True}}))
        api.on("/orders?cursor=b", said({"data": orders(2), "next": "b", "meta": {"more": False}}))
        assert pull(cursors(more="meta.more")) == Pulled(2, 2)

    def test_a_cursor_that_stays_where_nothing_is_left_is_the_end(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"data": orders(1), "next": "b"}))
        api.on("/orders?cursor=b", said({"data": [], "next": "b"}))
        assert pull(cursors()) == Pulled(1, 1)

    def test_links_come_from_the_header_among_other_relations_and_relative(self, api: Api, pull: Pull) -> None:
        first = '</v1/orders?p=9>; rel="last"; title="a, <b>; rel=next", <?p=2&x=%2F>; title=on; REL="prev-page NEXT"'
        api.on("/v1/orders?state=open", said(orders(1)).with_headers(Link=first))
        second = (
            said(orders(2)).with_headers(Link="<orders?p=1>; rel=prev").with_headers(Link="<orders?p=3#x>;rel=next")
        )
        api.on("/v1/orders?p=2&x=%2F", second)
        api.on("/v1/orders?p=3", said(orders(3)).with_headers(Link='<orders?p=2>; rel="prev"'))
        assert pull({"path": "v1/orders", "params": {"state": "open"}, "paging": {"style": "link"}}) == Pulled(3, 3)

    def test_links_come_from_the_body_where_their_path_is_declared(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"data": orders(1), "links": {"next": f"{api.url}/orders?after=ä b"}}))
        api.on("/orders?after=%C3%A4%20b", said({"data": orders(2), "links": {"next": None}}))
        assert pull({"path": "orders", "records": "data", "paging": {"style": "link", "next": "links.next"}}) == Pulled(
            2, 2
        )

    def test_a_page_that_comes_twice_is_taken_once(self, api: Api, pull: Pull) -> None:
        api.on("/orders?page=1", said(orders(1, 2)))
        api.on("/orders?page=2", said(orders(1, 2)))
        api.on("/orders?page=3", said(orders(3)))
        api.on("/orders?page=4", said([]))
        assert pull({"path": "orders", "paging": {"style": "page"}}) == Pulled(2, 3)
        assert pull.pages == {"page-000001.json": orders(1, 2), "page-000002.json": orders(3)}

    def test_pages_that_are_alike_are_all_taken_where_the_server_leads_from_one_to_the_next(
        self, api: Api, pull: Pull
    ) -> None:
        for here, there in (("", "?p=2"), ("?p=2", "?p=3"), ("?p=3", "?p=4")):
            api.on(f"/orders{here}", said(orders(1)).with_headers(Link=f"<{there}>; rel=next"))
        api.on("/orders?p=4", said(orders(1)))
        assert pull({"path": "orders", "paging": {"style": "link"}}) == Pulled(4, 4)

    def test_a_page_that_keeps_coming_ends_the_pull(self, api: Api, pull: Pull) -> None:
        api.script("/orders", lambda query: said(orders(1, 2)))
        with pytest.raises(SourceError) as error:
            pull({"path": "orders", "paging": {"style": "offset"}})
        assert str(error.value) == (
            f"GET {api.url}/orders?offset=4: the answer is the same for the 3rd time, although another page was asked "
            "for. Check what http: declares."
        )

    def test_more_requests_than_max_pages_are_a_mistake(self, api: Api, pull: Pull) -> None:
        api.script("/orders", lambda query: said(orders(int(query["page"][0]))))
        table = {"path": "orders", "paging": {"style": "page"}, "max_pages": 3}
        with pytest.raises(SourceError) as error:
            pull(table)
        assert str(error.value) == (
            f"GET {api.url}/orders?page=4: this would be request 4, but max_pages is 3. Check paging, or declare more."
        )
        with pytest.raises(SourceError, match="this would be request 6"):
            pull(table | {"max_pages": 5})
        assert len(api.asked) == 5

    def test_an_answer_without_content_is_an_empty_page(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(status=204))
        assert pull(cursors()) == Pulled(0, 0)
        assert pull.pages == {}

    def test_a_compressed_answer_is_kept_as_it_was_before(self, api: Api, pull: Pull) -> None:
        api.on("/orders", zipped({"data": orders(1)}))
        assert pull(cursors()) == Pulled(1, 1)
        assert pull.bodies == {"page-000001.json": said({"data": orders(1)}).body}
        assert "gzip" in api.headers[0]["accept-encoding"]

    def test_parameters_and_the_path_are_encoded(self, api: Api, pull: Pull) -> None:
        api.on("/a%20b/%C3%B6?filter%5Bname%5D=M%26S%20%2B%20%C3%A4&tag=1&tag=2&empty=", said([]))
        table = {"path": "a b/ö", "params": {"filter[name]": "M&S + ä", "tag": ["1", "2"], "empty": ""}}
        assert pull(table) == Pulled(0, 0)


class TestReading:
    @pytest.mark.parametrize(
        ("records", "document"),
        [
            ("data.orders", {"data": {"orders": orders(1, 2, 3)}}),
            ("orders[].lines[]", {"orders": [{"lines": orders(1, 2)}, {}, {"lines": []}, {"lines": orders(3)}]}),
            ("lines", [{"lines": orders(1)}, {"lines": orders(2, 3)}]),
            (
                "orders[].line",
                {"orders": [{"line": {"id": 1}}, {"line": None}, {"line": {"id": 2}}, {"line": {"id": 3}}]},
            ),
            (None, orders(1, 2, 3)),
        ],
    )
    def test_the_reader_finds_the_records_that_were_counted(
        self, api: Api, pull: Pull, records: str | None, document: Any
    ) -> None:
        api.on("/orders", said(document))
        assert pull({"path": "orders", "records": records}) == Pulled(1, 3)
        files = tuple(raw for file in landed(pull.folder) for raw in file.raw("0" * 16, NOW))
        spec = RawSpec((("id", "id"),), CsvFormat(), files=files, ingested_at=NOW, json=JsonFormat(records=records))
        read = [batch for group in partitions(spec) for piece in group for batch in batches(spec, piece)]
        assert [value for batch in read for value in batch["id"].to_pylist()] == ["1", "2", "3"]


class TestMark:
    def came(self, api: Api, pull: Pull, values: list[Any], mark: str | None = None, **since: str) -> Pulled:
        target = "/orders" + (f"?since={mark or since['initial']}" if mark or since else "")
        api.on(target, said([{"at": {"time": value}} for value in values]))
        return pull({"path": "orders", "since": {"param": "since", "field": "at.time", **since}}, mark)

    @pytest.mark.parametrize(
        ("values", "mark", "greatest"),
        [
            (["2026-01-02", None, "2026-01-10", "2026-01-09"], None, "2026-01-10"),
            ([9, 10, 2], None, "10"),
            (["9", "10"], "8", "10"),
            ([1.5, 1.25, -3], None, "1.5"),
            (["9", "x10"], None, "x10"),
            ([12345678901234567891, 12345678901234567890], None, "12345678901234567891"),
            ([5], "7", "7"),
            ([None, None], "7", "7"),
            ([None], None, None),
            ([""], "7", "7"),
            ([], "7", "7"),
            ([], None, None),
        ],
    )
    def test_the_greatest_value_is_the_mark(
        self, api: Api, pull: Pull, values: list[Any], mark: str | None, greatest: str | None
    ) -> None:
        assert self.came(api, pull, values, mark) == Pulled(min(1, len(values)), len(values), greatest)

    def test_the_first_pull_asks_from_the_initial_value_which_is_no_mark(self, api: Api, pull: Pull) -> None:
        assert self.came(api, pull, [], initial="2020-01-01") == Pulled(0, 0, None)

    def test_the_mark_is_sent_with_every_page_and_comes_from_all_of_them(self, api: Api, pull: Pull) -> None:
        api.on("/orders?since=5&page=1", said([{"n": 9}, {"n": 7}]))
        api.on("/orders?since=5&page=2", said([{"n": 8}, {}]))
        api.on("/orders?since=5&page=3", said([]))
        since = {"param": "since", "field": "n", "initial": "1"}
        assert pull({"path": "orders", "since": since, "paging": {"style": "page"}}, "5") == Pulled(2, 4, "9")

    def test_a_field_that_no_record_has_is_refused(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said([{"id": 1}, {"id": 2}]))
        with pytest.raises(SourceError) as error:
            pull({"path": "orders", "since": {"param": "since", "field": "at.time"}})
        assert str(error.value) == (
            f"GET {api.url}/orders: the answer has no record with at.time, whose greatest value is where the next pull "
            "goes on. Check what http: declares."
        )

    @pytest.mark.parametrize("value", [True, {"s": 1}, [1]])
    def test_a_value_that_is_no_mark_is_refused(self, api: Api, pull: Pull, value: Any) -> None:
        with pytest.raises(SourceError, match=r"at\.time is neither a text nor a number, so it is no mark"):
            self.came(api, pull, ["2026-01-01", value])
