"""Near-duplicate bands: MinHash over shingles of three masked words.

Shingles and their resemblance are Broder's (1997, "On the resemblance and containment of
documents"). Two prompts that share a fraction s of their shingles agree in one band of three
minima with probability s^3, and in at least one of four bands with 1 - (1 - s^3)^4 (banding as in
Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", section 3.4). Masked words are used,
so a template's fillings resemble each other as far as the template reaches.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stillwatch.sketch.hashing import I64, U64, constants, mix
from stillwatch.sketch.schema import BANDS
from stillwatch.sketch.template import as_int64

ROWS = 3
"""Minima in a band."""

SHINGLE = 3
"""Words in a shingle."""

LEAST = 5
"""Masked words below which a prompt has no bands: its skeleton says all there is."""

_WORD = constants(3, SHINGLE)
_MULTIPLIERS, _ADDENDS = (
    constants(salt, BANDS * ROWS).astype(np.uint32) | np.uint32(1) for salt in (4, 5)
)
_COMBINE = constants(6, ROWS)


def bands(values: U64, offsets: I64) -> list[pa.Array]:
    """BANDS arrays of [rows] int64; null where a row has fewer than LEAST masked words.

    values, offsets: the masked words as `template.collapse` leaves them.
    """
    count = np.diff(offsets)
    null = count < LEAST
    if null.all():
        return [as_int64(np.zeros(len(count), dtype=np.uint64), null) for _ in range(BANDS)]
    shingles = (values[:-2] * _WORD[0] + values[1:-1] * _WORD[1] + values[2:] * _WORD[2]) >> (
        np.uint64(32)
    )
    # A shingle that would run over a row's end is dropped, as are the rows that are too short.
    size = np.where(null, 0, count - SHINGLE + 1)
    inside = np.zeros(len(values) + 1, dtype=np.int8)
    begin = offsets[:-1][~null]
    inside[begin] += 1
    inside[begin + size[~null]] -= 1
    short = shingles[np.cumsum(inside[: len(shingles)], dtype=np.int8).view(np.bool_)]
    hashes = short.astype(np.uint32)
    group = np.cumsum(size[~null]) - size[~null]
    out = []
    for band in range(BANDS):
        total = np.zeros(len(group), dtype=np.uint64)
        for row in range(ROWS):
            i = band * ROWS + row
            # Linear permutations of Z/2^32 stand in for min-wise independent ones: the shingle
            # hashes are already mixed (Broder, Charikar, Frieze and Mitzenmacher 2000, section 4).
            least = np.minimum.reduceat(hashes * _MULTIPLIERS[i] + _ADDENDS[i], group)
            total += least.astype(np.uint64) * _COMBINE[row]
        full = np.zeros(len(count), dtype=np.uint64)
        full[~null] = mix(total)
        out.append(as_int64(full, null))
    return out
