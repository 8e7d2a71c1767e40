"""How HTTP APIs are declared, and what is said of a wrong declaration."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from c360.config.base import Model
from c360.config.document import changed, read
from c360.config.explain import checked
from c360.config.http import Auth, Cursors, Http, HttpTable, Links, NoPaging, Offsets, PageNumbers, Since
from c360.config.secrets import Secrets


class Declared(Model):
    """A source's and a table's part, as they stand in a file."""

    http: Http = Http(base_url="https://api.example")
    table: Annotated[HttpTable, Field(alias="orders")] = HttpTable(path="orders")


class Yaml:
    """Reads what a user writes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shop.yml"
        self.secrets = Secrets(folder, {"TOKEN": "t0ken", "BROKEN": "t0ken\nand more"})

    def _checked(self, text: str) -> tuple[Declared | None, list[str]]:
        self.file.write_text(dedent(text), "utf-8")
        tree, mistakes = read(self.file)
        assert tree is not None
        assert mistakes == []

        def resolved(scalar, loc):  # type: ignore[no-untyped-def]
            value = self.secrets.resolve(str(scalar.content))
            if value == scalar.content:
                return scalar
            return type(scalar)(scalar.file, scalar.line, value, False, str(scalar.content))

        result = checked(changed(tree, resolved), Declared)
        return result.model, [str(m).removeprefix(f"{self.file}:") for m in result.mistakes]

    def load(self, text: str) -> Declared:
        model, mistakes = self._checked(text)
        assert mistakes == []
        assert model is not None
        return model

    def mistakes(self, text: str) -> list[str]:
        return self._checked(text)[1]


@pytest.fixture
def yaml(tmp_path: Path) -> Yaml:
    return Yaml(tmp_path)


def test_everything_can_be_declared(yaml: Yaml) -> None:
    declared = yaml.load("""\
        http:
          base_url: https://api.example.com:8443/v1/
          headers: {Accept-Language: de, X-Version: 2}
          auth: {bearer: "${env:TOKEN}"}
          timeout_seconds: 10
          retries: 3
          backoff_seconds: 1
          requests_per_second: 2.5
          max_wait_seconds: 60
          ca_file: ca.pem
        orders:
          path: /shops/12/orders
          params: {state: [open, paid], limit: 010, all: true, price: 1.10}
          records: data.orders[].lines
          paging: {style: cursor, param: after, next: meta.next, more: meta.more, expired_statuses: [400, 410]}
          since: {param: updated_since, field: 'times["updated at"]', initial: 2020-01-01}
          max_pages: 50
        """)
    assert declared == Declared(
        http=Http(
            base_url="https://api.example.com:8443/v1",
            headers={"Accept-Language": "de", "X-Version": "2"},
            auth=Auth(bearer="t0ken"),
            timeout_seconds=10,
            retries=3,
            backoff_seconds=1,
            requests_per_second=2.5,
            max_wait_seconds=60,
            ca_file="ca.pem",
        ),
        table=HttpTable(
            path="shops/12/orders",
            params={"state": ("open", "paid"), "limit": ("010",), "all": ("true",), "price": ("1.10",)},
            records="data.orders[].lines",
            paging=Cursors(
                style="cursor", param="after", next="meta.next", more="meta.more", expired_statuses=(400, 410)
            ),
            since=Since(param="updated_since", field='times["updated at"]', initial="2020-01-01"),
            max_pages=50,
        ),
    )


@pytest.mark.parametrize(
    ("paging", "expected"),
    [
        ("none", NoPaging()),
        ("page", PageNumbers(style="page", param="page", first=1)),
        ("{style: page, param: p, first: 0, size_param: n, size: 50}",
         PageNumbers(style="page", param="p", first=0, size_param="n", size=50)),
        ("offset", Offsets(style="offset", param="offset")),
        ("{style: offset, limit_param: limit, limit: 50}", Offsets(style="offset", limit_param="limit", limit=50)),
        ("{style: cursor, next: next}", Cursors(style="cursor", param="cursor", next="next", expired_statuses=(410,))),
        ("link", Links(style="link")),
        ("{style: link, next: links.next, expired_statuses: 404}",
         Links(style="link", next="links.next", expired_statuses=(404,))),
    ],
)  # fmt: skip
def test_a_style_of_paging_without_options_is_one_word(yaml: Yaml, paging: str, expected: object) -> None:
    assert yaml.load(f"orders: {{path: orders, paging: {paging}}}").table.paging == expected


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ("{bearer: 123456}", Auth(bearer="123456")),
        ("{user: shop, password: ''}", Auth(user="shop", password="")),
        ("{header: X-Api-Key, value: k3y}", Auth(header="X-Api-Key", value="k3y")),
        ("{param: api_key, value: k3y}", Auth(param="api_key", value="k3y")),
    ],
)
def test_credentials_come_in_four_ways(yaml: Yaml, auth: str, expected: Auth) -> None:
    assert yaml.load(f"http: {{base_url: 'https://api.example', auth: {auth}}}").http.auth == expected


WAYS = "write one of {bearer: …}, {user: …, password: …}, {header: …, value: …}, {param: …, value: …}"


@pytest.mark.parametrize(
    ("auth", "mistake"),
    [
        ("{}", f"1 http.auth: has nothing; {WAYS}"),
        ("{bearer: a, user: b}", f"1 http.auth: has bearer, user; {WAYS}"),
        ("{header: X-Api-Key}", f"1 http.auth: has header; {WAYS}"),
        ("{user: 'a:b', password: c}", "1 http.auth: user may have no colon; basic authentication cannot say it"),
        ("{token: a}",
         "1 http.auth.token: no such key 'token'; allowed: bearer, user, password, header, param, value"),
        ("{header: 'X Api', value: a}",
         "1 http.auth.header: is no name of a header; it has letters, digits and - only; found 'X Api'"),
        ("{bearer: ''}", "1 http.auth.bearer: must have 1 or more characters, found ''"),
        ("{bearer: '${env:BROKEN}'}",
         "1 http.auth: a header holds printable ASCII characters on one line; look for a line break at its end"),
    ],
)  # fmt: skip
def test_wrong_credentials_are_refused_without_showing_them(yaml: Yaml, auth: str, mistake: str) -> None:
    assert mistake in yaml.mistakes(f"http: {{base_url: 'https://api.example', auth: {auth}}}")


@pytest.mark.parametrize(
    ("http", "mistake"),
    [
        ("base_url: api.example.org/v1",
         "2 http.base_url: must be the address of a server, such as https://api.example.com/v1; found "
         "'api.example.org/v1'"),
        ("base_url: ftp://api.example.com",
         "2 http.base_url: must be the address of a server, such as https://api.example.com/v1; found "
         "'ftp://api.example.com'"),
        ("base_url: https://api.example.com:99999",
         "2 http.base_url: must be the address of a server, such as https://api.example.com/v1; found "
         "'https://api.example.com:99999'"),
        ("base_url: https://me:pw@api.example.com",
         "2 http.base_url: must be without a user and password; declare them as auth: {user: …, password: …}; found "
         "'https://me:pw@api.example.com'"),
        ("base_url: https://api.example.com?key=1",
         "2 http.base_url: must end before ? and #; declare what follows as params of the tables; found "
         "'https://api.example.com?key=1'"),
        ("{base_url: 'https://a.example', headers: {X-Token: '${env:BROKEN}'}}",
         "2 http.headers.X-Token: what ${env:BROKEN} stands for is not allowed here"),
        ("{base_url: 'https://a.example', retries: 21}", "2 http.retries: must be at most 20, found 21"),
        ("{base_url: 'https://a.example', requests_per_second: 0}",
         "2 http.requests_per_second: must be more than 0, found 0"),
    ],
)  # fmt: skip
def test_a_wrong_server_is_refused(yaml: Yaml, http: str, mistake: str) -> None:
    assert yaml.mistakes(f"http:\n  {http}") == [mistake]


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ("path: https://other.example/orders",
         "2 orders.path: must be relative to base_url, such as orders or shops/12/orders; found "
         "'https://other.example/orders'"),
        ("path: ../admin",
         "2 orders.path: must be relative to base_url, such as orders or shops/12/orders; found '../admin'"),
        ("path: orders?state=open",
         "2 orders.path: must end before ? and #; declare what follows as params; found 'orders?state=open'"),
        ("{path: orders, records: 'data[0]'}",
         "2 orders.records: 'data[0]' must be keys and [] only; for example data.orders or orders[].lines[]"),
        ("{path: orders, records: 'data..x'}",
         "2 orders.records: 'data..x' is no path; for example address.city, items[0].sku, [\"odd.name\"], ^.order_id"),
        ("{path: orders, since: {param: since, field: 'times[]'}}",
         "2 orders.since.field: 'times[]' must lead to one value; for example paging.next or items[0].id"),
        ("{path: orders, paging: {style: page, size_param: n}}",
         "2 orders.paging: size_param: n needs a size to send"),
        ("{path: orders, params: {page: 1}, paging: page}",
         "1 orders: page is a parameter twice; params, paging and since each need their own"),
        ("{path: orders, paging: {style: offset, param: n, limit_param: n, limit: 5}}",
         "1 orders: n is a parameter twice; params, paging and since each need their own"),
        ("{path: orders, since: {param: cursor, field: at}, paging: {style: cursor, next: next}}",
         "1 orders: cursor is a parameter twice; params, paging and since each need their own"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused(yaml: Yaml, table: str, mistake: str) -> None:
    said = [line.replace("paging.page:", "paging:") for line in yaml.mistakes(f"orders:\n  {table}")]
    assert said == [mistake]


def test_nothing_secret_is_in_what_a_model_prints() -> None:
    models = [Auth(bearer="s3cr3t"), Auth(user="a", password="s3cr3t"), Auth(param="a", value="s3cr3t")]
    http = Http(base_url="https://api.example", headers={"X-Token": "s3cr3t"}, auth=models[0])
    printed = repr([*models, http, HttpTable(path="orders", params={"key": ("s3cr3t",)})])
    assert "s3cr3t" not in printed
    assert [model.secrets for model in models] == [("s3cr3t",)] * 3
    assert Auth(user="s3cr3t", password="").secrets == ("s3cr3t",)


def test_nothing_secret_is_in_what_a_model_refuses() -> None:
    for auth in ({"bearer": "s3cr3t\n"}, {"bearer": "s3cr3t", "user": "a"}, {"header": "X-Key", "value": "s3cr3t\n"}):
        with pytest.raises(ValidationError) as error:
            Http.model_validate({"base_url": "https://api.example", "auth": auth})
        assert "s3cr3t" not in str(error.value)


def test_an_editor_is_told_of_the_short_forms() -> None:
    schema = json.dumps(HttpTable.model_json_schema(by_alias=True))
    assert '"enum": ["none", "page", "offset", "link"]' in schema
    params = HttpTable.model_json_schema()["properties"]["params"]["additionalProperties"]["anyOf"]
    assert [kind["type"] for kind in params] == ["string", "integer", "number", "boolean", "array"]
