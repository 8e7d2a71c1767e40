"""Credentials of HTTP APIs: sent as declared, to one server only, and shown to nobody."""

from __future__ import annotations

import logging

import pytest
from api_server import Api, Reply, said, serving
from http_pulls import STATE, Pull, cursors, orders, refused

from c360.config import secrets
from c360.pull.base import Pulled

FINE = said({"data": orders(1)})
SECRET = "s3cr3t+Täken/=1"


class TestSecrets:
    @pytest.mark.parametrize(
        ("auth", "header", "value"),
        [
            ({"bearer": "t0ken"}, "authorization", "Bearer t0ken"),
            ({"user": "zoë", "password": "p:w"}, "authorization", "Basic em/DqzpwOnc="),
            ({"header": "X-Api-Key", "value": "k3y"}, "x-api-key", "k3y"),
        ],
    )
    def test_credentials_are_sent_as_declared(
        self, api: Api, pull: Pull, auth: dict[str, str], header: str, value: str
    ) -> None:
        api.on("/orders", FINE)
        pull(cursors(), auth=auth, headers={"accept": "application/hal+json", "X-Shop": "7"})
        assert {name: api.headers[0][name] for name in (header, "accept", "x-shop")} == {
            header: value,
            "accept": "application/hal+json",
            "x-shop": "7",
        }

    @pytest.mark.parametrize("auth", [{"bearer": "s3cr3t"}, {"user": "shop", "password": "s3cr3t"}])
    def test_a_server_that_repeats_them_is_not_quoted_with_them(
        self, api: Api, pull: Pull, auth: dict[str, str]
    ) -> None:
        api.on("/orders", Reply(b"s3cr3t " * 40 + b"and Basic c2hvcDpzM2NyM3Q=", 401))
        assert refused(pull, auth=auth, headers={}).startswith(
            "GET URL/orders: the answer is 401 Unauthorized (no Content-Type): " + "*** " * 40 + "and Basic "
        )
        assert ("c2hvcDpzM2NyM3Q=" in refused(pull, auth=auth)) == ("bearer" in auth)

    def test_a_secret_in_the_query_is_in_no_message_state_name_or_log(
        self, api: Api, pull: Pull, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The server repeats all it is sent: in a link, in an error and in a redirect."""
        secrets.hide(SECRET)  # as conf does with ${env:…}
        encoded = "s3cr3t%2BT%C3%A4ken%2F%3D1"
        caplog.set_level(logging.DEBUG)

        def repeat(query: dict[str, list[str]]) -> Reply:
            assert query["key"] == query["shop"] == [SECRET]
            target = f"{api.url}/orders?shop={encoded}&page=2&key={encoded}"
            if "page" not in query:
                return said({"data": orders(1), "next": target})
            echo = Reply(f"no {target} for {query['key'][0]}".encode(), 403)
            return Reply(status=500) if len(api.asked) == 2 else echo

        api.script("/orders", repeat)
        table = {"path": "orders", "records": "data", "paging": {"style": "link", "next": "next"}}
        table["params"] = {"shop": SECRET}
        auth = {"param": "key", "value": SECRET}
        message = refused(pull, table, auth=auth)
        assert message == (
            "GET URL/orders?shop=***&page=2: the answer is 403 Forbidden, also when asked 2 times (no Content-Type): "
            "no URL/orders?shop=***&page=2&key=*** for ***. Check auth: the credentials are wrong, have expired, or do "
            "not allow to read this."
        )
        for text in (pull.folder.joinpath(STATE).read_text(), caplog.text, *pull.bodies):
            assert "s3cr3t" not in text
        assert "/orders?shop=***" in caplog.text

    def test_a_pull_goes_on_at_a_link_with_secrets_in_it(self, api: Api, pull: Pull) -> None:
        link = f"{api.url}/orders?key=old&shop=a%20b&page=2&x=$0"
        api.on("/orders?shop=a%20b&key=abcd", said({"data": orders(1), "next": link}))
        target = "/orders?shop=a%20b&page=2&x=$0&key="
        api.on(f"{target}abcd", Reply(status=401))
        api.on(f"{target}efgh", said({"data": orders(2)}))
        table = {"path": "orders", "records": "data", "paging": {"style": "link", "next": "next"}}
        table["params"] = {"shop": "a b"}
        assert "401" in refused(pull, table, auth={"param": "key", "value": "abcd"})
        assert pull(table, auth={"param": "key", "value": "efgh"}) == Pulled(2, 2)
        assert list(pull.pages.values()) == [{"data": orders(1), "next": link}, {"data": orders(2)}]

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(FINE.body, cut=3),
            Reply(silent=True),
            Reply(b"no", 404),
            Reply(b"no"),
            Reply(status=302).with_headers(Location="http://other.example/?key=s3cr3t%2BT%C3%A4ken%2F%3D1"),
            Reply(status=429).with_headers(Retry_After="9999"),
            said({}),
        ],
    )
    def test_no_error_shows_one(self, api: Api, pull: Pull, reply: Reply) -> None:
        api.script("/orders", lambda query: reply)
        auth = {"param": "key", "value": SECRET}
        said_so = refused(pull, {"path": "orders", "records": "data"}, auth=auth, retries=0, timeout_seconds=0.05)
        assert said_so.startswith("GET URL/orders: ")
        assert "s3cr3t" not in said_so


class TestOtherServers:
    @pytest.mark.parametrize("auth", [{"bearer": "abcd"}, {"param": "key", "value": "abcd"}])
    def test_neither_a_redirect_nor_a_link_takes_the_credentials_there(
        self, api: Api, pull: Pull, auth: dict[str, str]
    ) -> None:
        with serving() as other:
            query = "?key=abcd" if "param" in auth else ""
            api.on(f"/orders{query}", Reply(status=302).with_headers(Location=f"{other.url}/orders?key=abcd"))
            api.on(f"/linked{query}", said(orders(1)).with_headers(Link=f"<{other.url}/orders>; rel=next"))
            to_do = (
                f"it leads to {other.url}, another server than base_url's, URL, for which the credentials are. If it "
                "is the right one, declare it as base_url."
            )
            assert refused(pull, auth=auth) == f"GET URL/orders: {to_do}"
            linked = {"path": "linked", "paging": {"style": "link"}}
            assert refused(pull, linked, auth=auth) == f"GET {other.url}/orders: {to_do}"
            assert other.asked == []

    @pytest.mark.parametrize(
        "target", ["//evil.example/x", "ftp://127.0.0.1/x", "http://127.0.0.1:99999/", "https://127.0.0.1/"]
    )
    def test_nor_does_a_target_of_another_form(self, api: Api, pull: Pull, target: str) -> None:
        api.on("/orders", Reply(status=302).with_headers(Location=target))
        assert ", another server than base_url's, URL, " in refused(pull)
