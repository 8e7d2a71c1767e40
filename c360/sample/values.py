"""Draws, and arrays of the texts and numbers that systems write, a million at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FIRST_DELIVERY = date(2025, 3, 1)
HISTORY_DAYS = 366
"""The first delivery holds this many, its own among them."""
LAST = HISTORY_DAYS - 1
"""The day of the first delivery; days are counted from 0."""
BEGIN = FIRST_DELIVERY - timedelta(LAST)
_EARLIEST = BEGIN - timedelta(40_000)
_CLOSING = 15 * 3600
"""On the day of its delivery an export holds what happened until three in the afternoon: anywhere in the United States
it is then still the same day in UTC."""


def stream(seed: int, *names: int) -> np.random.Generator:
    """A stream of draws; streams of other names know nothing of each other, so one part may draw more than before."""
    return np.random.Generator(np.random.PCG64([seed, *names]))


def delivered_on(delivery: int) -> date:
    """The day of a delivery."""
    return FIRST_DELIVERY + timedelta(delivery)


def delivery_of(day: Ints) -> Ints:
    """Which delivery brings what happened on a day, from 0 on."""
    return np.maximum(day - LAST, 0)


def drawn(rng: np.random.Generator, weights: Sequence[float], count: int) -> Ints:
    """`count` positions, each as likely as its weight."""
    running = np.cumsum(weights)
    found: Ints = np.searchsorted(running, rng.random(count) * running[-1], side="right").astype(np.int64)
    return found


def clock(rng: np.random.Generator, day: Ints, hours: Sequence[float]) -> Ints:
    """The second of the day at which something happens, as likely as the weights of the 24 hours say.

    None is between midnight and four, where clocks are changed, nor on the day of a delivery after it.
    """
    hour = drawn(rng, [0.0] * 4 + list(hours)[4:], len(day))
    second = hour * 3600 + rng.integers(0, 3600, len(day))
    return np.where((day >= LAST) & (second >= _CLOSING), 9 * 3600 + second % (_CLOSING - 9 * 3600), second)


def join(*parts: Any, separator: str = "") -> pa.Array:
    """The texts of a row in one; null where one of them is null."""
    return pc.binary_join_element_wise(*parts, separator)


def pick(values: Sequence[str] | pa.Array, at: Ints, null: Flags | None = None) -> pa.Array:
    """The values at those positions, null where `null` is true."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return array.take(pa.array(at.astype(np.int32), mask=null))


def numbers(values: Ints, null: Flags | None = None) -> pa.Array:
    """Whole numbers, as texts."""
    return pa.array(values, mask=null).cast(pa.string())


def ids(prefix: str, values: Ints, digits: int, null: Flags | None = None) -> pa.Array:
    """Texts such as TXN000042."""
    text = join(prefix, pc.utf8_lpad(numbers(values), digits, "0"))
    return text if null is None else pc.if_else(pa.array(null), pa.scalar(None, pa.string()), text)


def money(cents: Ints, null: Flags | None = None) -> pa.Array:
    """Amounts such as 12.50, of which none is negative."""
    return join(numbers(cents // 100, null), pick(_hundredths(), cents % 100), separator=".")


def short_money(cents: Ints) -> pa.Array:
    """Amounts as the shop of `retail` prints them: 12.5."""
    return join(numbers(cents // 100), pick(_short_hundredths(), cents % 100), separator=".")


def decimals(units: Ints, precision: int, scale: int, null: Flags | None = None) -> pa.Array:
    """Decimals of so many units of their last digit."""
    whole = np.empty((len(units), 2), np.int64)
    whole[:, 0] = units
    whole[:, 1] = units >> 63
    array = pa.Array.from_buffers(pa.decimal128(precision, scale), len(units), [None, pa.py_buffer(whole)])
    return array if null is None else pc.if_else(pa.array(null), pa.scalar(None, array.type), array)


def days(day: Ints, null: Flags | None = None) -> pa.Array:
    """Dates such as 2024-03-01, as texts."""
    return pick(_dates(), day + 40_000, null)


def moments(day: Ints, second: Ints, null: Flags | None = None, end: str = "") -> pa.Array:
    """Times such as 2024-03-01 12:00:00, as texts; `end` follows each."""
    return join(days(day, null), join(pick(_clock(), second), end), separator=" ")


def dates(day: Ints, null: Flags | None = None) -> pa.Array:
    """Dates."""
    return pa.array(day.astype("timedelta64[D]") + np.datetime64(BEGIN, "D"), mask=null)


def timestamps(
    day: Ints, second: Ints, unit: str = "us", zone: str | None = None, null: Flags | None = None
) -> pa.Array:
    """Times."""
    at = np.datetime64(BEGIN, "s") + (day * 86_400 + second).astype("timedelta64[s]")
    return pa.array(at.astype(f"datetime64[{unit}]"), pa.timestamp(unit, zone), mask=null)


@cache
def _dates() -> pa.Array:
    return pa.array([(_EARLIEST + timedelta(day)).isoformat() for day in range(45_000)])


@cache
def _clock() -> pa.Array:
    minutes = [f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)]
    return pa.array([f"{minute}{second:02d}" for minute in minutes for second in range(60)])


@cache
def _hundredths() -> pa.Array:
    return pa.array([f"{cents:02d}" for cents in range(100)])


@cache
def _short_hundredths() -> pa.Array:
    return pa.array([f"{cents:02d}".removesuffix("0") for cents in range(100)])
