"""Pulls from the server of a test, and what it has in most tests."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from api_server import Api, said

from c360.config.http import Http, HttpTable
from c360.errors import SourceError
from c360.pull.base import Pulled
from c360.pull.http import pull_http

STATE = "_state.json"


class Pull:
    """Pulls into one folder, and says what is in it."""

    def __init__(self, api: Api, folder: Path) -> None:
        self.api, self.folder = api, folder
        self.slept: list[float] = []

    def __call__(self, table: dict[str, Any], mark: str | None = None, **http: Any) -> Pulled:
        server = Http.model_validate({"base_url": self.api.url, **http})
        return pull_http(server, HttpTable.model_validate(table), self.folder, mark, self.slept.append)

    @property
    def pages(self) -> dict[str, Any]:
        """The pages as JSON, by name."""
        return {name: json.loads(body) for name, body in self.bodies.items()}

    @property
    def bodies(self) -> dict[str, bytes]:
        """All files but the state, by name."""
        return {file.name: file.read_bytes() for file in sorted(self.folder.iterdir()) if file.name != STATE}


def orders(*ids: int) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]


def cursors(**more: Any) -> dict[str, Any]:
    return {"path": "orders", "records": "data", "paging": {"style": "cursor", "next": "next", **more}}


def by_cursor(api: Api) -> None:
    """Five orders on three pages, and an empty page in between."""
    api.on("/orders", said({"data": orders(1, 2), "next": "b/="}))
    api.on("/orders?cursor=b%2F%3D", said({"data": [], "next": 7}))
    api.on("/orders?cursor=7", said({"data": orders(3, 4), "next": "d"}))
    api.on("/orders?cursor=d", said({"data": orders(5), "next": None}))


THREE = {
    "page-000001.json": {"data": orders(1, 2), "next": "b/="},
    "page-000002.json": {"data": orders(3, 4), "next": "d"},
    "page-000003.json": {"data": orders(5), "next": None},
}


def refused(pull: Pull, table: dict[str, Any] | None = None, **http: Any) -> str:
    """What is said, without the server's name, which is another in every test."""
    with pytest.raises(SourceError) as error:
        pull(table or cursors(), **http)
    assert "s3cr3t" not in "".join(traceback.format_exception(error.value))
    return str(error.value).replace(pull.api.url, "URL")
