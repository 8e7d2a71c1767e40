"""What the real sources are, written down from their descriptions: each column's type, and each table's key.

Names are those of the files in snake_case. `int` stands for int or bigint, `decimal` for any decimal or money that
holds the values: a sample cannot tell how many digits more there may be.
"""

from __future__ import annotations

Types = dict[str, str]
Truth = dict[str, tuple[tuple[str, ...], Types]]
"""Table → (key, column → type)."""


def table(key: str, **types: str) -> tuple[tuple[str, ...], Types]:
    """A table's truth; each type with the columns that have it."""
    names = {"timestamps": "timestamp", "strings": "string", "ints": "int", "dates": "date", "booleans": "boolean"}
    names |= {"decimals": "decimal"}
    return tuple(key.split()), {column: names[kind] for kind, columns in types.items() for column in columns.split()}


RETAIL: Truth = {
    "customers": table("customer_id", ints="customer_id", strings="name email address"),
    "products": table("product_id", ints="product_id", strings="name category", decimals="price"),
    "stores": table("store_id", ints="store_id", strings="location manager open_hours"),
    "agents": table("agent_id", ints="agent_id", strings="name department shift"),
    "online_transactions": table(
        "order_id",
        ints="order_id customer_id product_id",
        timestamps="date_time",
        strings="payment_method status",
        decimals="amount",
    ),
    "in_store_transactions": table(
        "transaction_id",
        ints="transaction_id customer_id store_id",
        timestamps="date_time",
        strings="payment_method",
        decimals="amount",
    ),
    "customer_service_interactions": table(
        "interaction_id",
        ints="interaction_id customer_id agent_id",
        timestamps="date_time",
        strings="issue_type resolution_status",
    ),
    "loyalty_accounts": table(
        "loyalty_id", ints="loyalty_id customer_id points_earned", strings="tier_level", dates="join_date"
    ),
    "loyalty_transactions": table(
        "loyalty_id date_time", ints="loyalty_id points_change", timestamps="date_time", strings="reason"
    ),
}

DOMAINS: Truth = {
    "customers": table(
        "customer_id",
        strings="customer_id first_name last_name email phone gender customer_segment preferred_channel address_line1 "
        "city state zip_code country",
        dates="date_of_birth",
        timestamps="registration_date",
    ),
    "loyalty_program": table(
        "customer_id",
        strings="customer_id loyalty_tier",
        ints="points_balance points_earned_ytd points_redeemed_ytd",
        dates="tier_start_date",
        decimals="lifetime_value",
    ),
    "support_tickets": table(
        "ticket_id",
        strings="ticket_id customer_id category priority status channel",
        timestamps="created_date resolved_date",
        ints="satisfaction_score",
    ),
    "app_usage": table(
        "usage_id",
        strings="usage_id customer_id device_type app_version",
        dates="session_date",
        timestamps="session_start",
        ints="session_duration_minutes pages_viewed actions_taken",
    ),
    "transactions": table(
        "transaction_id",
        strings="transaction_id customer_id channel store_id payment_method currency status",
        timestamps="transaction_date",
        decimals="subtotal tax_amount discount_amount total_amount",
    ),
    "transaction_items": table(
        "item_id",
        strings="item_id transaction_id product_id",
        ints="quantity",
        decimals="unit_price line_total discount_applied",
    ),
    "regional_sales": table(
        "region_id sales_date",
        strings="region_id region_name country",
        dates="sales_date",
        decimals="total_revenue average_order_value",
        ints="total_transactions",
    ),
    "products": table(
        "product_id",
        strings="product_id product_name category subcategory brand dimensions color size status",
        decimals="price cost weight_kg",
        dates="created_date",
    ),
    "inventory": table(
        "inventory_id",
        strings="inventory_id product_id location_id",
        ints="stock_quantity reserved_quantity reorder_point max_stock_level",
        timestamps="last_updated",
    ),
    "suppliers": table(
        "supplier_id",
        strings="supplier_id supplier_name contact_person email phone address country payment_terms",
        decimals="quality_rating",
    ),
    "product_suppliers": table(
        "product_id supplier_id",
        strings="product_id supplier_id",
        booleans="is_primary",
        decimals="cost_price",
        ints="lead_time_days",
    ),
    "shipments": table(
        "shipment_id",
        strings="shipment_id transaction_id tracking_number carrier service_level origin_location destination_address "
        "dimensions delivery_status",
        decimals="weight_kg shipping_cost",
        dates="ship_date estimated_delivery actual_delivery",
    ),
    "warehouse_locations": table(
        "location_id",
        strings="location_id location_name location_type address city state country manager_name",
        ints="capacity_cubic_meters",
    ),
    "tracking_events": table(
        "event_id",
        strings="event_id shipment_id event_type location description carrier_status",
        timestamps="event_timestamp",
    ),
}

# Without a header: c1 … cn in the order of Microsoft's installation script. A bit is 0 or 1 there, which without a name
# that says so counts as an int.
ADVENTUREWORKS_CSV: Truth = {
    "address": table("c1", ints="c1 c5", strings="c2 c3 c4 c6 c7 c8", timestamps="c9"),
    "country_region": table("c1", strings="c1 c2", timestamps="c3"),
    "email_address": table("c1 c2", ints="c1 c2", strings="c3 c4", timestamps="c5"),
    "person_phone": table("c1 c2 c3", ints="c1 c3", strings="c2", timestamps="c4"),
    "sales_order_header_sales_reason": table("c1 c2", ints="c1 c2", timestamps="c3"),
    "sales_reason": table("c1", ints="c1", strings="c2 c3", timestamps="c4"),
    "state_province": table("c1", ints="c1 c4 c6", strings="c2 c3 c5 c7", timestamps="c8"),
    "store": table("c1", ints="c1 c3", strings="c2 c4 c5", timestamps="c6"),
}

# Primary keys by Microsoft's data dictionary; the types are those of the Parquet files themselves.
ADVENTUREWORKS_KEYS = {
    "Person.AddressType": "address_type_id",
    "Person.BusinessEntity": "business_entity_id",
    "Person.BusinessEntityAddress": "business_entity_id address_id address_type_id",
    "Person.BusinessEntityContact": "business_entity_id person_id contact_type_id",
    "Person.ContactType": "contact_type_id",
    "Person.CountryRegion": "country_region_code",
    "Person.EmailAddress": "business_entity_id email_address_id",
    "Person.Person": "business_entity_id",
    "Person.PersonPhone": "business_entity_id phone_number phone_number_type_id",
    "Person.PhoneNumberType": "phone_number_type_id",
    "Person.StateProvince": "state_province_id",
    "Production.Product": "product_id",
    "Production.ProductCategory": "product_category_id",
    "Production.ProductCostHistory": "product_id start_date",
    "Production.ProductInventory": "product_id location_id",
    "Production.ProductReview": "product_review_id",
    "Production.ProductSubcategory": "product_subcategory_id",
    "Sales.CountryRegionCurrency": "country_region_code currency_code",
    "Sales.CreditCard": "credit_card_id",
    "Sales.Currency": "currency_code",
    "Sales.CurrencyRate": "currency_rate_id",
    "Sales.Customer": "customer_id",
    "Sales.PersonCreditCard": "business_entity_id credit_card_id",
    "Sales.SalesOrderDetail": "sales_order_id sales_order_detail_id",
    "Sales.SalesOrderHeader": "sales_order_id",
    "Sales.SalesOrderHeaderSalesReason": "sales_order_id sales_reason_id",
    "Sales.SalesPerson": "business_entity_id",
    "Sales.SalesPersonQuotaHistory": "business_entity_id quota_date",
    "Sales.SalesReason": "sales_reason_id",
    "Sales.SalesTaxRate": "sales_tax_rate_id",
    "Sales.SalesTerritory": "territory_id",
    "Sales.SalesTerritoryHistory": "business_entity_id territory_id start_date",
    "Sales.ShoppingCartItem": "shopping_cart_item_id",
    "Sales.SpecialOffer": "special_offer_id",
    "Sales.SpecialOfferProduct": "special_offer_id product_id",
    "Sales.Store": "business_entity_id",
}
