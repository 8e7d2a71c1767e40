"""`c360 audience`: the list, the files, who is in them and who is not, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from c360.audiences import export
from c360.audiences.export import IDENTIFYING, harmless
from c360.registry import load
from tests.audiences.consenting_shop import WHOLE, audience, shop_with
from tests.input.commands import Sail
from tests.lakes import World

AUDIENCES = """
    audiences:
      buyers:
        description: Bought something
        channel: email
        purpose: marketing
        where: {column: revenue_orders, ">": 0}
        columns: [full_name, email, phone, revenue, last_purchased_at]
      nobody:
        description: Spent less than nothing
        channel: email
        purpose: marketing
        where: {column: revenue, "<": 0}
        columns: [c360_id, full_name]
    """


@pytest.fixture(scope="module")
def first_day(sail: Sail, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A lake after one run; not to be changed."""
    return shop_with(tmp_path_factory.mktemp("audiences"), sail, AUDIENCES)


@pytest.fixture
def shop(first_day: World, tmp_path: Path) -> World:
    """A copy of it."""
    shutil.copytree(first_day.folder, tmp_path, dirs_exist_ok=True)
    return replace(first_day, folder=tmp_path, conf=tmp_path / "conf", lake=tmp_path / "lake")


def written(where: World, name: str, *more: str) -> tuple[Path, str]:
    """The file of the buyers, and what was said of it."""
    out = where.folder / name
    said = audience(where, "buyers", "--out", out, *more)
    assert (said.code, said.err) == (0, ""), said
    return out, said.out


def test_a_file_has_the_declared_columns_of_those_who_consented_and_no_formula(first_day, tmp_path):
    out, said = written(replace(first_day, folder=tmp_path), "buyers.csv")
    with out.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["full_name", "email", "phone", "revenue", "last_purchased_at"]
    assert sorted(rows) == [
        ["'-2+3", "bob@mail.test", "+4930123456", "20.50", "2025-02-22 09:00:00"],
        ['\'=HYPERLINK("http://x","y")', "Jane.Doe@gmail.com", "'+1 (800) 555-0100", "10.50", "2025-02-21 09:00:00"],
        ["Dan", "", "", "40.50", "2025-02-24 09:00:00"],
    ]
    assert said.splitlines() == [
        f"buyers: 3 rows in {out}",
        "held back for want of consent (email, marketing): 2",
        "entered on 2025-02-25: 5, left: 0",
    ]


def test_json_and_parquet_hold_every_value_as_it_is(first_day, tmp_path):
    where = replace(first_day, folder=tmp_path)
    of_json = json.loads(written(where, "buyers.JSON")[0].read_text("utf-8"))
    of_parquet = pq.read_table(written(where, "buyers.parquet")[0])
    assert sorted(row["full_name"] for row in of_json) == ["-2+3", '=HYPERLINK("http://x","y")', "Dan"]
    assert {row["full_name"]: row["revenue"] for row in of_json}["Dan"] == "40.50"
    assert [row["full_name"] for row in of_json] == of_parquet["full_name"].to_pylist()
    assert [str(kind) for kind in of_parquet.schema.types] == [
        "string",
        "string",
        "string",
        "decimal128(19, 2)",
        "timestamp[us, tz=UTC]",
    ]


def test_a_hashed_file_says_in_plain_who_nobody_is(first_day, tmp_path):
    out, said = written(replace(first_day, folder=tmp_path), "buyers.csv", "--hashed")
    text = out.read_text("utf-8")
    rows = {row["revenue"]: row for row in csv.DictReader(text.splitlines())}
    assert list(rows["10.50"]) == [
        "email_sha256",
        "email_sha256_google",
        "phone_sha256",
        "phone_sha256_digits",
        "revenue",
        "last_purchased_at",
    ]
    assert list(rows["10.50"].values())[:4] == [
        "831f6494ad6be4fcb3a724c3d5fef22d3ceffa3c62ef3a7984e45a0ea177f982",
        "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
        "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30",
        "92cfdc5fbcd4a20fbe5d3857af6c1aba31762105bba7f21a17155e920653046c",
    ]
    assert set(rows) == {"10.50", "20.50"}
    assert [plain for plain in ("@", "HYPERLINK", "Dan", "555") if plain in text] == []
    assert said.splitlines()[0] == f"buyers: 2 rows in {out}"
    assert said.splitlines()[3:] == [
        "without an e-mail or phone to hash, and left out: 1",
        "left out, as it would say in plain who somebody is: full_name",
    ]


def test_what_identifies_somebody_is_hashed_or_left_out():
    assert {*IDENTIFYING, "email", "phone"} == set(load()["gold.customer_360"].pii)


def test_a_limit_takes_the_first_by_id_and_says_of_how_many(first_day, tmp_path):
    where = replace(first_day, folder=tmp_path)
    everybody = pq.read_table(written(where, "all.parquet")[0]).to_pylist()
    out, said = written(where, "two.parquet", "--limit", "2")
    assert pq.read_table(out).to_pylist() == everybody[:2]
    assert said.splitlines()[0] == f"buyers: 2 rows of 3 in {out}"
    assert pq.read_table(written(where, "none.parquet", "--limit", "0")[0]).num_rows == 0


@pytest.mark.parametrize(
    "text", ["=1", "+x", "-1", "@a", "\ta", "\ra", "\n=1", " =1", "＝1", "\0=", "+49 30", "+1-2", "-"]
)
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "a=1", "'=1", "+4930123456", "Ulm", -1, None, True])
def test_other_values_stay_as_they_are(value):
    assert harmless(value) == value


def test_a_file_is_its_owners_alone_replaces_the_old_one_and_leaves_no_draft(first_day, tmp_path):
    out = tmp_path / "buyers.csv"
    for old in (out, tmp_path / "buyers.csv.tmp"):
        old.write_text("old")
        old.chmod(0o666)
    before = os.umask(0)
    os.umask(before)
    written(replace(first_day, folder=tmp_path), "buyers.csv")
    assert (stat.S_IMODE(out.stat().st_mode), "old" in out.read_text()) == (0o600, False)
    assert [file.name for file in tmp_path.iterdir()] == ["buyers.csv"]
    assert os.umask(before) == before


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_no_draft(first_day, tmp_path, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        path.with_name(f"{path.name}.tmp").write_bytes(data[:10])
        raise OSError(28, "No space left on device", str(path))

    out = tmp_path / "buyers.csv"
    out.write_text("old")
    monkeypatch.setattr(export, "replace_whole", full)
    said = audience(first_day, "buyers", "--out", out)
    assert (said.code, said.err) == (1, f"{out}: No space left on device (run with -v for the whole trace)\n")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("buyers.csv", "old")]


def test_without_a_name_all_audiences_are_listed_and_with_one_its_counts(shop):
    body = AUDIENCES[AUDIENCES.index("        description: Bought") : AUDIENCES.index("      nobody:")]
    shop.configure("audiences.yml", AUDIENCES.replace("      nobody:", f"      new:\n{body}      nobody:"))
    listed = json.loads(audience(shop, "--format", "json").out)
    counts = ("audience", "people", "contactable", "held_back", "people_entered", "people_left", "as_of")
    assert [[line[c] for c in counts] for line in listed] == [
        ["buyers", 5, 3, 2, 5, 0, "2025-02-25"],
        ["new", None, None, None, None, None, None],
        ["nobody", 0, 0, 0, 0, 0, "2025-02-25"],
    ]
    shown = audience(shop, "buyers").out
    assert "coalesce(`revenue_orders` > 0, false)" in shown
    assert "@" not in shown
    unmade = audience(shop, "new", "--out", shop.folder / "new.csv")
    assert (unmade.code, unmade.err) == (1, "the audience new was not made yet; `c360 run` makes it\n")


def test_the_next_days_run_tells_who_came_and_went_and_a_repeated_one_says_it_again(shop):
    shop.land("shop/Customers_2025-03-02.csv", "customer_id,name,email,phone\n7,Gus,gus@mail.test,\n")
    shop.land(
        "shop/Orders_2025-03-02.csv",
        "order_id,customer_id,ordered_at,amount\n6,6,2025-03-02 09:00:00,1\n7,7,2025-03-02 09:00:00,1\n",
    )
    shop.correct("audiences.yml", 'revenue_orders, ">": 0', 'revenue, "<": 50')
    shop.made(*WHOLE)
    line = ("people", "contactable", "held_back", "people_entered", "people_left")
    assert shop.rows("gold.audiences", "audience", *line)[0] == ("buyers", 6, 4, 2, 2, 1)
    for again in (("--full",), ()):
        shop.made(*WHOLE, *again)
        assert shop.rows("gold.audiences", "audience", *line)[0] == ("buyers", 6, 4, 2, 2, 1)
    assert shop.run(*WHOLE).out == "nothing new: every table is up to date\n"
    out, said = written(shop, "buyers.csv")
    assert said.splitlines()[2] == "entered on 2025-03-02: 2, left: 1"
    assert "eve@mail.test" not in out.read_text()


def test_nobody_is_exported_who_opted_out_after_the_audiences_were_made(shop):
    shop.land(
        "shop/Consents_2025-03-02.csv", "customer_id,channel,answer,stated_at\n1,Email,false,2025-02-20 00:00:00\n"
    )
    shop.made("--only", "silver_shop.consents")
    out = shop.folder / "buyers.csv"
    said = audience(shop, "buyers", "--out", out)
    assert (said.code, said.err, out.exists()) == (
        1,
        "silver_shop.consents changed after gold.consent_state was made from it; `c360 run` first, so that nobody is "
        "in the file who does not want to be\n",
        False,
    )
    shop.made(*WHOLE)
    assert "Jane" not in written(shop, "buyers.csv")[0].read_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('revenue_orders, ">": 0', 'revenue_orders, ">": 1'),
        ("description: Bought something\n        channel: email", "description: Bought\n        channel: sms"),
        ("    audiences:\n", "    consents: {assume: {shop: granted}}\n    audiences:\n"),
    ],
)
def test_an_audience_that_conf_changed_since_is_not_exported(shop, old, new):
    file = shop.conf / "audiences.yml"
    text = AUDIENCES.replace(old, new, 1)
    assert text != AUDIENCES
    shop.configure("audiences.yml", text)
    assert file.exists()
    said = audience(shop, "buyers", "--out", shop.folder / "buyers.csv")
    assert (said.code, said.err) == (
        1,
        "conf/audiences.yml says something else of buyers than when it was made; `c360 run` first\n",
    )


def test_other_columns_in_conf_need_no_run(shop):
    shop.configure("audiences.yml", AUDIENCES.replace("[full_name, email, phone, revenue, last_purchased_at]", "city"))
    assert written(shop, "buyers.csv")[0].read_text() == "city\n\n\n\n"
    said = audience(shop, "buyers", "--out", shop.folder / "buyers.csv", "--hashed")
    assert (said.code, said.err) == (
        2,
        "--hashed: none of email, phone is among the audience's columns; declare one\n",
    )


@pytest.mark.parametrize(
    ("argv", "code", "sentence"),
    [
        (
            ["buyer", "--out", "b.csv"],
            2,
            "no such audience 'buyer' (did you mean 'buyers'?); conf/audiences.yml has buyers, nobody",
        ),
        (["buyer"], 2, "no such audience 'buyer' (did you mean 'buyers'?); conf/audiences.yml has buyers, nobody"),
        (
            ["buyers", "--out", "b.xls"],
            2,
            "--out: b.xls does not end in one of .csv, .parquet, .json, which say how it is written",
        ),
        (
            ["buyers", "--out", "csv"],
            2,
            "--out: csv does not end in one of .csv, .parquet, .json, which say how it is written",
        ),
        (["buyers", "--out", "/no/where/b.csv"], 2, "--out: there is no folder /no/where; make it, or name another"),
        (
            ["--out", "b.csv"],
            2,
            "say which audience is to be written: c360 audience NAME --out FILE; without both, a list",
        ),
        (["buyers", "--hashed"], 2, "--hashed and --limit say how people are written to a file; name it with --out"),
        (
            ["buyers", "--limit", "5"],
            2,
            "--hashed and --limit say how people are written to a file; name it with --out",
        ),
        (
            ["buyers", "--format", "csv"],
            2,
            "--format is for the list of all audiences; the ending of --out says how people are written",
        ),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence(first_day, argv, code, sentence):
    said = audience(first_day, *argv)
    assert (said.code, said.out, said.err) == (code, "", f"{sentence}\n")


def test_without_a_lake_a_table_or_an_audience_the_command_says_what_is_missing(shop):
    empty = replace(shop, lake=shop.folder / "other")
    assert audience(empty).err == (
        f"there is no table in {empty.lake} yet; `c360 run` makes them, --lake names another folder\n"
    )
    shutil.rmtree(shop.lake / "gold/audiences")
    for argv in ([], ["buyers"], ["buyers", "--out", shop.folder / "b.csv"]):
        said = audience(shop, *argv)
        assert (said.code, said.err) == (1, "gold.audiences was not made yet; `c360 run` makes it\n")
    (shop.conf / "audiences.yml").unlink()
    said = audience(shop)
    assert (said.code, said.err) == (
        2,
        f"{shop.conf}/audiences.yml declares no audience; docs/audiences.md says how to\n",
    )
