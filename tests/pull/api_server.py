"""A real HTTP server in a thread that says what a test has written down, and remembers what it was asked."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        cut: only so many bytes of the body are sent, then the connection is closed.
        chunked: the body is sent in chunks, without its length.
        silent: nothing is sent until the server is closed.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    chunked: bool = False
    silent: bool = False

    def with_headers(self, **headers: str) -> Reply:
        """With more headers; `_` in a name stands for `-`."""
        more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return replace(self, headers=self.headers + more)


def said(document: Any, status: int = 200) -> Reply:
    """A JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Reply(body, status, (("Content-Type", "application/json"),))


def zipped(document: Any) -> Reply:
    """A JSON document, compressed on the way."""
    plain = said(document)
    return replace(plain, body=gzip.compress(plain.body)).with_headers(Content_Encoding="gzip")


Script = Callable[[dict[str, list[str]]], Reply]


@dataclass
class Api:
    """The server.

    Attributes:
        url: where it is.
        asked: path and query of each request, as they were sent.
        headers: of each request, their names in lower case.
    """

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    _replies: dict[str, list[Reply]] = field(default_factory=dict)
    _scripts: dict[str, Script] = field(default_factory=dict)

    def on(self, target: str, *replies: Reply) -> None:
        """What is answered to a path with its query: by attempt, the last one for ever."""
        self._replies[target] = list(replies)

    def script(self, path: str, script: Script) -> None:
        """What is answered to a path, by the parameters of its query."""
        self._scripts[path] = script

    def reply(self, target: str, headers: dict[str, str]) -> Reply:
        """The next answer."""
        self.asked.append(target)
        self.headers.append(headers)
        if target in self._replies:
            left = self._replies[target]
            return left.pop(0) if len(left) > 1 else left[0]
        path, _, query = target.partition("?")
        if path in self._scripts:
            return self._scripts[path](parse_qs(query, keep_blank_values=True))
        return said({"error": f"nothing at {target}"}, 404)


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Api]:
    """An API that answers as long as the block lasts."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            reply = api.reply(self.path, {name.lower(): value for name, value in self.headers.items()})
            if reply.silent:
                api.closing.wait(30)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            part = reply.body if reply.cut is None else reply.body[: reply.cut]
            end = b"" if reply.cut is not None else b"0\r\n\r\n"
            self.wfile.write(b"%x\r\n%b\r\n%b" % (len(part), part, end) if reply.chunked else part)
            self.close_connection = reply.cut is not None

        def log_message(self, format: str, *args: object) -> None:
            """The tests look at `asked`."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    api.url = f"http://{host}:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
