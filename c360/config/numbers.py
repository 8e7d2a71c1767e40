"""How a source writes numbers, where it is not as computers do."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from c360.config.base import Model, Texts, listed

Place = Literal["before", "after", "brackets"]


class Numbers(Model):
    """The marks in a number; without any declared, it is digits with a point and a sign in front."""

    decimal: Literal[".", ","] = Field(".", description="what begins the decimals")
    thousands: Literal[".", ",", " ", "'"] | None = Field(None, description="what may stand between groups of three")
    currency: Texts = Field((), description="signs or codes that may stand in front or behind, such as € or EUR")
    negative: Annotated[
        tuple[Place, ...],
        BeforeValidator(listed, json_schema_input_type=Place | tuple[Place, ...]),
        Field(min_length=1, description="where a minus may be: before (-5), after (5-), brackets: (5)"),
    ] = ("before",)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Numbers:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; one of them is something else")
        if wrong := [sign for sign in self.currency if not sign.strip() or re.search(r"[0-9()+-]", sign)]:
            raise ValueError(f"{wrong[0]!r} is no currency: it is empty, or has digits, brackets or a sign in it")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether nothing is declared that a computer would not write."""
        return self == Numbers()

    @property
    def shape(self) -> str:
        """The regular expression of numbers written like this."""
        groups = f"|[0-9]{{1,3}}({_thousands(self.thousands)}[0-9]{{3}})+" if self.thousands else ""
        mark = re.escape(self.decimal)
        digits = f"(([0-9]+{groups})({mark}[0-9]*)?|{mark}[0-9]+)"
        blank = "[ \u00a0\u202f]?"
        currency = f"({'|'.join(map(re.escape, self.currency))})" if self.currency else "()"
        amount = f"({currency}{blank})?{digits}({blank}{currency})?"
        signed = {
            "before": f"[+-]?{blank}{amount}|{currency}{blank}[+-]{digits}",
            "after": f"{amount}{blank}[+-]?",
            "brackets": rf"\({amount}\)|{currency}{blank}\({digits}\)|\({digits}\){blank}{currency}|{amount}",
        }
        return rf"^({'|'.join(signed[place] for place in self.negative)})\z"


def _thousands(mark: str) -> str:
    return "[ \u00a0\u202f]" if mark == " " else "['\u2019]" if mark == "'" else re.escape(mark)
