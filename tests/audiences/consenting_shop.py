"""A shop whose customers say what they want to be contacted for, and a lake made of it."""

from __future__ import annotations

from pathlib import Path

from tests.input.commands import Here, Sail
from tests.lakes import Ran, World, world

SOURCE = r"""
    source: shop
    delivered_at: '_(\d{4}-\d{2}-\d{2})'
    tables:
      customers:
        files: Customers*.csv
        key: customer_id
        columns: {customer_id: int, name: {pii: true}, email: {pii: true}, phone: {pii: true}}
      orders:
        files: Orders*.csv
        key: order_id
        columns: {order_id: int, customer_id: int, ordered_at: timestamp, amount: money}
      consents:
        files: Consents*.csv
        key: [customer_id, channel]
        columns: {customer_id: int, channel: string, answer: boolean, stated_at: timestamp}
    unified:
      customers:
        from: customers
        columns: {customer_id: CAST(customer_id AS STRING), full_name: name, email: email, phone: phone}
      orders:
        from: orders
        columns:
          order_id: CAST(order_id AS STRING)
          customer_id: CAST(customer_id AS STRING)
          ordered_at: ordered_at
          total_amount: amount
      consents:
        from: consents
        columns:
          customer_id: CAST(customer_id AS STRING)
          channel: channel
          purpose: "'marketing'"
          is_granted: answer
          stated_at: stated_at
    """
CUSTOMERS = """\
    customer_id,name,email,phone
    1,"=HYPERLINK(""http://x"",""y"")",Jane.Doe@gmail.com,+1 (800) 555-0100
    2,-2+3,bob@mail.test,+4930123456
    3,Cleo,cleo@mail.test,
    4,Dan,,
    5,Eve,eve@mail.test,
    6,Fay,fay@mail.test,
    """
ORDERS = "order_id,customer_id,ordered_at,amount\n" + "".join(
    f"{n},{n},2025-02-2{n} 09:00:00,{n}0.50\n" for n in range(1, 6)
)
CONSENTS = """\
    customer_id,channel,answer,stated_at
    1,Email,true,2025-01-01 00:00:00
    2,email,true,2025-01-01 00:00:00
    3,email,false,2025-01-01 00:00:00
    4,email,true,2025-01-01 00:00:00
    6,email,true,2025-01-01 00:00:00
    """
WHOLE = ("--only", "gold.audiences")
"""What a test asks for of a run: the audiences and what they are made from."""


def shop_with(folder: Path, sail: Sail, audiences: str) -> World:
    """The shop after one run with this conf/audiences.yml."""
    files = {"c360.yml": "settle_seconds: 0\n", "sources/shop.yml": SOURCE, "audiences.yml": audiences}
    where = world(folder, files, sail)
    for name, text in (("Customers", CUSTOMERS), ("Orders", ORDERS), ("Consents", CONSENTS)):
        where.land(f"shop/{name}_2025-03-01.csv", text)
    where.made(*WHOLE)
    return where


def audience(where: World, *argv: str | Path) -> Ran:
    """Give the command here: it needs no session."""
    return where.by(Here()).c360("audience", "--conf", str(where.conf), *map(str, argv))
