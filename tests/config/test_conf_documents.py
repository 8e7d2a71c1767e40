"""YAML as such: syntax, keys written twice, YAML 1.1's surprises, and what conf/local/ lays over a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import Conf

from c360.config.document import read


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "conf/c360.yml: the file is empty; write its keys, or delete it"),
        ("# nothing\n---\n", "conf/c360.yml: the file is empty; write its keys, or delete it"),
        ("just words\n", "conf/c360.yml:1: must be a mapping (key: value), found 'just words'"),
        (
            "settle_seconds: 1\nnot_revenue:\n\t- lost\n",
            "conf/c360.yml:3: not valid YAML: a tab indents this line; YAML allows only spaces there",
        ),
        (
            "settle_seconds: 1\n  not_revenue: [lost]\n",
            "conf/c360.yml:2: not valid YAML: a colon where no key can be; put a text that holds ': ' in quotes, "
            "or check the indentation",
        ),
        (
            "settle_seconds: 1\nnot_revenue: [lost\nmax_reject_rate: 1\n",
            "conf/c360.yml:2: not valid YAML: while parsing a flow sequence expected ',' or ']', but got ':'",
        ),
        (
            "settle_seconds: 1\nnot_revenue: 'lost\n",
            "conf/c360.yml:2: not valid YAML: a quote or bracket opened here is never closed",
        ),
        (
            "settle_seconds: 1\nnot_revenue\n",
            "conf/c360.yml:2: not valid YAML: a key without a colon; write key: value",
        ),
        (
            "not_revenue: *lost\n",
            "conf/c360.yml:1: not valid YAML: found undefined alias 'lost'",
        ),
        ("settle_seconds: \x07\n", "conf/c360.yml:1: not valid YAML: the character '\\x07' is not allowed"),
        (
            "settle_seconds: 1\n---\nsettle_seconds: 2\n",
            "conf/c360.yml:2: not valid YAML: expected a single document in the stream but found another document",
        ),
        (
            "settle_seconds: 1\nmax_reject_rate: 1\nsettle_seconds: 2\n",
            "conf/c360.yml:3 settle_seconds: the key 'settle_seconds' is written twice, first in line 1; "
            "YAML would silently keep the last",
        ),
        (
            "? [a, b]\n: 1\n",
            "conf/c360.yml:1: a list or mapping cannot be a key",
        ),
        (
            "not_revenue: &all [lost, *all]\n",
            "conf/c360.yml:1 not_revenue[1]: an alias (*) that contains itself",
        ),
        (
            "settle_seconds: !seconds 5\n",
            "conf/c360.yml:1 settle_seconds: the tag !seconds means nothing here; leave it out",
        ),
    ],
)
def test_what_is_wrong_with_a_file_as_yaml_is_one_sentence(conf: Conf, text: str, line: str) -> None:
    conf.shop()
    Path("conf/c360.yml").write_text(text)
    assert conf.lines()[0] == line


def test_a_file_in_another_encoding_is_refused_with_the_line(conf: Conf) -> None:
    conf.shop()
    Path("conf/c360.yml").write_bytes("settle_seconds: 1\nnot_revenue: [zurückgegeben]\n".encode("latin-1"))
    assert conf.lines() == ["conf/c360.yml:2: the file is not UTF-8 text; save it as UTF-8"]


def test_a_byte_order_mark_does_no_harm(conf: Conf) -> None:
    conf.shop()
    Path("conf/c360.yml").write_bytes(b"\xef\xbb\xbfsettle_seconds: 7\n")
    assert conf.load().settings.settle_seconds == 7


def test_a_key_twice_is_found_at_any_depth(conf: Conf) -> None:
    conf.orders("rules:\n  positive: amount > 0\n  positive: amount >= 0")
    assert conf.lines() == [
        "conf/sources/shop.yml:20 tables.orders.rules.positive: the key 'positive' is written twice, first in line 19; "
        "YAML would silently keep the last"
    ]


def test_plain_scalars_are_what_yaml_1_2_says(tmp_path: Path) -> None:
    file = tmp_path / "any.yml"
    file.write_text(
        "no: [yes, No, on, OFF, y, true, False]\nnumbers: [010, 1_000, 12:30, 0x1F, 1e3, -.5, 7]\n"
        "dates: [2024-01-31, 2024-01-31 10:00:00]\nnothing: [null, ~, 'null', '7', \"true\"]\nleft out:\n"
    )
    tree, found = read(file)
    assert found == []
    assert tree is not None
    assert tree.value() == {
        "no": ["yes", "No", "on", "OFF", "y", True, False],
        "numbers": [10, "1_000", "12:30", "0x1F", 1000.0, -0.5, 7],
        "dates": ["2024-01-31", "2024-01-31 10:00:00"],
        "nothing": [None, None, "null", "7", "true"],
        "left out": None,
    }


def test_where_text_belongs_a_number_or_truth_value_is_the_text_that_is_written(conf: Conf) -> None:
    conf.shop()
    conf.write(
        "local/sources/shop.yml",
        "tables: {orders: {columns: {state: {accepted: [no, on, 007, 1.10, 1e3, true]}, flag: {true_values: 1}}}}",
    )
    columns = conf.load().sources["shop"].tables["orders"].columns
    assert columns["state"].accepted == ("no", "on", "007", "1.10", "1e3", "true")
    assert columns["flag"].true_values == ("1",)


def test_merge_keys_give_way_to_the_mapping_s_own(conf: Conf) -> None:
    conf.orders("csv: &csv {delimiter: ';', encoding: latin-1}")
    conf.write(
        "local/sources/shop.yml",
        "csv: &c {delimiter: ';', header: false}\ntables: {orders: {csv: {<<: *c, header: true}}}",
    )
    orders = conf.load().sources["shop"].tables["orders"]
    assert orders.csv is not None
    assert (orders.csv.delimiter, orders.csv.header, orders.csv.encoding) == (";", True, "latin-1")


def test_an_overlay_merges_mappings_and_replaces_lists_and_scalars(conf: Conf) -> None:
    conf.write("c360.yml", "not_revenue: [cancelled, failed]\nsettle_seconds: 5\n")
    conf.write("local/c360.yml", "not_revenue: [lost]\n")
    conf.shop()
    conf.write("local/sources/shop.yml", "tables: {customers: {columns: {email: {pii: true}}, files: [a.csv, b.csv]}}")
    config = conf.load()
    customers = config.sources["shop"].tables["customers"]
    assert (config.settings.not_revenue, config.settings.settle_seconds) == (("lost",), 5)
    assert (customers.columns["email"].source_name, customers.columns["email"].pii) == ("Email", True)
    assert (customers.files, customers.key) == (("a.csv", "b.csv"), ("customer_id",))


def test_a_mistake_in_an_overlay_is_named_there(conf: Conf) -> None:
    conf.shop()
    conf.write("local/sources/shop.yml", "tables:\n  orders:\n    key: orderid\n")
    assert conf.lines() == [
        "conf/local/sources/shop.yml:3 tables.orders.key: no such column 'orderid' (did you mean 'order_id'?); "
        "allowed: order_id, customer_id, amount, ordered_at"
    ]


def test_a_file_that_is_only_in_local_counts(conf: Conf) -> None:
    conf.write("local/c360.yml", "settle_seconds: 9\n")
    conf.write("local/sources/mine.yml", "source: mine\ntables: {t: {files: t.csv, key: id, columns: {id: int}}}\n")
    config = conf.load()
    assert (config.settings.settle_seconds, list(config.sources)) == (9, ["mine"])
