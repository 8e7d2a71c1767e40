"""Which tables a table is made from, and which are made from it; as the ledger recorded it, without an engine."""

from __future__ import annotations

import json

from c360.dashboard.tables import Row, Tables

_NAME = 0.72
"""Of a column's width: where names have ended, and lines begin."""


def inputs(tables: Tables) -> dict[str, list[str]]:
    """Table → the tables its last making read."""
    rows = tables.ask("""SELECT name, inputs FROM (
            SELECT *, row_number() OVER (PARTITION BY name ORDER BY "at" DESC) AS place
            FROM ops.steps WHERE status = 'done')
        WHERE place = 1 AND inputs IS NOT NULL ORDER BY name""")
    return {row["name"]: sorted(json.loads(row["inputs"])) for row in rows}


def around(made_from: dict[str, list[str]], name: str) -> tuple[list[Row], list[Row]]:
    """Nodes and edges of a drawing: left what a table is made from, right what is made from it.

    The tables of a column stand below each other in alphabetical order.
    """
    before = [table for table in made_from.get(name, []) if table != name]
    after = sorted(user for user, used in made_from.items() if name in used and user != name)
    columns = [before, [name], after]
    tallest = max(map(len, columns))
    place = {
        table: (float(x), (tallest - len(column)) / 2 + y)
        for x, column in enumerate(columns)
        for y, table in enumerate(column)
    }
    nodes = [
        {
            "name": table,
            "x": x,
            "y": y,
            "strong": table == name,
            "says": f"made from {len(made_from.get(table, []))} tables",
        }
        for table, (x, y) in place.items()
    ]
    ends = [(table, name) for table in before] + [(name, table) for table in after]
    edges = [{"x": place[a][0] + _NAME, "y": place[a][1], "x2": place[b][0], "y2": place[b][1]} for a, b in ends]
    return nodes, edges
