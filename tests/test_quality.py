"""`ops.data_quality`: what each run says of the data it took in."""

from __future__ import annotations

import json
from pathlib import Path

from c360.ddl import fields
from c360.lake import Lake
from c360.quality import COLUMNS, QUALITY, SCHEMA
from tests.corner_shop import DAY_1, DAY_2, deliver, shop
from tests.input.commands import Sail


def test_every_run_says_how_good_each_tables_data_are(tmp_path: Path, sail: Sail) -> None:
    where = shop(tmp_path, sail)
    deliver(where, DAY_1)
    where.made("--only", "silver_shop.orders")
    lines = {row["table_name"]: row for row in Lake(where.lake).rows(QUALITY)}
    orders = lines["orders"]
    assert (orders["read"], orders["valid"], orders["quarantined"], orders["inserted"]) == (7, 5, 2, 5)
    assert (orders["silver_rows"], orders["deleted_rows"], orders["quarantine_rows"]) == (5, 0, 2)
    assert json.loads(orders["quarantine_reasons"]) == {
        "accepted:status": 1,
        "rule:amount_positive": 1,
        "type:amount": 1,
    }
    assert json.loads(orders["reference_hits"]) == {"customer_id": 0.75}
    assert f"{orders['newest_delivered_at']:%Y-%m-%d}" == "2025-03-01"
    assert json.loads(lines["customers"]["reference_hits"]) == {}

    deliver(where, DAY_2)
    where.made("--only", "silver_shop.orders")
    rows = [row for row in Lake(where.lake).rows(QUALITY) if row["table_name"] == "orders"]
    rows.sort(key=lambda row: row["at"])
    assert len({row["run_id"] for row in rows}) == 2
    assert json.loads(rows[-1]["reference_hits"]) == {"customer_id": 1.0}

    where.made("--only", "silver_shop.orders")
    assert len([row for row in Lake(where.lake).rows(QUALITY) if row["table_name"] == "orders"]) == 2


def test_every_column_is_described() -> None:
    assert list(COLUMNS) == list(fields(SCHEMA))
