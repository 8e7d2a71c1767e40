"""The source `domains`: fourteen CSV files in four folders, with flags, blanks written as N/A, refunds and orphans."""

# ruff: noqa: E501 - the lines of the files are as long as they are

from __future__ import annotations

import pytest

from tests.sources.runs import Source

pytestmark = pytest.mark.slow_on_spark

FILES = {
    "customer/customers": """\
        customer_id,first_name,last_name,email,phone,date_of_birth,gender,registration_date,customer_segment,preferred_channel,address_line1,city,state,zip_code,country
        CUST001,Ann,Lee,Ann.Lee@Mail.Test,+1-555-0101,1985-03-15,F,2020-01-15 22:30:00,Premium,online,"1 Main St, Apt 2",Seattle,WA,98101,USA
        CUST002,,Low,,(206) 555-0102,,O,2019-05-20 14:15:00,Basic,store,,Portland,ME,04101,USA
        CUST003,Cleo,May,cleo@mail.test,,1990-02-30,X,2019-05-20 14:15:00,Gold,store,,,,,
        CUST004,Dan,,dan@mail.test,+44 20 5555 2004,,,,,,,,,,UK
        """,
    "customer/loyalty_program": """\
        customer_id,loyalty_tier,points_balance,points_earned_ytd,points_redeemed_ytd,tier_start_date,lifetime_value
        CUST001,Platinum,15420,28450,13030,2023-01-01,12500.75
        CUST009,Bronze,0,0,0,2023-01-01,0
        CUST002,bronze,-1,0,1,2023-01-01,0
        """,
    "customer/support_tickets": """\
        ticket_id,customer_id,created_date,resolved_date,category,priority,status,channel,satisfaction_score
        TKT001,CUST001,2024-01-15 09:30:00,2024-01-15 14:22:00,billing,medium,resolved,email,4
        TKT002,CUST002,2024-07-18 11:15:00,,product,urgent,in_progress,phone,
        TKT003,CUST002,2024-07-18 11:15:00,2024-07-18 11:15:00,product,low,closed,chat,0
        TKT004,,2024-07-18 11:15:00,2024-07-18 11:14:00,product,low,closed,fax,5
        """,
    "customer/app_usage": """\
        usage_id,customer_id,session_date,session_start,session_duration_minutes,pages_viewed,actions_taken,device_type,app_version
        USG001,CUST001,2024-06-01,2024-05-31 19:30:00,12,12,8,ios,3.2.1
        USG002,CUST002,2024-06-02,2024-06-02 19:15:00,,18,,web,3.2.1
        USG003,CUST002,2024-06-02,2024-06-02 19:15:00,12 min,-1,,tv,
        """,
    "sales/transactions": """\
        transaction_id,customer_id,transaction_date,channel,store_id,payment_method,subtotal,tax_amount,discount_amount,total_amount,currency,status
        TXN001,CUST001,2024-05-15 14:30:00,online,,credit_card,299.98,24.00,30.00,293.98,USD,completed
        TXN002,CUST002,2024-05-16 10:15:00,store,ST001,cash,20.00,1.60,0.00,21.60,USD,refunded
        TXN003,,2024-05-16 10:15:00,store,ST009,cash,5.00,,,5.00,USD,completed
        TXN004,CUST002,2024-05-17 10:15:00,mobile,,cash,5.00,0.40,0.00,5.40,usd,lost
        TXN005,CUST004,2024-05-18 10:15:00,mobile,,cash,5.00,0.40,0.00,5.50,USD,cancelled
        """,
    "sales/transaction_items": """\
        item_id,transaction_id,product_id,quantity,unit_price,line_total,discount_applied
        ITM001,TXN001,PRD001,2,149.99,299.98,30.00
        ITM002,TXN002,PRD002,1,15.00,15.00,0.00
        ITM003,TXN002,PRD009,5,1.00,5.00,
        ITM004,TXN004,PRD001,1,5.00,5.00,0.00
        ITM005,TXN001,PRD001,2,5.00,5.00,6.00
        """,
    "sales/regional_sales": """\
        region_id,region_name,country,sales_date,total_revenue,total_transactions,average_order_value
        RGN001,Pacific Northwest,USA,2024-05-15,8250.75,45,183.35
        RGN001,Pacific Northwest,USA,2024-05-16,8950.20,48,186.46
        RGN001,Pacific Northwest,USA,2024-05-16,8950.30,48,186.46
        """,
    "products/products": """\
        product_id,product_name,category,subcategory,brand,price,cost,weight_kg,dimensions,color,size,created_date,status
        PRD001,Headphones,Electronics,Audio,SoundTech,149.99,89.99,0.350,20x18x8 cm,Black,One Size,2023-01-15,active
        PRD002,Scarf,Accessories,Scarves,LuxStyle,15,,0.1,N/A,N/A,N/A,2023-04-25,seasonal
        """,
    "products/inventory": """\
        inventory_id,product_id,location_id,stock_quantity,reserved_quantity,reorder_point,max_stock_level,last_updated
        INV001,PRD001,WH001,150,25,50,300,2024-06-15 09:30:00
        INV001,PRD001,WH001,140,25,50,300,2024-06-14 09:30:00
        INV002,PRD001,WH009,1,0,0,0,2024-06-15 09:30:00
        """,
    "products/suppliers": """\
        supplier_id,supplier_name,contact_person,email,phone,address,country,payment_terms,quality_rating
        SUP001,TechComponents Inc,John Smith,J.Smith@tech.test,+44-20-5555-2004,1 Industrial Blvd,UK,Net 30,4.5
        SUP002,Loose Ends,,,555-2002,,,,5.01
        """,
    "products/product_suppliers": """\
        product_id,supplier_id,is_primary,cost_price,lead_time_days
        PRD001,SUP001,true,89.99,14
        PRD002,SUP001,No,7.5,
        PRD002,SUP002,maybe,7.5,3
        """,
    "logistics/warehouse_locations": """\
        location_id,location_name,location_type,address,city,state,country,capacity_cubic_meters,manager_name
        WH001,Seattle Center,distribution_center,1000 Commerce Blvd,Seattle,WA,USA,50000,Jen Martin
        ST001,Main Store,store,456 Pike St,Oakland,CA,USA,500,Sam Johns
        """,
    "logistics/shipments": """\
        shipment_id,transaction_id,tracking_number,carrier,service_level,origin_location,destination_address,weight_kg,dimensions,ship_date,estimated_delivery,actual_delivery,delivery_status,shipping_cost
        SHP001,TXN001,1Z999,UPS,standard,WH001,1 Main St Seattle WA,1.2,25x20x10 cm,2024-05-16,2024-05-20,2024-05-19,delivered,12.50
        SHP002,TXN099,0400109876543210987654,USPS,overnight,,,,N/A,2024-05-18,,,in_transit,
        SHP003,TXN002,1Z998,UPS,slow,WH001,,,,2024-05-18,,2024-05-17,delivered,-1
        """,
    "logistics/tracking_events": """\
        event_id,shipment_id,event_timestamp,event_type,location,description,carrier_status
        EVT001,SHP001,2024-05-16 08:30:00,picked_up,Seattle WA,Package picked up,IP
        EVT002,SHP001,2024-05-31 20:22:00,delivered,"San Francisco, CA","Left at door,
        by the plants",DL
        EVT003,SHP009,2024-05-16 08:30:00,lost,Unknown,,
        """,
}


@pytest.fixture(scope="module")
def domains(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Source:
    source = Source("domains", tmp_path_factory.mktemp("domains"), spark)  # type: ignore[arg-type]
    for name, text in FILES.items():
        source.land(f"{name}_2025-03-01.csv", text)
    source.run()
    return source


def test_what_does_not_fit_is_set_aside_with_every_reason(domains: Source) -> None:
    found = {table: domains.rejected(table) for table in domains.config.sources["domains"].tables}
    assert {table: rows for table, rows in found.items() if rows} == {
        "customers": {"CUST003": "type:date_of_birth; accepted:gender; accepted:customer_segment"},
        "loyalty_program": {"CUST002": "accepted:loyalty_tier; rule:points_not_negative"},
        "support_tickets": {
            "TKT003": "rule:satisfaction_from_1_to_5",
            "TKT004": "accepted:channel; rule:resolved_after_created",
        },
        "app_usage": {"USG003": "type:session_duration_minutes; accepted:device_type; rule:counts_not_negative"},
        "transactions": {
            "TXN004": "accepted:status; rule:currency_has_three_letters",
            "TXN005": "rule:total_adds_up",
        },
        "transaction_items": {"ITM005": "rule:line_adds_up; rule:discount_within_line"},
        "suppliers": {"SUP002": "rule:rating_from_1_to_5"},
        "product_suppliers": {"PRD002 SUP002": "type:is_primary"},
        "shipments": {"SHP003": "accepted:service_level; rule:delivered_after_shipped; rule:cost_not_negative"},
    }


def test_what_refers_to_nothing_stays_and_is_flagged(domains: Source) -> None:
    declared = domains.config.sources["domains"].tables
    flagged = {t: [r for r in domains.silver(t, *declared[t].key, "_orphan") if r[-1]] for t in declared}
    assert {table: rows for table, rows in flagged.items() if rows} == {
        "loyalty_program": [("CUST009", "customer_id")],
        "inventory": [("INV002", "location_id")],
        "transactions": [("TXN003", "store_id")],
        "transaction_items": [("ITM003", "product_id"), ("ITM004", "transaction_id")],
        "shipments": [("SHP002", "transaction_id")],
        "tracking_events": [("EVT003", "shipment_id")],
    }


def test_customers_and_what_is_derived_of_them(domains: Source) -> None:
    columns = ("customer_id", "email_domain", "phone_e164", "phone_country_code", "registration_date", "registered_on")
    assert domains.silver("customers", *columns) == [
        ("CUST001", "mail.test", "+15550101", "1", "2020-01-16 04:30:00", "2020-01-15"),
        ("CUST002", None, "+12065550102", "1", "2019-05-20 19:15:00", "2019-05-20"),
        ("CUST004", "mail.test", "+442055552004", "44", None, None),
    ]
    names = ("customer_id", "full_name", "first_name", "last_name", "email", "phone", "date_of_birth", "gender")
    assert domains.unified("source_customers", *names) == [
        ("CUST001", "Ann Lee", "Ann", "Lee", "ann.lee@mail.test", "+15550101", "1985-03-15", "F"),
        ("CUST002", "Low", None, "Low", None, "+12065550102", None, "O"),
        ("CUST004", "Dan", "Dan", None, "dan@mail.test", "+442055552004", None, None),
    ]
    places = ("customer_id", "address", "city", "region", "zip_code", "country", "registered_on", "updated_at")
    assert domains.unified("source_customers", *places) == [
        ("CUST001", "1 Main St, Apt 2", "Seattle", "WA", "98101", "USA", "2020-01-15", "2025-03-01 00:00:00"),
        ("CUST002", None, "Portland", "ME", "04101", "USA", "2019-05-20", "2025-03-01 00:00:00"),
        ("CUST004", None, None, None, None, "UK", None, "2025-03-01 00:00:00"),
    ]
    assert domains.filled("source_customers") == {"customer_type", *names, *places}
    assert domains.unified("loyalty_accounts", "loyalty_id", "customer_id", "tier", "points_earned", "joined_on") == [
        ("CUST001", "CUST001", "Platinum", 28450, None),
        ("CUST009", "CUST009", "Bronze", 0, None),
    ]


def test_service_and_sessions_in_hours_and_seconds(domains: Source) -> None:
    columns = ("ticket_id", "created_date", "resolved_date", "resolved_in_hours")
    assert domains.silver("support_tickets", *columns) == [
        ("TKT001", "2024-01-15 15:30:00", "2024-01-15 20:22:00", "4.87"),  # winter: six hours behind UTC
        ("TKT002", "2024-07-18 16:15:00", None, None),  # summer: five
    ]
    columns = ("interaction_id", "channel", "issue_type", "priority", "status", "is_resolved", "satisfaction_score")
    assert domains.unified("interactions", *columns) == [
        ("TKT001", "email", "billing", "medium", "resolved", True, 4),
        ("TKT002", "phone", "product", "urgent", "in_progress", False, None),
    ]
    columns = ("session_id", "channel", "device", "started_at", "duration_seconds", "pages_viewed", "actions")
    assert domains.unified("sessions", *columns) == [
        ("USG001", "app", "ios", "2024-06-01 00:30:00", 720, 12, 8),
        ("USG002", "web", "web", "2024-06-03 00:15:00", None, 18, None),
    ]


def test_orders_their_lines_and_what_came_back(domains: Source) -> None:
    columns = ("order_id", "customer_id", "channel", "store_id", "total_amount", "subtotal_amount", "region_id")
    assert domains.unified("orders", *columns, "is_revenue") == [
        ("TXN001", "CUST001", "online", None, "293.9800", "299.9800", "RGN001", True),
        ("TXN002", "CUST002", "store", "ST001", "21.6000", "20.0000", "RGN002", False),  # of the store, not of Maine
        ("TXN003", None, "store", "ST009", "5.0000", "5.0000", None, True),
    ]
    assert domains.filled("orders") == {
        "ordered_at",
        "status",
        "payment_method",
        "currency",
        "tax_amount",
        "discount_amount",
        *columns,
    }
    columns = ("order_id", "order_line_id", "customer_id", "product_id", "quantity", "discount_amount", "line_amount")
    assert domains.unified("order_lines", *columns) == [
        ("TXN001", "ITM001", "CUST001", "PRD001", 2, "30.0000", "269.9800"),
        ("TXN002", "ITM002", "CUST002", "PRD002", 1, "0.0000", "15.0000"),
        ("TXN002", "ITM003", "CUST002", "PRD009", 5, None, "5.0000"),
    ]
    columns = ("return_id", "order_id", "customer_id", "product_id", "quantity", "refund_amount", "returned_at")
    assert domains.unified("returns", *columns) == [
        ("ITM002", "TXN002", "CUST002", "PRD002", 1, "15.0000", None),
        ("ITM003", "TXN002", "CUST002", "PRD009", 5, "5.0000", None),
    ]


def test_products_suppliers_and_stock(domains: Source) -> None:
    columns = ("product_id", "weight_kg", "dimensions", "color", "size", "created_date")
    assert domains.silver("products", *columns) == [
        ("PRD001", "0.350", "20x18x8 cm", "Black", "One Size", "2023-01-15"),
        ("PRD002", "0.100", None, None, None, "2023-04-25"),
    ]
    columns = ("product_id", "product_name", "category", "subcategory", "brand", "list_price", "unit_cost", "status")
    assert domains.unified("products", *columns) == [
        ("PRD001", "Headphones", "Electronics", "Audio", "SoundTech", "149.9900", "89.9900", "active"),
        ("PRD002", "Scarf", "Accessories", "Scarves", "LuxStyle", "15.0000", None, "seasonal"),
    ]
    columns = ("supplier_id", "contact_name", "email", "phone", "country", "payment_terms", "rating")
    assert domains.unified("suppliers", *columns) == [
        ("SUP001", "John Smith", "j.smith@tech.test", "+442055552004", "UK", "Net 30", "4.50")
    ]
    assert domains.unified("product_suppliers", "product_id", "supplier_id", "is_primary", "unit_cost") == [
        ("PRD001", "SUP001", True, "89.9900"),
        ("PRD002", "SUP001", False, "7.5000"),
    ]
    columns = ("inventory_id", "product_id", "location_id", "stock", "reserved", "updated_at")
    assert domains.unified("inventory", *columns) == [
        ("INV001", "PRD001", "WH001", 150, 25, "2024-06-15 14:30:00"),  # the row that was updated last
        ("INV002", "PRD001", "WH009", 1, 0, "2024-06-15 14:30:00"),
    ]


def test_places_parcels_and_regions(domains: Source) -> None:
    columns = ("location_id", "location_type", "city", "region", "capacity_cubic_meters", "manager_name")
    assert domains.unified("locations", *columns) == [
        ("ST001", "store", "Oakland", "CA", 500, "Sam Johns"),
        ("WH001", "distribution_center", "Seattle", "WA", 50000, "Jen Martin"),
    ]
    assert domains.unified("stores", "store_id", "store_name", "location", "region", "manager_name") == [
        ("ST001", "Main Store", "456 Pike St, Oakland, CA", "CA", "Sam Johns")
    ]
    columns = ("shipment_id", "order_id", "status", "shipped_on", "promised_on", "delivered_on", "weight_kg", "origin")
    assert domains.unified("shipments", *columns) == [
        ("SHP001", "TXN001", "delivered", "2024-05-16", "2024-05-20", "2024-05-19", "1.2000", "WH001"),
        ("SHP002", "TXN099", "in_transit", "2024-05-18", None, None, None, None),
    ]
    assert domains.silver("tracking_events", "event_id", "event_month", "city", "region") == [
        ("EVT001", 202405, "Seattle", "WA"),
        ("EVT002", 202406, "San Francisco", "CA"),
        ("EVT003", 202405, None, None),
    ]
    assert domains.unified("shipment_events", "event_id", "occurred_at", "event_type", "description") == [
        ("EVT001", "2024-05-16 13:30:00", "picked_up", "Package picked up"),
        ("EVT002", "2024-06-01 01:22:00", "delivered", "Left at door,\nby the plants"),
        ("EVT003", "2024-05-16 13:30:00", "lost", None),
    ]
    assert domains.unified("region_sales", "region_id", "sold_on", "revenue", "orders", "average_order_value") == [
        ("RGN001", "2024-05-15", "8250.7500", 45, "183.3500"),
        ("RGN001", "2024-05-16", "8950.3000", 48, "186.4600"),  # the last of a key in a file
    ]
