"""A folder conf/ with a source and audiences, in an empty working directory."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from c360.config import secrets
from tests.config.shop import Conf


class AudienceConf(Conf):
    """The shop, and audiences beside it."""

    def audience(self, where: str, more: str = "") -> None:
        """Write one audience; its condition begins in line 7."""
        text = "audiences:\n  fans:\n    description: They like us\n    channel: email\n    purpose: marketing\n"
        text += "    where:\n" + indent(dedent(where).strip(), " " * 6) + "\n    columns: [c360_id, email]\n"
        self.write("audiences.yml", text + dedent(more))


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AudienceConf:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(secrets, "_hidden", set())
    made = AudienceConf()
    made.shop()
    return made
