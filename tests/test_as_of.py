"""The day everything in gold is seen from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corner_shop import DAY_1, DAY_2, deliver, shop
from tests.input.commands import Sail
from tests.lakes import World, differences, runs

SOURCE = "sources/shop.yml"
HEADER = "customer_id,name,email\n"
NOTHING_NEW = "nothing new: every table is up to date\n"
AS_OF = ("--only", "gold.rfm", "--only", "gold.customer_activity")


@pytest.fixture
def where(tmp_path: Path, sail: Sail) -> World:
    return shop(tmp_path, sail)


def test_as_of_an_earlier_day_later_orders_are_not_seen(where: World) -> None:
    deliver(where, DAY_1, DAY_2)
    where.made("--as-of", "2025-02-15", "--only", "gold.customer_activity")
    assert sum(row[0] for row in where.rows("gold.customer_activity", "orders")) == 1
    where.made("--only", "gold.customer_activity")
    assert sum(row[0] for row in where.rows("gold.customer_activity", "orders")) == 6


def test_as_of_an_earlier_day_people_are_what_was_known_of_them_then(where: World) -> None:
    where.correct(SOURCE, "files: Customers*.csv", "files: Customers*.csv\n    history: true")
    deliver(where, DAY_1, DAY_2)
    shown = ("--only", "gold.customer_360")
    where.made("--as-of", "2025-03-01", *shown)
    assert where.rows("gold.customer_360", "full_name", "email") == [
        ("Ann", "ann@mail.test"),
        ("Bob Low", "bob@mail.test"),
        ("Dan", "dan@mail.test"),
    ]
    where.made("--as-of", "2025-03-02", *shown)
    after = where.rows("gold.customer_360", "full_name", "email")
    assert after == [
        ("Ann", "ann@mail.test"),
        ("Bob Low", "bob@mail.test"),
        ("Cleo", "cleo@mail.test"),
        ("Dan", "daniel@mail.test"),
        ("Eve", "eve@mail.test"),
    ]
    where.made(*shown)
    assert where.rows("gold.customer_360", "full_name", "email") == after


def test_as_of_a_day_that_is_no_day_is_refused(where: World) -> None:
    refused = where.run("--as-of", "2025-02-30")
    assert (refused.code, refused.err) == (2, "--as-of: '2025-02-30' is not a date; write it as 2025-03-31\n")
    assert not where.lake.exists()


def test_without_a_date_it_is_the_day_of_the_latest_event(where: World) -> None:
    deliver(where, DAY_1, DAY_2)
    where.made(*AS_OF)
    assert seen_from(where) == "2025-03-02"


def test_a_delivery_without_events_can_move_the_day_and_the_plan_knows_it_without_an_engine(where: World) -> None:
    source = where.conf / SOURCE
    source.write_text(source.read_text().partition("  interactions:")[0])  # so that nothing is made of calls
    header = "order_id,customer_id,ordered_at,amount,status\n"
    where.land("shop/Customers_2025-03-01.csv", f"{HEADER}1,Ann,ann@mail.test\n")
    where.land("shop/Orders_2025-03-01.csv", f"{header}1,1,2025-03-02 00:00:00,1.00,Completed\n")
    where.made(*AS_OF)
    assert (seen_from(where), where.rows("gold.rfm", "recency_days")) == ("2025-03-01", [])
    where.land("shop/Calls_2025-03-05.csv", DAY_1["shop/Calls_2025-03-01.csv"])
    where.made("--only", "bronze_shop.calls")
    said = where.run("--dry-run", *AS_OF)
    assert said.out == "gold.customer_activity  as_of may have changed\ngold.rfm  follows gold.customer_activity\n"
    where.made(*AS_OF)
    assert (seen_from(where), where.rows("gold.rfm", "recency_days")) == ("2025-03-02", [(0,)])
    assert where.made(*AS_OF).out == NOTHING_NEW


def test_an_event_after_the_newest_delivery_is_seen_when_something_else_is_delivered(where: World) -> None:
    """An order may be dated up to a day after its file; as_of follows no further than the newest file."""
    header = "order_id,customer_id,ordered_at,amount,status\n"
    where.land("shop/Orders_2025-03-01.csv", f"{header}1,1,2025-03-02 00:00:00,1.00,Completed\n")
    where.land("shop/Customers_2025-03-01.csv", f"{HEADER}1,Ann,ann@mail.test\n")
    where.made(*AS_OF)
    assert seen_from(where) == "2025-03-01"
    where.land("shop/Customers_2025-03-02.csv", f"{HEADER}2,Bob,bob@mail.test\n")
    where.made(*AS_OF)
    other = where.beside("at_once")
    other.made(*AS_OF)
    assert (seen_from(where), seen_from(other)) == ("2025-03-02", "2025-03-02")
    assert differences(where.lake, other.lake) == []


def test_a_where_an_old_file_is_no_newer_delivery(where: World) -> None:
    header = "order_id,customer_id,ordered_at,amount,status\n"
    where.land("shop/Orders_2025-03-01.csv", f"{header}1,1,2025-03-02 00:00:00,1.00,Completed\n")
    where.land("shop/Orders_2025-03-05.csv", f"{header}1,1,2025-03-02 00:00:00,1.00,Completed\n")
    where.made(*AS_OF)
    assert seen_from(where) == "2025-03-01"


def seen_from(where: World) -> str:
    """The day that the last run saw everything from."""
    return str(runs(where.lake)[0]["as_of"])
