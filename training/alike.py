"""How alike two sets of accounts are."""

from __future__ import annotations


def jaccard(one: set[int], other: set[int]) -> float:
    """Share of what either has that both have (Jaccard 1901)."""
    return len(one & other) / len(one | other)
