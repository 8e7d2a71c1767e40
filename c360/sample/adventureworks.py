"""The `adventureworks` system: orders of persons and of resellers, as Parquet files and text extracts of a database."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from c360.sample.adventureworks_feeds import FEEDS
from c360.sample.adventureworks_master import (
    FIRST_ABROAD,
    FIRST_PRODUCT,
    PROVINCE_OF_TOWN,
    TERRITORY_OF_PROVINCE,
    ints,
    noons,
    put_master_data,
)
from c360.sample.adventureworks_orders import Orders, Sold
from c360.sample.goods import Goods, size_of
from c360.sample.names import LAST
from c360.sample.outbox import Outbox
from c360.sample.people import People, Plan, Purchases
from c360.sample.places import TOWN
from c360.sample.records import Sheet
from c360.sample.system import ONLINE_HOURS, STORE_HOURS, System
from c360.sample.values import BEGIN, HISTORY_DAYS, Flags, Ints, clock, ids, join, moments, numbers, pick

_PRICES = {
    "Bikes": (30000, 350000),
    "Components": (1500, 90000),
    "Clothing": (900, 12000),
    "Cycling Gear": (300, 9000),
}
_FIRST_STORE, _FIRST_PERSON = 301, 2001
"""Ids of business entities."""
_FIRST_CUSTOMER = 11_000
_SURVEY = '<IndividualSurvey xmlns="http://schemas.microsoft.com/sqlserver/2004/07/adventure-works/IndividualSurvey">'
_STORE_SURVEY = '<StoreSurvey xmlns="http://schemas.microsoft.com/sqlserver/2004/07/adventure-works/StoreSurvey">'
_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


class AdventureWorks(System):
    """A maker of bicycles: persons order at its web site, resellers through its sales people."""

    name = "adventureworks"
    feeds = FEEDS
    extras = 0.03

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        super().__init__(plan, outbox)
        rng = self.rng(plan)
        self._goods = Goods(rng, _PRICES, size_of(plan.customers), plan.end)
        self.planted |= put_master_data(outbox, rng, self._goods, plan.end)
        self._orders = Orders(self, self._goods)
        self._resellers = min(max(plan.customers // 50, 5), 700)
        self.planted["organisations"] = self._resellers

    def customer_ids(self, number: Ints) -> pa.Array:
        """From 11000 on."""
        return numbers(number + _FIRST_CUSTOMER)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Customers and all they do."""
        rng = self.rng(self.plan, 1, people.first)
        sheet, number, since, changed = self.known(people, rng)
        joined = people.start[sheet.members] - (people.years_before[sheet.members] * HISTORY_DAYS).astype(np.int64)
        self._people(rng, people, sheet, number, joined, since)
        everybody = np.ones(len(number), bool)
        self._addresses(rng, sheet, number, joined, since, everybody)
        self._emails(rng, sheet, number, joined, since, sheet.has_mail)
        for rows, day, later in changed:
            moved = later.street != sheet.street[rows]
            now = np.full(len(rows), HISTORY_DAYS - 1 + day)
            self._addresses(rng, later, number[rows], now, np.full(len(rows), day), moved)
            self._emails(rng, later, number[rows], now, np.full(len(rows), day), ~moved & later.has_mail)
        sales = self.sales(people, purchases, rng)
        row = np.zeros(people.count, np.int64)
        row[sheet.members] = np.arange(len(number))
        buyer = row[sales.person]
        order, product, quantity = self._goods.baskets(rng, people, sales.person, sales.day)
        sold = Sold(
            day=sales.day,
            second=clock(rng, sales.day, ONLINE_HOURS),
            customer=number[buyer] + _FIRST_CUSTOMER,
            address=number[buyer] + _FIRST_PERSON,
            province=PROVINCE_OF_TOWN[sheet.town[buyer]],
            is_online=True,
            is_cancelled=sales.is_extra,
        )
        self._orders.put(rng, sold, order, product, quantity)
        return sheet.members, number

    def _people(
        self, rng: np.random.Generator, people: People, sheet: Sheet, number: Ints, joined: Ints, since: Ints
    ) -> None:
        count, members = len(number), sheet.members
        entity = number + _FIRST_PERSON
        nothing = pick(("",), number * 0, np.ones(count, bool))
        year = BEGIN.year - people.age[members]
        born = (year.astype("datetime64[Y]") - 1970).astype("datetime64[D]") + people.birthday[members]
        gender = pick(("M", "F"), people.is_woman[members].astype(np.int64))
        survey = join(_SURVEY, "<BirthDate>", pa.array(born).cast(pa.string()), "Z</BirthDate><Gender>", gender)
        title = np.where(people.is_woman[members], 1, 0)
        columns = {
            "BusinessEntityID": ints(entity),
            "PersonType": pick(("IN",), number * 0),
            "NameStyle": pa.array(np.zeros(count, bool)),
            "Title": pick(("Mr.", "Ms."), title, rng.random(count) > 0.05),
            "FirstName": sheet.first_names(),
            "MiddleName": pick([chr(65 + n) for n in range(26)], rng.integers(0, 26, count), rng.random(count) > 0.2),
            "LastName": sheet.last_names(),
            "Suffix": nothing,
            "EmailPromotion": ints(rng.integers(0, 3, count)),
            "AdditionalContactInfo": nothing,
            "Demographics": join(survey, "</Gender></IndividualSurvey>"),
            "ModifiedDate": noons(joined),
        }
        self.outbox.put("people", columns, since)
        customers = {
            "CustomerID": ints(number + _FIRST_CUSTOMER),
            "PersonID": ints(entity),
            "StoreID": ints(number * 0, np.ones(count, bool)),
            "TerritoryID": ints(TERRITORY_OF_PROVINCE[PROVINCE_OF_TOWN[sheet.town]]),
            "AccountNumber": ids("AW", number + _FIRST_CUSTOMER, 8),
            "ModifiedDate": noons(joined),
        }
        self.outbox.put("customers", customers, since)
        phones = {
            "BusinessEntityID": numbers(entity),
            "PhoneNumber": sheet.phones("A-555-L", "1 (11) A 555-L"),
            "PhoneNumberTypeID": numbers(1 + number % 3),
            "ModifiedDate": _day_texts(joined),
        }
        has_phone = pa.array(sheet.has_phone)
        self.outbox.put("phone_numbers", _where(phones, has_phone), since[sheet.has_phone])

    def _emails(
        self, rng: np.random.Generator, sheet: Sheet, number: Ints, day: Ints, delivery: Ints, which: Flags
    ) -> None:
        entity = numbers(number + _FIRST_PERSON)
        columns = {
            "BusinessEntityID": entity,
            "EmailAddressID": entity,
            "EmailAddress": sheet.emails(),
            "rowguid": _guids(rng, len(number)),
            "ModifiedDate": _day_texts(day),
        }
        self.outbox.put("email_addresses", _where(columns, pa.array(which)), delivery[which])

    def _addresses(
        self, rng: np.random.Generator, sheet: Sheet, number: Ints, day: Ints, delivery: Ints, which: Flags
    ) -> None:
        columns = {
            "AddressID": numbers(number + _FIRST_PERSON),
            "AddressLine1": sheet.streets(),
            "AddressLine2": pick(("",), number * 0),
            "City": sheet.towns(),
            "StateProvinceID": numbers(PROVINCE_OF_TOWN[sheet.town] + 1),
            "PostalCode": sheet.zip_codes(),
            "SpatialLocation": join("E6100000010C", _hex(rng, len(number), 32)),
            "rowguid": _guids(rng, len(number)),
            "ModifiedDate": _day_texts(day),
        }
        self.outbox.put("addresses", _where(columns, pa.array(which)), delivery[which])
        entity = ints(number + _FIRST_PERSON)
        links = {"BusinessEntityID": entity, "AddressID": entity, "AddressTypeID": ints(number * 0 + 2)}
        links["ModifiedDate"] = noons(day)
        self.outbox.put("business_entity_addresses", _where(links, pa.array(which)), delivery[which])

    def _put_resellers(self, rng: np.random.Generator) -> None:
        count = self._resellers
        at, known = np.arange(count), np.full(count, -200)
        self._province: Ints = np.where(
            rng.random(count) < 0.6, PROVINCE_OF_TOWN[at % len(TOWN)], FIRST_ABROAD + rng.integers(0, 5, count)
        )
        names = [f"{LAST[n * 31 % len(LAST)]} {('Cycles', 'Bike Shop', 'Sports')[n % 3]}" for n in at]
        entity = numbers(at + _FIRST_STORE)
        stores = {"BusinessEntityID": entity, "Name": pa.array(names), "SalesPersonID": numbers(274 + at % 17)}
        stores["Demographics"] = join(_STORE_SURVEY, "<Brands>", numbers(1 + at % 4), "</Brands></StoreSurvey>")
        self.outbox.put("stores", stores | {"rowguid": _guids(rng, count), "ModifiedDate": _day_texts(known)})
        customers = {
            "CustomerID": ints(at + 1),
            "PersonID": ints(at, np.ones(count, bool)),
            "StoreID": ints(at + _FIRST_STORE),
            "TerritoryID": ints(TERRITORY_OF_PROVINCE[self._province]),
            "AccountNumber": ids("AW", at + 1, 8),
            "ModifiedDate": noons(known),
        }
        self.outbox.put("customers", customers)
        addresses = {
            "AddressID": entity,
            "AddressLine1": join(
                numbers(1 + at % 900), pick(LAST, at * 7 % len(LAST)), "Industrial Park", separator=" "
            ),
            "AddressLine2": pick(("",), at * 0),
            "City": pick(TOWN, at % len(TOWN)),
            "StateProvinceID": numbers(self._province + 1),
            "PostalCode": ids("", 10_000 + at * 89, 5),
            "SpatialLocation": join("E6100000010C", _hex(rng, count, 32)),
            "rowguid": _guids(rng, count),
            "ModifiedDate": _day_texts(known),
        }
        self.outbox.put("addresses", addresses)
        links = {"BusinessEntityID": ints(at + _FIRST_STORE), "AddressID": ints(at + _FIRST_STORE)}
        links |= {"AddressTypeID": ints(at * 0 + 3), "ModifiedDate": noons(known)}
        self.outbox.put("business_entity_addresses", links)

    def end(self) -> None:
        """Resellers order about once a month, so many pieces of each product that they pay less."""
        rng = self.rng(self.plan, 2)
        self._put_resellers(rng)
        who = np.repeat(np.arange(self._resellers), rng.poisson(self.plan.end / 30, self._resellers))
        day = np.sort(rng.integers(0, self.plan.end, len(who)))
        who = rng.permutation(who)
        basket = np.repeat(np.arange(len(day)), rng.integers(3, 9, len(day)))
        lines = np.unique(basket * self._goods.count + rng.integers(0, self._goods.count, len(basket)))
        sold = Sold(
            day=day,
            second=clock(rng, day, STORE_HOURS),
            customer=who + 1,
            address=who + _FIRST_STORE,
            province=self._province[who],
            is_online=False,
            is_cancelled=np.zeros(len(day), bool),
        )
        quantity = rng.integers(11, 22, len(lines))
        self._orders.put(rng, sold, lines // self._goods.count, lines % self._goods.count, quantity)
        self.planted |= self._goods.planted("{}", FIRST_PRODUCT)


def _where(columns: dict[str, pa.Array], rows: pa.Array) -> dict[str, pa.Array]:
    return {name: column.filter(rows) for name, column in columns.items()}


def _day_texts(day: Ints) -> pa.Array:
    return moments(day, np.full(len(day), 12 * 3600), end=".000")


def _hex(rng: np.random.Generator, count: int, digits: int) -> pa.Array:
    letters = _HEX[rng.integers(0, 16, (count, digits))]
    return pa.array(letters.view(f"S{digits}").ravel()).cast(pa.string())


def _guids(rng: np.random.Generator, count: int) -> pa.Array:
    return join(*(_hex(rng, count, digits) for digits in (8, 4, 4, 4, 12)), separator="-")
