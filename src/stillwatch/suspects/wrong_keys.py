"""Keys that nobody marked with: what they find shows whether the p-values can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from stillwatch.marks.prf import KEY_BYTES
from stillwatch.progress import Progress, silent
from stillwatch.suspects.evidence import Evidence

KEYS = 1000
LEAST = 1e-3
"""P-value of the null itself below which it is not believed."""


@dataclass(frozen=True, slots=True)
class Null:
    """P-values of wrong keys on the windows of a suspect.

    log_p: natural logarithms, in order; too_small: p-value of the one-sided Kolmogorov-Smirnov
    test that they are smaller than uniform ones would be.
    """

    log_p: tuple[float, ...]
    too_small: float

    @property
    def holds(self) -> bool:
        """Whether p-values on these windows are as they should be, as far as was seen."""
        return self.too_small >= LEAST

    def below(self, p: float) -> int:
        """How many wrong keys have at most this p-value."""
        return int(np.searchsorted(self.log_p, np.log(p), side="right"))


def null(evidence: Evidence, keys: int = KEYS, seed: int = 0, progress: Progress = silent) -> Null:
    """Tries keys drawn at random on the same windows as those that are looked for."""
    chance = np.random.default_rng(seed)
    found = np.empty(keys)
    for place in range(keys):
        found[place] = evidence.score(chance.bytes(KEY_BYTES)).log_p
        progress("wrong keys", (place + 1) / keys)
    found.sort()
    test = stats.kstest(np.exp(found), "uniform", alternative="greater")
    return Null(tuple(found.tolist()), float(test.pvalue))
