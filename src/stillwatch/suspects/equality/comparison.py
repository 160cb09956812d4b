"""Our completions and an endpoint's, compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.errors import InputError, UsageError
from stillwatch.suspects.completions import Completions, common
from stillwatch.suspects.equality.hamming import kernel
from stillwatch.suspects.equality.mmd import p_value
from stillwatch.suspects.equality.power import smallest_share

PERMUTATIONS = 9999
FEWEST = 2
"""Completions of a prompt from either side, or the prompt is left out."""
FEWEST_PROMPTS = 5
FEWEST_COMPLETIONS = 50
"""Of either side, in all."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison. A lead, whatever it says.

    prompts: those that were compared; left_out: those that only one side answered twice or more;
    ours and theirs: completions; within and between: mean number of places in which
    two of our completions of a prompt agree, and one of ours with one of theirs; p: chance of such
    a difference if both answer alike; noticed: the smallest share of exchanged answers that would
    be noticed in 80 % of cases (see `power`), if any.
    """

    prompts: int
    left_out: int
    ours: int
    theirs: int
    within: float
    between: float
    p: float
    noticed: float | None
    alpha: float

    @property
    def differs(self) -> bool:
        """Whether the endpoint does not answer as ours does."""
        return self.p <= self.alpha


def compare(ours: Completions, theirs: Completions, alpha: float = 0.05) -> Compared:
    """Tests whether two sets of completions were drawn from one model.

    The same files give the same answer: permutations are drawn with a fixed seed.
    Raises `InputError` where there is too little to compare, and `UsageError` where `alpha` is
    below what so many permutations can come to.
    """
    if alpha * (PERMUTATIONS + 1) < 1:
        raise UsageError(f"alpha {alpha:g}: no p-value is below {1 / (PERMUTATIONS + 1):g}")
    prompts = common([ours, theirs], FEWEST)
    first = [list(ours[prompt]) for prompt in prompts]
    second = [list(theirs[prompt]) for prompt in prompts]
    count, other = sum(map(len, first)), sum(map(len, second))
    if len(prompts) < FEWEST_PROMPTS or min(count, other) < FEWEST_COMPLETIONS:
        raise InputError(
            f"too little to compare: {len(prompts)} prompts that both answered twice or more, with "
            f"{count} and {other} completions; at least {FEWEST_PROMPTS} prompts and "
            f"{FEWEST_COMPLETIONS} completions of either are needed"
        )
    kernels = [kernel([*a, *b]) for a, b in zip(first, second, strict=True)]
    sizes = [len(a) for a in first]
    chance = np.random.default_rng(0)
    within = [k[:n, :n].sum() / (n * (n - 1)) for k, n in zip(kernels, sizes, strict=True)]
    between = [k[:n, n:].mean() for k, n in zip(kernels, sizes, strict=True)]
    return Compared(
        len(prompts),
        len({*ours, *theirs}) - len(prompts),
        count,
        other,
        float(np.mean(within)),
        float(np.mean(between)),
        p_value(kernels, sizes, PERMUTATIONS, chance),
        smallest_share(first, [len(b) for b in second], alpha, chance),
        alpha,
    )
