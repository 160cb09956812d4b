"""From measured signals to bits, probability and q-value, and which innocents look like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

from stillwatch.signals.model import GroupSignal
from stillwatch.signals.null import Null, bound
from stillwatch.signals.weights import Weights

Floats = npt.NDArray[np.float64]


class Crowd(NamedTuple):
    """How many accounts each group has, shape (n,), and how many there are in all."""

    sizes: npt.NDArray[np.int64]
    accounts: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate groups with their weights. n groups, s signals, f innocent families.

    `weights` (n, s): bits of each signal, against all the innocent together. `total` (n,): prior
    and sum of weights.
    `against` (n, f): bits for a harvest and against each innocent family; the odds against the
    families add up to the odds against all of them. `probability`: of a campaign; `q_value` and
    `account_fpr`: see `rates`; all (n,). `prior`: in bits; `crowd`: how many accounts each group
    has, and all have; `null`: with these, what the rates rest on.
    """

    weights: Floats
    prior: float
    total: Floats
    against: Floats
    families: tuple[str, ...]
    probability: Floats
    q_value: Floats
    account_fpr: Floats
    crowd: Crowd
    null: Null | None

    def shifted(self, row: int, bits: float) -> Judged:
        """The same, if one group weighed some bits more."""
        total = self.total.copy()
        total[row] += bits
        q_value, account_fpr = rates(total - self.prior, self.crowd, self.null)
        return replace(
            self,
            total=total,
            probability=_probability(total),
            q_value=q_value,
            account_fpr=account_fpr,
        )


def evidence(
    values: Mapping[str, Floats], signals: Sequence[GroupSignal], weights: Weights
) -> Floats:
    """Bits of each group, the prior left out; shape (n,). `judge` tells what follows from them."""
    evident: Floats = _worth(values, signals, weights).sum(axis=1)
    return evident


def judge(
    values: Mapping[str, Floats],
    signals: Sequence[GroupSignal],
    weights: Weights,
    prior_bits: float,
    crowd: Crowd,
) -> Judged:
    """Weighs candidate groups.

    `values[signal]` has shape (n,), NaN where the signal could not judge: 0 bits. The bits of the
    signals were fitted together (Spiegelhalter and Knill-Jones 1984, J. R. Statist. Soc. A 147,
    35), so that what two of them have in common counts once.
    """
    shares = weights.shares()
    families = tuple(shares)
    worth = _worth(values, signals, weights)
    # How likely each family is to look so, as if signals were independent: it only tells which
    # innocent explanation fits best.
    likely = np.tile(np.log2(list(shares.values())), (len(worth), 1))
    for signal in signals:
        name, scale = signal.about.name, signal.scale
        known, index = _bins(values[name], signal)
        looks = np.stack([weights.innocent("groups", name, scale, family) for family in families])
        likely[known] += np.log2(looks[:, index].T)
    evident = worth.sum(axis=1)
    which = likely - np.logaddexp2.reduce(likely, axis=1, keepdims=True)
    total = evident + prior_bits
    q_value, account_fpr = rates(evident, crowd, weights.null)
    return Judged(
        weights=worth,
        prior=prior_bits,
        total=total,
        against=evident[:, np.newaxis] - which,
        families=families,
        probability=_probability(total),
        q_value=q_value,
        account_fpr=account_fpr,
        crowd=crowd,
        null=weights.null,
    )


def rates(evidence: Floats, crowd: Crowd, null: Null | None) -> tuple[Floats, Floats]:
    """What would go wrong if each group and all that are as surprising were reported; both (n,).

    First the false discovery rate: p-values of the null, adjusted for how many groups were looked
    at (Benjamini and Hochberg 1995, J. R. Statist. Soc. B 57, 289). Where there is no campaign at
    all, it is the chance that anything is reported.

    Then the account false positive rate: the share of all accounts that would be flagged in the
    mean, though innocent, if all groups were of this one's size. Whoever accuses many must be
    surer. Of groups of any sizes, reporting those that stay under a rate here flags no more than
    that rate in the mean, since each of n groups, with its share of the accounts, is reported with
    a chance of rate / n / share (per-family error rate, weighted: Spjøtvoll 1972, Ann. Math.
    Statist. 43, 398).
    """
    p = bound(evidence) if null is None else null.p_values(evidence)
    if not len(p):
        return p, p
    q: Floats = false_discovery_control(p)
    share = crowd.sizes / crowd.accounts
    flagged: Floats = np.minimum(len(p) * p * share, 1.0)
    return q, flagged


def _worth(
    values: Mapping[str, Floats], signals: Sequence[GroupSignal], weights: Weights
) -> Floats:
    """Bits of each signal; shape (n, s)."""
    count = len(next(iter(values.values()))) if values else 0
    worth = np.zeros((count, len(signals)))
    for column, signal in enumerate(signals):
        name = signal.about.name
        known, index = _bins(values[name], signal)
        worth[known, column] = weights.of_group(name, signal.scale)[index]
    return worth


def _bins(value: Floats, signal: GroupSignal) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Which groups a signal could judge, (n,), and the bins that those fall into."""
    known = ~np.isnan(value)
    return known, np.searchsorted(signal.scale.edges, value[known], side="right")


def _probability(total: Floats) -> Floats:
    p: Floats = 1.0 / (1.0 + np.exp2(-total))
    return p
