from __future__ import annotations

from gold.rows import result, unified

from c360.identity.history import customer_history

SHOWN = ("c360_id", "full_name", "email", "valid_from", "valid_to", "is_current")


def history_of(spark, *versions):
    """Of records `1`, `2` (Ada) and `9` (Bob)."""
    people = {"1": "ada", "2": "ada", "9": "bob"}
    records = unified(
        spark,
        "customer_records",
        *({"customer_id": record, "c360_id": person, "score": "1"} for record, person in people.items()),
    )
    return result(customer_history(unified(spark, "source_customer_versions", *versions), records), *SHOWN)


def test_a_golden_record_has_a_version_for_every_change_of_one_of_its_records(spark):
    assert history_of(
        spark,
        {
            "customer_id": "1",
            "full_name": "Ada",
            "email": "a@old.org",
            "valid_from": "2025-01-01",
            "valid_to": "2025-02-01",
        },
        {"customer_id": "1", "full_name": "Ada", "email": "a@new.org", "valid_from": "2025-02-01"},
        {"customer_id": "2", "full_name": "Ada L", "updated_at": "2025-01-15", "valid_from": "2025-01-15"},
        {"customer_id": "9", "full_name": "Bob"},
    ) == [
        ("ada", "Ada", "a@old.org", "2025-01-01 00:00:00", "2025-01-15 00:00:00", False),
        ("ada", "Ada L", "a@new.org", "2025-02-01 00:00:00", None, True),
        ("ada", "Ada L", "a@old.org", "2025-01-15 00:00:00", "2025-02-01 00:00:00", False),
        ("bob", "Bob", None, None, None, True),
    ]


def test_a_change_that_the_golden_record_does_not_show_is_none_and_null_is_a_value(spark):
    assert history_of(
        spark,
        {"customer_id": "1", "full_name": "Ada", "updated_at": "2025-01-01", "valid_from": "2025-01-01"},
        {"customer_id": "2", "full_name": "A.", "valid_from": "2025-01-01", "valid_to": "2025-01-09"},
        {"customer_id": "2", "full_name": "Lovelace", "valid_from": "2025-01-09"},
        {"customer_id": "9", "email": "b@x.org", "valid_from": "2025-01-01", "valid_to": "2025-01-05"},
        {"customer_id": "9", "email": None, "valid_from": "2025-01-05"},
    ) == [
        ("ada", "Ada", None, "2025-01-01 00:00:00", None, True),
        ("bob", None, "b@x.org", "2025-01-01 00:00:00", "2025-01-05 00:00:00", False),
        ("bob", None, None, "2025-01-05 00:00:00", None, True),
    ]


def test_while_none_of_the_records_was_there_nobody_was_and_a_source_that_leaves_counts_no_more(spark):
    assert history_of(
        spark,
        {"customer_id": "9", "full_name": "Bob", "valid_from": "2025-01-01", "valid_to": "2025-01-05"},
        {"customer_id": "9", "full_name": "Bob", "valid_from": "2025-01-08"},
    ) == [
        ("bob", "Bob", None, "2025-01-01 00:00:00", "2025-01-05 00:00:00", False),
        ("bob", "Bob", None, "2025-01-08 00:00:00", None, True),
    ]
