"""What becomes of wrong folders, names and command lines.

The fixture `shop` checks the ledger after each test; `says` ties a test to its line of docs/wrong-input.md.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.input.commands import Shop, says

DOCUMENT = Path(__file__).parents[2] / "docs/wrong-input.md"


@says("A landing folder that does not exist, or is a file")
def test_a_landing_folder_that_is_not_there_is_no_empty_one(shop: Shop) -> None:
    said = shop.run("--landing", "in/box")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "the landing folder in/box is not there; put delivered files into in/box/shop\n",
    )
    (shop.folder / "a_file").write_text("")
    assert shop.run("--landing", "a_file").err == (
        "the landing folder a_file is a file; put delivered files into a_file/shop\n"
    )


@says("A lake that cannot be written")
def test_a_lake_that_cannot_be_written_is_named(shop: Shop) -> None:
    (shop.folder / "a_file").write_text("")
    said = shop.run("--lake", "a_file/lake")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"the lake {shop.folder}/a_file/lake cannot be written (Not a directory: {shop.folder}/a_file/lake/ops); name "
        "another folder with --lake\n",
    )
    said = shop.run("--lake", "/proc/lake")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "the lake /proc/lake cannot be written (No such file or directory: /proc/lake); name another folder with "
        "--lake\n",
    )


@says("A lake whose path holds a character that Delta cannot write")
@pytest.mark.parametrize(("name", "character"), [("a[b", "'['"), ("a^b", "'^'"), ("a%20b", "'%20'"), ("a\\b", r"'\\'")])
def test_a_path_that_cannot_be_written_is_refused_before_anything_is(shop: Shop, name: str, character: str) -> None:
    said = shop.run("--lake", name)

    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"no lake can lie in {shop.folder}/{name}, because of the {character} in it; name another folder with --lake\n",
    )
    assert not (shop.folder / name).exists()


@says("A lake in which nothing was made yet")
@pytest.mark.parametrize(
    "command",
    [
        "show",
        "show gold.rfm",
        "show unified.orders",
        "sql SELECT(1)",
        "customer Ada",
        "quarantine",
        "quarantine shop.orders",
        "replay shop.orders",
        "runs",
        "rollback x",
        "optimize",
    ],
)
def test_an_empty_lake_is_said_to_be_empty(shop: Shop, command: str) -> None:
    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (
        1,
        "",
        f"there is no table in {shop.folder}/data/lake yet; `c360 run` makes them, --lake names another folder\n",
    )
    assert not (shop.folder / "data/lake").exists()


# The command line


@says("A name that does not exist")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run --source shp", "no such source: shp; conf has shop"),
        ("run --layer goold", "no such layer: goold; allowed: bronze, silver, unified, gold"),
        (
            "run --only gold.rfn",
            "no such table 'gold.rfn' (did you mean 'gold.rfm'?); `c360 run --dry-run --full` lists what there is",
        ),
        (
            "show silver_shop.order",
            "no such table 'silver_shop.order' (did you mean 'silver_shop.orders'?); `c360 show` lists them",
        ),
        ("show gold.rfm", "no such table 'gold.rfm'; `c360 show` lists them"),
        ("show nonsense", "no such table 'nonsense'; `c360 show` lists them"),
        ("show ../../etc.x", "no such table '../../etc.x'; `c360 show` lists them"),
        ("optimize gold.nope", "no such table 'gold.nope'; `c360 show` lists them"),
        (
            "quarantine shop.order",
            "no such silver table: shop.order; there are silver_shop.customers, silver_shop.orders",
        ),
        ("replay shop.order", "no such silver table: shop.order; there are silver_shop.customers, silver_shop.orders"),
        ("rollback 20250301", "no such run: 20250301; `c360 runs` lists them"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(shop: Shop, command: str, sentence: str) -> None:
    shop.orders("10,,5,,\n")
    shop.run()

    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")


@says("A date, option or command that is none")
@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run --as-of yesterday", "--as-of: 'yesterday' is not a date; write it as 2025-03-31"),
        ("run --as-of 2025-02-30", "--as-of: '2025-02-30' is not a date; write it as 2025-03-31"),
        ("run --as-of 9999-12-31", "--as-of: 9999-12-31 is no day anybody can mean; write it as 2025-03-31"),
        (
            "run --forse",
            "c360 run: No such option: --forse (Possible options: --force, --verbose); `c360 run --help` says what "
            "there is",
        ),
        ("runn", "c360: No such command 'runn'. Did you mean 'run', 'runs'?; `c360 --help` says what there is"),
        ("rollback", "c360 rollback: Missing argument 'run'; `c360 rollback --help` says what there is"),
        (
            "show --format xml",
            "c360 show: Invalid value for '--format': 'xml' is not one of 'table', 'csv', 'json'; `c360 show --help` "
            "says what there is",
        ),
        (
            "show --limit -1",
            "c360 show: Invalid value for '--limit': Input should be greater than or equal to 0; `c360 show --help` "
            "says what there is",
        ),
        ("customer", "c360 customer: Missing argument 'who'; `c360 customer --help` says what there is"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(shop: Shop, command: str, sentence: str) -> None:
    said = shop.c360(*command.split())

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")


@says("No configuration, or a wrong one")
def test_a_configuration_that_is_not_there_or_wrong_stops_everything(shop: Shop) -> None:
    said = shop.run("--conf", "cnf")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        f"cnf: there is no such folder; looked for c360.yml and sources/<source>.yml in {shop.folder}/cnf\n",
    )
    shop.declare("key: order_id", "key: order_no")
    shop.conf("c360.yml", "settle: 0\n")
    wrong = shop.c360("check")
    assert (wrong.code, [line.split(" ")[0] for line in wrong.out.splitlines()]) == (
        2,
        ["conf/c360.yml:1", "conf/sources/shop.yml:13"],
    )
    assert (shop.run().code, shop.run().err) == (2, wrong.out)


# The document


def test_every_line_of_the_document_is_tested_and_every_test_is_in_it() -> None:
    lines = re.findall(r"^\| (?!What arrives|---)(.+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    here = Path(__file__).parent.glob("test_wrong_*.py")
    tested = [line for file in here for line in re.findall(r'^@says\("(.+)"\)', file.read_text(), re.MULTILINE)]

    assert sorted(lines) == sorted(tested)
