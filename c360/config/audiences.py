"""The frozen model of conf/audiences.yml: lists of people, by conditions on what is known of them.

Without the file there are no audiences. Whether columns exist and values fit them: c360.config.audience_check.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, WithJsonSchema, model_validator

from c360.config.base import Model, Name, Names

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")

OPERATORS = {
    "text": ("=", "!=", "in", "contains", "starts_with", "known"),
    "number": (*COMPARISONS, "in", "between", "known"),
    "truth value": ("=", "!=", "known"),
    "day": (*COMPARISONS, "in", "between", "within_last_days", "known"),
    "moment": (*COMPARISONS, "in", "between", "within_last_days", "known"),
    "list": ("known",),
}
"""Kind of column → the operators that go with it."""


def kind_of(sql_type: str) -> str:
    """The kind of column, one of those in OPERATORS."""
    named = {"STRING": "text", "BOOLEAN": "truth value", "DATE": "day", "TIMESTAMP": "moment"}
    if re.match(r"INT|BIGINT|DECIMAL|DOUBLE", sql_type):
        return "number"
    return named.get(sql_type, "list")


def _one_value(value: Any) -> Any:
    if value is None or isinstance(value, list | tuple | dict):
        raise ValueError("takes one value; for none there is known: false, for several there is in")
    return value


def _word(text: str) -> str:
    return text.strip().lower()


Value = Annotated[Any, AfterValidator(_one_value), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Word = Annotated[str, Field(min_length=1), AfterValidator(_word)]


class Condition(Model):
    """A column compared with something by one operator, or conditions combined by `all`, `any` or `not`."""

    all_of: Annotated[
        tuple[Condition, ...] | None, Field(alias="all", min_length=1, description="each of these holds")
    ] = None
    any_of: Annotated[
        tuple[Condition, ...] | None, Field(alias="any", min_length=1, description="at least one of these holds")
    ] = None
    negated: Annotated[Condition | None, Field(alias="not", description="this does not hold")] = None
    column: Annotated[Name | None, Field(description="a column of gold.customer_360")] = None
    equal: Annotated[Value, Field(alias="=")] = None
    unequal: Annotated[Value, Field(alias="!=", description="known, and another value")] = None
    below: Annotated[Value, Field(alias="<")] = None
    at_most: Annotated[Value, Field(alias="<=")] = None
    above: Annotated[Value, Field(alias=">")] = None
    at_least: Annotated[Value, Field(alias=">=")] = None
    listed: Annotated[tuple[Value, ...] | None, Field(alias="in", min_length=1, description="one of these")] = None
    between: Annotated[
        tuple[Value, ...] | None,
        Field(min_length=2, max_length=2, description="the lowest and the highest, both included"),
    ] = None
    contains: Annotated[str | None, Field(min_length=1, description="this text is in it, in the same case")] = None
    starts_with: Annotated[str | None, Field(min_length=1, description="it begins so, in the same case")] = None
    within_last_days: Annotated[
        StrictInt | None, Field(ge=0, le=36_500, description="so many days before as_of, or fewer; 0 is the day itself")
    ] = None
    known: Annotated[StrictBool | None, Field(description="false: it is null")] = None

    @property
    def operator(self) -> tuple[str, Any]:
        """The operator as it is written, and what it compares the column with."""
        return next((alias, getattr(self, name)) for name, alias in _OPERATORS.items() if name in self.model_fields_set)

    @model_validator(mode="after")
    def _one_thing(self) -> Condition:
        given = [alias for name, alias in _FORMS.items() if name in self.model_fields_set]
        if len(given) != 1:
            found = f"found {' and '.join(given)}" if given else "found none of them"
            raise ValueError(f"a condition has one of {', '.join(_FORMS.values())}; {found}")
        operators = [alias for name, alias in _OPERATORS.items() if name in self.model_fields_set]
        if given == ["column"] and len(operators) != 1:
            found = f"found {' and '.join(operators)}; combine them by all" if operators else "found none"
            raise ValueError(f"{self.column} is compared by one of {', '.join(_OPERATORS.values())}; {found}")
        if given != ["column"] and operators:
            raise ValueError(f"{operators[0]} compares a column; {given[0]} combines conditions and has none")
        if missing := [_KEYS[name] for name in self.model_fields_set if getattr(self, name) is None]:
            raise ValueError(f"{missing[0]} has no value")
        return self


_KEYS = {name: field.alias or name for name, field in Condition.model_fields.items()}
_FORMS = {name: _KEYS[name] for name in ("all_of", "any_of", "negated", "column")}
_OPERATORS = {name: key for name, key in _KEYS.items() if name not in _FORMS}
"""Field → how it is written."""


class Audience(Model):
    """People for whom a condition holds, for one purpose on one channel."""

    description: Annotated[str, Field(min_length=1, description="who they are and what for, in a sentence")]
    channel: Annotated[Word, Field(description="on which they are contacted, as in unified.consents: email, sms …")]
    purpose: Annotated[Word, Field(description="for which they are contacted, as in unified.consents: marketing …")]
    where: Condition
    columns: Annotated[Names, Field(min_length=1, description="the columns of gold.customer_360 that are exported")]


class Consents(Model):
    """What is taken for a consent besides a statement of the person."""

    assume: Annotated[
        dict[Name, Literal["granted"]],
        Field(description="sources whose customers have consented unless they, or another source, say no"),
    ] = Field(default_factory=dict)


class Audiences(Model):
    """conf/audiences.yml"""

    consents: Consents = Field(default_factory=Consents)
    audiences: dict[Name, Audience] = Field(default_factory=dict)

    @property
    def assumed_from(self) -> tuple[str, ...]:
        """The sources whose customers are taken to have consented, sorted."""
        return tuple(sorted(self.consents.assume))
