"""`@table`: what a function's signature makes of it."""

from __future__ import annotations

import pytest

from c360 import registry
from c360.ddl import fields
from c360.registry import CONTEXT, TABLES, load, table
from c360.unify.entities import ENTITIES


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.TableSpec]:
    """An empty register."""
    tables: dict[str, registry.TableSpec] = {}
    monkeypatch.setattr(registry, "TABLES", tables)
    return tables


def test_the_parameters_name_the_tables_and_the_rest_is_context(declared: dict[str, registry.TableSpec]) -> None:
    @table(layer="gold", grain=["id"], schema="id INT, name STRING", inputs={"web": "silver_shop.web"}, pii=("name",))
    def visits(orders, customers, customer_activity, web, as_of, settings):
        """One row per visit."""

    spec = declared["gold.visits"]
    assert spec.inputs == {
        "orders": "unified.orders",
        "customers": "unified.customers",
        "customer_activity": "gold.customer_activity",
        "web": "silver_shop.web",
    }
    assert (spec.layer, spec.context, spec.grain, spec.pii) == ("gold", ("as_of", "settings"), ("id",), ("name",))
    assert (spec.description, spec.build) == ("One row per visit.", visits)


def test_a_grain_that_is_no_column_is_refused(declared: dict[str, registry.TableSpec]) -> None:
    with pytest.raises(ValueError, match=r"^gold.visits: grain names \['visit_id'\], which the schema lacks$"):

        @table(layer="gold", grain=["visit_id"], schema="id INT")
        def visits(orders):
            """One row per visit."""

    assert declared == {}


def test_every_declared_table_reads_only_tables_that_there_are() -> None:
    specs = load()
    known = {f"unified.{name}" for name in ENTITIES} | set(specs)

    assert {
        (spec.name, name)
        for spec in specs.values()
        for name in spec.inputs.values()
        if name not in known and not name.startswith("silver_")
    } == set()
    assert {parameter for spec in specs.values() for parameter in spec.context} <= set(CONTEXT)


def test_every_declared_table_says_its_grain_first_and_names_personal_columns_it_has() -> None:
    specs = load()

    assert specs is TABLES
    assert [spec.name for spec in specs.values() if not spec.description] == []
    assert [(spec.name, set(spec.pii) - set(fields(spec.schema))) for spec in specs.values()] == [
        (name, set()) for name in specs
    ]
    assert [(spec.name, set(spec.columns) - set(fields(spec.schema))) for spec in specs.values()] == [
        (name, set()) for name in specs
    ]


def test_other_code_is_another_fingerprint() -> None:
    found = registry.package_fingerprint()

    assert (len(found), found) == (16, registry.package_fingerprint())
    assert int(found, 16) >= 0
