"""The commands that do something: what they print, on which stream, and how they end."""

from __future__ import annotations

import json
import re

from tests.input.commands import Shop


def test_a_run_in_a_log_is_one_line_a_table_and_a_summary_that_adds_up(shop: Shop) -> None:
    shop.customers("1,Ada,ada@x.org\n1,Ada L,ada@x.org\n,Bob,bob@x.org\n3,Cyd,cyd@x.org\n")

    said = shop.run()

    table = [
        [cell.strip() for cell in re.split("[┃│]", line)[1:-1]] for line in said.out.splitlines() if line[:1] in "┃│"
    ]
    assert (said.code, said.err) == (0, "")
    assert said.steps == [
        "✓ bronze_shop.customers  4 rows",
        "✓ silver_shop.customers  4 rows: 1 quarantined, 2 inserted, 1 duplicate",
    ]
    assert [row[:9] for row in table] == [
        "table read valid quarantined inserted updated unchanged duplicate stale".split(),
        ["silver_shop.customers", "4", "3", "1", "2", "0", "0", "1", "0"],
        ["all", "4", "3", "1", "2", "0", "0", "1", "0"],
    ]
    assert re.fullmatch(r"2 tables made in [0-9.]+ s", said.out.splitlines()[-1])


def test_a_second_run_has_nothing_to_do_and_a_dry_one_says_what_there_would_be(filled: Shop, shop: Shop) -> None:
    assert filled.c360("run").out == "nothing new: every table is up to date\n"
    shop.customers("1,Ada,ada@x.org\n")
    said = shop.c360("run", "--dry-run", "--only", "silver_shop.orders")
    assert (said.code, said.out, said.err) == (
        0,
        "bronze_shop.customers  1 new file\nsilver_shop.customers  follows bronze_shop.customers\n"
        "silver_shop.orders  follows silver_shop.customers\n",
        "",
    )
    assert not (shop.folder / "data/lake").exists()


def test_a_file_name_is_no_markup_and_moves_no_cursor(shop: Shop) -> None:
    shop.land("Customers_[red].csv", "")
    shop.land("Customers_\x1b[2J.csv", "\n")
    shop.land("Custmers_[bold].csv", "")

    assert shop.run().steps[0] == (
        "✓ bronze_shop.customers  0 rows  no rows in Customers_\\x1b[2J.csv, Customers_[red].csv"
    )
    assert "data/landing/shop/Custmers_[bold].csv: no table of shop asks for it" in shop.c360("check").out.splitlines()


def test_a_run_that_fails_says_so_with_1_and_with_v_shows_the_trace(shop: Shop) -> None:
    shop.land("Customers_2025-03-01.csv", "%PDF-1.7")

    quiet, verbose = shop.run(), shop.run("-v")

    assert (quiet.code, verbose.code) == (1, 1)
    assert "Traceback" not in quiet.out + quiet.err
    assert "Traceback" in verbose.out
    assert quiet.out.splitlines()[-1].endswith("; failed: bronze_shop.customers")


def test_a_rejected_row_is_shown_with_its_file_row_reasons_and_text(filled: Shop) -> None:
    assert filled.c360("quarantine", "shop.customers", "--format", "csv").out == (
        "file,row,reasons,received\n"
        'Customers_2025-03-01.csv,3,null:customer_id,"{""customer_id"": """", ""name"": ""Nobody"", ""email"": """"}"\n'
    )


def test_replay_takes_back_what_a_corrected_rule_accepts(shop: Shop) -> None:
    shop.orders("1,,0,,\n2,,5,,\n")
    shop.run()
    shop.declare("amount > 0", "amount >= 0")

    said = shop.c360("replay", "shop.orders")

    assert (said.code, said.steps[0]) == (0, "✓ silver_shop.orders  0 rows: -1 quarantined, 1 inserted")
    assert shop.silver("orders", "order_id") == [(1,), (2,)]
    assert shop.rejected("orders") == []


def test_runs_and_rollback_tell_what_was_done_and_undo_it(shop: Shop) -> None:
    shop.customers("1,Ada,ada@x.org\n")
    shop.run()
    shop.customers("1,Ada L,ada@x.org\n2,Bob,\n", day="2025-03-02")
    shop.run()
    [second, first] = shop.json("runs")
    assert [(r["command"], r["engine"], r["status"], r["message"]) for r in (first, second)] == [
        ("run", "sail", "done", "")
    ] * 2

    said = shop.c360("rollback", second["run"])

    assert (said.code, said.out) == (0, f"every table is what it was before {second['run']}; undone: 1 run(s)\n")
    assert shop.silver("customers", "customer_id", "name") == [(1, "Ada")]
    assert [r["status"] for r in shop.json("runs")] == ["rolled back", "done"]
    assert shop.run().code == 0
    assert shop.silver("customers", "customer_id", "name") == [(1, "Ada L"), (2, "Bob")]


def test_a_lake_held_by_another_run_is_not_touched_until_it_is_unlocked(shop: Shop) -> None:
    lock = shop.folder / "data/lake/ops/_lock.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"host": "elsewhere", "pid": 7, "since": "2999-01-01T00:00:00+00:00", "run_id": "r1"}))

    said = shop.run()

    assert (said.code, said.out, said.err) == (
        1,
        "",
        "the lake is held by run r1 (host elsewhere, pid 7, since 2999-01-01T00:00:00+00:00); wait until it ends, or "
        "`c360 unlock` if you know that it is dead\n",
    )
    assert shop.c360("unlock").out == "the lock of run r1 (host elsewhere, pid 7) is taken away\n"
    assert shop.c360("unlock").out == "nobody holds the lake\n"
    assert shop.run().code == 0


def test_optimize_makes_few_files_of_many_and_changes_no_row(shop: Shop) -> None:
    for day in range(1, 4):
        shop.customers(f"{day},Ada,ada@x.org\n", day=f"2025-03-0{day}")
        shop.run()

    said = shop.c360("optimize", "bronze_shop.customers")

    assert (said.code, said.out) == (0, "bronze_shop.customers  3 files → 1\n")
    assert len(shop.lake.rows("bronze_shop.customers")) == 3
    assert shop.run().out == "nothing new: every table is up to date\n"


def test_doctor_says_what_works_and_what_to_do(filled: Shop) -> None:
    said = filled.c360("doctor")

    assert said.err == ""
    assert "✓ Configuration: conf: shop" in said.out.splitlines()
    assert {line[0] for line in said.out.splitlines()} <= set("✓!✗ ")


def test_check_says_that_all_is_right(filled: Shop) -> None:
    said = filled.c360("check")

    assert (said.code, said.out, said.err) == (0, "conf is right: shop (2 tables)\n", "")
