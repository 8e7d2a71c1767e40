"""The numbers of BG/NBD and Gamma-Gamma, without an engine."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from c360.errors import C360Error
from c360.models import bgnbd, gamma_gamma
from c360.models.bgnbd import BgNbd, Histories
from c360.models.fitting import CannotFitError, at_bounds
from c360.models.gamma_gamma import Spending

TRUE = BgNbd(r=0.5, alpha=8.0, a=0.6, b=2.0)


def bought(customers, truth, weeks, seed=7, leave=True):
    """(x, t_x, T) of customers who buy and leave as the model says, seen for up to so many weeks."""
    chance = np.random.default_rng(seed)
    age = chance.uniform(weeks / 2, weeks, customers)
    rate = chance.gamma(truth.r, 1 / truth.alpha, customers)
    leaves = chance.beta(truth.a, truth.b, customers) if leave else np.zeros(customers)
    now, x, t_x, alive = np.zeros(customers), np.zeros(customers), np.zeros(customers), np.full(customers, True)
    while alive.any():
        now = now + chance.exponential(1 / np.maximum(rate, 1e-200))
        alive &= now <= age
        x, t_x = x + alive, np.where(alive, now, t_x)
        alive &= chance.uniform(size=customers) > leaves
    return x, t_x, age


def histories(x, t_x, age):
    return Histories(*(np.asarray(values, dtype=float) for values in (x, t_x, age)), np.ones(len(x)))


def spent(customers, p, q, v, seed=7):
    chance = np.random.default_rng(seed)
    x = chance.integers(1, 9, customers).astype(float)
    rate = chance.gamma(q, 1 / v, customers)
    return Spending(x, chance.gamma(p * x, 1 / (rate * x)), np.ones(customers))


def test_simulated_customers_give_their_parameters_back():
    found = bgnbd.fit(histories(*bought(20_000, TRUE, 100)))
    for name in ("r", "alpha", "a", "b"):
        assert getattr(found, name) == pytest.approx(getattr(TRUE, name), rel=0.1), name


def test_simulated_values_give_their_parameters_back():
    found = gamma_gamma.fit(spent(20_000, 6.0, 4.0, 15.0))
    assert (found.p, found.q, found.v) == pytest.approx((6.0, 4.0, 15.0), rel=0.06)


def test_equal_histories_may_be_grouped_and_no_unit_of_time_or_money_matters():
    x, t_x, age = (np.tile(values, 3) for values in bought(500, TRUE, 80))
    spread = bgnbd.fit(histories(x, t_x, age))
    rows, customers = np.unique(np.stack([x, t_x, age]), axis=1, return_counts=True)
    grouped = bgnbd.fit(Histories(*rows, customers.astype(float)))
    days = bgnbd.fit(histories(x, t_x * 7, age * 7))
    for found, alpha in ((grouped, spread.alpha), (days, spread.alpha * 7)):
        assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
            (spread.r, alpha, spread.a, spread.b), rel=1e-5
        )
    assert grouped.log_likelihood == pytest.approx(spread.log_likelihood, abs=1e-6)
    euros = spent(2000, 6.0, 4.0, 15.0)
    cents = Spending(euros.x, euros.z * 100, euros.customers)
    one, other = gamma_gamma.fit(euros), gamma_gamma.fit(cents)
    assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, one.v * 100), rel=1e-5)


def test_where_nobody_leaves_nobody_is_taken_to_leave_and_purchases_go_on():
    x, t_x, age = bought(3000, TRUE, 100, leave=False)
    found = bgnbd.fit(histories(x, t_x, age))
    assert found.a / (found.a + found.b) < 0.002
    expected = found.expected_if_alive(x, age, 50.0)
    assert expected == pytest.approx((found.r + x) / (found.alpha + age) * 50, rel=0.05)


def test_what_lies_at_the_end_of_the_search_is_named():
    assert at_bounds({"r": 0.2, "a": 1e-4, "b": 1e3}) == ["a", "b"]


@pytest.mark.parametrize("a", [0.05, 0.79, 1.0, 1.5, 40.0])
def test_expected_purchases_are_those_of_the_papers_formula_also_at_its_pole(a):
    from scipy.special import hyp2f1

    model = BgNbd(r=0.6, alpha=5.0, a=a, b=3.0)
    x, age = np.array([0.0, 1.0, 7.0, 60.0]), np.array([10.0, 38.0, 52.0, 100.0])
    near = a + 1e-6 if a == 1.0 else a
    z, r, b = 39 / (model.alpha + age + 39), model.r, model.b
    closed = (near + b + x - 1) / (near - 1) * (1 - (1 - z) ** (r + x) * hyp2f1(r + x, b + x, near + b + x - 1, z))
    assert model.expected_if_alive(x, age, 39.0) == pytest.approx(closed, rel=1e-5 if a == 1.0 else 1e-9)


def test_thousands_of_purchases_and_a_first_one_today_do_not_overflow():
    model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    expected = model.expected_if_alive(np.array([5000.0, 0.0]), np.array([300.0, 0.0]), 52.0)
    assert expected[0] == pytest.approx(5000.243 / 304.414 * 52, rel=0.1)
    assert 0 < expected[1] < 52 * 0.243 / 4.414


def test_a_discount_makes_less_of_later_purchases():
    model, x, age = TRUE, np.array([3.0]), np.array([50.0])
    plain, discounted = (model.expected_if_alive(x, age, 52.0, rate)[0] for rate in (0.0, np.log(1.1) / 52))
    assert plain * 1.1**-1 < discounted < plain
    parts = [model.expected_if_alive(x, age, float(week))[0] for week in np.arange(0, 52.05, 0.1)]
    middle = np.arange(0.05, 52.0, 0.1)
    assert discounted == pytest.approx(float(np.sum(np.diff(parts) * 1.1 ** (-middle / 52))), rel=1e-6)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (([0, 0], [0, 0], [5, 9]), "nobody has bought on a second day, so there is no rate to estimate"),
        (([2, 2], [3, 4], [5, 9]), "all customers have 2 repeat purchases, so their differences cannot be estimated"),
        (([1, 0], [0, 0], [0, 0]), "all first purchases were made on the last day, so there is no time to estimate"),
    ],
)
def test_histories_that_determine_nothing_are_refused_with_the_reason(rows, why):
    with pytest.raises(CannotFitError, match=why):
        bgnbd.fit(histories(*rows))


def test_values_that_determine_nothing_are_refused_with_the_reason():
    one = np.ones(3)
    with pytest.raises(CannotFitError, match=r"^the purchases of all customers have the same value"):
        gamma_gamma.fit(Spending(np.array([1.0, 2.0, 3.0]), 9.99 * one, one))
    with pytest.raises(CannotFitError, match=r"^customers differ so much .* not above 1\) that there is no mean"):
        gamma_gamma.fit(spent(2000, 6.0, 0.5, 15.0))


def test_a_penalty_draws_the_parameters_in():
    rows = histories(*bought(500, TRUE, 80))
    free, held = bgnbd.fit(rows), bgnbd.fit(rows, penalty=0.1)
    assert held.b < free.b
    assert held.log_likelihood < free.log_likelihood


def test_without_scipy_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(C360Error, match=r"^to fit the models c360 needs SciPy.*pip install 'c360\[models\]'$"):
        bgnbd.fit(histories([0, 1], [0, 3], [5, 9]))
