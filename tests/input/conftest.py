"""One Sail session for all commands, and a shop to give them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from input.commands import Sail, Shop


@pytest.fixture(scope="session")
def sail() -> Iterator[Sail]:
    """The process that runs the commands."""
    process = Sail()
    yield process
    process.close()


@pytest.fixture
def shop(sail: Sail, tmp_path: Path) -> Iterator[Shop]:
    """A shop without deliveries; whatever a test does in it, the ledger has to add up afterwards."""
    shop = Shop(tmp_path, sail)
    yield shop
    shop.check_ledger()
