"""The `domains` system: fourteen CSV files of four business domains of a shop with stores, web site and app."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from c360.sample.domains_feeds import FEEDS
from c360.sample.domains_service import HOURS_TO_RESOLVE, put_tickets, put_usage
from c360.sample.domains_shipping import Shipping
from c360.sample.domains_stock import WAREHOUSES, location_ids, location_places, put_master_data
from c360.sample.goods import Goods, size_of
from c360.sample.outbox import Outbox
from c360.sample.people import People, Plan, Purchases
from c360.sample.places import STATE
from c360.sample.records import Sheet
from c360.sample.system import ONLINE_HOURS, STORE_HOURS, Sales, System, words
from c360.sample.values import (
    BEGIN,
    HISTORY_DAYS,
    Ints,
    clock,
    days,
    delivery_of,
    ids,
    moments,
    money,
    numbers,
    pick,
)

_PRICES = {
    "Clothing": (1500, 22000),
    "Electronics": (2500, 90000),
    "Garden": (900, 40000),
    "Home Goods": (900, 30000),
    "Sports": (1000, 60000),
    "Toys": (600, 12000),
}
_OFTEN_RETURNED = 4
"""The product that many refunded orders begin with."""
_REGIONS = {
    "Pacific Northwest": ("ID", "OR", "WA"),
    "California": ("CA",),
    "Texas": ("TX",),
    "Northeast": ("CT", "MA", "ME", "NH", "NJ", "NY", "PA", "RI", "VT"),
    "Southeast": ("AL", "AR", "FL", "GA", "KY", "LA", "MS", "NC", "SC", "TN", "VA", "WV"),
}
_MISREPORTED = ((0, 200), (2, 301), (4, 340))
"""The region and the day of reports that are a twentieth too low."""
_ONLINE_PAYMENTS = {"credit_card": 45, "paypal": 25, "google_pay": 15, "apple_pay": 15}
_STORE_PAYMENTS = {"credit_card": 40, "debit_card": 35, "cash": 25}
_TIERS = ("Bronze", "Silver", "Gold", "Platinum")


class Domains(System):
    """A shop that knows its baskets, its stock and its parcels."""

    name = "domains"
    feeds = FEEDS
    extras = 0.07

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        super().__init__(plan, outbox)
        rng = self.rng(plan)
        self._goods = Goods(rng, _PRICES, size_of(plan.customers), plan.end)
        self._stores = min(max(plan.customers // 200, 6), 40)
        self.planted |= put_master_data(outbox, rng, self._goods, self._stores, plan.days)
        codes = {state: n for n, states in enumerate(_REGIONS.values()) for state in states}
        self._region_of_town: Ints = np.array([codes.get(state, -1) for state in STATE])
        self._reported: Ints = np.zeros((2, len(_REGIONS), plan.end), np.int64)
        """Cents and transactions by region and day."""
        self._shipping = Shipping(self)

    def customer_ids(self, number: Ints) -> pa.Array:
        """From CUST000001 on."""
        return ids("CUST", number + 1, 6)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Customers and all they do."""
        rng = self.rng(self.plan, 1, people.first)
        sheet, number, since, changed = self.known(people, rng)
        facts = self._facts(rng, people, sheet.members)
        self._customers(sheet, number, facts, since)
        for rows, day, later in changed:
            own = {name: column.take(pa.array(rows)) for name, column in facts.items()}
            self._customers(later, number[rows], own, day)
        row = np.zeros(people.count, np.int64)
        row[sheet.members] = np.arange(len(number))
        sales = self.sales(people, purchases, rng)
        spent = self._transactions(rng, people, purchases.tier, sales, sheet, number, row)
        self._loyalty(rng, people, sheet.members, number, sales, spent, row)
        put_tickets(self, rng, people, sheet.members, number)
        put_usage(self, rng, people, sheet.members, number)
        return sheet.members, number

    def _facts(self, rng: np.random.Generator, people: People, members: Ints) -> dict[str, pa.Array]:
        """What it knows of its customers beside names and addresses."""
        count = len(members)
        year = BEGIN.year - people.age[members] + (rng.random(count) < 0.01)
        born = (year.astype("datetime64[Y]") - 1970).astype("datetime64[D]") + people.birthday[members]
        joined = people.start[members] - (people.years_before[members] * HISTORY_DAYS).astype(np.int64)
        segment = np.searchsorted((0.7, 1.3), people.level[members])
        channel = np.searchsorted((0.35, 0.7), people.online[members])
        gender = np.where(rng.random(count) < 0.02, 2, people.is_woman[members])
        return {
            "date_of_birth": pa.array(born).cast(pa.string()),
            "gender": pick(("M", "F", "O"), gender),
            "registration_date": moments(joined, clock(rng, joined, STORE_HOURS)),
            "customer_segment": pick(("Basic", "Standard", "Premium"), segment),
            "preferred_channel": pick(("store", "mobile", "online"), channel),
        }

    def _customers(self, sheet: Sheet, number: Ints, facts: dict[str, pa.Array], delivery: Ints | int) -> None:
        columns = {
            "customer_id": self.customer_ids(number),
            "first_name": sheet.first_names(),
            "last_name": sheet.last_names(),
            "email": sheet.emails(),
            "phone": sheet.phones("+1-A-555-L", "1A555L"),
            **facts,
            "address_line1": sheet.streets(),
            "city": sheet.towns(),
            "state": sheet.states(),
            "zip_code": sheet.zip_codes(),
            "country": pa.array(["USA"]).take(pa.array(np.zeros(len(number), np.int8))),
        }
        self.outbox.put("customers", columns, delivery)

    def _transactions(
        self,
        rng: np.random.Generator,
        people: People,
        tier: Ints,
        sales: Sales,
        sheet: Sheet,
        number: Ints,
        row: Ints,
    ) -> Ints:
        """The sales with their items and parcels; what was paid for each, in cents."""
        count, own = len(sales.day), row[sales.person]
        is_refunded = sales.is_extra & (rng.random(count) < 0.6)
        at_home = rng.random(count) < people.online[sales.person]
        channel = np.where(at_home, 1 + (rng.random(count) < 0.45), 0)
        store = self.store_of(rng, people, tier, sales.person, self._stores) + WAREHOUSES
        second = np.where(at_home, clock(rng, sales.day, ONLINE_HOURS), clock(rng, sales.day, STORE_HOURS))
        transaction = self.numbers("transactions", count) + 1
        delivery = delivery_of(sales.day)
        subtotal, discount = self._items(rng, people, sales, is_refunded, transaction)
        tax = (subtotal * 8 + 50) // 100
        total = subtotal + tax - discount
        status = np.where(sales.is_extra, np.where(is_refunded, 1, 2), 0)
        online, online_payment = words(rng, _ONLINE_PAYMENTS, count)
        offline, store_payment = words(rng, _STORE_PAYMENTS, count)
        columns = {
            "transaction_id": ids("TXN", transaction, 8),
            "customer_id": self.customer_ids(number[own]),
            "transaction_date": moments(sales.day, second),
            "channel": pick(("store", "online", "mobile"), channel),
            "store_id": location_ids(store, null=at_home),
            "payment_method": pick(online + offline, np.where(at_home, online_payment, len(online) + store_payment)),
            "subtotal": money(subtotal),
            "tax_amount": money(tax),
            "discount_amount": money(discount),
            "total_amount": money(total),
            "currency": pick(("USD",), np.zeros(count, np.int64)),
            "status": pick(("completed", "refunded", "cancelled"), status),
        }
        self.outbox.put("transactions", columns, delivery)
        region = self._region_of_town[np.where(at_home, sheet.town[own], location_places(self._stores)[store])]
        counts = ~sales.is_extra & (region >= 0)
        np.add.at(self._reported[0], (region[counts], sales.day[counts]), total[counts])
        np.add.at(self._reported[1], (region[counts], sales.day[counts]), 1)
        sent = np.flatnonzero(at_home & (is_refunded | ~sales.is_extra))
        self._shipping.put(rng, transaction[sent], sales.day[sent], sheet, own[sent])
        return np.where(sales.is_extra, 0, total)

    def _items(
        self,
        rng: np.random.Generator,
        people: People,
        sales: Sales,
        is_refunded: np.ndarray[Any, Any],
        transaction: Ints,
    ) -> tuple[Ints, Ints]:
        """The items of all sales; each sale's sum before the discount, and the discount."""
        order, product, quantity = self._goods.baskets(rng, people, sales.person, sales.day)
        is_first = np.diff(order, prepend=-1) > 0
        returned = is_first & is_refunded[order] & (rng.random(len(order)) < 0.4)
        product = np.where(returned, _OFTEN_RETURNED - 1, product)
        # the product that was put in may have been in the basket
        _, unique = np.unique(order * self._goods.count + product, return_index=True)
        order, product, quantity = order[unique], product[unique], quantity[unique]
        line = self._goods.cents[product] * quantity
        is_reduced = rng.random(len(sales.day)) < 0.2
        off = np.where(is_reduced[order], line // 10, 0)
        columns = {
            "item_id": ids("ITM", self.numbers("items", len(order)) + 1, 8),
            "transaction_id": ids("TXN", transaction[order], 8),
            "product_id": ids("PRD", product + 1, 3),
            "quantity": numbers(quantity),
            "unit_price": money(self._goods.cents[product]),
            "line_total": money(line),
            "discount_applied": money(off),
        }
        self.outbox.put("transaction_items", columns, delivery_of(sales.day)[order])
        count = len(sales.day)
        subtotal = np.bincount(order, line, count).astype(np.int64)
        return subtotal, np.bincount(order, off, count).astype(np.int64)

    def _loyalty(
        self,
        rng: np.random.Generator,
        people: People,
        members: Ints,
        number: Ints,
        sales: Sales,
        spent: Ints,
        row: Ints,
    ) -> None:
        """Half of the customers have an account; who bought is told anew."""
        owner = np.flatnonzero(rng.random(len(members)) < 0.5)
        since, sale_delivery = delivery_of(people.start[members]), delivery_of(sales.day)
        before = (rng.exponential(300.0, len(members)) * people.level[members]).astype(np.int64) * 100
        redeemed = rng.random(len(members)) * 0.6
        paid: Ints = before
        for delivery in range(self.plan.days):
            now = sale_delivery == delivery
            today = np.bincount(row[sales.person[now]], spent[now], len(members)).astype(np.int64)
            paid = paid + today
            told = owner[(since[owner] == delivery) | ((since[owner] < delivery) & (today[owner] > 0))]
            points = paid[told] // 100
            used = (points * redeemed[told]).astype(np.int64)
            joined = people.start[members[told]] - (people.years_before[members[told]] * HISTORY_DAYS).astype(np.int64)
            columns = {
                "customer_id": self.customer_ids(number[told]),
                "loyalty_tier": pick(_TIERS, np.searchsorted((500, 1500, 3000), points, side="right")),
                "points_balance": numbers(points - used),
                "points_earned_ytd": numbers(points),
                "points_redeemed_ytd": numbers(used),
                "tier_start_date": days(joined),
                "lifetime_value": money(paid[told]),
            }
            self.outbox.put("loyalty_program", columns, delivery)

    def end(self) -> None:
        """The sales by region, and what the models should find."""
        region, day = (axis.ravel() for axis in np.indices(self._reported[0].shape))
        cents, count = self._reported[0].ravel(), self._reported[1].ravel()
        for wrong_region, wrong_day in _MISREPORTED:
            cents = np.where((region == wrong_region) & (day == wrong_day), cents * 95 // 100, cents)
        columns = {
            "region_id": ids("RGN", region + 1, 3),
            "region_name": pick(list(_REGIONS), region),
            "country": pick(("USA",), np.zeros(len(day), np.int64)),
            "sales_date": days(day),
            "total_revenue": money(cents),
            "total_transactions": numbers(count),
            "average_order_value": money((cents * 2 + count) // np.maximum(count * 2, 1), null=count == 0),
        }
        self.outbox.put("regional_sales", columns, delivery_of(day))
        wrong = [[f"RGN{r + 1:03d}", days(np.array([d]))[0].as_py()] for r, d in _MISREPORTED]
        self.planted |= self._goods.planted("PRD{:03d}") | self._shipping.planted
        self.planted["stores"] = self.store_mix(["ST001", "ST002"])
        self.planted["often_returned_product_id"] = f"PRD{_OFTEN_RETURNED:03d}"
        self.planted["hours_to_resolve"] = dict(HOURS_TO_RESOLVE)
        self.planted["misreported_regions"] = wrong
