"""Through which accounts it leaked: what each of many codewords finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.marks.bounds import Tail
from stillwatch.marks.coded import SYMBOLS, Coded
from stillwatch.marks.detection import holm, surest
from stillwatch.progress import Progress, silent
from stillwatch.suspects.evidence import Evidence

ABREAST = 512


@dataclass(frozen=True, slots=True)
class Traced:
    """P-values of accounts, by name: that codewords drawn at random would find as much.

    log_p: natural logarithms of bounds, which are never too small; corrected: for how many
    accounts were tried (Holm 1979).
    """

    log_p: Mapping[str, float]
    corrected: Mapping[str, float]

    def named(self, alpha: float) -> Sequence[str]:
        """The accounts that are named at a family-wise error rate; the surest first."""
        return surest(self.log_p, self.corrected, alpha)


def trace(
    evidence: Evidence, coded: Coded, keys: Mapping[str, bytes], progress: Progress = silent
) -> Traced:
    """Looks for the accounts whose codewords a suspect learned.

    keys: of accounts, by name, for the scheme `coded`. The windows are read once for each symbol,
    and not once for each account. What is tested is not that there is no mark, for there may be
    one of others, but that an account's codeword has nothing to do with it: its symbols are then
    drawn at random, independently at each position, from those of the tallies. Whoever else is
    guilty, the innocent stay innocent.
    """
    tallies = coded.tallies(evidence.windows, evidence.weights)
    means = tallies.mean(axis=1)
    tail = Tail(
        float(means.sum()),
        float(np.sqrt(tallies.var(axis=1).sum())),
        lambda t: np.array([_cumulant(one * tallies) for one in t]),
    )
    names = list(keys)
    sums = np.empty(len(names))
    places = np.arange(coded.positions) * SYMBOLS
    for begin in range(0, len(names), ABREAST):
        some = names[begin : begin + ABREAST]
        for row, name in enumerate(some, begin):
            sums[row] = tallies.take(places + coded.codeword(keys[name])).sum()
        progress("trace", (begin + len(some)) / len(names))
    log_p = dict(zip(names, tail.log_p(sums).tolist(), strict=True))
    return Traced(log_p, holm(log_p))


def _cumulant(tilted: np.ndarray) -> float:
    """ln E[exp] of the sum of one entry of each row, drawn at random."""
    largest = tilted.max(axis=1, keepdims=True)
    return float((largest[:, 0] + np.log(np.exp(tilted - largest).mean(axis=1))).sum())
