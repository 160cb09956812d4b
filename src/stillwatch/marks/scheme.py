"""What a scheme of marks is: a way to tilt logits, and a score whose null distribution is exact."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isinf, log, sqrt
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from stillwatch.marks.prf import values
from stillwatch.marks.windows import Blocks, Tokens, blocks

Logits = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """What a key finds in some windows.

    windows: how many distinct ones were scored; statistic: what was counted or added up; expected
    and deviation: its mean and standard deviation without a mark; log_p: natural logarithm of the
    probability of such a statistic or a larger one without a mark.
    """

    windows: int
    statistic: float
    expected: float
    deviation: float
    log_p: float

    @property
    def p(self) -> float:
        """The p-value; 0 where it is smaller than a float can be."""
        return exp(self.log_p)

    @property
    def log10_p(self) -> float:
        """Its logarithm to base 10, which never becomes infinite."""
        return self.log_p / log(10)

    @property
    def z(self) -> float:
        """Standard deviations above the mean; to look at, not to test with."""
        return (self.statistic - self.expected) / self.deviation if self.deviation else 0.0


def count(windows: int, n: int, hits: int, share: float) -> Score:
    """The score of a count of hits among `n` that is binomial without a mark."""
    log_p = float(stats.binom.logsf(hits - 1, n, share))
    if isinf(log_p):
        # Smaller than a float: Chernoff's bound, n times the divergence of what was seen.
        seen = hits / n
        log_p = -n * float(special.rel_entr(seen, share) + special.rel_entr(1 - seen, 1 - share))
    return Score(windows, hits, n * share, sqrt(n * share * (1.0 - share)), log_p)


class Scheme(Protocol):
    """A scheme, with its parameters. Keys are 16 bytes, for this scheme alone (`Key.of`)."""

    @property
    def name(self) -> str:
        """Name of the scheme and all its parameters; keys of different names are independent."""

    @property
    def width(self) -> int:
        """Tokens before the one that is chosen, on which the choice hangs."""

    @property
    def masks(self) -> bool:
        """Whether a context that comes again in a response must be left unmarked."""

    def tilt(
        self, key: bytes, contexts: Tokens, logits: Logits, tokens: Tokens | None = None
    ) -> Logits:
        """Logits to sample from in place of some, both of shape (n, candidates).

        contexts: the last `width` tokens of each, shape (n, width); tokens: which the candidates
        are, shape (candidates,), and the whole vocabulary where that is not said.
        """

    def points(self, key: bytes, distinct: Blocks) -> Points:
        """What each of some windows counts, shape (n,), none of which is there twice.

        Under the null, text that does not hang on the key, every window has an independent
        pseudorandom value; the distribution of their sum is then exact.
        """

    def total(self, points: Points) -> Score:
        """The sum of points, and its exact upper tail without a mark."""

    def cumulant(self, t: Points) -> Points:
        """ln E[exp(t X)] of what one window counts without a mark; infinite where it diverges."""


def score(scheme: Scheme, key: bytes, distinct: Blocks) -> Score:
    """What a key finds in windows, none of which is there twice."""
    return scheme.total(scheme.points(key, distinct))


def numbers(
    key: bytes, contexts: Tokens, candidates: int, tokens: Tokens | None = None
) -> npt.NDArray[np.uint64]:
    """A uniform 64-bit number for each candidate behind each context; shape (n, candidates)."""
    behind = np.repeat(contexts, candidates, axis=0)
    ahead = np.tile(np.arange(candidates) if tokens is None else tokens, len(contexts))
    return values(key, blocks(behind, ahead))[:, 0].reshape(len(contexts), candidates)
