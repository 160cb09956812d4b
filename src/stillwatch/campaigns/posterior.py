"""From measured signals to bits, probability and q-value, against every innocent explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    `weights` (n, s): bits after the caps, against the innocent family that explains the group
    best. `rarity` (n,): what it adds that this explanation is rare itself. `total` (n,): prior +
    rarity + sum of weights. `against` (n, f): bits for a harvest and against each family, the
    family's rarity included. `probability`, `q_value` (n,).
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

    `values[signal]` has shape (n,), NaN where the signal could not judge: 0 bits. "Harvest" is
    weighed against the mixture of all innocent families, each with the share of innocent groups
    it is thought to have: P(x | innocent) = sum of share[f] P(x | f). So by Markov's inequality a
    group of family f is reported at odds of 2^b with probability at most 2^-b / share[f].
    """
    shares = weights.shares()
    families = tuple(shares)
    count = len(next(iter(values.values()))) if values else 0
    raw = np.zeros((count, len(families), len(signals)))
    for column, signal in enumerate(signals):
        table = _table(signal, weights, families)
        value = values[signal.about.name]
        known = ~np.isnan(value)
        index = np.searchsorted(signal.scale.edges, value[known], side="right")
        raw[known, :, column] = table[:, index].T
    capped = _capped(raw, signals) * weights.temper
    against = capped.sum(axis=2) - np.log2(list(shares.values()))
    evidence = -np.logaddexp2.reduce(-against, axis=1)
    best = against.argmin(axis=1) if count else np.zeros(0, dtype=np.int64)
    chosen = capped[np.arange(count), best]
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


def _table(signal: GroupSignal, weights: Weights, families: Sequence[str]) -> Floats:
    """Bits of each bin of a signal against each innocent family."""
    name, scale = signal.about.name, signal.scale
    harvest = weights.harvest("groups", name, scale)
    return np.stack(
        [bits(harvest, weights.innocent("groups", name, scale, family)) for family in families]
    )


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
    """Scales each group of dependent signals so that its sum stays within the cap."""
    capped = raw.copy()
    for group in GROUPS:
        columns = [i for i, s in enumerate(signals) if s.about.group == group]
        if not columns:
            continue
        part = raw[..., columns]
        total = np.abs(part.sum(axis=-1, keepdims=True))
        capped[..., columns] = part * np.minimum(1.0, LARGEST_GROUP / np.maximum(total, 1e-12))
    return capped
