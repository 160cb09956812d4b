"""The register of lookalikes: innocent workloads that resemble a harvest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillwatch.range.rows import Draft
from stillwatch.range.world import World


@dataclass(frozen=True, slots=True)
class Size:
    """How large a group is to be. `group` is its name in the truth."""

    group: str
    accounts: int
    per_day: float


Make = Callable[[World, np.random.Generator, Size], Draft]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of lookalike, with its usual size and the indicator that it fires innocently."""

    name: str
    title: str
    fires: str
    accounts: int
    per_day: float
    make: Make


LOOKALIKES: dict[str, Kind] = {}
"""All kinds by name, in the order in which their files are imported."""


def lookalike(*, accounts: int, per_day: float, fires: str) -> Callable[[Make], Make]:
    """Enter the function under its own name; the first line of its docstring is the title."""

    def enter(make: Make) -> Make:
        title = (make.__doc__ or make.__name__).strip().splitlines()[0].rstrip(".")
        LOOKALIKES[make.__name__] = Kind(make.__name__, title, fires, accounts, per_day, make)
        return make

    return enter
