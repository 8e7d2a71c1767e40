"""A client of one HTTP server: its credentials, patience with it, and what is said when it does not answer."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3 import exceptions
from urllib3.response import BaseHTTPResponse

from c360.config.http import Http
from c360.config.secrets import hide, mask
from c360.errors import SourceError
from c360.pull.pages import changed_query, with_query

BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Statuses that pass: the same request may be answered a moment later."""

MOST_REDIRECTS = 5
_SHOWN = 200
_SEARCHED = 20_000


def _masked(record: logging.LogRecord) -> bool:
    record.msg, record.args = mask(record.getMessage()), ()
    return True


for _name in ("urllib3.connectionpool", "urllib3.poolmanager", "urllib3.util.retry"):
    # they log URLs with all that is in them
    logging.getLogger(_name).addFilter(_masked)


@dataclass(frozen=True)
class Answer:
    """What a server said in the end.

    Attributes:
        asked: the URL as people may see it.
        url: the one that answered, after redirects; without what `auth` puts into it.
        status: of HTTP.
        body: decompressed.
        kind: its Content-Type.
        links: the Link headers.
        attempts: how often it was asked.
    """

    asked: str
    url: str
    status: int
    body: bytes = field(repr=False)
    kind: str = ""
    links: Sequence[str] = ()
    attempts: int = 1

    def problem(self, said: str, to_do: str, *, show: bool = False) -> SourceError:
        """An error about this answer, its beginning shown on demand."""
        beginning = " ".join(mask(self.body[:_SEARCHED].decode("utf-8", "replace")).split())
        if len(beginning) > _SHOWN:
            beginning = beginning[:_SHOWN] + "…"
        quoted = f" ({self.kind or 'no Content-Type'}): {beginning or 'nothing'}" if show else ""
        return SourceError(mask(f"GET {self.asked}: the answer {said}") + f"{quoted}. {to_do}")

    def refusal(self) -> SourceError:
        """An error about its status."""
        known = {status.value: f" {status.phrase}" for status in HTTPStatus}
        tried = f", also when asked {self.attempts} times" if self.attempts > 1 else ""
        to_do = "Check base_url, path and params."
        if self.status in (401, 403):
            to_do = "Check auth: the credentials are wrong, have expired, or do not allow to read this."
        elif self.status in BUSY:
            to_do = "Run it again later; it goes on from the last page it has."
        return self.problem(f"is {self.status}{known.get(self.status, '')}{tried}", to_do, show=True)


class Pace:
    """Waits: as long as is asked for, and until the rate allows one more request.

    Attributes:
        requests: how many were let through.
    """

    def __init__(self, per_second: float | None, sleep: Callable[[float], object], clock: Callable[[], float]) -> None:
        self.requests = 0
        self._interval = 1 / per_second if per_second else 0.0
        self._sleep, self._clock = sleep, clock
        self._next = clock()

    def wait(self, seconds: float = 0.0) -> None:
        """Wait before a request that should begin no earlier than in so many seconds."""
        now = self._clock()
        begin = max(now + seconds, self._next)
        if begin > now:
            self._sleep(begin - now)
        self._next = begin + self._interval
        self.requests += 1


class _Patience(urllib3.Retry):
    """urllib3's retries at our pace; a server that asks for too long a wait is given up."""

    def __init__(self, *args: Any, pace: Pace, longest: float, asked: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pace, self.longest, self.asked = pace, longest, asked

    def new(self, **changes: Any) -> Self:
        return super().new(pace=self.pace, longest=self.longest, asked=self.asked, **changes)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        try:
            wanted = self.get_retry_after(response) if response else None
        except exceptions.InvalidHeader:
            wanted = None  # it says nothing, so the wait is as long as without it
        if response and wanted and wanted > self.longest:
            said = f"{response.status} with Retry-After: {response.headers['Retry-After']}"
            raise SourceError(
                mask(f"GET {self.asked}: the answer is {said}, longer than max_wait_seconds: {self.longest:g}. ")
                + "Run it again after that time; it goes on from the last page it has."
            )
        self.pace.wait(wanted or self.get_backoff_time())


class Client:
    """Asks one server."""

    def __init__(self, http: Http, sleep: Callable[[float], object], clock: Callable[[], float]) -> None:
        self.http = http
        self.param: tuple[str, str] | None = None
        self._pace = Pace(http.requests_per_second, sleep, clock)
        if http.ca_file is not None and not Path(http.ca_file).expanduser().is_file():
            raise SourceError(f"{http.base_url}: there is no file {http.ca_file}, which ca_file names. Check its path.")
        ca_file = str(Path(http.ca_file).expanduser()) if http.ca_file else None
        timeout = urllib3.Timeout(connect=http.timeout_seconds, read=http.timeout_seconds)
        self._pool = urllib3.PoolManager(ca_certs=ca_file, timeout=timeout)
        self._headers = urllib3.HTTPHeaderDict(urllib3.make_headers(accept_encoding=True, user_agent="c360"))
        self._headers["Accept"] = "application/json"
        for name, value in http.headers.items():
            self._headers[name] = value
        self._sign()

    def get(self, url: str) -> Answer:
        """The answer to a request, whatever its status.

        Raises:
            SourceError: there is none, or the way to it leads to another server.
        """
        asked, before = self.shown(url), self._pace.requests
        for _ in range(MOST_REDIRECTS + 1):
            self._demand_own(asked, url)
            response = self._response(asked, url)
            target = response.get_redirect_location()
            if not target:
                attempts, links = self._pace.requests - before, response.headers.getlist("Link")
                kind = response.headers.get("Content-Type", "")
                return Answer(asked, self._bare(url), response.status, response.data, kind, links, attempts)
            url = urljoin(url, target)
        raise SourceError(f"GET {asked}: it is redirected more than {MOST_REDIRECTS} times. Check base_url and path.")

    def shown(self, url: str) -> str:
        """A URL as people may see it."""
        return mask(self._bare(url))

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    def _sign(self) -> None:
        auth = self.http.auth
        if auth is None:
            return
        for secret in auth.secrets:
            hide(secret)
        if auth.param is not None:
            self.param = auth.param, auth.value or ""
        elif auth.header is not None:
            self._headers[auth.header] = auth.value or ""
        elif auth.bearer is not None:
            self._headers["Authorization"] = f"Bearer {auth.bearer}"
        else:
            basic = b64encode(f"{auth.user}:{auth.password}".encode()).decode()
            hide(basic)
            self._headers["Authorization"] = f"Basic {basic}"

    def _response(self, asked: str, url: str) -> BaseHTTPResponse:
        patience = _Patience(
            self.http.retries,
            other=0,  # such as a certificate that is not trusted: it would not be the next time
            status_forcelist=BUSY,
            raise_on_status=False,
            backoff_factor=self.http.backoff_seconds,
            backoff_jitter=self.http.backoff_seconds / 2,
            pace=self._pace,
            longest=self.http.max_wait_seconds,
            asked=asked,
        )
        signed = with_query(self._bare(url), [self.param] if self.param else [])
        before = self._pace.requests
        self._pace.wait()
        try:
            return self._pool.urlopen("GET", signed, headers=self._headers, retries=patience, redirect=False)
        except exceptions.HTTPError as problem:
            reason = problem.reason if isinstance(problem, exceptions.MaxRetryError) else problem
            times = self._pace.requests - before
            tried = f" It was asked {times} times." if times > 1 else ""
            raise SourceError(mask(f"GET {asked}: {self._said(reason)}.{tried} {self._to_do(reason)}")) from None

    def _said(self, reason: Exception | None) -> str:
        match reason:
            case exceptions.NameResolutionError():
                return f"there is no host {urlsplit(self.http.base_url).hostname}, as far as the name servers know"
            case exceptions.NewConnectionError():
                return f"there is no connection ({str(reason).rpartition(': ')[2]})"
            case exceptions.TimeoutError():
                return f"there is no sign of life within timeout_seconds: {self.http.timeout_seconds:g}"
            case exceptions.SSLError():
                return f"there is no safe connection ({reason})"
            case exceptions.ProtocolError():
                return f"the connection broke off ({reason.args[0]})"
            case exceptions.DecodeError():
                return "the answer is not compressed as its Content-Encoding says"
            case _:
                return f"it cannot be asked ({type(reason).__name__})"

    def _to_do(self, reason: Exception | None) -> str:
        if isinstance(reason, exceptions.SSLError):
            return "If it has a certificate of your own, declare the authority's as ca_file."
        if isinstance(reason, exceptions.NewConnectionError):
            return "Check base_url and the network."
        return "Run it again later; it goes on from the last page it has."

    def _bare(self, url: str) -> str:
        """Without what `auth` puts into it."""
        return changed_query(url, lambda name, _: "" if self.param and name == self.param[0] else None)

    def _demand_own(self, asked: str, url: str) -> None:
        """Demand that credentials go to the server of base_url, or from its http to its https."""
        try:
            there = _origin(url)
        except ValueError:
            there = ("", "", None)
        here = _origin(self.http.base_url)
        if there == here or (here[::2] == ("http", 80) and there == ("https", here[1], 443)):
            return
        raise SourceError(
            mask(f"GET {asked}: it leads to {there[0]}://{there[1]}:{there[2]}, another server than base_url's, ")
            + f"{self.http.base_url}, for which the credentials are. If it is the right one, declare it as base_url."
        )


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
