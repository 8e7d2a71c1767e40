"""The source `oltp`: ids written otherwise than in the customer table, extracts, and the systems themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.pull.api_server import Api, said, serving
from tests.sources.runs import Source, json_lines, parquet

pytestmark = pytest.mark.slow_on_spark

AT = pa.timestamp("us", tz="UTC")
ID, TEXT, PRICE = pa.int64(), pa.string(), pa.decimal128(10, 2)
CUSTOMERS = {
    "customer_id": ID,
    "full_name": TEXT,
    "email": TEXT,
    "country": TEXT,
    "registration_date": pa.date32(),
    "updated_at": AT,
}
PRODUCTS = {"product_id": ID, "product_name": TEXT, "category": TEXT, "price": PRICE, "updated_at": AT}
STORES = {"store_id": ID, "store_name": TEXT, "location": TEXT, "updated_at": AT}
SALES = {
    "transaction_id": ID,
    "customer_id": ID,
    "product_id": ID,
    "store_id": ID,
    "quantity": pa.int32(),
    "transaction_date": AT,
    "updated_at": AT,
}
JANUARY, FEBRUARY, MARCH = (datetime(2025, month, 1, 9, tzinfo=UTC) for month in (1, 2, 3))


def review(review_id: str, customer_id: str | None, rating: int = 5) -> dict[str, object]:
    at = {"text": "Good.", "created_at": "2025-02-20T10:00:00Z"}
    return {"review_id": review_id, "customer_id": customer_id, "product_id": 7, "rating": rating, **at}


def first_day(source: Source) -> None:
    customers = [
        (1001, "Ann Lee", "Ann@Mail.Test", "US", date(2020, 1, 15), FEBRUARY),
        (1002, "Bob Low", "bob@mail.test", "DE", None, JANUARY),
        (1003, "Cleo", "not one", None, date(2024, 2, 29), JANUARY),
    ]
    products = [(7, "Lamp", "Home", Decimal("19.99"), JANUARY), (8, "Chair", "Home", Decimal("0.10"), JANUARY)]
    stores = [(1, "North", "Boston, MA", JANUARY), (2, "Web", "online only", JANUARY)]
    sales = [
        (1, 101, 7, 1, 2, FEBRUARY, FEBRUARY),
        (2, 102, 8, None, 3, FEBRUARY, FEBRUARY),
        (3, None, 7, 1, 1, FEBRUARY, FEBRUARY),
        (4, 1001, 7, 1, 1, FEBRUARY, FEBRUARY),  # as the customer table would say: nobody is 1901
        (5, 104, 7, 1, 1, FEBRUARY, FEBRUARY),  # their row comes a day later
        (6, 101, 99, 9, 0, FEBRUARY, FEBRUARY),
        (7, 101, 99, 9, 1, FEBRUARY, FEBRUARY),
    ]
    written = {
        "customers": (CUSTOMERS, customers),
        "products": (PRODUCTS, products),
        "stores": (STORES, stores),
        "transactions": (SALES, sales),
    }
    for table, (schema, rows) in written.items():
        source.land(f"{table}_2025-03-01.parquet", parquet(schema, *rows))


REVIEWS = (
    review("a", "C-1001"),
    review("b", " c1001 "),
    review("c", "1002"),
    review("d", "c-01002", 1),
    review("e", None),
    review("f", "1001-C"),
    review("g", "customer 1001"),
    review("h", "C-9999"),
    review("i", "C-1004"),
    review("j", "12345678901234567890", 6),
)


@pytest.fixture(scope="module")
def oltp(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Source:
    source = Source("oltp", tmp_path_factory.mktemp("oltp"), spark)  # type: ignore[arg-type]
    first_day(source)
    source.land("reviews_2025-03-01.jsonl", json_lines(*REVIEWS))
    source.run()
    assert source.rejected("transactions") == {
        "4": "orphan:customer_id",
        "5": "orphan:customer_id",
        "6": "rule:quantity_positive",
    }
    assert source.rejected("reviews") == {
        "f": "rule:customer_id_is_one",
        "g": "rule:customer_id_is_one",
        "h": "orphan:customer_id",
        "i": "orphan:customer_id",
        "j": "rule:customer_id_is_one; rule:rating_from_1_to_5",
    }
    newer = (1004, "Dan", "dan@mail.test", "US", date(2025, 3, 1), MARCH)
    older = (1001, "Ann", "old@mail.test", "US", date(2020, 1, 15), JANUARY)
    source.land("customers_2025-03-02.parquet", parquet(CUSTOMERS, newer, older))
    source.land("products_2025-03-02.parquet", parquet(PRODUCTS, (8, "Chair", "Home", Decimal("0.25"), MARCH)))
    source.run()
    return source


def test_the_tills_101_is_customer_1001_and_who_is_not_known_waits(oltp: Source) -> None:
    assert oltp.silver("transactions", "transaction_id", "customer_no", "customer_id", "_orphan") == [
        (1, 101, 1001, None),
        (2, 102, 1002, None),
        (3, None, None, None),
        (5, 104, 1004, None),
        (7, 101, 1001, "product_id,store_id"),
    ]
    assert oltp.rejected("transactions") == {"4": "orphan:customer_id", "6": "rule:quantity_positive"}


def test_the_reviews_ids_are_resolved_however_they_are_written(oltp: Source) -> None:
    assert oltp.silver("reviews", "review_id", "customer_code", "customer_id") == [
        ("a", "C-1001", 1001),
        ("b", "c1001", 1001),
        ("c", "1002", 1002),
        ("d", "c-01002", 1002),
        ("e", None, None),
        ("i", "C-1004", 1004),
    ]
    assert oltp.rejected("reviews") == {
        "f": "rule:customer_id_is_one",
        "g": "rule:customer_id_is_one",
        "h": "orphan:customer_id",
        "j": "rule:customer_id_is_one; rule:rating_from_1_to_5",
    }


def test_the_row_that_was_updated_last_stays_although_an_older_one_comes_later(oltp: Source) -> None:
    columns = ("customer_id", "full_name", "email", "country", "registered_on", "updated_at")
    assert oltp.unified("source_customers", *columns) == [
        ("1001", "Ann Lee", "ann@mail.test", "US", "2020-01-15", "2025-02-01 09:00:00"),
        ("1002", "Bob Low", "bob@mail.test", "DE", None, "2025-01-01 09:00:00"),
        ("1004", "Dan", "dan@mail.test", "US", "2025-03-01", "2025-03-01 09:00:00"),
    ]
    assert oltp.filled("source_customers") == {"customer_type", *columns}
    assert oltp.rejected("customers") == {"1003": "rule:email_has_one_at"}


def test_a_sale_is_worth_its_quantity_at_the_products_price(oltp: Source) -> None:
    columns = ("order_id", "customer_id", "channel", "store_id", "total_amount", "ordered_month")
    assert oltp.unified("orders", *columns) == [
        ("1", "1001", "store", "1", "39.9800", 202502),
        ("2", "1002", None, None, "0.7500", 202502),
        ("3", None, "store", "1", "19.9900", 202502),
        ("5", "1004", "store", "1", "19.9900", 202502),
        ("7", "1001", "store", "9", None, 202502),
    ]
    columns = ("order_id", "order_line_id", "product_id", "quantity", "unit_price", "line_amount", "is_only_line")
    assert oltp.unified("order_lines", *columns) == [
        ("1", "1", "7", 2, "19.9900", "39.9800", True),
        ("2", "1", "8", 3, "0.2500", "0.7500", True),
        ("3", "1", "7", 1, "19.9900", "19.9900", True),
        ("5", "1", "7", 1, "19.9900", "19.9900", True),
        ("7", "1", "99", 1, None, None, True),
    ]


def test_products_stores_and_reviews(oltp: Source) -> None:
    assert oltp.unified("products", "product_id", "product_name", "category", "list_price") == [
        ("7", "Lamp", "Home", "19.9900"),
        ("8", "Chair", "Home", "0.2500"),
    ]
    assert oltp.unified("stores", "store_id", "store_name", "location", "city", "region") == [
        ("1", "North", "Boston, MA", "Boston", "MA"),
        ("2", "Web", "online only", None, None),
    ]
    columns = ("review_id", "customer_id", "product_id", "rating", "review_text", "reviewed_at")
    assert oltp.unified("reviews", *columns)[:2] == [
        ("a", "1001", "7", 5, "Good.", "2025-02-20 10:00:00"),
        ("b", "1001", "7", 5, "Good.", "2025-02-20 10:00:00"),
    ]


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as server:
        yield server


def test_where_conf_local_says_where_the_systems_are_they_are_asked(tmp_path: Path, spark: object, api: Api) -> None:
    source = Source("oltp", tmp_path, spark)  # type: ignore[arg-type]
    source.configure("local/sources/oltp.yml", f"http: {{base_url: {api.url}}}\n")
    first_day(source)
    api.on("/reviews?page=1&per_page=100", said({"reviews": [review("a", "C-1001"), review("h", "C-9999")]}))
    source.run()
    assert source.silver("reviews", "review_id", "customer_id", "created_at") == [("a", 1001, "2025-02-20 10:00:00")]
    assert source.rejected("reviews") == {"h": "orphan:customer_id"}
    assert len(source.unified("orders")) == 4


def test_every_table_is_asked_from_the_system_that_has_it(tmp_path: Path, spark: object) -> None:
    source = Source("oltp", tmp_path, spark)  # type: ignore[arg-type]
    tables = tuple(source.config.sources["oltp"].tables)
    assert {table: source.config.sources["oltp"].origin(table) for table in tables} == dict.fromkeys(tables)
    source.configure(
        "local/sources/oltp.yml",
        """\
        database: {kind: postgresql, uri: postgresql://shop@db.test/shop}
        http: {base_url: https://reviews.test/v1}
        """,
    )
    asked = {table: source.config.sources["oltp"].origin(table) for table in tables}
    assert asked == {table: "http" if table == "reviews" else "database" for table in tables}
