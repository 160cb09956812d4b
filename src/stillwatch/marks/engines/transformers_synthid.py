"""SynthID-Text as `transformers` writes it (`SynthIDTextWatermarkLogitsProcessor`, 5.23 on)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from stillwatch.marks.engines.torch_random import randint
from stillwatch.marks.scheme import Score, count
from stillwatch.marks.windows import Tokens

_MULTIPLIER = np.uint64(6364136223846793005)
_ONE = np.uint64(1)

States = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class TransformersSynthID:
    """The settings of `SynthIDTextWatermarkingConfig`. keys: one number for each layer, secret.

    sampling_table_size: a power of two, as it is there unless somebody changed it. The hash only
    multiplies and adds, so of states and keys nothing counts but the remainder by this size: a
    layer has as many different keys as the table has places, 65,536, and whoever has enough marked
    text can try them all. A mark of this kind does not prove who wrote it.
    """

    keys: tuple[int, ...] = field(repr=False)
    ngram_len: int = 5
    sampling_table_size: int = 2**16
    sampling_table_seed: int = 0

    def __post_init__(self) -> None:
        size = self.sampling_table_size
        if size < 1 or size & (size - 1):
            raise ValueError(f"sampling_table_size {size}: only powers of two can be read")

    @cached_property
    def _table(self) -> npt.NDArray[np.int64]:
        return randint(self.sampling_table_seed, 2, self.sampling_table_size)

    def g_values(self, ngrams: Tokens) -> npt.NDArray[np.int64]:
        """The bits of n-grams, shape (n, ngram_len), in each layer: shape (n, layers)."""
        places = _states(ngrams) % np.uint64(self.sampling_table_size)
        return np.stack([self._layer(key)[places] for key in self.keys], axis=1)

    def score(self, texts: Iterable[Tokens]) -> Score:
        """How many bits of distinct n-grams are 1.

        N-grams with one state have the same bits under every key, so they count once. Without a
        mark the count is binomial with the table's own share of ones, as far as the hash behaves
        at random.
        """
        states = np.unique(np.concatenate([_NONE, *(self._read(text) for text in texts)]))
        places = (states % np.uint64(self.sampling_table_size)).astype(np.int64)
        often = np.bincount(places, minlength=self.sampling_table_size)
        ones = sum(int(often @ self._layer(key)) for key in self.keys)
        n = len(states)
        return count(n, n * len(self.keys), ones, float(self._table.mean()))

    def _read(self, text: Tokens) -> States:
        if len(text) < self.ngram_len:
            return _NONE
        ids = np.asarray(text, dtype=np.int64)
        return _states(np.lib.stride_tricks.sliding_window_view(ids, self.ngram_len))

    def _layer(self, key: int) -> npt.NDArray[np.int64]:
        """The bit of each place, shape (sampling_table_size,), for the key of a layer."""
        size = np.uint64(self.sampling_table_size)
        places = np.arange(self.sampling_table_size, dtype=np.uint64)
        found = _accumulated(places, np.uint64(key % 2**64)) % size
        return np.asarray(self._table[found])


_NONE: States = np.empty(0, dtype=np.uint64)


def _states(ngrams: Tokens) -> States:
    """What n-grams, shape (n, length), are hashed to, shape (n,)."""
    state = np.ones(len(ngrams), dtype=np.uint64)
    for tokens in ngrams.T:
        state = _accumulated(state, tokens.astype(np.uint64))
    return state


def _accumulated(state: States, data: States | np.uint64) -> States:
    return (state + data) * _MULTIPLIER + _ONE
