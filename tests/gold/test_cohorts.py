from __future__ import annotations

from datetime import date

import pytest
from gold.rows import result, unified

from c360.gold.cohorts import cohort_retention

AS_OF = date(2025, 3, 10)


@pytest.fixture
def retention(spark):
    def build(*orders, columns=(), as_of=AS_OF):
        return result(cohort_retention(unified(spark, "orders", *orders), as_of=as_of), *columns)

    return build


def order(c360_id, month, amount="10.0000", revenue=True, **more):
    return {"c360_id": c360_id, "ordered_month": month, "total_amount": amount, "is_revenue": revenue, **more}


def test_a_cohort_is_followed_over_the_turn_of_the_year_up_to_as_of_also_where_nobody_came_back(retention):
    found = retention(
        order("ada", 202411),
        order("ada", 202411, "5.0050"),
        order("bob", 202411, source="crm"),
        order("cyd", 202411),
        order("ada", 202501, "1.0000"),
        order("bob", 202501, "2.0000", source="crm"),
        order("ada", 202503, "7.0000"),
        order("dan", 202503, None),
    )
    assert found == [
        (202411, 0, 202411, 3, 3, "100.00", 4, "35.01", "11.67"),
        (202411, 1, 202412, 3, 0, "0.00", 0, "0.00", "0.00"),
        (202411, 2, 202501, 3, 2, "66.67", 2, "3.00", "1.00"),
        (202411, 3, 202502, 3, 0, "0.00", 0, "0.00", "0.00"),
        (202411, 4, 202503, 3, 1, "33.33", 1, "7.00", "2.33"),
        (202503, 0, 202503, 1, 1, "100.00", 1, "0.00", "0.00"),
    ]


def test_who_buys_in_two_sources_belongs_to_the_month_of_the_first(retention):
    found = retention(
        order("ada", 202502),
        order("ada", 202501, source="crm"),
        columns=("first_order_month", "months_since", "active_customers"),
    )
    assert found == [(202501, 0, 1), (202501, 1, 1), (202501, 2, 0)]


def test_orders_without_revenue_person_or_time_begin_nothing(retention):
    assert (
        retention(
            order("ada", 202502, revenue=False),
            order("ada", 202502, revenue=None),
            order(None, 202502),
            order("ada", None),
        )
        == []
    )


def test_the_cohorts_add_up_to_everybody_with_a_purchase_and_to_their_revenue(retention):
    people = [order(name, 202500 + month, f"{month}.0100") for month in (1, 2, 3) for name in "abcd"[: month + 1]]
    found = retention(*people, columns=("months_since", "customers", "orders", "revenue"))
    assert sum(customers for since, customers, *_ in found if since == 0) == 4
    assert sum(orders for _, _, orders, _ in found) == len(people) == 9
    assert round(sum(float(revenue) for *_, revenue in found), 2) == 20.09
