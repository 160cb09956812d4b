"""Columns and what is done with them: weighted choice, ids, running sums by owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
"""A column of str or None."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def texts(values: Iterable[str | None]) -> Texts:
    """A column from strings; never a matrix of characters, whatever numpy would make of it."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def nothing(n: int) -> Texts:
    """A column of nulls."""
    return np.full(n, None, dtype=object)


def repeated(value: str | None, n: int) -> Texts:
    """A column that says the same everywhere."""
    return np.full(n, value, dtype=object)


def choose(rng: np.random.Generator, weights: Sequence[float] | Floats, n: int) -> Ints:
    """`n` indices, each with probability in proportion to its weight."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(edges, rng.random(n) * edges[-1], side="right").astype(np.int64)
    last: Ints = np.full(n, len(edges) - 1, dtype=np.int64)
    return np.minimum(found, last)


def pick(rng: np.random.Generator, mix: Mapping[str, float], n: int) -> Texts:
    """`n` names, each with probability in proportion to its weight in `mix`."""
    return texts(mix)[choose(rng, list(mix.values()), n)]


def ids(rng: np.random.Generator, prefix: str, n: int) -> Texts:
    """`n` ids of 64 random bits: a million of them collide with probability 3e-8."""
    return texts(f"{prefix}{v:016x}" for v in rng.integers(0, 1 << 63, n, dtype=np.int64).tolist())


def where(mask: Bools, column: Texts, other: Texts | str | None) -> Texts:
    """The column where the mask holds, the other elsewhere."""
    out = np.empty(len(mask), dtype=object)
    out[:] = other
    out[mask] = column[mask]
    return out


def masked(rng: np.random.Generator, column: Texts, share: float) -> Texts:
    """The column with a share of its values lost."""
    if share <= 0:
        return column
    return where(rng.random(len(column)) >= share, column, None)


def running(owner: Ints, values: Floats) -> Floats:
    """Cumulative sum of `values` that starts anew with each owner. `owner` is sorted."""
    total = np.cumsum(values)
    first = starts(owner)
    before = np.where(first, total - values, 0.0)
    return total - np.maximum.accumulate(np.where(first, before, -np.inf))


def starts(owner: Ints) -> Bools:
    """Where a new owner begins. `owner` is sorted."""
    first = np.ones(len(owner), dtype=np.bool_)
    first[1:] = owner[1:] != owner[:-1]
    return first


def position(owner: Ints) -> Ints:
    """Place of each row among its owner's rows, from 0. `owner` is sorted."""
    index = np.arange(len(owner), dtype=np.int64)
    first = starts(owner)
    return index - np.maximum.accumulate(np.where(first, index, 0))
