"""What every value is made of, and how that is drawn."""

from __future__ import annotations

import pytest

from c360.docs.graph import arrange, drawn, edges
from c360.docs.lineage import column_reads, fillings, read_by, users
from c360.docs.model import Table, unit_of
from tests.corner_shop import CONF

CUSTOMERS, ORDERS, CALLS = (f"silver_shop.{name}" for name in ("customers", "orders", "calls"))
PERSON = ("unified.customer_records.c360_id",)

CAFE = {
    "sources/cafe.yml": r"""
        source: cafe
        timezone: Europe/Berlin
        tables:
          guests:
            files: Guests*.csv
            key: id
            columns: {id: int, first: {pii: true}, last: {pii: true}, club: int}
            history: true
          clubs:
            files: Clubs*.csv
            key: id
            columns: {id: int, name: string, city: string}
          bills:
            files: Bills*.csv
            key: id
            columns: {id: int, guest: int, at: timestamp, net: money, tax: money, state: string}
          lines:
            files: Lines*.csv
            load: append
            columns: {bill: int, nr: int, item: string, price: money}
        unified:
          customers:
            from: guests
            columns: {customer_id: CAST(id AS STRING), full_name: "concat_ws(' ', first, last)"}
          stores:
            query: SELECT min(id) AS nr, city FROM clubs WHERE name IS NOT NULL GROUP BY city
            columns: {store_id: CAST(nr AS STRING), store_name: "'Club'", city: city}
          orders:
            - query: |
                WITH newest AS (
                  SELECT bill, max(price) AS top, row_number() OVER (PARTITION BY bill ORDER BY max(nr)) AS n
                  FROM lines GROUP BY bill
                )
                SELECT b.id, b.guest, b.at, b.net + b.tax AS total, coalesce(b.state, l.top > 5) AS state, b.tax,
                  (SELECT max(g.club) FROM guests g WHERE g.id = b.guest) AS club
                FROM bills b LEFT JOIN newest l ON l.bill = b.id AND l.n = 1
              columns:
                order_id: CAST(id AS STRING)
                customer_id: CAST(guest AS STRING)
                ordered_at: at
                channel: "'store'"
                store_id: CAST(club AS STRING)
                status: state
                total_amount: total
            - from: lines
              where: bill IS NULL
              columns: {order_id: "concat('x-', nr)", total_amount: price}
        """,
}


def reads(config):
    return column_reads(fillings(config))


def test_every_column_of_a_view_says_which_silver_columns_it_is_made_of(configured):
    found = reads(configured(CONF))
    assert {column: made_of for column, made_of in found["unified.orders"].items() if made_of} == {
        "order_id": (f"{ORDERS}.order_id",),
        "customer_id": (f"{ORDERS}.customer_id",),
        "ordered_at": (f"{ORDERS}.ordered_at",),
        "status": (f"{ORDERS}.status",),
        "total_amount": (f"{ORDERS}.amount",),
        "is_revenue": (f"{ORDERS}.status",),
        "reporting_amount": (f"{ORDERS}.amount",),
        "ordered_local_at": (f"{ORDERS}.ordered_at",),
        "ordered_month": (f"{ORDERS}.ordered_at",),
        "c360_id": PERSON,
    }
    assert {column: made_of for column, made_of in found["unified.source_customers"].items() if made_of} == {
        "customer_id": (f"{CUSTOMERS}.customer_id",),
        "full_name": (f"{CUSTOMERS}.name",),
        "email": (f"{CUSTOMERS}.email",),
    }
    assert found["unified.orders"]["channel"] == (), "a constant is made of nothing"
    assert set(found["unified.products"].values()) == {()}, "no source fills it"


def test_queries_are_followed_through_their_joins_with_clauses_and_aggregates(configured):
    found = reads(configured(CAFE))
    assert {column: made_of for column, made_of in found["unified.orders"].items() if made_of} == {
        "order_id": ("silver_cafe.bills.id", "silver_cafe.lines.nr"),
        "customer_id": ("silver_cafe.bills.guest",),
        "ordered_at": ("silver_cafe.bills.at",),
        "store_id": ("silver_cafe.guests.club",),
        "status": ("silver_cafe.bills.state", "silver_cafe.lines.price"),
        "total_amount": ("silver_cafe.bills.net", "silver_cafe.bills.tax", "silver_cafe.lines.price"),
        "is_revenue": ("silver_cafe.bills.state", "silver_cafe.lines.price"),
        "reporting_amount": ("silver_cafe.bills.net", "silver_cafe.bills.tax", "silver_cafe.lines.price"),
        "ordered_local_at": ("silver_cafe.bills.at",),
        "ordered_month": ("silver_cafe.bills.at",),
        "c360_id": PERSON,
    }
    assert found["unified.stores"] == {
        "source": (),
        "store_id": ("silver_cafe.clubs.id",),
        "store_name": (),
        "location": (),
        "city": ("silver_cafe.clubs.city",),
        "region": (),
        "country": (),
        "manager_name": (),
        "open_hours": (),
    }


def test_versions_of_customers_are_made_of_the_history(configured):
    found = reads(configured(CAFE))["unified.source_customer_versions"]
    kept = "silver_cafe.guests_history"
    assert {column: made_of for column, made_of in found.items() if made_of} == {
        "customer_id": (f"{kept}.id",),
        "full_name": (f"{kept}.first", f"{kept}.last"),
        "valid_from": (f"{kept}._valid_from",),
        "valid_to": (f"{kept}._valid_to",),
    }


def test_each_mapping_of_a_view_says_what_is_its_own(configured):
    of_bills, of_lines = fillings(configured(CAFE))["unified.orders"]
    assert (of_bills.source, of_lines.source) == ("cafe", "cafe")
    assert of_bills.columns["order_id"] == ("silver_cafe.bills.id",)
    assert of_lines.columns["order_id"] == ("silver_cafe.lines.nr",)
    assert of_lines.columns["ordered_at"] == ()


def test_a_silver_column_says_where_it_goes(configured):
    goes = read_by(reads(configured(CONF)))
    assert goes[f"{ORDERS}.amount"] == ("unified.orders.reporting_amount", "unified.orders.total_amount")
    assert goes[f"{CUSTOMERS}.email"] == ("unified.source_customer_versions.email", "unified.source_customers.email")
    assert f"{CALLS}._rescued" not in goes


def table(name, *inputs):
    return Table(name, "", (), (), inputs)


SMALL = [
    table("bronze_a.x"),
    table("bronze_b.y"),
    table("silver_a.x", "bronze_a.x"),
    table("silver_b.y", "bronze_b.y"),
    table("quarantine_a.x", "bronze_a.x"),
    table("unified.facts", "silver_b.y", "unified.people"),
    table("unified.people", "silver_a.x"),
    table("gold.sums", "unified.facts"),
    table("gold.ranks", "gold.sums", "unified.people", "gold.not_there"),
    table("ops.runs"),
]


def test_the_tables_stand_layer_by_layer_each_right_of_all_it_is_made_from():
    assert arrange(SMALL) == [
        ["bronze_a.x", "bronze_b.y"],
        ["quarantine_a.x", "silver_a.x", "silver_b.y"],
        ["unified.people"],
        ["unified.facts"],
        ["gold.sums"],
        ["gold.ranks"],
    ]
    assert arrange([]) == []
    crossed = [*SMALL[:2], table("silver_a.x", "bronze_b.y"), table("silver_b.y", "bronze_a.x")]
    assert arrange(crossed) == [["bronze_a.x", "bronze_b.y"], ["silver_b.y", "silver_a.x"]], "no two curves cross"


def test_what_is_made_from_a_table_and_which_links_are_drawn():
    assert users(SMALL) == {
        "bronze_a.x": ("quarantine_a.x", "silver_a.x"),
        "bronze_b.y": ("silver_b.y",),
        "silver_a.x": ("unified.people",),
        "silver_b.y": ("unified.facts",),
        "unified.people": ("gold.ranks", "unified.facts"),
        "unified.facts": ("gold.sums",),
        "gold.sums": ("gold.ranks",),
        "gold.not_there": ("gold.ranks",),
    }
    assert edges(SMALL[-3:]) == [("gold.sums", "gold.ranks")]


def test_a_picture_has_a_box_for_every_table_and_a_curve_for_every_link():
    columns = [["bronze_a.x"], ["silver_a.x"]]
    assert drawn(columns, [("bronze_a.x", "silver_a.x")], "x & y", "silver_a.x") == (
        '<svg viewBox="0 0 544 40" width="544" height="40" role="img" class="lineage"><title>x &amp; y</title>'
        '<g class="curves"><path d="M244,18C272,18 272,18 300,18" data-from="bronze_a.x" data-to="silver_a.x"></path>'
        "</g>"
        '<g><a href="#bronze_a.x" class="bronze" data-name="bronze_a.x"><title>bronze_a.x</title>'
        '<rect x="8" y="8" width="236" height="20" rx="4"></rect><text x="16" y="22">bronze_a.x</text></a>'
        '<a href="#silver_a.x" class="silver focus" data-name="silver_a.x"><title>silver_a.x</title>'
        '<rect x="300" y="8" width="236" height="20" rx="4"></rect><text x="308" y="22">silver_a.x</text></a></g></svg>'
    )


@pytest.mark.parametrize(
    ("name", "sql_type", "says", "unit"),
    [
        ("ordered_at", "TIMESTAMP", "", "UTC"),
        ("ordered_local_at", "TIMESTAMP", "", "local time of the source"),
        ("ordered_on", "DATE", "the day of that", None),
        ("days", "STRING", "", None),
        ("lead_time_days", "INT", "", "days"),
        ("buyers_last_30_days", "BIGINT", "persons with such an order", None),
        ("usual_gap", "DECIMAL(9,2)", "days between two purchases", "days"),
        ("gaps", "DECIMAL(9,2)", "days since the last purchase / usual gap", None),
        ("duration_seconds", "INT", "", "seconds"),
        ("weight_kg", "DECIMAL(19,4)", "", "kg"),
        ("margin_percent", "DECIMAL(19,2)", "100 x margin / revenue", "%"),
        ("change", "DECIMAL(19,2)", "change of revenue, in percent", "%"),
        ("discount_share", "DECIMAL(9,6)", "", "share, 0 to 1"),
        ("rate", "DECIMAL(19,8)", "what one unit is worth", None),
        ("total_amount", "DECIMAL(19,4)", "", "money"),
        ("orders", "BIGINT", "orders that brought revenue", None),
        ("lift", "DECIMAL(19,6)", "", None),
    ],
)
def test_the_unit_is_what_the_name_or_the_description_gives(name, sql_type, says, unit):
    assert unit_of(name, sql_type, says) == unit
