"""The fixtures that several files of tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import urllib3.util.retry
from api_server import Api, serving
from http_pulls import Pull
from postgres_pulls import nothing_hidden, reader
from postgres_server import cluster, postgres

__all__ = ["cluster", "nothing_hidden", "postgres", "reader"]


@pytest.fixture
def api() -> Iterator[Api]:
    """A server for one test."""
    with serving() as server:
        yield server


@pytest.fixture
def pull(api: Api, tmp_path: Path, nothing_hidden: None, monkeypatch: pytest.MonkeyPatch) -> Pull:
    """Pulls from it, that wait for no chance."""
    monkeypatch.setattr(urllib3.util.retry, "random", SimpleNamespace(random=lambda: 0.0))
    return Pull(api, tmp_path / "orders")
