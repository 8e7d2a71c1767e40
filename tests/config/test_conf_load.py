"""A whole folder: which files count, what is read, and the schema for editors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import SHOP, Conf

from c360.config.load import json_schema, load, mistakes
from c360.config.models import Settings
from c360.config.segments import Segments
from c360.errors import ConfigError

ROOT = Path(__file__).parents[2]


def test_a_folder_that_is_not_there_is_named_with_what_was_looked_for(conf: Conf, tmp_path: Path) -> None:
    assert [str(m) for m in mistakes(Path("cnf"))] == [
        f"cnf: there is no such folder; looked for c360.yml and sources/<source>.yml in {tmp_path}/cnf"
    ]


def test_a_folder_without_sources_is_refused(conf: Conf) -> None:
    assert conf.lines() == [
        "conf/sources: no source is configured; write one file for each source, such as sources/retail.yml"
    ]


def test_settings_and_segments_have_defaults(conf: Conf) -> None:
    conf.shop()
    config = conf.load()
    assert (config.settings, config.segments, config.folder) == (Settings(), Segments(), Path("conf"))
    assert list(config.sources) == ["shop"]


def test_files_that_nothing_reads_are_refused(conf: Conf) -> None:
    conf.shop()
    for name in (
        "sources/other.yaml",
        "c360.yaml",
        "segment.yml",
        "local/sources/shop.yaml",
        "README.md",
        "local/.keep",
    ):
        conf.write(name, "source: other\n")
    assert conf.lines() == [
        "conf/c360.yaml: is not read; allowed: c360.yml, segments.yml, audiences.yml, sources/<source>.yml",
        "conf/local/sources/shop.yaml: is not read; name it shop.yml",
        "conf/segment.yml: is not read; allowed: c360.yml, segments.yml, audiences.yml, sources/<source>.yml",
        "conf/sources/other.yaml: is not read; name it other.yml",
    ]


def test_one_source_is_read_without_looking_at_the_others(conf: Conf) -> None:
    conf.shop()
    conf.write("sources/broken.yml", "source: [\n")
    assert list(load(Path("conf"), source="shop").sources) == ["shop"]
    with pytest.raises(ConfigError) as raised:
        load(Path("conf"), source="shopp")
    assert str(raised.value) == "conf/sources: no such source 'shopp' (did you mean 'shop'?); allowed: broken, shop"


def test_the_error_lists_what_mistakes_lists(conf: Conf) -> None:
    conf.write("sources/shop.yml", SHOP.replace("money", "mony"))
    conf.write("sources/broken.yml", "source: [\n")
    with pytest.raises(ConfigError) as raised:
        conf.load()
    assert str(raised.value).splitlines() == conf.lines()
    assert [line.split(" ")[0] for line in conf.lines()] == ["conf/sources/broken.yml:2:", "conf/sources/shop.yml:15"]


def test_sources_are_in_alphabetical_order(conf: Conf) -> None:
    for name in ("b", "a", "c"):
        conf.write(
            f"sources/{name}.yml", f"source: {name}\ntables: {{t: {{files: t, key: id, columns: {{id: int}}}}}}\n"
        )
    assert list(conf.load().sources) == ["a", "b", "c"]


KEYS = "source tables unified orders customers columns key derive rules references unique from sql type query where x"
VALUES = st.recursive(
    st.sampled_from(
        ["", "null", "5", "orders", "amount", "order_id", "SELECT 1", "a > ", "''", "${env:X}", "{", "\t", "*a"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
    max_leaves=8,
)


def flow(value: object) -> str:
    """The value as YAML in one line, its texts unquoted, so that much of it is broken."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list) else str(value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(["tables", "unified", "csv", "orders", "columns"]), value=VALUES)
def test_whatever_stands_in_a_file_it_is_read_or_its_mistakes_are_named(conf: Conf, key: str, value: object) -> None:
    below = {"orders": "tables: {{orders: {}}}", "columns": "tables: {{orders: {{columns: {}}}}}"}
    conf.shop()
    conf.write("local/sources/shop.yml", below.get(key, key + ": {}").format(flow(value)))
    found = conf.lines()
    if found:
        assert all(line.startswith(("conf/local/sources/shop.yml", "conf/sources/shop.yml")) for line in found)
        with pytest.raises(ConfigError):
            conf.load()
    else:
        assert list(conf.load().sources) == ["shop"]


def test_the_shipped_configuration_has_no_mistake() -> None:
    assert [str(mistake) for mistake in mistakes(ROOT / "conf")] == []


def test_the_shipped_settings_are_the_defaults() -> None:
    if (ROOT / "conf/local/c360.yml").exists():
        pytest.skip("conf/local/ changes them")
    assert load(ROOT / "conf", check_sql=False).settings == Settings()


def test_the_schema_for_editors_allows_the_short_forms() -> None:
    table = json_schema("source")["$defs"]["SourceTable"]["properties"]
    kinds = {
        "key": table["key"]["anyOf"],
        "column": table["columns"]["patternProperties"]["^[a-z][a-z0-9_]*$"]["anyOf"],
        "derived": table["derive"]["patternProperties"]["^[a-z][a-z0-9_]*$"]["anyOf"],
        "reference": table["references"]["patternProperties"]["^[a-z][a-z0-9_]*$"]["anyOf"],
    }
    assert {name: [kind.get("type", kind.get("$ref")) for kind in of] for name, of in kinds.items()} == {
        "key": ["string", "array"],
        "column": ["#/$defs/Column", "string", "null"],
        "derived": ["string", "#/$defs/Derived"],
        "reference": ["string", "#/$defs/Reference"],
    }
    assert list(json_schema("settings")["properties"]) == [
        "not_revenue",
        "max_reject_rate",
        "settle_seconds",
        "alerts",
        "reporting_currency",
        "currency_rates",
    ]
    assert {
        "loyalty_tiers",
        "customer_segments",
        "rfm",
        "forecast",
        "affinity",
        "next_best_product",
        "inventory",
    } <= set(json_schema("segments")["properties"])
