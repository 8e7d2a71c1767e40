"""The kinds of dirt, each with what must become of it. No clean row is altered by any.

`column` is the name in the file, `name` what conf calls it.
"""

from __future__ import annotations

from c360.sample.outbox import Dirt

KINDS = (
    "null_key",
    "wrong_type",
    "bad_date",
    "negative_amount",
    "unlisted_value",
    "ragged_short",
    "ragged_long",
    "bad_byte",
    "future_row",
    "broken_sum",
    "exact_duplicate",
    "near_duplicate",
    "late_update",
    "orphan",
    "early_child",
    "late_parent",
    "quoted_newline",
    "empty_email",
    "extra_column",
)
NEEDS_LATER_DAYS = ("late_update", "early_child", "late_parent", "extra_column")
"""Kinds that a world of one or two days does not have."""


def null_key(column: str, name: str) -> Dirt:
    """A row without its key."""
    return Dirt("null_key", f"null:{name}", {column: None})


def wrong_type(column: str, name: str, value: object = "abc") -> Dirt:
    """A text where a number belongs."""
    return Dirt("wrong_type", f"type:{name}", {column: value})


def bad_date(column: str, name: str, value: str = "2025-02-30 25:61:00") -> Dirt:
    """A day that does not exist."""
    return Dirt("bad_date", f"type:{name}", {column: value})


def future_row(column: str, name: str, value: object = "2026-03-01 12:00:00") -> Dirt:
    """A year ahead of its delivery."""
    return Dirt("future_row", f"future:{name}", {column: value})


def negative_amount(column: str, rule: str, value: object = "-42.5") -> Dirt:
    """Less than nothing."""
    return Dirt("negative_amount", f"rule:{rule}", {column: value})


def unlisted_value(column: str, expected: str, value: object) -> Dirt:
    """A word, or a number, that is not one of those agreed on."""
    return Dirt("unlisted_value", expected, {column: value})


def broken_sum(column: str, rule: str, value: object) -> Dirt:
    """An amount that is not the sum of its parts."""
    return Dirt("broken_sum", f"rule:{rule}", {column: value})


def orphan(column: str, name: str, value: object, becomes: str = "flagged") -> Dirt:
    """A reference that leads nowhere; `becomes` is `flagged`, or `orphan` where conf has orphans quarantined."""
    return Dirt("orphan", f"{becomes}:{name}", {column: value})


def exact_duplicate() -> Dirt:
    """A row once more, behind the first."""
    return Dirt("exact_duplicate", "superseded", again=True)


def near_duplicate(column: str, value: object, **older: object) -> Dirt:
    """An earlier state of a row in the same file; `older` says so where the source has a column for that."""
    return Dirt("near_duplicate", "superseded", {column: value, **older}, again=True, before=True)


def late_update(column: str, value: object, expected: str = "kept", **older: object) -> Dirt:
    """A row of the first delivery again in the second: corrected, or `superseded`, if it says that it is older."""
    return Dirt("late_update", expected, {column: value, **older}, again=True, day=1)


def ragged(last: str) -> tuple[Dirt, Dirt]:
    """A field too few, and one too many."""
    return (
        Dirt("ragged_short", "ragged_row", without=last),
        Dirt("ragged_long", "ragged_row", {"Remark": "call back"}),
    )


def bad_byte(column: str) -> Dirt:
    """A letter in Latin-1 where all else is UTF-8."""
    return Dirt("bad_byte", "undecodable_bytes", {column: "Andr\udce9 Lefort"})


def early_child(column: str, parent: object) -> Dirt:
    """A row about somebody who will be delivered a day later."""
    return Dirt("early_child", "kept", {column: parent}, day=1, until=2)


def person(kind: str, **values: object) -> Dirt:
    """Somebody whom nobody else knows, in a row that is no pleasure to read; a `late_parent` comes on day three."""
    return Dirt(kind, "kept", values, day=2 if kind == "late_parent" else 0, is_person=True)
