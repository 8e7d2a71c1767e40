"""The sample world where nobody has delivered anything yet: day after day, as real systems would."""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterator
from pathlib import Path

from c360.sample import CUSTOMERS, DAYS, SEED

_OUTBOX = "_sample"
"""Where deliveries wait for their day, in the landing folder; no source is called so."""


def sample_days(landing: Path, sources: Container[str]) -> Iterator[str]:
    """Deliver the sample world day by day, if nothing was delivered for any source that conf has.

    A delivery that was stopped half-way is gone on with: what was not delivered waits.

    Yields:
        After each day, a sentence that says what is there now.
    """
    from c360.sample.people import SOURCES
    from c360.sample.world import write_world

    outbox = landing / _OUTBOX
    wanted = [name for name in SOURCES if name in sources]
    if not outbox.is_dir():
        if not wanted or any((landing / name).is_dir() and any((landing / name).iterdir()) for name in wanted):
            return
        draft = landing / f"{_OUTBOX}.draft"
        write_world(draft, customers=CUSTOMERS, days=DAYS, seed=SEED, sources=wanted)
        draft.rename(outbox)
        yield from _delivered(
            outbox,
            landing,
            f"{landing} held no files: made up a world ({CUSTOMERS} people in {', '.join(wanted)}; {DAYS} days, "
            f"seed {SEED}). ",
        )
    else:
        yield from _delivered(outbox, landing, "")


def _delivered(outbox: Path, landing: Path, said: str) -> Iterator[str]:
    waiting = [file for file in outbox.rglob("*") if file.is_file()]
    truth = outbox / "truth"
    by_day: dict[str, list[Path]] = {}
    for file in waiting:
        if truth not in file.parents:
            by_day.setdefault(file.stem.rsplit("_", 1)[-1], []).append(file)
    for day, files in sorted(by_day.items()):
        for file in sorted(files):
            _move(file, landing / file.relative_to(outbox))
        yield f"{said}Delivered: {day}, {len(files)} files"
        said = ""
    for file in truth.rglob("*") if truth.is_dir() else ():
        if file.is_file():
            _move(file, landing / file.relative_to(outbox))
    shutil.rmtree(outbox)


def _move(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    file.replace(to)
