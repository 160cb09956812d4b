"""Gumbel-max: the key decides which token is drawn, and each is drawn as often as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, log

import numpy as np
from scipy import stats

from stillwatch.marks.prf import uniform, values
from stillwatch.marks.scheme import Logits, Points, Score, numbers
from stillwatch.marks.windows import Blocks, Tokens


@dataclass(frozen=True, slots=True)
class Gumbel:
    """Aaronson's scheme (2022; Fernandez et al. 2023, section 2.2): u_t ^ (1 / p_t) is largest.

    Over random keys each token is drawn with its own probability, so that a text by itself is not
    distorted. It hangs on the context alone, though: the same question gets the same answer.
    """

    width: int = 3

    @property
    def name(self) -> str:
        """As keys are derived for it."""
        return f"gumbel/1 width={self.width}"

    @property
    def masks(self) -> bool:
        """Yes: the same token would be drawn again."""
        return True

    def tilt(
        self, key: bytes, contexts: Tokens, logits: Logits, tokens: Tokens | None = None
    ) -> Logits:
        """Logits of the one token that is drawn: 0, and minus infinity elsewhere."""
        u = uniform(numbers(key, contexts, logits.shape[1], tokens))
        # argmax of log p - log(-log u), as Gumbel noise is added to logits.
        chosen = (logits - np.log(-np.log(u))).argmax(axis=1)
        drawn = np.full(logits.shape, -np.inf)
        drawn[np.arange(len(logits)), chosen] = 0.0
        return drawn

    def points(self, key: bytes, distinct: Blocks) -> Points:
        """-log(1 - u) of each window."""
        return -np.log1p(-uniform(values(key, distinct)[:, 0]))

    def total(self, points: Points) -> Score:
        """The sum of -log(1 - u) over windows; a gamma distribution without a mark."""
        return exponential(points)

    def cumulant(self, t: Points) -> Points:
        """ln E[exp(t X)] of an exponential distribution; infinite from 1 on."""
        with np.errstate(divide="ignore"):
            return -np.log(np.maximum(1.0 - t, 0.0))


def exponential(points: Points) -> Score:
    """The sum of points that are each exponentially distributed without a mark."""
    n, total = len(points), float(points.sum())
    log_p = float(stats.gamma.logsf(total, n)) if n else 0.0
    if isinf(log_p):
        # Smaller than a float: Chernoff's bound.
        log_p = n - total + n * log(total / n)
    return Score(n, total, float(n), float(np.sqrt(n)), log_p)
