"""Invented people, addresses and products, drawn the same way on every platform."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")

WOMEN = (
    "Alice Amanda Beatrice Carla Charlotte Chloe Daniela Diane Elena Emily Esther Fatima Gloria Grace Hannah "
    "Helen Irene Isabel Jasmine Joan Judith Laura Leila Lucia Mabel Margaret Mei Naomi Nina Olivia Paula Priya "
    "Renée Rosa Ruth Sandra Sofia Teresa Vera Zoë"
).split()
MEN = (
    "Aaron Adam Ahmed Andrew Benjamin Brian Carlos Daniel David Dmitri Edward Eric Felix Frank George Hassan "
    "Henry Hugo Ian Ivan James Jorge José Kenji Kevin Leon Louis Marco Martin Nathan Oscar Patrick Paul Rafael "
    "Robert Samuel Simon Thomas Victor William"
).split()
FAMILIES = (
    "Abbott Adams Ahmed Allen Baker Barnes Bauer Becker Bennett Brooks Brown Carter Castillo Chang Clark Collins "
    "Cooper Cruz Davis Diaz Dixon Edwards Evans Fischer Fisher Flores Foster Garcia Gibson Gomez Graham Gray "
    "Green Hall Harris Hayes Hill Hoffman Howard Hughes Ito Jackson Jensen Johnson Jones Kaur Kelly Khan Kim King "
    "Kowalski Larsen Lee Lewis Lopez Mason Meyer Miller Mitchell Moore Morgan Muñoz Murphy Nelson Nguyen Novak "
    "Ortiz Owens Park Patel Perez Peters Price Quinn Ramirez Reed Rivera Rossi Russell Sanders Santos Schmidt "
    "Scott Silva Singh Smith Stone Sullivan Tanaka Taylor Torres Turner Vargas Wagner Walker Walsh Ward Watson "
    "Weber West White Wilson Wong Wood Wright Young Zhang"
).split()
STREETS = "Avenue Court Drive Grove Hill Lane Parkway Place Ridge Road Square Street Terrace Trail View Way".split()
TOWNS = "Ash Bridge Clear Dun East Fair Glen Haver King Lake Mill North Oak River Spring Stone Wood".split()
TOWN_ENDS = "borough bury field ford haven land mouth port side stead ton ville wick".split()
STATES = "AK AL AZ CA CO CT FL GA IA IL KS LA MA MD MI MN MO NC NH NJ NM NV NY OH OR PA TN TX UT VA WA WI".split()
MAIL_HOSTS = ("example.com", "example.net", "example.org")

MAKES = "Amber Bright Coastal Crimson Easy Golden Grand Little Modern Nordic Quiet Simple Solar Swift Urban".split()
GOODS = {
    "Books": "Almanac Atlas Biography Cookbook Dictionary Fable Guide Memoir Novel Thriller".split(),
    "Clothing": "Belt Boots Cardigan Coat Dress Jeans Scarf Shirt Socks Sweater".split(),
    "Electronics": "Camera Charger Headphones Keyboard Monitor Phone Printer Radio Router Tablet".split(),
    "Home Goods": "Blanket Candle Chair Clock Kettle Lamp Mirror Pan Rug Vase".split(),
    "Toys": "Blocks Doll Drum Dominoes Kite Marbles Puppet Puzzle Robot Train".split(),
}

_VARIETY = 150  # of names in a category: its ten goods, each of fifteen makes
_PLAIN = str.maketrans("éëñ", "een")


class Chance:
    """A stream of draws, the same on every platform and in every version of Python.

    Only `Random.random` is promised to stay as it is, and only sums, products and quotients of floats are the same
    everywhere; so every other draw is made of these.

    Args:
        seed: of the sample.
        stream: keeps the draws of independent parts apart, 0 to 63: one part may draw more without changing the other.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._random = random.Random(seed * 64 + stream).random

    def below(self, limit: int) -> int:
        """An integer from 0 to `limit` - 1."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def happens(self, percent: int) -> bool:
        """True in `percent` of 100 draws."""
        return self.below(100) < percent

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each as likely."""
        return values[self.below(len(values))]

    def index(self, cumulative: Sequence[int], start: int = 0, stop: int | None = None) -> int:
        """A position from `start` to `stop` - 1 (default: all), as likely as its weight.

        Args:
            cumulative: the running totals of whole-number weights; within the range not all weights may be 0.
        """
        low = cumulative[start - 1] if start else 0
        high = cumulative[(len(cumulative) if stop is None else stop) - 1]
        return bisect_right(cumulative, low + self.below(high - low))


class Person(NamedTuple):
    """A name and its parts."""

    first: str
    last: str
    full: str


def person(chance: Chance) -> Person:
    """Somebody; one name in fourteen carries a title before or behind it."""
    is_woman = chance.happens(50)
    first, last = chance.pick(WOMEN if is_woman else MEN), chance.pick(FAMILIES)
    full = f"{first} {last}"
    titled = chance.below(28)
    if titled == 0:
        full = f"{chance.pick(('Mrs.', 'Ms.') if is_woman else ('Mr.',))} {full}"
    elif titled == 1:
        full = f"{full} {chance.pick(('DVM', 'MD', 'PhD', 'DDS') if is_woman else ('DVM', 'MD', 'Jr.', 'III'))}"
    return Person(first, last, full)


def email(chance: Chance, who: Person, taken: set[str]) -> str:
    """An address that nobody has yet, in lower-case ASCII, at a host reserved for examples; it is added to `taken`."""
    first, last = (part.lower().translate(_PLAIN) for part in (who.first, who.last))
    local = chance.pick((f"{first[0]}{last}", f"{last}{first}", f"{first}.{last}", f"{first}{chance.between(10, 99)}"))
    host = chance.pick(MAIL_HOSTS)
    address, digits = f"{local}@{host}", 10
    while address in taken:
        address = f"{local}{chance.below(digits)}@{host}"
        digits *= 10
    taken.add(address)
    return address


def town(chance: Chance) -> str:
    """The name of a town."""
    name = chance.pick(TOWNS) + chance.pick(TOWN_ENDS)
    before = chance.below(10)
    return f"{('Port', 'New', 'Lake', 'West')[before]} {name}" if before < 4 else name


def postal_address(chance: Chance) -> str:
    """Street, town, state and zip code in one line; one in fifty is a military one without a town."""
    zip_code = f"{chance.between(501, 99950):05d}"
    if chance.happens(2):
        unit, box = chance.between(1000, 9999), chance.between(1000, 9999)
        return f"Unit {unit} Box {box}, DPO {chance.pick(('AA', 'AE', 'AP'))} {zip_code}"
    street = f"{chance.between(1, 9999)} {chance.pick(FAMILIES)} {chance.pick(STREETS)}"
    flat = chance.below(10)
    if flat < 4:
        street += f" {'Apt.' if flat < 2 else 'Suite'} {chance.between(1, 999)}"
    return f"{street}, {town(chance)}, {chance.pick(STATES)} {zip_code}"


def product_names(count: int) -> list[tuple[str, str]]:
    """`count` products as (name, category): all different, the categories in turn."""
    categories = list(GOODS)
    products = []
    for number in range(count):
        category = categories[number % len(categories)]
        of_category = number // len(categories)
        kind = GOODS[category][of_category % 10]
        make = MAKES[(of_category + of_category // 10) % len(MAKES)]
        model = f" {of_category // _VARIETY + 1}" if of_category >= _VARIETY else ""
        products.append((f"{make} {kind}{model}", category))
    return products


def money(cents: int) -> str:
    """An amount as the shop's export prints it: 18990 is 189.9, 19000 is 190.0, 18999 is 189.99."""
    text = f"{cents // 100}.{cents % 100:02d}"
    return text.removesuffix("0")
