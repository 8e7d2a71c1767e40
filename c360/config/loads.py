"""How a table's deliveries add up, what of them may change, and whether its past is kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from c360.config.base import Model, Name, Texts

Verdict = Literal["evolve", "freeze", "quarantine"]

UPSERTS = ("i", "u", "c", "r", "insert", "update", "create", "read", "upsert")
DELETES = ("d", "delete")


class Contract(Model):
    """What becomes of input that is not as declared."""

    new_columns: Annotated[
        Verdict,
        Field(description="evolve: kept in _rescued; freeze: the file is refused; quarantine: rows that fill one are"),
    ] = "evolve"
    missing_columns: Annotated[
        Verdict, Field(description="evolve: null in every row; freeze: the file is refused; quarantine: its rows are")
    ] = "freeze"
    changed_types: Annotated[
        Verdict,
        Field(description="evolve: null, its text kept in _rescued; freeze: the batch is refused; quarantine: the row"),
    ] = "quarantine"


def same_for_all(value: Any) -> Any:
    """One word stands for all three."""
    return dict.fromkeys(Contract.model_fields, value) if isinstance(value, str) else value


class Append(Model):
    """Every row stays a row: no key, nothing replaced."""

    mode: Literal["append"]


class Upsert(Model):
    """A row replaces the one of its key."""

    mode: Literal["upsert"] = "upsert"


class Snapshot(Model):
    """Every delivery is all there is: what it lacks has been deleted. The files of one time are one delivery."""

    mode: Literal["snapshot"]
    max_shrink: float = Field(
        0.3, ge=0, le=1, description="a delivery smaller than the one before by more than this share is refused"
    )


class Changes(Model):
    """A change feed: each row says what happened to its key; `newest_by` names the sequence."""

    mode: Literal["changes"]
    operation: Name = Field(description="the column that says what happened")
    upserts: Texts = Field(UPSERTS, min_length=1, description="its words for: here is the row; in any case of letters")
    deletes: Texts = Field(DELETES, min_length=1, description="its words for: the row is gone")
    at: Name | None = Field(None, description="the column with the time of the change; default: the delivery's")


Load = Annotated[Append | Upsert | Snapshot | Changes, Field(discriminator="mode")]


def by_its_mode(value: Any) -> Any:
    """A mode without options is written as one word."""
    return {"mode": value} if isinstance(value, str) else value


class History(Model):
    """Every version of every key, with the time it held."""

    valid_from: Name | None = Field(
        None, description="the column that says since when; default: the first time in newest_by, else the delivery"
    )


def asked(value: Any) -> Any:
    """`history: true` is a history without options."""
    return {} if value is True else None if value is False else value


ContractField = Annotated[Contract, BeforeValidator(same_for_all, json_schema_input_type=Verdict | Contract)]
LoadField = Annotated[
    Load,
    BeforeValidator(by_its_mode, json_schema_input_type=Literal["append", "upsert", "snapshot"] | Load),
]
HistoryField = Annotated[History | None, BeforeValidator(asked, json_schema_input_type=bool | History)]
