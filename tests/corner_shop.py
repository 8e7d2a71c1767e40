"""A shop of three tables, delivered on two days, small and with something of everything.

Rejected rows, keys twice in a file, corrections, an order and a call a day before their customer (the order is flagged,
the call is quarantined), an order without a customer, the same content twice, a late file.
"""

from __future__ import annotations

from pathlib import Path

from tests.input.commands import Process
from tests.lakes import World, world

CONF = {
    "c360.yml": "settle_seconds: 0\n",
    "sources/shop.yml": r"""
        source: shop
        delivered_at: '_(\d{4}-\d{2}-\d{2})'
        tables:
          customers:
            files: Customers*.csv
            key: customer_id
            columns:
              customer_id: int
              name: {pii: true}
              email: {pii: true}
            rules: {email_has_one_at: "email RLIKE '^[^@ ]+@[^@ ]+$'"}
          orders:
            files: Orders*.csv
            key: order_id
            columns:
              order_id: int
              customer_id: int
              ordered_at: {type: timestamp, required: true}
              amount: {type: money, required: true}
              status: {accepted: [Completed, Failed]}
            derive: {ordered_month: "date_format(ordered_at, 'yyyy-MM')"}
            event_at: ordered_at
            partition_by: ordered_month
            references: {customer_id: customers}
            rules: {amount_positive: amount > 0}
          calls:
            files: Calls*.csv
            key: call_id
            columns:
              call_id: int
              customer_id: int
              called_at: {type: timestamp, required: true}
              resolved: boolean
            references: {customer_id: {table: customers, on_missing: quarantine}}
        unified:
          customers:
            from: customers
            columns: {customer_id: CAST(customer_id AS STRING), full_name: name, email: lower(email)}
          orders:
            from: orders
            columns:
              order_id: CAST(order_id AS STRING)
              customer_id: CAST(customer_id AS STRING)
              channel: "'online'"
              ordered_at: ordered_at
              status: status
              total_amount: amount
          interactions:
            from: calls
            columns:
              interaction_id: CAST(call_id AS STRING)
              customer_id: CAST(customer_id AS STRING)
              opened_at: called_at
              is_resolved: resolved
        """,
}

DAY_1 = {
    "shop/Customers_2025-03-01.csv": """\
        customer_id,name,email
        1,Ann,ann@mail.test
        2,Bob,bob@mail.test
        2,Bob Low,bob@mail.test
        3,Cleo,not an address
        4,Dan,dan@mail.test
        """,
    "shop/Orders_2025-03-01.csv": """\
        order_id,customer_id,ordered_at,amount,status
        1,1,2025-02-10 09:00:00,10.25,Completed
        2,1,2025-02-28 09:00:00,20.50,Completed
        3,2,2025-02-28 10:00:00,5.00,Failed
        4,5,2025-03-01 11:00:00,7.75,Completed
        5,,2025-03-01 12:00:00,3.00,Completed
        6,2,2025-03-01 12:00:00,much,Completed
        7,2,2025-03-01 12:00:00,-1,Lost
        """,
    "shop/Calls_2025-03-01.csv": """\
        call_id,customer_id,called_at,resolved
        1,1,2025-02-11 09:00:00,yes
        2,5,2025-03-01 09:00:00,no
        """,
}

DAY_2 = {
    "shop/Customers_2025-03-02.csv": """\
        customer_id,name,email
        3,Cleo,cleo@mail.test
        4,Dan,daniel@mail.test
        5,Eve,eve@mail.test
        """,
    "shop/Orders_2025-03-02.csv": """\
        order_id,customer_id,ordered_at,amount,status
        3,2,2025-02-28 10:00:00,5.00,Completed
        6,2,2025-03-01 12:00:00,99.99,Completed
        8,5,2025-03-02 08:00:00,0.01,Completed
        9,4,2025-03-02 08:30:00,,Completed
        """,
    "shop/Calls_2025-03-02.csv": """\
        call_id,customer_id,called_at,resolved
        2,5,2025-03-01 09:00:00,yes
        3,9,2025-03-02 09:00:00,no
        """,
}

PARTS = ("--only", "gold.customer_activity", "--only", "gold.resolution_stats")
"""All of the shop's own tables and two marts, for what need not be done with every mart."""

ONE_TABLE = ("--only", "silver_shop.customers")
"""What a test asks for that only needs the least of a run."""


def shop(folder: Path, process: Process | None = None) -> World:
    """The shop, with nothing delivered yet."""
    return world(folder, CONF, process)


def deliver(where: World, *days: dict[str, str]) -> None:
    """Put the files of these days into the landing folder."""
    for day in days:
        for name, text in day.items():
            where.land(name, text)
