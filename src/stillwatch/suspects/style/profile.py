"""How a source writes: how often it uses each word and each few characters, prompt by prompt."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from stillwatch.suspects.completions import Completions

Profile = npt.NDArray[np.float32]
"""Shape (2, `WIDTH`): rate of each feature, as a mean over prompts, of which each counts the same;
over one half of the prompts and over the other."""

_Rates = npt.NDArray[np.float32]
BITS = 15
WIDTH = 2 << BITS
"""Words and pairs of words come first, then runs of four characters; each is hashed."""
GRAM = 4
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]|\n+")
_ODD = np.uint64(0x9E3779B97F4A7C15)


def profile(answers: Completions, prompts: Sequence[str]) -> Profile:
    """The profile of a source over two or more prompts, the same for all sources."""
    halves = prompts[::2], prompts[1::2]
    return np.array([_mean([_rates(answers[prompt]) for prompt in half]) for half in halves])


def _mean(rates: Sequence[_Rates]) -> _Rates:
    mean: _Rates = np.mean(rates, axis=0, dtype=np.float32)
    return mean


def _rates(completions: Sequence[str]) -> _Rates:
    words = np.zeros(1 << BITS, dtype=np.float32)
    grams = np.zeros(1 << BITS, dtype=np.float32)
    for text in completions:
        found = _WORD.findall(text)
        for kind in (found, [f"{a} {b}" for a, b in pairwise(found)]):
            np.add.at(words, [_place(one) for one in kind], 1.0)
        np.add.at(grams, _grams(text), 1.0)
    return np.concatenate([_shares(words), _shares(grams)])


def _place(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) & ((1 << BITS) - 1)


def _grams(text: str) -> npt.NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    if len(codes) < GRAM:
        return np.empty(0, dtype=np.int64)
    runs = np.lib.stride_tricks.sliding_window_view(codes, GRAM)
    mixed = np.zeros(len(runs), dtype=np.uint64)
    for column in range(GRAM):
        mixed = (mixed + runs[:, column]) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _shares(counts: _Rates) -> _Rates:
    total = counts.sum()
    return counts / total if total else counts
