"""Bounds of p-values where what is added up has weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST, MOST, STEPS = 0.2, 100.0, 120
"""Deviations above the mean between which a bound is tight, and how many steps there are."""


class Tail:
    """Upper tail of a sum of independent variables, bounded by its cumulant function.

    Chernoff 1952: P(S >= s) <= exp(K(t) - t s) for every t > 0, with K(t) = ln E[exp(t S)]. The
    smallest over some steps of t is taken. It never claims too much: next to a normal tail it is
    larger by about 2.5 times the deviations above the mean.
    """

    def __init__(self, mean: float, deviation: float, cumulant: Callable[[Floats], Floats]) -> None:
        """cumulant: K at each t, shape (m,) to shape (m,)."""
        self.mean, self.deviation = mean, deviation
        steps = np.geomspace(FEWEST, MOST, STEPS) / deviation if deviation else np.zeros(1)
        cumulants = cumulant(steps)
        finite = np.isfinite(cumulants)
        self._t, self._cumulants = steps[finite], cumulants[finite]

    def log_p(self, sums: Floats) -> Floats:
        """Natural logarithms of bounds of the p-values of sums, shape (n,)."""
        if not len(self._t):
            return np.zeros(len(sums))
        best = np.zeros(len(sums))
        for t, cumulant in zip(self._t, self._cumulants, strict=True):
            np.minimum(best, cumulant - t * sums, out=best)
        return best
