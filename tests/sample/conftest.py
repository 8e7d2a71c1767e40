"""A sample world, once clean and once dirty."""

from __future__ import annotations

from pathlib import Path

import pytest
from delivered import File, read_world

from c360.sample.world import write_world

SIZE = {"customers": 400, "days": 3}


@pytest.fixture(scope="session")
def clean_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    assert write_world(folder, **SIZE, dirt=False) == []  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="session")
def dirty_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dirty")
    write_world(folder, **SIZE)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="session")
def clean(clean_world: Path) -> dict[str, list[File]]:
    return read_world(clean_world)


@pytest.fixture(scope="session")
def dirty(dirty_world: Path) -> dict[str, list[File]]:
    return read_world(dirty_world)
