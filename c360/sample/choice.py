"""The `choice` system: customers, purchases, support and web visits, delivered as four workbooks."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    ragged,
    unlisted_value,
    wrong_type,
)
from c360.sample.formats import Format, Text, Workbook
from c360.sample.outbox import Dirt, Feed, Outbox
from c360.sample.people import People, Plan, Purchases
from c360.sample.places import PLACES, places
from c360.sample.records import Sheet
from c360.sample.system import ONLINE_HOURS, SERVICE_HOURS, STORE_HOURS, System, resolved, settled, words
from c360.sample.values import (
    HISTORY_DAYS,
    Ints,
    clock,
    dates,
    decimals,
    delivery_of,
    ids,
    join,
    numbers,
    pick,
    timestamps,
)

_MOST_IN_WORKBOOKS = 10_000
"""People in the largest world whose tables come as workbooks; all four then have less than 50,000 rows."""
_STORES = 14
_PAYMENTS = {"Credit Card": 45, "Debit Card": 25, "Cash": 20, "Mobile": 10}
_ISSUES = {"Billing": 25, "Delivery": 30, "Product Quality": 20, "Account": 15, "Other": 10}
_HOURS_TO_RESOLVE = (6.0, 40.0, 30.0, 4.0, 12.0)
"""On average, by issue: what a model should find."""
_DEVICES = {"Desktop": 40, "Mobile": 45, "Tablet": 15}
_NOBODY = "C99999999"
_LATE = "C98000000"


class Choice(System):
    """A shop that knows what its customers pay, but not for what."""

    name = "choice"
    errors = 1.3

    def __init__(self, plan: Plan, outbox: Outbox) -> None:
        super().__init__(plan, outbox)
        self._stores = [PLACES[place] for place in places(3, _STORES)]

    @classmethod
    def feeds_of(cls, plan: Plan) -> dict[str, Feed]:
        """Workbooks in a small world, CSV in a large one."""
        return _feeds(in_workbooks=plan.customers <= _MOST_IN_WORKBOOKS)

    def customer_ids(self, number: Ints) -> pa.Array:
        """From C00001 on."""
        return ids("C", number + 1, 5)

    def chunk(self, people: People, purchases: Purchases) -> tuple[Ints, Ints]:
        """Customers and all they do."""
        rng = self.rng(self.plan, 1, people.first)
        sheet, number, since, changed = self.known(people, rng)
        joined = people.start - (people.years_before * HISTORY_DAYS).astype(np.int64)
        self._customers(sheet, number, joined, since)
        for rows, day, later in changed:
            self._customers(later, number[rows], joined, day)
        customer = np.zeros(people.count, np.int64)
        customer[sheet.members] = number
        self._transactions(rng, people, purchases, customer)
        self._support(rng, people, sheet.members, number)
        self._visits(rng, people, sheet.members, number)
        return sheet.members, number

    def _customers(self, sheet: Sheet, number: Ints, joined: Ints, delivery: Ints | int) -> None:
        columns = {
            "customer_id": self.customer_ids(number),
            "name": sheet.full_names(),
            "email": sheet.emails(),
            "phone": sheet.phones("(A) 555-L", "A.555.L", "+1 A 555 L"),
            "signup_date": dates(joined[sheet.members]),
            "location": join(sheet.towns(), sheet.states(), separator=", "),
        }
        self.outbox.put("customers", columns, delivery)

    def _transactions(self, rng: np.random.Generator, people: People, purchases: Purchases, customer: Ints) -> None:
        sales = self.sales(people, purchases, rng)
        count = len(sales.day)
        cents = (rng.gamma(3.0, 2000.0, count) * people.level[sales.person]).astype(np.int64) + 150
        online = rng.random(count) < people.online[sales.person] * 0.5
        store = self.store_of(rng, people, purchases.tier, sales.person, _STORES)
        second = np.where(online, clock(rng, sales.day, ONLINE_HOURS), clock(rng, sales.day, STORE_HOURS))
        payments, payment = words(rng, _PAYMENTS, count)
        columns = {
            "transaction_id": ids("T", self.numbers("transactions", count) + 1, 6),
            "customer_id": self.customer_ids(customer[sales.person]),
            "transaction_date": timestamps(sales.day, second, "s"),
            "amount": decimals(cents, 12, 2),
            "payment_method": pick(payments, payment),
            "store_location": pick(self._stores, store, null=online),
        }
        self.outbox.put("transactions", columns, delivery_of(sales.day))

    def _support(self, rng: np.random.Generator, people: People, members: Ints, number: Ints) -> None:
        who, day, second = self.moments_of(rng, people, members, 0.6, SERVICE_HOURS)
        count = len(who)
        issues, issue = words(rng, _ISSUES, count)
        hours = rng.gamma(1.5, np.array(_HOURS_TO_RESOLVE)[issue] / 1.5) + 0.2
        end_day, end_second = resolved(day, second, hours)
        which, delivery, is_settled = settled(day, end_day - day, self.plan.days)
        columns: dict[str, Any] = {
            "ticket_id": ids("S", self.numbers("support", count) + 1, 6),
            "customer_id": self.customer_ids(number[who]),
            "created_at": timestamps(day, second, "s"),
        }
        satisfied = (5.4 - hours[which] / 20 + rng.normal(0, 0.7, len(which))).clip(1, 5).astype(np.int64)
        has_said = is_settled & (rng.random(len(which)) < 0.7)
        rows = {name: column.take(pa.array(which)) for name, column in columns.items()}
        rows["resolved_at"] = timestamps(end_day[which], end_second[which], "s", null=~is_settled)
        rows["issue_type"] = pick(issues, issue[which])
        rows["satisfaction_score"] = pa.array(satisfied, mask=~has_said)
        self.outbox.put("support_tickets", rows, delivery)

    def _visits(self, rng: np.random.Generator, people: People, members: Ints, number: Ints) -> None:
        who, day, second = self.moments_of(rng, people, members, 2.5, ONLINE_HOURS)
        count = len(who)
        pages = 1 + rng.poisson(4.0 * people.level[members[who]].clip(0.3, 3.0))
        seconds = (pages * rng.gamma(2.0, 25.0, count)).astype(np.int64) + 3
        in_minutes = rng.random(count) < 0.25
        duration = pc.if_else(pa.array(in_minutes), join(numbers(1 + seconds // 60), " min"), numbers(seconds))
        devices, device = words(rng, _DEVICES, count)
        columns = {
            "session_id": ids("X", self.numbers("sessions", count) + 1, 6),
            "customer_id": self.customer_ids(number[who]),
            "page_views": pa.array(pages),
            "session_duration": duration,
            "device": pick(devices, device),
            "interaction_date": timestamps(day, second, "s"),
        }
        self.outbox.put("web_sessions", columns, delivery_of(day))

    def end(self) -> None:
        """Notes what the models should find."""
        self.planted["stores"] = self.store_mix(self._stores)
        self.planted["hours_to_resolve"] = dict(zip(_ISSUES, _HOURS_TO_RESOLVE, strict=True))


def _feeds(in_workbooks: bool) -> dict[str, Feed]:
    def feed(name: str, key: str, new: str, dirt: tuple[Dirt, ...], title: str = "", quoted: str = "") -> Feed:
        form: Format = Workbook(name, title) if in_workbooks else Text((quoted,) if quoted else ())
        return Feed(f"{name}_{{day}}.{'xlsx' if in_workbooks else 'csv'}", (key,), form, dirt, new=new)

    a_year_ahead = datetime(2026, 3, 1, 12)  # noqa: DTZ001 the source writes local times
    ragged_rows = () if in_workbooks else ragged("interaction_date")
    return {
        "customers": feed(
            "Customer_master",
            "customer_id",
            "C97{:06d}",
            (
                null_key("customer_id", "customer_id"),
                bad_date("signup_date", "signup_date", "31/31/2024"),
                near_duplicate("location", "Elsewhere, ZZ"),
                person(
                    "quoted_newline",
                    name='Olga "Olly" Brandauer',
                    email="olly.brandauer@example.net",
                    phone=None,
                    location="Upper\nGlenford, VT",
                ),
                person("empty_email", name="Yannick Zwolle", email=None, phone=None, location="Zedport, VT"),
                person("late_parent", customer_id=_LATE, name="Undine Spaet", email="undine@example.org", phone=None),
            ),
            title="Customer master",
            quoted="location",
        ),
        "support_tickets": feed(
            "Customer_support",
            "ticket_id",
            "S97{:06d}",
            (
                unlisted_value("satisfaction_score", "rule:satisfaction_from_1_to_5", 9),
                orphan("customer_id", "customer_id", _NOBODY),
                Dirt(
                    "broken_sum",
                    "rule:resolved_after_created",
                    {"resolved_at": lambda row: row["created_at"] - timedelta(days=3)},
                ),
            ),
        ),
        "transactions": feed(
            "Transaction",
            "transaction_id",
            "T97{:06d}",
            (
                wrong_type("amount", "amount", "n/a"),
                negative_amount("amount", "amount_positive", -42.5),
                bad_date("transaction_date", "transaction_date", "2025-02-30 25:61:00"),
                future_row("transaction_date", "transaction_date", a_year_ahead),
                null_key("transaction_id", "transaction_id"),
                orphan("customer_id", "customer_id", _NOBODY),
                exact_duplicate(),
                late_update("payment_method", "Voucher"),
                early_child("customer_id", _LATE),
            ),
            quoted="store_location",
        ),
        "web_sessions": feed(
            "Web_Interactions",
            "session_id",
            "X97{:06d}",
            (
                unlisted_value("session_duration", "rule:session_duration_is_known", "a while"),
                wrong_type("page_views", "page_views", "many"),
                *ragged_rows,
                near_duplicate("device", "Television"),
            ),
        ),
    }
