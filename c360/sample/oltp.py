"""The `oltp` system: extracts of a shop's database, whose tills count customers otherwise, and of its review API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from c360.sample.dirt import (
    bad_date,
    early_child,
    exact_duplicate,
    future_row,
    late_update,
    near_duplicate,
    negative_amount,
    null_key,
    orphan,
    person,
    unlisted_value,
    wrong_type,
)
from c360.sample.formats import JsonLines, Parquet, Record
from c360.sample.goods import Goods, quantities, size_of
from c360.sample.outbox import Feed, Outbox
from c360.sample.people import People, Plan, Purchases
from c360.sample.places import PLACES, TOWN, places
from c360.sample.records import Sheet
from c360.sample.system import STORE_HOURS, Sales, System
from c360.sample.values import (
    HISTORY_DAYS,
    LAST,
    Flags,
    Ints,
    clock,
    dates,
    decimals,
    delivery_of,
    drawn,
    ids,
    join,
    moments,
    numbers,
    pick,
    timestamps,
)

_PRICES = {
    "Electronics": (3000, 80000),
    "Garden": (900, 40000),
    "Grocery": (200, 3000),
    "Home Goods": (900, 30000),
    "Sports": (1000, 60000),
    "Toys": (600, 12000),
}
_FIRST_ID = 1001
_TILLS = 900
"""By so much the tills' numbers of customers are lower."""
_COUNTRIES = {"United States": 80, "USA": 15, "US": 5}
_OPINIONS = (
    "Broke within a week and nobody answers.",
    "Not what the picture promised.",
    "It does what it should, no more.",
    "Good value, would buy again.",
    "Best purchase of the year, everybody should have one!",
)
_NOBODY = 999_999_999
_LATE = 900_100_000
_LONG_AGO = datetime(2023, 1, 1, 12, tzinfo=UTC)
_AHEAD = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _older(row: Record) -> datetime:
    before: datetime = row["updated_at"] - timedelta(hours=2)
    return before


FEEDS = {
    "customers": Feed(
        "customers_{day}.parquet",
        ("customer_id",),
        Parquet(),
        (
            null_key("customer_id", "customer_id"),
            future_row("updated_at", "updated_at", _AHEAD),
            near_duplicate("country", "Nowhere", updated_at=_older),
            person("quoted_newline", full_name='Wanda "Wendy"\nQuoteworth', email="wanda.quoteworth@example.net"),
            person("empty_email", full_name="Zacharias Xander", email=None),
            person("late_parent", customer_id=_LATE, full_name="Vroni Nachher", email="vroni@example.org"),
        ),
    ),
    "products": Feed(
        "products_{day}.parquet",
        ("product_id",),
        Parquet(),
        (
            negative_amount("price", "price_not_negative", Decimal("-42.50")),
            near_duplicate("category", "Unsorted", updated_at=_LONG_AGO),
        ),
    ),
    "stores": Feed("stores_{day}.parquet", ("store_id",), Parquet(), (null_key("store_id", "store_id"),)),
    "transactions": Feed(
        "transactions_{day}.parquet",
        ("transaction_id",),
        Parquet(),
        (
            null_key("transaction_id", "transaction_id"),
            negative_amount("quantity", "quantity_positive", -3),
            future_row("transaction_date", "transaction_date", _AHEAD),
            orphan("customer_id", "customer_id", _NOBODY, "orphan"),
            orphan("product_id", "product_id", _NOBODY),
            exact_duplicate(),
            near_duplicate("quantity", 9, updated_at=_older),
            late_update("quantity", 8, "superseded", updated_at=_older),
            early_child("customer_id", _LATE - _TILLS),
        ),
        extra_column=("till", "7"),
    ),
    "reviews": Feed(
        "reviews_{day}.jsonl",
        ("review_id",),
        JsonLines(),
        (
            unlisted_value("rating", "rule:rating_from_1_to_5", 9),
            wrong_type("rating", "rating", "five"),
            unlisted_value("customer_id", "rule:customer_id_is_one", "the usual one"),
            bad_date("created_at", "created_at"),
            orphan("customer_id", "customer_id", f"C-{_NOBODY}", "orphan"),
            exact_duplicate(),
        ),
        new="R97{:06d}",
    ),
}


class Oltp(System):
    """A shop with stores; a sale is so many of a product, and costs what the product costs."""

    name = "oltp"
    feeds = FEEDS
    errors = 0.6  # it has nothing but name and e-mail to go by

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        super().__init__(plan, outbox)
        rng = self.rng(plan)
        self._goods = Goods(rng, _PRICES, size_of(plan.customers), plan.end)
        self._stores = min(max(plan.customers // 200, 5), 40)
        goods = self._goods
        self._best = goods.per_category // 2
        self._worst = self._best + goods.per_category
        noon = np.full(goods.count, 12 * 3600)
        product = {
            "product_id": pa.array(np.arange(1, goods.count + 1)),
            "product_name": pa.array(goods.names),
            "category": pick(goods.categories, goods.category),
            "price": decimals(goods.cents, 10, 2),
            "updated_at": timestamps(np.full(goods.count, -200), noon, zone="UTC"),
        }
        outbox.put("products", product)
        for day in range(1, plan.days):  # a product is filed elsewhere
            rows = pa.array([day * 11 % goods.count])
            changed = {name: column.take(rows) for name, column in product.items()}
            changed["updated_at"] = timestamps(np.array([LAST + day]), noon[:1], zone="UTC")
            outbox.put("products", changed | {"category": pa.array([goods.categories[day % 6]])}, day)
        at, where = np.arange(self._stores), places(7, self._stores)
        names = [f"{TOWN[place]} Store" for place in where]
        names[:2] = ["High Street", "Discount Park"]
        outbox.put(
            "stores",
            {
                "store_id": pa.array(at + 1),
                "store_name": pa.array(names),
                "location": pick(PLACES, where),
                "updated_at": timestamps(np.full(self._stores, -300), noon[: self._stores], zone="UTC"),
            },
        )

    def customer_ids(self, number: Ints) -> pa.Array:
        """From 1001 on."""
        return numbers(number + _FIRST_ID)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Customers and all they do."""
        rng = self.rng(self.plan, 1, people.first)
        sheet, number, since, changed = self.known(people, rng)
        joined = people.start - (people.years_before * HISTORY_DAYS).astype(np.int64)
        self._customers(sheet, number, joined, joined[sheet.members], since)
        for rows, day, later in changed:
            self._customers(later, number[rows], joined, np.full(len(rows), LAST + day), day)
        customer = np.zeros(people.count, np.int64)
        customer[sheet.members] = number + _FIRST_ID
        sales = self.sales(people, purchases, rng)
        product = self._transactions(rng, people, purchases.tier, sales, customer)
        self._reviews(rng, sales, product, customer)
        return sheet.members, number

    def _customers(self, sheet: Sheet, number: Ints, joined: Ints, updated: Ints, delivery: Ints | int) -> None:
        countries = list(_COUNTRIES)
        country = np.searchsorted(np.cumsum(list(_COUNTRIES.values())), number % 100, side="right")
        columns = {
            "customer_id": pa.array(number + _FIRST_ID),
            "full_name": sheet.full_names(),
            "email": sheet.emails(),
            "country": pick(countries, country),
            "registration_date": dates(joined[sheet.members]),
            "updated_at": timestamps(updated, np.full(len(number), 12 * 3600), zone="UTC"),
        }
        self.outbox.put("customers", columns, delivery)

    def _transactions(self, rng: np.random.Generator, people: People, tier: Ints, sales: Sales, customer: Ints) -> Ints:
        count = len(sales.day)
        product = self._goods.bought(rng, people, sales.person, sales.day)
        second = clock(rng, sales.day, STORE_HOURS)
        store = self.store_of(rng, people, tier, sales.person, self._stores)
        columns = {
            "transaction_id": pa.array(self.numbers("transactions", count) + 1),
            "customer_id": pa.array(customer[sales.person] - _TILLS),
            "product_id": pa.array(product + 1),
            "store_id": pa.array(store + 1),
            "quantity": pa.array(quantities(rng, count).astype(np.int32)),
            "transaction_date": timestamps(sales.day, second, zone="UTC"),
            "updated_at": timestamps(sales.day, second + 60, zone="UTC"),
        }
        self.outbox.put("transactions", columns, delivery_of(sales.day))
        return product

    def _reviews(self, rng: np.random.Generator, sales: Sales, product: Ints, customer: Ints) -> None:
        """One sale in seven is reviewed, some days later, and every second one of the two products that stand out."""
        day = sales.day + rng.integers(1, 15, len(sales.day))
        share = np.where((product == self._best) | (product == self._worst), 0.5, 0.15)
        told: Flags = (rng.random(len(day)) < share) & (day < self.plan.end)
        order = np.flatnonzero(told)[np.argsort(day[told], kind="stable")]
        day, product, who = day[order], product[order], customer[sales.person[order]]
        count = len(order)
        liking = np.where(product == self._best, 1.4, np.where(product == self._worst, -1.4, 0.0))
        rating = (3.9 + liking + rng.normal(0, 0.9, count)).clip(1, 5).astype(np.int64)
        number = numbers(who)
        written = [join("C-", number), join(" c", number, " "), number]
        form = drawn(rng, (70, 20, 10), count)
        columns: dict[str, Any] = {
            "review_id": ids("R", self.numbers("reviews", count) + 1, 7),
            "customer_id": pc.choose(pa.array(form), *written),
            "product_id": pa.array(product + 1),
            "rating": pa.array(rating),
            "text": pick(_OPINIONS, rating - 1),
            "created_at": pc.replace_substring(moments(day, clock(rng, day, STORE_HOURS), end="Z"), " ", "T"),
        }
        self.outbox.put("reviews", columns, delivery_of(day))

    def end(self) -> None:
        """Notes what the models should find."""
        self.planted |= self._goods.planted("{}")
        self.planted.pop("pairs")  # a sale has one product
        self.planted["stores"] = self.store_mix(["1", "2"])
        self.planted["products"] = {"liked_most": str(self._best + 1), "liked_least": str(self._worst + 1)}
