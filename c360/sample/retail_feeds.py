"""The nine files of the `retail` system, and what is wrong with some of their rows."""

from __future__ import annotations

from c360.sample.dirt import (
    bad_byte,
    bad_date,
    early_child,
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
from c360.sample.outbox import Feed

_NOBODY = "999999999"
_LATE = "900100000"
FEEDS = {
    "customers": Feed(
        "Customers_{day}.csv",
        ("CustomerID",),
        Text(quoted=("Address",)),
        (
            null_key("CustomerID", "customer_id"),
            bad_byte("Name"),
            near_duplicate("Email", "moved.on@example.net"),
            person(
                "quoted_newline",
                Name="Quentin Oldmill",
                Email="quentin.oldmill@example.net",
                Address='12 "Old Mill" Lane\nApt. 4, Glenford, VT 05401',
            ),
            person("empty_email", Name="Xaver Zwetkoff", Email=None, Address="1 Nowhere Place, Zed, VT 05402"),
            person("late_parent", CustomerID=_LATE, Name="Ulla Latecome", Email="ulla@example.org", Address=None),
        ),
    ),
    "products": Feed("Products_{day}.csv", ("ProductID",), Text(), (negative_amount("Price", "price_not_negative"),)),
    "stores": Feed("Stores_{day}.csv", ("StoreID",), Text(quoted=("Location",))),
    "agents": Feed("Agents_{day}.csv", ("AgentID",), Text(), (null_key("AgentID", "agent_id"),)),
    "online_transactions": Feed(
        "OnlineTransactions_{day}.csv",
        ("OrderID",),
        Text(),
        (
            wrong_type("Amount", "amount"),
            unlisted_value("Status", "accepted:status", "Complted"),
            null_key("OrderID", "order_id"),
            orphan("CustomerID", "customer_id", _NOBODY),
            exact_duplicate(),
            late_update("PaymentMethod", "Voucher"),
            early_child("CustomerID", _LATE),
        ),
    ),
    "in_store_transactions": Feed(
        "InStoreTransactions_{day}.csv",
        ("TransactionID",),
        Text(),
        (
            bad_date("DateTime", "ordered_at"),
            negative_amount("Amount", "amount_positive"),
            future_row("DateTime", "ordered_at"),
            near_duplicate("PaymentMethod", "Cheque"),
        ),
    ),
    "customer_service_interactions": Feed(
        "CustomerServiceInteractions_{day}.csv",
        ("InteractionID",),
        Text(),
        (
            wrong_type("AgentID", "agent_id", "12x"),
            *ragged("ResolutionStatus"),
            near_duplicate("IssueType", "Delivery"),
        ),
    ),
    "loyalty_accounts": Feed(
        "LoyaltyAccounts_{day}.csv",
        ("LoyaltyID",),
        Text(),
        (bad_date("JoinDate", "joined_on", "the day before yesterday"),),
        extra_column=("Note", "welcome gift sent"),
    ),
    "loyalty_transactions": Feed(
        "LoyaltyTransactions_{day}.csv",
        ("LoyaltyID", "DateTime"),
        Text(),
        (orphan("LoyaltyID", "loyalty_id", _NOBODY), exact_duplicate()),
    ),
}
