"""Incremental gold where a unified view joins tables: what is recomputed equals what is made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from c360.steps import changes
from tests.lakes import differences
from tests.sources.runs import Source

pytestmark = pytest.mark.slow_on_spark

MARTS = ("gold.customer_activity", "gold.customer_favourites", "gold.product_sales")
CUSTOMERS = (
    "customer_id,first_name,last_name,email,phone,date_of_birth,gender,registration_date,customer_segment,"
    "preferred_channel,address_line1,city,state,zip_code,country\n"
)
SALES = (
    "transaction_id,customer_id,transaction_date,channel,store_id,payment_method,subtotal,tax_amount,"
    "discount_amount,total_amount,currency,status\n"
)
ITEMS = "item_id,transaction_id,product_id,quantity,unit_price,line_total,discount_applied\n"


def deliver(source: Source, day: str, customers: str = "", sales: str = "", items: str = "") -> None:
    """Customers as id and state; sales as id, customer, day and total; items as id, sale, product and total."""
    split = {
        name: [row.split() for row in rows.split(", ") if row] for name, rows in locals().items() if name[-1] == "s"
    }
    written = {
        "customers": CUSTOMERS + "".join(f"{n},Ann,{n},,,,,,,,,,{state},,\n" for n, state in split["customers"]),
        "transactions": SALES
        + "".join(
            f"{n},{who},{on} 12:00:00,online,,,,,,{total},USD,completed\n" for n, who, on, total in split["sales"]
        ),
        "transaction_items": ITEMS
        + "".join(f"{n},{sale},{product},1,{total},{total},\n" for n, sale, product, total in split["items"]),
    }
    for name, text in written.items():
        source.land(f"{name}_{day}.csv", text)


@pytest.fixture
def domains(tmp_path: Path, spark: object, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(changes, "SMALL", 0)
    monkeypatch.setattr(changes, "WORTH", 1000)
    source = Source("domains", tmp_path, spark)  # type: ignore[arg-type]
    source.land(
        "products_2025-03-01.csv",
        """\
        product_id,product_name,category,subcategory,brand,price,cost,weight_kg,dimensions,color,size,created_date,status
        P1,Lamp,Home,,,1,,,,,,,
        P2,Toy,Toys,,,1,,,,,,,
        """,
    )
    deliver(
        source,
        "2025-03-01",
        customers="A WA, B CA, C TX, D AZ",
        sales="T1 A 2025-01-10 10, T2 B 2025-01-11 20, T3 C 2025-02-12 30, T4 D 2025-02-28 40",
        items="I1 T1 P1 10, I2 T2 P1 20, I3 T3 P2 30, I4 T4 P2 40",
    )
    source.run(*MARTS)
    return source


def test_a_sale_and_its_items_that_change_together_count_where_they_were_and_where_they_are(domains: Source) -> None:
    # T1 goes from A to B while its item becomes another product; the item of T3 goes over to a new sale of C
    deliver(
        domains,
        "2025-03-02",
        sales="T1 B 2025-01-10 11, T5 C 2025-03-01 30",
        items="I1 T1 P2 11, I3 T5 P2 30",
    )
    said = domains.run(*MARTS)
    assert said["gold.customer_favourites"] == "recomputed for 3 c360_id"
    assert said["gold.product_sales"] == "recomputed for 3 ordered_month"
    anew = domains.beside("anew")
    anew.run(*MARTS, full=True)
    assert differences(Path(domains.lake.root), Path(anew.lake.root)) == []


def test_a_customer_moves_and_buys_on_one_day(domains: Source) -> None:
    deliver(domains, "2025-03-02", customers="A TX, E CA", sales="T5 E 2025-03-01 5", items="I5 T5 P1 5")
    said = domains.run(*MARTS)
    assert said["gold.customer_activity"].startswith("recomputed for ")
    assert {row[:2]: row[2] for row in domains.unified("orders", "order_id", "customer_id", "region_id")} == {
        ("T1", "A"): "RGN003",
        ("T2", "B"): "RGN002",
        ("T3", "C"): "RGN003",
        ("T4", "D"): None,
        ("T5", "E"): "RGN002",
    }
    anew = domains.beside("anew")
    anew.run(*MARTS, full=True)
    assert differences(Path(domains.lake.root), Path(anew.lake.root)) == []
