"""When something happened, and rules that all rows of the sample obey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from c360.init_source.evidence import Column, Table
from c360.init_source.names import says_changed, words

_FACT = re.compile(
    r"(^|_)(transactions?|orders?|events?|interactions?|tickets?|sessions?|usage|visits?|sales|payments?|invoices?|"
    r"clicks?|reviews?|returns?|logs?|history|activity|activities|calls?|bookings?|purchases?|movements?|views?|"
    r"order_?lines?|order_?header)$"
)
_HAPPENED = (
    re.compile(
        r"^(date_?time|timestamp|event_(date|time|timestamp|at)|occurred_(at|on)|happened_(at|on)|ordered_(at|on)|"
        r"(transaction|order|sale|sales|purchase|payment|interaction|session|visit|review|return|invoice|call|booking)"
        r"_?(date|time|datetime|timestamp|ts|at|on)|session_start|started_at|start_time|opened_at|date|ts|time)$"
    ),
    re.compile(r"^(date_?)?created(_?(at|on|date|time))?$|^(create|creation|insert|posted)_?(date|time|at|on)$"),
)
_POSITIVE = re.compile(
    r"(^|_)(amount|amt|price|total|quantity|qty|order_qty|revenue|betrag|preis|menge)$|^total_amount$"
)
_SCORE = re.compile(r"(^|_)(rating|score|stars)$")


def event_at(table: Table, until: date | None) -> tuple[str, str] | None:
    """The column that says when a fact happened, and why; None if there is not one clear candidate.

    Args:
        table: its name must be that of facts, such as transactions or tickets.
        until: a column with a later day is none.
    """
    if not (_FACT.search(table.base) or _FACT.search(table.name)):
        return None
    moments = [c for c in table.columns if c.is_moment and c.distinct and not c.nulls and not says_changed(c.name)]
    past = [c for c in moments if not _is_later(c, until)]
    for pattern in _HAPPENED:
        named = [column for column in past if pattern.search(column.name)]
        exact = [column for column in named if column.type == "timestamp"]
        chosen = exact or named
        if len(chosen) == 1:
            return chosen[0].name, "never null, and its name says when"
        if chosen:
            return None
    if len(past) == 1:
        return past[0].name, "the only time in the table that is never null"
    return None


def _is_later(column: Column, until: date | None) -> bool:
    """Whether a column goes beyond a day, where its values sort as texts."""
    return until is not None and "format" not in column.options and max(column.distinct)[:10] > until.isoformat()


def _is_of_emails(column: Column) -> bool:
    named = column.type == "string" and bool(words(column.name) & {"email", "mail"}) and bool(column.distinct)
    return named and all(re.fullmatch(r"[^@ ]+@[^@ ]+", value) for value in column.distinct)


def rules(table: Table) -> Iterator[tuple[str, str]]:
    """Rules that the sample obeys throughout and whose names are clear: (name, SQL)."""
    for column in table.columns:
        is_number = column.is_whole_number or column.type.startswith(("money", "decimal"))
        if is_number and not column.misfits and "numbers" not in column.options and column.distinct:
            numbers = [float(value) for value in column.distinct]
            if _POSITIVE.search(column.name) and len(numbers) > 1:
                if min(numbers) > 0:
                    yield f"{column.name}_positive", f"{column.name} > 0"
                elif min(numbers) == 0:
                    yield f"{column.name}_not_negative", f"{column.name} >= 0"
            elif _SCORE.search(column.name) and min(numbers) >= 1 and max(numbers) <= 5 and len(numbers) > 2:
                yield f"{column.name}_from_1_to_5", f"{column.name} BETWEEN 1 AND 5"
        elif _is_of_emails(column):
            yield f"{column.name}_has_one_at", f"{column.name} RLIKE '^[^@ ]+@[^@ ]+$'"
