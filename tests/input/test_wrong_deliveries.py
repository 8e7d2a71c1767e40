"""What becomes of files that come twice, too early, under another name, or not at all.

The fixture `shop` checks the ledger after each test; `says` ties a test to its line of docs/wrong-input.md.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tests.input.commands import ADA, APPENDED, BOB, CUSTOMERS, WHO, Shop, refused, says


@says("The same file twice, under any name")
def test_content_that_was_there_already_brings_nothing_and_says_so(shop: Shop) -> None:
    shop.customers(ADA + BOB)
    shop.land("again/Customers_2025-03-05.csv", CUSTOMERS + ADA + BOB)

    said = shop.run()

    assert said.steps[0] == "✓ bronze_shop.customers  2 rows  nothing new in again/Customers_2025-03-05.csv"
    assert shop.run().out == "nothing new: every table is up to date\n"
    file = shop.landing / "Customers_2025-03-01.csv"
    os.utime(file, ns=(1, 1))
    assert shop.run().steps == ["✓ bronze_shop.customers  0 rows  nothing new in Customers_2025-03-01.csv"]


@says("A file with other content under its old name")
def test_a_file_that_was_changed_is_a_new_delivery(shop: Shop) -> None:
    shop.customers(ADA + BOB)
    shop.run()
    shop.customers("1,Ada L,ada@x.org\n")

    assert shop.run().steps[1] == "✓ silver_shop.customers  1 row: 1 updated"
    assert len(shop.lake.rows("bronze_shop.customers")) == 3
    assert shop.silver("customers", *WHO) == [(1, "Ada L"), (2, "Bob")]


@says("A file in a sub-folder")
def test_sub_folders_are_looked_through(shop: Shop) -> None:
    shop.land("2025/03/Customers_2025-03-01.csv", CUSTOMERS + ADA)

    shop.run()

    assert shop.silver("customers", *WHO, "_source_file") == [(1, "Ada", "2025/03/Customers_2025-03-01.csv")]


@says("A file called `.…`, `_…` or `….tmp`")
def test_files_that_are_being_brought_wait(shop: Shop) -> None:
    for name in (".Customers_1.csv", "_Customers_2.csv", "Customers_3.csv.tmp", "_new/Customers_4.csv"):
        shop.land(name, CUSTOMERS + ADA)

    said = shop.run()

    assert (said.code, shop.lake.rows("bronze_shop.customers")) == (0, [])
    (shop.landing / "_Customers_2.csv").rename(shop.landing / "Customers_2.csv")
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada")]


@says("A file that is still being written")
def test_a_file_that_grows_while_it_is_waited_for_is_left_for_the_next_run(shop: Shop) -> None:
    shop.conf("c360.yml", "settle_seconds: 1\n")
    file = shop.customers(ADA)
    is_over = threading.Event()

    def keep_writing() -> None:
        while not is_over.wait(0.05):
            with file.open("a") as out:
                out.write(BOB)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        said = shop.run()
    finally:
        is_over.set()
        writer.join()

    assert refused(said) == "Customers_2025-03-01.csv is still being written; run again when it is complete"
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (2, "Bob")]


@says("A file that changes while it is read")
def test_nothing_stays_of_a_file_that_changed_while_it_was_read(shop: Shop) -> None:
    file = shop.customers(ADA)

    said = shop.run(**{APPENDED: str(file)})

    assert refused(said) == "Customers_2025-03-01.csv changed while it was read; run again when it is complete"
    assert shop.lake.rows("bronze_shop.customers") == []
    shop.run()
    assert shop.silver("customers", *WHO) == [(1, "Ada"), (8, "Hal")]


@says("A file that cannot be read")
def test_a_file_that_is_not_to_be_opened_or_read_is_refused(shop: Shop) -> None:
    link = shop.landing / "Customers_2025-03-01.csv"
    link.symlink_to("nowhere.csv")
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv cannot be read (No such file or directory); does it exist, and may this user read it?"
    )
    link.unlink()
    os.mkfifo(link)
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv is not a file but a pipe or a device; take it out of the landing folder"
    )
    link.unlink()
    link.symlink_to("/proc/self/mem")
    assert refused(shop.run()) == (
        "Customers_2025-03-01.csv cannot be read (Input/output error); does it exist, and may this user read it?"
    )


@says("A name with bytes that are not UTF-8")
def test_a_file_name_that_is_no_text_is_refused(shop: Shop) -> None:
    file = os.fsencode(shop.landing) + b"/Customers_\xff.csv"
    Path(os.fsdecode(file)).write_text(CUSTOMERS + ADA)

    assert refused(shop.run()) == r"the name of Customers_\udcff.csv holds bytes that are not UTF-8; rename the file"


@says("A date in the name that is none")
def test_a_name_whose_date_is_none_is_refused(shop: Shop) -> None:
    shop.customers(ADA, day="2025-13-01")

    assert refused(shop.run()) == (
        "Customers_2025-13-01.csv: '2025-13-01' is not a date; delivered_at expects for example 2025-03-01, 20250301 "
        "or 20250301T120000"
    )


@says("A file no table asks for, or several do")
def test_a_file_nobody_asks_for_is_left_alone_and_check_points_it_out(shop: Shop) -> None:
    shop.declare("files: Orders*.csv*", "files: ['Orders*.csv*', '*_2025-03-02.csv']")
    shop.land("Custmers.csv", CUSTOMERS + ADA)
    shop.land("Customers_2025-03-02.csv", CUSTOMERS + ADA)

    assert shop.c360("check").out.splitlines() == [
        "conf is right: shop (2 tables)",
        "shop.orders: Customers_2025-03-02.csv has no column OrderID; its header names: CustomerID, Name, Email. "
        "Declare the name it has there as `from`, or the right delimiter.",
        "data/landing/shop/Custmers.csv: no table of shop asks for it",
        "data/landing/shop/Customers_2025-03-02.csv: read by several tables: customers, orders",
    ]


@says("No file")
def test_a_table_without_files_stays_empty_and_the_run_is_fine(shop: Shop) -> None:
    said = shop.run()

    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "data/landing/shop holds no file that a table of shop asks for; `c360 check` says which",
            "nothing new: every table is up to date",
        ],
    )
    shop.customers(ADA)
    assert shop.run().code == 0
    assert (shop.silver("customers", *WHO), shop.lake.rows("bronze_shop.orders")) == ([(1, "Ada")], [])
    (shop.landing / "Customers_2025-03-01.csv").unlink()
    assert shop.c360("check").out.splitlines()[1:] == [
        "shop.customers: no file in data/landing/shop matches Customers*.csv*",
        "shop.orders: no file in data/landing/shop matches Orders*.csv*",
    ]


@says("A file that is taken away after it was read")
def test_a_file_that_was_read_may_go(shop: Shop) -> None:
    shop.customers(ADA).rename(shop.folder / "archived.csv")
    (shop.folder / "archived.csv").rename(shop.landing / "Customers_2025-03-01.csv")
    shop.run()
    (shop.landing / "Customers_2025-03-01.csv").unlink()

    assert shop.run().out == "nothing new: every table is up to date\n"
    assert shop.silver("customers", *WHO) == [(1, "Ada")]
