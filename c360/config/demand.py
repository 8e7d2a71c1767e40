"""The sections of conf/segments.yml about what sells next: forecast, affinity, next_best_product and inventory."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from c360.config.base import Model, Texts

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Forecast(Model):
    """How weekly series are carried on, and how that is tested on their past."""

    candidates: Annotated[
        tuple[Literal["ets", "stl_ets"], ...],
        Field(description="what is tried beside naive and seasonal naive; these need c360[models], an empty list not"),
    ] = ("ets", "stl_ets")
    season_weeks: Annotated[int, Field(ge=2, description="weeks after which a season comes again")] = 52
    origins: Annotated[Count, Field(description="how many times the past is forecast from an earlier week")] = 6
    weeks_between_origins: Count = 4
    min_weeks: Annotated[int, Field(ge=4, description="weeks that must be known before the earliest of these")] = 26
    min_gain: Annotated[Share, Field(description="share by which a candidate's error must be below the naive one")] = (
        0.05
    )


class Affinity(Model):
    """Which product pairs count."""

    max_basket: Annotated[int, Field(ge=2, description="orders of more different products are left out")] = 50
    min_orders: Annotated[Count, Field(description="orders that hold both products, at least")] = 5
    min_support: Annotated[Share, Field(description="share of all orders that hold both products, at least")] = 0.0001


class NextBestProduct(Model):
    """What is offered to whom."""

    per_person: Annotated[Count, Field(description="products for each person")] = 3
    pairs_per_product: Annotated[
        Count, Field(description="of what goes with a product, so many are considered, by lift")
    ] = 25
    not_offered: Annotated[Texts, Field(description="statuses of products that are neither offered nor reordered")] = (
        "discontinued",
        "inactive",
    )


class Inventory(Model):
    """When stock is too low or too high."""

    recent_weeks: Annotated[Count, Field(description="weeks from which a product's share of its category is read")] = 13
    target_days: Annotated[Count, Field(description="days that an order is to cover where no largest stock is set")] = (
        60
    )
    overstock_days: Annotated[Count, Field(description="stock for more days is too much")] = 180
