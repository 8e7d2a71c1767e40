"""HTTP APIs that do not answer as they should: what is asked again, and what is said."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
import urllib3.util.retry
from api_server import Api, Reply, said
from http_pulls import Pull, cursors, orders, refused

from c360.config.http import Http, HttpTable
from c360.pull.base import Pulled
from c360.pull.http import pull_http

FINE = said({"data": orders(1)})
LATER = "Run it again later; it goes on from the last page it has."


class TestWhatPasses:
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_a_busy_server_is_asked_again_after_longer_and_longer_waits(
        self, api: Api, pull: Pull, status: int
    ) -> None:
        busy = Reply(status=status)
        api.on("/orders", busy, busy, busy, busy, FINE)
        assert pull(cursors(), backoff_seconds=0.25) == Pulled(1, 1)
        assert pull.slept == [pytest.approx(wait, abs=0.01) for wait in (0.5, 1, 2)]

    def test_it_waits_as_long_as_the_server_says_in_seconds(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(status=429).with_headers(Retry_After="17"), FINE)
        assert pull(cursors()) == Pulled(1, 1)
        assert pull.slept == [pytest.approx(17, abs=0.01)]

    def test_it_waits_until_the_date_the_server_says(
        self, api: Api, pull: Pull, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(urllib3.util.retry, "time", SimpleNamespace(time=lambda: 1792005580.0))
        api.on("/orders", Reply(status=503).with_headers(Retry_After="Wed, 14 Oct 2026 19:20:00 GMT"), FINE)
        assert pull(cursors()) == Pulled(1, 1)
        assert pull.slept == [pytest.approx(20, abs=0.01)]

    def test_a_wait_that_cannot_be_read_is_one_that_was_not_given(self, api: Api, pull: Pull) -> None:
        busy = Reply(status=429).with_headers(Retry_After="soon")
        api.on("/orders", busy, busy, FINE)
        assert pull(cursors(), backoff_seconds=3) == Pulled(1, 1)
        assert pull.slept == [pytest.approx(6, abs=0.01)]

    @pytest.mark.parametrize("broken", [Reply(FINE.body, cut=9), Reply(FINE.body, cut=9, chunked=True)])
    def test_an_answer_that_breaks_off_is_asked_for_again(self, api: Api, pull: Pull, broken: Reply) -> None:
        api.on("/orders", broken, broken, FINE)
        assert pull(cursors()) == Pulled(1, 1)
        assert pull.bodies == {"page-000001.json": FINE.body}
        assert len(api.asked) == 3

    def test_a_redirect_on_the_same_server_is_followed_with_the_credentials(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(status=301).with_headers(Location="/v2/orders?all=1"))
        api.on("/v2/orders?all=1", Reply(status=307).with_headers(Location=f"{api.url}/v3/orders?page=ä#top"))
        api.on("/v3/orders?page=%C3%A4", said(orders(1)).with_headers(Link="<orders?page=b>; rel=next"))
        api.on("/v3/orders?page=b", said(orders(2)))
        assert pull({"path": "orders", "paging": {"style": "link"}}, auth={"bearer": "abcd"}) == Pulled(2, 2)
        assert [headers["authorization"] for headers in api.headers] == ["Bearer abcd"] * 4


class TestTheRate:
    def test_requests_begin_no_sooner_than_it_allows(self, api: Api, tmp_path: Path) -> None:
        busy = Reply(status=503).with_headers(Retry_After="10")
        api.on("/orders?page=1", Reply(status=503), said(orders(1)))
        api.on("/orders?page=2", said(orders(2)))
        api.on("/orders?page=3", busy, said([]))
        now, slept = [100.0], []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            now[0] += seconds

        table = HttpTable.model_validate({"path": "orders", "paging": {"style": "page"}})
        http = Http(base_url=api.url, requests_per_second=4, backoff_seconds=0)
        assert pull_http(http, table, tmp_path, None, sleep, lambda: now[0]) == Pulled(2, 2)
        assert slept == [0.25, 0.25, 0.25, 10.0]


class TestWhatDoesNotPass:
    def test_a_server_that_stays_busy_is_named_with_what_it_says(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said({"error": "overload"}, 503))
        assert refused(pull, retries=2) == (
            "GET URL/orders: the answer is 503 Service Unavailable, also when asked 3 times (application/json): "
            f'{{"error": "overload"}}. {LATER}'
        )
        assert len(api.asked) == 3

    def test_a_server_that_wants_a_longer_wait_than_we_do_is_given_up(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(status=429).with_headers(Retry_After="301"))
        assert refused(pull) == (
            "GET URL/orders: the answer is 429 with Retry-After: 301, longer than max_wait_seconds: 300. "
            "Run it again after that time; it goes on from the last page it has."
        )
        assert pull.slept == []

    @pytest.mark.parametrize(
        ("status", "said_so"),
        [
            (400, "400 Bad Request (application/json): {}. Check base_url, path and params."),
            (
                401,
                "401 Unauthorized (application/json): {}. Check auth: the credentials are wrong, have expired, or do "
                "not allow to read this.",
            ),
            (
                403,
                "403 Forbidden (application/json): {}. Check auth: the credentials are wrong, have expired, or do not "
                "allow to read this.",
            ),
            (404, "404 Not Found (application/json): {}. Check base_url, path and params."),
            (302, "302 Found (application/json): {}. Check base_url, path and params."),
            (599, "599 (application/json): {}. Check base_url, path and params."),
        ],
    )
    def test_a_refusal_is_not_asked_for_again(self, api: Api, pull: Pull, status: int, said_so: str) -> None:
        api.on("/orders", said({}, status))
        assert refused(pull) == f"GET URL/orders: the answer is {said_so}"
        assert len(api.asked) == 1

    @pytest.mark.parametrize("chunked", [True, False])
    def test_an_answer_that_always_breaks_off_is_no_page(self, api: Api, pull: Pull, chunked: bool) -> None:
        api.on("/orders", Reply(FINE.body, cut=9, chunked=chunked))
        message = refused(pull, retries=1)
        assert message.startswith("GET URL/orders: the connection broke off (")
        assert message.endswith(f"). It was asked 2 times. {LATER}")
        assert pull.bodies == {}

    def test_a_server_that_is_not_there_is_said_to_be_so(self, api: Api, pull: Pull) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        assert refused(pull, base_url=f"http://127.0.0.1:{port}", retries=1) == (
            f"GET http://127.0.0.1:{port}/orders: there is no connection ([Errno 111] Connection refused). "
            "It was asked 2 times. Check base_url and the network."
        )

    def test_a_silent_server_is_given_up_after_the_timeout(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(silent=True))
        assert refused(pull, retries=1, timeout_seconds=0.05) == (
            f"GET URL/orders: there is no sign of life within timeout_seconds: 0.05. It was asked 2 times. {LATER}"
        )

    def test_a_server_without_a_certificate_is_not_asked_twice(self, api: Api, pull: Pull) -> None:
        message = refused(pull, base_url=api.url.replace("http", "https"))
        assert message.startswith(f"GET {api.url.replace('http', 'https')}/orders: there is no safe connection (")
        assert message.endswith("). If it has a certificate of your own, declare the authority's as ca_file.")

    def test_authorities_that_are_not_there_are_named(self, pull: Pull) -> None:
        assert refused(pull, ca_file="/nowhere/ca.pem") == (
            "URL: there is no file /nowhere/ca.pem, which ca_file names. Check its path."
        )

    def test_a_body_that_is_not_compressed_as_it_says_is_refused(self, api: Api, pull: Pull) -> None:
        api.on("/orders", FINE.with_headers(Content_Encoding="gzip"))
        assert refused(pull) == (f"GET URL/orders: the answer is not compressed as its Content-Encoding says. {LATER}")

    def test_redirects_without_end_are_not_followed(self, api: Api, pull: Pull) -> None:
        api.on("/orders", Reply(status=302).with_headers(Location="orders"))
        assert refused(pull) == ("GET URL/orders: it is redirected more than 5 times. Check base_url and path.")
        assert len(api.asked) == 6


class TestBodies:
    @pytest.mark.parametrize(
        ("reply", "said_so"),
        [
            (
                Reply(b"<!doctype html>\n<h1>Log  in</h1>", headers=(("Content-Type", "text/html"),)),
                "is no JSON (text/html): <!doctype html> <h1>Log in</h1>.",
            ),
            (Reply(b""), "is no JSON (no Content-Type): nothing."),
            (Reply(b"x" * 300), f"is no JSON (no Content-Type): {'x' * 200}…."),
            (Reply(b'{"data": [{"name": "somebody"'), "is no JSON."),
            (Reply(b'{"data": [{"name": NaN}]}'), "is no JSON."),
            (Reply(b'{"data": [{"name": "Zo\xeb"}]}'), "is not UTF-8 text, as JSON has to be."),
            (Reply(b"[" * 100_000), "is no JSON."),
            (said({"error": "no", "code": 7}), "has nothing at data; at its top it has error, code."),
            (said({}), "has nothing at data; at its top it has nothing."),
            (said({"data": {"id": 1}}), "has no array at data; at its top it has data."),
            (said([{"id": 1}]), "has nothing at data; at its top it has an array."),
            (said("error"), "has nothing at data; at its top it has no object."),
            (
                said({"data": [], "next": {"id": 1}}),
                "has an array, an object or true at next, where a text or number should be.",
            ),
        ],
    )
    def test_one_that_is_not_as_declared_is_refused_without_showing_records(
        self, api: Api, pull: Pull, reply: Reply, said_so: str
    ) -> None:
        api.on("/orders", reply)
        assert refused(pull) == f"GET URL/orders: the answer {said_so} Check what http: declares."
        assert pull.bodies == {}

    def test_without_a_path_the_top_is_an_array_or_one_record(self, api: Api, pull: Pull) -> None:
        api.on("/orders", said("error"), said({"id": 1}))
        assert refused(pull, {"path": "orders"}) == (
            "GET URL/orders: the answer has neither an array nor an object at its top. Check what http: declares."
        )
        assert pull({"path": "orders"}) == Pulled(1, 1)
