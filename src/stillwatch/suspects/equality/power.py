"""What the test would have noticed, from our own completions alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from stillwatch.suspects.equality.hamming import kernel
from stillwatch.suspects.equality.mmd import p_value

SHARES = (0.1, 0.2, 0.3, 0.5, 1.0)
TRIALS = 100
PERMUTATIONS = 199
"""At the least: twice as many as a p-value at the false alarm rate needs."""
WANTED = 0.8
"""Share of trials in which a difference must be noticed to count as one that would be."""


def smallest_share(
    ours: Sequence[Sequence[str]], theirs: Sequence[int], alpha: float, chance: np.random.Generator
) -> float | None:
    """The smallest share of exchanged answers that is noticed in `WANTED` of the trials.

    ours: our completions, prompt by prompt, at least two each, of at least two prompts; theirs:
    how many the endpoint gave. In a trial some of ours are put in the place of the endpoint's, as
    many as it gave or half of ours, and a share of these is exchanged for what we answered to other
    prompts. That is a coarse difference: a model that is nearly ours is noticed less often.
    `None` where not even the largest share is noticed.
    """
    count = max(PERMUTATIONS, ceil(2 / alpha))
    pools = []
    for place, own in enumerate(ours):
        others = [text for other, given in enumerate(ours) if other != place for text in given]
        strange = [others[i] for i in chance.choice(len(others), len(own))]
        pools.append(kernel([*own, *strange]))
    for share in SHARES:
        p = [_trial(pools, ours, theirs, share, count, chance) for _ in range(TRIALS)]
        noticed = sum(one <= alpha for one in p)
        if noticed >= WANTED * TRIALS:
            return share
    return None


def _trial(
    pools: Sequence[np.ndarray],
    ours: Sequence[Sequence[str]],
    theirs: Sequence[int],
    share: float,
    permutations: int,
    chance: np.random.Generator,
) -> float:
    kernels, firsts = [], []
    for pool, own, given in zip(pools, ours, theirs, strict=True):
        n = len(own)
        taken = min(given, n // 2)
        order = chance.permutation(n)
        exchanged = chance.random(taken) < share
        # The second half of a pool holds as many answers to other prompts.
        order[n - taken :] += n * exchanged
        kernels.append(pool[np.ix_(order, order)])
        firsts.append(n - taken)
    return p_value(kernels, firsts, permutations, chance)
