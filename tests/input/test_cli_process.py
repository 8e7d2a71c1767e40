"""The command itself, in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.input.commands import Shop
from tests.input.processes import C360, real


def test_help_names_every_command_and_each_has_its_own() -> None:
    commands = (
        "run init-source sample check replay rollback unlock optimize doctor show sql customer quarantine runs "
        "audience docs dashboard report"
    ).split()
    said = real(Path.cwd(), "--help", COLUMNS="100")

    assert (said.returncode, said.stderr) == (0, "")
    assert re.findall(r"^│ ([a-z][a-z-]*) ", said.stdout, re.MULTILINE) == commands


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
