"""The Hamming kernel: in how many places two completions have the same character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Kernel = npt.NDArray[np.float64]
"""Shape (n, n), symmetric; 0 on the diagonal, where each completion is as like itself."""

LENGTH = 1000
"""Characters of a completion that are compared; shorter ones are filled up with one that is none."""


def kernel(completions: Sequence[str]) -> Kernel:
    """The share of places in which each two completions agree: the Hamming kernel of Gao et al."""
    codes = np.full((len(completions), LENGTH), -1, dtype=np.int32)
    for row, text in enumerate(completions):
        cut = text[:LENGTH]
        codes[row, : len(cut)] = [ord(c) for c in cut]
    found = np.array([(codes == one).mean(axis=1) for one in codes])
    np.fill_diagonal(found, 0.0)
    return found
