"""What the README shows is what works."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from c360.cli import app
from c360.config.load import mistakes
from c360.registry import TABLES, load
from tests.input.commands import Sail

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


SOURCES = (ROOT / "docs/sources.md").read_text(encoding="utf-8")


def test_the_source_in_the_docs_is_a_right_one(tmp_path):
    text = re.search(r"```yaml\n(source: .*?)```", SOURCES, re.DOTALL)[1]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").write_text(text, encoding="utf-8")
    assert [str(mistake) for mistake in mistakes(tmp_path)] == []


def test_every_command_the_readme_names_exists():
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    blocks = "\n".join(re.findall(r"```\n(.*?)```", README, re.DOTALL))
    named = set(re.findall(r"^c360 ([\w-]+)", blocks, re.MULTILINE)) | set(re.findall(r"`c360 ([\w-]+)", README))
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


def test_the_ten_minutes_of_the_readme_go_as_it_says(tmp_path: Path, sail: Sail) -> None:
    """The two files, the draft with its two corrections, and every command, in a folder of their own."""
    section = re.search(r"## Your own source in ten minutes\n(.*?)\nA mart is", README, re.DOTALL)[1]
    for name, text in re.findall(r"^`(data/[^`]+)`:\n\n```\n(.*?)```", section, re.DOTALL | re.MULTILINE):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        os.utime(file, (0, 0))
    commands = re.findall(r"^c360 .+$", section, re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["init-source", "check", "run", "sql"]
    drafted, *others = [shlex.split(command)[1:] for command in commands]
    assert sail.run(tmp_path, drafted, {}).code == 0
    conf = tmp_path / "conf/sources/cafe.yml"
    draft = conf.read_text(encoding="utf-8")
    shown = re.search(r"  kunden:\n.*?```", section, re.DOTALL)[0].removesuffix("```")
    assert [line for line in shown.splitlines() if line.split("…")[0] not in draft] == []
    mapping = re.search(r"```yaml\n(unified:.*?)```", section, re.DOTALL)[1]
    kept = draft[: draft.index("# What could fill")].replace("timezone: UTC", "timezone: Europe/Berlin")
    conf.write_text(kept + mapping, encoding="utf-8")
    said = [sail.run(tmp_path, command, {}) for command in others]
    assert [ran.code for ran in said] == [0, 0, 0], said
    result = re.search(r"```\n(full_name.*?)```", section, re.DOTALL)[1]
    assert said[-1].out == result
