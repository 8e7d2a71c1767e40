"""What the data dictionary knows of a table, whatever layer it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from c360.ddl import fields

LAYERS = ("bronze", "silver", "quarantine", "unified", "gold", "ops")
"""In the order in which data pass through them; `ops` is about the runs."""

SYNONYMS = {
    "unified.customers": "stg_customers",
    "unified.orders": "stg_sales_orders",
    "unified.order_lines": "stg_sales_order_details",
    "unified.products": "stg_products",
}
"""Table → the name its like had in the staging models that this one replaces."""

_SPAN = re.compile(r"_(last|previous|next)_\d+_(days|weeks|months)$")
_BY_NAME = (
    (r"percent(ile)?$|Percent$", "%"),
    (r"_share$|^(confidence|support|p_alive)(_|$)", "share, 0 to 1"),
    (r"(^|_)seconds(_|$)", "seconds"),
    (r"(^|_)minutes(_|$)", "minutes"),
    (r"(^|_)hours(_|$)", "hours"),
    (r"(^|_)days(_|$)", "days"),
    (r"(^|_)weeks(_|$)", "weeks"),
    (r"_kg$", "kg"),
    (r"cubic_meters$", "m³"),
    (r"(^|_)bytes$|^size$", "bytes"),
    (r"_ns$", "nanoseconds"),
)
_BY_DESCRIPTION = (
    (r"\bin percent\b|^100 x |^percent of", "%"),
    (r"^share of", "share, 0 to 1"),
    (r"^((whole|median|mean|UTC) )?days\b", "days"),
    (r"^((whole|median|mean) )?hours\b", "hours"),
    (r"^((whole|median|mean) )?minutes\b", "minutes"),
    (r"^((whole|median|mean) )?seconds\b", "seconds"),
)
_MONEY = re.compile(
    r"(^|_)(amount|revenue|spend|cost|price|margin|sales|due|clv|monetary|refund|freight|tax|discount|gross|net|subtotal"
    r"|value)(_|$)"
)


@dataclass(frozen=True)
class Fact:
    """Something that holds for a table or a column.

    Attributes:
        label: what kind of thing, such as `rule`.
        text: what is said, as conf has it; to be escaped wherever it is shown.
        refs: tables, or columns of tables (`silver_shop.orders.amount`), that it speaks of.
        is_code: whether the text is SQL or a pattern.
    """

    label: str
    text: str = ""
    refs: tuple[str, ...] = ()
    is_code: bool = False


@dataclass(frozen=True)
class Column:
    """A column: what it says, and where it comes from."""

    name: str
    sql_type: str
    says: str = ""
    unit: str | None = None
    is_pii: bool = False
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table or view of the lake.

    Attributes:
        name: for example `gold.rfm`.
        says: its description; the first paragraph gives the grain.
        grain: the columns that identify a row.
        inputs: names of the tables it is made from.
        is_view: it is not stored, but read from its inputs.
        facts: what else holds for it.
    """

    name: str
    says: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    inputs: tuple[str, ...] = ()
    is_view: bool = False
    facts: tuple[Fact, ...] = field(default=())

    @property
    def layer(self) -> str:
        """One of LAYERS."""
        return layer_of(self.name)

    @property
    def source(self) -> str | None:
        """The source whose own table it is; None from `unified` on."""
        return self.name.partition(".")[0].partition("_")[2] or None


def layer_of(name: str) -> str:
    """The layer a table's name says: `silver_retail.customers` is in silver."""
    return name.partition(".")[0].partition("_")[0]


def columns_of(
    schema: str,
    says: Mapping[str, str],
    pii: Iterable[str] = (),
    facts: Mapping[str, tuple[Fact, ...]] | None = None,
) -> tuple[Column, ...]:
    """The columns of a DDL string with what is known of each."""
    personal, known = set(pii), facts or {}
    found = []
    for name, sql_type in fields(schema).items():
        text = says.get(name, "")
        unit = unit_of(name, sql_type, text)
        found.append(Column(name, sql_type, text, unit, name in personal, known.get(name, ())))
    return tuple(found)


def unit_of(name: str, sql_type: str, says: str = "") -> str | None:
    """The unit of a column, as its name or description gives it; None where they give none.

    A time is an instant in UTC, unless its name says that it is the source's local one.
    """
    if sql_type == "TIMESTAMP":
        return "local time of the source" if "_local_" in name else "UTC"
    if not re.match("INT|BIGINT|DOUBLE|DECIMAL", sql_type):
        return None
    plain = _SPAN.sub("", name)
    for patterns, text in ((_BY_NAME, plain), (_BY_DESCRIPTION, says if " / " not in says else "")):
        for pattern, unit in patterns:
            if re.search(pattern, text):
                return unit
    is_money = re.match(r"DECIMAL\(\d+,[24]\)", sql_type) and _MONEY.search(plain)
    return "money" if is_money else None
