"""Which unified tables a source's tables could fill: a mapping to begin with, as comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from c360.init_source.evidence import Column, Table
from c360.init_source.names import singular
from c360.unify.entities import MAPPABLE, MAPPED_AS, Entity

_TABLES = {
    "source_customers": r"(^|_)(customer|customers|client|clients|customer_master|members?|kunden?)$",
    "products": r"(^|_)(products?|articles?|product_master|artikel)$",
    "stores": r"(^|_)(stores?|shops?|branches|branch)$",
    "agents": r"(^|_)(agents?|support_agents?)$",
    "orders": r"(^|_)(orders?|transactions?|sales_order_header|purchases)$",
    "order_lines": r"(^|_)(order_?lines?|(order|transaction)_items?|order_details?)$",
    "interactions": r"(^|_)(interactions?|tickets?|support|customer_support|calls)$",
    "loyalty_accounts": r"(^|_)(loyalty_accounts?|loyalty_program|loyalty)$",
    "loyalty_events": r"(^|_)(loyalty_transactions?|loyalty_events?|points?_history)$",
}
"""Entity → what a table of it is called; others are found by their own names."""

_ALSO = {
    "order_id": ("transaction_id", "sales_order_id", "invoice_id", "invoice_no"),
    "full_name": ("name", "customer_name", "full_name"),
    "phone": ("phone_number", "mobile"),
    "date_of_birth": ("dob", "birth_date", "birthday"),
    "region": ("state", "province"),
    "zip_code": ("zip", "postal_code", "postcode", "plz"),
    "address": ("address_line1", "street", "address1"),
    "registered_on": ("registration_date", "signup_date", "created_date"),
    "product_name": ("name",),
    "list_price": ("price",),
    "unit_cost": ("cost", "standard_cost"),
    "store_name": ("name",),
    "agent_name": ("name",),
    "manager_name": ("manager",),
    "ordered_at": ("date_time", "transaction_date", "order_date", "created_at"),
    "occurred_at": ("date_time", "transaction_date", "event_timestamp", "created_at"),
    "opened_at": ("date_time", "created_at", "created_date", "interaction_date"),
    "resolved_at": ("resolved_date",),
    "total_amount": ("amount", "total", "total_due"),
    "subtotal_amount": ("subtotal", "sub_total"),
    "tax_amount": ("tax", "tax_amt"),
    "discount_amount": ("discount", "discount_applied"),
    "shipping_amount": ("shipping", "freight", "shipping_cost"),
    "line_amount": ("line_total", "amount"),
    "quantity": ("qty", "order_qty"),
    "issue_type": ("category",),
    "status": ("resolution_status",),
    "tier": ("tier_level", "loyalty_tier"),
    "points_earned": ("points_balance",),
    "points_change": ("points",),
    "joined_on": ("join_date", "tier_start_date"),
}
"""Entity column → what sources call it besides."""


def unified(tables: Sequence[Table]) -> Iterator[str]:
    """The lines of a `unified:` block, without the comment sign in front; none if no entity fits."""
    called = {entity: name for name, entity in MAPPED_AS.items()}
    for entity in MAPPABLE.values():
        fitting = [table for table in tables if table.has_names and _fits(entity, table)]
        mapped = [(table, lines) for table in fitting if (lines := list(_columns(entity, table)))]
        if mapped:
            yield f"  {called.get(entity.name, entity.name)}:"
        for table, lines in mapped:
            yield f"    - from: {table.name}"
            yield "      columns:"
            yield from (f"        {line}" for line in lines)


def _fits(entity: Entity, table: Table) -> bool:
    pattern = _TABLES.get(entity.name, rf"^{entity.name}$")
    if entity.name == "orders" and "loyalty" in table.base:
        return False
    return bool(re.search(pattern, table.base) or re.search(pattern, table.name))


def _columns(entity: Entity, table: Table) -> Iterator[str]:
    """Entity columns with what fills them; none at all if what its rows are known by cannot be filled."""
    own = {column.name: column for column in table.columns}
    key = table.key.columns if table.key else ()
    wanted = entity.mapped_columns
    grain = [column for column in entity.grain if column != "source"]
    chosen: dict[str, Column] = {}
    for name, kind in wanted.items():
        for candidate in (name, *_ALSO.get(name, ())):
            if candidate in own and _same_family(kind, own[candidate]) and own[candidate] not in chosen.values():
                chosen[name] = own[candidate]
                break
    open_ids = [name for name in grain if name not in chosen and wanted[name] == "STRING"]
    free = [name for name in key if own[name] not in chosen.values()] or list(key)
    for name, column in zip(open_ids, free, strict=False):
        chosen[name] = own[column]
    if any(name not in chosen for name in grain):
        return
    for name in (name for name in wanted if name in chosen):
        source = chosen[name]
        is_cast = (wanted[name], source.type) == ("DATE", "timestamp") or (
            wanted[name] == "STRING" and source.type != "string"
        )
        yield f"{name}: {f'CAST({source.name} AS {wanted[name]})' if is_cast else source.name}"
    if singular(entity.name) == "source_customer" and "customer_type" not in chosen:
        yield "customer_type: \"'person'\"  # or 'organisation'"


def _same_family(wanted: str, column: Column) -> bool:
    """Whether a column can stand where a type is wanted, without a cast that could fail."""
    if wanted == "STRING":
        return not column.is_moment and not column.is_measure
    if wanted == "TIMESTAMP":
        return column.type == "timestamp"
    if wanted == "DATE":
        return column.is_moment
    if wanted == "BOOLEAN":
        return column.type == "boolean"
    return column.is_whole_number or column.type.startswith(("money", "decimal"))
