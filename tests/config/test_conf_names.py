"""Whether the names in a source's YAML lead somewhere."""

from __future__ import annotations

import pytest
from shop import SHOP, Conf

COLUMNS = "order_id, customer_id, amount, ordered_at"


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        (
            "newest_by: [order_id, updated_at]",
            [f"newest_by[1]: no such column 'updated_at' (did you mean 'ordered_at'?); allowed: {COLUMNS}"],
        ),
        ("newest_by: [ordered_at, ordered_at]", ["newest_by[1]: ordered_at is listed twice"]),
        ("unique: [[amount, email]]", [f"unique[0][1]: no such column 'email'; allowed: {COLUMNS}"]),
        ("unique: [email]", [f"unique[0]: no such column 'email'; allowed: {COLUMNS}"]),
        (
            "partition_by: month",
            [f"partition_by: no such column 'month' (did you mean 'amount'?); allowed: {COLUMNS}"],
        ),
        (
            "partition_by: ordered_at",
            ["partition_by: ordered_at is timestamp; a table is partitioned by a string, int, bigint or date"],
        ),
        (
            "event_at: order_at",
            [f"event_at: no such column 'order_at' (did you mean 'ordered_at'?); allowed: {COLUMNS}"],
        ),
        ("event_at: amount", ["event_at: amount is decimal(19,4); it must be a date or a timestamp"]),
        (
            "derive: {amount: order_id}",
            ["derive.amount: amount is declared under columns too; give one of the two another name"],
        ),
        ("event_at: ordered_at\nnewest_by: ordered_at\nunique: [[amount, ordered_at]]", []),
        ("derive: {month: ordered_at}\npartition_by: month\nunique: [month]", []),
        ("derive: {day: {sql: ordered_at, type: date}}\nevent_at: day", []),
        (
            "load: {mode: changes, operation: kind, at: amount}\nhistory: {valid_from: day}",
            [
                "load.at: amount is decimal(19,4); it must be a date or a timestamp",
                f"load.operation: no such column 'kind'; allowed: {COLUMNS}",
                f"history.valid_from: no such column 'day'; allowed: {COLUMNS}",
            ],
        ),
        ("load: {mode: changes}", ["load: the key 'operation' is missing"]),
        ("load: replace", ["load: no such mode 'replace'; allowed: append, upsert, snapshot, changes"]),
        ("load: {max_shrink: 1}", ["load: the key 'mode' is missing"]),
        (
            "load: {mode: snapshot, shrink: 1}",
            ["load.shrink: no such key 'shrink' (did you mean 'max_shrink'?); allowed: mode, max_shrink"],
        ),
        ("load: {mode: snapshot, max_shrink: 2}", ["load.max_shrink: must be at most 1, found 2"]),
        ("load: {mode: changes, operation: amount}", ["load.operation: amount is decimal(19,4); it must be a string"]),
        ("derive: {day: ordered_at}\nevent_at: day", ["event_at: day is string; it must be a date or a timestamp"]),
    ],
)
def test_the_columns_a_table_names_are_there(conf: Conf, more: str, lines: list[str]) -> None:
    conf.orders(more)
    found = [line.split(" ", 1)[1] for line in conf.lines()]
    assert found == [f"tables.orders.{line}" for line in lines]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("order", f"key: no such column 'order' (did you mean 'order_id'?); allowed: {COLUMNS}"),
        ("[order_id, order_id]", "key[1]: order_id is listed twice"),
        ("code", "key: code is derived; declare a key under columns, so that a row without one can be rejected"),
    ],
)
def test_a_key_consists_of_declared_columns(conf: Conf, key: str, problem: str) -> None:
    text = SHOP.replace("key: order_id", f"key: {key}")
    conf.write("sources/shop.yml", text + ("    derive: {code: order_id}\n" if key == "code" else ""))
    assert conf.lines() == [f"conf/sources/shop.yml:11 tables.orders.{problem}"]


@pytest.mark.parametrize(
    ("references", "problem"),
    [
        (
            "{customer_id: customer}",
            "customer_id: no such table 'customer' (did you mean 'customers'?); allowed: customers, orders",
        ),
        (
            "{customer: customers}",
            f"customer: no such column 'customer' (did you mean 'customer_id'?); allowed: {COLUMNS}",
        ),
        (
            "{customer_id: orders}",
            "customer_id: a table cannot refer to itself, as parents are merged before children; leave it out",
        ),
        (
            "{ordered_at: customers}",
            "ordered_at: ordered_at is timestamp, but customers.customer_id is int; give both the same type",
        ),
        ("{customer_id: {tabel: customers}}", None),
    ],
)
def test_a_reference_leads_to_a_key_of_the_same_type(conf: Conf, references: str, problem: str | None) -> None:
    conf.write("sources/shop.yml", SHOP.replace("{customer_id: customers}", references))
    expected = (
        [problem]
        if problem
        else [
            "customer_id.tabel: no such key 'tabel' (did you mean 'table'?); allowed: table, on_missing",
            "customer_id: the key 'table' is missing",
        ]
    )
    assert sorted(conf.lines()) == sorted(f"conf/sources/shop.yml:17 tables.orders.references.{p}" for p in expected)


def test_numbers_of_different_size_can_be_compared(conf: Conf) -> None:
    conf.write(
        "sources/shop.yml",
        SHOP.replace("      customer_id: int\n      amount", "      customer_id: bigint\n      amount"),
    )
    assert conf.lines() == []


def test_a_derived_column_can_be_a_reference(conf: Conf) -> None:
    conf.write(
        "sources/shop.yml",
        SHOP.replace("{customer_id: customers}", "{buyer: customers}")
        + "    derive: {buyer: {sql: customer_id + 900, type: int}}\n",
    )
    assert conf.lines() == []


def test_a_key_of_two_columns_cannot_be_referred_to(conf: Conf) -> None:
    conf.write("sources/shop.yml", SHOP.replace("key: customer_id", "key: [customer_id, email]"))
    assert conf.lines() == [
        "conf/sources/shop.yml:17 tables.orders.references.customer_id: the key of customers is customer_id, email; "
        "a reference needs a key of one column"
    ]


def test_references_in_a_circle_are_refused_once(conf: Conf) -> None:
    table = "{{files: {0}.csv, key: id, columns: {{id: int, other: int}}, references: {{other: {1}}}}}"
    lines = [f"  {name}: {table.format(name, parent)}" for name, parent in ("ab", "bc", "ca", "da")]
    conf.write("sources/shop.yml", "\n".join(["source: shop", "tables:", *lines]))
    assert conf.lines() == [
        "conf/sources/shop.yml:3 tables.a.references.other: the references go in a circle, a → b → c → a, "
        "but parents are merged before children; leave one out"
    ]


def test_a_file_feeds_one_table(conf: Conf) -> None:
    conf.write("sources/shop.yml", SHOP.replace("Orders*.csv", "[Orders*.csv, Customers*.csv]"))
    assert conf.lines() == [
        "conf/sources/shop.yml:10 tables.orders.files[1]: the files 'Customers*.csv' already go to table customers; "
        "one file feeds one table"
    ]


def test_a_column_of_the_file_feeds_one_column(conf: Conf) -> None:
    conf.write("sources/shop.yml", SHOP.replace("amount: money", "amount: {from: order_id}"))
    assert conf.lines() == [
        "conf/sources/shop.yml:15 tables.orders.columns.amount.from: 'order_id' already goes to column order_id; "
        "use derive for a copy"
    ]


ENTITIES = (
    "customers, products, stores, agents, orders, order_lines, interactions, loyalty_accounts, loyalty_events, "
    "sessions, shipments, shipment_events, inventory, suppliers, product_suppliers, locations, region_sales, "
    "promotions, returns, reviews, consents, currency_rates"
)
ORDER_COLUMNS = (
    "order_id, customer_id, channel, ordered_at, store_id, status, payment_method, currency, total_amount, "
    "subtotal_amount, tax_amount, discount_amount, shipping_amount, territory, region_id"
)


@pytest.mark.parametrize(
    ("mapping", "lines"),
    [
        (
            "order: {from: orders, columns: {order_id: order_id}}",
            [f"order: no such unified table 'order' (did you mean 'orders'?); allowed: {ENTITIES}"],
        ),
        (
            "source_customers: {from: customers, columns: {customer_id: customer_id}}",
            ["source_customers: no such unified table 'source_customers'; write 'customers'"],
        ),
        (
            "orders: {from: order, columns: {order_id: order_id}}",
            ["orders.from: no such table 'order' (did you mean 'orders'?); allowed: customers, orders"],
        ),
        (
            "orders: {from: orders, columns: {order_id: order_id, total: amount}}",
            [f"orders.columns.total: no such column 'total' (did you mean 'total_amount'?); allowed: {ORDER_COLUMNS}"],
        ),
        (
            "orders: {from: orders, columns: {order_id: order_id, is_revenue: 'true', source: \"'x'\"}}",
            [
                "orders.columns.is_revenue: is_revenue is filled by c360; leave it out",
                "orders.columns.source: source is filled by c360; leave it out",
            ],
        ),
        (
            "orders: [{from: orders, columns: {order_id: order_id}}, {from: orders, columns: {total_amount: amount}}]",
            ["orders[1].columns: order_id must be filled: a row of orders is known by order_id"],
        ),
        (
            "order_lines: {from: orders, columns: {order_id: order_id}}",
            [
                "order_lines.columns: order_line_id must be filled: "
                "a row of order_lines is known by order_id, order_line_id"
            ],
        ),
        (
            "orders: {columns: {order_id: order_id}}",
            ["orders: needs either from (a silver table) or query (SQL over silver tables)"],
        ),
        ("customers: {from: customers, columns: {customer_id: customer_id, updated_at: _delivered_at}}", []),
    ],
)
def test_a_mapping_fills_columns_that_are_there_and_all_that_a_row_is_known_by(
    conf: Conf, mapping: str, lines: list[str]
) -> None:
    conf.unified(mapping)
    assert conf.lines() == [f"conf/sources/shop.yml:19 unified.{line}" for line in lines]
