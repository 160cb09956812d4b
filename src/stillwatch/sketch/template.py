"""Template columns: hashes of masked words, the same for every filling of one template."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.sketch.hashing import I64, U64, hash_rows, ragged
from stillwatch.sketch.tokens import Tokens

EDGE = 6
"""Words in `head` and `tail`."""

REPLY_EDGE = 4
"""Words in `reply_head`."""


def collapse(tokens: Tokens) -> tuple[I64, I64]:
    """(kept tokens, [rows + 1] offsets into them): runs of one kind of mask become one word.

    So 5 and 12,000.50, or a name of one word and of three, leave the same trace.
    """
    kinds, offsets = tokens.kinds, tokens.offsets
    keep = np.ones(len(kinds), dtype=np.bool_)
    keep[1:] = (kinds[1:] == 0) | (kinds[1:] != kinds[:-1])
    begin = offsets[:-1]
    keep[begin[tokens.counts > 0]] = True
    kept = np.flatnonzero(keep)
    return kept, np.searchsorted(kept, offsets)


def skeleton(values: U64, offsets: I64) -> pa.Array:
    """Hash of all of a row's masked words; null for a row without any."""
    return as_int64(hash_rows(values, offsets), np.diff(offsets) == 0)


def head(values: U64, offsets: I64, words: int = EDGE) -> pa.Array:
    """Hash of a row's first masked words; null for a row without any."""
    return _edge(values, offsets[:-1], np.minimum(np.diff(offsets), words))


def tail(values: U64, offsets: I64, words: int = EDGE) -> pa.Array:
    """Hash of a row's last masked words; null for a row without any."""
    count = np.minimum(np.diff(offsets), words)
    return _edge(values, offsets[1:] - count, count)


def _edge(values: U64, begin: I64, count: I64) -> pa.Array:
    offsets = np.append(0, np.cumsum(count))
    return as_int64(hash_rows(values[ragged(begin, count)], offsets), count == 0)


def as_int64(hashes: U64, null: np.typing.NDArray[np.bool_]) -> pa.Array:
    """Hashes as the signed integers that engines have, bit for bit."""
    return pa.array(hashes.view(np.int64), mask=null)
