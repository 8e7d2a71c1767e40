"""Shops to give commands in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.input.commands import HOSTILE, Sail, Shop


@pytest.fixture
def shop(sail: Sail, tmp_path: Path) -> Iterator[Shop]:
    """A shop without deliveries; whatever a test does in it, the ledger has to add up afterwards."""
    shop = Shop(tmp_path, sail)
    yield shop
    shop.check_ledger()


@pytest.fixture(scope="session")
def filled(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop after one whole run; only to be read."""
    shop = Shop(tmp_path_factory.mktemp("filled"), sail)
    shop.customers("1,Ada Byron,Ada@x.org\n2,Bob,bob@x.org\n,Nobody,\n")
    shop.orders("10,1,9.99,2025-02-28 23:30:00,Completed\n11,1,5,2025-02-27 08:00:00,Cancelled\n12,,7,,\n")
    said = shop.c360("run")
    assert said.code == 0, said
    yield shop
    shop.check_ledger()


@pytest.fixture(scope="session")
def hostile(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose customers typed what they liked."""
    shop = Shop(tmp_path_factory.mktemp("hostile"), sail)
    out = io.StringIO()
    csv.writer(out).writerows([[key, name, "a@x.org"] for key, name in HOSTILE.items()])
    shop.customers(out.getvalue())
    assert shop.run().code == 0
    return shop
