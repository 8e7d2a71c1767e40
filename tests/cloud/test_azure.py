"""Landing folder and lake in an Azure Blob store: azurite, with commands in processes of their own, on Sail."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import fs

from c360.errors import ConfigError, InputFileError, LakeLockedError, StoreError
from c360.ingest.files import batch_id, landed
from c360.lake import Lake
from c360.lock import LakeLock
from c360.lock_file import lock_file
from c360.store import SmallFile, Store
from tests.cloud.azurite import azure, put
from tests.corner_shop import CONF, DAY_1, DAY_2
from tests.lakes import Ran, c360, start

__all__ = ["azure"]

_numbers = itertools.count()


@pytest.fixture
def container(azure: fs.AzureFileSystem) -> Iterator[str]:
    """An empty container's name."""
    name = f"test{next(_numbers)}"
    azure.create_dir(name)
    yield name
    azure.delete_dir(name)


class Shop:
    """The corner shop, its files and its lake in the store."""

    def __init__(self, azure: fs.AzureFileSystem, container: str, folder: Path) -> None:
        self.azure, self.container = azure, container
        self.conf = folder / "conf"
        self.lake = f"az://{container}/lake"
        self.landing = f"az://{container}/landing"
        for name, text in CONF.items():
            (self.conf / name).parent.mkdir(parents=True, exist_ok=True)
            (self.conf / name).write_text(dedent(text))

    def deliver(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            put(self.azure, f"{self.container}/landing/{name}", dedent(text).encode())

    def run(self, *more: str, **env: str) -> Ran:
        return c360(*self.argv(*more), **env)

    def argv(self, *more: str) -> list[str]:
        return [
            "run",
            "--conf",
            str(self.conf),
            "--lake",
            self.lake,
            "--landing",
            self.landing,
            "--engine",
            "sail",
            *more,
        ]

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        found = Lake(self.lake).arrow(table).select(columns).to_pylist()
        return sorted(tuple(str(row[c]) for c in columns) for row in found)


@pytest.fixture
def shop(azure: fs.AzureFileSystem, container: str, tmp_path: Path) -> Shop:
    return Shop(azure, container, tmp_path)


def test_a_shop_is_run_in_the_store_day_by_day_and_a_second_run_finds_nothing_new(shop: Shop) -> None:
    shop.deliver(DAY_1)
    first = shop.run()
    assert first.code == 0, first
    assert shop.rows("silver_shop.customers", "customer_id", "name") == [("1", "Ann"), ("2", "Bob Low"), ("4", "Dan")]
    assert shop.rows("quarantine_shop.customers", "_source_file", "_reasons") == [
        ("Customers_2025-03-01.csv", "['rule:email_has_one_at']")
    ]
    assert "nothing new" in shop.run().out
    shop.deliver(DAY_2)
    second = shop.run()
    assert second.code == 0, second
    assert shop.rows("silver_shop.customers", "customer_id", "name") == [
        ("1", "Ann"), ("2", "Bob Low"), ("3", "Cleo"), ("4", "Dan"), ("5", "Eve"),
    ]  # fmt: skip
    left = {file.name for file in Store(shop.lake).files("ops") if "/_delta_log/" not in file.name}
    assert not [name for name in left if "_staging" in name or "_lock" in name or "_in_progress" in name]
    asked = c360("show", "gold.customer_activity", "--lake", shop.lake, "--format", "json")
    assert asked.code == 0, asked
    assert len(json.loads(asked.out)) == 5


@pytest.mark.parametrize("write", [12, 40])
def test_a_run_that_is_killed_in_the_store_is_undone_by_the_next(shop: Shop, write: int) -> None:
    shop.deliver(DAY_1)
    killed = shop.run(C360_CRASH_AFTER_WRITES=str(write))
    assert killed.code not in (0, 1), killed
    again = shop.run()
    assert again.code == 0, again
    assert "took over the lock" in again.out
    assert len(shop.rows("bronze_shop.orders", "order_id")) == 7
    assert len(shop.rows("silver_shop.orders", "order_id")) == 5


def test_a_lock_in_the_store_is_held_by_one_and_taken_over_by_one(container: str) -> None:
    root = f"az://{container}/lake"
    refused = pytest.raises(LakeLockedError, match="the lake is held by run mine")
    with LakeLock(root).held("mine"), refused, LakeLock(root).held("other"):
        pytest.fail("the lake was not free")
    assert LakeLock(root).holder() is None
    dead = {"host": socket.gethostname(), "pid": 2**22 + 1, "started": "0", "since": "then", "run_id": "dead"}
    stale = json.dumps(dead)
    SmallFile(root, "ops/_lock.json").write(stale.encode())
    quicker, slower = lock_file(root), lock_file(root)
    assert quicker.take_over(stale, "quicker", "")
    assert not slower.take_over(stale, "slower", "")
    assert quicker.read() == "quicker"
    assert not slower.create("slower", "")
    SmallFile(root, "ops/_lock.json").write(stale.encode())
    with LakeLock(root).held("mine") as said:
        assert said == f"took over the lock of run dead, which is dead (host {dead['host']}, pid {dead['pid']})"


def test_ctrl_c_in_the_store_leaves_a_lake_that_the_next_run_completes(shop: Shop) -> None:
    import signal

    shop.deliver(DAY_1)
    running = start(*shop.argv())
    assert running.stdout is not None
    for line in running.stdout:
        if "bronze_shop.orders" in line:
            running.send_signal(signal.SIGINT)
            break
    running.communicate(timeout=120)
    assert running.returncode == 130
    assert LakeLock(shop.lake).holder() is None
    assert shop.run().code == 0
    assert len(shop.rows("silver_shop.orders", "order_id")) == 5


def test_files_archives_and_delta_tables_are_found_and_unfinished_ones_wait(
    azure: fs.AzureFileSystem, container: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.csv", "a\n1\n")
    for name, data in {
        "a.csv": b"a\n1\n",
        "deep/b.csv.gz": gzip.compress(b"a\n2\n", mtime=0),
        "c.zip": packed.getvalue(),
        "half.csv.tmp": b"a",
        "_draft/d.csv": b"a",
        ".hidden": b"a",
        "pulled/t/20250301T000000Z/part.csv": b"a",
        "pulled/u/20250301T000000Z/part.csv": b"a",
        "pulled/u/20250301T000000Z/_done.json": b"{}",
    }.items():
        put(azure, f"{container}/in/shop/{name}", data)
    write_deltalake(f"az://{container}/in/shop/table", pa.table({"a": [1]}))
    write_deltalake(f"az://{container}/in/shop/table", pa.table({"a": [2]}), mode="append")
    found = landed(f"az://{container}/in/shop")
    assert [(f.name, f.member, f.is_delta) for f in found] == [
        ("a.csv", None, False),
        ("c.zip/one.csv", "one.csv", False),
        ("deep/b.csv.gz", None, False),
        ("pulled/u/20250301T000000Z/part.csv", None, False),
        ("table", None, True),
    ]
    assert [f.size for f in found if f.name in ("a.csv", "table")] == [4, 1]
    assert all(f.unchanged() for f in found)
    assert batch_id(found[0]) == batch_id(found[1])  # one content, packed and not
    put(azure, f"{container}/in/shop/a.csv", b"a\n1\n2\n")
    write_deltalake(f"az://{container}/in/shop/table", pa.table({"a": [3]}), mode="append")
    assert [f.name for f in found if not f.unchanged()] == ["a.csv", "table"]
    azure.delete_file(f"{container}/in/shop/a.csv")
    assert not found[0].unchanged()
    with pytest.raises(InputFileError, match=r"a\.csv cannot be read \(no such file\)"):
        batch_id(found[0])


def test_every_format_is_read_from_the_store_as_from_a_folder(shop: Shop, azure: fs.AzureFileSystem) -> None:
    import pyarrow.parquet as pq
    import xlsxwriter

    (shop.conf / "sources/shop.yml").write_text(
        dedent("""
        source: shop
        tables:
          things:
            files: [things*]
            key: id
            columns: {id: int, name: string}
        """)
    )
    put(azure, f"{shop.container}/landing/shop/things1.csv.gz", gzip.compress(b"id,name\n1,csv\n"))
    put(azure, f"{shop.container}/landing/shop/things2.jsonl", b'{"id": 2, "name": "json"}\n')
    table = io.BytesIO()
    pq.write_table(pa.table({"id": [3], "name": ["parquet"]}), table)
    put(azure, f"{shop.container}/landing/shop/things3.parquet", table.getvalue())
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["id", "name"])
        sheet.write_row(1, 0, [4, "excel"])
    put(azure, f"{shop.container}/landing/shop/things4.xlsx", book.getvalue())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("things5.csv", "id,name\n5,zip\n")
    put(azure, f"{shop.container}/landing/shop/box.zip", packed.getvalue())
    write_deltalake(f"{shop.landing}/shop/things6", pa.table({"id": [6], "name": ["delta"]}))
    ran = shop.run("--layer", "bronze")
    assert ran.code == 0, ran
    assert shop.run("--layer", "silver").code == 0
    assert shop.rows("silver_shop.things", "id", "name") == [
        ("1", "csv"), ("2", "json"), ("3", "parquet"), ("4", "excel"), ("5", "zip"), ("6", "delta"),
    ]  # fmt: skip


def test_what_the_store_refuses_is_said_in_a_sentence(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match=r"az://nobodys/x cannot be reached as asked .*see docs/object-stores.md"):
        Store("az://nobodys/x").write("a", b"")
    with pytest.raises(StoreError, match="wrong://x is no object store that c360 knows"):
        Store("wrong://x").files()
    with pytest.raises(ConfigError, match="no lake can lie in az://x/my lake, because of the ' ' in it"):
        Lake("az://x/my lake")
    ran = c360("run", "--conf", shop.conf, "--lake", "az://nobodys/lake", "--landing", shop.landing)
    assert ran.code == 1
    assert "az://nobodys/lake cannot be reached as asked" in ran.err
    assert "Traceback" not in ran.err
    checked = c360("check", "--conf", shop.conf, "--landing", shop.landing)
    assert f"no file in {shop.landing}/shop matches Customers*.csv" in checked.out + checked.err
