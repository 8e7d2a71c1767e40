"""References to the environment and to files, the .env file, and that what they hold is never shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from shop import Conf

from c360.config.load import load
from c360.config.secrets import environment, hide, mask
from c360.errors import ConfigError

SECRET = "s3cr3t-Value"


def test_a_reference_is_replaced_inside_any_text(conf: Conf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_NAME", "corner")
    monkeypatch.setenv("SHOP_RATE", "0.25")
    Path("folder").mkdir()
    Path("folder/about.txt").write_text("sells\nthings\n")
    conf.shop("description: the ${env:SHOP_NAME} shop ${file:folder/about.txt}.")
    conf.write("c360.yml", "max_reject_rate: ${env:SHOP_RATE}\nnot_revenue: ['${env:SHOP_NAME}', lost]")
    config = conf.load()
    assert config.sources["shop"].description == "the corner shop sells\nthings."
    assert config.settings.max_reject_rate == 0.25
    assert config.settings.not_revenue == ("corner", "lost")


def test_a_file_s_path_begins_beside_conf_or_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: Conf
) -> None:
    (tmp_path / "password").write_text("beside\r\n")
    conf.shop("description: ${file:password}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert load(tmp_path / "conf").sources["shop"].description == "beside"
    (tmp_path / "conf/sources/shop.yml").write_text(
        (tmp_path / "conf/sources/shop.yml").read_text().replace("${file:password}", f"${{file:{tmp_path}/password}}")
    )
    assert load(tmp_path / "conf").sources["shop"].description == "beside"


def test_what_cannot_be_resolved_is_named_with_file_and_line(conf: Conf, tmp_path: Path) -> None:
    conf.shop("description: ${env:C360_NOT_SET}")
    conf.write("c360.yml", "settle_seconds: ${env:C360_NOT_SET}\nnot_revenue: ['${file:gone.txt}']\n")
    assert conf.lines() == [
        "conf/c360.yml:1 settle_seconds: the environment variable C360_NOT_SET is not set; set it, "
        "or add C360_NOT_SET=… to .env",
        "conf/c360.yml:2 not_revenue[0]: the file gone.txt of ${file:gone.txt} cannot be read: "
        f"No such file or directory ({tmp_path}/gone.txt)",
        "conf/sources/shop.yml:18 description: the environment variable C360_NOT_SET is not set; set it, "
        "or add C360_NOT_SET=… to .env",
    ]


@pytest.mark.parametrize(
    ("reference", "meant"),
    [("${evn:NAME}", ""), ("${NAME}", "; write ${env:NAME}"), ("${vault:a/b}", "")],
)
def test_a_reference_of_another_form_is_refused(conf: Conf, reference: str, meant: str) -> None:
    conf.shop(f"description: {reference}")
    assert conf.lines() == [
        f"conf/sources/shop.yml:18 description: {reference} is no reference{meant}; allowed: ${{env:NAME}} "
        "(an environment variable), ${file:PATH} (the text of a file)"
    ]


def test_the_env_file_supplements_the_environment_and_does_not_override_it(
    conf: Conf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_BOTH", "environment")
    monkeypatch.delenv("FROM_FILE", raising=False)
    Path(".env").write_text("FROM_BOTH=file\nFROM_FILE=file\n")
    conf.shop("description: ${env:FROM_BOTH} ${env:FROM_FILE}")
    assert conf.load().sources["shop"].description == "environment file"
    assert "FROM_FILE" not in os.environ


def test_the_env_file_s_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# comment\n\nC1=plain\nexport C2 = spaced out  # comment\nC3='single # \\n kept'\n"
        'C4="double \\"quoted\\"\\n\\\\ line" # comment\nC5=\nC6=a#b=c\nC7=#nothing\nC8=${C1}\n'
    )
    variables, unreadable = environment(file)
    assert unreadable == []
    assert {name: value for name, value in variables.items() if name[0] == "C" and name[1:].isdigit()} == {
        "C1": "plain",
        "C2": "spaced out",
        "C3": "single # \\n kept",
        "C4": 'double "quoted"\n\\ line',
        "C5": "",
        "C6": "a#b=c",
        "C7": "",
        "C8": "${C1}",
    }


def test_a_line_of_the_env_file_that_cannot_be_read_is_named_without_its_text(conf: Conf) -> None:
    Path(".env").write_text(f"GOOD=1\n{SECRET}\nOPEN='{SECRET}\nAFTER='a' {SECRET}\n")
    conf.shop()
    said = "not readable; write NAME=value, with the value's quotes closed"
    assert conf.lines() == [f".env:2: {said}", f".env:3: {said}", f".env:4: {said}"]


def test_no_env_file_is_needed(tmp_path: Path) -> None:
    assert environment(tmp_path / ".env") == (dict(os.environ), [])


@pytest.mark.parametrize("secret", [SECRET, "eu"])
@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("timezone: X", "18 timezone: what X stands for is not allowed here"),
        ("delivered_at: X", "18 delivered_at: what X stands for is not allowed here"),
        ("csv: {quote: 'X'}", "18 csv.quote: must have 1 or fewer characters, found 'X'"),
        ("csv: {header: 'X'}", "18 csv.header: must be true or false, found 'X'"),
        (
            "csv: {compression: 'X'}",
            "18 csv.compression: no such compression 'X'; allowed: auto, none, gzip, bz2, zstd",
        ),
        ("csv: {encoding: 'X'}", "18 csv.encoding: what X stands for is not allowed here"),
        ("tables: {t: {columns: {a: 'X'}, key: a, files: f}}", None),
        ("unified: {orders: {from: 'X', columns: {order_id: a}}}", None),
        ("unified: {orders: {from: orders, columns: {order_id: 'X > oops'}}}", None),
        ("unified: {orders: {query: 'SELECT X FROM X', columns: {order_id: order_id}}}", None),
    ],
)
def test_no_message_contains_a_secret(
    conf: Conf, monkeypatch: pytest.MonkeyPatch, secret: str, place: str, line: str | None
) -> None:
    monkeypatch.setenv("TOKEN", secret)
    conf.shop()
    conf.write("local/sources/shop.yml", place.replace("X", "${env:TOKEN}"))
    with pytest.raises(ConfigError) as raised:
        conf.load()
    lines = str(raised.value).splitlines()
    assert lines
    assert not any(secret in line.lower().replace("${env:token}", "") for line in lines)
    if line is not None:
        assert lines == [f"conf/local/sources/shop.yml:{line.replace('18 ', '1 ').replace('X', '${env:TOKEN}')}"]


def test_a_resolved_secret_is_masked_in_every_spelling(conf: Conf, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = 'p@ss "wörd"/1'
    monkeypatch.setenv("PASSWORD", secret)
    conf.shop("description: ${env:PASSWORD}")
    assert mask(f"not yet known: {secret}") == f"not yet known: {secret}"
    conf.load()
    assert mask(f"as it is: {secret}.") == "as it is: ***."
    assert mask(f"in JSON: {json.dumps({'password': secret})}") == 'in JSON: {"password": "***"}'
    assert mask("in a URL: db://me:p%40ss%20%22w%C3%B6rd%22%2F1@host") == "in a URL: db://me:***@host"


def test_each_line_of_a_secret_is_masked_and_the_longer_of_two_first(conf: Conf) -> None:
    hide("first line\nsecond line")
    hide("second")
    assert mask("log: second line, first line, second") == "log: ***, ***, ***"


def test_values_of_fewer_than_four_characters_are_not_masked(conf: Conf) -> None:
    hide("eu")
    hide("")
    hide("four")
    assert mask("eu has four eu") == "eu has *** eu"
