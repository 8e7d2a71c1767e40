"""Configurations in a folder of their own, and no secret known yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from c360.config import secrets
from c360.config.load import Config, load


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Config]:
    """Writes files of conf/ and reads them."""
    monkeypatch.setattr(secrets, "_hidden", set())

    def write(files: Mapping[str, str]) -> Config:
        for name, text in files.items():
            file = tmp_path / "conf" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), "utf-8")
        return load(tmp_path / "conf")

    return write
