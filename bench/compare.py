"""Are the gold tables of two lakes the same?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

COUNT, MONEY, TEXT = "BIGINT", "DECIMAL(19,2)", "VARCHAR"

COMPARED = {
    "rfm": {
        "c360_id": TEXT,
        "recency_days": COUNT,
        "frequency": COUNT,
        "monetary": MONEY,
        "rfm_score": TEXT,
        "segment": TEXT,
        "tier": TEXT,
    },
    "peak_times": {
        "source": TEXT,
        "channel": TEXT,
        "weekday": COUNT,
        "weekday_name": TEXT,
        "hour": COUNT,
        "orders": COUNT,
        "revenue": MONEY,
        "rank_in_channel": COUNT,
    },
    "average_order_value": {
        "source": TEXT,
        "dimension": TEXT,
        "key": TEXT,
        "name": TEXT,
        "orders": COUNT,
        "revenue": MONEY,
        "average_order_value": MONEY,
    },
    "customer_segments": {
        "c360_id": TEXT,
        "spend": MONEY,
        "frequency": COUNT,
        "best_loyalty_tier": TEXT,
        "spend_percentile": MONEY,
        "segment": TEXT,
    },
}
"""Table → column → what it is compared as: counts and text exactly, money to the cent."""


@dataclass(frozen=True)
class Comparison:
    """What two tables have in common.

    Attributes:
        rows: Rows in the one and in the other.
        differing: The first rows that only one of them has, each beginning with that one's name; none: they are equal.
        missing: The compared columns that one of them lacks, each with that one's name.
    """

    table: str
    rows: tuple[int, int]
    differing: list[tuple[object, ...]]
    missing: list[str]

    @property
    def is_equal(self) -> bool:
        """No row differs and no column is missing."""
        return not self.differing and not self.missing


def read(table: Path) -> pa.Table:
    """A Delta table. Not by pyarrow's datasets: their threads may end the process with an abort when it is done."""
    return pa.table(QueryBuilder().register("t", DeltaTable(table)).execute("SELECT * FROM t").read_all())


def compare(table: str, ours: tuple[str, Path], theirs: tuple[str, Path], limit: int = 5) -> Comparison:
    """Compare a gold table of two lakes, as bags of rows over the columns of `COMPARED`.

    Args:
        table: Its name in `gold`.
        ours: A name and the folder of a lake.
        theirs: Another name and folder.
        limit: At most so many differing rows of each are returned.
    """
    columns = COMPARED[table]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows, missing = [], []
        for side, (name, lake) in (("ours", ours), ("theirs", theirs)):
            data = read(lake / "gold" / table)
            rows.append(data.num_rows)
            missing += [f"{name}: {column}" for column in columns if column not in data.column_names]
            connection.register(f"{side}_table", data)
        if missing:
            return Comparison(table, (rows[0], rows[1]), [], missing)
        casts = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in columns.items())
        differing = []
        for name, one, other in ((ours[0], "ours", "theirs"), (theirs[0], "theirs", "ours")):
            differing += connection.execute(
                f"""SELECT ?, * FROM (SELECT {casts} FROM {one}_table EXCEPT ALL SELECT {casts} FROM {other}_table)
                ORDER BY ALL LIMIT {limit}""",
                [name],
            ).fetchall()
    return Comparison(table, (rows[0], rows[1]), differing, [])
