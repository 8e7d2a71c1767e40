"""What is sold: products with categories, prices, seasons, and pairs that are bought together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from c360.sample.names import product_name
from c360.sample.people import People
from c360.sample.values import BEGIN, Floats, Ints

_BUNDLED = 0.08
"""The share of baskets that holds one of the pairs."""


class Season(NamedTuple):
    """When a category sells `factor` times as much: in these months (1 to 12) and on these weekdays (0: Monday)."""

    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    factor: float = 1.0


SEASONS = {
    "Bikes": Season((4, 5, 6), (), 2.5),
    "Books": Season((), (6,), 1.5),
    "Clothing": Season((4, 10), (), 2.0),
    "Garden": Season((4, 5, 6), (5, 6), 3.0),
    "Grocery": Season((), (4, 5), 1.6),
    "Sports": Season((1,), (), 2.2),
    "Toys": Season((11, 12), (), 3.5),
}
"""The planted seasons; other categories sell as well at any time."""


class Goods:
    """The products of a source, numbered from 0; those of a category stand together, the cheap ones first.

    Args:
        rng: what prices are drawn from.
        prices: by category, the lowest and the highest price in cents.
        per_category: how many products each has.
        days: how many days the world has.
    """

    def __init__(self, rng: np.random.Generator, prices: dict[str, tuple[int, int]], per_category: int, days: int):
        self.categories = list(prices)
        self.per_category = per_category
        self.count = per_category * len(prices)
        self.category: Ints = np.repeat(np.arange(len(prices)), per_category)
        self.names = [product_name(category, n) for category in prices for n in range(per_category)]
        self.cents: Ints = np.concatenate(
            [np.sort(np.exp(rng.uniform(np.log(low), np.log(high), per_category))) for low, high in prices.values()]
        ).astype(np.int64)
        middle = per_category // 2
        self.pairs = [
            (c * per_category + middle, (c + 1) % len(prices) * per_category + middle - 1) for c in range(len(prices))
        ]
        """Which are bought together, as positions; in `Goods.baskets`."""
        demand = np.ones((days, len(prices)))
        calendar = [BEGIN.fromordinal(BEGIN.toordinal() + day) for day in range(days)]
        for n, category in enumerate(prices):
            months, weekdays, factor = SEASONS.get(category, Season())
            demand[[d for d, day in enumerate(calendar) if day.month in months], n] *= factor
            demand[[d for d, day in enumerate(calendar) if day.weekday() in weekdays], n] *= factor
        self._running = np.cumsum(demand, axis=1) / demand.sum(axis=1, keepdims=True)

    def bought(self, rng: np.random.Generator, people: People, person: Ints, day: Ints) -> Ints:
        """One product per purchase: a quarter from the person's favourite category, the dearer the more they spend."""
        category = (rng.random(len(day))[:, None] >= self._running[day]).sum(axis=1)
        favourite = (people.taste[person] * len(self.categories)).astype(np.int64)
        category = np.where(rng.random(len(day)) < 0.25, favourite, category)
        place: Floats = rng.random(len(day)) ** (1 / people.level[person].clip(0.4, 2.5))
        product: Ints = category * self.per_category + (place * self.per_category).astype(np.int64)
        return product

    def baskets(self, rng: np.random.Generator, people: People, person: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
        """The lines of all purchases, ordered by purchase: (position of the purchase, product, quantity).

        No product is twice in a basket. One basket in twelve holds a pair.
        """
        lines = np.repeat(np.arange(len(day)), 1 + rng.poisson(0.8, len(day)).clip(0, 4))
        products = self.bought(rng, people, person[lines], day[lines])
        bundled = np.flatnonzero(rng.random(len(day)) < _BUNDLED)
        pairs = np.array(self.pairs)[rng.integers(0, len(self.pairs), len(bundled))]
        lines = np.concatenate([lines, bundled, bundled])
        products = np.concatenate([products, pairs[:, 0], pairs[:, 1]])
        unique = np.unique(lines * self.count + products)
        return unique // self.count, unique % self.count, quantities(rng, len(unique))

    def planted(self, product_id: str, first: int = 1) -> dict[str, object]:
        """What a model should find; `product_id` has a place for the products' numbers, which begin with `first`."""
        seasons = {c: SEASONS[c]._asdict() for c in self.categories if c in SEASONS}
        pairs = [[product_id.format(a + first), product_id.format(b + first)] for a, b in self.pairs]
        return {"seasons": seasons, "pairs": pairs}


def quantities(rng: np.random.Generator, count: int) -> Ints:
    """How many of a product: mostly one."""
    return 1 + (rng.random(count) < 0.2).astype(np.int64) + (rng.random(count) < 0.05)


def size_of(customers: int) -> int:
    """How many products a category has in a world of so many people: 8 to 60."""
    return min(max(customers // 100, 8), 60)
