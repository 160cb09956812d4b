"""Gumbel-max: the key decides which token is drawn, and each is drawn as often as it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from stillwatch.marks.prf import uniform, values
from stillwatch.marks.scheme import Logits, Score, numbers
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

    def tilt(self, key: bytes, contexts: Tokens, logits: Logits) -> Logits:
        """Logits of the one token that is drawn: 0, and minus infinity elsewhere."""
        u = uniform(numbers(key, contexts, logits.shape[1]))
        # argmax of log p - log(-log u), as Gumbel noise is added to logits.
        chosen = (logits - np.log(-np.log(u))).argmax(axis=1)
        drawn = np.full(logits.shape, -np.inf)
        drawn[np.arange(len(logits)), chosen] = 0.0
        return drawn

    def score(self, key: bytes, distinct: Blocks) -> Score:
        """The sum of -log(1 - u) over windows; a gamma distribution without a mark."""
        n = len(distinct)
        total = float(-np.log1p(-uniform(values(key, distinct)[:, 0])).sum())
        log_p = float(stats.gamma.logsf(total, n)) if n else 0.0
        return Score(n, total, float(n), float(np.sqrt(n)), log_p)
