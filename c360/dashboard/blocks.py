"""What a page is made of, whoever draws it: numbers, charts, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from c360.dashboard.charts import Chart
from c360.dashboard.slicers import Slicers
from c360.dashboard.tables import Row, Tables


@dataclass(frozen=True)
class Number:
    """A number that stands for itself: its name, the number as text, and a remark."""

    name: str
    text: str
    remark: str = ""


@dataclass(frozen=True)
class Numbers:
    """A row of numbers."""

    numbers: Sequence[Number]


@dataclass(frozen=True)
class Figure:
    """A chart.

    Attributes:
        says: a sentence: what is to be seen.
        chart: a chart, without colours of text and ground; None where there is nothing to draw.
        unit: what is drawn, in what.
    """

    says: str
    chart: Chart | None
    unit: str = ""


@dataclass(frozen=True)
class Grid:
    """A table to read.

    Attributes:
        says: a sentence: what is to be seen.
        columns: column of the rows → heading.
        rows: values as they are to be read: texts and numbers.
        total: how many rows there are, of which these are the first.
    """

    says: str
    columns: dict[str, str]
    rows: Sequence[Row]
    unit: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Missing:
    """Why there is nothing to see."""

    says: str


Content = Numbers | Figure | Grid | Missing


@dataclass(frozen=True)
class Block:
    """One part of a page.

    Attributes:
        name: within its page.
        build: what it shows, of a lake and a choice.
        by: the slicers that count.
        wide: needs the whole width.
    """

    name: str
    build: Callable[[Tables, Slicers], Content]
    by: tuple[str, ...] = ()
    wide: bool = False

    def unheeded(self, slicers: Slicers) -> str:
        """What it says of a choice that does not count here; empty where all of it does."""
        ignored = [name for name in slicers.chosen() if name not in self.by]
        return f"not by {_listed(ignored)}" if ignored else ""


@dataclass(frozen=True)
class Page:
    """A page: its address, its title, and what it asks in one sentence."""

    name: str
    title: str
    asks: str
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def by(self) -> tuple[str, ...]:
        """The slicers that count for any of its blocks."""
        return tuple(dict.fromkeys(name for block in self.blocks for name in block.by))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
