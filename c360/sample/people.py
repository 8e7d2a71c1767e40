"""The people of the sample world: who they are, what they tend to buy, and which systems know them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from c360.sample.names import FIRST, LAST, MAIL_HOSTS, MEN, WOMEN
from c360.sample.places import AREA_CODES, COUNT, STREETS
from c360.sample.values import HISTORY_DAYS, Flags, Floats, Ints, stream
from c360.sample.values import LAST as LAST_DAY

SOURCES = ("retail", "choice", "oltp", "domains", "adventureworks")
CHUNK = 50_000
"""So many people are made at a time; memory grows with it, not with the world."""

R, ALPHA, A, B = 1.2, 20.0, 0.8, 9.0
"""BG/NBD (Fader, Hardie & Lee 2005), in days: a person's purchases are a Poisson process whose rate is drawn from
Gamma(R, ALPHA); after each repeat purchase they leave for good with a probability drawn from Beta(A, B)."""
_NEVER_BUYS = 0.05
_SYSTEMS = (0.15, 0.40, 0.33, 0.09, 0.03)
"""The share of people known to 1, 2, … systems."""
_ATTRACTION = (3.4, 1.0, 1.2, 1.8, 1.3)
"""Of each of `SOURCES`: who is known to few systems is most likely known to the first."""
_PEOPLE = 1
"""The stream of draws that is theirs."""


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Args:
        customers: how many people there are after the last delivery.
        seed: another one gives another world.
        days: how many deliveries there are.
    """

    customers: int
    seed: int
    days: int

    @property
    def end(self) -> int:
        """The first day that no delivery brings."""
        return LAST_DAY + self.days

    def chunks(self) -> list[tuple[int, int]]:
        """The number of the first person, and how many there are, of each chunk."""
        return [(first, min(CHUNK, self.customers - first)) for first in range(0, self.customers, CHUNK)]


class People:
    """A chunk of the population: arrays with one element per person.

    Args:
        plan: the world.
        first: number of the first of them; people are counted from 0.
        count: how many they are.
    """

    def __init__(self, plan: Plan, first: int, count: int) -> None:
        rng = stream(plan.seed, _PEOPLE, first)
        self.plan = plan
        self.first = first
        self.count = count
        self.number: Ints = np.arange(first, first + count)
        self.is_woman: Flags = rng.random(count) < 0.5
        self.given: Ints = np.where(
            self.is_woman, rng.integers(0, len(WOMEN), count), len(WOMEN) + rng.integers(0, len(MEN), count)
        )
        # who joins a household lives where the one before them in the list does
        joins = rng.random(count) < 0.08
        joins[0] = False
        joins[1:] &= ~joins[:-1]
        host = np.arange(count) - joins
        marries = joins & (rng.random(count) < 0.8)
        self.family: Ints = rng.integers(0, len(LAST), count)[np.where(marries, host, np.arange(count))]
        self.mail_owner: Ints = np.where(joins & (rng.random(count) < 0.25), host, np.arange(count))
        self.mail_style: Ints = rng.integers(0, 3, count)
        self.mail_host: Ints = rng.integers(0, len(MAIL_HOSTS), count)
        phone_owner = np.where(joins & (rng.random(count) < 0.3), self.number - 1, self.number)
        self.area: Ints = phone_owner % len(AREA_CODES)
        self.line: Ints = (phone_owner // len(AREA_CODES) * 7919 + 137 * phone_owner) % 10_000
        self.town: Ints = rng.integers(0, COUNT, count)[host]
        self.zip: Ints = rng.integers(0, 100, count)[host]
        self.house: Ints = rng.integers(1, 9999, count)[host]
        self.street: Ints = (rng.integers(0, len(LAST), count) * len(STREETS) + rng.integers(0, len(STREETS), count))[
            host
        ]
        self.flat: Ints = (rng.integers(1, 400, count) * (rng.random(count) < 0.3))[host]
        self.age: Ints = (18 + rng.gamma(4.0, 8.0, count)).astype(np.int64).clip(18, 95)
        self.birthday: Ints = rng.integers(0, 365, count)

        self.start: Ints = np.where(
            rng.random(count) < 0.45, rng.integers(0, 45, count), rng.integers(45, plan.end, count)
        )
        self.years_before: Floats = rng.random(count) * 4 * (self.start < 45)
        self.rate: Floats = rng.gamma(R, 1 / ALPHA, count) * (rng.random(count) >= _NEVER_BUYS)
        self.dropout: Floats = rng.beta(A, B, count)
        self.level: Floats = rng.gamma(6.0, 1 / 6.0, count)
        """How much they spend on a purchase, 1 on average."""
        self.taste: Floats = rng.random(count)
        """Which category they like most, as a place among those there are."""
        self.online: Floats = rng.beta(2.0, 1.6, count)
        """The share of their purchases that is online."""
        order = np.argsort(rng.exponential(1.0, (count, len(SOURCES))) / np.array(_ATTRACTION), axis=1)
        systems = 1 + np.searchsorted(np.cumsum(_SYSTEMS), rng.random(count), side="right").clip(0, len(SOURCES) - 1)
        self.knows: Flags = np.argsort(order, axis=1) < systems[:, None]
        """Per person and source: whether the source knows them."""
        weights = rng.uniform(0.3, 1.0, (count, len(SOURCES))) * self.knows
        self.running_share: Floats = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
        """Per person and source: which share of their purchases is in it or in one before it."""

    def members(self, source: str) -> Ints:
        """Positions of those whom the source knows."""
        return np.flatnonzero(self.knows[:, SOURCES.index(source)])


class Purchases:
    """All purchases of a chunk of people, by time: arrays with one element per purchase.

    Args:
        people: who buy.
    """

    def __init__(self, people: People) -> None:
        rng = stream(people.plan.seed, _PEOPLE + 1, people.first)
        end = people.plan.end
        has_left: Flags = np.zeros(people.count, bool)
        buying = np.flatnonzero(people.rate > 0)
        at = people.start + rng.random(people.count)
        at = at[buying]
        who, when = [buying], [at]
        while buying.size:
            at = at + rng.exponential(1.0, buying.size) / people.rate[buying]
            buying, at = buying[at < end], at[at < end]
            who.append(buying)
            when.append(at)
            leaves = rng.random(buying.size) < people.dropout[buying]
            has_left[buying[leaves]] = True
            buying, at = buying[~leaves], at[~leaves]
        person, moment = np.concatenate(who), np.concatenate(when)
        exact = moment.astype(np.int64)
        # within its week, a purchase falls on a day as people have time; the first day was a Friday
        day = exact // 7 * 7 + np.searchsorted(_WEEK, rng.random(len(exact)), side="right")
        day = np.where((day >= end) | (day < people.start[person]), exact, day)
        by_time = np.argsort(day, kind="stable")
        self.person: Ints = person[by_time]
        self.day: Ints = day[by_time]
        self.source: Ints = (rng.random(len(day))[:, None] >= people.running_share[self.person]).sum(axis=1)
        self.count: Ints = np.bincount(person, minlength=people.count)
        """Per person: their purchases."""
        last: Ints = np.full(people.count, -1, np.int64)
        np.maximum.at(last, self.person, self.day)
        self.last: Ints = last
        """Per person: the day of their last purchase, -1 for none."""
        pause = (HISTORY_DAYS - 1 - last) * np.maximum(self.count - 1, 1)
        self.has_churned: Flags = (
            has_left & (self.count >= 5) & (last <= LAST_DAY - 60) & (pause > 5 * (last - people.start))
        )
        """Per person: whether they bought often, left, and have been away for much longer than they ever were."""
        spent = self.count * people.level
        rank = np.argsort(np.argsort(-spent, kind="stable"), kind="stable") / people.count
        self.tier: Ints = np.where(rank < 0.2, 0, np.where(rank < 0.5, 1, 2))
        """Per person: the expected tier, a position in `TIERS`."""


TIERS = ("Gold", "Silver", "Bronze")
_WEEK = np.cumsum((13, 18, 13, 9, 8, 9, 10)) / 80
assert len(FIRST) > len(WOMEN) + len(MEN)
