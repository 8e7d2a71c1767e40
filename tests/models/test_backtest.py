"""Methods, their errors and the choice between them, on series whose law is known."""

from __future__ import annotations

import numpy as np
import pytest

from c360.config.demand import Forecast
from c360.models.backtest import Trial, Z, choose
from c360.models.weekly import METHODS, naive, seasonal_naive

WEEKS = 12


def seasonal(random, weeks):
    """Three per cent of growth a year, a season of a fifth up and down, noise of a twentieth."""
    week = np.arange(weeks)
    season = 1 + 0.2 * np.sin(2 * np.pi * (week + random.integers(52)) / 52)
    return 100 * 1.0006**week * season * np.exp(random.normal(0, 0.05, weeks))


def level(random, weeks):
    return random.poisson(20, weeks).astype(float)


def walk(random, weeks):
    return 500 + np.cumsum(random.normal(0, 5, weeks))


def forecast_of(history):
    choice = choose(history, WEEKS, Forecast())
    ahead = METHODS[choice.name].run(history, WEEKS, 52)
    return choice, ahead.mean, ahead.deviation * choice.widening


def test_naive_is_the_last_week_and_doubts_grow_with_the_root_of_the_weeks():
    ahead = naive(np.array([1.0, 4.0, 4.0, 1.0]), 4, 52)
    assert ahead.mean.tolist() == [1, 1, 1, 1]
    assert ahead.deviation == pytest.approx(np.sqrt(6) * np.sqrt([1, 2, 3, 4]))


def test_one_week_says_nothing_about_errors():
    assert np.isnan(naive(np.array([3.0]), 2, 52).deviation).all()


def test_seasonal_naive_is_the_season_before_and_doubts_grow_with_each_season():
    ahead = seasonal_naive(np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0]), 7, 3)
    assert ahead.mean.tolist() == [3, 4, 5, 3, 4, 5, 3]
    assert ahead.deviation == pytest.approx(2 * np.sqrt([1, 1, 1, 2, 2, 2, 3]))


def test_errors_of_a_backtest_by_hand():
    trial = Trial("naive", np.array([[2.0, 0.0], [3.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 1.0]]), np.ones((2, 2)))
    assert trial.error == 3 / 4
    assert trial.smape_percent == pytest.approx(100 * (2 / 3 + 0 + 4 / 4 + 0) / 4)
    assert trial.widening == pytest.approx(np.sqrt(5 / 4))
    # The first origin is widened by the second's errors, to 1.41 and 1.81; the second's own 2 is outside either.
    assert (trial.coverage_percent(80), trial.coverage_percent(95)) == (75, 75)


def test_intervals_are_never_narrowed_and_no_expected_error_cannot_be_scaled():
    small = Trial("naive", np.array([[1.1]]), np.array([[1.0]]), np.ones((1, 1)))
    certain = Trial("naive", np.array([[2.0]]), np.array([[1.0]]), np.zeros((1, 1)))
    assert (small.widening, certain.widening, certain.coverage_percent(80)) == (1, 1, 0)


@pytest.mark.parametrize("weeks", [1, 2, 37])
def test_too_short_a_series_is_naive_and_says_so(weeks):
    choice = choose(np.arange(float(weeks)), WEEKS, Forecast())
    assert (choice.name, choice.trial, choice.mase(choice.trial)) == ("naive", None, None)
    assert choice.reason == f"too short to be tested: {weeks} weeks are known, 38 are needed"


def test_thirty_eight_weeks_are_enough_for_one_origin():
    choice = choose(np.arange(38.0), WEEKS, Forecast())
    assert (choice.name, choice.reason) == ("ets", "ets erred 100.0 % less than naive over 1 origins")


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_series_that_never_changes_is_naive(value):
    choice, mean, deviation = forecast_of(np.full(160, value))
    assert (choice.name, choice.mase(choice.trial)) == ("naive", None)
    assert (set(mean), set(deviation)) == ({value}, {0.0})


def test_without_candidates_the_better_naive_method_is_taken():
    season = np.tile(np.arange(52.0), 3)
    choice = choose(season, WEEKS, Forecast(candidates=()))
    assert (choice.name, choice.reason) == ("seasonal_naive", "nothing else was tried")


def test_a_seasonal_series_is_forecast_better_than_naive():
    random = np.random.default_rng(11)
    errors = {"model": 0.0, "naive": 0.0}
    for _ in range(10):
        series = seasonal(random, 156 + WEEKS)
        choice, mean, _ = forecast_of(series[:156])
        assert choice.trial.error <= choice.baseline.error
        errors["model"] += np.abs(series[156:] - mean).mean()
        errors["naive"] += np.abs(series[156:] - METHODS["naive"].run(series[:156], WEEKS, 52).mean).mean()
    assert choice.name == "stl_ets"
    assert choice.reason.startswith("stl_ets erred ")
    assert errors["model"] < 0.5 * errors["naive"]


def test_a_random_walk_falls_back_to_naive_and_says_so():
    random = np.random.default_rng(12)
    choices = [choose(walk(random, weeks), WEEKS, Forecast()) for weeks in [60, 110] * 10]
    naive_ones = [choice for choice in choices if choice.name == "naive"]
    assert len(naive_ones) >= 16  # by chance a model does better now and then, as far as its past goes
    said = ("did not err less than naive over ", "too little: 5 % are asked for")
    assert [choice.reason for choice in naive_ones if not any(part in choice.reason for part in said)] == []


@pytest.mark.parametrize(("law", "weeks"), [(seasonal, 140), (level, 80), (walk, 60)])
def test_intervals_hold_about_as_many_weeks_as_they_say(law, weeks):
    random = np.random.default_rng(13)
    inside = {80: [], 95: []}
    for _ in range(40):
        series = law(random, weeks + WEEKS)
        _, mean, deviation = forecast_of(series[:weeks])
        for half in inside:
            inside[half].append(np.abs(series[weeks:] - mean) <= Z[half] * deviation)
    assert 0.72 <= np.mean(inside[80]) <= 0.88
    assert 0.89 <= np.mean(inside[95]) <= 0.99


def test_the_backtest_says_what_the_intervals_held():
    random = np.random.default_rng(14)
    said = [choose(level(random, 80), WEEKS, Forecast()).trial.coverage_percent(80) for _ in range(30)]
    assert 72 <= np.mean(said) <= 88
