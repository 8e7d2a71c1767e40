"""How good each source's data were, run by run, as `ops.data_quality` has it; and drawn small."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from c360.docs.html import Html, element
from c360.lake import Lake
from c360.quality import QUALITY

WIDTH, HEIGHT = 120, 24
"""Pixels of a sparkline."""


@dataclass(frozen=True)
class Measured:
    """One silver table after one run; see `c360.quality.COLUMNS`."""

    run_id: str
    at: datetime
    read: int
    valid: int
    quarantined: int
    silver_rows: int
    quarantine_rows: int
    reasons: Mapping[str, int]
    reference_hits: Mapping[str, float | None]
    newest_delivered_at: datetime | None

    @property
    def rejected_share(self) -> float | None:
        """Share of the rows read that were rejected; None where none were read, as in a replay."""
        return self.quarantined / self.read if self.read else None


def history(lake: Lake) -> dict[str, tuple[Measured, ...]]:
    """Silver table → what each run found, the oldest first; empty where no run has written any."""
    return of_rows(lake.rows(QUALITY))


def of_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Measured, ...]]:
    """The same of rows of `ops.data_quality`."""
    found: dict[str, list[Measured]] = {}
    for row in sorted(rows, key=lambda row: (row["source"], row["table_name"], row["at"])):
        same = {name: row[name] for name in ("run_id", "at", "read", "valid", "quarantined", "silver_rows")}
        found.setdefault(f"silver_{row['source']}.{row['table_name']}", []).append(
            Measured(
                **same,
                quarantine_rows=row["quarantine_rows"],
                reasons=json.loads(row["quarantine_reasons"]),
                reference_hits=json.loads(row["reference_hits"]),
                newest_delivered_at=row["newest_delivered_at"],
            )
        )
    return {table: tuple(runs) for table, runs in found.items()}


def sparkline(values: Sequence[float | None], says: str) -> Html:
    """A line through the values from the first to the last, 0 at the bottom; a value that is not known is a gap.

    Args:
        values: none below 0.
        says: the same in words.
    """
    highest = max((value for value in values if value is not None), default=0) or 1
    step = (WIDTH - 6) / max(len(values) - 1, 1)
    points = [
        None if value is None else (3 + number * step, HEIGHT - 3 - value / highest * (HEIGHT - 6))
        for number, value in enumerate(values)
    ]
    known = [point for point in points if point is not None]
    lines = " ".join(
        f"{'L' if number and points[number - 1] is not None else 'M'}{point[0]:.1f},{point[1]:.1f}"
        for number, point in enumerate(points)
        if point is not None
    )
    return element(
        "svg",
        element("title", says),
        element("path", d=lines) if lines else None,
        [element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=2) for x, y in known],
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        class_="spark",
    )
