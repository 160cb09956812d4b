"""Coverage bucket: where in topic space a prompt lies, as 8 sign bits.

Random-hyperplane hashing (Charikar 2002, "Similarity estimation techniques from rounding
algorithms", section 3): each content word adds or subtracts 1 in eight directions that its hash
chooses; the signs are the bucket. Prompts on one subject fall into one or neighbouring buckets, and
a campaign that sweeps a subject list fills many of the 256.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sketch.hashing import I64, U64, sum_rows

BITS = 8
MIN_BYTES = 4
"""A content word has at least so many bytes, or is a Han or hangul character."""

_IDEOGRAPH = 0xE4
"""Lead bytes from here begin a Han or hangul character, or one beyond the basic plane."""

_UNKNOWN, _VARIABLE = 0, (1, 3, 4)
"""Number 0 of the vocabulary; masks of numbers, addresses and ids, which have no topic."""

_LANES = np.array(
    [sum(((n >> i) & 1) << (16 * i) for i in range(4)) for n in range(16)], dtype=np.uint64
)
"""Four bits spread over four 16-bit lanes, so that one addition counts four directions. A window
of words is far shorter than a lane is wide."""


def buckets(
    words: U64,
    offsets: I64,
    *,
    size: I64,
    lead: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    known: NDArray[np.uint16],
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """(bucket in 0..255, null) of each row; null where a row has no content word.

    words, size, lead, kinds, known: [words] hash, bytes, first byte, mask and vocabulary number of
    each word of a window; offsets: [rows + 1].
    """
    content = (known == _UNKNOWN) & ((size >= MIN_BYTES) | (lead >= _IDEOGRAPH))
    content &= ~_IS_VARIABLE[kinds]
    place = np.flatnonzero(content)
    inner = np.searchsorted(place, offsets)
    high = (words[place] >> np.uint64(56)).astype(np.intp)
    count = np.diff(inner)
    low_half = sum_rows(_LANES[high & 15], inner)
    high_half = sum_rows(_LANES[high >> 4], inner)
    bucket = np.zeros(len(count), dtype=np.int16)
    for bit in range(BITS):
        half = low_half if bit < 4 else high_half
        ones = (half >> np.uint64(16 * (bit % 4))) & np.uint64(0xFFFF)
        bucket |= (2 * ones.astype(np.int64) > count).astype(np.int16) << bit
    return bucket, count == 0


_IS_VARIABLE = np.isin(np.arange(256), _VARIABLE)
