"""What customers of the `domains` system ask, and how they use its app."""

from __future__ import annotations

import numpy as np

from c360.sample.people import People
from c360.sample.system import ONLINE_HOURS, SERVICE_HOURS, System, resolved, settled, words
from c360.sample.values import HISTORY_DAYS, Ints, days, delivery_of, drawn, ids, moments, numbers, pick

HOURS_TO_RESOLVE = {"billing": 5.0, "product": 30.0, "shipping": 50.0, "account": 3.0, "technical": 18.0}
"""On average, by category: what a model should find."""


def put_tickets(system: System, rng: np.random.Generator, people: People, members: Ints, number: Ints) -> None:
    """Writes what customers ask and when they are answered; `number` is theirs in the system."""
    who, day, second = system.moments_of(rng, people, members, 0.6, SERVICE_HOURS)
    count = len(who)
    categories = list(HOURS_TO_RESOLVE)
    category = drawn(rng, (25, 30, 25, 10, 10), count)
    hours = rng.gamma(1.5, np.array(list(HOURS_TO_RESOLVE.values()))[category] / 1.5) + 0.2
    end_day, end_second = resolved(day, second, hours)
    which, delivery, is_settled = settled(day, end_day - day, system.plan.days)
    priorities, priority = words(rng, {"low": 30, "medium": 40, "high": 20, "urgent": 10}, count)
    channels, channel = words(rng, {"phone": 30, "email": 30, "chat": 30, "store": 10}, count)
    status = np.where(is_settled, rng.integers(0, 2, count)[which], 2 + rng.integers(0, 2, count)[which])
    score = (5.4 - hours[which] / 25 + rng.normal(0, 0.7, len(which))).clip(1, 5).astype(np.int64)
    columns = {
        "ticket_id": ids("TKT", (system.numbers("tickets", count) + 1)[which], 7),
        "customer_id": system.customer_ids(number[who[which]]),
        "created_date": moments(day[which], second[which]),
        "resolved_date": moments(end_day[which], end_second[which], null=~is_settled),
        "category": pick(categories, category[which]),
        "priority": pick(priorities, priority[which]),
        "status": pick(("resolved", "closed", "open", "in_progress"), status),
        "channel": pick(channels, channel[which]),
        "satisfaction_score": numbers(score, ~(is_settled & (rng.random(len(which)) < 0.7))),
    }
    system.outbox.put("support_tickets", columns, delivery)


def put_usage(system: System, rng: np.random.Generator, people: People, members: Ints, number: Ints) -> None:
    """Writes visits to the app and the web site."""
    who, day, second = system.moments_of(rng, people, members, 2.5, ONLINE_HOURS)
    count = len(who)
    minutes = 1 + rng.poisson(12.0 * people.online[members[who]])
    devices, device = words(rng, {"ios": 40, "android": 40, "web": 20}, count)
    columns = {
        "usage_id": ids("USG", system.numbers("usage", count) + 1, 8),
        "customer_id": system.customer_ids(number[who]),
        "session_date": days(day),
        "session_start": moments(day, second),
        "session_duration_minutes": numbers(minutes),
        "pages_viewed": numbers(1 + minutes // 2),
        "actions_taken": numbers(minutes // 3),
        "device_type": pick(devices, device),
        "app_version": pick(("3.0.2", "3.1.8", "3.2.1"), day * 3 // (HISTORY_DAYS + system.plan.days)),
    }
    system.outbox.put("app_usage", columns, delivery_of(day))
