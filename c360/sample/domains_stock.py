"""Master data of the `domains` system: products, where they lie, who supplies them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from c360.sample.goods import Goods
from c360.sample.names import FIRST, LAST
from c360.sample.outbox import Outbox
from c360.sample.places import STATE, TOWN, places
from c360.sample.values import LAST as LAST_DAY
from c360.sample.values import Ints, days, ids, join, moments, money, numbers, pick

WAREHOUSES = 5
_SUPPLIERS = 12
_BAD_SUPPLIER = 11
"""It takes long, and its goods are bad."""
_REORDER_POINT = 40
_COLORS = ("Black", "Blue", "Gray", "Green", "N/A", "Red", "White")
_SIZES = ("One Size", "S", "M", "L", "N/A")


def put_master_data(
    outbox: Outbox, rng: np.random.Generator, goods: Goods, stores: int, plan_days: int
) -> dict[str, Any]:
    """Writes products, locations, suppliers, who supplies what, and the stock; what a model should find in them."""
    _products(outbox, rng, goods)
    _locations(outbox, rng, stores)
    _suppliers(outbox, rng, goods)
    below = _inventory(outbox, rng, goods, plan_days)
    return {"below_reorder_point": below, "bad_supplier_id": f"SUP{_BAD_SUPPLIER + 1:03d}"}


def location_places(stores: int) -> Ints:
    """The town of each location: the warehouses', then the stores'."""
    return places(11, WAREHOUSES + stores)


def _products(outbox: Outbox, rng: np.random.Generator, goods: Goods) -> None:
    count = goods.count
    words = [name.split() for name in goods.names]
    sides = rng.integers(5, 60, (3, count))
    size = [f"{a}x{b}x{c} cm" if c % 5 else "N/A" for a, b, c in zip(*sides.tolist(), strict=True)]
    status = np.where(rng.random(count) < 0.05, 1, np.where(rng.random(count) < 0.08, 2, 0))
    weight = rng.integers(50, 9000, count)
    columns = {
        "product_id": ids("PRD", np.arange(1, count + 1), 3),
        "product_name": pa.array(goods.names),
        "category": pick(goods.categories, goods.category),
        "subcategory": pa.array([word[1] for word in words]),
        "brand": pa.array([word[0] for word in words]),
        "price": money(goods.cents),
        "cost": money(goods.cents * 55 // 100),
        "weight_kg": join(numbers(weight // 1000), ids("", weight % 1000, 3), separator="."),
        "dimensions": pa.array(size),
        "color": pick(_COLORS, rng.integers(0, len(_COLORS), count)),
        "size": pick(_SIZES, rng.integers(0, len(_SIZES), count)),
        "created_date": days(-rng.integers(30, 900, count)),
        "status": pick(("active", "discontinued", "seasonal"), status),
    }
    outbox.put("products", columns)


def _locations(outbox: Outbox, rng: np.random.Generator, stores: int) -> None:
    where = location_places(stores)
    towns = [TOWN[place] for place in where]
    kinds = ["distribution_center" if n % 2 else "warehouse" for n in range(WAREHOUSES)] + ["store"] * stores
    names = [f"{town} {kind.replace('_', ' ').title()}" for town, kind in zip(towns, kinds, strict=True)]
    names[WAREHOUSES : WAREHOUSES + 2] = ["High Street", "Discount Park"]
    house = rng.integers(1, 3000, len(where)).tolist()
    columns = {
        "location_id": location_ids(np.arange(len(where))),
        "location_name": pa.array(names),
        "location_type": pa.array(kinds),
        "address": pa.array([f"{number} Commerce Road" for number in house]),
        "city": pa.array(towns),
        "state": pa.array([STATE[place] for place in where]),
        "country": pa.array(["USA"] * len(where)),
        "capacity_cubic_meters": numbers(rng.integers(2, 500, len(where)) * 100),
        "manager_name": _people(rng, len(where)),
    }
    outbox.put("warehouse_locations", columns)


def location_ids(at: Ints, null: Any = None) -> pa.Array:
    """The ids of locations by their place in the list: WH001 to WH005, ST001 and so on."""
    number = np.where(at < WAREHOUSES, at, at - WAREHOUSES) + 1
    prefix = pick(("WH", "ST"), (at >= WAREHOUSES).astype(np.int64), null)
    return join(prefix, ids("", number, 3))


def _suppliers(outbox: Outbox, rng: np.random.Generator, goods: Goods) -> None:
    at = np.arange(_SUPPLIERS)
    is_bad = at == _BAD_SUPPLIER
    rating = np.where(is_bad, 180, rng.integers(350, 500, _SUPPLIERS))
    names = [f"{LAST[7 + n * 5]} & {LAST[11 + n * 9]} Supplies" for n in at]
    towns = [f"{TOWN[place]} {STATE[place]}" for place in places(2, _SUPPLIERS)]
    outbox.put(
        "suppliers",
        {
            "supplier_id": ids("SUP", at + 1, 3),
            "supplier_name": pa.array(names),
            "contact_person": _people(rng, _SUPPLIERS),
            "email": pa.array([f"orders@supplier{n + 1}.example.com" for n in at]),
            "phone": pa.array([f"+1-555-{2001 + n}" for n in at]),
            "address": pa.array([f"{100 + n} Industrial Road {town}" for n, town in zip(at, towns, strict=True)]),
            "country": pa.array(["USA"] * _SUPPLIERS),
            "payment_terms": pick(("Net 30", "Net 45", "Net 60"), at % 3),
            "quality_rating": money(rating),
        },
    )
    product = np.repeat(np.arange(goods.count), 2)
    is_primary = np.arange(len(product)) % 2 == 0
    supplier = np.where(is_primary, product % _SUPPLIERS, (product + 5) % _SUPPLIERS)
    cost = goods.cents[product] * np.where(is_primary, 55, 58) // 100
    lead = np.where(supplier == _BAD_SUPPLIER, 45, rng.integers(5, 21, len(product)))
    outbox.put(
        "product_suppliers",
        {
            "product_id": ids("PRD", product + 1, 3),
            "supplier_id": ids("SUP", supplier + 1, 3),
            "is_primary": pick(("false", "true"), is_primary.astype(np.int64)),
            "cost_price": money(cost),
            "lead_time_days": numbers(lead),
        },
    )


def _inventory(outbox: Outbox, rng: np.random.Generator, goods: Goods, plan_days: int) -> list[str]:
    """Every product lies in two warehouses. The first delivery finds every twelfth of them below its reorder point."""
    product = np.repeat(np.arange(goods.count), 2)
    count = len(product)
    at = np.arange(count)
    place = (product + at % 2 * 2) % WAREHOUSES
    is_low = at % 12 == 5
    stock = np.where(is_low, rng.integers(3, _REORDER_POINT - 5, count), rng.integers(60, 300, count))
    columns = {
        "inventory_id": ids("INV", at + 1, 5),
        "product_id": ids("PRD", product + 1, 3),
        "location_id": location_ids(place),
        "stock_quantity": numbers(stock),
        "reserved_quantity": numbers(np.where(is_low, 0, stock // 10)),
        "reorder_point": numbers(np.full(count, _REORDER_POINT)),
        "max_stock_level": numbers(np.full(count, 320)),
        "last_updated": moments(np.full(count, LAST_DAY), np.full(count, 9 * 3600 + 1800)),
    }
    outbox.put("inventory", columns)
    for day in range(1, plan_days):  # what is not low is sold, or filled up
        changed = np.flatnonzero(~is_low & (rng.random(count) < 0.05))
        rows = {name: column.take(pa.array(changed)) for name, column in columns.items()}
        rows["stock_quantity"] = numbers(rng.integers(60, 300, len(changed)))
        rows["last_updated"] = moments(np.full(len(changed), LAST_DAY + day), np.full(len(changed), 34_200))
        outbox.put("inventory", rows, day)
    found: list[str] = columns["inventory_id"].filter(pa.array(is_low)).to_pylist()
    return found


def _people(rng: np.random.Generator, count: int) -> pa.Array:
    return join(pick(FIRST, rng.integers(0, 80, count)), pick(LAST, rng.integers(0, len(LAST), count)), separator=" ")
