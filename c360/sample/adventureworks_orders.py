"""Orders of the `adventureworks` system, whose lines, taxes and freights add up to the last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from c360.sample.adventureworks_master import (
    CURRENCIES,
    CURRENCY_OF_PROVINCE,
    FIRST_PRODUCT,
    GIVEAWAY,
    GIVEAWAY_PERCENT,
    PROMOTED_DAYS,
    PROMOTION,
    PROMOTION_PERCENT,
    TERRITORY_OF_PROVINCE,
    UPLIFT,
    VOLUME_PERCENTS,
    ints,
    noons,
    promoted,
)
from c360.sample.goods import Goods
from c360.sample.system import settled
from c360.sample.values import Flags, Ints, decimals, delivery_of, drawn, ids, pick, timestamps

if TYPE_CHECKING:
    from c360.sample.adventureworks import AdventureWorks

_FIRST_ORDER = 43_659
_DAYS_TO_SHIP, _DAYS_TO_PAY = 7, 12
_IN_PROCESS, _SHIPPED, _CANCELLED = 1, 5, 6
_REASON_WEIGHTS = (45, 15, 2, 3, 8, 7, 2, 2, 6, 10)
_WITH_REASON, _GIFTS = 0.6, 0.05


class Sold(NamedTuple):
    """Orders by time: one element each, but for `is_online`. Ids as the source has them, `province` a position."""

    day: Ints
    second: Ints
    customer: Ints
    address: Ints
    province: Ints
    is_online: bool
    is_cancelled: Flags


class Orders:
    """Writes orders with their lines and reasons.

    Args:
        system: whose orders they are.
        goods: what is ordered.
    """

    def __init__(self, system: AdventureWorks, goods: Goods) -> None:
        self._system = system
        self._goods = goods
        self._is_promoted: Flags = np.isin(np.arange(goods.count), promoted(goods))

    def put(self, rng: np.random.Generator, sold: Sold, order: Ints, product: Ints, quantity: Ints) -> None:
        """Writes orders.

        Args:
            order: of each line, the position of the order in `sold`; ascending.
            product: of each line, a position in the goods.
            quantity: of each line, before the promotion lifts it.
        """
        count = len(sold.day)
        number = self._system.numbers("orders", count) + _FIRST_ORDER
        subtotal = self._lines(rng, sold, number, order, product, quantity)
        tax, freight = (subtotal * 8 + 50) // 100, (subtotal * 25 + 500) // 1000
        takes = np.where(sold.is_cancelled, 0, _DAYS_TO_SHIP)
        which, delivery, is_settled = settled(sold.day, takes, self._system.plan.days)
        final = np.where(sold.is_cancelled, _CANCELLED, _SHIPPED)[which]
        is_sent = is_settled & ~sold.is_cancelled[which]
        nobody = np.full(count, sold.is_online)
        currency = CURRENCY_OF_PROVINCE[sold.province]
        columns = {
            "SalesOrderID": ints(number),
            "RevisionNumber": ints(np.full(count, 8)),
            "OrderDate": timestamps(sold.day, sold.second, "ns"),
            "DueDate": noons(sold.day + _DAYS_TO_PAY),
            "OnlineOrderFlag": pa.array(nobody),
            "SalesOrderNumber": ids("SO", number, 5),
            "PurchaseOrderNumber": ids("PO", number * 7919 % 10**9, 9, nobody),
            "AccountNumber": ids("10-4030-", sold.customer, 6),
            "CustomerID": ints(sold.customer),
            "SalesPersonID": ints(274 + sold.customer % 17, nobody),
            "TerritoryID": ints(TERRITORY_OF_PROVINCE[sold.province]),
            "BillToAddressID": ints(sold.address),
            "ShipToAddressID": ints(sold.address),
            "ShipMethodID": ints(np.full(count, 1 if sold.is_online else 5)),
            "CreditCardID": ints(sold.customer % 19_000 + 1, sold.customer % 10 == 0),
            "CreditCardApprovalCode": ids("", number * 31 % 10**6, 6, sold.customer % 10 == 0),
            "CurrencyRateID": ints(sold.day * len(CURRENCIES) + currency + 1, currency < 0),
            "SubTotal": decimals(subtotal, 19, 4),
            "TaxAmt": decimals(tax, 19, 4),
            "Freight": decimals(freight, 19, 4),
            "TotalDue": decimals(subtotal + tax + freight, 19, 4),
            "Comment": pick(("",), number * 0, np.ones(count, bool)),
        }
        rows = {name: column.take(pa.array(which)) for name, column in columns.items()}
        shipped = (sold.day + _DAYS_TO_SHIP)[which]
        rows["ShipDate"] = timestamps(shipped, np.full(len(which), 19 * 3600), "ns", null=~is_sent)
        rows["Status"] = ints(np.where(is_settled, final, _IN_PROCESS))
        rows["ModifiedDate"] = noons(np.where(is_sent, shipped, sold.day[which]))
        names = list(columns)
        names[4:4] = ["ShipDate", "Status"]
        outbox = self._system.outbox
        outbox.put("sales_order_headers", {name: rows[name] for name in [*names, "ModifiedDate"]}, delivery)
        told = np.flatnonzero((rng.random(count) < _WITH_REASON) & nobody)
        reasons = {
            "SalesOrderID": ints(number[told]),
            "SalesReasonID": ints(drawn(rng, _REASON_WEIGHTS, len(told)) + 1),
            "ModifiedDate": noons(sold.day[told]),
        }
        outbox.put("sales_order_reasons", reasons, delivery_of(sold.day[told]))

    def _lines(
        self, rng: np.random.Generator, sold: Sold, number: Ints, order: Ints, product: Ints, quantity: Ints
    ) -> Ints:
        """The lines; each order's sum in ten-thousandths of a dollar."""
        day = sold.day[order]
        in_promotion = (day >= PROMOTED_DAYS[0]) & (day < PROMOTED_DAYS[1]) & self._is_promoted[product]
        in_promotion &= sold.is_online
        is_gift = ~in_promotion & (rng.random(len(order)) < _GIFTS) & sold.is_online
        quantity = np.where(in_promotion, quantity * UPLIFT, quantity)
        volume = np.searchsorted((11, 15), quantity, side="right") * (not sold.is_online)
        offer = np.where(in_promotion, PROMOTION, np.where(is_gift, GIVEAWAY, 1 + volume))
        percent = np.array((0, *VOLUME_PERCENTS, GIVEAWAY_PERCENT, PROMOTION_PERCENT))[offer - 1]
        cents = self._goods.cents[product]
        amount = cents * quantity * (100 - percent)
        columns = {
            "SalesOrderID": ints(number[order]),
            "SalesOrderDetailID": pa.array(self._system.numbers("lines", len(order)) + 1),
            "CarrierTrackingNumber": ids("", number[order] * 7907 % 10**8, 8, np.full(len(order), sold.is_online)),
            "OrderQty": ints(quantity),
            "ProductID": ints(FIRST_PRODUCT + product),
            "SpecialOfferID": ints(offer),
            "UnitPrice": decimals(cents * 100, 8, 4),
            "UnitPriceDiscount": decimals(percent, 3, 2),
            "LineTotal": decimals(amount * 100, 11, 6),
            "ModifiedDate": noons(day),
        }
        self._system.outbox.put("sales_order_details", columns, delivery_of(day))
        subtotal: Ints = np.bincount(order, amount, len(sold.day)).astype(np.int64)
        return subtotal
