"""Sources that have to be asked: what a pull brings into the landing folder, and what it is known by.

A pull is a folder of files. They are ingested like any delivered file, so a pull needs no engine, and what came in can
be looked at. Only a pull that was finished counts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pulled:
    """What a pull brought.

    Attributes:
        files: how many files were written; none where there was nothing new.
        rows: how many rows are in them.
        mark: up to where the source was read, for the next pull; None for a source that is always read as a whole.
    """

    files: int
    rows: int
    mark: str | None = None
