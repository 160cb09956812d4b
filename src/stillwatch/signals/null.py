"""The null: how many bits the innocent reach, and so how surprising a group's bits are.

Bits add up what signals say; how far the innocent get with them by chance is measured, on the
range's traffic without any campaign. No null reaches as far as one would like to know, so its tail
is modelled: what lies above a threshold falls off exponentially, a generalised Pareto law of shape
0 (peaks over threshold; Pickands 1975, Ann. Statist. 3, 119; Davison and Smith 1990).
"""

from __future__ import annotations

from math import log

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

Floats = npt.NDArray[np.float64]


class Null(BaseModel):
    """The tail of the bits of innocent groups, the prior left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    groups: int = Field(gt=0, description="Innocent groups that it was measured on.")
    above: float = Field(description="Bits from which the tail is modelled.")
    share: float = Field(gt=0, le=1, description="Share of innocent groups above it, at most.")
    mean: float = Field(gt=0, description="Bits that these lie above it in the mean, at most.")

    def p_values(self, evidence: Floats) -> Floats:
        """Chance that an innocent group has so many bits or more; shapes (n,).

        1 below the threshold.
        """
        tail = self.share * np.exp(-(evidence - self.above) / self.mean)
        p: Floats = np.where(evidence < self.above, 1.0, tail)
        return p

    def bits(self, p_value: float) -> float:
        """The fewest bits with this p-value."""
        return self.above + self.mean * max(log(self.share / p_value), 0.0)


def bound(evidence: Floats) -> Floats:
    """p-values where no null was measured: a likelihood ratio of x has one of 1 / x at most.

    By Markov's inequality, since it is 1 in the mean over the innocent; shapes (n,).
    """
    return np.minimum(np.exp2(-evidence), 1.0)
