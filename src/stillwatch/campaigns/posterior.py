"""From measured signals to bits, probability and q-value, and which innocents look like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

from stillwatch.signals.model import GroupSignal
from stillwatch.signals.null import Null, bound
from stillwatch.signals.weights import Weights

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate groups with their weights. n groups, s signals, f innocent families.

    `weights` (n, s): bits of each signal, against all the innocent together; `offset`: bits that
    each group weighs besides (`Weights.offset`). `total` (n,): prior + offset + sum of weights.
    `against` (n, f): bits for a harvest and against each innocent family; the odds against the
    families add up to the odds against all of them. `probability`: of a campaign; `q_value`: see
    `q_values`; both (n,). `prior`: in bits; `null`: what the q-values rest on.
    """

    weights: Floats
    offset: float
    prior: float
    total: Floats
    against: Floats
    families: tuple[str, ...]
    probability: Floats
    q_value: Floats
    null: Null | None

    def shifted(self, row: int, bits: float) -> Judged:
        """The same, if one group weighed some bits more."""
        total = self.total.copy()
        total[row] += bits
        q = q_values(total - self.prior, self.null)
        return replace(self, total=total, probability=_probability(total), q_value=q)


def judge(
    values: Mapping[str, Floats],
    signals: Sequence[GroupSignal],
    weights: Weights,
    prior_bits: float,
) -> Judged:
    """Weighs candidate groups.

    `values[signal]` has shape (n,), NaN where the signal could not judge: 0 bits. The bits of the
    signals were fitted together (Spiegelhalter and Knill-Jones 1984, J. R. Statist. Soc. A 147,
    35), so that what two of them have in common counts once.
    """
    count = len(next(iter(values.values()))) if values else 0
    shares = weights.shares()
    families = tuple(shares)
    worth = np.zeros((count, len(signals)))
    # How likely each family is to look so, as if signals were independent: it only tells which
    # innocent explanation fits best.
    likely = np.tile(np.log2(list(shares.values())), (count, 1))
    for column, signal in enumerate(signals):
        name, scale = signal.about.name, signal.scale
        value = values[name]
        known = ~np.isnan(value)
        index = np.searchsorted(scale.edges, value[known], side="right")
        worth[known, column] = weights.of_group(name, scale)[index]
        looks = np.stack([weights.innocent("groups", name, scale, family) for family in families])
        likely[known] += np.log2(looks[:, index].T)
    evidence = worth.sum(axis=1) + weights.offset
    which = likely - np.logaddexp2.reduce(likely, axis=1, keepdims=True)
    total = evidence + prior_bits
    return Judged(
        weights=worth,
        offset=weights.offset,
        prior=prior_bits,
        total=total,
        against=evidence[:, np.newaxis] - which,
        families=families,
        probability=_probability(total),
        q_value=q_values(evidence, weights.null),
        null=weights.null,
    )


def q_values(evidence: Floats, null: Null | None) -> Floats:
    """The smallest false discovery rate at which each group would be reported; shapes (n,).

    p-values of the null, adjusted for how many groups were looked at (Benjamini and Hochberg 1995,
    J. R. Statist. Soc. B 57, 289). Where there is no campaign at all, the rate is the chance that
    anything is reported.
    """
    p = bound(evidence) if null is None else null.p_values(evidence)
    q: Floats = false_discovery_control(p) if len(p) else p
    return q


def _probability(total: Floats) -> Floats:
    p: Floats = 1.0 / (1.0 + np.exp2(-total))
    return p
