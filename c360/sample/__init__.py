"""Made-up data: what the main job runs on until somebody brings their own."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

CUSTOMERS = 500
DAYS = 3
SEED = 360


def fill_if_empty(landing: Path, sources: Container[str]) -> str | None:
    """Write the retail sample where conf has that source and nothing was delivered for it; a sentence that says so."""
    folder = landing / "retail"
    if "retail" not in sources or (folder.is_dir() and any(folder.iterdir())):
        return None
    from c360.sample.retail import write_retail_sample

    draft = landing / "_retail.draft"  # all of it or nothing: half a sample would be taken for a delivery
    write_retail_sample(draft, customers=CUSTOMERS, days=DAYS, seed=SEED)
    if folder.is_dir():
        folder.rmdir()
    draft.rename(folder)
    return f"{folder} held no files: wrote a made-up shop there ({CUSTOMERS} customers, {DAYS} days, seed {SEED})"
