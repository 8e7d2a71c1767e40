"""Column expressions the marts share: money, quotients, and windows over everybody."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, Window, WindowSpec
from pyspark.sql import functions as F

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def money(amount: Column) -> Column:
    """An amount as marts show it: DECIMAL(19,2), rounded half up."""
    return F.round(amount, 2).cast("DECIMAL(19,2)")


def money_or_zero(amount: Column) -> Column:
    """An amount as marts show it, 0.00 where there was nothing to add up."""
    return money(F.coalesce(amount, F.lit(0).cast("DECIMAL(19,4)")))


def ratio(numerator: Column, denominator: Column) -> Column:
    """The quotient, DECIMAL(19,2), rounded half up; NULL where the denominator is 0.

    The engines disagree on the later digits of a decimal quotient; with these widths its first eight agree.
    """
    quotient = numerator.cast("DECIMAL(23,4)") / denominator.cast("DECIMAL(19,4)")
    return F.when(denominator != 0, F.round(quotient, 2).cast("DECIMAL(19,2)"))


def percent(part: Column, whole: Column) -> Column:
    """100 · part / whole, DECIMAL(19,2), rounded half up; NULL where the whole is 0."""
    return ratio(part * F.lit(100), whole)


def revenue_of(amount: str) -> Column:
    """The amount where the order brought revenue, else NULL: what `sum` and `count` leave out."""
    return F.when(F.col("is_revenue"), F.col(amount))


def everybody() -> WindowSpec:
    """A window over all rows. The literal says that one partition is meant, where PySpark would warn."""
    return Window.partitionBy(F.lit(1))


def days_before(as_of: Column, moment: Column) -> Column:
    """Whole days from the moment's (UTC) date to `as_of`, INT; 0 on the day itself."""
    return F.datediff(as_of, F.to_date(moment)).cast("INT")


def any_of(conditions: list[Column]) -> Column:
    """True where one of the conditions holds; of none, false."""
    return reduce(Column.__or__, conditions, F.lit(False))


def all_of(conditions: list[Column]) -> Column:
    """True where all of the conditions hold; of none, true."""
    return reduce(Column.__and__, conditions, F.lit(True))


def weekday(moment: Column) -> Column:
    """1 Monday to 7 Sunday, INT. Only `dayofweek` counts alike on the engines."""
    return ((F.dayofweek(moment) + 5) % 7 + 1).cast("INT")


def weekday_name(number: Column) -> Column:
    """Name of the weekday 1 Monday to 7 Sunday."""
    named = F.when(number == 1, WEEKDAYS[0])
    for place, name in enumerate(WEEKDAYS[1:], start=2):
        named = named.when(number == place, name)
    return named
