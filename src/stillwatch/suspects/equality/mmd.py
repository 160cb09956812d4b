"""Maximum mean discrepancy of two samples, prompt by prompt, and what chance makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stillwatch.suspects.equality.hamming import Kernel

Statistics = npt.NDArray[np.float64]
_AT_ONCE = 500
"""Permutations in memory at a time."""


def statistic(kernels: Sequence[Kernel], ours: Sequence[int]) -> float:
    """The sum over prompts of the squared discrepancy (Gretton et al. 2012, equation 5).

    kernels: one a prompt, our completions first; ours: how many of them are ours. The diagonal
    is left out.
    """
    total = 0.0
    for k, first in zip(kernels, ours, strict=True):
        weights = _weights(len(k), first)
        total += float(weights @ k @ weights)
    return total


def permuted(
    kernels: Sequence[Kernel], ours: Sequence[int], count: int, chance: np.random.Generator
) -> Statistics:
    """The statistic with the owners of completions dealt anew within each prompt, `count` times."""
    found = np.zeros(count)
    for k, first in zip(kernels, ours, strict=True):
        weights = _weights(len(k), first)
        for begin in range(0, count, _AT_ONCE):
            rows = min(_AT_ONCE, count - begin)
            dealt = chance.permuted(np.tile(weights, (rows, 1)), axis=1)
            found[begin : begin + rows] += ((dealt @ k) * dealt).sum(axis=1)
    return found


def p_value(
    kernels: Sequence[Kernel], ours: Sequence[int], count: int, chance: np.random.Generator
) -> float:
    """The chance of such a discrepancy if both answer alike; holds at any number of samples.

    What is seen counts as one of the permutations (Phipson and Smyth 2010).
    """
    seen = statistic(kernels, ours)
    # As large as what was seen, but for the last bits of a sum in another order.
    as_large = permuted(kernels, ours, count, chance) >= seen - 1e-9
    return (1 + int(as_large.sum())) / (1 + count)


def _weights(size: int, first: int) -> npt.NDArray[np.float64]:
    weights = np.full(size, -1.0 / (size - first))
    weights[:first] = 1.0 / first
    return weights
