"""Windows: a token and those before it, as blocks of 16 bytes that a cipher takes as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.int64]
Blocks = npt.NDArray[np.uint32]
"""Shape (n, 4): a window of at most three tokens before the one that is scored, and that one."""

WIDEST = 3
"""Tokens before the scored one that fit into a block."""
_LARGEST = 2**32 - 2
_NONE = 2**32 - 1
_ODD = np.uint64(0x9E3779B97F4A7C15)


def blocks(contexts: Tokens, tokens: Tokens) -> Blocks:
    """Windows of contexts, shape (n, width), and the tokens behind them, shape (n,).

    No two windows of one width have the same block, so there is nothing to collide. What is left
    of the block holds 2**32 - 1, which is no token.

    Raises `ValueError` for contexts wider than `WIDEST` and for token ids below 0 or too large.
    """
    width = contexts.shape[1]
    if not 1 <= width <= WIDEST:
        raise ValueError(f"contexts of {width} tokens; 1 to {WIDEST} fit")
    for ids in (contexts, tokens):
        if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) <= _LARGEST:
            raise ValueError(f"token ids must lie in 0 to {_LARGEST:,}")
    made = np.full((len(tokens), 4), _NONE, dtype=np.uint32)
    made[:, 3 - width : 3] = contexts
    made[:, 3] = tokens
    return made


def windows(text: Tokens, width: int) -> Blocks:
    """All windows of a text, shape (n,), in their order; its first `width` tokens have none."""
    if len(text) <= width:
        return np.empty((0, 4), dtype=np.uint32)
    spans = np.lib.stride_tricks.sliding_window_view(text, width + 1)
    return blocks(spans[:, :-1], spans[:, -1])


def contexts(found: Blocks) -> Blocks:
    """The windows without the token that is scored: no block of a window is one of these."""
    made = found.copy()
    made[:, 3] = _NONE
    return made


def mix(found: Blocks) -> npt.NDArray[np.uint64]:
    """A number for each block, the same for equal ones and hardly ever for others; shape (n,)."""
    halves = np.ascontiguousarray(found).view(np.uint64).reshape(-1, 2)
    return halves[:, 0] * _ODD + halves[:, 1]


def distinct(found: Blocks) -> Blocks:
    """Each window once, in no order that means anything.

    A window that is there twice has one pseudorandom value, not two: counted twice, chance is
    taken for evidence, and p-values lie (Fernandez et al. 2023, Three Bricks, section 3).
    """
    halves = np.ascontiguousarray(found).view(np.uint64).reshape(-1, 2)
    # Sorted by one number made of both halves, which is many times as fast as by the two.
    mixed = mix(found)
    order = np.argsort(mixed)
    halves, mixed = halves[order], mixed[order]
    first = np.ones(len(halves), dtype=bool)
    first[1:] = (halves[1:] != halves[:-1]).any(axis=1)
    if (first[1:] & (mixed[1:] == mixed[:-1])).any():
        # Two windows made the same number, and equal ones may lie apart.
        whole = halves.view([("high", "<u8"), ("low", "<u8")]).ravel()
        return np.unique(whole).view(np.uint32).reshape(-1, 4)
    return np.ascontiguousarray(halves[first]).view(np.uint32).reshape(-1, 4)
