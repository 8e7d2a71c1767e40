"""DDL strings (`name STRING, amount DECIMAL(19,4)`) read without an engine."""

from __future__ import annotations

import re

import pyarrow as pa

_ARROW = {
    "STRING": pa.string(),
    "INT": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}


def fields(ddl: str) -> dict[str, str]:
    """Column names and their SQL types, in order.

    Raises:
        ValueError: a column is named twice, or a part is not `name TYPE`.
    """
    found: dict[str, str] = {}
    for part in re.split(r",(?![^(<]*[)>])", ddl):
        if not part.strip():
            continue
        name, _, sql_type = part.strip().partition(" ")
        if name in found or not sql_type:
            raise ValueError(f"bad DDL: {part.strip()!r}")
        found[name] = sql_type.strip().upper()
    return found


def arrow_type(sql_type: str) -> pa.DataType:
    """The Arrow type a Delta table stores `sql_type` as."""
    if sql_type in _ARROW:
        return _ARROW[sql_type]
    if match := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", sql_type):
        return pa.decimal128(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"ARRAY<(.+)>", sql_type):
        return pa.list_(arrow_type(match[1]))
    raise ValueError(f"no such type in c360's tables: {sql_type}")


def arrow_schema(ddl: str) -> pa.Schema:
    """The Arrow schema of a DDL string, every column nullable."""
    return pa.schema([pa.field(name, arrow_type(sql_type)) for name, sql_type in fields(ddl).items()])
