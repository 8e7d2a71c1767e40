"""What the unified views and their columns say.

A column that says the same wherever it is stands in `_EVERYWHERE`; what differs stands with its view. Of a column a
source cannot fill there is no word: it is null.
"""

from __future__ import annotations

from collections.abc import Mapping

from c360.unify.entities import ENTITIES

_EVERYWHERE = {
    "source": "the system it comes from",
    "customer_id": "the customer's id in that system; null for a guest",
    "c360_id": "the person; null for a guest, and where the customer is not known yet",
    "order_id": "the order's id in that system",
    "order_line_id": "the line's id in its order",
    "product_id": "the product's id in that system",
    "store_id": "the store's id in that system; null for an order that no store took",
    "agent_id": "the id, in that system, of the agent",
    "supplier_id": "the supplier's id in that system",
    "location_id": "the id, in that system, of the warehouse, centre or store",
    "promotion_id": "the promotion's id in that system; null for a line without one",
    "shipment_id": "the shipment's id in that system",
    "loyalty_id": "the loyalty account's id in that system",
    "region_id": "the sales region's id in that system",
    "city": "city of the address",
    "region": "state or province of the address",
    "country": "country of the address",
    "category": "its category",
    "email": "e-mail address",
    "phone": "telephone number",
    "currency": "ISO code of the currency of its amounts",
    "status": "its status, as the source writes it",
    "is_revenue": "whether it brought revenue: its status is none of those that bring none",
    "ordered_at": "when it was ordered",
    "ordered_month": "UTC month of ordered_at, such as 202503",
    "updated_at": "when the source last changed the record",
    "unit_cost": "what one unit costs the company",
    "manager_name": "who manages it",
}

_PROFILE: dict[str, str] = {
    "customer_id": "the customer's id in that system",
    "customer_type": "person or organisation",
    "full_name": "name as written",
    "first_name": "given name",
    "last_name": "family name",
    "date_of_birth": "date of birth",
    "gender": "gender as the source writes it",
    "address": "street and house number, or the whole address where the source does not split it",
    "zip_code": "postal code of the address",
    "registered_on": "day the customer registered with the source",
}

VIEWS: Mapping[str, str] = {
    "source_customers": "One row per source and customer, as that system knows them: before persons are told apart.",
    "source_customer_versions": "One row per source, customer and time: every version that was ever known, where the "
    "source's history is kept; of others the present one.",
    "products": "One row per source and product.",
    "stores": "One row per source and store.",
    "agents": "One row per source and service agent.",
    "orders": "One row per source and order, whatever its status or channel.",
    "order_lines": "One row per source, order and line; what the order says of itself is repeated in each.",
    "interactions": "One row per source and service interaction: a ticket, a call, a case.",
    "loyalty_accounts": "One row per source and loyalty account.",
    "loyalty_events": "One row per source, loyalty account and time its points changed.",
    "sessions": "One row per source and session on a web site or in an app.",
    "shipments": "One row per source and shipment.",
    "shipment_events": "One row per source and event on the way of a shipment.",
    "inventory": "One row per source and stock record: a product at a location.",
    "suppliers": "One row per source and supplier.",
    "product_suppliers": "One row per source, product and supplier of it.",
    "locations": "One row per source and warehouse, distribution centre or store.",
    "region_sales": "One row per source, sales region and day, as the source itself reports it.",
    "promotions": "One row per source and promotion.",
    "returns": "One row per source and return of a line or an order.",
    "reviews": "One row per source and review of a product.",
    "consents": "One row per source, customer, channel and purpose: what was last said to being contacted.",
    "currency_rates": "One row per source, pair of currencies and day.",
}

_OWN: Mapping[str, Mapping[str, str]] = {
    "source_customers": _PROFILE,
    "source_customer_versions": _PROFILE
    | {
        "valid_from": "since when this version held; null where it always did",
        "valid_to": "until when; null where it still does",
    },
    "products": {
        "product_name": "its name",
        "subcategory": "its subcategory",
        "brand": "its brand",
        "list_price": "price of one unit on the list",
        "status": "whether it is sold: active, discontinued or what else the source says",
    },
    "stores": {
        "store_name": "its name",
        "location": "where it is, as the source writes it",
        "open_hours": "opening hours, as the source writes them",
    },
    "agents": {"agent_name": "the agent's name", "department": "the agent's department", "shift": "the agent's shift"},
    "orders": {
        "channel": "where it was placed, such as online, store or mobile",
        "payment_method": "how it was paid",
        "total_amount": "what the customer pays, with tax and shipping where the source counts them in",
        "subtotal_amount": "amount of its lines, before tax and shipping",
        "tax_amount": "tax on it",
        "discount_amount": "discount on the order as a whole",
        "shipping_amount": "what the customer pays for shipping",
        "territory": "the sales territory it belongs to",
        "region_id": "the sales region it belongs to, for a comparison with region_sales",
        "reporting_amount": "total_amount in the reporting currency; null where no rate is known for its day",
        "ordered_local_at": "when it was ordered, in the source's time zone",
    },
    "order_lines": {
        "ordered_at": "when the order was placed",
        "store_id": "the store of the order; null for an order that no store took",
        "status": "status of the order, as the source writes it",
        "quantity": "units; null where the source does not record them",
        "unit_price": "price of one unit, before discount",
        "discount_amount": "discount on the line",
        "line_amount": "amount of the line, net of its discount",
        "is_revenue": "whether the order brought revenue",
        "is_only_line": "whether every order of this mapping has just this line",
    },
    "interactions": {
        "interaction_id": "the interaction's id in that system",
        "channel": "how the customer got in touch, such as phone or chat",
        "issue_type": "what it was about",
        "priority": "how urgent it was",
        "opened_at": "when it was opened",
        "resolved_at": "when it was resolved; null while it is not, or where that is not recorded",
        "is_resolved": "whether it is resolved",
        "satisfaction_score": "how satisfied the customer was, 1 to 5",
    },
    "loyalty_accounts": {
        "tier": "its tier, such as Gold",
        "points_earned": "points earned so far, as the source counts them",
        "joined_on": "day the account was opened",
    },
    "loyalty_events": {
        "occurred_at": "when the points changed",
        "points_change": "points gained; negative: points spent or lost",
        "reason": "why",
    },
    "sessions": {
        "session_id": "the session's id in that system",
        "channel": "web or app",
        "device": "the device used",
        "started_at": "when it began",
        "duration_seconds": "how long it lasted",
        "pages_viewed": "pages viewed in it",
        "actions": "actions taken in it",
    },
    "shipments": {
        "carrier": "who carries it",
        "service_level": "how fast it is to be, such as standard or overnight",
        "shipped_on": "day it left",
        "promised_on": "day it was promised for",
        "delivered_on": "day it arrived; null while it has not",
        "shipping_cost": "what sending it costs the company",
        "weight_kg": "its weight",
        "origin": "where it leaves from",
        "destination": "where it goes to",
    },
    "shipment_events": {
        "event_id": "the event's id in that system",
        "occurred_at": "when it happened",
        "event_type": "what happened, such as picked_up or delivered",
        "location": "where",
        "description": "in the carrier's words",
    },
    "inventory": {
        "inventory_id": "the stock record's id in that system",
        "stock": "units there",
        "reserved": "units of these that are reserved",
        "reorder_point": "stock at which more is to be ordered",
        "max_stock": "the largest stock there should be",
        "updated_at": "when it was counted or last changed",
    },
    "suppliers": {
        "supplier_name": "its name",
        "contact_name": "whom to talk to there",
        "payment_terms": "terms of payment, as agreed",
        "rating": "quality rating, 1.00 to 5.00",
    },
    "product_suppliers": {
        "is_primary": "whether the product is usually bought from it",
        "unit_cost": "what the supplier charges for one unit",
        "lead_time_days": "days from order to delivery",
    },
    "locations": {
        "location_name": "its name",
        "location_type": "warehouse, distribution_center or store",
        "capacity_cubic_meters": "what fits in",
    },
    "region_sales": {
        "sold_on": "the day",
        "region_name": "the region's name",
        "country": "the region's country",
        "revenue": "revenue of the day, as reported",
        "orders": "orders of the day, as reported",
        "average_order_value": "revenue per order, as reported",
    },
    "promotions": {
        "promotion_name": "its name",
        "promotion_type": "its kind",
        "category": "whom or what it is for",
        "discount_share": "share of the price that is taken off",
        "starts_on": "first day",
        "ends_on": "last day",
        "min_quantity": "fewest units it holds for",
        "max_quantity": "most units it holds for; null where there is no limit",
    },
    "returns": {
        "return_id": "the return's id in that system",
        "order_line_id": "the line that was returned; null where the whole order was",
        "returned_at": "when it was returned; null where that is not recorded",
        "quantity": "units returned; null where that is not recorded",
        "refund_amount": "what was paid back",
        "reason": "why",
    },
    "reviews": {
        "review_id": "the review's id in that system",
        "rating": "1 to 5, 5 the best",
        "review_text": "what was written",
        "reviewed_at": "when it was written",
    },
    "consents": {
        "channel": "how, such as email",
        "purpose": "what for, such as marketing",
        "is_granted": "whether the customer agreed; false: refused or withdrawn",
        "stated_at": "when the customer said so",
    },
    "currency_rates": {
        "from_currency": "ISO code of the currency that is exchanged",
        "to_currency": "ISO code of the currency it is exchanged for",
        "rated_on": "the day",
        "rate": "what one unit of the former is worth in the latter",
    },
}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    name: {column: {**_EVERYWHERE, **_OWN[name]}.get(column, "") for column in entity.columns}
    for name, entity in ENTITIES.items()
}
"""View → column → what it says."""
