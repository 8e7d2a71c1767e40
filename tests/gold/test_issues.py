from __future__ import annotations

import pytest
from gold.rows import result, unified

from c360.gold.issues import issue_resolution


@pytest.fixture
def issues(spark):
    def build(*tickets, columns=()):
        rows = ({"interaction_id": str(number)} | ticket for number, ticket in enumerate(tickets, start=1))
        return result(issue_resolution(unified(spark, "interactions", *rows)), *columns)

    return build


def ticket(opened_at, resolved=False, resolved_at=None, kind="Billing", person=None, **more):
    return {
        "opened_at": opened_at,
        "is_resolved": resolved,
        "resolved_at": resolved_at,
        "issue_type": kind,
        "c360_id": person,
        **more,
    }


def test_tickets_are_counted_by_source_issue_type_and_month_opened(issues):
    found = issues(
        ticket("2025-03-01 00:00:00", True, "2025-03-01 01:00:00", satisfaction_score=5),
        ticket("2025-03-31 23:59:59", True, "2025-04-01 01:59:59", satisfaction_score=4),
        ticket("2025-03-10 00:00:00", None, satisfaction_score=4),
        ticket("2025-04-01 00:00:00"),
        ticket("2025-03-01 00:00:00", kind="Delivery", source="crm"),
        ticket("2025-03-01 00:00:00", True, kind=None),
        ticket(None, True),
    )
    assert found == [
        ("crm", "Delivery", 202503, 1, 0, "0.00", None, None, None, 1, 0),
        ("retail", "Billing", 202503, 3, 2, "66.67", "1.50", "1.90", "4.33", 2, 0),
        ("retail", "Billing", 202504, 1, 0, "0.00", None, None, None, 1, 0),
        ("retail", "Billing", None, 1, 1, "100.00", None, None, None, 0, 0),
        ("retail", None, 202503, 1, 1, "100.00", None, None, None, 0, 0),
    ]


def test_the_percentiles_lie_between_two_resolutions_and_leave_out_what_has_no_time(issues):
    hours = (1, 2, 3, 4, 10)
    resolved = [ticket("2025-03-01 00:00:00", True, f"2025-03-01 {hour:02}:00:18") for hour in hours]
    found = issues(
        *resolved,
        ticket("2025-03-01 00:00:00", True),
        ticket("2025-03-01 00:00:00"),
        columns=("median_hours_to_resolve", "p90_hours_to_resolve"),
    )
    # 18 s are 0.005 h, which rounds up; the 0.9 lies at 3.6 of 4 steps: 4 + 0.6 x 6.
    assert found == [("3.01", "7.61")]


def test_open_at_month_end_is_what_the_month_did_not_resolve(issues):
    found = issues(
        ticket("2025-02-10 00:00:00", True, "2025-02-28 23:59:59"),
        ticket("2025-02-10 00:00:00", True, "2025-03-01 00:00:00"),
        ticket("2025-02-10 00:00:00", True, None),
        ticket("2025-02-10 00:00:00", False, "2025-02-11 00:00:00"),
        ticket("2025-02-10 00:00:00", None, None),
        columns=("month", "tickets", "open_at_month_end"),
    )
    assert found == [(202502, 5, 3)]


def test_a_contact_is_repeated_within_thirty_days_of_the_last_of_the_same_person_and_issue(issues):
    found = issues(
        ticket("2025-01-01 12:00:00", person="ada"),
        ticket("2025-01-31 12:00:00", person="ada"),  # 30 days to the second
        ticket("2025-03-02 12:00:01", person="ada"),  # a second more
        ticket("2025-03-02 12:00:01", person="ada"),  # both at one time: the second is a repeat
        ticket("2025-03-03 12:00:00", person="ada", kind="Delivery"),
        ticket("2025-03-03 12:00:00", person="ada", source="crm"),
        ticket("2025-03-03 12:00:00", person="bob"),
        ticket("2025-03-03 12:00:00"),
        ticket("2025-03-03 12:00:00"),
        ticket("2025-03-03 12:00:00", person="cyd", kind=None),
        ticket("2025-03-04 12:00:00", person="cyd", kind=None),
        ticket(None, person="ada"),
        columns=("source", "issue_type", "month", "tickets", "repeat_contacts"),
    )
    assert found == [
        ("crm", "Billing", 202503, 1, 0),
        ("retail", "Billing", 202501, 2, 1),
        ("retail", "Billing", 202503, 5, 1),
        ("retail", "Billing", None, 1, 0),
        ("retail", "Delivery", 202503, 1, 0),
        ("retail", None, 202503, 2, 1),
    ]
