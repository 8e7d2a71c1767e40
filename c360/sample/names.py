"""Invented names of people and goods."""

from __future__ import annotations

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
HEADS = "Ash Black Brad Cald Crom Dal East Fen Gar Hal Hart Kirk Lang Mar Nor Pem Red Roth Stan Thorn Wal West".split()
TAILS = "bourne brook by combe croft dale den field gate ham ley man more shaw stead ton well wood worth yard".split()
LAST = FAMILIES + [f"{head}{tail}" for head in HEADS for tail in TAILS]
"""Family names."""

NICKNAMES = {
    "Amanda": "Mandy", "Andrew": "Andy", "Benjamin": "Ben", "Charlotte": "Lottie", "Daniel": "Dan", "David": "Dave",
    "Edward": "Ted", "Emily": "Em", "George": "Georgie", "Henry": "Hank", "Isabel": "Bella", "James": "Jim",
    "Jasmine": "Jas", "Judith": "Judy", "Kevin": "Kev", "Laura": "Laurie", "Margaret": "Peggy", "Martin": "Marty",
    "Nathan": "Nate", "Olivia": "Liv", "Patrick": "Pat", "Rafael": "Rafa", "Robert": "Bob", "Samuel": "Sam",
    "Sandra": "Sandy", "Teresa": "Terry", "Thomas": "Tom", "Victor": "Vic", "William": "Bill",
}  # fmt: skip
FIRST = WOMEN + MEN + list(NICKNAMES.values())
"""Given names, the women's first, then the men's, then what friends call them."""

MAIL_HOSTS = ("example.com", "example.net", "example.org", "mail.example.com", "post.example.net")

MAKES = "Amber Bright Coastal Crimson Easy Golden Grand Little Modern Nordic Quiet Simple Solar Swift Urban".split()
GOODS = {
    "Bikes": "Cruiser Gravel Kids Mountain Road Touring".split(),
    "Books": "Almanac Atlas Biography Cookbook Dictionary Fable Guide Memoir Novel Thriller".split(),
    "Clothing": "Belt Boots Cardigan Coat Dress Jeans Scarf Shirt Socks Sweater".split(),
    "Components": "Brakes Chain Crankset Fork Handlebar Pedal Rim Saddle Stem Wheel".split(),
    "Cycling Gear": "Bottle Cap Fender Gloves Helmet Jersey Light Lock Pump Vest".split(),
    "Electronics": "Camera Charger Headphones Keyboard Monitor Phone Printer Radio Router Tablet".split(),
    "Garden": "Barrow Bench Hose Lantern Mower Planter Rake Shears Spade Trellis".split(),
    "Grocery": "Biscuits Cheese Coffee Honey Juice Muesli Olives Pasta Rice Tea".split(),
    "Home Goods": "Blanket Candle Chair Clock Kettle Lamp Mirror Pan Rug Vase".split(),
    "Sports": "Ball Dumbbell Goggles Kayak Mat Racket Rope Skates Tent Treadmill".split(),
    "Toys": "Blocks Doll Drum Dominoes Kite Marbles Puppet Puzzle Robot Train".split(),
}


def product_name(category: str, number: int) -> str:
    """The name of the `number`th product of a category, from 0 on; all differ."""
    goods = GOODS[category]
    make = MAKES[(number // len(goods) + number) % len(MAKES)]
    rounds = number // (len(goods) * len(MAKES))
    return f"{make} {goods[number % len(goods)]}{f' {rounds + 1}' if rounds else ''}"
