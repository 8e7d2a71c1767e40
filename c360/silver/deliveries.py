"""Which of a table's deliveries count, as the ledger's lines tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from c360.config.loads import Append, Snapshot
from c360.config.models import SourceTable
from c360.errors import RejectRateError

Line = Mapping[str, Any]
"""A line of `ops.files`."""


def live(lines: Sequence[Line], table: SourceTable) -> dict[str, Line]:
    """Batch id → its line, of the content that counts, oldest first.

    Where rows replace each other by key, all of it does. Where every row stays or every delivery is whole, a file that
    came again under its name and date is its own correction: only its last content counts.
    """
    ingested = {line["batch_id"]: line for line in lines if line["status"] == "ingested"}
    if not isinstance(table.load, Append | Snapshot):
        return ingested
    last = {(line["file"], line["delivered_at"]): line["batch_id"] for line in lines}
    wanted = set(last.values())
    return {batch: line for batch, line in ingested.items() if batch in wanted}


def moments(lines: Iterable[Line]) -> dict[datetime, int]:
    """When something was delivered → how many rows, in order of time."""
    rows: dict[datetime, int] = defaultdict(int)
    for line in lines:
        rows[line["delivered_at"]] += line["rows"]
    return dict(sorted(rows.items()))


def refuse_shrunken(name: str, every: Mapping[str, Line], fresh: Iterable[str], load: Snapshot) -> None:
    """Demand that no new snapshot has much fewer rows than the one before it.

    Args:
        name: the table's, for the message.
        every: batch id → line, of all deliveries that count.
        fresh: the ids of the new ones.

    Raises:
        RejectRateError: one has.
    """
    rows = moments(every.values())
    order = list(rows)
    for batch in fresh:
        at = every[batch]["delivered_at"]
        before = rows[order[order.index(at) - 1]] if order[0] != at else 0
        if rows[at] < (1 - load.max_shrink) * before:
            raise RejectRateError(
                f"{name}: {every[batch]['file']} has {rows[at]} rows where the delivery before had {before}, a loss of "
                f"more than the {load.max_shrink:.0%} allowed; nothing was merged, as what a snapshot lacks is taken "
                "for deleted. Deliver it whole, or run with --force",
                batch,
            )
