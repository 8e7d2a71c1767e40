from __future__ import annotations

from datetime import date

from gold.rows import gold, result, unified

from c360.gold.summary import executive_summary

AS_OF = date(2025, 3, 31)
COUNTS = (
    "source",
    "total_sales",
    "customers",
    "customers_with_purchase",
    "orders",
    "revenue_orders",
    "sale_per_customer",
)
TIERS = ("source", "gold_customers", "silver_customers", "bronze_customers")
MIX = ("source", "gold_percent", "silver_percent", "bronze_percent")
CHANGE = ("source", "sales_last_30_days", "sales_previous_30_days", "change_percent")


def summary(spark, orders=(), records=(), tiers=None, people=()):
    persons = sorted({record["c360_id"] for record in records} | set(people))
    return executive_summary(
        unified(spark, "customers", *({"c360_id": person} for person in persons)),
        unified(spark, "customer_records", *records),
        unified(spark, "orders", *orders),
        gold(spark, "rfm", *({"c360_id": person, "tier": tier} for person, tier in (tiers or {}).items())),
        as_of=AS_OF,
    )


def order(c360_id, amount, ordered_at="2025-03-31 12:00:00", revenue=True, **more):
    return {"c360_id": c360_id, "total_amount": amount, "ordered_at": ordered_at, "is_revenue": revenue, **more}


def test_a_person_in_two_sources_counts_in_both_and_once_in_all(spark):
    found = summary(
        spark,
        records=[
            {"customer_id": "1", "c360_id": "ada"},
            {"customer_id": "2", "c360_id": "ada"},
            {"customer_id": "3", "c360_id": "bob"},
            {"source": "crm", "customer_id": "1", "c360_id": "ada"},
        ],
        orders=[
            order("ada", "10.00", source="crm"),
            order("ada", "20.00"),
            order("ada", "5.00"),
            order("bob", "99.00", revenue=False),
            order(None, "1.00"),
        ],
        tiers={"ada": "Gold"},
    )
    assert result(found, *COUNTS) == [
        ("all", "36.00", 2, 1, 5, 4, "18.00"),
        ("crm", "10.00", 1, 1, 1, 1, "10.00"),
        ("retail", "26.00", 2, 1, 4, 3, "13.00"),
    ]
    assert result(found, *TIERS) == [("all", 1, 0, 0), ("crm", 1, 0, 0), ("retail", 1, 0, 0)]
    assert result(found, "as_of") == [("2025-03-31",)] * 3


def test_the_thirty_days_end_with_as_of_and_change_is_on_the_thirty_before(spark):
    found = summary(
        spark,
        orders=[
            order("ada", "4.00", "2025-03-31 23:59:59"),
            order("ada", "3.00", "2025-03-02 00:00:00"),
            order("ada", "2.50", "2025-03-01 23:59:59"),
            order("ada", "0.50", "2025-01-31 00:00:00"),
            order("ada", "50.00", "2025-01-30 23:59:59"),
            order("ada", "60.00", "2025-03-31 00:00:00", revenue=False),
        ],
    )
    assert result(found, *CHANGE) == [
        ("all", "7.00", "3.00", "133.33"),
        ("retail", "7.00", "3.00", "133.33"),
    ]


def test_change_keeps_the_cents_of_its_base_and_falls_below_zero(spark):
    found = summary(spark, orders=[order("ada", "0.10"), order("ada", "0.40", "2025-02-15 00:00:00")])
    assert result(found, *CHANGE)[0] == ("all", "0.10", "0.40", "-75.00")


def test_there_is_no_change_on_nothing(spark):
    found = summary(spark, orders=[order("ada", "7.00")])
    assert result(found, *CHANGE)[0] == ("all", "7.00", "0.00", None)


def test_a_source_without_orders_and_one_without_customers_both_stay(spark):
    found = summary(
        spark,
        records=[{"source": "crm", "customer_id": "1", "c360_id": "ada"}],
        orders=[order(None, "7.00", source="till")],
    )
    assert result(found, *COUNTS) == [
        ("all", "7.00", 1, 0, 1, 1, "7.00"),
        ("crm", "0.00", 1, 0, 0, 0, "0.00"),
        ("till", "7.00", 0, 0, 1, 1, None),
    ]


def test_tiers_are_counted_by_person(spark):
    found = summary(
        spark,
        records=[{"customer_id": str(n), "c360_id": person} for n, person in enumerate("abcde")],
        tiers={"a": "Gold", "b": "Silver", "c": "Silver", "d": "Bronze"},
    )
    assert result(found, *TIERS) == [("all", 1, 2, 1), ("retail", 1, 2, 1)]
    assert result(found, *MIX)[0] == ("all", "25.00", "50.00", "25.00")


def test_without_tiers_there_is_no_mix_and_without_orders_no_average(spark):
    found = summary(spark, records=[{"customer_id": "1", "c360_id": "ada"}])
    assert result(found, *MIX)[0] == ("all", None, None, None)
    assert result(found, "average_order_value") == [(None,), (None,)]


def test_orders_and_buyers_change_too_and_who_bought_in_two_sources_is_one_buyer_of_all(spark):
    now, then = "2025-03-31 12:00:00", "2025-02-15 12:00:00"
    found = summary(
        spark,
        orders=[
            order("ada", "1.00", now),
            order("ada", "1.00", now, source="crm"),
            order("ada", "1.00", then, source="crm"),
            order("bob", "1.00", now, revenue=False),
            order("bob", "1.00", then),
            order(None, "1.00", now),
            order(None, "1.00", now, revenue=None),
        ],
    )
    orders = ("source", "orders_last_30_days", "orders_previous_30_days", "orders_change_percent")
    assert result(found, *orders) == [("all", 3, 2, "50.00"), ("crm", 1, 1, "0.00"), ("retail", 2, 1, "100.00")]
    buyers = ("source", "buyers_last_30_days", "buyers_previous_30_days", "buyers_change_percent")
    assert result(found, *buyers) == [("all", 1, 2, "-50.00"), ("crm", 1, 1, "0.00"), ("retail", 1, 1, "0.00")]
    assert result(found, "source", "average_order_value")[0] == ("all", "1.00")
