"""What a suspect betrays: windows that it chose, or that its weights hold likely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stillwatch.marks.bounds import Tail
from stillwatch.marks.scheme import Points, Scheme, Score, score
from stillwatch.marks.windows import Blocks

_SMALL = 1e-3


@dataclass(frozen=True)
class Evidence:
    """Distinct windows to look for the keys of a scheme in.

    windows: shape (n, 4), none twice; weights: what each counts, shape (n,), or None for one
    each. Neither may hang on a key that is looked for. tokens: how many were read; copied: windows
    that were left out, since the suspect was given them to read.
    """

    scheme: Scheme
    tokens: int
    windows: Blocks
    weights: Points | None = None
    copied: int = 0

    @property
    def exact(self) -> bool:
        """Whether p-values are exact; else they are bounds, and never too small."""
        return self.weights is None

    def score(self, key: bytes) -> Score:
        """What a key finds."""
        if self.weights is None:
            return score(self.scheme, key, self.windows)
        total = float(self.weights @ self.scheme.points(key, self.windows))
        log_p = float(self._tail.log_p(np.array([total]))[0])
        return Score(len(self.windows), total, self._tail.mean, self._tail.deviation, log_p)

    @cached_property
    def _tail(self) -> Tail:
        weights = self.weights
        assert weights is not None  # noqa: S101 only asked for where there are some
        mean, variance = moments(self.scheme)
        return Tail(
            mean * float(weights.sum()),
            float(np.sqrt(variance * (weights @ weights))),
            lambda t: np.array([self.scheme.cumulant(one * weights).sum() for one in t]),
        )


def moments(scheme: Scheme) -> tuple[float, float]:
    """Mean and variance of what one window counts without a mark, by differences of its cumulant
    function around 0."""
    below, middle, above = scheme.cumulant(np.array([-_SMALL, 0.0, _SMALL]))
    return (above - below) / (2 * _SMALL), (above - 2 * middle + below) / _SMALL**2
