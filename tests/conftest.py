"""One session for the whole suite: of Sail, or with `--engine spark` of a local Spark.

`make test` does both, side by side: everything on Sail, and what uses the session on Spark too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.input.commands import Sail


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sail", "spark"], default="sail", help="the engine of the `spark` fixture")
    parser.addoption("--session-only", action="store_true", help="only tests that use the `spark` fixture")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the options leave out; what runs every table on Spark comes last, when Spark is warm."""
    on_spark, session_only = config.getoption("--engine") == "spark", config.getoption("--session-only")
    kept, left_out = [], []
    for item in items:
        uses_session = "spark" in getattr(item, "fixturenames", ())
        if on_spark and item.get_closest_marker("slow_on_spark"):
            item.add_marker(pytest.mark.slow)
        for_spark = item.get_closest_marker("only_on_spark") is not None
        (left_out if (session_only and not uses_session) or (for_spark and not on_spark) else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("only_on_spark") is not None)


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
