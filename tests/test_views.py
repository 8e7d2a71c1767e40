"""Unified views over literal silver tables; `pytest --engine sail` runs the same on Sail."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from gold.rows import frame, result, unified
from pyspark.sql import DataFrame, SparkSession

from c360.config import Settings, SourceConfig
from c360.ddl import fields
from c360.silver.shape import Shape
from c360.unify import views
from c360.unify.entities import ENTITIES

Rows = list[dict[str, Any]]


def source(name: str = "shop", **more: Any) -> SourceConfig:
    """A source with customers and orders, and orders mapped column by column."""
    declared = {
        "source": name,
        "tables": {
            "customers": {"files": "c.csv", "key": "customer_id", "columns": {"customer_id": "int", "name": None}},
            "orders": {
                "files": "o.csv",
                "key": "order_id",
                "columns": {
                    "order_id": "int",
                    "customer_id": "int",
                    "ordered_at": "timestamp",
                    "status": None,
                    "amount": "money",
                },
            },
        },
        "unified": {
            "orders": {
                "from": "orders",
                "columns": {
                    "order_id": "CAST(order_id AS STRING)",
                    "customer_id": "CAST(customer_id AS STRING)",
                    "ordered_at": "ordered_at",
                    "status": "status",
                    "total_amount": "amount",
                },
            }
        },
    }
    return SourceConfig.model_validate(declared | more)


class World:
    """Silver tables and who is who, as temporary views."""

    def __init__(self, spark: SparkSession, *sources: SourceConfig) -> None:
        self.spark = spark
        self.sources = {s.source: s for s in sources}
        self.tables: dict[str, str] = {}
        self.records()

    def silver(self, name: str, *rows: dict[str, Any], source: str = "shop") -> World:
        """Put rows into a silver table."""
        shape = Shape(self.sources[source], name)
        return self._put(shape.silver, frame(self.spark, shape.silver_schema, *rows))

    def records(self, *rows: dict[str, Any]) -> World:
        """Say which record is which person."""
        return self._put(views.RECORDS, unified(self.spark, "customer_records", *rows))

    def _put(self, name: str, rows: DataFrame) -> World:
        self.tables[name] = f"t_{uuid.uuid4().hex}"
        rows.createOrReplaceTempView(self.tables[name])
        return self

    def view(self, name: str, *columns: str, **options: Any) -> list[tuple[Any, ...]]:
        """Rows of a unified view."""
        text = views.sql(self.sources, options.pop("settings", Settings()), name, self.tables.get, **options)
        return result(self.spark.sql(text), *columns)


def test_a_view_has_exactly_the_entitys_columns_and_what_no_source_fills_is_null(spark):
    world = World(spark, source()).silver("orders", {"order_id": 1, "amount": "2.5"})

    found = spark.sql(views.sql(world.sources, Settings(), "orders", world.tables.get))

    declared = {name: kind.lower() for name, kind in fields(ENTITIES["orders"].schema).items()}
    assert dict(found.dtypes) == declared
    [row] = result(found)
    assert {name: value for name, value in zip(declared, row, strict=True) if value is not None} == {
        "source": "shop",
        "order_id": "1",
        "total_amount": "2.5000",
        "reporting_amount": "2.5000",
        "is_revenue": True,
    }


def test_an_order_gets_the_person_of_its_customer_and_guests_and_strangers_get_none(spark):
    world = World(spark, source()).silver(
        "orders",
        {"order_id": 1, "customer_id": 7},
        {"order_id": 2},
        {"order_id": 3, "customer_id": 99, "_orphan": "customer_id"},
    )
    world.records(
        {"source": "shop", "customer_id": "7", "c360_id": "ada"},
        {"source": "crm", "customer_id": "99", "c360_id": "bob"},
    )

    assert world.view("orders", "order_id", "customer_id", "c360_id") == [
        ("1", "7", "ada"),
        ("2", None, None),
        ("3", "99", None),
    ]


def test_a_status_brings_revenue_unless_conf_says_otherwise_whatever_its_case(spark):
    world = World(spark, source()).silver(
        "orders",
        {"order_id": 1, "status": "Completed"},
        {"order_id": 2, "status": "CANCELLED"},
        {"order_id": 3, "status": "refunded"},
        {"order_id": 4, "status": None},
        {"order_id": 5, "status": "cancelled "},
    )

    assert world.view("orders", "order_id", "is_revenue") == [
        ("1", True),
        ("2", False),
        ("3", False),
        ("4", True),
        ("5", True),
    ]
    nothing_lost = Settings(not_revenue=())
    assert {row[0] for row in world.view("orders", "is_revenue", settings=nothing_lost)} == {True}


def test_an_amount_is_given_in_the_reporting_currency_at_the_rate_of_its_day(spark):
    rates = {"USD": {"2025-01-01": "0.9", "2025-03-01": "0.95555555"}, "CHF": {"2025-01-01": "1.05"}}
    settings = Settings.model_validate({"reporting_currency": "EUR", "currency_rates": rates})
    mapped = {"order_id": "order_id", "ordered_at": "ordered_at", "currency": "status", "total_amount": "amount"}
    world = World(spark, source(unified={"orders": {"from": "orders", "columns": mapped}})).silver(
        "orders",
        {"order_id": 1, "ordered_at": "2025-02-28 23:59:59", "status": "USD", "amount": "10"},
        {"order_id": 2, "ordered_at": "2025-03-01 00:00:00", "status": "USD", "amount": "10.01"},
        {"order_id": 3, "ordered_at": "2024-12-31 00:00:00", "status": "USD", "amount": "10"},
        {"order_id": 4, "ordered_at": "2025-03-01 00:00:00", "status": "EUR", "amount": "10"},
        {"order_id": 5, "ordered_at": "2025-03-01 00:00:00", "amount": "10"},
        {"order_id": 6, "ordered_at": "2025-03-01 00:00:00", "status": "JPY", "amount": "10"},
        {"order_id": 7, "status": "CHF", "amount": "10"},
    )
    assert world.view("orders", "order_id", "reporting_amount", settings=settings) == [
        ("1", "9.0000"),
        ("2", "9.5651"),
        ("3", None),
        ("4", "10.0000"),
        ("5", "10.0000"),
        ("6", None),
        ("7", None),
    ]


def test_a_status_with_a_quote_or_a_backslash_is_compared_as_it_is(spark):
    world = World(spark, source()).silver(
        "orders", {"order_id": 1, "status": "Won't"}, {"order_id": 2, "status": "a\\b"}, {"order_id": 3, "status": "ab"}
    )

    found = world.view("orders", "order_id", "is_revenue", settings=Settings(not_revenue=("won't", "a\\b")))

    assert found == [("1", False), ("2", False), ("3", True)]


def test_local_time_is_the_sources_also_when_the_clocks_change(spark):
    world = World(spark, source(timezone="Europe/Berlin")).silver(
        "orders",
        {"order_id": 1, "ordered_at": "2025-01-15 23:30:00"},
        {"order_id": 2, "ordered_at": "2025-03-30 00:59:59"},
        {"order_id": 3, "ordered_at": "2025-03-30 01:00:00"},
        {"order_id": 4, "ordered_at": "2025-10-26 00:30:00"},
        {"order_id": 5, "ordered_at": "2025-10-26 01:30:00"},
        {"order_id": 6},
    )

    assert world.view("orders", "order_id", "ordered_local_at") == [
        ("1", "2025-01-16 00:30:00"),
        ("2", "2025-03-30 01:59:59"),
        ("3", "2025-03-30 03:00:00"),
        ("4", "2025-10-26 02:30:00"),
        ("5", "2025-10-26 02:30:00"),
        ("6", None),
    ]


def test_as_of_a_day_its_last_second_is_seen_and_the_next_is_not(spark):
    world = World(spark, source()).silver(
        "orders",
        {"order_id": 1, "ordered_at": "2025-02-28 23:59:59"},
        {"order_id": 2, "ordered_at": "2025-03-01 00:00:00"},
        {"order_id": 3},
    )

    assert world.view("orders", "order_id", as_of=date(2025, 2, 28)) == [("1",), ("3",)]
    assert len(world.view("orders", "order_id")) == 3


def test_deleted_rows_are_not_seen(spark):
    world = World(spark, source()).silver(
        "orders", {"order_id": 1}, {"order_id": 2, "_deleted_at": "2025-03-01 00:00:00"}
    )

    assert world.view("orders", "order_id") == [("1",)]


def test_where_chooses_the_rows_and_an_or_in_it_brings_no_deleted_one_back(spark):
    mapping = {
        "from": "orders",
        "where": "status = 'web' OR status IS NULL",
        "columns": {"order_id": "concat('o-', order_id)"},
    }
    world = World(spark, source(unified={"orders": mapping})).silver(
        "orders",
        {"order_id": 1, "status": "web"},
        {"order_id": 2, "status": "shop"},
        {"order_id": 3},
        {"order_id": 4, "_deleted_at": "2025-03-01 00:00:00"},
    )

    assert world.view("orders", "order_id") == [("o-1",), ("o-3",)]


def test_a_query_reads_the_sources_own_tables_without_deleted_rows(spark):
    mapping = {
        "query": "SELECT o.order_id, c.name FROM orders o JOIN customers c ON o.customer_id = c.customer_id",
        "columns": {"order_id": "CAST(order_id AS STRING)", "channel": "upper(name)"},
    }
    world = World(spark, source(unified={"orders": mapping}))
    world.silver(
        "orders",
        {"order_id": 1, "customer_id": 7},
        {"order_id": 2, "customer_id": 8},
        {"order_id": 3, "customer_id": 7, "_deleted_at": "2025-03-01 00:00:00"},
    )
    world.silver(
        "customers",
        {"customer_id": 7, "name": "ada"},
        {"customer_id": 8, "name": "bob", "_deleted_at": "2025-03-01 00:00:00"},
    )

    assert world.view("orders", "order_id", "channel") == [("1", "ADA")]


def test_several_sources_and_several_mappings_of_one_are_united_each_under_its_name(spark):
    columns = {"order_id": "CAST(order_id AS STRING)"}
    web = {"from": "orders", "where": "status = 'web'", "columns": columns | {"channel": "'web'"}}
    rest = {"from": "orders", "where": "status <> 'web'", "columns": columns | {"channel": "'rest'"}}
    world = World(spark, source("crm"), source("shop", unified={"orders": [web, rest]}))
    world.silver("orders", {"order_id": 1, "status": "web"}, {"order_id": 2, "status": "fax"})
    world.silver("orders", {"order_id": 1}, source="crm")

    assert world.view("orders", "source", "order_id", "channel") == [
        ("crm", "1", None),
        ("shop", "1", "web"),
        ("shop", "2", "rest"),
    ]


def test_a_source_whose_table_is_not_there_yet_is_left_out(spark):
    world = World(spark, source("crm"), source("shop")).silver("orders", {"order_id": 1})

    assert world.view("orders", "source", "order_id") == [("shop", "1")]


def test_an_entity_no_source_fills_is_empty_and_has_its_columns(spark):
    world = World(spark, source())

    found = spark.sql(views.sql(world.sources, Settings(), "interactions", world.tables.get))

    assert (found.columns, found.collect()) == (list(fields(ENTITIES["interactions"].schema)), [])


def test_before_people_are_known_a_view_does_without_them(spark):
    world = World(spark, source()).silver("orders", {"order_id": 1, "customer_id": 7})
    del world.tables[views.RECORDS]

    found = spark.sql(views.sql(world.sources, Settings(), "orders", world.tables.get, identified=False))

    assert "c360_id" not in found.columns
    assert result(found, "order_id", "customer_id") == [("1", "7")]


def test_a_value_is_cast_to_the_entitys_type(spark):
    mapping = {
        "from": "orders",
        "columns": {"order_id": "order_id", "total_amount": "12.5", "ordered_at": "'2025-03-01'"},
    }
    world = World(spark, source(unified={"orders": mapping})).silver("orders", {"order_id": 1})

    assert world.view("orders", "order_id", "total_amount", "ordered_at") == [("1", "12.5000", "2025-03-01 00:00:00")]


def test_a_text_stays_what_it_is_in_sql(spark):
    hostile = "it's \"a\" `b` \\ \\' \n ; -- ü"

    assert spark.sql(f"SELECT {views.text(hostile)} AS t").collect()[0].t == hostile


def test_what_a_view_is_made_from():
    query = {"query": "SELECT * FROM orders JOIN customers USING (customer_id)", "columns": {"order_id": "1"}}
    sources = {"crm": source("crm"), "shop": source("shop", unified={"orders": query})}

    assert views.inputs(sources, "orders") == [
        "silver_crm.orders",
        "silver_shop.customers",
        "silver_shop.orders",
        "unified.customer_records",
    ]
    assert views.inputs(sources, "products") == []
