from __future__ import annotations

from gold.rows import result, unified

from c360.gold.service import resolution_stats

AGENTS = (
    {"agent_id": "1", "agent_name": "Ada", "department": "Billing"},
    {"agent_id": "2", "agent_name": "Bob"},
)


def ticket(number, agent_id, resolved, opened_at=None, resolved_at=None, score=None):
    return {
        "interaction_id": number,
        "agent_id": agent_id,
        "is_resolved": resolved,
        "opened_at": opened_at,
        "resolved_at": resolved_at,
        "satisfaction_score": score,
    }


def test_an_agent_without_tickets_stays_and_so_does_one_only_the_tickets_know(spark):
    found = resolution_stats(
        unified(
            spark,
            "interactions",
            ticket("1", "1", True),
            ticket("2", "1", False),
            ticket("3", "1", None),
            ticket("4", "gone", True),
            ticket("5", None, True),
        ),
        unified(spark, "agents", *AGENTS),
    )
    assert result(found) == [
        ("retail", "1", "Ada", "Billing", 3, 1, "33.33", None, None),
        ("retail", "2", "Bob", None, 0, 0, None, None, None),
        ("retail", "gone", None, None, 1, 1, "100.00", None, None),
    ]


def test_the_median_is_of_hours_with_two_decimals_and_halves_between_two(spark):
    found = resolution_stats(
        unified(
            spark,
            "interactions",
            ticket("1", "1", True, "2025-01-01 00:00:00", "2025-01-01 01:00:00", 5),
            ticket("2", "1", True, "2025-01-01 00:00:00", "2025-01-01 02:00:01", 4),
            ticket("3", "1", True, "2025-01-01 00:00:00", None, 4),
            ticket("4", "2", True, "2025-01-01 00:00:00", "2025-01-01 00:00:18"),
        ),
        unified(spark, "agents", *AGENTS),
    )
    # 5400.5 s = 1.50013… h; 18 s = 0.005 h, which rounds up.
    assert result(found, "agent_id", "median_hours_to_resolve", "average_satisfaction") == [
        ("1", "1.50", "4.33"),
        ("2", "0.01", None),
    ]


def test_agents_of_two_sources_with_one_id_are_two(spark):
    found = resolution_stats(
        unified(spark, "interactions", ticket("1", "1", True) | {"source": "crm"}),
        unified(spark, "agents", {"agent_id": "1"}, {"source": "crm", "agent_id": "1"}),
    )
    assert result(found, "source", "agent_id", "interactions") == [("crm", "1", 1), ("retail", "1", 0)]
