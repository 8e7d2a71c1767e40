"""Currencies: in which one amounts of several sources are added up, and what the others were worth when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

CODE = r"[A-Z]{3}"


def _in_order(rates: dict[date, Decimal]) -> dict[date, Decimal]:
    return dict(sorted(rates.items()))


Currency = Annotated[str, Field(pattern=f"^{CODE}$", description="three letters, such as EUR")]

Rate = Annotated[Decimal, Field(gt=0, max_digits=19, decimal_places=8)]

Rates = Annotated[dict[date, Rate], AfterValidator(_in_order), Field(min_length=1)]
"""From each day on: what one unit is worth in the reporting currency."""


def reporting_amount(
    amount: str, currency: str, day: str, reporting: str | None, rates: dict[str, dict[date, Decimal]]
) -> str:
    """SQL of an amount in the reporting currency: DECIMAL(19,4), rounded half up.

    Args:
        amount: SQL of the amount.
        currency: SQL of its currency; null is taken for the reporting one.
        day: SQL of the date whose rate counts.
        reporting: None: amounts stay what they are.
        rates: currency → day → what one unit is worth from that day on. Where none is known the amount is null.
    """
    if reporting is None:
        return amount
    cases = [f"WHEN {currency} IS NULL OR {currency} = '{reporting}' THEN {amount}"]
    for code, known in rates.items():
        for since, rate in reversed(known.items()):
            worth = f"CAST(ROUND({amount} * CAST('{rate}' AS DECIMAL(19,8)), 4) AS DECIMAL(19,4))"
            cases.append(f"WHEN {currency} = '{code}' AND {day} >= DATE'{since}' THEN {worth}")
    return f"CASE {' '.join(cases)} END"
