"""One session for the whole suite: of Sail, or with `--engine spark` of a local Spark.

`make test` does both, side by side: everything on Sail, and what uses the session on Spark too.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.input.commands import Here, Sail


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sail", "spark"], default="sail", help="the engine of the `spark` fixture")
    parser.addoption("--half", action="store_true", help="only what belongs to the engine, where both are tested")


def pytest_configure() -> None:
    """A shell makes what it starts in the background deaf to Ctrl-C, and so would be all that these tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the tests of the engine; what starts a Spark of its own or runs every table on one comes last.

    To Spark's half belongs what uses the session or is marked `spark`, to Sail's all that is not so marked.
    """
    on_spark = config.getoption("--engine") == "spark"
    chosen, left_out = [], []
    for item in items:
        is_sparks = item.get_closest_marker("spark") is not None
        if on_spark and item.get_closest_marker("slow_on_spark"):
            item.add_marker(pytest.mark.slow)
        mine = is_sparks or "spark" in getattr(item, "fixturenames", ()) if on_spark else not is_sparks
        (chosen if mine or not config.getoption("--half") else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("spark") is not None)


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


@pytest.fixture(scope="session")
def spark_process(spark: object, engine: str) -> Here:
    """This process, with its Spark session: to start another costs more than most commands."""
    if engine != "spark":
        pytest.skip("the suite's session is not Spark's: --engine spark")
    return Here()
