"""Tournaments: candidates meet in layers, and the key says who wins each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.marks.prf import values
from stillwatch.marks.scheme import Logits, Points, Score, count, numbers
from stillwatch.marks.windows import Blocks, Tokens

DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Tournament:
    """SynthID-Text with tournaments of two (Dathathri et al. 2024, Nature 634, Algorithm 2).

    depth: layers (m), each with a bit g of every token; the distribution is that of the paper's
    non-distortionary variant, in closed form (supplement, vectorised tournament sampling).
    """

    depth: int = 30
    width: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= DEEPEST:
            raise ValueError(f"depth {self.depth}: 1 to {DEEPEST} layers")

    @property
    def name(self) -> str:
        """As keys are derived for it."""
        return f"tournament/1 depth={self.depth} width={self.width}"

    @property
    def masks(self) -> bool:
        """Yes: the same tournament would be held again."""
        return True

    def tilt(
        self, key: bytes, contexts: Tokens, logits: Logits, tokens: Tokens | None = None
    ) -> Logits:
        """Logarithms of the probabilities to win all layers."""
        bits = numbers(key, contexts, logits.shape[1], tokens)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        for layer in range(self.depth):
            g = ((bits >> np.uint64(layer)) & np.uint64(1)).astype(np.float64)
            # Where all that is left has the bit, rounding may leave less than nothing of the rest.
            p *= np.maximum(1.0 + g - (g * p).sum(axis=1, keepdims=True), 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(p))

    def points(self, key: bytes, distinct: Blocks) -> Points:
        """How many bits of each window are 1."""
        ones = np.bitwise_count(values(key, distinct)[:, 0] & self._mask())
        return np.asarray(ones, dtype=np.float64)

    def total(self, points: Points) -> Score:
        """How many of all bits are 1; binomial with one half without a mark."""
        return count(len(points), len(points) * self.depth, int(points.sum()), 0.5)

    def cumulant(self, t: Points) -> Points:
        """ln E[exp(t X)] of `depth` fair coins."""
        return np.asarray(self.depth * (np.logaddexp(0.0, t) - np.log(2.0)))

    def _mask(self) -> npt.NDArray[np.uint64]:
        return np.array(2**self.depth - 1, dtype=np.uint64)
