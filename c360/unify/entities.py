"""The unified model: what every source's tables are mapped to.

`customers` and `customer_records` are Delta tables (c360.identity); all others are views over silver, so that two
persons merging rewrites one small table and no fact. Ids are strings, whatever the source; the grain always includes
`source`. A column a source cannot fill is null.
"""

from __future__ import annotations

from dataclasses import dataclass

from c360.ddl import fields


@dataclass(frozen=True)
class Entity:
    """A unified view: one row per `grain`, from the mappings of all sources.

    Args:
        mapped: DDL of what a source's mapping may fill (besides `source`).
        added: DDL of what c360 adds to it.
        event_at: the mapped column that says when it happened; later than as_of is not seen in gold.
        local_time: the added column that holds `event_at` in the source's time zone.
        alone: the added column that is true where a mapping fills the last column of the grain with a constant, so that
            what counts by the others need not look for doubles.
        month: the added column that holds the (UTC) month of `event_at` as a number, such as 202503.
        sets_as_of: its latest event is a candidate for as_of.
        versions_of: the entity whose rows it has in every version that was ever known, where their silver table keeps
            its history; others as they are now.
    """

    name: str
    grain: tuple[str, ...]
    mapped: str
    added: str = ""
    event_at: str | None = None
    local_time: str | None = None
    month: str | None = None
    alone: str | None = None
    sets_as_of: bool = False
    versions_of: str | None = None

    @property
    def mapped_columns(self) -> dict[str, str]:
        """Name and SQL type of what a mapping may fill."""
        return fields(self.mapped)

    @property
    def columns(self) -> dict[str, str]:
        """Name and SQL type of every column."""
        return fields(self.schema)

    @property
    def schema(self) -> str:
        """DDL of the whole view."""
        return ", ".join(part for part in ("source STRING", self.mapped, self.added) if part)


PROFILE = """
    customer_type STRING, full_name STRING, first_name STRING, last_name STRING, email STRING, phone STRING,
    date_of_birth DATE, gender STRING, address STRING, city STRING, region STRING, zip_code STRING, country STRING,
    registered_on DATE"""

ENTITIES = {
    entity.name: entity
    for entity in (
        Entity(
            "source_customers",
            ("source", "customer_id"),
            f"customer_id STRING, {PROFILE}, updated_at TIMESTAMP",
        ),
        Entity(
            "source_customer_versions",
            ("source", "customer_id", "valid_from"),
            f"customer_id STRING, {PROFILE}, updated_at TIMESTAMP",
            added="valid_from TIMESTAMP, valid_to TIMESTAMP",
            versions_of="source_customers",
        ),
        Entity(
            "products",
            ("source", "product_id"),
            """product_id STRING, product_name STRING, category STRING, subcategory STRING, brand STRING,
            list_price DECIMAL(19,4), unit_cost DECIMAL(19,4), status STRING""",
        ),
        Entity(
            "stores",
            ("source", "store_id"),
            """store_id STRING, store_name STRING, location STRING, city STRING, region STRING, country STRING,
            manager_name STRING, open_hours STRING""",
        ),
        Entity(
            "agents",
            ("source", "agent_id"),
            "agent_id STRING, agent_name STRING, department STRING, shift STRING",
        ),
        Entity(
            "orders",
            ("source", "order_id"),
            """order_id STRING, customer_id STRING, channel STRING, ordered_at TIMESTAMP, store_id STRING,
            status STRING, payment_method STRING, currency STRING, total_amount DECIMAL(19,4),
            subtotal_amount DECIMAL(19,4), tax_amount DECIMAL(19,4), discount_amount DECIMAL(19,4),
            shipping_amount DECIMAL(19,4), territory STRING, region_id STRING""",
            added="""is_revenue BOOLEAN, reporting_amount DECIMAL(19,4), ordered_local_at TIMESTAMP, ordered_month INT,
            c360_id STRING""",
            event_at="ordered_at",
            month="ordered_month",
            local_time="ordered_local_at",
            sets_as_of=True,
        ),
        Entity(
            "order_lines",
            ("source", "order_id", "order_line_id"),
            # what the order says of itself is repeated here, which spares joining all lines with all orders
            """order_id STRING, order_line_id STRING, customer_id STRING, ordered_at TIMESTAMP, store_id STRING,
            status STRING, product_id STRING, quantity INT, unit_price DECIMAL(19,4), discount_amount DECIMAL(19,4),
            line_amount DECIMAL(19,4), promotion_id STRING""",
            added="is_revenue BOOLEAN, ordered_month INT, is_only_line BOOLEAN, c360_id STRING",
            event_at="ordered_at",
            month="ordered_month",
            alone="is_only_line",
        ),
        Entity(
            "interactions",
            ("source", "interaction_id"),
            """interaction_id STRING, customer_id STRING, agent_id STRING, channel STRING, issue_type STRING,
            priority STRING, status STRING, opened_at TIMESTAMP, resolved_at TIMESTAMP, is_resolved BOOLEAN,
            satisfaction_score INT""",
            added="c360_id STRING",
            event_at="opened_at",
            sets_as_of=True,
        ),
        Entity(
            "loyalty_accounts",
            ("source", "loyalty_id"),
            "loyalty_id STRING, customer_id STRING, tier STRING, points_earned BIGINT, joined_on DATE",
            added="c360_id STRING",
        ),
        Entity(
            "loyalty_events",
            ("source", "loyalty_id", "occurred_at"),
            "loyalty_id STRING, occurred_at TIMESTAMP, points_change BIGINT, reason STRING",
            event_at="occurred_at",
        ),
        Entity(
            "sessions",
            ("source", "session_id"),
            """session_id STRING, customer_id STRING, channel STRING, device STRING, started_at TIMESTAMP,
            duration_seconds INT, pages_viewed INT, actions INT""",
            added="c360_id STRING",
            event_at="started_at",
            sets_as_of=True,
        ),
        Entity(
            "shipments",
            ("source", "shipment_id"),
            """shipment_id STRING, order_id STRING, carrier STRING, service_level STRING, status STRING,
            shipped_on DATE, promised_on DATE, delivered_on DATE, shipping_cost DECIMAL(19,4), weight_kg DECIMAL(19,4),
            origin STRING, destination STRING""",
        ),
        Entity(
            "shipment_events",
            ("source", "event_id"),
            """event_id STRING, shipment_id STRING, occurred_at TIMESTAMP, event_type STRING, location STRING,
            description STRING""",
            event_at="occurred_at",
        ),
        Entity(
            "inventory",
            ("source", "inventory_id"),
            """inventory_id STRING, product_id STRING, location_id STRING, stock INT, reserved INT, reorder_point INT,
            max_stock INT, updated_at TIMESTAMP""",
        ),
        Entity(
            "suppliers",
            ("source", "supplier_id"),
            """supplier_id STRING, supplier_name STRING, contact_name STRING, email STRING, phone STRING,
            country STRING, payment_terms STRING, rating DECIMAL(5,2)""",
        ),
        Entity(
            "product_suppliers",
            ("source", "product_id", "supplier_id"),
            """product_id STRING, supplier_id STRING, is_primary BOOLEAN, unit_cost DECIMAL(19,4),
            lead_time_days INT""",
        ),
        Entity(
            "locations",
            ("source", "location_id"),
            """location_id STRING, location_name STRING, location_type STRING, city STRING, region STRING,
            country STRING, capacity_cubic_meters INT, manager_name STRING""",
        ),
        Entity(
            "region_sales",
            ("source", "region_id", "sold_on"),
            """region_id STRING, sold_on DATE, region_name STRING, country STRING, revenue DECIMAL(19,4), orders INT,
            average_order_value DECIMAL(19,4)""",
        ),
        Entity(
            "promotions",
            ("source", "promotion_id"),
            """promotion_id STRING, promotion_name STRING, promotion_type STRING, category STRING,
            discount_share DECIMAL(9,6), starts_on DATE, ends_on DATE, min_quantity INT, max_quantity INT""",
        ),
        Entity(
            "returns",
            ("source", "return_id"),
            """return_id STRING, order_id STRING, order_line_id STRING, customer_id STRING, product_id STRING,
            returned_at TIMESTAMP, quantity INT, refund_amount DECIMAL(19,4), reason STRING""",
            added="c360_id STRING",
            event_at="returned_at",
        ),
        Entity(
            "reviews",
            ("source", "review_id"),
            """review_id STRING, customer_id STRING, product_id STRING, rating INT, review_text STRING,
            reviewed_at TIMESTAMP""",
            added="c360_id STRING",
            event_at="reviewed_at",
        ),
        Entity(
            "consents",
            ("source", "customer_id", "channel", "purpose"),
            """customer_id STRING, channel STRING, purpose STRING, is_granted BOOLEAN, stated_at TIMESTAMP""",
            added="c360_id STRING",
            event_at="stated_at",
        ),
        Entity(
            "currency_rates",
            ("source", "from_currency", "to_currency", "rated_on"),
            "from_currency STRING, to_currency STRING, rated_on DATE, rate DECIMAL(19,8)",
        ),
    )
}

MAPPABLE = {name: entity for name, entity in ENTITIES.items() if not entity.versions_of}
"""Those that a source's YAML maps."""

MAPPED_AS = {"customers": "source_customers"}
"""What a source's YAML calls `customers` are its own records; the golden customers are made from them."""
