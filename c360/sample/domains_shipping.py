"""Parcels of the `domains` system, and what their carriers say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from c360.sample.domains_stock import WAREHOUSES, location_ids, location_places
from c360.sample.places import STATE_CODES, TOWN_NAMES
from c360.sample.records import Sheet
from c360.sample.system import settled
from c360.sample.values import Ints, days, delivery_of, drawn, ids, join, moments, money, numbers, pick

if TYPE_CHECKING:
    from c360.sample.domains import Domains

_CARRIERS = ("Blue Arrow", "Northern Post", "Swift Parcel", "Cheap Cargo")
_LATE = (0.05, 0.08, 0.06, 0.45)
_LOST = (0.001, 0.001, 0.001, 0.03)
_LEVELS = ("standard", "expedited", "overnight")
_DAYS = (5, 3, 1)
_CENTS = (825, 1450, 3900)
_NEVER = 40
"""Days after which a parcel counts as lost."""
_EVENTS = (
    # what, who says it, its code, its hours
    ("picked_up", "Package picked up from origin", "IP", (8, 11)),
    ("in_transit", "Arrived at sort facility", "AR", (11, 13)),
    ("out_for_delivery", "Out for delivery", "OFD", (7, 9)),
    ("delivered", "Package delivered", "DL", (13, 15)),
)


class Shipping:
    """Writes the parcels of sales.

    Args:
        domains: whose parcels they are.
    """

    def __init__(self, domains: Domains) -> None:
        self._domains = domains
        self.planted: dict[str, Any] = {
            "carriers": {
                name: {"late_share": late, "lost_share": lost}
                for name, late, lost in zip(_CARRIERS, _LATE, _LOST, strict=True)
            }
        }

    def put(self, rng: np.random.Generator, transaction: Ints, sold: Ints, sheet: Sheet, row: Ints) -> None:
        """Writes a parcel per sale, sent the day after to where the customer lives.

        Args:
            transaction: numbers of the sales.
            sold: the days of the sales.
            sheet: the customers' records.
            row: the customer of each sale, as a position in `sheet`.
        """
        plan, outbox = self._domains.plan, self._domains.outbox
        goes = np.flatnonzero(sold + 1 < plan.end)
        transaction, shipped, row = transaction[goes], sold[goes] + 1, row[goes]
        count = len(goes)
        carrier = drawn(rng, (35, 30, 20, 15), count)
        level = drawn(rng, (60, 30, 10), count)
        promised = shipped + np.array(_DAYS)[level]
        is_late = rng.random(count) < np.array(_LATE)[carrier]
        is_lost = rng.random(count) < np.array(_LOST)[carrier]
        early = np.minimum(rng.integers(0, 3, count), promised - shipped - 1)
        arrived = np.where(is_late, promised + rng.integers(1, 7, count), promised - early)
        takes = np.where(is_lost, _NEVER, arrived - shipped)
        shipment = self._domains.numbers("shipments", count) + 1
        origin = rng.integers(0, WAREHOUSES, count)
        weight = rng.integers(200, 6000, count)
        side = numbers(rng.integers(10, 50, count))
        which, delivery, is_settled = settled(shipped, takes, plan.days)
        state = np.where(is_settled, np.where(is_lost, 2, 1)[which], 0)
        at = pa.array(which)
        columns = {
            "shipment_id": ids("SHP", shipment, 8),
            "transaction_id": ids("TXN", transaction, 8),
            "tracking_number": join(pick(("1Z", "92", "94", "CC"), carrier), ids("", shipment, 12)),
            "carrier": pick(_CARRIERS, carrier),
            "service_level": pick(_LEVELS, level),
            "origin_location": location_ids(origin),
            "destination_address": join(sheet.streets(), sheet.towns(), sheet.states(), separator=" ").take(
                pa.array(row)
            ),
            "weight_kg": join(numbers(weight // 1000), ids("", weight % 1000, 3), separator="."),
            "dimensions": join(side, "x20x10 cm"),
            "ship_date": days(shipped),
            "estimated_delivery": days(promised),
        }
        rows = {name: column.take(at) for name, column in columns.items()}
        rows["actual_delivery"] = days(arrived[which], null=state != 1)
        rows["delivery_status"] = pick(("in_transit", "delivered", "lost"), state)
        rows["shipping_cost"] = money((np.array(_CENTS)[level] + weight // 10)[which])
        outbox.put("shipments", rows, delivery)
        self._events(rng, shipment, (shipped, arrived, is_lost), origin, sheet.town[row])

    def _events(
        self,
        rng: np.random.Generator,
        shipment: Ints,
        when: tuple[Ints, Ints, np.ndarray[Any, Any]],
        origin: Ints,
        town: Ints,
    ) -> None:
        shipped, arrived, is_lost = when
        count, kinds = len(shipment), len(_EVENTS)
        halfway = shipped + (arrived - shipped) // 2
        day = np.stack([shipped, halfway, arrived, arrived], axis=1)
        hours = np.array([hours for *_, hours in _EVENTS])
        second = rng.integers(hours[:, 0] * 3600, hours[:, 1] * 3600, (count, kinds))
        happens = day < self._domains.plan.end
        happens[:, 2:] &= ~is_lost[:, None]
        parcel, kind = np.nonzero(happens)
        day, second = day[happens], second[happens]
        warehouse = location_places(0)[origin]
        place = np.where(kind == 0, warehouse[parcel], town[parcel])
        texts = [[event[part] for event in _EVENTS] for part in range(3)]
        columns = {
            "event_id": ids("EVT", self._domains.numbers("events", len(parcel)) + 1, 9),
            "shipment_id": ids("SHP", shipment[parcel], 8),
            "event_timestamp": moments(day, second),
            "event_type": pick([str(text) for text in texts[0]], kind),
            "location": join(pick(TOWN_NAMES, place), pick(STATE_CODES, place), separator=" "),
            "description": pick([str(text) for text in texts[1]], kind),
            "carrier_status": pick([str(text) for text in texts[2]], kind),
        }
        self._domains.outbox.put("tracking_events", columns, delivery_of(day))
