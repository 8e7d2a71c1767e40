"""One session for the whole suite: a local Spark by default, Sail with `--engine sail`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.input.commands import Sail


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["spark", "sail"], default="spark", help="the engine of the `spark` fixture")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes on Spark alone is slow there; what runs everything on it comes last, when it is warm."""
    if config.getoption("--engine") == "spark":
        for item in items:
            if item.get_closest_marker("slow_on_spark"):
                item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.parent.name == "engines")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """Name of the engine this process tests."""
    return str(request.config.getoption("--engine"))


@pytest.fixture(scope="session")
def spark(engine: str) -> Iterator[object]:
    """The shared session. One process can hold only one kind, so every test uses this one."""
    from c360.session import start

    os.environ.setdefault("RUST_LOG", "error")
    with start(engine) as session:
        yield session.spark


@pytest.fixture(scope="session")
def sail() -> Iterator[Sail]:
    """A process that runs commands on one Sail session; this process may have a Spark session."""
    process = Sail()
    yield process
    process.close()
