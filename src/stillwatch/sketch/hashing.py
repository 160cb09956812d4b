"""The hash functions of the sketch. They are part of its format: never change them in place.

All are defined on unsigned 64-bit integers with wrap-around, so any machine, engine or release
gives the same numbers. They are fast, not secret: an adversary can build collisions on purpose,
which makes his own traffic look more alike.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_BLOCK = np.uint64(0xD6E8FEB86659FD93)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)


def mix(x: U64) -> U64:
    """Finaliser of splitmix64 (Steele, Lea and Flood 2014, Figure 17), a bijection."""
    z = x + GOLDEN
    z ^= z >> _S30
    z *= _M1
    z ^= z >> _S27
    z *= _M2
    z ^= z >> _S31
    return z


def constants(salt: int, count: int) -> U64:
    """`count` fixed odd 64-bit constants that belong to `salt`."""
    return mix(np.arange(count, dtype=np.uint64) + np.uint64(salt << 32)) | np.uint64(1)


def hash_word(word: str) -> int:
    """Hash of one word, equal to `tokenize`'s for it. The word must be one token, in lower case."""
    data = word.encode()
    total = 0
    for k in range(0, len(data), 8):
        block = int.from_bytes(data[k : k + 8], "little")
        index = np.array([k // 8], dtype=np.uint64)
        total += int(hash_blocks(np.array([block], dtype=np.uint64), index)[0])
    return total & 0xFFFFFFFFFFFFFFFF


def hash_blocks(block: U64, index: U64) -> U64:
    """Hashes of 8-byte blocks, `index` counting from a word's start; a word's hash is their sum."""
    return mix(block + index * _BLOCK)


@lru_cache(maxsize=1)
def _position_table() -> U64:
    return constants(1, 1 << 15)


def _multipliers(position: I64) -> U64:
    table = _position_table()
    if not len(position) or int(position.max()) < len(table):
        return table[position]
    return mix(position.astype(np.uint64) + np.uint64(1 << 32)) | np.uint64(1)


def hash_rows(values: U64, offsets: I64) -> U64:
    """Order-sensitive hash of each row's values; 0 for a row without any.

    values: [n] hashes; offsets: [rows + 1], row r being values[offsets[r]:offsets[r + 1]].
    A multilinear hash (Carter and Wegman 1979) with one odd multiplier for each position; the
    multipliers are themselves hashed, since with equally spaced ones (a, b, b, a) and
    (b, a, a, b) would collide.
    """
    lengths = np.diff(offsets)
    position = np.arange(len(values), dtype=np.int64) - np.repeat(offsets[:-1], lengths)
    sums = sum_rows(values * _multipliers(position), offsets)
    return np.where(lengths > 0, mix(sums + lengths.astype(np.uint64)), np.uint64(0))


def sum_rows(values: U64, offsets: I64) -> U64:
    """Sum of each row's values modulo 2^64; 0 for a row without any."""
    out = np.zeros(len(offsets) - 1, dtype=np.uint64)
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        # reduceat over the non-empty rows only: their starts are strictly increasing.
        out[filled] = np.add.reduceat(values, offsets[filled])
    return out


def ragged(starts: I64, counts: I64) -> I64:
    """Indices starts[i], starts[i]+1, ... (counts[i] of them) for all i, one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    out: I64 = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts)
    return out
