"""Maximum likelihood for the models: positive parameters, several starts, and a reason where there is no fit."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from c360.errors import C360Error

Numbers: TypeAlias = NDArray[np.float64]
Likelihood: TypeAlias = Callable[[Numbers], tuple[float, Numbers]]
"""Parameters → mean log-likelihood of a customer, and its gradient."""

LEAST, MOST = 1e-4, 1e3
"""Between these every parameter is looked for, in units that suit the data. Beyond (nobody ever leaves: a → 0;
everybody has the same rate: r → ∞) a maximum is as good as reached: what is predicted hardly changes any more."""

_STEEP = 1e-5
"""A log-likelihood per customer that still climbs faster than this, per logarithm of a parameter, is not at its top."""


def mean(values: Numbers, customers: Numbers) -> float:
    """The mean of the entries, each counted as often as there are customers with it.

    Not a dot product: BLAS spreads it over threads, which on a busy machine takes fifty times as long and need not add
    up in the same order.
    """
    return float(np.sum(values * customers) / np.sum(customers))


class CannotFitError(C360Error):
    """The data do not determine the parameters of a model; its tables say so instead of predicting."""


def scipy(module: str) -> Any:
    """The module of SciPy.

    Raises:
        C360Error: it is not installed.
    """
    try:
        return importlib.import_module(f"scipy.{module}")
    except ImportError as error:
        raise C360Error(
            f"to fit the models c360 needs SciPy, which is not installed ({error}): pip install 'c360[models]'"
        ) from error


def maximise(likelihood: Likelihood, starts: Sequence[Sequence[float]], penalty: float = 0.0) -> Numbers:
    """The parameters with the greatest likelihood, found from every start; the same data give the same ones.

    They are looked for by their logarithms (so all stay positive) with the exact gradient, by L-BFGS-B.

    Args:
        likelihood: the mean over the customers, so that its size does not depend on how many they are.
        starts: where to begin; the best end counts.
        penalty: is multiplied with the sum of the squared parameters and taken off the mean log-likelihood.

    Raises:
        CannotFitError: no start leads to a maximum.
    """
    optimize = scipy("optimize")

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        found = np.exp(logs)
        value, gradient = likelihood(found)
        return penalty * float(np.sum(found**2)) - value, (2 * penalty * found - gradient) * found

    low, high = np.log(LEAST), np.log(MOST)
    options = {"maxiter": 2000, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 30}
    ends = [
        optimize.minimize(
            loss, np.log(start), jac=True, method="L-BFGS-B", bounds=[(low, high)] * len(start), options=options
        ).x
        for start in starts
    ]
    best: Numbers = min(ends, key=lambda logs: loss(logs)[0])
    downhill = -loss(best)[1]
    free = np.where(downhill > 0, best < high, best > low)
    if not np.abs(downhill[free]).max(initial=0.0) < _STEEP:
        raise CannotFitError("the likelihood has no maximum that the search would find")
    return np.exp(best)


def at_bounds(parameters: dict[str, float]) -> list[str]:
    """Names of the parameters that lie where the search ends."""
    return [name for name, value in parameters.items() if not LEAST * 1.01 < value < MOST / 1.01]
