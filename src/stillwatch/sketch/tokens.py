"""From strings to words: one pass over the bytes, no Python object for a row or a word.

A word is a maximal run of letters, digits and bytes beyond ASCII; a character of a script without
spaces (Han, kana, hangul, Thai) or an emoji is a word of its own. Everything else separates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sketch.characters import DIGIT, WORD, Characters, normalise
from stillwatch.sketch.hashing import I64, U64, constants, hash_blocks, ragged
from stillwatch.sketch.masks import KINDS, every, mask_kinds

_KIND_HASHES = constants(2, len(KINDS))
_KEEP = np.array([(1 << (8 * i)) - 1 for i in range(9)], dtype=np.uint64)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a column of strings, row after row.

    hashes: [tokens] hash of the lower-cased word; kinds: [tokens] what masks it, an index into
    `masks.KINDS`, 0 for nothing; starts, ends: [tokens] its bytes in `text`; offsets: [rows + 1],
    row r holding tokens offsets[r]:offsets[r + 1]; valid: [rows] false for a null string;
    text: [bytes] all rows, normalised, lower-cased, with zero padding at the end.
    """

    hashes: U64
    kinds: NDArray[np.uint8]
    starts: I64
    ends: I64
    offsets: I64
    valid: NDArray[np.bool_]
    text: NDArray[np.uint8]

    @property
    def counts(self) -> I64:
        """[rows] words in each row."""
        return np.diff(self.offsets)

    @property
    def rows(self) -> I64:
        """[tokens] the row of each token."""
        return np.repeat(np.arange(len(self.valid), dtype=np.int64), self.counts)

    @property
    def masked(self) -> U64:
        """[tokens] hashes, with those of masked words replaced by the constant of their kind."""
        return np.where(self.kinds > 0, _KIND_HASHES[self.kinds], self.hashes)

    def word(self, token: int) -> str:
        """Text of one token, in normal form."""
        raw = self.text[self.starts[token] : self.ends[token]].tobytes()
        return raw.decode("utf-8", errors="replace")


def tokenize(strings: pa.Array | pa.ChunkedArray) -> Tokens:
    """Words of each string, hashed and masked. A null string has no words.

    The words of a row depend on that row alone, so a column may be cut anywhere between rows.
    """
    if isinstance(strings, pa.ChunkedArray):
        strings = strings.combine_chunks()
    valid = strings.is_valid().to_numpy(zero_copy_only=False)
    chars = normalise(strings)
    starts, ends = _bounds(chars)
    hashes, first, digits = _read(chars, starts, ends)
    gap = _gaps(chars, starts, ends)
    kinds = mask_kinds(chars, starts, ends, hashes=hashes, first=first, gap=gap, digits=digits)
    offsets = np.searchsorted(starts, chars.row_starts)
    return Tokens(hashes, kinds, starts, ends, offsets, valid, chars.text)


def _bounds(chars: Characters) -> tuple[I64, I64]:
    """Where words begin and end. Rows end in a newline, so no word runs over a row's end."""
    word = (chars.classes & WORD).view(np.bool_)
    if not len(chars.solo):
        edges = np.flatnonzero(word[1:] != word[:-1]) + 1
        if word[0]:
            edges = np.append(0, edges)
        return edges[0::2], edges[1::2]
    before = np.append(False, word[:-1])
    begin = word & ~before
    begin[chars.solo] = True
    begin[chars.solo_ends] = word[chars.solo_ends]
    end = before & (begin | ~word)
    return np.flatnonzero(begin), np.flatnonzero(end)


def _loads(data: NDArray[np.uint8]) -> U64:
    """Little-endian 8-byte loads at every place of `data`, as a view."""
    return np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))


def _read(chars: Characters, starts: I64, ends: I64) -> tuple[U64, U64, I64]:
    """(hash of each token, classes of its first 8 bytes, tokens with a digit).

    Words are read in blocks of 8 bytes: most have one, so this costs a few operations a word and
    not a byte.
    """
    text, classes = _loads(chars.text), _loads(chars.classes)
    size = ends - starts
    keep = _KEEP[np.minimum(size, 8)]
    hashes = hash_blocks(text[starts] & keep, np.zeros(1, dtype=np.uint64))
    first = classes[starts] & keep
    digit = first & every(DIGIT) != 0
    long = np.flatnonzero(size > 8)
    if len(long):
        more = (size[long] - 1) // 8
        group = np.cumsum(more) - more
        index = ragged(np.ones(len(long), dtype=np.int64), more)
        at = np.repeat(starts[long], more) + 8 * index
        keep = _KEEP[np.minimum(np.repeat(ends[long], more) - at, 8)]
        blocks = hash_blocks(text[at] & keep, index.astype(np.uint64))
        hashes[long] += np.add.reduceat(blocks, group)
        digit[long] |= np.bitwise_or.reduceat(classes[at] & keep & every(DIGIT), group) != 0
    return hashes, first, np.flatnonzero(digit)


def _gaps(chars: Characters, starts: I64, ends: I64) -> U64:
    """Classes of the bytes between each token and the one before; all bits if there are over 8."""
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    begin = np.append(0, ends[:-1])
    size = starts - begin
    gap: U64 = _loads(chars.classes)[begin] & _KEEP[np.minimum(size, 8)]
    gap[size > 8] = _ALL
    gap[0] = _ALL
    return gap
