"""Literal rows in, whole results out.

Rows are dicts: a column left out is null; decimals, dates and (UTC) timestamps are written as text. Results are sorted
tuples with decimals and times as text again, so that what a test says can be read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from c360.ddl import fields
from c360.registry import load
from c360.unify.entities import ENTITIES


def frame(spark: SparkSession, schema: str, *rows: dict[str, Any]) -> DataFrame:
    """A frame of that schema."""
    types = fields(schema)
    for row in rows:
        assert set(row) <= set(types), f"no such columns: {set(row) - set(types)}"
    data = [tuple(_value(row.get(name), sql_type) for name, sql_type in types.items()) for row in rows]
    return spark.createDataFrame(data, ", ".join(f"`{name}` {sql_type}" for name, sql_type in types.items()))


def unified(spark: SparkSession, name: str, *rows: dict[str, Any]) -> DataFrame:
    """A unified view or table; `source` is retail where a row does not say."""
    schema = ENTITIES[name].schema if name in ENTITIES else load()[f"unified.{name}"].schema
    default: dict[str, Any] = {"source": "retail"} if "source" in fields(schema) else {}
    if name == "order_lines":
        default["is_only_line"] = False
    if name == "orders":  # as without a reporting currency
        rows = tuple({"reporting_amount": row.get("total_amount"), **row} for row in rows)
    return frame(spark, schema, *(default | row for row in rows))


def with_lines(views: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The views, each order line saying what its order says of itself, as the mapping of a source does."""
    orders = {(o.get("source"), o["order_id"]): o for o in views.get("orders", [])}
    lines = []
    for line in views.get("order_lines", []):
        order = orders[line.get("source"), line["order_id"]]
        said = {k: order[k] for k in ("customer_id", "c360_id", "is_revenue", "store_id", "ordered_at") if k in order}
        lines.append(said | line)
    return views | {"order_lines": lines}


def gold(spark: SparkSession, name: str, *rows: dict[str, Any]) -> DataFrame:
    """A mart that is another's input."""
    return frame(spark, load()[f"gold.{name}"].schema, *rows)


def result(rows: DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """All rows, of these columns or of all, sorted."""
    chosen = rows.select(*columns) if columns else rows
    shown = chosen.select(
        *(
            F.date_format(name, "yyyy-MM-dd HH:mm:ss").alias(name) if kind == "timestamp" else F.col(name)
            for name, kind in chosen.dtypes
        )
    )
    found = [tuple(_shown(value) for value in row) for row in shown.collect()]
    return sorted(found, key=lambda row: tuple((value is None, str(value)) for value in row))


def _value(value: Any, sql_type: str) -> Any:
    if not isinstance(value, str) or sql_type == "STRING":
        return value
    if sql_type == "TIMESTAMP":
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return date.fromisoformat(value) if sql_type == "DATE" else Decimal(value)


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
