"""A folder conf/ in an empty working directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import Conf

from c360.config import secrets


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conf:
    """An empty conf/ in a working directory of its own, and no secret known yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(secrets, "_hidden", set())
    Path("conf").mkdir()
    return Conf()
