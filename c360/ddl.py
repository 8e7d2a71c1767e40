"""DDL strings (`name STRING, amount DECIMAL(19,4)`) read without an engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

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
    """Column names and their SQL types, in order; the types as Delta's own schema gives them, `DECIMAL(19,4)`.

    Raises:
        ValueError: a column is named twice, or a part is not `name TYPE`.
    """
    found: dict[str, str] = {}
    for part in re.split(r",(?![^(<]*[)>])", ddl):
        if not part.strip():
            continue
        name, *sql_type = part.split(maxsplit=1)
        if not sql_type:
            raise ValueError(f"bad DDL: {part.strip()!r} has no type")
        if name.lower() in map(str.lower, found):
            raise ValueError(f"bad DDL: the column {name} is there twice")
        found[name] = re.sub(r"\s", "", sql_type[0]).upper()
    return found


def arrow_type(sql_type: str) -> pa.DataType:
    """The Arrow type a Delta table stores `sql_type` as."""
    if sql_type in _ARROW:
        return _ARROW[sql_type]
    if match := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", sql_type):
        return pa.decimal128(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"ARRAY<(.+)>", sql_type):
        return pa.list_(arrow_type(match[1]))
    raise ValueError(f"no such type in c360's tables: {sql_type}")


def arrow_schema(ddl: str) -> pa.Schema:
    """The Arrow schema of a DDL string, every column nullable."""
    return pa.schema([pa.field(name, arrow_type(sql_type)) for name, sql_type in fields(ddl).items()])


def mismatch(name: str, found: Iterable[str] | Mapping[str, str], declared: Mapping[str, str]) -> str:
    """A sentence about how the columns found differ from those declared."""
    have = found if isinstance(found, Mapping) else {c: declared.get(c, "") for c in found}
    missing = [f"{c} {t}" for c, t in declared.items() if c not in have]
    extra = [c for c in have if c not in declared]
    other = [f"{c} is {have[c]}, declared {t}" for c, t in declared.items() if c in have and have[c] != t]
    parts = [
        f"{label}: {', '.join(items)}"
        for label, items in (("missing", missing), ("not declared", extra), ("of another type", other))
        if items
    ]
    return f"{name} does not have the declared columns; {'; '.join(parts) or 'a column is there twice'}"


def sql_type_of(json_text: str) -> str:
    """The SQL name of a type as Delta's own schema writes it."""
    text = json_text.strip('"').upper()
    if text.startswith("{"):
        return f"ARRAY<{sql_type_of(json.dumps(json.loads(json_text)['elementType']))}>"
    return {"INTEGER": "INT", "LONG": "BIGINT"}.get(text, text.replace(" ", ""))
