"""What the five systems have in common: customers they write down, sales they book, questions they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa

from c360.sample.outbox import Feed, Outbox
from c360.sample.people import SOURCES, TIERS, People, Plan, Purchases
from c360.sample.records import Sheet, changes
from c360.sample.values import LAST, Flags, Floats, Ints, clock, delivery_of, drawn, stream

ONLINE_HOURS = (3, 2, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 11, 10, 8, 8, 9, 11, 14, 18, 20, 18, 12, 6)
STORE_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 10, 13, 16, 14, 11, 10, 12, 16, 13, 0, 0, 0, 0, 0)
SERVICE_HOURS = (0, 0, 0, 0, 0, 0, 0, 2, 6, 12, 14, 12, 8, 9, 11, 11, 10, 8, 5, 3, 2, 1, 0, 0)

_HIGH_STREET = (0.35, 0.04, 0.02)
_DISCOUNT = (0.01, 0.05, 0.55)
"""The share of purchases, by tier, that is made in the first and in the second store."""


class Sales(NamedTuple):
    """Sales of a chunk in one system, by time: one element each; `person` is the position in the chunk."""

    person: Ints
    day: Ints
    is_extra: Flags
    """Whether it is none of the person's purchases: it will fail, be cancelled or refunded."""

    def where(self, rows: Flags) -> Sales:
        """Some of them."""
        return Sales(self.person[rows], self.day[rows], self.is_extra[rows])


class System:
    """One of the systems; a subclass says what it writes.

    Args:
        plan: the world.
        outbox: where it goes.
    """

    name: ClassVar[str]
    feeds: ClassVar[dict[str, Feed]]
    errors: ClassVar[float] = 1.0
    extras: ClassVar[float] = 0.0
    """How many sales there are that come to nothing, per purchase."""

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        self.plan = plan
        self.outbox = outbox
        self.planted: dict[str, Any] = {}
        self._last_ids: dict[str, int] = {}
        self._stores_by_tier: Ints = np.zeros((0, len(TIERS)), np.int64)

    @classmethod
    def rng(cls, plan: Plan, part: int = 0, first: int = 0) -> np.random.Generator:
        """The draws of this system for a part of what it does, for the chunk that begins with a person."""
        return stream(plan.seed, 10 + SOURCES.index(cls.name), part, first)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Writes everything about a chunk of people.

        Returns:
            The positions of the people it knows, and their numbers in it, counted from 0 through all chunks.
        """
        raise NotImplementedError

    def end(self) -> None:
        """Writes what can be written only now."""

    def customer_ids(self, number: Ints) -> pa.Array:
        """The ids, as texts, of the customers with these numbers."""
        raise NotImplementedError

    @classmethod
    def feeds_of(cls, plan: Plan) -> dict[str, Feed]:
        """Its tables in this world."""
        return cls.feeds

    def numbers(self, table: str, count: int) -> Ints:
        """The next numbers of a table's rows, from 0 on."""
        first = self._last_ids.get(table, 0)
        self._last_ids[table] = first + count
        return np.arange(first, first + count)

    def known(
        self, people: People, rng: np.random.Generator
    ) -> tuple[Sheet, Ints, Ints, list[tuple[Ints, int, Sheet]]]:
        """Who is known, since which delivery, and who changes: (records, numbers, deliveries, see `changes`)."""
        sheet = Sheet(people, people.members(self.name), rng, self.errors)
        since = delivery_of(people.start[sheet.members])
        return sheet, self.numbers("customers", len(sheet.members)), since, changes(sheet, since, rng, self.plan.days)

    def sales(self, people: People, purchases: Purchases, rng: np.random.Generator) -> Sales:
        """The sales of a chunk of people: their purchases in this system, and those that come to nothing."""
        own = purchases.source == SOURCES.index(self.name)
        person, day = purchases.person[own], purchases.day[own]
        extra = np.flatnonzero(rng.random(len(day)) < self.extras)
        order = np.argsort(np.concatenate([day, day[extra]]), kind="stable")
        is_extra = np.arange(len(order)) >= len(day)
        return Sales(
            np.concatenate([person, person[extra]])[order], np.concatenate([day, day[extra]])[order], is_extra[order]
        )

    def store_of(self, rng: np.random.Generator, people: People, tier: Ints, person: Ints, stores: int) -> Ints:
        """Where a sale is made: the first store is one for good customers, the second one for the others."""
        home = 2 + people.town[person] % (stores - 2)
        where, of_person = rng.random(len(person)), tier[person]
        best, cheap = np.array(_HIGH_STREET)[of_person], np.array(_DISCOUNT)[of_person]
        store: Ints = np.where(where < best, 0, np.where(where < best + cheap, 1, home))
        if not len(self._stores_by_tier):
            self._stores_by_tier = np.zeros((stores, len(TIERS)), np.int64)
        np.add.at(self._stores_by_tier, (store, of_person), 1)
        return store

    def store_mix(self, store_ids: list[str]) -> list[dict[str, Any]]:
        """What a model should find of the first two stores: whose sales they are."""
        return [
            {"store_id": store_ids[n], "kind": kind, "sales_by_tier": dict(zip(TIERS, mix.tolist(), strict=True))}
            for n, (kind, mix) in enumerate(zip(("high_street", "discount"), self._stores_by_tier, strict=False))
        ]

    def moments_of(
        self, rng: np.random.Generator, people: People, members: Ints, mean: float, hours: tuple[float, ...]
    ) -> tuple[Ints, Ints, Ints]:
        """What people do besides buying, by time: (the place in `members`, the day, the second)."""
        who = np.repeat(np.arange(len(members)), rng.poisson(mean, len(members)))
        start = people.start[members[who]]
        day = start + (rng.random(len(who)) * (self.plan.end - start)).astype(np.int64)
        order = np.argsort(day, kind="stable")
        return who[order], day[order], clock(rng, day[order], hours)


def settled(day: Ints, takes: Ints, days: int) -> tuple[Ints, Ints, Flags]:
    """Rows of things that begin on a day and are settled so many days later, each delivered once or twice.

    Returns:
        Per row: which thing, the delivery, whether it is settled there.
    """
    first, end = delivery_of(day), delivery_of(day + takes)
    later = np.flatnonzero((end > first) & (end < days))
    which = np.concatenate([np.arange(len(day)), later])
    delivery = np.concatenate([first, end[later]])
    is_settled = np.concatenate([day + takes <= np.maximum(day, LAST), np.ones(len(later), bool)])
    return which, delivery, is_settled


def resolved(day: Ints, second: Ints, hours: Floats) -> tuple[Ints, Ints]:
    """When questions are answered that take so many hours: the day and the second.

    None is at night, when clocks are changed, but the morning after.
    """
    end = day * 86_400 + second + (hours * 3600).astype(np.int64)
    end = np.where(end % 86_400 < 5 * 3600, end - end % 86_400 + 8 * 3600 + end % 3600, end)
    return end // 86_400, end % 86_400


def words(rng: np.random.Generator, weights: Mapping[str, float], count: int) -> tuple[list[str], Ints]:
    """Words and how often each is drawn: (the words, positions in them)."""
    return list(weights), drawn(rng, list(weights.values()), count)
