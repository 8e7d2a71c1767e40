"""Files as tables: patterns, keys, references, personal columns, facts, and what is suggested."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from c360.config.load import load
from c360.init_source import draft
from tests.init_source.drafts import drafted, lines

DAY_1 = lines("customer_id,name,updated_at", "1,Ann,2025-03-01 08:00:00", "2,Bob,2025-03-01 09:00:00")
DAY_2 = lines("customer_id,name,updated_at", "2,Bobby,2025-03-02 09:00:00", "3,Cay,2025-03-02 10:00:00")
ITEMS = lines("item_id,order_id", "1,1", "2,1", "3,2")
ORDERS = lines("order_id,amount", "1,10.00", "2,20.00")


def test_deliveries_of_several_days_are_one_table(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"Customers_2025-03-01.csv": DAY_1, "Customers_2025-03-02.csv": DAY_2})
    assert list(found.source.tables) == ["customers"]
    assert found.table.files == ("Customers_*.csv*",)
    assert found.source.delivered_at == r"_(\d{4}-\d{2}-\d{2})"
    assert (found.table.key, found.table.newest_by) == (("customer_id",), ("updated_at",))
    assert "unique in each file and never null; 1 come again in a later file" in found.line("key:")


@pytest.mark.parametrize(
    ("names", "pattern", "delivered_at"),
    [
        (("orders_20250301.csv", "orders_20250302.csv"), "orders_*.csv*", r"_(\d{8})"),
        (("2025-03-01_orders.csv", "2025-03-02_orders.csv"), "*_orders.csv*", r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)"),
        (("orders_20250301T120000.csv", "orders_20250302T120000.csv"), "orders_*.csv*", r"_(\d{8}T\d{6})"),
        (("orders_1.csv", "orders_2.csv"), "orders*.csv*", None),
        (("orders.csv",), "orders*.csv*", None),
    ],
)
def test_a_pattern_stands_for_the_files_of_a_table(
    tmp_path: Path, names: tuple[str, ...], pattern: str, delivered_at: str | None
) -> None:
    found = drafted(tmp_path, dict.fromkeys(names, ORDERS))
    assert (found.table.files, found.source.delivered_at) == ((pattern,), delivered_at)


def test_no_pattern_takes_the_files_of_another_table(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"Order.csv": ORDERS, "OrderItem.csv": ITEMS, "a/x.csv": ORDERS, "b/x.csv": ITEMS})
    assert {name: table.files for name, table in found.source.tables.items()} == {
        "order": ("Order.csv*",),
        "order_item": ("OrderItem*.csv*",),
        "x": ("a/x.csv",),
        "x_2": ("b/x.csv",),
    }


def test_files_of_one_name_with_other_columns_are_other_tables(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"data_1.csv": ORDERS, "data_2.csv": lines("sku,colour,size", "a1,red,3", "a2,blue,4")})
    assert [list(table.columns) for table in found.source.tables.values()] == [
        ["order_id", "amount"],
        ["sku", "colour", "size"],
    ]


def test_a_column_that_older_files_lack_is_declared_and_may_be_missing(tmp_path: Path) -> None:
    older, newer = ORDERS, lines("order_id,amount,city", "3,1.00,Bern", "4,2.00,Basel")
    found = drafted(tmp_path, {"orders_2025-03-01.csv": older, "orders_2025-03-02.csv": newer})
    assert list(found.table.columns) == ["order_id", "amount", "city"]
    assert found.table.contract.missing_columns == "evolve"
    assert "orders_2025-03-01.csv has no column city" in found.text


def test_an_ascii_file_is_of_the_table_whose_other_files_are_not(tmp_path: Path) -> None:
    accents = lines("order_id,city", "3,Zürich", "4,Genève").encode("cp1252")
    found = drafted(
        tmp_path, {"orders_2025-03-01.csv": lines("order_id,city", "1,Bern"), "orders_2025-03-02.csv": accents}
    )
    assert found.table.csv is not None
    assert found.table.csv.encoding == "cp1252"


@pytest.mark.parametrize(
    ("table", "text", "key"),
    [
        ("customers", lines("email,customer_id", "a@x.org,1", "b@x.org,2"), ("customer_id",)),
        ("orders", lines("rowguid,customer_id,order_id", "g1,5,1", "g2,6,2"), ("order_id",)),
        (
            "prices",
            lines("product_id,valid_from,price", "1,2025-01-01,1.00", "1,2025-02-01,1.50"),
            ("product_id", "valid_from"),
        ),
        ("links", lines("product_id,supplier_id", "1,1", "1,2", "2,1"), ("product_id", "supplier_id")),
        (
            "points",
            lines("loyalty_id,date_time,points", "1,2025-01-01 08:00:00,5", "1,2025-01-02 08:00:00,7"),
            ("loyalty_id", "date_time"),
        ),
        ("lines", lines("order_id,line,amount", "1,1,5.00", "1,2,5.00", "2,1,5.00"), ("order_id", "line")),
        ("people", lines("email,city", "a@x.org,Bern", "b@x.org,Bern"), ("email",)),
        (
            "stock",
            lines(
                "store_id,product_id,day", "1,1,2025-01-01", "1,1,2025-01-02", "1,2,2025-01-01", "2,1,2025-01-01"
            ),
            ("store_id", "product_id", "day"),
        ),
    ],
)  # fmt: skip
def test_the_smallest_unique_set_of_columns_is_the_key(
    tmp_path: Path, table: str, text: str, key: tuple[str, ...]
) -> None:
    assert drafted(tmp_path, {f"{table}.csv": text}).table.key == key


def test_versions_of_one_thing_have_its_id_as_key_and_are_ordered(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"customers.csv": DAY_1 + DAY_2.partition("\n")[2] + "1,Anna,2025-03-03 08:00:00\n"})
    assert (found.table.key, found.table.newest_by) == (("customer_id",), ("updated_at",))
    assert found.line("key:").endswith(
        "5 rows, 3 distinct, 2 repeat one; with updated_at they differ, so they are versions: "
        "the latest updated_at is kept"
    )


def test_copies_and_null_keys_are_counted(tmp_path: Path) -> None:
    rows = [f"{n},Ann" for n in range(1, 21)]
    found = drafted(tmp_path, {"customers.csv": lines("customer_id,name", *rows, "1,Ann", ",Bob")})
    assert found.table.key == ("customer_id",)
    assert found.line("key:").endswith(
        "21 rows, 20 distinct, 1 null, which a run rejects; 1 whole copy of other rows aside"
    )


def test_where_nothing_is_unique_the_best_candidate_stands_with_its_repeats(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"things.csv": lines("kind,colour", "a,red", "a,red", "b,red")})
    assert found.table.key == ("kind",)
    assert "no set of up to three columns is unique: 3 rows, 2 distinct, 1 repeat one" in found.line("key:")


def test_one_row_tells_nothing_of_keys(tmp_path: Path) -> None:
    found = drafted(tmp_path, {"orders.csv": lines("order_id,amount", "1,10.00")})
    assert found.line("key:") == "key: order_id  # one row only: nothing tells what is unique"


def test_creation_and_event_dates_are_no_newest_by(tmp_path: Path) -> None:
    text = lines("order_id,order_date,created_at", "1,2025-03-01,2025-03-01", "2,2025-03-02,2025-03-02")
    assert drafted(tmp_path, {"orders.csv": text}).table.newest_by == ()


def test_references_follow_names_and_values(tmp_path: Path) -> None:
    files = {
        "customers.csv": lines("customer_id,name", "1,Ann", "2,Bob"),
        "loyalty.csv": lines("customer_id,tier", "1,Gold", "2,Silver"),
        "addresses.csv": lines("address_id,city", "7,Bern", "8,Basel"),
        "orders.csv": lines("order_id,customer_id,ship_to_address_id,agent_id", "1,1,7,90", "2,2,8,91", "3,2,8,92"),
        "agents.csv": lines("agent_id,shift", "90,am", "93,pm", "94,pm"),
    }
    found = drafted(tmp_path, files)
    assert {t: {c: r.table for c, r in d.references.items()} for t, d in found.source.tables.items()} == {
        "customers": {},
        "loyalty": {"customer_id": "customers"},
        "addresses": {},
        "orders": {"customer_id": "customers", "ship_to_address_id": "addresses"},
        "agents": {},
    }
    assert "agent_id may refer to agents, but only 1 of 3 distinct are agents.agent_id" in found.text
    assert "customer_id: customers  # 2 of 2 distinct are customers.customer_id" in found.text


def test_references_do_not_go_in_circles(tmp_path: Path) -> None:
    files = {
        "stores.csv": lines("store_id,manager_id", "1,7", "2,8"),
        "managers.csv": lines("manager_id,store_id", "7,1", "8,2"),
    }
    found = drafted(tmp_path, files)
    assert sum(len(table.references) for table in found.source.tables.values()) == 1
    assert "references must not go in a circle" in found.text


def test_ids_of_other_types_are_no_references(tmp_path: Path) -> None:
    files = {
        "customers.csv": lines("customer_id,name", "0001,Ann", "0002,Bob"),
        "orders.csv": lines("order_id,customer_id", "1,1", "2,2"),
    }
    assert drafted(tmp_path, files).source.tables["orders"].references == {}


def test_what_says_who_somebody_is_is_personal_and_not_shown(tmp_path: Path) -> None:
    header = "customer_id,name,mail,mobile,street,plz,dob,account,card,visitor,ssn,city,secret"
    row_1 = "1,Ann Lee,ann@x.org,+41 79 555 01 01,Main St 1,8001,1980-01-02,CH9300762011623852957,4111111111111111"
    row_2 = "2,Bob Ray,bob@x.org,+41 79 555 01 02,Main St 2,8002,1981-01-02,DE89370400440532013000,5500005555555559"
    text = lines(header, f"{row_1},10.1.2.3,078-05-1120,Bern,x@y.org", f"{row_2},10.1.2.4,078-05-1121,Basel,z@y.org")
    found = drafted(tmp_path, {"customers.csv": text})
    personal = {name for name, column in found.table.columns.items() if column.pii}
    assert personal == set(header.split(",")) - {"customer_id", "city"}
    for value in ("Ann", "ann@", "555", "Main", "8001", "1980", "CH93", "4111", "10.1.2", "078", "x@y"):
        assert value not in found.text
    assert "2 of 2 values look like IBANs" in found.line("account:")


def test_names_of_things_and_places_are_not_personal(tmp_path: Path) -> None:
    files = {
        "products.csv": lines("product_id,name", "1,Tea Pot", "2,Green Cup"),
        "stores.csv": lines("store_id,name,address", "1,Old Town,1 Main St", "2,West End,2 High St"),
    }
    found = drafted(tmp_path, files)
    assert [c for t in found.source.tables.values() for c in t.pii_columns] == []


def test_facts_say_when_they_happened(tmp_path: Path) -> None:
    files = {
        "orders.csv": lines("order_id,order_date,due_date", "1,2025-03-01,2025-03-09", "2,2025-03-02,2025-03-10"),
        "tickets.csv": lines("ticket_id,created_at,closed_at", "1,2025-03-01 08:00:00,", "2,2025-03-02 08:00:00,"),
        "customers.csv": lines("customer_id,created_at", "1,2025-03-01 08:00:00", "2,2025-03-02 08:00:00"),
    }
    found = drafted(tmp_path, files)
    assert {name: table.event_at for name, table in found.source.tables.items()} == {
        "orders": "order_date",
        "tickets": "created_at",
        "customers": None,
    }


def test_nothing_happens_after_the_reference_day(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(lines("order_id,order_date", "1,2025-03-01", "2,2030-03-02"))
    assert "event_at:" in draft([tmp_path], "shop")
    assert "event_at:" not in draft([tmp_path], "shop", date(2025, 12, 31))


def test_what_is_commented_out_holds_once_the_sign_is_away(tmp_path: Path) -> None:
    files = {
        "Customers.csv": lines("CustomerID,Name,Email,JoinDate", "1,Ann,a@x.org,2025-01-01", "2,Bo,b@x.org,2025-01-02"),
        "Products.csv": lines("ProductID,Name,Price", "1,Tea,2.50", "2,Cup,3.50"),
        "Orders.csv": lines("OrderID,CustomerID,OrderDate,Amount,Rating", "1,1,2025-01-01 08:00:00,5.00,1",
                            "2,1,2025-01-02 08:00:00,6.00,3", "3,2,2025-01-02 09:00:00,7.00,5"),
    }  # fmt: skip
    text = drafted(tmp_path, files).text
    uncommented = re.sub(r"^(\s*)# (rules:|  \w+: |unified:|  )", r"\1\2", text, flags=re.MULTILINE)
    assert uncommented != text
    (tmp_path / "conf/sources/shop.yml").write_text(uncommented, "utf-8")
    source = load(tmp_path / "conf").sources["shop"]
    assert source.tables["orders"].rules == {
        "amount_positive": "amount > 0",
        "rating_from_1_to_5": "rating BETWEEN 1 AND 5",
    }
    assert list(source.unified) == ["customers", "products", "orders"]


def test_the_whole_draft_reads_like_this(tmp_path: Path) -> None:
    text = lines("OrderID,Customer Name,Order Date,Total", "1,Ann,01/31/2025,10.50", "2,Bob,02/01/2025,7.25")
    found = drafted(tmp_path, {"Orders_2025-02-01.csv": text})
    assert (
        found.text
        == r"""
# A first draft, made by c360 init-source from sample files. What stands behind a # is what they say: read it, correct
# what is wrong, complete what is commented out, then run c360 check.
source: shop
timezone: UTC  # of times without an offset; the files do not say which it is
delivered_at: '_(\d{4}-\d{2}-\d{2})'  # the day in the files' names

tables:
  orders:
    # Orders_2025-02-01.csv: 2 rows
    files: Orders_*.csv*
    key: order_id  # 2 rows: order_id is unique and never null; so is customer_name
    columns:
      order_id: {from: OrderID, type: int}  # 2 of 2 distinct, 1 … 2
      customer_name: {from: Customer Name, pii: true}  # personal: a name, by its name; 2 of 2 distinct
      order_date: {from: Order Date, type: date, format: MM/dd/yyyy}  # {why}
      total: {from: Total, type: money}  # 2 decimals; 2 of 2 distinct, 7.25 … 10.50
    event_at: order_date  # never null, and its name says when
    # rules:  # all rows looked at obey them
    #   total_positive: total > 0

# What could fill the unified tables: complete it, then take the # away.
# unified:
#   orders:
#     - from: orders
#       columns:
#         order_id: CAST(order_id AS STRING)
#         total_amount: total
""".lstrip().replace("{why}", "month first, as the second number goes above 12; 2 of 2 distinct")
    )
