"""What the README shows is what works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from c360.cli import app
from c360.config.load import mistakes
from c360.registry import TABLES, load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_source_in_the_readme_is_a_right_one(tmp_path):
    text = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)[1]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").write_text(text, encoding="utf-8")
    assert [str(mistake) for mistake in mistakes(tmp_path)] == []


def test_every_command_the_readme_names_exists():
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    blocks = "\n".join(re.findall(r"```\n(.*?)```", README, re.DOTALL))
    named = set(re.findall(r"^c360 (\w+)", blocks, re.MULTILINE)) | set(re.findall(r"`c360 (\w+)", README))
    assert named
    assert named <= commands


def test_every_gold_table_the_readme_names_exists():
    load()
    assert set(re.findall(r"gold\.(?!py)\w+", README)) <= set(TABLES)


@pytest.mark.parametrize("target", ["run", "test", "bench", "lint", "test-all"])
def test_every_make_target_the_readme_names_exists(target):
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_file_the_readme_links_to_exists():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
