"""The tables of the `adventureworks` system: Parquet files, and four of Microsoft's text extracts; and their dirt."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

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
    ragged,
    unlisted_value,
    wrong_type,
)
from c360.sample.formats import Parquet, Text
from c360.sample.outbox import Dirt, Feed

_BAR = Text(delimiter="+|", end="&|\n", header=False)
_TAB = Text(delimiter="\t", header=False)
_NOBODY = 999_999_999
_AHEAD = datetime(2026, 3, 1, 12)  # noqa: DTZ001 the source writes local times


def _feed(
    table: str, key: str, *dirt: Dirt, fresh: str = "", text: Text | None = None, extra: tuple[str, str] | None = None
) -> Feed:
    columns, form = tuple(key.split()), "csv" if text else "parquet"
    return Feed(f"{table}_{{day}}.{form}", columns, text or Parquet(), dirt, fresh=fresh, extra_column=extra)


FEEDS = {
    "customers": _feed(
        "Sales.Customer",
        "CustomerID",
        null_key("CustomerID", "customer_id"),
        Dirt("unlisted_value", "rule:is_somebody", {"PersonID": None, "StoreID": None}),
        near_duplicate("AccountNumber", "AW99999999"),
    ),
    "people": _feed(
        "Person.Person",
        "BusinessEntityID",
        null_key("BusinessEntityID", "business_entity_id"),
        unlisted_value("PersonType", "accepted:person_type", "XX"),
        unlisted_value("EmailPromotion", "rule:email_promotion_known", 7),
        near_duplicate("MiddleName", "Previously"),
    ),
    "email_addresses": _feed(
        "EmailAddress",
        "BusinessEntityID EmailAddressID",
        wrong_type("EmailAddressID", "email_address_id", "abc"),
        unlisted_value("EmailAddress", "rule:email_has_one_at", "two@at@example.com"),
        *ragged("ModifiedDate"),
        text=_BAR,
    ),
    "phone_numbers": _feed(
        "PersonPhone",
        "BusinessEntityID PhoneNumber PhoneNumberTypeID",
        bad_date("ModifiedDate", "modified_at"),
        exact_duplicate(),
        text=_BAR,
    ),
    "addresses": _feed(
        "Address",
        "AddressID",
        bad_date("ModifiedDate", "modified_at", "yesterday"),
        bad_byte("City"),
        near_duplicate("City", "Elsewhere"),
        *ragged("ModifiedDate"),
        text=_TAB,
    ),
    "business_entity_addresses": _feed(
        "Person.BusinessEntityAddress",
        "BusinessEntityID AddressID AddressTypeID",
        orphan("AddressID", "address_id", _NOBODY),
        exact_duplicate(),
    ),
    "state_provinces": _feed("Person.StateProvince", "StateProvinceID"),
    "country_regions": _feed("Person.CountryRegion", "CountryRegionCode"),
    "stores": _feed(
        "Store",
        "BusinessEntityID",
        Dirt("quoted_newline", "kept", {"Name": 'The "Old"\nWheel, Ltd.'}),
        Dirt("null_key", "null:business_entity_id", {"BusinessEntityID": None}),
        text=_BAR,
    ),
    "sales_territories": _feed("Sales.SalesTerritory", "TerritoryID"),
    "sales_order_headers": _feed(
        "Sales.SalesOrderHeader",
        "SalesOrderID",
        null_key("SalesOrderID", "sales_order_id"),
        future_row("OrderDate", "ordered_at", _AHEAD),
        broken_sum("TotalDue", "total_adds_up", Decimal("123456.7800")),
        unlisted_value("Status", "rule:status_known", 9),
        orphan("CustomerID", "customer_id", _NOBODY),
        exact_duplicate(),
        late_update("PurchaseOrderNumber", "PO000CORRECTED"),
        extra=("Clerk", "H. Orr"),
    ),
    "sales_order_details": _feed(
        "Sales.SalesOrderDetail",
        "SalesOrderID SalesOrderDetailID",
        negative_amount("OrderQty", "quantity_positive", -2),
        broken_sum("LineTotal", "line_adds_up", Decimal("99.000001")),
        orphan("SalesOrderID", "sales_order_id", _NOBODY),
        exact_duplicate(),
        fresh="SalesOrderDetailID",
    ),
    "special_offers": _feed("Sales.SpecialOffer", "SpecialOfferID"),
    "special_offer_products": _feed("Sales.SpecialOfferProduct", "SpecialOfferID ProductID"),
    "sales_reasons": _feed("Sales.SalesReason", "SalesReasonID"),
    "sales_order_reasons": _feed(
        "Sales.SalesOrderHeaderSalesReason",
        "SalesOrderID SalesReasonID",
        orphan("SalesReasonID", "sales_reason_id", 99),
        fresh="SalesReasonID",
    ),
    "products": _feed(
        "Production.Product",
        "ProductID",
        negative_amount("ListPrice", "price_not_negative", Decimal("-42.5000")),
        near_duplicate("Color", "Beige"),
    ),
    "product_subcategories": _feed("Production.ProductSubcategory", "ProductSubcategoryID"),
    "product_categories": _feed("Production.ProductCategory", "ProductCategoryID"),
    "product_inventory": _feed(
        "Production.ProductInventory", "ProductID LocationID", orphan("ProductID", "product_id", _NOBODY)
    ),
    "currency_rates": _feed("Sales.CurrencyRate", "CurrencyRateID", null_key("CurrencyRateID", "currency_rate_id")),
}
