"""What the dictionary says of every table, in literal cases and of the project's own conf."""

from __future__ import annotations

from pathlib import Path

import pytest

from c360.config.load import load
from c360.docs.dictionary import dictionary
from c360.docs.model import LAYERS, SYNONYMS, Column, Fact, Table
from c360.docs.unified_says import COLUMNS, VIEWS
from c360.lake import Lake
from c360.ledger import SCHEMAS
from c360.quality import QUALITY
from c360.registry import TABLES
from c360.unify.entities import ENTITIES
from tests.corner_shop import CONF

ROOT = Path(__file__).parents[2]


def named(tables, name):
    return next(table for table in tables if table.name == name)


def code(label, text, *refs):
    return Fact(label, text, refs, is_code=True)


ORDER_COLUMNS = (
    Column(
        "order_id",
        "INT",
        facts=(
            Fact("from", "order_id", ("bronze_shop.orders.order_id",)),
            Fact("goes into", refs=("unified.orders.order_id",)),
        ),
    ),
    Column(
        "customer_id",
        "INT",
        facts=(
            Fact("from", "customer_id", ("bronze_shop.orders.customer_id",)),
            Fact("refers to", "a row without it is flagged", ("silver_shop.customers",)),
            Fact("goes into", refs=("unified.orders.customer_id",)),
        ),
    ),
    Column(
        "ordered_at",
        "TIMESTAMP",
        unit="UTC",
        facts=(
            Fact("from", "ordered_at", ("bronze_shop.orders.ordered_at",)),
            Fact("required"),
            Fact(
                "goes into",
                refs=(
                    "unified.orders.ordered_at",
                    "unified.orders.ordered_local_at",
                    "unified.orders.ordered_month",
                ),
            ),
        ),
    ),
    Column(
        "amount",
        "DECIMAL(19,4)",
        unit="money",
        facts=(
            Fact("from", "amount", ("bronze_shop.orders.amount",)),
            Fact("required"),
            code("rule", "amount_positive: amount > 0"),
            Fact("goes into", refs=("unified.orders.reporting_amount", "unified.orders.total_amount")),
        ),
    ),
    Column(
        "status",
        "STRING",
        facts=(
            Fact("from", "status", ("bronze_shop.orders.status",)),
            Fact("one of", "Completed, Failed"),
            Fact("goes into", refs=("unified.orders.is_revenue", "unified.orders.status")),
        ),
    ),
    Column("ordered_month", "STRING", facts=(code("computed", "date_format(ordered_at, 'yyyy-MM')"),)),
)


def test_a_silver_table_says_where_each_column_comes_from_by_which_rules_and_where_it_goes(configured):
    found = named(dictionary(configured(CONF)), "silver_shop.orders")
    assert found.columns[:6] == ORDER_COLUMNS
    assert [column.name for column in found.columns[6:]] == [
        "_rescued",
        "_orphan",
        "_deleted_at",
        "_batch_id",
        "_delivered_at",
        "_source_file",
        "_ingested_at",
        "_source_row",
    ]
    assert found.says == "One row per order_id: the newest valid one.\n\nThe table orders of the source shop."
    assert (found.grain, found.inputs, found.is_view) == (("order_id",), ("bronze_shop.orders",), False)
    assert found.facts == (
        code("rule", "amount_positive: amount > 0"),
        Fact("rejected if after its delivery", "ordered_at"),
        Fact("partitioned by", "ordered_month"),
    )


def test_bronze_names_its_files_and_quarantine_the_reasons_there_can_be(configured):
    tables = dictionary(configured(CONF))
    bronze, quarantine = named(tables, "bronze_shop.calls"), named(tables, "quarantine_shop.calls")
    place = ("_batch_id", "_source_file", "_source_row")
    assert (bronze.grain, bronze.inputs, bronze.facts) == (place, (), (code("files", "Calls*.csv"),))
    assert bronze.columns[2] == Column("called_at", "STRING", facts=(Fact("from", "called_at"),))
    assert (quarantine.grain, quarantine.inputs) == (place, ("bronze_shop.calls",))
    kinds = "type:call_id, null:call_id, type:customer_id, type:called_at, null:called_at, type:resolved"
    assert quarantine.facts == (Fact("kinds of reason", f"{kinds}, orphan:customer_id"),)
    assert [c.is_pii for c in named(tables, "quarantine_shop.customers").columns][:3] == [False, True, True]


def test_a_view_says_how_each_source_fills_it_and_what_c360_adds(configured):
    found = named(dictionary(configured(CONF)), "unified.orders")
    columns = {column.name: column for column in found.columns}
    assert found.facts == (code("filled by shop", "FROM orders"),)
    assert found.inputs == ("silver_shop.orders", "unified.customer_records")
    assert found.is_view
    assert columns["total_amount"] == Column(
        "total_amount",
        "DECIMAL(19,4)",
        "what the customer pays, with tax and shipping where the source counts them in",
        "money",
        facts=(code("shop", "amount", "silver_shop.orders.amount"),),
    )
    assert columns["channel"].facts == (code("shop", "'online'"),)
    assert columns["payment_method"].facts == ()
    assert columns["c360_id"].facts == (
        Fact("added by c360", "found by source and customer_id", ("unified.customer_records.c360_id",)),
    )
    assert found.columns[0].facts == ()


def test_what_is_made_of_personal_columns_is_personal(configured):
    tables = dictionary(configured(CONF))
    assert [c.name for c in named(tables, "unified.source_customers").columns if c.is_pii] == ["full_name", "email"]
    assert {c.name for c in named(tables, "gold.customer_360").columns if c.is_pii} >= {"full_name", "email", "phone"}
    assert not any(c.is_pii for c in named(tables, "unified.orders").columns)


def test_every_way_to_load_says_what_a_row_is_and_a_history_has_its_tables(configured):
    config = configured(
        {
            "sources/s.yml": """
                source: s
                tables:
                  all: {files: a.csv, load: append, columns: {x: int}}
                  whole: {files: w.csv, load: snapshot, key: x, columns: {x: int}}
                  fed: {files: f.csv, load: {mode: changes, operation: op}, key: [x, y], newest_by: n,
                    columns: {x: int, y: int, n: int, op: string}}
                  first: {files: i.csv, dedup: first_non_null, key: x, columns: {x: int}, unique: [[x]]}
                  kept: {files: k.csv, key: x, columns: {x: int, who: {pii: true}}, history: true, description: why}
                """
        }
    )
    tables = [table for table in dictionary(config) if table.layer == "silver"]
    assert {table.name: (table.says.split("\n\n")[0], table.grain) for table in tables} == {
        "silver_s.all": (
            "One row per valid record received: nothing is replaced.",
            ("_batch_id", "_source_file", "_source_row"),
        ),
        "silver_s.whole": ("One row per x: that of the newest delivery; what a delivery lacks is deleted.", ("x",)),
        "silver_s.fed": ("One row per x, y, as the changes fed so far have left it.", ("x", "y")),
        "silver_s.first": (
            "One row per x: every column's first value in a file that is not null; the newest file's row.",
            ("x",),
        ),
        "silver_s.kept": ("One row per x: the newest valid one.", ("x",)),
        "silver_s.kept_versions": (
            "One row per valid record received: what the history is derived from.",
            ("_batch_id", "_source_file", "_source_row"),
        ),
        "silver_s.kept_history": (
            "One row per x and time in which its content stayed the same.",
            ("x", "_valid_from"),
        ),
    }
    assert named(tables, "silver_s.kept").says.endswith("The table kept of the source s: why.")
    history = named(tables, "silver_s.kept_history")
    assert history.inputs == ("silver_s.kept_versions",)
    assert history.columns[1].is_pii
    assert history.columns[1].facts == (Fact("as in", refs=("silver_s.kept.who",)),)
    assert named(tables, "silver_s.fed").facts == (Fact("the newest has the highest", "n"),)
    assert named(tables, "silver_s.first").facts == (Fact("unique in a file", "x"),)


def test_a_mart_of_a_source_that_is_not_configured_is_left_out(configured):
    names = {table.name for table in dictionary(configured(CONF))}
    assert "gold.rfm" in names
    assert "gold.retail_published_peak_times" not in names
    assert set(SYNONYMS) <= names


def test_every_view_and_each_of_its_columns_is_described():
    assert {name: set(columns) for name, columns in COLUMNS.items()} == {n: set(e.columns) for n, e in ENTITIES.items()}
    assert [(name, column) for name, says in COLUMNS.items() for column, text in says.items() if not text] == []
    assert set(VIEWS) == set(ENTITIES)
    assert all(text.startswith("One row per ") for text in VIEWS.values())


@pytest.fixture(scope="module")
def own() -> list[Table]:
    return dictionary(load(ROOT / "conf", check_sql=False))


def test_every_table_of_the_projects_own_conf_is_there(own):
    config, names = load(ROOT / "conf", check_sql=False), [table.name for table in own]
    sources = [f"{s}.{table}" for s, source in config.sources.items() for table in source.tables]
    kept = [f"{s}.{n}" for s, source in config.sources.items() for n, t in source.tables.items() if t.history]
    wanted = [f"{layer}_{name}" for layer in ("bronze", "silver", "quarantine") for name in sources]
    wanted += [f"silver_{name}{end}" for name in kept for end in ("_history", "_versions")]
    wanted += [f"unified.{name}" for name in ENTITIES]
    wanted += [*TABLES, *SCHEMAS, QUALITY]
    assert sorted(names) == sorted(wanted)
    assert {table.layer for table in own} == set(LAYERS)


def test_every_column_of_the_projects_own_conf_is_described(own):
    silent = [
        (table.name, column.name) for table in own for column in table.columns if not (column.says or column.facts)
    ]
    assert silent == []
    without = [t.name for t in own if "one row per" not in t.says.split("\n\n")[0].lower()]
    assert without == [], "the first paragraph gives the grain"
    assert [t.name for t in own for c in t.grain if c not in {column.name for column in t.columns}] == []
    mute = [(t.name, c.name) for t in own if t.layer in ("unified", "gold", "ops") for c in t.columns if not c.says]
    assert mute == []


def test_a_reference_of_the_dictionary_leads_to_a_table_or_column_of_it(own):
    known = {table.name for table in own} | {f"{table.name}.{column.name}" for table in own for column in table.columns}
    refs = {ref for t in own for fact in (*t.facts, *(f for c in t.columns for f in c.facts)) for ref in fact.refs}
    refs |= {name for table in own for name in table.inputs}
    assert sorted(refs - known) == []
    assert len(refs) > 1000


def test_the_tables_of_a_lake_have_the_columns_the_dictionary_says(tmp_path, configured):
    """Those that need no engine to be made."""
    tables = {table.name: table for table in dictionary(configured(CONF))}
    lake = Lake(tmp_path / "lake")
    for name, schema in SCHEMAS.items():
        lake.ensure(name, schema)
        assert lake.columns(name) == {column.name: column.sql_type for column in tables[name].columns}
