"""A shop to give commands in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.input.commands import Sail, Shop


@pytest.fixture
def shop(sail: Sail, tmp_path: Path) -> Iterator[Shop]:
    """A shop without deliveries; whatever a test does in it, the ledger has to add up afterwards."""
    shop = Shop(tmp_path, sail)
    yield shop
    shop.check_ledger()
