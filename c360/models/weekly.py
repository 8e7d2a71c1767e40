"""Ways to carry a weekly series on; each says what it expects and how far off it expects to be.

Exponential smoothing is `statsforecast`'s, which is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Series: TypeAlias = NDArray[np.float64]

EXTRA = "statsforecast"
"""The package of c360[models] that the candidates need."""

_Z80 = 1.2815515655446004


class Ahead(NamedTuple):
    """The weeks to come: the value expected of each, and the standard deviation of the error."""

    mean: Series
    deviation: Series


def naive(history: Series, weeks: int, season: int) -> Ahead:
    """The last week again. The error adds up like a random walk's (Hyndman & Athanasopoulos, FPP3, table 5.2)."""
    ahead = np.arange(1, weeks + 1)
    return Ahead(np.full(weeks, history[-1]), _root_mean_square(np.diff(history)) * np.sqrt(ahead))


def seasonal_naive(history: Series, weeks: int, season: int) -> Ahead:
    """The same week of the season before. The error grows with each season (FPP3, table 5.2)."""
    seasons_before = np.arange(weeks) // season
    last_season = history[len(history) - season + np.arange(weeks) % season]
    return Ahead(last_season, _root_mean_square(history[season:] - history[:-season]) * np.sqrt(seasons_before + 1))


def ets(history: Series, weeks: int, season: int) -> Ahead:
    """Exponential smoothing with additive errors, with or without trend, chosen by AICc; without season.

    Errors are additive so that intervals are a formula, not a simulation. ETS takes no season longer than 24, and years
    of weeks have 52: see `stl_ets`.
    """
    from statsforecast.models import AutoETS

    return _ahead(AutoETS(season_length=1, model="AZN").forecast(history, h=weeks, level=[80]))


def stl_ets(history: Series, weeks: int, season: int) -> Ahead:
    """STL takes the season out, `ets` carries on what is left, and the last season comes again (FPP3, 13.1).

    Of logarithms where all weeks are above zero, as seasons grow with sales; the deviation is then to first order.
    """
    from statsforecast.models import MSTL, AutoETS

    is_positive = bool(history.min() > 0)
    model = MSTL(season_length=season, trend_forecaster=AutoETS(season_length=1, model="AZN"))
    found = _ahead(model.forecast(np.log(history) if is_positive else history, h=weeks, level=[80]))
    if not is_positive:
        return found
    return Ahead(np.exp(found.mean), np.exp(found.mean) * found.deviation)


def _ahead(forecast: Mapping[str, Series]) -> Ahead:
    return Ahead(forecast["mean"], (forecast["hi-80"] - forecast["mean"]) / _Z80)


def _root_mean_square(errors: Series) -> float:
    """NaN of nothing: one week alone says nothing about errors."""
    return float(np.sqrt(np.mean(errors**2))) if errors.size else float("nan")


class Method(NamedTuple):
    """A way to carry on, and how many weeks it must know, given the length of a season and the weeks ahead."""

    run: Callable[[Series, int, int], Ahead]
    needs: Callable[[int, int], int]


METHODS: Mapping[str, Method] = {
    "naive": Method(naive, lambda season, weeks: 2),
    "seasonal_naive": Method(seasonal_naive, lambda season, weeks: season + weeks),
    "ets": Method(ets, lambda season, weeks: 10),
    "stl_ets": Method(stl_ets, lambda season, weeks: 2 * season),
}
NAIVE = ("naive", "seasonal_naive")
