"""Backtest on rolling origins: a series is forecast from several weeks of its past, and compared with what came.

The method with the lowest mean absolute error is chosen, if it beats the naive ones by the margin of conf/segments.yml.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from c360.config.demand import Forecast
from c360.models.weekly import METHODS, NAIVE, Series

Z = {80: 1.2815515655446004, 95: 1.959963984540054}
"""Half the width of an interval, in standard deviations of a normal error."""


@dataclass(frozen=True)
class Trial:
    """How one method did: per origin and week ahead, what came, what it expected, and its standard deviation."""

    name: str
    actual: Series
    mean: Series
    deviation: Series

    @property
    def error(self) -> float:
        """Mean absolute error."""
        return float(np.mean(np.abs(self.actual - self.mean)))

    @property
    def smape_percent(self) -> float:
        """Symmetric mean absolute percentage error, 0 to 200; a week that is 0 and expected to be has none."""
        size = np.abs(self.actual) + np.abs(self.mean)
        apart = np.abs(self.actual - self.mean)
        return float(200 * np.mean(np.divide(apart, size, out=np.zeros_like(size), where=size > 0)))

    @property
    def widening(self) -> float:
        """By how much its errors exceed what it expected of them; never below 1."""
        return _widening(self.actual - self.mean, self.deviation)

    def coverage_percent(self, level: int) -> float:
        """Share of weeks within the interval, each origin's widened by what the others say, as a forecast's will be."""
        errors = self.actual - self.mean
        inside = 0
        for origin in range(len(errors)):
            others = np.arange(len(errors)) != origin
            factor = _widening(errors[others], self.deviation[others])
            inside += int(np.sum(np.abs(errors[origin]) <= Z[level] * factor * self.deviation[origin]))
        return 100 * inside / errors.size


def _widening(errors: Series, deviations: Series) -> float:
    expected = float(np.sum(deviations**2))
    return max(1.0, float(np.sqrt(np.sum(errors**2) / expected))) if expected > 0 else 1.0


@dataclass(frozen=True)
class Choice:
    """The method for a series, and why.

    Attributes:
        name: the method.
        reason: what decided, as a sentence.
        trial: its backtest; None where the series is too short for one.
        baseline: the backtest of the better of the naive methods.
        scale: mean change from week to week, or from season to season, in what is known at the earliest origin.
    """

    name: str
    reason: str
    trial: Trial | None = None
    baseline: Trial | None = None
    scale: float = 0.0

    @property
    def widening(self) -> float:
        """The factor for the width of the intervals."""
        return self.trial.widening if self.trial else 1.0

    def mase(self, trial: Trial | None) -> float | None:
        """Mean absolute scaled error (Hyndman & Koehler 2006); None where there is nothing to scale by."""
        return trial.error / self.scale if trial and self.scale > 0 else None


def choose(history: Series, weeks: int, settings: Forecast) -> Choice:
    """The method by which a series is best carried on, by its own past.

    Args:
        history: one value per week.
        weeks: how many are to be forecast.
        settings: candidates, season, origins and margin.
    """
    origins = _origins(len(history), weeks, settings)
    if not origins:
        needed = settings.min_weeks + weeks
        return Choice("naive", f"too short to be tested: {len(history)} weeks are known, {needed} are needed")
    known, season = min(origins), settings.season_weeks
    able = [name for name in (*NAIVE, *settings.candidates) if METHODS[name].needs(season, weeks) <= known]
    trials = [_trial(name, history, weeks, origins, season) for name in able]
    baseline = min((t for t in trials if t.name in NAIVE), key=_error)
    candidate = min((t for t in trials if t.name not in NAIVE), key=_error, default=None)
    lag = season if "seasonal_naive" in able else 1
    scale = float(np.mean(np.abs(history[lag:known] - history[: known - lag])))
    if candidate is None:
        return Choice(baseline.name, "nothing else was tried", baseline, baseline, scale)
    gain = 1 - candidate.error / baseline.error if baseline.error > 0 else 0.0
    chosen = candidate if gain > settings.min_gain else baseline
    return Choice(chosen.name, _reason(candidate, baseline, gain, settings), chosen, baseline, scale)


def _origins(length: int, weeks: int, settings: Forecast) -> list[int]:
    """How many weeks are known at each origin, the latest first; all that is forecast from it has come."""
    latest = length - weeks
    every = range(latest, settings.min_weeks - 1, -settings.weeks_between_origins)
    return list(every[: settings.origins])


def _trial(name: str, history: Series, weeks: int, origins: list[int], season: int) -> Trial:
    aheads = [METHODS[name].run(history[:known], weeks, season) for known in origins]
    return Trial(
        name,
        np.stack([history[known : known + weeks] for known in origins]),
        np.stack([ahead.mean for ahead in aheads]),
        np.stack([ahead.deviation for ahead in aheads]),
    )


def _error(trial: Trial) -> float:
    return trial.error


def _reason(candidate: Trial, baseline: Trial, gain: float, settings: Forecast) -> str:
    over = f"over {len(candidate.actual)} origins"
    if gain <= 0:
        return f"{candidate.name} did not err less than {baseline.name} {over}"
    said = f"{candidate.name} erred {100 * gain:.1f} % less than {baseline.name} {over}"
    return said if gain > settings.min_gain else f"{said}, too little: {100 * settings.min_gain:g} % are asked for"
