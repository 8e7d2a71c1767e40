"""What the customers of the `retail` sample do: buy, ask for help, collect points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from c360.sample.names import Chance, money
from c360.sample.shop import HISTORY_DAYS, Customer, Fields, Rows, Shop

PENDING_DAYS = 10  # what is older is settled
ORDERS_PER_CUSTOMER = 10  # in the history, online and in stores together

# Weights are running totals, as `Chance.index` wants them; the hours' begin at midnight.
_ONLINE_HOURS = tuple(accumulate((3, 2, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 11, 10, 8, 8, 9, 11, 14, 18, 20, 18, 12, 6)))
_STORE_HOURS = tuple(accumulate((0, 0, 0, 0, 0, 0, 0, 0, 4, 7, 10, 13, 16, 14, 11, 10, 12, 16, 13, 8, 4, 0, 0, 0)))
_SERVICE_HOURS = tuple(accumulate((0, 0, 0, 0, 0, 0, 0, 2, 6, 12, 14, 12, 8, 9, 11, 11, 10, 8, 5, 3, 2, 1, 0, 0)))
_PAYMENTS = ("Credit Card", "Debit Card", "PayPal", "Gift Card")
_PAYMENT_WEIGHTS = (40, 65, 88, 100)
_ISSUES = ("Technical Issue", "Product Inquiry", "Complaint", "Billing", "Other")
_ISSUE_WEIGHTS = (28, 50, 70, 85, 100)
_TIERS = ("Bronze", "Silver", "Gold", "Platinum")
_TIER_POINTS = (500, 1000, 2500)


class _Purchase(NamedTuple):
    at: datetime
    customer: int
    is_online: bool


class _Account(NamedTuple):
    customer: int
    joined: date
    points: int


class Activity:
    """The events of one delivery after the other.

    Args:
        chance: what everything is drawn from.
        shop: whose customers act; its `today` says which delivery it is.
    """

    def __init__(self, chance: Chance, shop: Shop) -> None:
        self._chance = chance
        self._shop = shop
        self._last_ids: dict[str, int] = {}
        self._pending: Rows = {}
        self._accounts: list[_Account] = []

    def of_today(self, newcomers: list[int]) -> Rows:
        """The rows of the five tables of events and accounts: new ones, and old ones that changed.

        Args:
            newcomers: the numbers of the customers who are new today; in the first delivery everybody's.
        """
        purchases = sorted(self._purchases(newcomers))
        online = [self._online_row(purchase) for purchase in purchases if purchase.is_online]
        in_store = [self._in_store_row(purchase) for purchase in purchases if not purchase.is_online]
        sales = [(row[1], row[3], row[5]) for row in online if row[-1] == "Completed"]
        sales += [(row[1], row[3], row[4]) for row in in_store]
        old_points = [account.points for account in self._accounts]
        self._open_accounts(newcomers)
        points = self._points(sales)
        return {
            "OnlineTransactions": self._with_settled("OnlineTransactions", online, ("Completed", "Failed")),
            "InStoreTransactions": in_store,
            "CustomerServiceInteractions": self._with_settled(
                "CustomerServiceInteractions", self._interactions(), ("Resolved", "Escalated")
            ),
            "LoyaltyAccounts": [
                self._account_row(n)
                for n, account in enumerate(self._accounts)
                if n >= len(old_points) or account.points != old_points[n]
            ],
            "LoyaltyTransactions": points,
        }

    def _purchases(self, newcomers: list[int]) -> list[_Purchase]:
        chance, shop, people = self._chance, self._shop, self._shop.customers
        if shop.is_first_delivery:
            buyers = [n for n in newcomers if people[n].buys_once]
            others = ORDERS_PER_CUSTOMER * len(people) - len(buyers)
            weights = list(accumulate(customer.weight for customer in people))
        else:
            buyers = [n for n in newcomers if chance.happens(50)]
            others = max(6, ORDERS_PER_CUSTOMER * len(people) // HISTORY_DAYS)
            weights = list(accumulate(c.weight * (c.first_day <= shop.today < c.end_day) for c in people))
        buyers += [chance.index(weights) for _ in range(others)]
        purchases = []
        for count, n in enumerate(buyers):
            # the first ones alternate, so that both files have rows even if there is only one customer
            is_online = count % 2 == 0 if count < 6 else chance.happens(people[n].online_percent)
            store = shop.stores[people[n].store]
            hour = chance.index(_ONLINE_HOURS) if is_online else chance.index(_STORE_HOURS, store.opens, store.closes)
            purchases.append(_Purchase(self._moment(people[n], hour), n, is_online))
        return purchases

    def _online_row(self, purchase: _Purchase) -> Fields:
        chance, products = self._chance, self._shop.products
        favourite = self._shop.customers[purchase.customer].category
        product = chance.below(len(products))
        if products[product].category != favourite and chance.happens(60):
            product = chance.pick([n for n, p in enumerate(products) if p.category == favourite])
        quantity, tenths_paid = chance.pick((1, 1, 1, 1, 1, 1, 2, 2, 3)), chance.pick((10, 10, 10, 10, 9))
        cents = products[product].cents * quantity * tenths_paid // 10
        order_id = self._next_id("OnlineTransactions")
        status = "Pending" if self._is_recent(purchase.at) and chance.happens(50) else None
        status = status or ("Completed" if chance.happens(92) else "Failed")
        at, payment = purchase.at.isoformat(" "), self._payment()
        return order_id, str(purchase.customer + 1), str(product + 1), at, payment, money(cents), status

    def _in_store_row(self, purchase: _Purchase) -> Fields:
        chance, stores = self._chance, self._shop.stores
        store = self._shop.customers[purchase.customer].store
        other = chance.below(len(stores))
        if chance.happens(15) and stores[other].opens <= purchase.at.hour < stores[other].closes:
            store = other
        cents = chance.between(500, 25000) * stores[store].price_percent // 100
        transaction_id, at = self._next_id("InStoreTransactions"), purchase.at.isoformat(" ")
        return transaction_id, str(purchase.customer + 1), str(store + 1), at, money(cents), self._payment()

    def _interactions(self) -> list[Fields]:
        chance, shop, people = self._chance, self._shop, self._shop.customers
        count = max(4, 8 * len(people) // 5) if shop.is_first_delivery else max(1, 8 * len(people) // 5 // HISTORY_DAYS)
        asked = [(self._moment(people[n], chance.index(_SERVICE_HOURS)), n) for n in self._anybody(len(people), count)]
        rows: list[Fields] = []
        for at, n in sorted(asked):
            agent = chance.below(len(shop.agents))
            issue = _ISSUES[chance.index(_ISSUE_WEIGHTS)]
            status = "Resolved" if chance.happens(shop.agents[agent].resolved_percent) else "Escalated"
            if self._is_recent(at) and chance.happens(50):
                status = "Pending"
            interaction_id = self._next_id("CustomerServiceInteractions")
            rows.append((interaction_id, str(n + 1), at.isoformat(" "), str(agent + 1), issue, status))
        return rows

    def _with_settled(self, table: str, new: list[Fields], outcomes: tuple[str, str]) -> list[Fields]:
        """The new rows behind those settled today: every second one that was pending, four in five of them well."""
        chance = self._chance
        settled, open_ = [], []
        for row in self._pending.get(table, []):
            if chance.happens(50):
                settled.append((*row[:-1], outcomes[0] if chance.happens(80) else outcomes[1]))
            else:
                open_.append(row)
        self._pending[table] = open_ + [row for row in new if row[-1] == "Pending"]
        return settled + new

    def _open_accounts(self, newcomers: list[int]) -> None:
        """Six in ten customers have a loyalty account, the first one for certain; one in ten of those has two."""
        chance, shop = self._chance, self._shop
        for n in newcomers:
            if n > 0 and not chance.happens(60):
                continue
            for _ in range(2 if chance.happens(10) else 1):
                first_day = shop.customers[n].first_day
                is_old = first_day < shop.today
                joined = shop.calendar[first_day] - timedelta(chance.below(1500) if is_old else 0)
                self._accounts.append(_Account(n, joined, 6000 // (1 + chance.below(30)) if is_old else 0))

    def _points(self, sales: Iterable[tuple[str, str, str]]) -> list[Fields]:
        """Half of the sales (customer id, time, amount) earn points, and there are points for other reasons."""
        chance, shop = self._chance, self._shop
        accounts_of: dict[int, list[int]] = {}
        for account_number, account in enumerate(self._accounts):
            accounts_of.setdefault(account.customer, []).append(account_number)
        events: dict[tuple[str, int], tuple[int, str]] = {}  # an account has one event a second
        for customer_id, at, amount in sales:
            if int(customer_id) - 1 in accounts_of and chance.happens(50):
                account_number = chance.pick(accounts_of[int(customer_id) - 1])
                events[at, account_number] = (1 + int(amount.split(".")[0]) // 10, "Purchase")
        count = len(self._accounts) if shop.is_first_delivery else max(1, len(self._accounts) // HISTORY_DAYS)
        for event, account_number in enumerate(self._anybody(len(self._accounts), count)):
            customer = shop.customers[self._accounts[account_number].customer]
            at = self._moment(customer, chance.index(_ONLINE_HOURS)).isoformat(" ")
            # never a correction at first, so that on every day somebody's points grow
            reason = chance.pick(("Promotion", "Referral", "Correction")[: 3 if event else 2])
            change = -chance.between(1, 10) if reason == "Correction" else chance.between(10, 200)
            events.setdefault((at, account_number), (change, reason))
        for (_, account_number), (change, _) in events.items():
            account = self._accounts[account_number]
            self._accounts[account_number] = account._replace(points=max(0, account.points + change))
        return [(str(n + 1), at, str(change), reason) for (at, n), (change, reason) in sorted(events.items())]

    def _account_row(self, n: int) -> Fields:
        account = self._accounts[n]
        tier = _TIERS[bisect_right(_TIER_POINTS, account.points)]
        return str(n + 1), str(account.customer + 1), str(account.points), tier, account.joined.isoformat()

    def _anybody(self, of: int, count: int) -> list[int]:
        return [self._chance.below(of) for _ in range(count)]

    def _moment(self, customer: Customer, hour: int) -> datetime:
        """Some time in that hour, today; in the first delivery, on any day on which the customer is active."""
        chance, shop = self._chance, self._shop
        day = shop.today
        if shop.is_first_delivery:
            day = chance.index(shop.busyness, customer.first_day, min(customer.end_day, HISTORY_DAYS))
        return datetime.combine(shop.calendar[day], time(hour, chance.below(60), chance.below(60)))

    def _is_recent(self, at: datetime) -> bool:
        return at.date() > self._shop.calendar[self._shop.today] - timedelta(PENDING_DAYS)

    def _payment(self) -> str:
        return _PAYMENTS[self._chance.index(_PAYMENT_WEIGHTS)]

    def _next_id(self, table: str) -> str:
        self._last_ids[table] = self._last_ids.get(table, 0) + 1
        return str(self._last_ids[table])
