from __future__ import annotations

import hashlib

from gold.rows import result, unified

from c360.identity.customers import customer_records, customers

PROFILE = ("c360_id", "full_name", "email", "phone", "address", "city", "zip_code", "source_count")


def records_of(spark, **persons):
    """`ada="retail:1 crm:7"`: these records are that person."""
    rows = [
        dict(zip(("source", "customer_id"), record.split(":"), strict=True), c360_id=person, score="1")
        for person, known_as in persons.items()
        for record in known_as.split()
    ]
    return unified(spark, "customer_records", *rows)


def test_every_record_is_a_person_of_its_own_with_an_id_that_is_the_same_in_every_run(spark):
    found = customer_records(
        unified(spark, "source_customers", {"customer_id": "1"}, {"customer_id": "1", "source": "crm"})
    )
    id_of = {name: hashlib.sha256(name.encode()).hexdigest()[:16] for name in ("crm:1", "retail:1")}
    assert result(found) == [
        ("crm", "1", id_of["crm:1"], "1.000000"),
        ("retail", "1", id_of["retail:1"], "1.000000"),
    ]


def test_the_newest_record_that_has_an_attribute_gives_it(spark):
    found = customers(
        unified(
            spark,
            "source_customers",
            {"customer_id": "1", "full_name": "Ada Old", "email": "old@x.org", "updated_at": "2025-01-01"},
            {"customer_id": "2", "full_name": "Ada New", "phone": None, "updated_at": "2025-03-01"},
            {"customer_id": "3", "full_name": "Ada Mid", "phone": "12", "updated_at": "2025-02-01"},
        ),
        records_of(spark, ada="retail:1 retail:2 retail:3"),
    )
    assert result(found, *PROFILE) == [("ada", "Ada New", "old@x.org", "12", None, None, None, 1)]


def test_the_parts_of_an_address_come_from_one_record_even_if_a_newer_one_knows_more_of_the_rest(spark):
    found = customers(
        unified(
            spark,
            "source_customers",
            {
                "customer_id": "1",
                "address": "1 Elm St",
                "city": "Bonn",
                "zip_code": "53111",
                "updated_at": "2025-01-01",
            },
            {"customer_id": "2", "city": "Köln", "updated_at": "2025-02-01"},
            {"customer_id": "3", "full_name": "Ada", "updated_at": "2025-03-01"},
        ),
        records_of(spark, ada="retail:1 retail:2 retail:3"),
    )
    assert result(found, *PROFILE) == [("ada", "Ada", None, None, None, "Köln", None, 1)]


def test_a_record_without_a_time_is_older_than_any_and_ties_go_by_source_and_customer_id(spark):
    found = customers(
        unified(
            spark,
            "source_customers",
            {"source": "a", "customer_id": "9", "full_name": "untimed"},
            {"source": "b", "customer_id": "2", "full_name": "b2", "updated_at": "2025-01-01"},
            {"source": "b", "customer_id": "1", "full_name": "b1", "updated_at": "2025-01-01"},
            {"source": "c", "customer_id": "0", "full_name": "c0", "updated_at": "2025-01-01"},
            {"source": "z", "customer_id": "1", "full_name": "z1"},
            {"source": "y", "customer_id": "1", "full_name": "y1"},
        ),
        records_of(spark, ada="a:9 b:2 b:1 c:0", bob="z:1 y:1"),
    )
    assert result(found, "c360_id", "full_name", "source_count") == [("ada", "b1", 3), ("bob", "y1", 2)]


def test_a_person_of_whom_nothing_is_known_stays(spark):
    found = customers(unified(spark, "source_customers", {"customer_id": "1"}), records_of(spark, ada="retail:1"))
    assert result(found, *PROFILE) == [("ada", None, None, None, None, None, None, 1)]
