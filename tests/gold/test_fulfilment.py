from __future__ import annotations

from datetime import date

import pytest
from gold.rows import result, unified

from c360.gold.fulfilment import carrier_performance, fulfilment

AS_OF = date(2025, 3, 20)


@pytest.fixture
def delivered(spark):
    def build(*columns, shipments=(), events=(), orders=()):
        found = fulfilment(
            unified(spark, "shipments", *shipments),
            unified(spark, "shipment_events", *events),
            unified(spark, "orders", *orders),
            as_of=AS_OF,
        )
        return result(found, "order_id", *columns)

    return build


def order(order_id, local="2025-03-01 00:30:00", **more):
    """Placed in the evening, UTC, of the day before: the local day counts."""
    return {"order_id": order_id, "ordered_at": "2025-02-28 23:30:00", "ordered_local_at": local, **more}


def shipment(number, order_id, promised=None, arrived=None, shipped="2025-03-02", status=None, **more):
    return {
        "shipment_id": number,
        "order_id": order_id,
        "promised_on": promised,
        "delivered_on": arrived,
        "shipped_on": shipped,
        "status": status,
        **more,
    }


ON_TIME = shipment("s1", "1", "2025-03-05", "2025-03-05", shipping_cost="4.9950")
DAYS = ("promised_on", "shipped_on", "delivered_on", "days_to_promise", "days_to_ship", "days_to_deliver")
LATE = ("shipments", "delivered_shipments", "late_shipments", "is_on_time", "late_days")


def test_days_count_from_the_orders_day_in_the_sources_time_zone(delivered):
    found = delivered("c360_id", *DAYS, shipments=[ON_TIME], orders=[order("1", c360_id="ada")])
    assert found == [("1", "ada", "2025-03-05", "2025-03-02", "2025-03-05", 4, 1, 4)]


def test_shipments_of_one_order_are_on_time_together_and_delivered_with_the_last(delivered):
    found = delivered(
        "shipping_cost",
        *LATE,
        "shipped_on",
        "delivered_on",
        shipments=[
            ON_TIME,
            shipment("s2", "1", "2025-03-06", "2025-03-08", shipped="2025-03-03", shipping_cost="1.0000"),
            shipment("s3", "2", "2025-03-06", "2025-03-05"),
            shipment("s4", "2", "2025-03-30"),
            shipment("s5", "3", "2025-03-06", "2025-03-05"),
            shipment("s6", "3", "2025-03-06", status="Cancelled"),
        ],
    )
    assert found == [
        ("1", "6.00", 2, 2, 1, False, 2, "2025-03-02", "2025-03-08"),
        ("2", None, 2, 1, 0, None, 0, "2025-03-02", None),
        ("3", None, 2, 1, 0, True, 0, "2025-03-02", "2025-03-05"),
    ]


def test_a_shipment_that_is_not_there_is_late_once_its_day_is_over(delivered):
    found = delivered(
        *LATE,
        shipments=[
            ON_TIME,
            shipment("s2", "due today", "2025-03-20"),
            shipment("s3", "due yesterday", "2025-03-19", status="in_transit"),
            shipment("s4", "never promised", None, "2025-03-19"),
            shipment("s5", "cancelled", "2025-03-01", status="canceled"),
            shipment("s6", "not said to have left", "2025-03-18", shipped=None),
        ],
    )
    assert found == [
        ("1", 1, 1, 0, True, 0),
        ("cancelled", 1, 0, 0, None, None),
        ("due today", 1, 0, 0, None, 0),
        ("due yesterday", 1, 0, 1, False, 1),
        ("never promised", 1, 1, 0, None, None),
        ("not said to have left", 1, 0, 1, False, 2),
    ]


def test_what_happens_after_as_of_has_not_happened(delivered):
    found = delivered(
        "shipments",
        "delivered_on",
        "is_on_time",
        "late_days",
        shipments=[
            shipment("s1", "1", "2025-03-18", "2025-03-25"),
            shipment("s2", "1", "2025-03-30", "2025-03-25", shipped="2025-03-21"),
            shipment("s3", "2", "2025-03-30", "2025-03-25", shipped="2025-03-21"),
        ],
    )
    assert found == [("1", 1, None, False, 2)]


def test_where_a_source_never_records_deliveries_nothing_is_known_to_be_late(delivered):
    found = delivered(
        *LATE,
        shipments=[ON_TIME, shipment("s1", "elsewhere", "2025-03-05", source="erp")],
        orders=[order("1"), order("elsewhere", source="erp")],
    )
    assert found == [("1", 1, 1, 0, True, 0), ("elsewhere", 1, 0, 0, None, None)]


def test_the_last_event_is_that_of_any_shipment_and_ties_end_with_the_greatest_id(delivered):
    def event(event_id, shipment_id, at, kind):
        return {"event_id": event_id, "shipment_id": shipment_id, "occurred_at": at, "event_type": kind}

    found = delivered(
        "events",
        "last_event_type",
        "last_event_at",
        shipments=[ON_TIME, shipment("s2", "1"), shipment("s3", "2"), shipment("s4", None)],
        events=[
            event("1", "s1", "2025-03-02 10:00:00", "picked_up"),
            event("3", "s2", "2025-03-03 10:00:00", "delivered"),
            event("2", "s2", "2025-03-03 10:00:00", "out_for_delivery"),
            event("4", "s1", None, "label"),
            event("5", "unknown", "2025-03-09 10:00:00", "lost"),
            event("6", "s4", "2025-03-09 10:00:00", "lost"),
        ],
    )
    assert found == [("1", 4, "delivered", "2025-03-03 10:00:00"), ("2", 0, None, None)]


def test_an_order_the_source_does_not_know_stays_and_orders_without_a_shipment_are_not_here(delivered):
    found = delivered("c360_id", "ordered_at", "days_to_ship", shipments=[ON_TIME], orders=[order("2")])
    assert found == [("1", None, None, None)]


def test_ids_of_two_sources_are_told_apart(delivered):
    found = delivered(
        "c360_id",
        "events",
        shipments=[ON_TIME, ON_TIME | {"source": "erp"}],
        orders=[order("1", c360_id="ada"), order("1", c360_id="bob", source="erp")],
        events=[{"event_id": "1", "shipment_id": "s1", "source": "erp"}],
    )
    assert found == [("1", "ada", 0), ("1", "bob", 1)]


def test_a_carrier_keeps_its_promise_in_the_share_of_what_is_due(spark):
    def by(carrier, level, *given, **more):
        return shipment(*given, carrier=carrier, service_level=level, **more)

    shipments = unified(
        spark,
        "shipments",
        by("Ant", "fast", "1", "o1", "2025-03-05", "2025-03-05", shipping_cost="4.0000"),
        by("Ant", "fast", "2", "o1", "2025-03-05", "2025-03-06", shipping_cost="5.0050"),
        by("Ant", "fast", "3", "o1", "2025-03-05", None, status="LOST"),
        by("Ant", "fast", "4", None, "2025-03-25", None),
        by("Ant", "fast", "5", "o2", None, "2025-03-12"),
        by("Ant", "fast", "6", "o2", "2025-03-05", None, status="Cancelled"),
        by("Ant", None, "7", "o2", "2025-03-05", None, status="Cancelled"),
        by(None, "fast", "8", "o2", "2025-03-05", "2025-03-02", shipped=None),
        by("Ant", "fast", "9", "o2", "2025-03-25", "2025-03-22", shipped="2025-03-21"),
        by("Bee", "fast", "10", "o3", "2025-03-05", "2025-03-04"),
        by("Bee", "fast", "11", "o3", "2025-03-05", "2025-03-05"),
    )
    assert result(carrier_performance(shipments, as_of=AS_OF)) == [
        ("retail", "Ant", "fast", 6, 3, 3, 2, 1, "33.33", "4.0", "9.01", "4.50"),
        ("retail", "Ant", None, 1, 0, 0, 0, 0, None, None, None, None),
        ("retail", "Bee", "fast", 2, 2, 2, 0, 0, "100.00", "2.5", None, None),
        ("retail", None, "fast", 1, 1, 1, 0, 0, "100.00", None, None, None),
    ]


def test_every_shipment_of_an_order_is_some_carriers(spark):
    shipments = unified(spark, "shipments", ON_TIME, shipment("s2", "1", carrier="Ant"), shipment("s3", "2"))
    orders, events = unified(spark, "orders"), unified(spark, "shipment_events")
    carried = sum(row[0] for row in result(carrier_performance(shipments, as_of=AS_OF), "shipments"))
    of_orders = sum(row[0] for row in result(fulfilment(shipments, events, orders, as_of=AS_OF), "shipments"))
    assert carried == of_orders == 3
