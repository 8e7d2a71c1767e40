"""The shop behind the `retail` sample: its customers, products, stores and agents, and how they change by the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from c360.sample.names import Chance, Person, email, money, person, postal_address, product_names, town

FIRST_DELIVERY = date(2025, 3, 1)
HISTORY_DAYS = 366  # the first delivery holds this many, its own among them
LAST_OF_HISTORY = HISTORY_DAYS - 1  # days are counted from 0

Fields = tuple[str, ...]
Rows = dict[str, list[Fields]]
"""Table → the rows one day's export has of it, without the header."""

_SHIFTS = ("Morning", "Afternoon", "Evening")
_DEPARTMENTS = ("Billing", "General Inquiry", "Sales", "Technical Support")
_DAY_OF_WEEK = (9, 8, 9, 10, 13, 17, 12)  # Monday first
_MONTH = (7, 7, 8, 8, 9, 9, 8, 8, 9, 10, 14, 16)


@dataclass(frozen=True)
class Customer:
    """What the export shows of a customer, and the habits it does not show."""

    who: Person
    email: str
    address: str
    first_day: int
    end_day: int  # the first on which they buy no more
    weight: int  # how often they buy, beside others; 0: at most once
    buys_once: bool
    online_percent: int
    store: int
    category: str


class Product(NamedTuple):
    """What is sold, and for how much now."""

    name: str
    category: str
    cents: int


class Store(NamedTuple):
    """Where it is sold: from 8 to 10 in the morning until 6 to 9 in the evening."""

    location: str
    manager: str
    opens: int
    closes: int
    price_percent: int


class Agent(NamedTuple):
    """Who answers customers, and how well."""

    name: str
    department: str
    shift: str
    resolved_percent: int


class Shop:
    """Master data as it stands on `today`. What has the id n in the export is number n - 1 in its list here.

    Args:
        chance: what everything is drawn from.
        customers: how many there are in the end, at least 1.
        days: how many deliveries there will be, at least 1.
    """

    def __init__(self, chance: Chance, customers: int, days: int) -> None:
        self._chance = chance
        self._emails: set[str] = set()
        self._newcomers_a_day = min(customers // 50, customers // (2 * days))
        start = FIRST_DELIVERY - timedelta(LAST_OF_HISTORY)
        self.calendar = [start + timedelta(day) for day in range(LAST_OF_HISTORY + days)]
        self.busyness = list(accumulate(_DAY_OF_WEEK[d.weekday()] * _MONTH[d.month - 1] for d in self.calendar))
        self.today = LAST_OF_HISTORY
        self.products = [
            Product(name, category, chance.between(500, 50000))
            for name, category in product_names(min(max(customers // 5, 10), 200))
        ]
        self.stores = [
            Store(town(chance), person(chance).full, chance.between(8, 10), chance.between(18, 21), 70 + 10 * (n % 7))
            for n in range(min(max(customers // 25, 3), 100))
        ]
        self.agents = [
            Agent(person(chance).full, chance.pick(_DEPARTMENTS), chance.pick(_SHIFTS), chance.between(35, 90))
            for _ in range(min(max(customers // 20, 3), 100))
        ]
        self._store_sizes = list(accumulate(chance.between(1, 10) for _ in self.stores))
        self.customers = [self._customer() for _ in range(customers - self._newcomers_a_day * (days - 1))]
        # there is always somebody who buys
        self.customers[0] = replace(
            self.customers[0], first_day=0, end_day=len(self.calendar), weight=20, buys_once=False
        )

    @property
    def is_first_delivery(self) -> bool:
        """Whether today's export holds the whole history."""
        return self.today == LAST_OF_HISTORY

    def everything(self) -> tuple[Rows, list[int]]:
        """All rows of the four tables, and the numbers of the customers, all of whom are new."""
        newcomers = list(range(len(self.customers)))
        return {
            "Customers": [self._customer_row(n) for n in newcomers],
            "Products": [self._product_row(n) for n in range(len(self.products))],
            "Stores": [self._store_row(n) for n in range(len(self.stores))],
            "Agents": [self._agent_row(n) for n in range(len(self.agents))],
        }, newcomers

    def next_day(self) -> tuple[Rows, list[int]]:
        """The rows that a new day brings, and the numbers of the customers who are new.

        Some customers have moved or changed their e-mail, a product its price, in turn a store its manager or an agent
        the shift.
        """
        chance = self._chance
        self.today += 1
        moved = sorted({chance.below(len(self.customers)) for _ in range(max(1, len(self.customers) // 100))})
        for n in moved:
            customer = self.customers[n]
            if chance.happens(50):
                self.customers[n] = replace(customer, address=postal_address(chance))
            else:
                self.customers[n] = replace(customer, email=email(chance, customer.who, self._emails))
        newcomers = list(range(len(self.customers), len(self.customers) + self._newcomers_a_day))
        self.customers += [self._customer(self.today) for _ in newcomers]
        n = chance.below(len(self.products))
        self.products[n] = self.products[n]._replace(cents=self.products[n].cents * 21 // 20)
        rows = {"Customers": [self._customer_row(n) for n in (*moved, *newcomers)], "Products": [self._product_row(n)]}
        if self.today % 2:
            n = chance.below(len(self.stores))
            self.stores[n] = self.stores[n]._replace(manager=person(chance).full)
            rows["Stores"] = [self._store_row(n)]
        else:
            n = chance.below(len(self.agents))
            next_shift = _SHIFTS[(_SHIFTS.index(self.agents[n].shift) + 1) % len(_SHIFTS)]
            self.agents[n] = self.agents[n]._replace(shift=next_shift)
            rows["Agents"] = [self._agent_row(n)]
        return rows, newcomers

    def _customer(self, first_day: int | None = None) -> Customer:
        """Somebody who comes on `first_day`; without, some time in the history, four in ten at its beginning."""
        chance = self._chance
        who = person(chance)
        is_new = first_day is not None
        if first_day is None:
            first_day = chance.below(LAST_OF_HISTORY - 40) if chance.happens(60) else 0
        stays = is_new or chance.happens(65)
        habit = chance.below(100)  # one in ten never buys, two in ten once; of the others few buy much
        return Customer(
            who=who,
            email=email(chance, who, self._emails),
            address=postal_address(chance),
            first_day=first_day,
            end_day=len(self.calendar) if stays else chance.between(first_day + 30, LAST_OF_HISTORY),
            weight=0 if habit < 30 else 200 // (4 + chance.below(60)),
            buys_once=10 <= habit < 30,
            online_percent=chance.pick((30, 60, 60, 95)),
            store=chance.index(self._store_sizes),
            category=chance.pick(self.products).category,
        )

    def _customer_row(self, n: int) -> Fields:
        customer = self.customers[n]
        return str(n + 1), customer.who.full, customer.email, customer.address

    def _product_row(self, n: int) -> Fields:
        product = self.products[n]
        return str(n + 1), product.name, product.category, money(product.cents)

    def _store_row(self, n: int) -> Fields:
        store = self.stores[n]
        return str(n + 1), store.location, store.manager, f"{store.opens}:00 AM - {store.closes - 12}:00 PM"

    def _agent_row(self, n: int) -> Fields:
        agent = self.agents[n]
        return str(n + 1), agent.name, agent.department, agent.shift
