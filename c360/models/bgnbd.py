"""BG/NBD: how often customers will buy again, and who still does.

After Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), 275–284: while alive
a customer buys at a rate of their own (gamma distributed: r, alpha); after every purchase they leave with a probability
of their own (beta distributed: a, b). All that counts of a customer is x, the number of repeat purchases, t_x, the time
from the first to the last, and T, the time from the first until today. Times are in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from c360.models.fitting import CannotFitError, Numbers, maximise, mean, scipy

_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.2, 0.1, 0.8, 2.5), (1.0, 0.2, 0.1, 1.0), (5.0, 1.0, 1.0, 20.0))
"""Of r, alpha, a, b; alpha in units of the longest time a customer was seen."""

_NODES = 48
"""Of the quadrature: the expected purchases have twelve correct digits for parameters within 0.03 and 30, and four or
more towards the ends of the search, save for a customer who contradicts them by orders of magnitude."""


@dataclass(frozen=True)
class Histories:
    """What is known of the customers: an entry per different history, and how many customers have it.

    Attributes:
        x: repeat purchases.
        t_x: weeks from the first purchase to the last.
        age: T, weeks from the first purchase until now.
        customers: how many have this history.
    """

    x: Numbers
    t_x: Numbers
    age: Numbers
    customers: Numbers


@dataclass(frozen=True)
class BgNbd:
    """A fitted model; alpha is in weeks."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")

    def p_alive(self, x: Column, t_x: Column, age: Column) -> Column:
        """Probability that a customer still buys at all, DOUBLE; 1 without a repeat purchase, as nobody left yet."""
        chances = F.lit(self.b - 1) + F.greatest(x, F.lit(1.0))
        odds_against = F.log(F.lit(self.a) / chances) + (F.lit(self.r) + x) * (
            F.log(F.lit(self.alpha) + age) - F.log(F.lit(self.alpha) + t_x)
        )
        return F.when(x > 0, 1 / (1 + F.exp(F.least(odds_against, F.lit(700.0))))).otherwise(F.lit(1.0))

    def expected_if_alive(self, x: Numbers, age: Numbers, weeks: float, discount: float = 0.0) -> Numbers:
        """Purchases in the weeks to come of somebody who is alive now; times p_alive, those of anybody.

        For a customer who is alive now the rate of purchases in s weeks is, with y = s / (alpha + T),
        (r + x) / (alpha + T) · 2F1(r + x + 1, a; a + b + x; −y), which is integrated from 0 to `weeks` over
        u = ln(1 + y). Without a discount it is equation (10) of the paper, without its pole at a = 1, its cancellation
        for short horizons and its overflow for many purchases.

        Args:
            discount: per week, continuous: a purchase in s weeks counts exp(−discount · s).
        """
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        scale = self.alpha + age
        end = np.log1p(weeks / scale)
        total = np.zeros(len(x))
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            u = end * node
            total += weight * self._rate(x, u) * np.exp(u - discount * scale * np.expm1(u))
        expected: Numbers = (self.r + x) * end * total
        return expected

    def _rate(self, x: Numbers, u: Numbers) -> Numbers:
        """2F1(r + x + 1, a; a + b + x; 1 − e^u), in that of Pfaff's two forms whose series is bounded as u grows."""
        hyp2f1 = scipy("special").hyp2f1
        r, a, b = self.r, self.a, self.b
        z, rate = -np.expm1(-u), np.empty(len(x))
        most = a < r + x + 1
        rate[most] = np.exp(-a * u[most]) * hyp2f1(a + b - r - 1, a, a + b + x[most], z[most])
        rest = ~most
        n = x[rest]
        rate[rest] = np.exp(-(r + n + 1) * u[rest]) * hyp2f1(r + n + 1, b + n, a + b + n, z[rest])
        return rate


def fit(histories: Histories, penalty: float = 0.0) -> BgNbd:
    """The parameters with the greatest likelihood.

    Raises:
        CannotFitError: the histories do not determine them.
    """
    _check(histories)
    special = scipy("special")
    x, customers = histories.x, histories.customers
    unit = float(histories.age.max())  # the search does not depend on the unit of time
    t_x, age = histories.t_x / unit, histories.age / unit
    repeated = x > 0
    counts, place = np.unique(x, return_inverse=True)  # the slow functions are asked once per number of purchases

    def likelihood(parameters: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = parameters
        gamma, digamma = special.gammaln, special.psi
        known = gamma(r + counts) - gamma(r) + gamma(a + b) - gamma(a + b + counts) + gamma(b + counts) - gamma(b)
        until_now, until_last = np.log(alpha + age), np.log(alpha + t_x)
        alive = -(r + x) * until_now
        chances = np.where(repeated, b + x - 1, np.inf)  # nobody leaves before a repeat purchase
        left = np.log(a) - np.log(chances) - (r + x) * until_last
        either = np.logaddexp(alive, left)
        value = r * np.log(alpha) + known[place] + either
        gone = np.exp(left - either)  # the probability to have left
        in_r = (digamma(r + counts) - digamma(r))[place] + np.log(alpha) - (1 - gone) * until_now - gone * until_last
        in_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + age) + gone / (alpha + t_x))
        both = digamma(a + b) - digamma(a + b + counts)
        in_a = both[place] + gone / a
        in_b = (both + digamma(b + counts) - digamma(b))[place] - gone / chances
        return mean(value, customers), np.array([mean(slope, customers) for slope in (in_r, in_alpha, in_a, in_b)])

    r, alpha, a, b = map(float, parameters := maximise(likelihood, _STARTS, penalty))
    each = likelihood(parameters)[0] - mean(x, customers) * np.log(unit)
    return BgNbd(r, alpha * unit, a, b, log_likelihood=float(each * customers.sum()))


def _check(histories: Histories) -> None:
    x = histories.x
    if not (x > 0).any():
        raise CannotFitError("nobody has bought on a second day, so there is no rate to estimate")
    if not (histories.age > 0).any():
        raise CannotFitError(
            "all first purchases were made on the last day, so there is no time to estimate a rate from"
        )
    if x.min() == x.max():
        raise CannotFitError(
            f"all customers have {int(x[0])} repeat purchases, so their differences cannot be estimated"
        )
