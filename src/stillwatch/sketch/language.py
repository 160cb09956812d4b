"""Language of a prompt: by script first, then by votes of frequent words.

Measured: of 79 one-line requests in 21 languages, written for the test, 77 are named right and none
wrong. Of 7,144 prompts rendered from the range's corpus (8 languages, by another hand, many of
them one line of half code) 92 % right, 7 % left open, 0.9 % wrong; of those from 200 characters
98.5 % right and 0.2 % wrong. Languages not in CODES are mistaken for near ones: Bulgarian for
Russian, Urdu and Persian are left open, Marathi is called Hindi.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sketch.hashing import I64, sum_rows
from stillwatch.sketch.vocabulary import LANES, LANGUAGES, UNIT, VOTES

SCRIPTS = ("", "latin", "greek", "cyrillic", "hebrew", "arabic", "deva", "thai", "kana", "han",
           "hangul")  # fmt: skip
_LATIN, _GREEK, _CYRILLIC, _HEBREW, _ARABIC, _DEVA, _THAI, _KANA, _HAN, _HANGUL = range(1, 11)
_ONE_LANGUAGE = {_GREEK: "el", _HEBREW: "he", _ARABIC: "ar", _DEVA: "hi", _THAI: "th",
                 _HANGUL: "ko"}  # fmt: skip

CODES = (*LANGUAGES, "zh", "ja", *_ONE_LANGUAGE.values())
"""Every language the sketch can name."""

_LEAST_SHARE = 1 / 12
"""Votes, in whole words, that the best language needs for each word of the prompt."""

_MARGIN = 1.2
"""How far the best must be ahead of the second."""

_DENSE = 0.3
"""Share of the words from which a script without spaces decides: its words are characters."""


def _script_table() -> NDArray[np.uint8]:
    table = np.zeros((256, 256), dtype=np.uint8)
    table[ord("a") : ord("z") + 1] = table[0xC3:0xCA] = _LATIN
    table[0xE1, 0xB8:0xBC] = _LATIN
    table[0xCE:0xD0] = table[0xE1, 0xBC:0xC0] = _GREEK
    table[0xD0:0xD4] = _CYRILLIC
    table[0xD7] = _HEBREW
    table[0xD8:0xDC] = _ARABIC
    table[0xE0, 0xA4:0xA6] = _DEVA
    table[0xE0, 0xB8:0xBA] = _THAI
    table[0xE3, 0x81:0x84] = _KANA
    table[0xE4:0xEA] = table[0xE3, 0x90:0xC0] = _HAN
    table[0xEA:0xEE] = _HANGUL
    return table


_SCRIPT = _script_table()
_LETTERS = (
    ("ru", ((0xD1, 0x8B), (0xD1, 0x8D), (0xD1, 0x8A), (0xD1, 0x91))),
    ("uk", ((0xD1, 0x94), (0xD1, 0x96), (0xD1, 0x97), (0xD2, 0x91))),
)
"""Letters that only one of the two has."""

_PERSIAN = ((0xDA, 0xAF), (0xD9, 0xBE), (0xDA, 0x86), (0xDB, 0x8C))
"""Letters that Arabic has not (Persian, Urdu): the language is then left open."""


def languages(
    offsets: I64, known: NDArray[np.uint16], text: NDArray[np.uint8], starts: I64, row_ends: I64
) -> pa.Array:
    """[rows] language codes, null where unclear.

    offsets: [rows + 1] into the words of a window; known: [words] their vocabulary numbers;
    starts: [words] their places in `text`; row_ends: [rows] the place after each row's last word.
    """
    rows = len(offsets) - 1
    count = np.diff(offsets)
    votes = _votes(offsets, known)
    lead = text[starts]
    if not (lead >= 0x80).any():
        latin = count - sum_rows((lead < ord("a")).astype(np.uint64), offsets).astype(np.int64)
        return _codes(_elect(votes, latin, np.ones(len(LANGUAGES), dtype=np.bool_)))
    script = _SCRIPT[lead, text[starts + 1]]
    row = np.repeat(np.arange(rows), count)
    cells = np.bincount(row * len(SCRIPTS) + script, minlength=rows * len(SCRIPTS))
    table = cells.reshape(rows, len(SCRIPTS))
    slavic = np.isin(LANGUAGES, ("ru", "uk"))
    chosen = _elect(votes, table[:, _LATIN], ~slavic)
    spoken = table[:, 1:].sum(axis=1)
    top = table[:, 1:].argmax(axis=1) + 1
    chosen = np.where((top == _LATIN) & (spoken > 0), chosen, -1)
    cyrillic = (top == _CYRILLIC) & (spoken > 0)
    first = np.where(count > 0, starts[np.minimum(offsets[:-1], len(starts) - 1)], row_ends)
    for language, letters in _LETTERS:
        seen = _count_pairs(text, letters, first, row_ends)
        votes[LANGUAGES.index(language)] += UNIT * seen
    chosen = np.where(cyrillic, _elect(votes, np.zeros(rows, dtype=np.int64), slavic), chosen)
    for code, language in _ONE_LANGUAGE.items():
        chosen = np.where((top == code) & (spoken > 0), CODES.index(language), chosen)
    foreign = _count_pairs(text, _PERSIAN, first, row_ends) > 0
    chosen = np.where((top == _ARABIC) & foreign, -1, chosen)
    east = table[:, _KANA] + table[:, _HAN]
    dense = (east > 0) & (east >= _DENSE * spoken) & (table[:, _HANGUL] < east)
    japanese = table[:, _KANA] > 0.1 * east
    name = np.where(japanese, CODES.index("ja"), CODES.index("zh"))
    return _codes(np.where(dense, name, chosen))


def _votes(offsets: I64, known: NDArray[np.uint16]) -> I64:
    """[languages, rows] votes, UNIT for a word of that language only."""
    out = np.empty((4 * LANES, len(offsets) - 1), dtype=np.int64)
    for lane in range(LANES):
        sums = sum_rows(VOTES[lane].take(known), offsets)
        for i in range(4):
            out[4 * lane + i] = (sums >> np.uint64(16 * i)) & np.uint64(0xFFFF)
    return out[: len(LANGUAGES)]


def _elect(votes: I64, words: I64, allowed: NDArray[np.bool_]) -> I64:
    """[rows] index of the language with most votes, -1 if it has too few or no clear lead."""
    best, second = np.zeros_like(votes[0]), np.zeros_like(votes[0])
    chosen = np.full_like(votes[0], -1)
    for i in np.flatnonzero(allowed):
        ahead = votes[i] > best
        second = np.maximum(second, np.where(ahead, best, votes[i]))
        best = np.where(ahead, votes[i], best)
        chosen[ahead] = i
    clear = (best >= _MARGIN * second) & (best >= UNIT * np.maximum(0.5, _LEAST_SHARE * words))
    return np.where(clear, chosen, -1)


def _count_pairs(
    text: NDArray[np.uint8], pairs: tuple[tuple[int, int], ...], begin: I64, end: I64
) -> I64:
    """[rows] how many of some two-byte letters each row holds."""
    found = [np.flatnonzero((text[:-1] == a) & (text[1:] == b)) for a, b in pairs]
    place = np.sort(np.concatenate(found))
    return np.asarray(np.searchsorted(place, end) - np.searchsorted(place, begin))


def _codes(chosen: I64) -> pa.Array:
    return pa.array(CODES).take(pa.array(chosen, mask=chosen < 0)).cast(pa.string())
