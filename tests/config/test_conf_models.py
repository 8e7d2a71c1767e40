"""What the models refuse, in the words that are printed."""

from __future__ import annotations

import pytest
from shop import SHOP, Conf

TABLE_KEYS = (
    "files, http, database, format, csv, excel, json, contract, columns, load, history, key, newest_by, dedup, "
    "event_at, derive, rules, unique, references, partition_by, max_reject_rate, stale_after_hours, description"
)
COLUMN_KEYS = (
    "from, type, format, numbers, required, accepted, true_values, false_values, null_values, pii, description"
)
TYPES = "string, int, bigint, decimal(p,s), money (decimal(19,4)), double, boolean, date, timestamp"


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ("columsn: {a: int}", [f"columsn: no such key 'columsn' (did you mean 'columns'?); allowed: {TABLE_KEYS}"]),
        ("zebra: 1", [f"zebra: no such key 'zebra'; allowed: {TABLE_KEYS}"]),
        ("dedup: last", ["dedup: no such dedup 'last' (did you mean 'latest'?); allowed: latest, first_non_null"]),
        ("max_reject_rate: 2", ["max_reject_rate: must be at most 1, found 2"]),
        ("max_reject_rate: many", ["max_reject_rate: must be a number, found 'many'"]),
        ("csv: {quote: '||'}", ["csv.quote: must have 1 or fewer characters, found '||'"]),
        ("csv: {delimiter: §}", ["csv.delimiter: '§' is not an ASCII character; the reader knows no other"]),
        ("csv: {header: maybe}", ["csv.header: must be true or false, found 'maybe'"]),
        (
            "csv: {encoding: utf-9}",
            ["csv.encoding: no such encoding: utf-9; for example utf-8, utf-16, latin-1, cp1252"],
        ),
        ("csv: latin-1", ["csv: must be a mapping (key: value), found 'latin-1'"]),
        ("unique: order_id", ["unique: must be a list, found 'order_id'"]),
        ("derive: {a: {type: int}}", ["derive.a: the key 'sql' is missing"]),
        (
            "derive: {_a: amount}",
            ["derive._a: '_a': names that begin with _ are reserved for the columns c360 adds; choose another"],
        ),
        (
            "rules: {Good: amount > 0}",
            ["rules.Good: 'Good' is no name; write lower-case letters, digits and _, beginning with a letter"],
        ),
        ("rules: [amount > 0]", ["rules: must be a mapping (key: value), found a list"]),
        ("rules: {good: }", ["rules.good: must be text, found nothing (null)"]),
        ("event_at: [a, b]", ["event_at: must be text, found a list"]),
    ],
)
def test_a_wrong_key_of_a_table_is_explained(conf: Conf, more: str, lines: list[str]) -> None:
    conf.orders(more)
    assert conf.lines() == [f"conf/sources/shop.yml:18 tables.orders.{line}" for line in lines]


@pytest.mark.parametrize(
    ("declared", "lines"),
    [
        ("decimel(10,2)", [f".type: no such type 'decimel(10,2)'; allowed: {TYPES}"]),
        ("'decimal(50,2)'", [".type: decimal(p,s) needs 1 <= p <= 38 and s <= p; found 'decimal(50,2)'"]),
        (
            "{type: decimal(10,2)}",
            [
                f".2): no such key '2)'; inside {{ }} a value with a comma needs quotes; allowed: {COLUMN_KEYS}",
                f".type: no such type 'decimal(10'; allowed: {TYPES}",
            ],
        ),
        ("{source_name: Amount}", [f".source_name: no such key 'source_name'; allowed: {COLUMN_KEYS}"]),
        ("{type: int, format: yyyy}", [": format belongs to a date or timestamp, not to int"]),
        (
            "{type: date, format: DD.MM.YYYY}",
            [
                ": date format 'DD.MM.YYYY': 'DD' is not supported; use yyyy, yy, MMM, MM, M, dd, d, HH, H, hh, h, mm, "
                "ss, SSSSSS, SSS, a, XXX, or one of iso, excel, excel_1904, unix, unix_millis"
            ],
        ),
        ("{accepted: [a, null]}", [".accepted[1]: must be text, found nothing (null)"]),
        ("{accepted: {a: b}}", [".accepted: must be text, found a mapping"]),
        ("[money]", [": must be a mapping (key: value), found a list"]),
    ],
)
def test_a_wrong_column_is_explained(conf: Conf, declared: str, lines: list[str]) -> None:
    conf.shop()
    conf.write("local/sources/shop.yml", f"tables:\n  orders:\n    columns:\n      paid: {declared}\n")
    assert conf.lines() == [f"conf/local/sources/shop.yml:4 tables.orders.columns.paid{line}" for line in lines]


def test_missing_keys_are_named_at_their_table(conf: Conf) -> None:
    conf.write("sources/shop.yml", "source: shop\ntables:\n  orders:\n    columns: {}\n")
    assert conf.lines() == [
        "conf/sources/shop.yml:3 tables.orders.key: is missing; only load: append does without a key",
        "conf/sources/shop.yml:4 tables.orders.columns: must have 1 or more items, has 0",
    ]


def test_a_table_that_comes_from_nowhere_is_refused(conf: Conf) -> None:
    conf.write("sources/shop.yml", "source: shop\ntables: {orders: {key: id, columns: {id: int}}}\n")
    said = "nothing says where its rows come from; declare files, or http or database both at the source and here"
    assert conf.lines() == [f"conf/sources/shop.yml:2 tables.orders: {said}"]


def test_the_keys_at_the_top_of_a_source_are_checked(conf: Conf) -> None:
    conf.shop(
        """\
        timezone: Berlin
        delivered_at: '\\d+'
        table: {}
        """
    )
    assert conf.lines() == [
        "conf/sources/shop.yml:18 timezone: no such time zone: Berlin; for example UTC, Europe/Berlin",
        "conf/sources/shop.yml:19 delivered_at: needs a group around the date, for example _(\\d{4}-\\d{2}-\\d{2}); "
        "found '\\\\d+'",
        "conf/sources/shop.yml:20 table: no such key 'table' (did you mean 'tables'?); "
        "allowed: source, description, timezone, numbers, csv, excel, json, http, database, ask_every_seconds, "
        "stale_after_hours, delivered_at, tables, unified",
    ]


def test_a_source_is_named_like_its_file(conf: Conf) -> None:
    conf.write("sources/store.yml", "source: shop\ntables: {t: {files: t.csv, key: id, columns: {id: int}}}\n")
    assert conf.lines() == [
        "conf/sources/store.yml:1 source: 'shop' is not the name of the file; write store, or rename the file"
    ]


def test_segments_and_settings_are_checked_in_the_same_way(conf: Conf) -> None:
    conf.shop()
    conf.write("c360.yml", "settle_seconds: -1\nnot_revenu: lost\n")
    conf.write("segments.yml", "rfm:\n  tiers: {gold: 0.6}\n")
    assert conf.lines() == [
        "conf/c360.yml:1 settle_seconds: must be at least 0, found -1",
        "conf/c360.yml:2 not_revenu: no such key 'not_revenu' (did you mean 'not_revenue'?); "
        "allowed: not_revenue, max_reject_rate, settle_seconds, alerts, reporting_currency, currency_rates",
        "conf/segments.yml:2 rfm.tiers: silver (0.5) ends before gold (0.6); write a larger share for silver",
    ]


def test_all_mistakes_of_all_files_come_at_once_also_those_beside_a_key_the_model_refuses(conf: Conf) -> None:
    conf.write("c360.yml", "max_reject_rate: 3\n")
    conf.orders(
        """\
        dedup: newest
        event_at: amount
        rules:
          positive: amont > 0
          Good: amount > 0
        derive:
          day: {sql: ordered_at, typ: date}
        partition_by: day
        """
    )
    assert conf.lines() == [
        "conf/c360.yml:1 max_reject_rate: must be at most 1, found 3",
        "conf/sources/shop.yml:18 tables.orders.dedup: no such dedup 'newest'; allowed: latest, first_non_null",
        "conf/sources/shop.yml:19 tables.orders.event_at: amount is decimal(19,4); it must be a date or a timestamp",
        "conf/sources/shop.yml:21 tables.orders.rules.positive: no such column 'amont' (did you mean 'amount'?); "
        "allowed: order_id, customer_id, amount, ordered_at, day",
        "conf/sources/shop.yml:22 tables.orders.rules.Good: 'Good' is no name; write lower-case letters, digits and _, "
        "beginning with a letter",
        "conf/sources/shop.yml:24 tables.orders.derive.day.typ: no such key 'typ' (did you mean 'type'?); "
        "allowed: sql, type, pii, description",
    ]


def test_a_column_that_is_refused_is_not_reported_missing_where_it_is_used(conf: Conf) -> None:
    conf.orders("rules: {paid: paid > 0}\nevent_at: paid")
    conf.write("local/sources/shop.yml", "tables: {orders: {columns: {paid: monney}}}")
    assert conf.lines() == [
        f"conf/local/sources/shop.yml:1 tables.orders.columns.paid.type: no such type 'monney'; allowed: {TYPES}"
    ]


def test_a_table_that_cannot_be_read_is_not_reported_missing_where_it_is_used(conf: Conf) -> None:
    conf.unified("customers: {from: customers, columns: {customer_id: customer_id, full_name: nobody}}")
    conf.write("local/sources/shop.yml", "tables: {customers: {columns: []}}")
    assert conf.lines() == [
        "conf/local/sources/shop.yml:1 tables.customers.columns: must be a mapping (key: value), found a list"
    ]


def test_rows_that_are_combined_in_their_order_are_not_held_back(conf: Conf) -> None:
    held_back = SHOP.replace("customer_id: customers", "customer_id: {table: customers, on_missing: quarantine}")
    conf.write("sources/shop.yml", held_back + "    dedup: first_non_null\n")
    assert conf.lines() == [
        "conf/sources/shop.yml:9 tables.orders: customer_id holds rows back until their parent comes, but dedup "
        "first_non_null combines rows in the order of their delivery; choose on_missing: keep, or dedup: latest"
    ]
