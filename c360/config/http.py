"""HTTP JSON APIs: how to ask one (a source's `http`), and what to ask it for (a table's `http`)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from c360.config.base import Model, listed
from c360.config.paths import UP, Step, parsed

_HEADER_NAME = re.compile(r"[!#$%&'*+.^`|~\w-]+", re.ASCII)


def _server(value: str) -> str:
    try:
        url = urlsplit(value)
        known = url.scheme in ("http", "https") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        known = False
    if not known or re.search(r"\s", value):
        raise ValueError("must be the address of a server, such as https://api.example.com/v1")
    if url.username is not None or url.password is not None:
        raise ValueError("must be without a user and password; declare them as auth: {user: …, password: …}")
    if url.query or url.fragment:
        raise ValueError("must end before ? and #; declare what follows as params of the tables")
    return value.rstrip("/")


def _relative(value: str) -> str:
    if "://" in value or value.startswith("//") or ".." in value.split("/"):
        raise ValueError("must be relative to base_url, such as orders or shops/12/orders")
    if re.search(r"[?#]", value):
        raise ValueError("must end before ? and #; declare what follows as params")
    return value.strip("/")


def _header_name(value: str) -> str:
    if not _HEADER_NAME.fullmatch(value):
        raise ValueError("is no name of a header; it has letters, digits and - only")
    return value


def _header_value(value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a header holds printable ASCII characters on one line; look for a line break at its end")
    return value


def _records_path(value: str) -> str:
    if any(step == UP or isinstance(step, int) for step in parsed(value)):
        raise ValueError(f"{value!r} must be keys and [] only; for example data.orders or orders[].lines[]")
    return value


def _single_path(value: str) -> str:
    if any(step in (UP, None) for step in parsed(value)):
        raise ValueError(f"{value!r} must lead to one value; for example paging.next or items[0].id")
    return value


Headers = dict[Annotated[str, AfterValidator(_header_name)], Annotated[str, AfterValidator(_header_value)]]
Params = dict[
    str,
    Annotated[
        tuple[str, ...],
        # a number or truth value is sent as it is written, which `checked` sees to
        BeforeValidator(listed, json_schema_input_type=str | int | float | bool | tuple[str | int | float | bool, ...]),
    ],
]
SinglePath = Annotated[str, AfterValidator(_single_path)]
Statuses = Annotated[
    tuple[Annotated[int, Field(ge=400, le=499)], ...],
    BeforeValidator(listed, json_schema_input_type=int | tuple[int, ...]),
]


class Auth(Model):
    """Who asks: one of a bearer token, a user with a password, a header, or a parameter of the query."""

    model_config = ConfigDict(hide_input_in_errors=True)

    bearer: str | None = Field(None, min_length=1, repr=False, description="a token, such as ${env:SHOP_TOKEN}")
    user: str | None = Field(None, description="of basic authentication, with password")
    password: str | None = Field(None, repr=False)
    header: Annotated[str, AfterValidator(_header_name)] | None = Field(None, description="such as X-Api-Key")
    param: str | None = Field(None, min_length=1, description="a parameter of the query, such as api_key")
    value: str | None = Field(None, min_length=1, repr=False, description="of that header or parameter")

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        given = {name for name, value in self if value is not None}
        if given not in ({"bearer"}, {"user", "password"}, {"header", "value"}, {"param", "value"}):
            raise ValueError(
                f"has {', '.join(sorted(given)) or 'nothing'}; write one of {{bearer: …}}, {{user: …, password: …}}, "
                "{header: …, value: …}, {param: …, value: …}"
            )
        if self.user is not None and ":" in self.user:
            raise ValueError("user may have no colon; basic authentication cannot say it")
        for secret in (self.bearer, self.value if self.header else None):
            if secret is not None:
                _header_value(secret)
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see."""
        return tuple(filter(None, (self.bearer, self.password or self.user, self.value)))


class Http(Model):
    """A server that is asked over HTTP, and with what manners."""

    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: Annotated[str, AfterValidator(_server)] = Field(description="such as https://api.example.com/v1")
    headers: Headers = Field({}, repr=False, description="sent with every request")
    auth: Auth | None = Field(
        None,
        description="{bearer: …}, {user: …, password: …}, {header: …, value: …} or {param: …, value: …}; "
        "it is sent to the server of base_url only",
    )
    timeout_seconds: float = Field(30, gt=0, le=3600, description="without a sign of life from the server")
    retries: int = Field(5, ge=0, le=20, description="of a request that broke off or met a busy server")
    backoff_seconds: float = Field(0.5, ge=0, le=120, description="doubled with every retry, up to 120 s")
    requests_per_second: float | None = Field(None, gt=0, description="at most; null: no limit")
    max_wait_seconds: float = Field(300, ge=0, le=21600, description="a server that asks for more is given up")
    ca_file: str | None = Field(None, description="PEM file of the authorities to trust; null: the system's")


class NoPaging(Model):
    """One answer holds everything."""

    style: Literal["none"] = "none"

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters it sends."""
        return ()


class PageNumbers(Model):
    """Pages are numbered; the last one is empty, or shorter than `size`."""

    style: Literal["page"]
    param: str = Field("page", min_length=1)
    first: Literal[0, 1] = Field(1, description="the number of the first page")
    size_param: str | None = Field(None, min_length=1, description="the parameter that says how many records to send")
    size: int | None = Field(None, ge=1, description="records in a page; null: an empty page is the last")

    @model_validator(mode="after")
    def _size_is_known(self) -> PageNumbers:
        if self.size_param and self.size is None:
            raise ValueError(f"size_param: {self.size_param} needs a size to send")
        return self

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters it sends."""
        return (self.param, *_given(self.size_param))


class Offsets(Model):
    """A page begins at the number of records before it; the last one is empty, or shorter than `limit`."""

    style: Literal["offset"]
    param: str = Field("offset", min_length=1)
    limit_param: str | None = Field(None, min_length=1, description="the parameter that says how many records to send")
    limit: int | None = Field(None, ge=1, description="records in a page; null: an empty page is the last")

    @model_validator(mode="after")
    def _limit_is_known(self) -> Offsets:
        if self.limit_param and self.limit is None:
            raise ValueError(f"limit_param: {self.limit_param} needs a limit to send")
        return self

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters it sends."""
        return (self.param, *_given(self.limit_param))


class Cursors(Model):
    """Every answer gives the cursor of the next page; the last one gives none."""

    style: Literal["cursor"]
    param: str = Field("cursor", min_length=1)
    next: SinglePath = Field(description="path to the next cursor in an answer; null or nothing there is the end")
    more: SinglePath | None = Field(None, description="path to whether there is more: true or false")
    expired_statuses: Statuses = Field((410,), description="with which a cursor is refused that was valid once")

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters it sends."""
        return (self.param,)


class Links(Model):
    """Every answer gives the URL of the next page; the last one gives none."""

    style: Literal["link"]
    next: SinglePath | None = Field(None, description="path to the URL in an answer; null: the header Link, rel=next")
    expired_statuses: Statuses = Field((410,), description="with which a URL is refused that was valid once")

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters it sends."""
        return ()


Paging = Annotated[NoPaging | PageNumbers | Offsets | Cursors | Links, Field(discriminator="style")]


def _by_its_style(value: Any) -> Any:
    """A style without options is written as one word."""
    return {"style": value} if isinstance(value, str) else value


class Since(Model):
    """Only what is new is asked for: what comes from the greatest value of a field on."""

    param: str = Field(min_length=1, description="the parameter that asks for what is new, such as updated_since")
    field: SinglePath = Field(description="path in a record, such as updated_at; numbers, or texts that sort by time")
    initial: str | None = Field(None, description="sent by the first pull; null: it asks for everything")


class HttpTable(Model):
    """What is asked for, and where the records are in an answer."""

    path: Annotated[str, AfterValidator(_relative)] = Field(description="relative to base_url, such as orders")
    params: Params = Field({}, repr=False, description="of the query, with every request; a list repeats its parameter")
    records: Annotated[str, AfterValidator(_records_path)] | None = Field(
        None, description="path to the array of records in an answer, such as data.orders; null: the top"
    )
    paging: Annotated[
        Paging,
        BeforeValidator(_by_its_style, json_schema_input_type=Literal["none", "page", "offset", "link"] | Paging),
    ] = Field(NoPaging(), description="where the next page is: none, page, offset, cursor or link")
    since: Since | None = Field(None, description="null: every pull asks for everything")
    max_pages: int = Field(100_000, ge=1, description="more requests than that are taken for a mistake")

    @model_validator(mode="after")
    def _params_once(self) -> HttpTable:
        names = [*self.params, *self.paging.params, *([self.since.param] if self.since else [])]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{twice[0]} is a parameter twice; params, paging and since each need their own")
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """The way to the records."""
        return parsed(self.records) if self.records else ()


def _given(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)
