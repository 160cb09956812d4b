"""Which words of a prompt are its variable parts.

Two fillings of one template should mask to the same words. What is masked: words with a digit and
dates, quoted text, code in backticks, capitalised words inside a sentence (names), addresses.
A wrong guess costs little: it is made alike in every filling.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sketch.characters import BREAK, QUOTE, SPACE, UPPER, WORD, Characters
from stillwatch.sketch.hashing import I64, U64, hash_word

KINDS = ("", "number", "name", "address", "id", "quoted", "code")
"""Kinds of mask; 0 is none. A later kind wins over an earlier one."""

_NUMBER, _NAME, _ADDRESS, _ID, _QUOTED, _CODE = range(1, len(KINDS))

_LONGEST_QUOTE = 2000
"""Bytes. A quotation mark whose partner is farther off is taken for a stray one."""

_EVERY = np.uint64(0x0101010101010101)

_DATES = (
    "january february april june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
)
_NEAR_NUMBERS = "may march jan feb mar apr jun jul aug sep sept oct nov dec utc gmt am pm"


def _sorted_hashes(words: str) -> U64:
    return np.sort(np.array([hash_word(w) for w in words.split()], dtype=np.uint64))


_DATE_HASHES, _NEAR_HASHES = _sorted_hashes(_DATES), _sorted_hashes(_NEAR_NUMBERS)


def every(bits: np.uint8) -> np.uint64:
    """The class bits repeated in all eight bytes of a word."""
    return np.uint64(bits) * _EVERY


def mask_kinds(
    chars: Characters,
    starts: I64,
    ends: I64,
    *,
    hashes: U64,
    first: U64,
    gap: U64,
    digits: I64,
) -> NDArray[np.uint8]:
    """Kind of mask of each token, index into KINDS.

    starts, ends: [tokens] places in the text; first: [tokens] classes of the first 8 bytes of the
    token; gap: [tokens] classes of the first 8 bytes between it and the token before it, all bits
    set where the gap is longer; digits: indices of tokens that hold a digit.
    """
    kinds = np.zeros(len(starts), dtype=np.uint8)
    if not len(starts):
        return kinds
    # Capital first, none in the next two bytes: a name, not an acronym or a shout.
    capital = (first & np.uint64(int(UPPER) * 0x010101)) == np.uint64(UPPER)
    inside = (gap & every(BREAK | QUOTE)) == 0
    kinds[capital & inside & (ends - starts > 1)] = _NAME
    kinds[digits] = _NUMBER
    _mask_dates(kinds, hashes)
    spaced = np.flatnonzero(gap & every(SPACE))
    size = len(starts)
    for lo, hi in (_urls(chars, starts, ends, spaced), _mails(chars, starts, spaced)):
        kinds[_covered(lo, hi, size)] = _ADDRESS
    lo, hi = _uuids(chars, starts)
    kinds[_covered(lo, hi, size)] = _ID
    for mark, kind in ((b'"', _QUOTED), (b"`", _CODE)):
        lo, hi = _quotes(chars, ord(mark))
        if len(lo):
            kinds[_covered(np.searchsorted(starts, lo), np.searchsorted(starts, hi), size)] = kind
    return kinds


def _covered(lo: I64, hi: I64, size: int) -> NDArray[np.bool_] | NDArray[np.intp]:
    """Which of `size` tokens lie in any of the half-open ranges of token indices."""
    if not len(lo):
        return np.zeros(0, dtype=np.intp)
    depth = np.bincount(lo, minlength=size + 1) - np.bincount(hi, minlength=size + 1)
    return np.cumsum(depth[:size]) > 0


def _mask_dates(kinds: NDArray[np.uint8], hashes: U64) -> None:
    """Names of months and days are numbers; those with another meaning, only beside a number."""
    kinds[np.isin(hashes, _DATE_HASHES)] = _NUMBER
    number = kinds == _NUMBER
    beside = np.zeros(len(kinds), dtype=np.bool_)
    beside[1:] |= number[:-1]
    beside[:-1] |= number[1:]
    places = np.flatnonzero(beside & ~number)
    kinds[places[np.isin(hashes[places], _NEAR_HASHES)]] = _NUMBER


def _run_end(spaced: I64, token: I64, size: int) -> I64:
    """Index after the last token that hangs together with `token` without white space."""
    return np.append(spaced, size)[np.searchsorted(spaced, token, side="right")]


def _urls(chars: Characters, starts: I64, ends: I64, spaced: I64) -> tuple[I64, I64]:
    """Tokens from a scheme before :// to the next white space."""
    text = chars.text
    colon = np.flatnonzero(text == ord(":"))
    colon = colon[(text[colon + 1] == ord("/")) & (text[colon + 2] == ord("/"))]
    token = np.searchsorted(starts, colon) - 1
    token = token[(token >= 0) & (ends[token] == colon)]
    return token, _run_end(spaced, token, len(starts))


def _mails(chars: Characters, starts: I64, spaced: I64) -> tuple[I64, I64]:
    """All tokens that hang together with a @ between two words."""
    at = np.flatnonzero(chars.text == ord("@"))
    at = at[(chars.classes[at - 1] & WORD != 0) & (chars.classes[at + 1] & WORD != 0)]
    token = np.searchsorted(starts, at) - 1
    run = np.searchsorted(spaced, token, side="right")
    begin = np.append(0, spaced)[run]
    return begin, np.append(spaced, len(starts))[run]


def _uuids(chars: Characters, starts: I64) -> tuple[I64, I64]:
    """Tokens of 8-4-4-4-12 groups (RFC 9562). Digits alone would miss a group of letters."""
    text = chars.text
    dash = np.flatnonzero(text[: len(text) - 32] == ord("-"))
    for step in (5, 10, 15):
        dash = dash[text[dash + step] == ord("-")]
    dash = dash[dash >= 8]
    return np.searchsorted(starts, dash - 8), np.searchsorted(starts, dash + 28)


def _quotes(chars: Characters, mark: int) -> tuple[I64, I64]:
    """Byte ranges between quotation marks.

    A single mark opens if no word is before it and no white space after it, and closes if it is
    the other way round; an opener counts only if the next mark closes it. So no parity is carried
    along a row, and an inch sign or a forgotten quote cannot invert the rest. Three or more marks
    are a fence, and fences go in pairs within a row.
    """
    place = np.flatnonzero(chars.text == mark)
    if not len(place):
        return place, place
    head = np.flatnonzero(np.diff(place, prepend=place[0] - 2) != 1)
    begin, count = place[head], np.diff(head, append=len(place))
    end = begin + count
    row = np.searchsorted(chars.row_starts, begin, side="right")
    # Index -1 for a mark at the very start reads the zero padding: neither word nor space.
    before, after = chars.classes[begin - 1], chars.classes[end]
    single = count == 1
    opens = single & (before & WORD == 0) & (after & SPACE == 0)
    closes = single & (before & SPACE == 0) & (after & WORD == 0)
    near = (np.diff(begin) <= _LONGEST_QUOTE) & (row[1:] == row[:-1])
    pair = np.flatnonzero(opens[:-1] & closes[1:] & near)
    fence = np.flatnonzero(count >= 3)
    rank = np.arange(len(fence)) - np.searchsorted(row[fence], row[fence])
    left = np.flatnonzero((rank[:-1] % 2 == 0) & (row[fence[1:]] == row[fence[:-1]]))
    lo = np.concatenate([end[pair], end[fence[left]]])
    hi = np.concatenate([begin[pair + 1], begin[fence[left + 1]]])
    return lo, hi
