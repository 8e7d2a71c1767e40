"""The fourteen files of the `domains` system, and what is wrong with some of their rows."""

from __future__ import annotations

from c360.sample.dirt import (
    bad_byte,
    bad_date,
    broken_sum,
    exact_duplicate,
    future_row,
    late_update,
    near_duplicate,
    negative_amount,
    null_key,
    orphan,
    person,
    ragged,
    unlisted_value,
    wrong_type,
)
from c360.sample.formats import Text
from c360.sample.outbox import Dirt, Feed

_LATE = "CUST98000000"
_NOWHERE = "AK"
"""A state that belongs to no region: what is sold there is in no region's sales."""
_ONLINE = {"channel": "online", "store_id": None}
_UPDATED_BEFORE = "2024-01-15 12:00:00"


def _feed(
    path: str, key: str, new: str, *dirt: Dirt, fresh: str = "", extra_column: tuple[str, str] | None = None
) -> Feed:
    return Feed(
        f"{path}_{{day}}.csv", tuple(key.split()), Text(), dirt, fresh=fresh, new=new, extra_column=extra_column
    )


FEEDS = {
    "customers": _feed(
        "customer/customers",
        "customer_id",
        "CUST97{:06d}",
        null_key("customer_id", "customer_id"),
        bad_date("date_of_birth", "date_of_birth", "1985-13-41"),
        unlisted_value("gender", "accepted:gender", "unknown"),
        bad_byte("first_name"),
        near_duplicate("preferred_channel", "store"),
        person(
            "quoted_newline",
            first_name="Ottilie",
            last_name='"Otti" Zickzack',
            email="otti.zickzack@example.net",
            phone=None,
            address_line1='7 "Upper", Lane\nBack door',
            state=_NOWHERE,
        ),
        person("empty_email", first_name="Ypsilon", last_name="Ohnemail", email=None, phone=None, address_line1=None),
        person(
            "late_parent",
            customer_id=_LATE,
            first_name="Theodora",
            last_name="Nachzug",
            email="theodora@example.org",
            phone=None,
            address_line1=None,
            state=_NOWHERE,
        ),
    ),
    "loyalty_program": _feed(
        "customer/loyalty_program",
        "customer_id",
        "CUST96{:06d}",
        unlisted_value("loyalty_tier", "accepted:loyalty_tier", "Diamond"),
        negative_amount("points_balance", "points_not_negative", "-5"),
    ),
    "support_tickets": _feed(
        "customer/support_tickets",
        "ticket_id",
        "TKT97{:06d}",
        unlisted_value("status", "accepted:status", "escalted"),
        orphan("customer_id", "customer_id", "CUST99999999"),
        Dirt("broken_sum", "rule:resolved_after_created", {"resolved_date": "2023-12-24 12:00:00"}),
        *ragged("satisfaction_score"),
    ),
    "app_usage": _feed(
        "customer/app_usage",
        "usage_id",
        "USG97{:06d}",
        wrong_type("pages_viewed", "pages_viewed", "lots"),
        future_row("session_start", "session_start"),
        negative_amount("session_duration_minutes", "duration_is_within_a_day", "-5"),
        exact_duplicate(),
    ),
    "transactions": _feed(
        "sales/transactions",
        "transaction_id",
        "TXN97{:06d}",
        null_key("transaction_id", "transaction_id"),
        bad_date("transaction_date", "transaction_date"),
        negative_amount("total_amount", "total_not_negative"),
        broken_sum("total_amount", "total_adds_up", "123456.78"),
        unlisted_value("status", "accepted:status", "complete"),
        Dirt("orphan", "flagged:customer_id", {"customer_id": "CUST99999999", **_ONLINE}),
        exact_duplicate(),
        late_update("payment_method", "voucher"),
        Dirt("early_child", "kept", {"customer_id": _LATE, **_ONLINE}, day=1, until=2),
    ),
    "transaction_items": _feed(
        "sales/transaction_items",
        "item_id",
        "ITM97{:06d}",
        wrong_type("quantity", "quantity", "two"),
        negative_amount("quantity", "quantity_positive", "-1"),
        orphan("transaction_id", "transaction_id", "TXN99999999"),
        exact_duplicate(),
    ),
    "regional_sales": _feed(
        "sales/regional_sales",
        "region_id sales_date",
        "RGN9{:02d}",
        negative_amount("total_revenue", "sales_not_negative"),
        near_duplicate("total_revenue", "1.00"),
    ),
    "products": _feed(
        "products/products",
        "product_id",
        "PRD97{:04d}",
        negative_amount("price", "price_not_negative"),
        unlisted_value("status", "accepted:status", "sold out"),
        near_duplicate("color", "Beige"),
    ),
    "inventory": _feed(
        "products/inventory",
        "inventory_id",
        "INV97{:05d}",
        negative_amount("stock_quantity", "quantities_not_negative", "-7"),
        future_row("last_updated", "last_updated"),
        near_duplicate("stock_quantity", "99999", last_updated=_UPDATED_BEFORE),
        late_update("stock_quantity", "88888", "superseded", last_updated=_UPDATED_BEFORE),
    ),
    "suppliers": _feed(
        "products/suppliers",
        "supplier_id",
        "SUP97{:02d}",
        unlisted_value("quality_rating", "rule:rating_from_1_to_5", "9.5"),
    ),
    "product_suppliers": _feed(
        "products/product_suppliers",
        "product_id supplier_id",
        "SUP97{:03d}",
        wrong_type("is_primary", "is_primary", "maybe"),
        orphan("supplier_id", "supplier_id", "SUP99999"),
        fresh="supplier_id",
    ),
    "warehouse_locations": _feed(
        "logistics/warehouse_locations",
        "location_id",
        "WH97{:02d}",
        negative_amount("capacity_cubic_meters", "capacity_positive", "-1"),
    ),
    "shipments": _feed(
        "logistics/shipments",
        "shipment_id",
        "SHP97{:06d}",
        unlisted_value("service_level", "accepted:service_level", "teleport"),
        Dirt("broken_sum", "rule:delivered_after_shipped", {"actual_delivery": "2023-12-24"}),
        orphan("transaction_id", "transaction_id", "TXN99999999"),
        near_duplicate("delivery_status", "labelled"),
        extra_column=("driver", "K. Lind"),
    ),
    "tracking_events": _feed(
        "logistics/tracking_events",
        "event_id",
        "EVT97{:06d}",
        bad_date("event_timestamp", "event_timestamp"),
        future_row("event_timestamp", "event_timestamp"),
        orphan("shipment_id", "shipment_id", "SHP99999999"),
        *ragged("carrier_status"),
        exact_duplicate(),
    ),
}
