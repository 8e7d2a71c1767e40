"""One person: found by what is known of them, their picture, what happened with them, the records behind it."""

from __future__ import annotations

import re
from typing import Any

from c360.dashboard.privacy import COVER, cover, personal
from c360.dashboard.tables import Row, Tables, quoted
from c360.lake import Lake

FOUND = 50
"""People a search shows."""

EVENTS = 300
"""Events a timeline shows, the newest."""

_ROWS = 20
_PEOPLE = "gold.customer_360"

CARD = {
    "Who": (
        "full_name email phone date_of_birth gender address city region zip_code country customer_type registered_on "
        "source_ids granted_consents"
    ).split(),
    "What they buy": (
        "tier segment rfm_segment revenue revenue_orders average_order_value margin first_purchased_at "
        "last_purchased_at recency_days favourite_category favourite_store favourite_channel favourite_payment_method"
    ).split(),
    "What is expected": "clv expected_purchases p_alive churn_status churn_reason next_best_product".split(),
    "Service and visits": (
        "interactions open_interactions resolved_interactions average_satisfaction last_interaction_at late_shipments "
        "returns refunded reviews average_rating sessions pages_viewed last_session_at favourite_device "
        "loyalty_accounts best_loyalty_tier points_earned last_seen_at"
    ).split(),
}
"""Groups of a person's picture → columns of customer_360; what is not among them stays in the last group."""


def search(tables: Tables, text: str) -> list[Row]:
    """People whose id, e-mail or phone this is, or else whose name has it in it; accents and case do not count.

    Args:
        tables: of the lake.
        text: a c360_id, a source's customer id, an e-mail, a phone with at least five digits, or a part of the name.
    """
    wanted = text.strip()
    if not wanted:
        return []
    sql, digits = quoted(wanted), re.sub(r"\D", "", wanted)
    is_phone = len(digits) >= 5 and re.fullmatch(r"[\d\s()+./-]+", wanted)
    by_phone = (
        f"ends_with(regexp_replace(phone, '[^0-9]', '', 'g'), {quoted(digits.lstrip('0'))})" if is_phone else "false"
    )
    exact = f"""(c360_id = {sql} OR lower(email) = lower({sql}) OR {by_phone} OR c360_id IN (
        SELECT c360_id FROM unified.customer_records WHERE customer_id = {sql}))"""
    named = f"contains(strip_accents(lower(full_name)), strip_accents(lower({sql})))"
    columns = "c360_id, full_name, email, phone, city, revenue, tier"
    for condition in (exact, named):
        found = tables.ask(f"""SELECT {columns}, count(*) OVER () AS total FROM {_PEOPLE} WHERE {condition}
            ORDER BY revenue DESC NULLS LAST, c360_id LIMIT {FOUND}""")
        if found:
            return found
    return []


def picture(tables: Tables, c360_id: str) -> Row:
    """The person's row of customer_360."""
    return tables.one(f"SELECT * FROM {_PEOPLE} WHERE c360_id = {quoted(c360_id)}")


def timeline(tables: Tables, c360_id: str) -> list[Row]:
    """What happened with the person, the newest first."""
    return tables.ask(f"""SELECT occurred_at, source, event_type, event_id, title, description, amount,
            count(*) OVER () AS total
        FROM gold.customer_events WHERE c360_id = {quoted(c360_id)}
        ORDER BY occurred_at DESC NULLS LAST, source, event_type, event_id LIMIT {EVENTS}""")


def records(tables: Tables, c360_id: str) -> list[Row]:
    """The person's records in the sources: source, customer id, how sure the link is."""
    return tables.ask(f"""SELECT source, customer_id, score FROM unified.customer_records
        WHERE c360_id = {quoted(c360_id)} ORDER BY source, customer_id""")


def source_rows(lake: Lake, source: str, customer_id: str, *, show_pii: bool) -> dict[str, list[Row]]:
    """The silver rows of a record: table → its rows in it, of the tables of the source that are about customers.

    They are those whose first column is the `customer_id`; where such a row names a `person_id`, also those whose first
    column is the `business_entity_id` and that say who somebody is.
    """
    names = [name for name in lake.names() if name.startswith(f"silver_{source}.")]
    first = {name: next(iter(lake.columns(name))) for name in names if not name.endswith(("_history", "_versions"))}
    found = {name: _matching(lake, name, "customer_id", customer_id) for name in first if first[name] == "customer_id"}
    people = {str(row["person_id"]) for rows in found.values() for row in rows if row.get("person_id") is not None}
    for name in first:
        if people and first[name] == "business_entity_id" and any(c[0] != "_" for c in personal(lake, name)):
            found[name] = [row for who in sorted(people) for row in _matching(lake, name, first[name], who)]
    return {name: [_shown(lake, name, row, show_pii) for row in rows] for name, rows in found.items() if rows}


def _matching(lake: Lake, name: str, column: str, value: str) -> list[Row]:
    kept = [
        c for c in lake.columns(name) if not c.startswith("_") or c in ("_source_file", "_source_row", "_delivered_at")
    ]
    listed = ", ".join(f'"{c}"' for c in kept)
    return lake.ask(name, f'SELECT {listed} FROM t WHERE CAST("{column}" AS VARCHAR) = {quoted(value)} LIMIT {_ROWS}')


def _shown(lake: Lake, name: str, row: Row, show_pii: bool) -> Row:
    return row if show_pii else cover(row, personal(lake, name))


def rejected(lake: Lake, name: str, limit: int, *, show_pii: bool) -> list[Row]:
    """Rows of a quarantine table in the order of their files: file, row, reasons, and the columns as received."""
    rows = lake.ask(name, f"SELECT * FROM t ORDER BY _source_file, _source_row LIMIT {limit}")
    hidden = personal(lake, name) - {"_reasons"}
    shown = []
    for row in rows:
        seen = row if show_pii else cover(row, hidden)
        received: dict[str, Any] = {c: v for c, v in seen.items() if not c.startswith("_") and v is not None}
        if row.get("_rescued"):
            received["rest"] = row["_rescued"] if show_pii else COVER
        shown.append(
            {
                "file": row["_source_file"],
                "row": row["_source_row"],
                "reasons": "; ".join(row["_reasons"]),
                "received": " · ".join(f"{c}: {v}" for c, v in received.items()),
            }
        )
    return shown
