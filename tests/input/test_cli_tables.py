"""The commands that show tables: as tables for people, as exact CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.input.commands import HEBREW, HOSTILE, Sail, Shop
from tests.input.processes import on_terminal


def test_show_lists_tables_and_views(filled: Shop) -> None:
    listed = {row["name"]: (row["kind"], row["rows"]) for row in filled.json("show")}

    assert [listed[name] for name in ("silver_shop.customers", "quarantine_shop.customers", "gold.customer_360")] == [
        ("table", 2),
        ("table", 1),
        ("table", 2),
    ]
    assert [name for name, (kind, rows) in listed.items() if kind == "view" and rows is None] == [
        f"unified.{name}"
        for name in sorted(
            "source_customers source_customer_versions products stores agents orders order_lines interactions "
            "loyalty_accounts loyalty_events sessions shipments shipment_events inventory suppliers product_suppliers "
            "locations region_sales promotions returns reviews consents currency_rates".split()
        )
    ]


def test_rows_as_csv_and_json_are_exact(shop: Shop) -> None:
    shop.orders("10,,9.99,2025-02-28 23:30:00,Completed\n11,99,5,,\n")
    shop.run()

    shown = shop.c360("show", "bronze_shop.orders", "--format", "csv")
    [file] = shop.json("show", "ops.files")
    ingested = shop.json("show", "bronze_shop.orders")[0]["_ingested_at"]
    rest = f"Orders_2025-03-01.csv,ROW,2025-03-01 00:00:00,{file['batch_id']},{ingested}"

    assert (shown.code, shown.err) == (0, "")
    assert shown.out == (
        "order_id,customer_id,amount,ordered_at,status,_rescued,_source_file,_source_row,_delivered_at,_batch_id,"
        "_ingested_at\n"
        f'10,"",9.99,2025-02-28 23:30:00,Completed,,{rest.replace("ROW", "1")}\n'
        f'11,99,5,"","",,{rest.replace("ROW", "2")}\n'
    )
    shown = shop.c360(
        "sql",
        "SELECT order_id, customer_id, amount, ordered_at, _orphan FROM silver_shop.orders ORDER BY order_id",
        "--format",
        "json",
    )
    assert shown.out == (
        '[\n {\n  "order_id": 10,\n  "customer_id": null,\n  "amount": "9.9900",\n'
        '  "ordered_at": "2025-02-28 23:30:00",\n  "_orphan": null\n },\n'
        ' {\n  "order_id": 11,\n  "customer_id": 99,\n  "amount": "5.0000",\n'
        '  "ordered_at": null,\n  "_orphan": "customer_id"\n }\n]\n'
    )


def test_a_cut_answer_says_that_there_is_more(filled: Shop) -> None:
    table = filled.c360("show", "silver_shop.customers", "--limit", "1")
    as_csv = filled.c360("show", "silver_shop.customers", "--limit", "1", "--format", "csv")

    assert table.out.splitlines()[-1] == "1 row, and more (--limit)"
    assert (len(as_csv.out.splitlines()), as_csv.err) == (2, "1 row, and more (--limit)\n")
    assert filled.c360("show", "silver_shop.customers", "--limit", "0").out.splitlines()[-1] == (
        "0 rows, and more (--limit)"
    )


def test_what_customers_typed_is_text_in_a_table(hostile: Shop) -> None:
    said = hostile.c360("sql", "SELECT name FROM silver_shop.customers ORDER BY customer_id")

    assert [line[1:-1].strip() for line in said.out.splitlines() if line[:1] == "│"] == [
        "[red]Ada[/red] [/nothing]",
        "<script>alert(1)</script>",
        "\\x1b[31mred\\x07",
        f"{HEBREW} \\u202etxt.exe",
        "x" * 300 + "… (5,000 characters)",
        '=HYPERLINK("http://x","y")',
        "two\\nlines, and a \\t tab",
        "+1\\r-2@",
    ]
    assert "\x1b" not in said.out


@pytest.mark.parametrize("command", ["show silver_shop.customers", "sql TABLE"])
def test_what_customers_typed_is_exact_in_csv_and_json(hostile: Shop, command: str) -> None:
    argv = [part.replace("TABLE", "SELECT * FROM silver_shop.customers") for part in command.split()]
    as_csv = hostile.c360(*argv, "--format", "csv").out

    assert {int(row["customer_id"]): row["name"] for row in csv.DictReader(io.StringIO(as_csv, newline=""))} == HOSTILE
    assert {row["customer_id"]: row["name"] for row in hostile.json(*argv)} == HOSTILE


def test_on_a_terminal_a_wide_table_is_a_list_and_a_narrow_one_a_table(filled: Shop) -> None:
    wide = on_terminal(filled.folder, "quarantine", "shop.customers", columns=60)
    narrow = on_terminal(filled.folder, "quarantine", columns=80)

    assert wide.splitlines() == [
        "── 1 ──",
        "file      Customers_2025-03-01.csv",
        "row       3",
        "reasons   null:customer_id",
        'received  {"customer_id": "", "name": "Nobody", "email": ""}',
        "1 row",
    ]
    assert narrow.splitlines() == [
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━┓",
        "┃ table                     ┃ reason           ┃ rows ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━┩",
        "│ quarantine_shop.customers │ null:customer_id │ 1    │",
        "└───────────────────────────┴──────────────────┴──────┘",
        "1 row",
    ]


def test_a_lake_may_lie_in_a_folder_of_any_name(sail: Sail, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "Jürgen's data (1) #2 {x} 50%", sail)
    shop.customers("1,Ada,ada@x.org\n")

    assert shop.c360("run", "--only", "unified.customers").code == 0
    assert shop.json("sql", "SELECT full_name FROM unified.customers") == [{"full_name": "Ada"}]
    assert shop.json("show", "unified.source_customers")[0]["full_name"] == "Ada"
    assert [path.name for path in tmp_path.iterdir()] == ["Jürgen's data (1) #2 {x} 50%"]
    shop.check_ledger()


def test_a_run_on_a_terminal_fits_it(shop: Shop) -> None:
    shop.customers("1,Ada,ada@x.org\n,Bob,\n3,Cyd,\n")

    said = on_terminal(shop.folder, "run", "--only", "silver_shop.customers", columns=80).splitlines()

    header, _, row, _, total = said[-7:-2]
    cells = [[cell.strip() for cell in re.split("[┃│]", line)[1:-2]] for line in (header, row, total)]
    assert cells == [
        ["table", "read", "valid", "quarantined", "inserted"],
        ["silver_shop.customers", "3", "2", "1", "2"],
        ["all", "3", "2", "1", "2"],
    ]
    assert max(map(len, said[-8:])) <= 80
