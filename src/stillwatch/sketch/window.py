"""The part of a long text that the intent, topic and language of it are read from."""

from __future__ import annotations

import numpy as np

from stillwatch.sketch.hashing import I64, ragged
from stillwatch.sketch.tokens import Tokens

FIRST, LAST = 384, 128
"""Words from the start and from the end. Instructions stand there; a payload lies between."""


def window(tokens: Tokens) -> tuple[I64, I64]:
    """(indices of tokens, [rows + 1] offsets into them)."""
    count = tokens.counts
    if not len(count) or int(count.max()) <= FIRST + LAST:
        return np.arange(len(tokens.hashes), dtype=np.int64), tokens.offsets
    long = count > FIRST + LAST
    head = np.where(long, FIRST, count)
    tail = np.where(long, LAST, 0)
    begin = np.stack([tokens.offsets[:-1], tokens.offsets[1:] - tail], axis=1).ravel()
    size = np.stack([head, tail], axis=1).ravel()
    return ragged(begin, size), np.append(0, np.cumsum(head + tail))
