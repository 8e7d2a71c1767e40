"""docs/audiences.md: every example in it is right, and every command prints what it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from c360.audiences.hashing import HASHED
from c360.config.audience_check import people_columns
from c360.config.audiences import OPERATORS, Audience, Condition
from c360.registry import load
from tests.audiences.consenting_shop import audience, shop_with
from tests.input.commands import Here, Sail
from tests.lakes import World

DOCUMENT = (Path(__file__).parents[2] / "docs/audiences.md").read_text("utf-8")
CONF = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
EXAMPLES = re.findall(r"^\| `(\{.+?\})` \|", DOCUMENT, re.MULTILINE)
SAID = dict(re.findall(r"```\n\$ c360 audience *(.*?)\n(.*?)```", DOCUMENT, re.DOTALL))


@pytest.mark.parametrize("text", CONF)
def test_every_file_it_shows_is_a_right_one(conf, text):
    conf.write("audiences.yml", text)
    assert conf.lines() == []


def test_every_condition_it_shows_is_a_right_one_and_every_operator_is_shown(conf):
    for example in EXAMPLES:
        conf.audience(example)
        assert conf.lines() == [], example
    shown = [Condition.model_validate(yaml.safe_load(re.sub(r"(\d{4}-[\d :-]+)", r'"\1"', e))) for e in EXAMPLES]
    operators = {condition.operator[0] for condition in shown if condition.column} | {"<=", ">", ">="}
    assert operators == {operator for kind in OPERATORS.values() for operator in kind}
    assert {condition.column for condition in shown} - {None} <= set(people_columns())


def test_every_key_table_and_hashed_column_is_in_it():
    assert all(re.search(rf"^\| .*`{key}`", DOCUMENT, re.MULTILINE) for key in Audience.model_fields)
    made = {name for name in load() if name.startswith(("gold.audience", "gold.consent"))}
    assert set(re.findall(r"^\| `(gold\.\w+)`", DOCUMENT, re.MULTILINE)) == made
    columns = {column for hashed in HASHED.values() for column in hashed}
    assert set(re.findall(r"^\| `(\w+_sha256\w*)`", DOCUMENT, re.MULTILINE)) == columns


@pytest.fixture(scope="module")
def shop(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> World:
    return shop_with(tmp_path_factory.mktemp("documented"), sail, CONF[0])


def test_the_list_is_as_shown(shop):
    header, *lines = (line.split() for line in SAID[""].splitlines())
    listed = json.loads(audience(shop, "--format", "json").out)
    assert [[str(line[column]) for column in header] for line in listed] == lines
    assert set(listed[0]) - set(header) == {"description", "channel", "purpose"}


@pytest.mark.parametrize("command", [command for command in SAID if command])
def test_every_export_says_what_is_shown(shop, command):
    given = ["audience", *command.split(), "--conf", str(shop.conf), "--lake", str(shop.lake)]
    said = Here().run(shop.folder, given, {})
    assert (said.code, said.out, said.err) == (0, SAID[command], "")
