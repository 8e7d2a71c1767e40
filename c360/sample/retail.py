"""The `retail` system: nine CSV files of a shop with stores, a web site, a call centre and a loyalty scheme."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from c360.sample.goods import Goods, quantities, size_of
from c360.sample.names import FIRST, LAST
from c360.sample.outbox import Outbox
from c360.sample.people import People, Plan, Purchases
from c360.sample.places import PLACES, places
from c360.sample.records import Sheet
from c360.sample.retail_feeds import FEEDS
from c360.sample.system import ONLINE_HOURS, SERVICE_HOURS, STORE_HOURS, Sales, System, settled, words
from c360.sample.values import (
    HISTORY_DAYS,
    Ints,
    clock,
    days,
    delivery_of,
    drawn,
    join,
    moments,
    numbers,
    pick,
    short_money,
)

_PRICES = {
    "Books": (700, 6000),
    "Clothing": (1500, 22000),
    "Electronics": (2500, 90000),
    "Home Goods": (900, 30000),
    "Toys": (600, 12000),
}
_PAYMENTS = {"Credit Card": 40, "Debit Card": 25, "PayPal": 23, "Gift Card": 12}
_ISSUES = {"Technical Issue": 28, "Product Inquiry": 22, "Complaint": 20, "Billing": 15, "Other": 15}
_TIERS = ("Bronze", "Silver", "Gold", "Platinum")
_TIER_POINTS = (500, 1000, 2500)
_FAILURES = {"Failed": 50, "Cancelled": 20, "Refunded": 30}
_OFTEN_RETURNED = 7
"""The product that every third refunded order is about."""


class Retail(System):
    """A shop: people buy one product a time online, and unrecorded ones in stores."""

    name = "retail"
    feeds = FEEDS
    extras = 0.08

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        super().__init__(plan, outbox)
        rng = self.rng(plan)
        self._goods = Goods(rng, _PRICES, size_of(plan.customers), plan.end)
        self._stores = min(max(plan.customers // 100, 6), 60)
        self._agents = min(max(plan.customers // 100, 5), 60)
        self._resolves = rng.uniform(0.55, 0.85, self._agents)
        self._resolves[0], self._resolves[1] = 0.95, 0.3
        self._master_data(rng)

    def _master_data(self, rng: np.random.Generator) -> None:
        goods = self._goods
        ids = numbers(np.arange(1, goods.count + 1))
        columns = {"ProductID": ids, "Name": pa.array(goods.names), "Category": pick(goods.categories, goods.category)}
        self.outbox.put("products", columns | {"Price": short_money(goods.cents)})
        for day in range(1, self.plan.days):  # a product becomes dearer
            changed = pa.array([day * 7 % goods.count])
            row = {name: column.take(changed) for name, column in columns.items()}
            price = goods.cents[changed.to_numpy()] * (20 + day) // 20
            self.outbox.put("products", row | {"Price": short_money(price)}, day)
        where = [PLACES[place] for place in places(0, self._stores)]
        where[:2] = [f"High Street, {where[0]}", f"Discount Park, {where[1]}"]
        self.outbox.put(
            "stores",
            {
                "StoreID": numbers(np.arange(1, self._stores + 1)),
                "Location": pa.array(where),
                "Manager": _somebody(rng, self._stores),
                "OpenHours": pa.array(["9:00 AM - 7:00 PM"] * self._stores),
            },
        )
        departments, department = words(
            rng, {"Billing": 1, "General Inquiry": 1, "Sales": 1, "Technical Support": 1}, self._agents
        )
        shifts, shift = words(rng, {"Morning": 1, "Afternoon": 1, "Evening": 1}, self._agents)
        self.outbox.put(
            "agents",
            {
                "AgentID": numbers(np.arange(1, self._agents + 1)),
                "Name": _somebody(rng, self._agents),
                "Department": pick(departments, department),
                "Shift": pick(shifts, shift),
            },
        )

    def customer_ids(self, number: Ints) -> pa.Array:
        """From 1 on."""
        return numbers(number + 1)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Customers and all they do."""
        rng = self.rng(self.plan, 1, people.first)
        sheet, number, since, changed = self.known(people, rng)
        self._customers(sheet, number, since)
        for rows, day, later in changed:
            self._customers(later, number[rows], day)
        customer = np.zeros(people.count, np.int64)
        customer[sheet.members] = number + 1
        sales = self.sales(people, purchases, rng)
        online = (rng.random(len(sales.day)) < people.online[sales.person]) | sales.is_extra
        earned = [
            self._online(rng, people, sales.where(online), customer),
            self._in_store(rng, people, purchases.tier, sales.where(~online), customer),
        ]
        self._service(rng, people, sheet.members, customer)
        self._loyalty(rng, people, sheet.members, customer, earned)
        return sheet.members, number

    def _customers(self, sheet: Sheet, number: Ints, delivery: Ints | int) -> None:
        columns = {"CustomerID": numbers(number + 1), "Name": sheet.full_names(), "Email": sheet.emails()}
        self.outbox.put("customers", columns | {"Address": sheet.addresses()}, delivery)

    def _online(self, rng: np.random.Generator, people: People, sales: Sales, customer: Ints) -> _Earned:
        count = len(sales.day)
        product = self._goods.bought(rng, people, sales.person, sales.day)
        failures, failure = words(rng, _FAILURES, count)
        refunded = sales.is_extra & (failure == failures.index("Refunded"))
        product = np.where(refunded & (rng.random(count) < 0.3), _OFTEN_RETURNED - 1, product)
        cents = self._goods.cents[product] * quantities(rng, count)
        second = clock(rng, sales.day, ONLINE_HOURS)
        payments, payment = words(rng, _PAYMENTS, count)
        takes = drawn(rng, (70, 10, 8, 6, 4, 2), count)
        which, delivery, is_settled = settled(sales.day, takes, self.plan.days)
        final = np.where(sales.is_extra, 2 + failure, 1)[which]
        columns = {
            "OrderID": numbers(self.numbers("online", count) + 1),
            "CustomerID": numbers(customer[sales.person]),
            "ProductID": numbers(product + 1),
            "DateTime": moments(sales.day, second),
            "PaymentMethod": pick(payments, payment),
            "Amount": short_money(cents),
        }
        rows = pa.array(which)
        status = pick(["Pending", "Completed", *failures], np.where(is_settled, final, 0))
        taken = {name: column.take(rows) for name, column in columns.items()}
        self.outbox.put("online_transactions", taken | {"Status": status}, delivery)
        return sales.person, sales.day, second, np.where(sales.is_extra, -1, cents)

    def _in_store(self, rng: np.random.Generator, people: People, tier: Ints, sales: Sales, customer: Ints) -> _Earned:
        count = len(sales.day)
        cents = (rng.gamma(3.0, 2500.0, count) * people.level[sales.person]).astype(np.int64) + 199
        store = self.store_of(rng, people, tier, sales.person, self._stores)
        second = clock(rng, sales.day, STORE_HOURS)
        payments, payment = words(rng, _PAYMENTS, count)
        columns = {
            "TransactionID": numbers(self.numbers("in_store", count) + 1),
            "CustomerID": numbers(customer[sales.person]),
            "StoreID": numbers(store + 1),
            "DateTime": moments(sales.day, second),
            "Amount": short_money(cents),
            "PaymentMethod": pick(payments, payment),
        }
        self.outbox.put("in_store_transactions", columns, delivery_of(sales.day))
        return sales.person, sales.day, second, cents

    def _service(self, rng: np.random.Generator, people: People, members: Ints, customer: Ints) -> None:
        who, day, second = self.moments_of(rng, people, members, 0.7, SERVICE_HOURS)
        agent = rng.integers(0, self._agents, len(who))
        issues, issue = words(rng, _ISSUES, len(who))
        columns = {
            "InteractionID": numbers(self.numbers("service", len(who)) + 1),
            "CustomerID": numbers(customer[members[who]]),
            "DateTime": moments(day, second),
            "AgentID": numbers(agent + 1),
            "IssueType": pick(issues, issue),
        }
        outcome = np.where(rng.random(len(who)) < self._resolves[agent], 1, 2)
        which, delivery, is_settled = settled(day, drawn(rng, (60, 15, 10, 8, 7), len(who)), self.plan.days)
        status = pick(("Pending", "Resolved", "Escalated"), np.where(is_settled, outcome[which], 0))
        taken = {name: column.take(pa.array(which)) for name, column in columns.items()}
        self.outbox.put("customer_service_interactions", taken | {"ResolutionStatus": status}, delivery)

    def _loyalty(
        self, rng: np.random.Generator, people: People, members: Ints, customer: Ints, earned: list[_Earned]
    ) -> None:
        """Six in ten have an account, one in ten of those two; half of what they spend earns points, a point per 10."""
        draw = rng.random(len(members))
        owner = np.concatenate([members[draw < 0.6], members[draw < 0.06]])
        account = self.numbers("loyalty", len(owner)) + 1
        account_of = np.zeros(people.count, np.int64)
        account_of[owner] = account  # of two, the second is used
        person, day, second, cents = (np.concatenate(parts) for parts in zip(*earned, strict=True))
        earns = (account_of[person] > 0) & (cents >= 0) & (rng.random(len(day)) < 0.5)
        who, when, at, gifts = self._gifts(rng, people, owner)
        event_account = np.concatenate([account_of[person[earns]], account_of[owner[who]]])
        event_day = np.concatenate([day[earns], when])
        event_second = np.concatenate([second[earns], at])
        change = np.concatenate([1 + cents[earns] // 1000, gifts])
        reason = np.concatenate([np.zeros(earns.sum(), np.int64), np.where(gifts < 0, 3, 1 + gifts % 2)])
        # an account has one event a second
        _, unique = np.unique((event_day * 86_400 + event_second) * 2**32 + event_account, return_index=True)
        columns = {
            "LoyaltyID": numbers(event_account[unique]),
            "DateTime": moments(event_day[unique], event_second[unique]),
            "PointsChange": numbers(change[unique]),
            "Reason": pick(("Purchase", "Promotion", "Referral", "Correction"), reason[unique]),
        }
        event_delivery = delivery_of(event_day[unique])
        self.outbox.put("loyalty_transactions", columns, event_delivery)
        since = delivery_of(people.start[owner])
        joined = people.start[owner] - (people.years_before[owner] * HISTORY_DAYS).astype(np.int64)
        points = (rng.exponential(150.0, len(owner)) * people.level[owner]).astype(np.int64) + 50
        place = event_account[unique] - (account[0] if len(account) else 0)
        for delivery in range(self.plan.days):
            now = event_delivery == delivery
            points = points + np.bincount(place[now], change[unique][now], len(owner)).astype(np.int64)
            told = (since == delivery) | ((since < delivery) & np.isin(np.arange(len(owner)), place[now]))
            columns = {
                "LoyaltyID": numbers(account[told]),
                "CustomerID": numbers(customer[owner[told]]),
                "PointsEarned": numbers(points[told]),
                "TierLevel": pick(_TIERS, np.searchsorted(_TIER_POINTS, points[told], side="right")),
                "JoinDate": days(joined[told]),
            }
            self.outbox.put("loyalty_accounts", columns, delivery)

    def _gifts(self, rng: np.random.Generator, people: People, owner: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        who, day, second = self.moments_of(rng, people, owner, 0.6, ONLINE_HOURS)
        gifts = np.where(rng.random(len(who)) < 0.2, -rng.integers(1, 5, len(who)), rng.integers(10, 120, len(who)))
        return who, day, second, gifts

    def end(self) -> None:
        """Notes what the models should find."""
        self.planted |= self._goods.planted("{}")
        self.planted.pop("pairs")  # an order has one product
        self.planted["stores"] = self.store_mix(["1", "2"])
        self.planted["often_returned_product_id"] = str(_OFTEN_RETURNED)
        self.planted["agents"] = {"resolves_most": "1", "resolves_least": "2"}


_Earned = tuple[Ints, Ints, Ints, Ints]
"""Sales: the person, the day, the second, the amount in cents; -1 where it came to nothing."""


def _somebody(rng: np.random.Generator, count: int) -> pa.Array:
    return join(pick(FIRST, rng.integers(0, 80, count)), pick(LAST, rng.integers(0, len(LAST), count)), separator=" ")
