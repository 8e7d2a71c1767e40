"""What every table of identity, gold and models promises, whatever the data."""

from __future__ import annotations

from datetime import date

import pytest
from gold.rows import frame, unified

from c360.config.audiences import Audiences
from c360.config.segments import Segments
from c360.ddl import fields
from c360.registry import load
from c360.unify.entities import ENTITIES

TABLES = load()
RETAIL = {
    "customers": "customer_id INT",
    "products": "product_id INT, name STRING, category STRING",
    "stores": "store_id INT, location STRING",
    "agents": "agent_id INT, name STRING",
    "online_transactions": "order_id INT, customer_id INT, product_id INT, ordered_at TIMESTAMP, amount DECIMAL(19,4)",
    "in_store_transactions": "transaction_id INT, customer_id INT, store_id INT, ordered_at TIMESTAMP, "
    "amount DECIMAL(19,4)",
    "customer_service_interactions": "agent_id INT, resolution_status STRING",
    "loyalty_accounts": "customer_id INT, tier_level STRING",
}
CONTEXT = {"segments": Segments(), "audiences": Audiences(), "as_of": date(2025, 3, 31)}


def empty(spark, name):
    layer, table = name.split(".")
    if layer == "silver_retail":
        return frame(spark, f"{RETAIL[table]}, _deleted_at TIMESTAMP")
    return unified(spark, table) if table in ENTITIES else frame(spark, TABLES[name].schema)


@pytest.mark.parametrize("name", TABLES)
def test_columns_names_order_and_types_are_as_declared_and_nothing_comes_of_nothing(spark, name):
    table = TABLES[name]
    inputs = {parameter: empty(spark, source) for parameter, source in table.inputs.items()}
    context = CONTEXT | {"previous": empty(spark, name)}
    built = table.build(**inputs, **{parameter: context[parameter] for parameter in table.context})
    declared = {column: sql_type.lower() for column, sql_type in fields(table.schema).items()}
    assert dict(built.dtypes) == declared
    assert built.columns == list(declared)
    assert built.collect() == []


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_described(name):
    assert set(TABLES[name].columns) == set(fields(TABLES[name].schema))


@pytest.mark.parametrize("name", TABLES)
def test_the_description_begins_with_the_grain(name):
    assert "one row per" in TABLES[name].description.split("\n\n")[0].lower()
