"""The source `choice`: workbooks with a title and real dates, CSV with serial ones, durations as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.sources.runs import Source, workbook

pytestmark = pytest.mark.slow_on_spark

CUSTOMERS = ["customer_id", "name", "email", "phone", "signup_date", "location"]
TICKETS = ["ticket_id", "customer_id", "created_at", "resolved_at", "issue_type", "satisfaction_score"]


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Source:
    source = Source("choice", tmp_path_factory.mktemp("choice"), spark)  # type: ignore[arg-type]
    source.land(
        "Customer_master_2025-03-01.xlsx",
        workbook(
            "Customer_master",
            [
                CUSTOMERS,
                ["C00001", "Ann Lee", "Ann.Lee@Mail.Test", "(206) 555-0101", date(2020, 1, 15), "Boston, MA"],
                ["C00002", "Bob Low", "bob@mail.test", "+44 20 5555 2004", 43845, "New York, NY"],
                ["C00003", "Cleo", "none", "+1 206 555 0103 ext. 7", None, None],
                ["C00004", "Dan", None, "555-0104", None, "Springfield"],
                ["C00005", "Eve", "eve@mail.test", "12065550105", "2021-02-30", "Lynn, MA"],
            ],
            title="Customers of all channels",
        ),
    )
    source.land(
        "Customer_master_2025-03-02.csv",
        """\
        customer_id,name,email,phone,signup_date,location
        C00004,Dan,dan@mail.test,1-617-555-0104,2021-03-04,"Lynn, MA"
        """,
    )
    source.land(
        "Customer_support_2025-03-01.xlsx",
        workbook(
            "Customer_support",
            [
                TICKETS,
                ["X1", "C00001", local(2025, 2, 10, 9), local(2025, 2, 11, 10, 30), "Billing", 4],
                ["X2", "C00002", local(2025, 2, 28, 20, 15), None, "Delivery", None],
                ["X3", "C00002", local(2025, 2, 20, 9), local(2025, 2, 19, 9), "Delivery", 6],
                ["X4", "C00009", local(2025, 2, 20, 9), None, "Other", 0],
                ["X5", "C00009", local(2025, 2, 20, 9), local(2025, 2, 20, 9), "Other", 1.0],
            ],
        ),
    )
    source.land(
        "Transaction_2025-03-01.csv",
        """\
        transaction_id,customer_id,transaction_date,amount,payment_method,store_location
        T1,C00001,2025-02-28 21:15:00,19.90,Card,"Boston, MA"
        T2,C00002,45716.5,5,Cash,
        T3,,2025-02-28T08:00,7.25,,"Boston, MA"
        T4,C00001,28/02/2025,1.00,Card,
        T5,C00001,2025-03-09 12:00:00,-2,Card,
        T6,C00001,9999-12-31 12:00:00,2,Card,
        T7,C00002,2025-03-01 23:30:00,2,Card,"Lynn, MA"
        """,
    )
    source.land(
        "Web_Interactions_2025-03-01.xlsx",
        workbook(
            "Web_Interactions",
            [
                ["session_id", "customer_id", "page_views", "session_duration", "device", "interaction_date"],
                ["S1", "C00001", 3, 45, "mobile", local(2025, 2, 28, 12)],
                ["S2", "C00001", 9, "12 min", "desktop", local(2025, 7, 1, 12)],
                ["S3", "C00002", None, "2 h", None, local(2025, 2, 28, 12)],
                ["S4", None, 1, "1h 5 Minutes 10s", "mobile", local(2025, 2, 28, 12)],
                ["S5", "C00002", 0, "90.5 sec", "mobile", local(2025, 2, 28, 12)],
                ["S6", "C00002", 1, None, "mobile", 45716],
                ["S7", "C00002", -1, "a while", "mobile", local(2025, 2, 28, 12)],
                ["S8", "C00002", 1, "12 min min", "mobile", None],
            ],
        ),
    )
    source.run()
    return source


def test_a_customer_has_parts_that_are_derived_from_what_is_written(choice: Source) -> None:
    columns = ("customer_id", "signup_date", "email_domain", "phone_e164", "phone_country_code", "city", "region")
    assert choice.silver("customers", *columns) == [
        ("C00001", "2020-01-15", "mail.test", "+12065550101", "1", "Boston", "MA"),
        ("C00002", "2020-01-15", "mail.test", "+442055552004", "44", "New York", "NY"),
        ("C00004", "2021-03-04", "mail.test", "+16175550104", "1", "Lynn", "MA"),
    ]
    assert choice.rejected("customers") == {"C00003": "rule:email_has_one_at", "C00005": "type:signup_date"}


def test_times_are_those_of_new_york_and_hours_are_counted(choice: Source) -> None:
    columns = ("ticket_id", "created_at", "resolved_at", "resolved_in_hours", "satisfaction_score", "_orphan")
    assert choice.silver("support_tickets", *columns) == [
        ("X1", "2025-02-10 14:00:00", "2025-02-11 15:30:00", "25.50", 4, None),
        ("X2", "2025-03-01 01:15:00", None, None, None, None),
        ("X5", "2025-02-20 14:00:00", "2025-02-20 14:00:00", "0.00", 1, "customer_id"),
    ]
    assert choice.rejected("support_tickets") == {
        "X3": "rule:resolved_after_created; rule:satisfaction_from_1_to_5",
        "X4": "rule:satisfaction_from_1_to_5",
    }


def test_dates_may_be_iso_or_days_as_excel_counts_them(choice: Source) -> None:
    columns = ("transaction_id", "transaction_date", "transaction_month", "amount", "store_city", "store_region")
    assert choice.silver("transactions", *columns) == [
        ("T1", "2025-03-01 02:15:00", 202503, "19.9000", "Boston", "MA"),
        ("T2", "2025-02-28 17:00:00", 202502, "5.0000", None, None),
        ("T3", "2025-02-28 13:00:00", 202502, "7.2500", "Boston", "MA"),
        ("T7", "2025-03-02 04:30:00", 202503, "2.0000", "Lynn", "MA"),  # on the day of its delivery
    ]
    assert choice.rejected("transactions") == {
        "T4": "type:transaction_date",
        "T5": "rule:amount_positive; future:transaction_date",
        "T6": "future:transaction_date",
    }


def test_durations_are_seconds_however_they_are_written(choice: Source) -> None:
    assert choice.silver("web_sessions", "session_id", "session_duration", "duration_seconds") == [
        ("S1", "45", 45),
        ("S3", "2 h", 7200),
        ("S4", "1h 5 Minutes 10s", 3910),
        ("S5", "90.5 sec", 91),
        ("S6", None, None),
    ]
    assert choice.rejected("web_sessions") == {
        "S2": "future:interaction_date",
        "S7": "rule:page_views_not_negative; rule:session_duration_is_known",
        "S8": "null:interaction_date; rule:session_duration_is_known",
    }


def test_unified_customers_stores_and_orders(choice: Source) -> None:
    columns = ("customer_id", "full_name", "email", "phone", "city", "region", "registered_on", "updated_at")
    assert choice.unified("source_customers", *columns) == [
        ("C00001", "Ann Lee", "ann.lee@mail.test", "+12065550101", "Boston", "MA", "2020-01-15", "2025-03-01 00:00:00"),
        ("C00002", "Bob Low", "bob@mail.test", "+442055552004", "New York", "NY", "2020-01-15", "2025-03-01 00:00:00"),
        ("C00004", "Dan", "dan@mail.test", "+16175550104", "Lynn", "MA", "2021-03-04", "2025-03-02 00:00:00"),
    ]
    assert choice.filled("source_customers") == {"customer_type", *columns}
    assert choice.unified("stores", "store_id", "location", "city", "region") == [
        ("Boston, MA", "Boston, MA", "Boston", "MA"),
        ("Lynn, MA", "Lynn, MA", "Lynn", "MA"),
    ]
    columns = ("order_id", "customer_id", "channel", "ordered_local_at", "store_id", "payment_method", "total_amount")
    assert choice.unified("orders", *columns) == [
        ("T1", "C00001", "store", "2025-02-28 21:15:00", "Boston, MA", "Card", "19.9000"),
        ("T2", "C00002", None, "2025-02-28 12:00:00", None, "Cash", "5.0000"),
        ("T3", None, "store", "2025-02-28 08:00:00", "Boston, MA", None, "7.2500"),
        ("T7", "C00002", "store", "2025-03-01 23:30:00", "Lynn, MA", "Card", "2.0000"),
    ]
    assert choice.filled("orders") == {"ordered_at", *columns} - {"ordered_local_at"}


def test_unified_interactions_and_sessions(choice: Source) -> None:
    columns = ("interaction_id", "customer_id", "issue_type", "opened_at", "is_resolved", "satisfaction_score")
    assert choice.unified("interactions", *columns) == [
        ("X1", "C00001", "Billing", "2025-02-10 14:00:00", True, 4),
        ("X2", "C00002", "Delivery", "2025-03-01 01:15:00", False, None),
        ("X5", "C00009", "Other", "2025-02-20 14:00:00", True, 1),
    ]
    columns = ("session_id", "customer_id", "channel", "device", "started_at", "duration_seconds", "pages_viewed")
    assert choice.unified("sessions", *columns) == [
        ("S1", "C00001", "web", "mobile", "2025-02-28 17:00:00", 45, 3),
        ("S3", "C00002", "web", None, "2025-02-28 17:00:00", 7200, None),
        ("S4", None, "web", "mobile", "2025-02-28 17:00:00", 3910, 1),
        ("S5", "C00002", "web", "mobile", "2025-02-28 17:00:00", 91, 0),
        ("S6", "C00002", "web", "mobile", "2025-02-28 05:00:00", None, 1),
    ]


def test_a_customer_of_whom_nothing_but_a_name_is_known_is_one(tmp_path: Path, spark: object) -> None:
    source = Source("choice", tmp_path, spark)  # type: ignore[arg-type]
    source.land(
        "Customer_master_2025-03-01.csv",
        """\
        customer_id,name,email,phone,signup_date,location
        C1,Ann,,555-0101,,Springfield
        C2,Bob,,+1 206 555 0102 ext. 7,,"Lynn, Essex, MA"
        C3,,,206.555.0103,,
        """,
    )
    source.run()
    assert source.unified("source_customers", "customer_id", "phone", "email", "city", "region", "registered_on") == [
        ("C1", "555-0101", None, None, None, None),
        ("C2", "+1 206 555 0102 ext. 7", None, "Lynn", "MA", None),
        ("C3", "+12065550103", None, None, None, None),
    ]
