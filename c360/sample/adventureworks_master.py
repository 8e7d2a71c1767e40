"""Master data of the `adventureworks` system: territories, offers, reasons, products, rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from c360.sample.goods import Goods
from c360.sample.outbox import Outbox
from c360.sample.places import STATE, STATES
from c360.sample.values import LAST, Ints, decimals, delivery_of, numbers, pick, timestamps

NOON = 12 * 3600
FIRST_PRODUCT = 680
PROMOTION, GIVEAWAY = 5, 4
"""An offer that sells more, and one that sells as much as without it."""
PROMOTED_DAYS = (184, 214)
"""September 2024: the promotion's first day, and the first after it."""
PROMOTION_PERCENT, GIVEAWAY_PERCENT = 20, 10
UPLIFT = 2
"""So many times as many of a product are bought in the promotion."""
VOLUME_PERCENTS = (2, 5)
"""The discounts of offers 2 and 3, for 11 and for 15 pieces or more."""
CURRENCIES = ("CAD", "EUR", "AUD", "GBP")
_RATES = (1.36, 0.92, 1.52, 0.79)
_COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "FR": "France",
    "DE": "Germany",
    "AU": "Australia",
    "GB": "United Kingdom",
}
_TERRITORIES = (
    ("Northwest", "US", "North America"),
    ("Northeast", "US", "North America"),
    ("Central", "US", "North America"),
    ("Southwest", "US", "North America"),
    ("Southeast", "US", "North America"),
    ("Canada", "CA", "North America"),
    ("France", "FR", "Europe"),
    ("Germany", "DE", "Europe"),
    ("Australia", "AU", "Pacific"),
    ("United Kingdom", "GB", "Europe"),
)
_TERRITORY_OF = {"OR": 1, "WA": 1, "CT": 2, "MA": 2, "NJ": 2, "NY": 2, "PA": 2, "IL": 3, "MI": 3, "MN": 3, "OH": 3}
_TERRITORY_OF |= {"WI": 3, "AZ": 4, "CA": 4, "CO": 4, "TX": 4, "UT": 4, "FL": 5, "GA": 5, "NC": 5, "TN": 5, "VA": 5}
_ABROAD = (
    ("AB", "CA", "Alberta", 6),
    ("75", "FR", "Paris", 7),
    ("BY", "DE", "Bayern", 8),
    ("NSW", "AU", "New South Wales", 9),
    ("ENG", "GB", "England", 10),
)
FIRST_ABROAD = len(STATES)
"""The province, as a position, of the first of five abroad; currencies begin with the first of these, too."""
PROVINCE_OF_TOWN: Ints = np.array([list(STATES).index(state) for state in STATE])
TERRITORY_OF_PROVINCE: Ints = np.array([_TERRITORY_OF[code] for code in STATES] + [abroad[3] for abroad in _ABROAD])
CURRENCY_OF_PROVINCE: Ints = np.array([-1] * len(STATES) + [0, 1, 1, 2, 3])
REASONS = (
    "Price",
    "On Promotion",
    "Magazine Advertisement",
    "Television  Advertisement",
    "Manufacturer",
    "Review",
    "Demo Event",
    "Sponsorship",
    "Quality",
    "Other",
)


def put_master_data(outbox: Outbox, rng: np.random.Generator, goods: Goods, end: int) -> dict[str, Any]:
    """Writes everything that is not about customers; what a model should find in it."""
    _geography(outbox)
    _offers(outbox, goods)
    low = _products(outbox, rng, goods)
    _rates(outbox, rng, end)
    at = np.arange(len(REASONS))
    outbox.put(
        "sales_reasons",
        {
            "SalesReasonID": ints(at + 1),
            "Name": pa.array(REASONS),
            "ReasonType": pick(("Other", "Promotion", "Marketing"), np.array([0, 1, 2, 2, 0, 0, 2, 2, 0, 0])),
            "ModifiedDate": noons(np.full(len(at), -400)),
        },
    )
    return {
        "below_reorder_point": low,
        "promotions": [
            {"promotion_id": str(PROMOTION), "uplift_of_units_per_line": UPLIFT},
            {"promotion_id": str(GIVEAWAY), "uplift_of_units_per_line": 1},
        ],
    }


def ints(values: Ints, null: Any = None) -> pa.Array:
    """Numbers of SQL Server's type int."""
    return pa.array(values.astype(np.int32), mask=null)


def noons(day: Ints) -> pa.Array:
    """Noon of each day."""
    return timestamps(day, np.full(len(day), NOON), "ns")


def promoted(goods: Goods) -> Ints:
    """Positions of the products in the promotion: every third of the third category."""
    clothes = np.flatnonzero(goods.category == 2)
    return clothes[::3]


def _geography(outbox: Outbox) -> None:
    codes = list(_COUNTRIES)
    outbox.put(
        "country_regions",
        {
            "CountryRegionCode": pa.array(codes),
            "Name": pa.array(list(_COUNTRIES.values())),
            "ModifiedDate": noons(np.full(len(codes), -400)),
        },
    )
    count, zeros = len(_TERRITORIES), np.zeros(len(_TERRITORIES), np.int64)
    names, countries, groups = zip(*_TERRITORIES, strict=True)
    money = {name: decimals(zeros, 19, 4) for name in ("SalesYTD", "SalesLastYear", "CostYTD", "CostLastYear")}
    territories = {"TerritoryID": ints(np.arange(1, count + 1)), "Name": pa.array(names)}
    territories |= {"CountryRegionCode": pa.array(countries), "Group": pa.array(groups), **money}
    outbox.put("sales_territories", territories | {"ModifiedDate": noons(zeros - 400)})
    provinces = [(code, "US", name) for code, name in STATES.items()] + [abroad[:3] for abroad in _ABROAD]
    outbox.put(
        "state_provinces",
        {
            "StateProvinceID": ints(np.arange(1, len(provinces) + 1)),
            "StateProvinceCode": pa.array([f"{code:3}" for code, _, _ in provinces]),
            "CountryRegionCode": pa.array([country for _, country, _ in provinces]),
            "IsOnlyStateProvinceFlag": pa.array([False] * len(provinces)),
            "Name": pa.array([name for *_, name in provinces]),
            "TerritoryID": ints(TERRITORY_OF_PROVINCE),
            "ModifiedDate": noons(np.full(len(provinces), -400)),
        },
    )


def _offers(outbox: Outbox, goods: Goods) -> None:
    percents = (0, *VOLUME_PERCENTS, GIVEAWAY_PERCENT, PROMOTION_PERCENT)
    count = len(percents)
    begin, end = np.full(count, -365), np.full(count, 800)
    begin[PROMOTION - 1], end[PROMOTION - 1] = PROMOTED_DAYS[0], PROMOTED_DAYS[1] - 1
    names = (
        "No Discount",
        "Volume Discount 11 to 14",
        "Volume Discount 15 and more",
        "Loyalty Gift",
        "Autumn Wardrobe",
    )
    kinds = ("No Discount", "Volume Discount", "Volume Discount", "Customer Loyalty", "Seasonal Discount")
    most = np.array([0, 14, 0, 0, 0])
    outbox.put(
        "special_offers",
        {
            "SpecialOfferID": ints(np.arange(1, count + 1)),
            "Description": pa.array(names),
            "DiscountPct": decimals(np.array(percents) * 100, 10, 4),
            "Type": pa.array(kinds),
            "Category": pa.array(("No Discount", "Reseller", "Reseller", "Customer", "Customer")),
            "StartDate": timestamps(begin, np.zeros(count, np.int64), "ns"),
            "EndDate": timestamps(end, np.zeros(count, np.int64), "ns"),
            "MinQty": ints(np.array([0, 11, 15, 0, 0])),
            "MaxQty": ints(most, most == 0),
            "ModifiedDate": noons(begin - 30),
        },
    )
    everything = np.arange(goods.count)
    products = [everything] * (PROMOTION - 1) + [promoted(goods)]
    product = np.concatenate(products)
    columns = {
        "SpecialOfferID": ints(np.repeat(np.arange(1, PROMOTION + 1), [len(some) for some in products])),
        "ProductID": ints(FIRST_PRODUCT + product),
    }
    outbox.put("special_offer_products", columns | {"ModifiedDate": noons(np.full(len(product), -400))})


def _products(outbox: Outbox, rng: np.random.Generator, goods: Goods) -> list[str]:
    """Products, categories and stock; ids of those of which there is too little, which is every tenth."""
    categories = np.arange(len(goods.categories))
    kinds = [(c, kind) for c in range(len(categories)) for kind in sorted({n.split()[1] for n in _names(goods, c)})]
    places = {kind: place for place, kind in enumerate(kinds)}
    subcategory = np.array([places[c, name.split()[1]] for c, name in zip(goods.category, goods.names, strict=True)])
    outbox.put(
        "product_categories",
        {
            "ProductCategoryID": ints(categories + 1),
            "Name": pa.array(goods.categories),
            "ModifiedDate": noons(categories * 0 - 400),
        },
    )
    outbox.put(
        "product_subcategories",
        {
            "ProductSubcategoryID": ints(np.arange(1, len(kinds) + 1)),
            "ProductCategoryID": ints(np.array([c + 1 for c, _ in kinds])),
            "Name": pa.array([kind for _, kind in kinds]),
            "ModifiedDate": noons(np.full(len(kinds), -400)),
        },
    )
    count = goods.count
    at, none = np.arange(count), np.ones(count, bool)
    nothing, no_time = pick(("",), at * 0, none), timestamps(at * 0, at * 0, "ns", null=none)
    outbox.put(
        "products",
        {
            "ProductID": ints(FIRST_PRODUCT + at),
            "Name": pa.array(goods.names),
            "ProductNumber": pa.array([f"{name[:2].upper()}-{1000 + n}" for n, name in enumerate(goods.names)]),
            "MakeFlag": pa.array(at % 3 == 0),
            "FinishedGoodsFlag": pa.array([True] * count),
            "Color": pick(("Black", "Blue", "Red", "Silver"), at % 4, at % 7 == 0),
            "SafetyStockLevel": ints(np.full(count, 100)),
            "ReorderPoint": ints(np.full(count, 75)),
            "StandardCost": decimals(goods.cents * 60, 19, 4),
            "ListPrice": decimals(goods.cents * 100, 19, 4),
            "Size": pick(("S", "M", "L"), at % 3, at % 2 == 0),
            "SizeUnitMeasureCode": nothing,
            "WeightUnitMeasureCode": nothing,
            "Weight": decimals(at * 0, 8, 2, none),
            "DaysToManufacture": ints(at % 3),
            "ProductLine": pick(("R ", "M ", "T "), at % 3, at % 5 == 0),
            "Class": pick(("L ", "M ", "H "), at % 3, at % 4 == 0),
            "Style": pick(("U ", "W "), at % 2, at % 3 == 0),
            "ProductSubcategoryID": ints(subcategory + 1),
            "ProductModelID": ints(at // 2 + 1),
            "SellStartDate": timestamps(at * 0 - 365, at * 0, "ns"),
            "SellEndDate": no_time,
            "DiscontinuedDate": no_time,
            "ModifiedDate": noons(at * 0 - 100),
        },
    )
    product, is_low = np.repeat(at, 2), np.repeat(at % 10 == 3, 2)
    quantity = np.where(is_low, rng.integers(2, 30, 2 * count), rng.integers(60, 400, 2 * count))
    outbox.put(
        "product_inventory",
        {
            "ProductID": ints(FIRST_PRODUCT + product),
            "LocationID": ints(np.tile([6, 50], count)),
            "Shelf": pick(("A", "B", "C"), product % 3),
            "Bin": ints(product % 40),
            "Quantity": ints(quantity),
            "ModifiedDate": noons(np.full(2 * count, LAST)),
        },
    )
    found: list[str] = numbers(FIRST_PRODUCT + at[at % 10 == 3]).to_pylist()
    return found


def _names(goods: Goods, category: int) -> list[str]:
    return [name for name, of in zip(goods.names, goods.category, strict=True) if of == category]


def _rates(outbox: Outbox, rng: np.random.Generator, end: int) -> None:
    """What a dollar is worth on every day; the rate of currency n on a day has the id 4 * day + n + 1."""
    day = np.repeat(np.arange(end), len(CURRENCIES))
    currency = np.tile(np.arange(len(CURRENCIES)), end)
    rate = (
        np.array(_RATES)[currency] * (1 + 0.02 * np.sin(day / 40) + rng.normal(0, 0.003, len(day))) * 10_000
    ).astype(np.int64)
    columns = {
        "CurrencyRateID": ints(np.arange(1, len(day) + 1)),
        "CurrencyRateDate": timestamps(day, day * 0, "ns"),
        "FromCurrencyCode": pick(("USD",), day * 0),
        "ToCurrencyCode": pick(CURRENCIES, currency),
        "AverageRate": decimals(rate, 19, 4),
        "EndOfDayRate": decimals(rate + 2, 19, 4),
        "ModifiedDate": noons(day),
    }
    outbox.put("currency_rates", columns, delivery_of(day))
