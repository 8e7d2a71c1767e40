from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from gold.rows import result, unified

from c360.gold.regions import region_check


@pytest.fixture
def checked(spark):
    def build(reports=(), orders=(), columns=()):
        found = region_check(
            unified(spark, "region_sales", *reports), unified(spark, "orders", *orders), as_of=date(2025, 3, 10)
        )
        return result(found, *columns)

    return build


def report(region, day, revenue, orders=None, **more):
    return {"region_id": region, "sold_on": day, "revenue": revenue, "orders": orders, "region_name": "North", **more}


def order(region, local, amount, revenue=True, **more):
    """Ordered on another UTC day: the local day counts."""
    return {
        "region_id": region,
        "ordered_at": "2020-01-01",
        "ordered_local_at": local,
        "total_amount": amount,
        "is_revenue": revenue,
        **more,
    }


def test_sales_reported_are_compared_with_the_orders_of_the_local_day(checked):
    found = checked(
        reports=[
            report("n", "2025-03-01", "30.0000", 2),
            report("n", "2025-03-02", "8.0000", 1),
            report("n", "2025-03-03", "5.0000", None),
            report("n", "2025-03-04", "0.0000", 0),
            report("n", "2025-03-06", None, None),
        ],
        orders=[
            order("n", "2025-03-01 00:00:00", "10.0050"),
            order("n", "2025-03-01 23:59:59", "20.0000"),
            order("n", "2025-03-02 10:00:00", "7.0000"),
            order("n", "2025-03-02 11:00:00", "99.0000", revenue=False),
            order("n", "2025-03-04 11:00:00", "1.0000"),
            order("n", "2025-03-05 11:00:00", "2.0000"),
            order("n", "2025-03-06 11:00:00", None),
            order("s", "2025-03-01 11:00:00", "3.0000", revenue=False),
        ],
    )
    assert found == [
        ("retail", "n", "2025-03-01", "North", "30.00", "30.01", "0.01", "0.02", 2, 2, 0),
        ("retail", "n", "2025-03-02", "North", "8.00", "7.00", "-1.00", "-12.50", 1, 1, 0),
        ("retail", "n", "2025-03-03", "North", "5.00", "0.00", "-5.00", "-100.00", None, 0, 0),
        ("retail", "n", "2025-03-04", "North", "0.00", "1.00", "1.00", None, 0, 1, 1),
        ("retail", "n", "2025-03-05", "North", None, "2.00", "2.00", None, None, 1, 1),
        ("retail", "n", "2025-03-06", "North", None, "0.00", "0.00", None, None, 1, 1),
        ("retail", "s", "2025-03-01", None, None, "0.00", "0.00", None, None, 0, 0),
    ]


def test_sources_that_report_nothing_regions_without_a_name_and_days_to_come_are_left_out(checked):
    found = checked(
        reports=[report("n", "2025-03-11", "1.0000"), report("n", "2025-03-10", "1.0000")],
        orders=[
            order("n", "2025-03-01 10:00:00", "1.0000", source="crm"),
            order(None, "2025-03-01 10:00:00", "1.0000"),
            order("n", None, "1.0000"),
            order("n", "2025-03-11 00:00:00", "1.0000"),
        ],
        columns=("source", "sold_on", "computed_orders"),
    )
    assert found == [("retail", "2025-03-10", 0)]


def test_reported_and_difference_add_up_to_what_was_sold(checked):
    found = checked(
        reports=[report(region, f"2025-03-0{day}", "4.1000") for region in "ns" for day in (1, 2)],
        orders=[order(region, f"2025-03-0{day} 10:00:00", "5.0100") for region in "nw" for day in (2, 3)],
        columns=("reported_revenue", "revenue_difference"),
    )
    total = sum(Decimal(reported or 0) + Decimal(difference) for reported, difference in found)
    assert total == 4 * Decimal("5.01")
