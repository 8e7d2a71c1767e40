"""Who somebody is, covered: what a page shows unless it was started with `--show-pii`."""

from __future__ import annotations

import re
from typing import Any

from c360.dashboard.tables import Row
from c360.lake import Lake

COVER = "•••"

_EMAIL = re.compile(r"([^@])[^@]*@([^@])[^@]*?(\.[^.@]+)?")

_NAMES = ("full_name", "first_name", "last_name", "name")


def personal(lake: Lake, name: str) -> frozenset[str]:
    """The columns of a table that say who somebody is: those of which it keeps no statistics.

    So the table itself knows, whatever conf/ says by now; a list or a partition column is among them as well.
    """
    table = lake.table(name)
    counted = table.metadata().configuration.get("delta.dataSkippingStatsColumns")
    columns = {field.name for field in table.schema().fields}
    return frozenset(columns - set(counted.split(",")) if counted is not None else columns)


def covered(column: str, value: Any) -> Any:
    """A personal value such that two people can just be told apart: `A. L.`, `a•••@e•••.com`, `•••98`."""
    if value is None:
        return None
    text = str(value)
    if found := _EMAIL.fullmatch(text.strip()):
        return f"{found[1]}{COVER}@{found[2]}{COVER}{found[3] or ''}"
    if column in _NAMES or column.endswith("_name"):
        return " ".join(f"{part[0]}." for part in text.split()[:3]) or COVER
    if "phone" in column:
        return f"{COVER}{text[-2:]}"
    return COVER


def cover(row: Row, columns: frozenset[str]) -> Row:
    """The row with its personal columns covered."""
    return {name: covered(name, value) if name in columns else value for name, value in row.items()}
