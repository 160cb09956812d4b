"""Cosine Delta: how alike two sources write, seen against how others do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stillwatch.suspects.style.profile import WIDTH, Profile

Likeness = npt.NDArray[np.float64]
"""Shape (n, n), symmetric: 1 is the same hand, 0 are two of no relation."""

MOST = 2000
"""Features of either kind that count, the most frequent ones: what is said rarely is the topic."""


def likeness(profiles: Sequence[Profile]) -> Likeness:
    """How alike each two of n sources write.

    Each feature is brought to mean 0 and deviation 1 over all sources, and the cosine is taken
    (Burrows's Delta with the distance of Smith and Aldridge 2011; Evert et al. 2017). A feature
    counts by the square of its correlation over sources between the two halves of the prompts: what
    does not come again on other prompts is no habit. All sources are treated the same, so that
    whoever changes places with another changes nothing else.
    """
    halves = np.array(profiles)
    halves = halves[:, :, _frequent(halves.mean(axis=(0, 1)))].astype(np.float64)
    halves -= halves.mean(axis=0)
    rates = halves.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        habit = (halves[:, 0] * halves[:, 1]).mean(axis=0) / halves.std(axis=0).prod(axis=0)
        weighed = np.nan_to_num(rates / rates.std(axis=0) * np.clip(habit, 0, 1) ** 2, posinf=0.0)
    weighed /= np.maximum(np.linalg.norm(weighed, axis=1, keepdims=True), 1e-12)
    alike: Likeness = weighed @ weighed.T
    return alike


def _frequent(rates: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    half = WIDTH // 2
    first, second = (
        np.argsort(-part, kind="stable")[:MOST] for part in (rates[:half], rates[half:])
    )
    return np.concatenate([first, half + second])
