"""The Hamming kernel: in how many places two completions have the same character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Kernel = npt.NDArray[np.float64]
"""Shape (n, n), symmetric, a number of places; 0 on the diagonal, which tells nothing."""

LENGTH = 1000
"""Characters of a completion that are compared."""
_NONE = -1


def kernel(completions: Sequence[str]) -> Kernel:
    """In how many places each two completions agree (Gao et al. 2024, the Hamming kernel).

    Where one has ended it agrees with nothing. In the paper ends agree with each other, so that
    short answers are alike for being short; what they say then weighs little.
    """
    codes = np.full((len(completions), LENGTH), _NONE, dtype=np.int32)
    for row, text in enumerate(completions):
        cut = text[:LENGTH]
        codes[row, : len(cut)] = [ord(c) for c in cut]
    found = np.array([((codes == one) & (one != _NONE)).sum(axis=1) for one in codes], dtype=float)
    np.fill_diagonal(found, 0.0)
    return found
