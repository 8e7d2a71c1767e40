from __future__ import annotations

import pytest
from gold.rows import result, unified

from c360.gold.engagement import engagement


@pytest.fixture
def engaged(spark):
    def build(*sessions, columns=()):
        return result(engagement(unified(spark, "sessions", *sessions)), *columns)

    return build


def session(c360_id, started_at, pages=None, seconds=None, device=None, **more):
    return {
        "c360_id": c360_id,
        "started_at": started_at,
        "pages_viewed": pages,
        "duration_seconds": seconds,
        "device": device,
        **more,
    }


def test_a_month_of_a_person_adds_up_their_sessions_in_all_sources(engaged):
    found = engaged(
        session("ada", "2025-03-01 00:00:00", 5, 60, "ios"),
        session("ada", "2025-03-01 23:59:59", 6, 45, "web"),
        session("ada", "2025-03-31 23:59:59", None, None, "web", source="crm"),
        session("ada", "2025-03-31 10:00:00", 1, 1, None),
        session("ada", "2025-04-01 00:00:00", 2, 30, "web"),
        session("bob", "2024-03-01 00:00:00"),
    )
    # ada in March: 4/8 of the sessions, 12/40 of the pages, 106/3600 of the seconds, 2/8 of the days
    assert found == [
        ("ada", 202503, 4, 12, "1.77", 2, 2, "26.99"),
        ("ada", 202504, 1, 2, "0.50", 1, 1, "7.71"),
        ("bob", 202403, 1, 0, "0.00", 1, 0, "6.25"),
    ]


def test_more_than_full_marks_is_full_marks_in_each_of_the_four(engaged):
    columns = ("c360_id", "engagement_score")
    often = [session("often", f"2025-03-{day:02} 10:00:00", 5, 450) for day in range(1, 9)]
    more = [session("more", f"2025-03-{day:02} 10:00:00", 99, 9999) for day in range(1, 32)]
    once = [session("once", "2025-03-31 10:00:00", 10_000, 100_000)]
    negative = [session("negative", "2025-03-31 10:00:00", -5, -60)]
    assert engaged(*often, *more, *once, *negative, columns=columns) == [
        ("more", "100.00"),
        ("negative", "6.25"),
        ("often", "100.00"),
        ("once", "56.25"),
    ]


def test_many_sessions_of_one_day_are_one_active_day(engaged):
    sessions = [session("ada", f"2025-03-31 {hour:02}:00:00", device="web") for hour in range(20)]
    columns = ("sessions", "active_days", "devices", "engagement_score")
    assert engaged(*sessions, columns=columns) == [(20, 1, 1, "28.13")]


def test_sessions_without_a_person_or_a_time_are_left_out(engaged):
    assert engaged(session(None, "2025-03-01 00:00:00", 5, 60, "ios"), session("ada", None, 5, 60, "ios")) == []
