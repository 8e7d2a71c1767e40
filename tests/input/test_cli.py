"""Every command as a new user would give it: what it prints, on which stream, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.input.commands import Sail, Shop

C360 = [sys.executable, "-m", "c360.cli"]
HEBREW = "שלום"


@pytest.fixture(scope="module")
def filled(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop after one whole run; only to be read."""
    shop = Shop(tmp_path_factory.mktemp("filled"), sail)
    shop.customers("1,Ada Byron,Ada@x.org\n2,Bob,bob@x.org\n,Nobody,\n")
    shop.orders("10,1,9.99,2025-02-28 23:30:00,Completed\n11,1,5,2025-02-27 08:00:00,Cancelled\n12,,7,,\n")
    said = shop.c360("run")
    assert said.code == 0, said
    yield shop
    shop.check_ledger()


def real(folder: Path, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [*C360, *argv], cwd=folder, env=os.environ | env, capture_output=True, text=True, timeout=120, check=False
    )


def on_terminal(folder: Path, *argv: str, columns: int = 80) -> str:
    """What the command writes to a terminal, without its colours."""
    ours, theirs = pty.openpty()
    env = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen([*C360, *argv], cwd=folder, env=env, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert process.wait(timeout=60) == 0, written
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written.decode()).replace("\r\n", "\n")


# run


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


# show


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
            "source_customers products stores agents orders order_lines interactions loyalty_accounts "
            "loyalty_events".split()
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


HOSTILE = {
    1: "[red]Ada[/red] [/nothing]",
    2: "<script>alert(1)</script>",
    3: "\x1b[31mred\x07",
    4: f"{HEBREW} \u202etxt.exe",
    5: "x" * 5000,
    6: '=HYPERLINK("http://x","y")',
    7: "two\nlines, and a \t tab",
    8: "+1\r-2@",
}


@pytest.fixture(scope="module")
def hostile(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose customers typed what they liked."""
    shop = Shop(tmp_path_factory.mktemp("hostile"), sail)
    out = io.StringIO()
    csv.writer(out).writerows([[key, name, "a@x.org"] for key, name in HOSTILE.items()])
    shop.customers(out.getvalue())
    assert shop.run().code == 0
    return shop


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
    (tmp_path / "a[b").mkdir()
    said = shop.c360("show", "--lake", str(tmp_path / "a[b"))
    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"no lake can lie in {tmp_path}/a[b, because of the '[' in it; name another folder with --lake\n",
    )


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


# sql and unified views


def test_sql_answers_over_tables_and_unified_views_by_their_names(filled: Shop) -> None:
    rows = filled.json(
        "sql",
        "SELECT o.order_id, c.full_name, o.is_revenue, o.ordered_local_at, o.total_amount, s.status "
        "FROM unified.orders o LEFT JOIN unified.customers c ON o.c360_id = c.c360_id "
        "JOIN silver_shop.orders s ON CAST(s.order_id AS STRING) = o.order_id ORDER BY o.order_id",
    )

    assert [tuple(row.values()) for row in rows] == [
        ("10", "Ada Byron", True, "2025-02-28 23:30:00", "9.9900", "Completed"),
        ("11", "Ada Byron", False, "2025-02-27 08:00:00", "5.0000", "Cancelled"),
        ("12", None, True, None, "7.0000", None),
    ]


def test_a_unified_view_is_shown_like_a_table(filled: Shop) -> None:
    rows = filled.json("show", "unified.orders")

    assert sorted((row["order_id"], row["customer_id"], row["is_revenue"], row["ordered_at"]) for row in rows) == [
        ("10", "1", True, "2025-02-28 23:30:00"),
        ("11", "1", False, "2025-02-27 08:00:00"),
        ("12", None, True, None),
    ]


@pytest.mark.parametrize(
    ("statement", "begins"),
    [
        ("SELEC * FROM gold.rfm", "not a statement: "),
        ("SELECT * FROM gold.rfn", "the statement has no answer: "),
        ("SELECT nobody FROM gold.rfm", "the statement has no answer: "),
        ("SET spark.sql.ansi.enabled=false", "`c360 sql` takes one query, "),
        ("DELETE FROM gold.rfm", "`c360 sql` takes one query, "),
        ("DROP TABLE gold.rfm", "`c360 sql` takes one query, "),
        ("SELECT 1; DROP TABLE gold.rfm", "`c360 sql` takes one query, "),
        ("INSERT INTO gold.rfm SELECT * FROM gold.rfm", "`c360 sql` takes one query, "),
        ("", "`c360 sql` takes one query, "),
    ],
)
def test_a_statement_without_an_answer_is_one_sentence_and_changes_nothing(
    filled: Shop, statement: str, begins: str
) -> None:
    before = filled.lake.version("gold.rfm")

    said = filled.c360("sql", statement)

    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert said.err.startswith(begins)
    assert filled.lake.version("gold.rfm") == before


def test_values_of_every_kind_are_written_plainly(filled: Shop) -> None:
    statement = (
        "SELECT true AS yes, CAST(0 AS DECIMAL(38,10)) AS zero, DATE'2025-03-01' AS day, "
        "TIMESTAMP'2025-03-01 10:00:00.5' AS moment, CAST(NULL AS STRING) AS nothing, '' AS empty, "
        "CAST('NaN' AS DOUBLE) AS nan, 0.1D AS tenth, array(1, NULL) AS list, named_struct('a', 1) AS struct"
    )

    assert filled.c360("sql", statement, "--format", "csv").out == (
        "yes,zero,day,moment,nothing,empty,nan,tenth,list,struct\n"
        'true,0.0000000000,2025-03-01,2025-03-01 10:00:00.500000,,"",nan,0.1,"[1, null]","{""a"": 1}"\n'
    )
    assert filled.json("sql", statement) == [
        {
            "yes": True,
            "zero": "0.0000000000",
            "day": "2025-03-01",
            "moment": "2025-03-01 10:00:00.500000",
            "nothing": None,
            "empty": "",
            "nan": "nan",
            "tenth": 0.1,
            "list": [1, None],
            "struct": {"a": 1},
        }
    ]


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a", "x\n1\n"),
        ("(SELECT 1 AS x) UNION ALL (SELECT 2)", "x\n1\n2\n"),
        ("SELECT count(*) AS n FROM silver_shop.customers;", "n\n2\n"),
        (
            "SHOW TABLES IN silver_shop LIKE 'customers'",
            "database,tableName,isTemporary\nsilver_shop,customers,false\n",
        ),
    ],
)
def test_whatever_reads_is_answered(filled: Shop, statement: str, answer: str) -> None:
    said = filled.c360("sql", statement, "--format", "csv")

    assert (said.code, said.out, said.err) == (0, answer, "")


def test_two_columns_of_one_name_are_shown_and_refused_in_json(filled: Shop) -> None:
    assert filled.c360("sql", "SELECT 1 AS a, 2 AS a", "--format", "csv").out == "a,a\n1,2\n"
    said = filled.c360("sql", "SELECT 1 AS a, 2 AS a", "--format", "json")
    assert (said.code, said.err) == (2, "several columns are called a; give each a name of its own (AS)\n")


# customer


def test_a_customer_is_found_by_id_mail_and_part_of_the_name(filled: Shop) -> None:
    [ada] = filled.json("sql", "SELECT c360_id FROM unified.customer_records WHERE customer_id = '1'")

    cards = [filled.c360("customer", who) for who in (ada["c360_id"], "1", "ADA@x.org", "byr", " 1 ")]

    assert {(card.code, card.err) for card in cards} == {(0, "")}
    assert len({card.out for card in cards}) == 1
    assert cards[0].out.splitlines()[0] == "Ada Byron"
    assert {"full_name", "email", "revenue"} <= {line.split()[0] for line in cards[0].out.splitlines()[1:]}


def test_several_customers_are_a_list_and_nobody_is_an_error(filled: Shop) -> None:
    several = filled.c360("customer", "b")
    assert (several.code, several.out.splitlines()[-1]) == (0, "2 rows")
    nobody = filled.c360("customer", "zoe")
    assert (nobody.code, nobody.out, nobody.err) == (
        1,
        "",
        "nobody found for 'zoe'; give a c360_id, a source's customer id, an e-mail, a phone or a name\n",
    )
    assert filled.c360("customer", " ").code == 2


# quarantine, replay, runs, rollback, unlock, optimize, doctor


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


# The command itself, in a process of its own


def test_help_names_every_command_and_each_has_its_own() -> None:
    commands = "run check show sql customer quarantine replay runs rollback unlock optimize doctor".split()
    said = real(Path.cwd(), "--help", COLUMNS="100")

    assert (said.returncode, said.stderr) == (0, "")
    assert re.findall(r"^│ ([a-z]+) ", said.stdout, re.MULTILINE) == commands


def test_an_error_is_a_sentence_on_stderr_and_v_adds_the_trace(tmp_path: Path) -> None:
    quiet, verbose = real(tmp_path, "show", "gold.rfm"), real(tmp_path, "show", "gold.rfm", "-v")

    sentence = f"conf: there is no such folder; looked for c360.yml and sources/<source>.yml in {tmp_path}/conf\n"
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (2, "", sentence)
    assert (verbose.returncode, verbose.stdout) == (2, "")
    assert "Traceback" in verbose.stderr
    assert verbose.stderr.endswith(sentence)


def test_a_reader_that_leaves_early_is_no_error(hostile: Shop) -> None:
    command = f"set -o pipefail; {' '.join(C360)} show silver_shop.customers --format FORMAT | head -c 1"
    for form in ("csv", "table"):
        done = subprocess.run(
            ["bash", "-c", command.replace("FORMAT", form)], cwd=hostile.folder, capture_output=True, timeout=60
        )
        assert (done.returncode, done.stderr, len(done.stdout)) == (0, b"", 1)


def test_a_log_that_takes_only_ascii_gets_the_rest_written_out(hostile: Shop) -> None:
    said = real(hostile.folder, "show", "silver_shop.customers", "--format", "csv", PYTHONIOENCODING="ascii")

    assert (said.returncode, said.stderr) == (0, "")
    assert "\\u05e9\\u05dc\\u05d5\\u05dd" in said.stdout


def test_times_are_utc_wherever_the_machine_is(filled: Shop) -> None:
    said = real(filled.folder, "show", "unified.orders", "--format", "json", TZ="America/New_York")

    assert (said.returncode, said.stderr) == (0, "")
    assert sorted(row["ordered_at"] or "" for row in json.loads(said.stdout)) == [
        "",
        "2025-02-27 08:00:00",
        "2025-02-28 23:30:00",
    ]


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize(
    "command",
    [
        ["show", "unified.orders"],
        ["sql", "SELECT order_id, ordered_at, total_amount, is_revenue, c360_id FROM unified.orders ORDER BY order_id"],
    ],
)
def test_spark_answers_what_sail_answers(filled: Shop, command: list[str]) -> None:
    said = real(filled.folder, *command, "--engine", "spark", "--format", "json", TZ="America/New_York")

    assert said.returncode == 0, said.stderr
    rows, of_sail = json.loads(said.stdout), filled.json(*command)
    assert sorted(rows, key=lambda row: row["order_id"]) == sorted(of_sail, key=lambda row: row["order_id"])


@pytest.mark.slow
@pytest.mark.spark
def test_a_statement_spark_refuses_is_one_sentence(filled: Shop) -> None:
    said = real(filled.folder, "sql", "SELECT * FROM gold.rfn", "--engine", "spark")

    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.splitlines()[-1].startswith("the statement has no answer: [TABLE_OR_VIEW_NOT_FOUND]")
