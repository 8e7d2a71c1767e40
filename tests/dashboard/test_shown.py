"""What people typed is text wherever it is shown; who they are is covered; what is missing is a sentence."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from c360.dashboard import say
from c360.dashboard.blocks import Block, Figure, Grid, Missing, Number, Numbers
from c360.dashboard.lineage import around, inputs
from c360.dashboard.markup import html_of, pairs
from c360.dashboard.pages import PAGES
from c360.dashboard.person import rejected, search, source_rows
from c360.dashboard.privacy import cover, covered, personal
from c360.dashboard.report import packed
from c360.dashboard.slicers import NAMES, Period, Slicers
from c360.dashboard.tables import NotMadeError, Tables
from c360.lake import Lake
from tests.dashboard.little_lake import HOSTILE, PEOPLE, RECORDS, little, put
from tests.input.commands import HOSTILE as TYPED

EVERYTHING = Slicers()


@pytest.mark.parametrize("typed", [HOSTILE, *TYPED.values()], ids=lambda text: text[:20])
def test_no_value_is_markup_steers_or_takes_more_room_than_300_characters(typed):
    grid = Grid(typed, {"a": "A"}, [{"a": typed}])
    for html in (html_of(grid, typed), pairs({"a": typed}), html_of(Numbers([Number("n", say.shown(typed), typed)]))):
        assert "<script" not in html
        assert not re.search("[\x1b\u202e]", pairs({"a": typed}))
    assert len(say.shown(typed)) < 400


@pytest.mark.parametrize("typed", list(TYPED.values()), ids=lambda text: text[:20])
def test_where_markdown_is_meant_every_sign_of_it_is_escaped(typed):
    assert re.sub(r"\\(.)", r"\1", say.plain(typed), flags=re.DOTALL) == typed
    assert not re.search(r"(?<!\\)[<>\[\]*_`$]", say.plain(typed))


def test_a_script_element_cannot_be_ended_by_a_value():
    assert set(packed({"name": "</script>"})) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/="
    )


def test_tables_say_nothing_for_null_and_how_many_rows_are_not_shown():
    html = html_of(Grid("Rows", {"a": "A", "b": "B"}, [{"a": None, "b": 1234}, {"a": True, "b": 2}], total=10), rows=1)
    assert re.findall("<td.*?>(.*?)</td>", html) == ["–", "1,234"]
    assert "1 of 10 rows" in html
    assert html_of(Grid("None", {"a": "A"}, [])).count("<table") == 0
    assert html_of(Missing("gold.rfm was not made yet")) == '<p class="c360-remark">gold.rfm was not made yet</p>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), (0, "0.00"), (999.994, "999.99"), (1234, "1,234"), (17836097.68, "17.84 M"), (-12345, "-12.35 k")],
)
def test_amounts_are_short(value, expected):
    assert say.amount(value) == expected


def test_moments_are_utc_and_changes_have_their_sign():
    assert say.moment(datetime(2025, 3, 1, 9, 5, tzinfo=UTC)) == "1 Mar 2025 09:05"
    assert (say.day(date(2025, 3, 1)), say.month(202512)) == ("1 Mar 2025", "Dec 2025")
    assert [say.change(v) for v in (None, 0, 7.4, -5)] == ["–", "+0 %", "+7 %", "−5 %"]
    assert say.than(-3, "in Jan") == "3 % less than in Jan"
    assert say.than(0.2, "in Jan") == "as much as in Jan"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("full_name", "Ada King Lovelace", "A. K. L."),
        ("name", " ", "•••"),
        ("email", "ada@mail.example.com", "a•••@m•••.com"),
        ("email", "=1+1", "•••"),
        ("phone_e164", "+14155550123", "•••23"),
        ("date_of_birth", date(1815, 12, 10), "•••"),
        ("address", None, None),
    ],
)
def test_who_somebody_is_is_covered(column, value, expected):
    assert covered(column, value) == expected


def test_a_table_itself_says_which_of_its_columns_are_personal(tmp_path):
    lake = little(tmp_path).lake
    hidden = personal(lake, "gold.customer_360")
    assert {"full_name", "email", "phone", "address", "date_of_birth"} <= hidden
    assert not {"c360_id", "revenue", "tier"} & hidden
    assert cover(PEOPLE[0], hidden)["email"] == "a•••@e•••.com"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", ["ada"]),
        ("ADA@example.com", ["ada"]),
        ("(415) 555-0123", ["ada"]),
        ("w3", ["cyd"]),
        ("bob", ["bob"]),
        ("Bób", ["bob"]),
        ("love", ["ada"]),
        ("script", ["cyd"]),
        ("555", []),
        ("O'Brien%", []),
        ("  ", []),
        ("x" * 5000, []),
    ],
)
def test_people_are_found_by_id_contact_or_part_of_the_name(tmp_path_factory, text, found):
    assert [row["c360_id"] for row in search(_people(tmp_path_factory), text)] == found


def test_an_id_is_nobody_else_and_a_name_may_be_many(tmp_path):
    many = [{"c360_id": f"p{n}", "full_name": "Ann", "revenue": n} for n in range(60)]
    found = search(little(tmp_path, gold_customer_360=many), "ann")
    assert (len(found), found[0]["c360_id"], found[0]["total"]) == (50, "p59", 60)


_kept: list[Tables] = []


def _people(factory: pytest.TempPathFactory) -> Tables:
    if not _kept:
        _kept.append(little(factory.mktemp("people")))
    return _kept[0]


def test_the_records_behind_a_person_are_the_rows_of_the_tables_about_customers(tmp_path):
    lake = Lake(tmp_path / "lake")
    schemas = {
        "silver_shop.customers": "customer_id INT, name STRING, person_id INT, _source_file STRING, _order STRING",
        "silver_shop.orders": "order_id INT, customer_id INT",
        "silver_shop.emails": "business_entity_id INT, email STRING",
        "silver_shop.customers_history": "customer_id INT, name STRING",
        "silver_other.customers": "customer_id INT, name STRING",
    }
    for name, schema in schemas.items():
        lake.ensure(name, schema, pii=("name", "email"))
        values = {"customer_id": 7, "person_id": 3, "business_entity_id": 3, "name": "Ada L", "email": "a@x.org"}
        columns = [part.split()[0] for part in schema.split(", ")]
        lake.add_rows(name, schema, [{c: values.get(c) for c in columns}])
    found = source_rows(lake, "shop", "7", show_pii=False)
    assert set(found) == {"silver_shop.customers", "silver_shop.emails"}
    assert found["silver_shop.customers"][0]["name"] == "A. L."
    assert found["silver_shop.emails"][0]["email"] == "a•••@x•••.org"
    assert source_rows(lake, "shop", "7", show_pii=True)["silver_shop.emails"][0]["email"] == "a@x.org"
    assert source_rows(lake, "shop", "8", show_pii=True) == {}


def test_rejected_rows_show_their_reasons_and_cover_what_was_typed(tmp_path):
    lake, name = Lake(tmp_path / "lake"), "quarantine_shop.customers"
    schema = "customer_id STRING, name STRING, _rescued STRING, _reasons ARRAY<STRING>, _source_file STRING"
    schema += ", _source_row BIGINT"
    row = {"customer_id": "7", "name": HOSTILE, "_rescued": '{"x": "secret"}', "_reasons": ["null:email", "type:x"]}
    lake.ensure(name, schema, pii=("name", "_rescued"))
    columns = lake.table(name).schema().to_arrow()
    rows = [row | {"_source_file": "c.csv", "_source_row": 1}]
    write_deltalake(lake.path(name), pa.Table.from_pylist(rows, schema=pa.schema(columns)), mode="append")
    [covered_row] = rejected(lake, name, 10, show_pii=False)
    assert covered_row["reasons"] == "null:email; type:x"
    assert "secret" not in str(covered_row)
    assert "script" not in str(covered_row)
    [shown] = rejected(lake, name, 10, show_pii=True)
    assert "secret" in shown["received"]


def test_a_missing_table_is_a_sentence_and_so_is_one_of_another_version(tmp_path):
    tables = Tables(Lake(tmp_path / "none"))
    with pytest.raises(NotMadeError, match=r"gold.rfm was not made yet; `c360 run` makes it"):
        tables.ask("SELECT * FROM gold.rfm")
    assert ("gold.rfm", None) in tables.signature(), "it is noticed when it is there"
    older = little(tmp_path)
    older.lake.recreate("gold.rfm", "c360_id STRING")
    with pytest.raises(NotMadeError, match=r"made by another version of c360 .*`c360 run` makes it anew"):
        older.ask("SELECT tier FROM gold.rfm")
    with pytest.raises(NotMadeError, match="another version"):
        older.ask("SELECT count(*) FROM sales_by_order")


def test_every_block_of_an_empty_lake_says_why_or_shows_nothing(tmp_path):
    tables = little(tmp_path, **{name: [] for name in ("gold_fact_sales", "gold_rfm", "gold_customer_segments")})
    chosen = Slicers(Period("March", 202503, 202503), ("shop",), ("shop:s1",), ("Food",), ("Gold",), ("High-Value",))
    for page in PAGES:
        for block in page.blocks:
            for slicers in (EVERYTHING, chosen):
                assert "None" not in _said(block, tables, slicers)


def _said(block: Block, tables: Tables, slicers: Slicers) -> str:
    try:
        return html_of(block.build(tables, slicers))
    except NotMadeError as problem:
        return str(problem)


def test_a_block_says_which_of_the_chosen_slicers_do_not_count_for_it():
    block = next(block for page in PAGES for block in page.blocks if block.by == ("source",))
    chosen = Slicers(Period("March", 202503, 202503), ("shop",), tier=("Gold",))
    assert block.unheeded(chosen) == "not by period and tier"
    assert block.unheeded(EVERYTHING) == ""
    assert all(set(page.by) <= set(NAMES) for page in PAGES)


def test_pages_and_blocks_have_names_of_their_own():
    names = [(page.name, block.name) for page in PAGES for block in page.blocks]
    assert len(set(names)) == len(names)
    assert all(page.blocks for page in PAGES)


def test_lineage_is_what_the_last_making_recorded(tmp_path):
    lake = Lake(tmp_path / "lake")
    schema = "name STRING, inputs STRING, status STRING, at TIMESTAMP"
    moments = [datetime(2025, 3, day, tzinfo=UTC) for day in (1, 2, 3)]
    made = [
        ("gold.a", {"unified.x": 1}, "done"),
        ("gold.a", {"unified.y": 1, "gold.b": 2}, "done"),
        ("gold.a", {}, "failed"),
    ]
    rows = [
        {"name": name, "inputs": json.dumps(used), "status": status, "at": at}
        for (name, used, status), at in zip(made, moments, strict=True)
    ]
    lake.add_rows("ops.steps", schema, [*rows, rows[0] | {"name": "gold.c", "inputs": '{"gold.a": 1}'}])
    made_from = inputs(Tables(lake))
    assert made_from == {"gold.a": ["gold.b", "unified.y"], "gold.c": ["gold.a"]}
    nodes, edges = around(made_from, "gold.a")
    assert [(n["name"], n["x"]) for n in nodes] == [("gold.b", 0), ("unified.y", 0), ("gold.a", 1), ("gold.c", 2)]
    assert len(edges) == 3
    assert around({}, "gold.a")[1] == []


def test_a_figure_without_rows_has_its_sentence_and_no_chart(tmp_path):
    tables = little(tmp_path, gold_fact_sales=[])
    found = [block.build(tables, EVERYTHING) for page in PAGES[:1] for block in page.blocks]
    figures = [content for content in found if isinstance(content, Figure)]
    assert figures
    assert all(figure.chart is None and figure.says for figure in figures)


def test_a_person_of_no_source_and_records_without_a_person_do_no_harm(tmp_path):
    put_back = [*RECORDS, {"source": "web", "customer_id": "w9", "c360_id": None}]
    tables = little(tmp_path, unified_customer_records=put_back)
    put(tables.lake, "gold.customer_360", [*PEOPLE, {"c360_id": "zoe", "full_name": None}])
    assert [row["c360_id"] for row in search(tables, "w9")] == []
    assert [row["c360_id"] for row in search(tables, "zoe")] == ["zoe"]
