"""Gamma-Gamma: what a customer's purchase is worth.

After Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value: a customer's purchases vary around a mean of their
own (gamma: p), and the means vary among customers (q, v). How often somebody buys must not depend on what they spend,
which `correlation` measures. All that counts of a customer is x, the number of repeat purchases, and z, their mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from c360.models.fitting import CannotFitError, Numbers, maximise, mean, scipy

_STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (2.0, 10.0, 5.0))
"""Of p, q and v; v in units of the mean value."""


@dataclass(frozen=True)
class Spending:
    """What is known of the customers with a repeat purchase: an entry per different one.

    Attributes:
        x: repeat purchases, at least 1.
        z: mean value of these, above 0.
        customers: how many have both.
    """

    x: Numbers
    z: Numbers
    customers: Numbers

    def correlation(self) -> float:
        """Pearson's, of x and z over the customers; NaN where one does not vary."""
        x, z = (values - mean(values, self.customers) for values in (self.x, self.z))
        spread = np.sqrt(mean(x**2, self.customers) * mean(z**2, self.customers))
        return float(mean(x * z, self.customers) / spread) if spread > 0 else float("nan")


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model; v is in units of money."""

    p: float
    q: float
    v: float
    log_likelihood: float = float("nan")

    def expected_value(self, x: Column, z: Column) -> Column:
        """Value of a customer's next purchase, DOUBLE: between their own mean and that of everybody.

        Where `z` is NULL (no repeat purchase yet) it is everybody's mean, p·v / (q − 1).
        """
        own = self.p * (F.lit(self.v) + x * F.greatest(z, F.lit(0.0))) / (self.p * x + F.lit(self.q - 1))
        return F.coalesce(own, F.lit(self.p * self.v / (self.q - 1)))


def fit(spending: Spending, penalty: float = 0.0) -> GammaGamma:
    """The parameters with the greatest likelihood.

    Raises:
        CannotFitError: the values do not determine them, or customers differ so much that there is no mean.
    """
    if len(spending.z) == 0 or spending.z.min() == spending.z.max():
        raise CannotFitError(
            "the purchases of all customers have the same value, so there are no differences to estimate"
        )
    special = scipy("special")
    x, customers = spending.x, spending.customers
    unit = mean(spending.z, customers)  # the search does not depend on the currency
    z = spending.z / unit
    log_x, log_z = np.log(x), np.log(z)

    def likelihood(parameters: Numbers) -> tuple[float, Numbers]:
        p, q, v = parameters
        total = x * z + v
        log_total = np.log(total)
        value = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(v)
        value += (p * x - 1) * log_z + p * x * log_x - (p * x + q) * log_total
        digamma = special.psi(p * x + q)
        in_p = x * (digamma - special.psi(p * x) + log_z + log_x - log_total)
        in_q = digamma - special.psi(q) + np.log(v) - log_total
        in_v = q / v - (p * x + q) / total
        return mean(value, customers), np.array([mean(slope, customers) for slope in (in_p, in_q, in_v)])

    p, q, v = map(float, parameters := maximise(likelihood, _STARTS, penalty))
    if q <= 1:
        raise CannotFitError(
            f"customers differ so much in what they spend (q is {q:.2f}, not above 1) that there is no mean to expect; "
            "leave out the few very large buyers, or set clv.penalty in conf/segments.yml"
        )
    total = (likelihood(parameters)[0] - np.log(unit)) * float(customers.sum())
    return GammaGamma(p, q, v * unit, log_likelihood=float(total))
