"""Measures how many bits the innocent reach, as the null that p-values are of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from stillwatch.signals.null import Null

TAIL = 0.02
"""Share of innocent groups that are its tail."""
CONFIDENCE = 0.95


def tail(evidence: npt.NDArray[np.float64]) -> Null:
    """The null of innocent groups with these bits, the prior left out; shape (n,).

    Threshold exceedances, thought to be exponential, share and mean at their upper limits of
    confidence (Clopper and Pearson 1934; the mean of exponentials is a chi-square), so that the
    rate which is stated holds and is not only met in the mean.
    """
    above = float(np.quantile(evidence, 1.0 - TAIL))
    beyond = evidence[evidence > above] - above
    share = stats.binomtest(len(beyond), len(evidence)).proportion_ci(2 * CONFIDENCE - 1).high
    count = 2 * len(beyond)
    mean = count * beyond.mean() / stats.chi2.ppf(1.0 - CONFIDENCE, count)
    shape, _, _ = stats.genpareto.fit(beyond, floc=0.0)
    print(
        f"null: {len(beyond)} of {len(evidence)} groups above {above:.2f} bits, by "
        f"{beyond.mean():.2f} in the mean; shape of a Pareto law {shape:+.2f}"
    )
    return Null(
        groups=len(evidence), above=round(above, 3), share=round(float(share), 5),
        mean=round(float(mean), 4),
    )  # fmt: skip
