"""The default sample, once clean and once dirty."""

from __future__ import annotations

import pytest
from delivered import File, read_all

from c360.sample.retail import Planted, write_retail_sample


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> list[File]:
    folder = tmp_path_factory.mktemp("clean")
    assert write_retail_sample(folder, dirt=False) == []
    return read_all(folder)


@pytest.fixture(scope="session")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, File], list[Planted]]:
    folder = tmp_path_factory.mktemp("dirty")
    planted = write_retail_sample(folder)
    return {file.name: file for file in read_all(folder)}, planted
