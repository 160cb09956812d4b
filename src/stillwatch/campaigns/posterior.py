"""From measured signals to bits, probability and q-value, against every innocent explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.signals.model import GROUPS, GroupSignal
from stillwatch.signals.weights import Weights, bits

LARGEST_GROUP = 7.0
"""Bits that one group of dependent signals may say about a campaign at most."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate groups with their weights. n groups, s signals, f innocent families.

    `weights` (n, s): bits after the caps, of the kind of harvest that explains the group best
    against the innocent family that does. `rarity` (n,): what it adds how rare these explanations
    are themselves. `total` (n,): prior + rarity + sum of weights. `against` (n, f): bits for a
    harvest and against each family, the family's rarity included. `probability`, `q_value` (n,).
    """

    weights: Floats
    rarity: Floats
    total: Floats
    against: Floats
    families: tuple[str, ...]
    probability: Floats
    q_value: Floats


def judge(
    values: Mapping[str, Floats],
    signals: Sequence[GroupSignal],
    weights: Weights,
    prior_bits: float,
) -> Judged:
    """Weighs candidate groups.

    `values[signal]` has shape (n,), NaN where the signal could not judge: 0 bits. A mixture of
    kinds of harvest is weighed against the mixture of innocent families, each with the share of
    campaigns, or of innocent groups, it is thought to have: P(x | innocent) = sum of
    share[f] P(x | f). So by Markov's inequality a group of family f is reported at odds of 2^b
    with probability at most 2^-b / share[f].
    """
    shares, kinds = weights.shares(), weights.kinds()
    families = tuple(shares)
    count = len(next(iter(values.values()))) if values else 0
    raw = np.zeros((count, len(kinds), len(families), len(signals)))
    for column, signal in enumerate(signals):
        table = _table(signal, weights, kinds, families)
        value = values[signal.about.name]
        known = ~np.isnan(value)
        index = np.searchsorted(signal.scale.edges, value[known], side="right")
        raw[known, :, :, column] = np.moveaxis(table[:, :, index], 2, 0)
    capped = _capped(raw, signals) * weights.temper
    by_kind = capped.sum(axis=3) + np.log2(list(kinds.values()))[:, None]
    against = np.logaddexp2.reduce(by_kind, axis=1) - np.log2(list(shares.values()))
    evidence = -np.logaddexp2.reduce(-against, axis=1)
    rows = np.arange(count)
    best = against.argmin(axis=1) if count else np.zeros(0, dtype=np.int64)
    kind = by_kind[rows, :, best].argmax(axis=1) if count else best
    chosen = capped[rows, kind, best]
    total = evidence + prior_bits
    probability = 1.0 / (1.0 + np.exp2(-total))
    return Judged(
        weights=chosen,
        rarity=evidence - chosen.sum(axis=1),
        total=total,
        against=against,
        families=families,
        probability=probability,
        q_value=q_values(probability),
    )


def _table(
    signal: GroupSignal,
    weights: Weights,
    kinds: Iterable[str | None],
    families: Sequence[str],
) -> Floats:
    """Bits of each bin of a signal for each kind of harvest, against each innocent family."""
    name, scale = signal.about.name, signal.scale
    harvests = [weights.harvest("groups", name, scale, kind) for kind in kinds]
    innocents = [weights.innocent("groups", name, scale, family) for family in families]
    return np.array([[bits(m, u) for u in innocents] for m in harvests])


def q_values(probability: Floats) -> Floats:
    """Bayesian false discovery rate of reporting each and all above it; shape (n,).

    The mean of the local false discovery rates, 1 - probability, over the reported (Newton et al.
    2004, Biostatistics 5:155, eq. 3; Efron 2010, section 5.2).
    """
    order = np.argsort(-probability, kind="stable")
    running = np.cumsum(1.0 - probability[order]) / np.arange(1, len(order) + 1)
    q = np.empty_like(running)
    q[order] = running
    return q


def _capped(raw: Floats, signals: Sequence[GroupSignal]) -> Floats:
    """Scales each group of dependent signals so that its sum stays within the cap.

    `raw` has shape (n, kinds, families, s).
    """
    capped = raw.copy()
    for group in GROUPS:
        columns = [i for i, s in enumerate(signals) if s.about.group == group]
        if not columns:
            continue
        part = raw[..., columns]
        total = np.abs(part.sum(axis=-1, keepdims=True))
        capped[..., columns] = part * np.minimum(1.0, LARGEST_GROUP / np.maximum(total, 1e-12))
    return capped
