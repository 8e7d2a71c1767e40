"""The sample world: one population of people, as five systems would each have recorded it, and the truth about it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from c360.errors import ConfigError
from c360.sample.adventureworks import AdventureWorks
from c360.sample.choice import Choice
from c360.sample.domains import Domains
from c360.sample.formats import Text
from c360.sample.oltp import Oltp
from c360.sample.outbox import Outbox, Planted
from c360.sample.people import ALPHA, CHUNK, SOURCES, A, B, People, Plan, Purchases, R
from c360.sample.retail import Retail
from c360.sample.system import System
from c360.sample.values import dates, join, stream

SYSTEMS: dict[str, type[System]] = {system.name: system for system in (Retail, Choice, Oltp, Domains, AdventureWorks)}
_SHARES = (("domains",), ("retail", "choice", "oltp", "adventureworks"))
"""What each of two processes writes; the people behind it are made anew in each, which takes less than sending them."""


def write_world(
    out: Path,
    *,
    customers: int = 500,
    days: int = 3,
    seed: int = 360,
    sources: Sequence[str] = SOURCES,
    dirt: bool = True,
) -> list[Planted]:
    """Writes `<out>/<source>/…`: on 2025-03-01 everything since a year, then daily what is new or changed.

    Beside them lies `<out>/truth`, what a perfect pipeline would find: `customers.csv` (person, source, customer id),
    `churners.csv` (people who bought often and left), `planted.json` (what the models should find), and `dirt.csv`
    (every row that is not as it should be, and what must become of it). The same arguments and versions of numpy and
    pyarrow give the same bytes. Files of the same names are replaced. A large world is written by two processes.

    Args:
        out: the folder; it is made if it is not there.
        customers: how many people there are after the last delivery. They make nine purchases each on average.
        days: how many deliveries.
        seed: another one gives another world.
        sources: which systems; a system's files are the same, whichever others there are.
        dirt: whether rows are planted that a source should not have but sometimes has.

    Returns:
        The planted dirt, by file and row.

    Raises:
        ConfigError: there are no customers, days or sources, or a source is not one of the world's.
    """
    for name, number in (("customers", customers), ("days", days), ("sources", len(sources))):
        if number < 1:
            raise ConfigError(f"A sample needs at least 1 of {name}, but {number} was asked for. Ask for 1 or more.")
    if unknown := sorted(set(sources) - set(SYSTEMS)):
        raise ConfigError(f"The sample world has no source {unknown[0]!r}; it has {', '.join(SYSTEMS)}.")
    plan = Plan(customers, seed, days)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    shares = [wanted for share in _SHARES if (wanted := [name for name in share if name in sources])]
    if customers > CHUNK and len(shares) > 1:
        with ProcessPoolExecutor(len(shares), get_context("spawn")) as pool:
            jobs = [pool.submit(_write_share, out, plan, share, dirt, share is shares[0]) for share in shares]
            done = [job.result() for job in jobs]
    else:
        done = [_write_share(out, plan, share, dirt, share is shares[0]) for share in shares]
    written = {name: found for share in done for name, found in share.items()}
    return _write_truth(out / "truth", plan, {name: written[name] for name in SOURCES if name in written})


def _write_share(
    out: Path, plan: Plan, sources: Sequence[str], dirt: bool, with_churners: bool
) -> dict[str, tuple[dict[str, Any], list[Planted]]]:
    """Writes some of the sources and drafts of the truth; what they planted for the models, and their dirt."""
    systems = []
    for name in sources:
        kind = SYSTEMS[name]
        rng = stream(plan.seed, 100 + SOURCES.index(name)) if dirt else None
        systems.append(kind(plan, Outbox(out / name, name, kind.feeds_of(plan), plan.days, rng)))
    drafts = [*sources, *(["churners"] if with_churners else [])]
    truth = {name: Text(header=False).open(_draft(out / "truth", name), pa.schema([])) for name in drafts}
    for first, count in plan.chunks():
        people = People(plan, first, count)
        purchases = Purchases(people)
        for system in systems:
            members, number = system.chunk(people, purchases)
            person, ids = people.number[members] + 1, system.customer_ids(number)
            truth[system.name].rows(pa.table([person, join(system.name, ids, separator=",")], ["person", "id"]))
        if with_churners:
            gone = np.flatnonzero(purchases.has_churned)
            columns = [people.number[gone] + 1, purchases.count[gone], dates(purchases.last[gone])]
            truth["churners"].rows(pa.table(columns, ["person", "purchases", "last"]))
    for system in systems:
        system.end()
        system.outbox.close()
    for file in truth.values():
        file.close()
    return {system.name: (system.planted, system.outbox.planted) for system in systems}


def _write_truth(truth: Path, plan: Plan, written: dict[str, tuple[dict[str, Any], list[Planted]]]) -> list[Planted]:
    planted = sorted(
        (piece for _, dirt in written.values() for piece in dirt),
        key=lambda piece: (piece.source, piece.file, piece.row),
    )
    _merge(truth / "customers.csv", "person,source,customer_id", [_draft(truth, name) for name in written])
    _merge(truth / "churners.csv", "person,purchases,last_purchased_on", [_draft(truth, "churners")])
    strangers = [piece for piece in planted if piece.is_person]
    with (truth / "customers.csv").open("a", newline="") as file:
        rows = [(plan.customers + n, piece.source, piece.key) for n, piece in enumerate(strangers, start=1)]
        csv.writer(file, lineterminator="\n").writerows(rows)
    with (truth / "dirt.csv").open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Planted._fields[:-1])
        writer.writerows(piece[:-1] for piece in planted)
    process = {"r": R, "alpha_in_days": ALPHA, "a": A, "b": B}
    found = {"customers": plan.customers, "bg_nbd": process} | {name: told for name, (told, _) in written.items()}
    (truth / "planted.json").write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    return planted


def _draft(truth: Path, name: str) -> Path:
    return truth / f"_{name}.csv"


def _merge(path: Path, header: str, drafts: list[Path]) -> None:
    with path.open("wb") as file:
        file.write(header.encode() + b"\n")
        for draft in drafts:
            with draft.open("rb") as part:
                shutil.copyfileobj(part, file)
            draft.unlink()
