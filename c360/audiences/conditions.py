"""A condition of conf/audiences.yml as SQL over gold.customer_360.

It is true or false, never null: a comparison with an unknown value does not hold, and `not` turns false into true. So
everybody is either in an audience or in its opposite. Values become literals of the column's type; no text of the YAML
gets into the SQL in any other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from c360.config.audience_check import fits, is_day
from c360.config.audiences import OPERATORS, Condition, kind_of
from c360.config.explain import no_such
from c360.errors import ConfigError
from c360.unify.views import text


def condition_sql(condition: Condition, columns: Mapping[str, str], as_of: date) -> str:
    """The condition as an expression of SQL that means the same on every engine.

    Args:
        condition: what is asked.
        columns: column → SQL type, of what it is asked of.
        as_of: the day that `within_last_days` counts back from.

    Raises:
        ConfigError: a column is not there, or is not compared like this; `c360 check` says where that is written.
    """
    for word, parts in (("AND", condition.all_of), ("OR", condition.any_of)):
        if parts:
            return "(" + f" {word} ".join(condition_sql(part, columns, as_of) for part in parts) + ")"
    if condition.negated:
        return f"NOT {condition_sql(condition.negated, columns, as_of)}"
    name, (operator, value) = condition.column or "", condition.operator
    if name not in columns:
        raise ConfigError(f"audiences.yml: {no_such('column', name, columns)}; `c360 check` says where")
    if operator not in OPERATORS[kind_of(columns[name])]:
        raise ConfigError(
            f"audiences.yml: {name} is {columns[name].lower()}, which is not compared by {operator}; "
            "`c360 check` says where"
        )
    column = f"`{name}`"
    if operator == "known":
        return f"({column} IS {'NOT NULL' if value else 'NULL'})"
    if operator == "within_last_days":
        days = f"datediff(DATE'{as_of}', CAST({column} AS DATE))"
        return f"coalesce({days} BETWEEN 0 AND {int(value)}, false)"
    if operator in ("contains", "starts_with"):
        function = {"contains": "contains", "starts_with": "startswith"}[operator]
        return f"coalesce({function}({column}, {text(value)}), false)"
    return f"coalesce({_comparison(column, columns[name], operator, value)}, false)"


def _comparison(column: str, sql_type: str, operator: str, value: Any) -> str:
    values = value if isinstance(value, tuple) else (value,)
    if sql_type == "TIMESTAMP" and operator == "in":  # a day is compared with the day, a time with the time
        return " OR ".join(_comparison(column, sql_type, "=", each) for each in values)
    if sql_type == "TIMESTAMP" and operator == "between":
        low, high = (_comparison(column, sql_type, op, v) for op, v in zip((">=", "<="), values, strict=True))
        return f"{low} AND {high}"
    literals = [_literal(each, sql_type) for each in values]
    if sql_type == "TIMESTAMP" and is_day(values[0]):
        column = f"CAST({column} AS DATE)"
    if operator == "in":
        return f"{column} IN ({', '.join(literals)})"
    if operator == "between":
        return f"{column} BETWEEN {literals[0]} AND {literals[1]}"
    return f"{column} {operator} {literals[0]}"


def _literal(value: Any, sql_type: str) -> str:
    """A value as SQL, of a type that compares with the column's without losing a digit."""
    if not fits(value, sql_type):
        raise ConfigError(f"audiences.yml: {value!r} is no {sql_type.lower()}; `c360 check` says where it is written")
    kind = kind_of(sql_type)
    if kind == "text":
        return text(value)
    if kind == "truth value":
        return str(value).lower()
    if kind != "number":
        return f"DATE'{value}'" if is_day(value) else f"TIMESTAMP'{value if value.count(':') == 2 else f'{value}:00'}'"
    if isinstance(value, int):
        return str(value)
    number = f"{Decimal(str(value)):f}"
    if sql_type == "DOUBLE":
        return f"CAST('{number}' AS DOUBLE)"
    whole, _, part = number.lstrip("-").partition(".")
    digits, scale = max(len(whole.lstrip("0")) + len(part), 1), len(part)
    return f"CAST('{number}' AS DECIMAL({digits},{scale}))"
