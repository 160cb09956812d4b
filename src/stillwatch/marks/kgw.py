"""Green lists: some tokens, pseudorandomly chosen anew at each step, are made likelier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.marks.prf import values
from stillwatch.marks.scheme import Logits, Points, Score, count, numbers
from stillwatch.marks.windows import Blocks, Tokens


@dataclass(frozen=True, slots=True)
class GreenList:
    """KGW (Kirchenbauer et al. 2023, A Watermark for Large Language Models, Algorithm 2).

    green: share of tokens that are green (γ); bias: what is added to their logits (δ). Each token
    is green by itself with that probability, where the paper takes a share of the vocabulary: the
    count of green tokens in distinct windows is then exactly binomial.
    """

    green: float = 0.25
    bias: float = 2.0
    width: int = 2

    @property
    def name(self) -> str:
        """As keys are derived for it. The bias does not change what is looked for."""
        return f"green-list/1 green={self.green!r} width={self.width}"

    @property
    def masks(self) -> bool:
        """No: a list of likelier tokens may be the same twice."""
        return False

    def tilt(
        self, key: bytes, contexts: Tokens, logits: Logits, tokens: Tokens | None = None
    ) -> Logits:
        """The logits with `bias` added to those of green tokens."""
        drawn = numbers(key, contexts, logits.shape[1], tokens)
        return logits + self.bias * self._green(drawn)

    def points(self, key: bytes, distinct: Blocks) -> Points:
        """1 for each window that ends in a green token."""
        return self._green(values(key, distinct)[:, 0]).astype(np.float64)

    def total(self, points: Points) -> Score:
        """How many windows end in a green token; binomial without a mark."""
        return count(len(points), len(points), int(points.sum()), self._share())

    def cumulant(self, t: Points) -> Points:
        """ln E[exp(t X)] of a coin."""
        return np.asarray(np.logaddexp(np.log1p(-self._share()), np.log(self._share()) + t))

    def _green(self, drawn: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        return drawn < np.uint64(self._cut())

    def _share(self) -> float:
        return self._cut() / 2**64

    def _cut(self) -> int:
        return int(self.green * 2**64)
