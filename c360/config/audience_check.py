"""What no model can see of conf/audiences.yml: whether its columns exist, and its operators and values fit them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from c360.config.audiences import OPERATORS, Audiences, Condition, kind_of
from c360.config.document import Loc, Mistake, Node
from c360.config.explain import no_such

DIGITS = 15
"""Of a number, at most: so many survive being read as a double."""

_TAKES = {
    "text": "takes text; write it in quotes",
    "number": f"takes a number of at most {DIGITS} digits",
    "truth value": "takes true or false",
    "day": "takes a day, written as 2025-03-31",
    "moment": "takes a day, written as 2025-03-31, or a time (UTC), written as 2025-03-31 18:30:00",
}


def people_columns() -> dict[str, str]:
    """Column → SQL type of gold.customer_360; none where PySpark is not installed, and so no audience can be made."""
    if find_spec("pyspark") is None:
        return {}
    from c360.ddl import fields
    from c360.registry import load

    return fields(load()["gold.customer_360"].schema)


@dataclass(frozen=True)
class AudienceCheck:
    """The cross-checks of conf/audiences.yml.

    Attributes:
        audiences: what could be read of it.
        node: its tree, for the places of mistakes.
        columns: column → SQL type, of gold.customer_360.
        sources: the names of all sources.
    """

    audiences: Audiences
    node: Node
    columns: Mapping[str, str]
    sources: Collection[str]

    def mistakes(self) -> Iterator[Mistake]:
        """All mistakes, in no particular order."""
        for source in self.audiences.assumed_from:
            if source not in self.sources:
                said = no_such("source", source, self.sources)
                yield self.node.mistake(("consents", "assume", source), said, ", ".join(self.sources))
        for name, audience in self.audiences.audiences.items():
            at: Loc = ("audiences", name)
            for i, column in enumerate(audience.columns):
                if column not in self.columns:
                    yield self._no_such_column((*at, "columns", i), column)
                elif column in audience.columns[:i]:
                    yield self.node.mistake((*at, "columns", i), f"{column} is listed twice")
            yield from self._condition((*at, "where"), audience.where)

    def _no_such_column(self, at: Loc, column: str) -> Mistake:
        return self.node.mistake(at, no_such("column", column, self.columns), ", ".join(self.columns))

    def _condition(self, at: Loc, condition: Condition) -> Iterator[Mistake]:
        for key, parts in (("all", condition.all_of), ("any", condition.any_of)):
            for i, part in enumerate(parts or ()):
                yield from self._condition((*at, key, i), part)
        if condition.negated:
            yield from self._condition((*at, "not"), condition.negated)
        if condition.column is None:
            return
        if condition.column not in self.columns:
            yield self._no_such_column((*at, "column"), condition.column)
            return
        sql_type = self.columns[condition.column]
        operator, value = condition.operator
        allowed = OPERATORS[kind_of(sql_type)]
        if operator not in allowed:
            said = f"{condition.column} is {sql_type.lower()}, which is not compared by {operator}"
            yield self.node.mistake((*at, operator), said, ", ".join(allowed))
        elif operator not in ("known", "within_last_days", "contains", "starts_with"):
            yield from self._values((*at, operator), condition.column, value)

    def _values(self, at: Loc, column: str, value: Any) -> Iterator[Mistake]:
        sql_type = self.columns[column]
        values = value if isinstance(value, tuple) else (value,)
        places = [(*at, i) for i in range(len(values))] if isinstance(value, tuple) else [at]
        wrong = [place for place, each in zip(places, values, strict=True) if not fits(each, sql_type)]
        for place in wrong:
            said = f"{column} is {sql_type.lower()}, so {at[-1]} {_TAKES[kind_of(sql_type)]}"
            yield self.node.mistake(place, f"{said}; found {self.node.at(place).shown()}")
        if at[-1] == "between" and not wrong and values[0] > values[1]:
            yield self.node.mistake(at, f"nothing is between {values[0]} and {values[1]}; write the lower one first")


def fits(value: Any, sql_type: str) -> bool:
    """Whether a value of the YAML can be compared with a column of that type."""
    kind = kind_of(sql_type)
    if kind == "truth value":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and _is_short(value)
    if kind == "text" or not isinstance(value, str):
        return kind == "text" and isinstance(value, str)
    return is_day(value) or (kind == "moment" and _is_moment(value))


def is_day(text: str) -> bool:
    """Whether the text is a day, such as 2025-03-31."""
    return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and _exists(date.fromisoformat, text)


def _is_moment(text: str) -> bool:
    written = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?", text)
    return bool(written) and _exists(datetime.fromisoformat, text)


def _exists(read: Any, text: str) -> bool:
    try:
        return bool(read(text))
    except ValueError:
        return False


def _is_short(value: int | float) -> bool:
    if not math.isfinite(value):
        return False
    _, digits, exponent = Decimal(str(value)).normalize().as_tuple()
    assert isinstance(exponent, int), "only a number that is not finite has another kind of exponent"
    return len(digits) + max(exponent, 0) <= DIGITS and -exponent <= DIGITS
