"""The frozen model of conf/segments.yml: into which groups customers fall, and where the cuts lie.

The defaults are the shipped file, so that a project without one segments in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from c360.config.base import Model, Texts
from c360.config.demand import Affinity, Forecast, Inventory, NextBestProduct
from c360.config.models_conf import Churn, Clv

Share = Annotated[float, Field(ge=0, le=1)]


def _band(value: Any) -> Any:
    """A single score may be written without its brackets."""
    return (value, value) if isinstance(value, int) else value


Band = Annotated[tuple[int, int], BeforeValidator(_band)]


class Cells(Model):
    """A block of cells: a band of scores, both ends included, for each of the three; left out: every score."""

    recency: Band | None = None
    frequency: Band | None = None
    monetary: Band | None = None

    @property
    def bands(self) -> tuple[Band | None, Band | None, Band | None]:
        """The bands in the order of an RFM score."""
        return self.recency, self.frequency, self.monetary

    def within(self, scores: int) -> Iterator[tuple[int, ...]]:
        """Every (recency, frequency, monetary) of the block, when the best score is `scores`."""
        return product(*(range(low, high + 1) for low, high in (band or (1, scores) for band in self.bands)))


class RfmSegment(Model):
    """A named group of cells."""

    name: str = Field(min_length=1)
    cells: tuple[Cells, ...] = Field(min_length=1)


def _segment(name: str, *blocks: dict[str, Any]) -> RfmSegment:
    return RfmSegment(name=name, cells=tuple(Cells(**block) for block in blocks))


class Tiers(Model):
    """Gold, Silver and Bronze, by the percent rank of what a person brought, highest first."""

    ranked_by: Literal["monetary", "frequency"] = "monetary"
    gold: Annotated[Share, Field(description="percent rank up to which a person is Gold")] = 0.20
    silver: Annotated[Share, Field(description="percent rank up to which a person is Silver; the rest is Bronze")] = (
        0.50
    )

    @model_validator(mode="after")
    def _in_order(self) -> Tiers:
        if self.silver < self.gold:
            raise ValueError(f"silver ({self.silver}) ends before gold ({self.gold}); write a larger share for silver")
        return self


class Rfm(Model):
    """How buyers are scored by recency, frequency and monetary value, and what the scores are called."""

    cut_offs: Annotated[
        tuple[Share, ...],
        Field(min_length=1, max_length=8, description="percent ranks at which the next score begins"),
    ] = (0.2, 0.4, 0.6, 0.8)
    segments: tuple[RfmSegment, ...] = (
        _segment("Champions", {"recency": (4, 5), "frequency": (4, 5), "monetary": (4, 5)}),
        _segment(
            "Loyal Customers",
            {"recency": (4, 5), "frequency": (4, 5), "monetary": (1, 3)},
            {"recency": 3, "frequency": (4, 5)},
        ),
        _segment("Potential Loyalists", {"recency": (4, 5), "frequency": (2, 3)}),
        _segment("New Customers", {"recency": 5, "frequency": 1}),
        _segment("Promising", {"recency": 4, "frequency": 1}),
        _segment("Need Attention", {"recency": 3, "frequency": (2, 3), "monetary": (3, 5)}),
        _segment(
            "About to Sleep",
            {"recency": 3, "frequency": (2, 3), "monetary": (1, 2)},
            {"recency": 3, "frequency": 1},
        ),
        _segment("Cannot Lose Them", {"recency": (1, 2), "frequency": (4, 5), "monetary": (4, 5)}),
        _segment(
            "At Risk",
            {"recency": (1, 2), "frequency": (4, 5), "monetary": (1, 3)},
            {"recency": (1, 2), "frequency": (2, 3), "monetary": (3, 5)},
        ),
        _segment(
            "Hibernating",
            {"recency": 2, "frequency": (1, 3), "monetary": (1, 2)},
            {"recency": (1, 2), "frequency": 1, "monetary": (3, 5)},
        ),
        _segment("Lost", {"recency": 1, "frequency": (1, 3), "monetary": (1, 2)}),
    )
    tiers: Tiers = Tiers()

    @property
    def scores(self) -> int:
        """The best score."""
        return len(self.cut_offs) + 1

    @model_validator(mode="after")
    def _rising(self) -> Rfm:
        if list(self.cut_offs) != sorted(set(self.cut_offs)):
            raise ValueError(f"cut_offs must rise; found {', '.join(map(str, self.cut_offs))}")
        return self

    @model_validator(mode="after")
    def _every_cell_once(self) -> Rfm:
        names = Counter(segment.name for segment in self.segments)
        if twice := [name for name, times in names.items() if times > 1]:
            raise ValueError(f"{_some(twice)} is listed more than once; write all its cells under one name")
        claims: dict[tuple[int, ...], list[str]] = {cell: [] for cell in Cells().within(self.scores)}
        for segment in self.segments:
            for block in segment.cells:
                self._check_bands(segment.name, block)
                for cell in block.within(self.scores):
                    claims[cell].append(segment.name)
        gaps = [_cell(cell) for cell, claimed in claims.items() if not claimed]
        overlaps = [f"{_cell(c)} ({', '.join(claimed)})" for c, claimed in claims.items() if len(claimed) > 1]
        problems = []
        if gaps:
            problems.append(f"{len(gaps)} of {len(claims)} cells (recency-frequency-monetary) have none: {_some(gaps)}")
        if overlaps:
            problems.append(f"{len(overlaps)} cells have more than one: {_some(overlaps)}")
        if problems:
            raise ValueError(f"every cell needs exactly one segment; {'; '.join(problems)}")
        return self

    def _check_bands(self, name: str, block: Cells) -> None:
        for what, band in zip(("recency", "frequency", "monetary"), block.bands, strict=True):
            if band is not None and not 1 <= band[0] <= band[1] <= self.scores:
                raise ValueError(
                    f"{name}: {what} {list(band)} is no band of scores; write [low, high] with 1 <= low <= high <= "
                    f"{self.scores}"
                )


class CustomerSegment(Model):
    """A group a customer falls into when the one condition holds; without a condition, everybody does."""

    name: str = Field(min_length=1)
    top_share: Annotated[
        Share | None, Field(description="belongs to this share of those who bought, by what they spent")
    ] = None
    orders: Annotated[int | None, Field(ge=0, description="bought exactly so many times")] = None
    min_orders: Annotated[int | None, Field(ge=0, description="bought at least so many times")] = None
    tiers: Annotated[Texts | None, Field(description="best loyalty tier is one of these")] = None

    @property
    def conditions(self) -> dict[str, Any]:
        """What is asked, by name."""
        asked = self.model_dump(exclude={"name"})
        return {what: value for what, value in asked.items() if value is not None}

    @model_validator(mode="after")
    def _one_condition(self) -> CustomerSegment:
        if len(self.conditions) > 1:
            raise ValueError(f"{self.name}: one condition only, found {', '.join(self.conditions)}")
        return self


class Segments(Model):
    """conf/segments.yml"""

    loyalty_tiers: Annotated[Texts, Field(description="best first; a tier not listed ranks below them all")] = (
        "Platinum",
        "Gold",
        "Silver",
        "Bronze",
    )
    customer_segments: Annotated[
        tuple[CustomerSegment, ...],
        Field(min_length=1, description="the first that holds is a customer's segment"),
    ] = (
        CustomerSegment(name="High-Value", top_share=0.10),
        CustomerSegment(name="One-Time Buyer", orders=1),
        CustomerSegment(name="Loyalty Champion", tiers=("Gold", "Platinum")),
        CustomerSegment(name="Regular", min_orders=1),
        CustomerSegment(name="No Purchase"),
    )
    rfm: Rfm = Rfm()
    clv: Clv = Clv()
    churn: Churn = Churn()
    forecast: Forecast = Forecast()
    affinity: Affinity = Affinity()
    next_best_product: NextBestProduct = NextBestProduct()
    inventory: Inventory = Inventory()

    @model_validator(mode="after")
    def _everybody_has_one(self) -> Segments:
        *others, last = self.customer_segments
        if last.conditions:
            raise ValueError(f"customer_segments: the last, {last.name}, takes everybody left, so it has no condition")
        if free := [segment.name for segment in others if not segment.conditions]:
            raise ValueError(f"customer_segments: {_some(free)} has no condition, so those below it would stay empty")
        names = Counter(segment.name for segment in self.customer_segments)
        if twice := [name for name, times in names.items() if times > 1]:
            raise ValueError(f"customer_segments: {_some(twice)} is listed more than once")
        return self

    @model_validator(mode="after")
    def _known_tiers(self) -> Segments:
        named = {tier for segment in self.customer_segments for tier in segment.tiers or ()}
        if unknown := sorted(named - set(self.loyalty_tiers)):
            raise ValueError(
                f"customer_segments: no loyalty tier {_some(unknown)}; listed: {', '.join(self.loyalty_tiers)}"
            )
        return self


def _cell(scores: tuple[int, ...]) -> str:
    return "-".join(map(str, scores))


def _some(found: list[str], limit: int = 10) -> str:
    return ", ".join(found[:limit]) + (f" and {len(found) - limit} more" if len(found) > limit else "")
