"""SynthID-Text as `transformers` writes it (`SynthIDTextWatermarkLogitsProcessor`, 5.23 on)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from stillwatch.marks.engines.grams import distinct_grams
from stillwatch.marks.engines.torch_random import randint
from stillwatch.marks.scheme import Score, count
from stillwatch.marks.windows import Tokens

_MULTIPLIER = np.uint64(6364136223846793005)
_ONE = np.uint64(1)


@dataclass(frozen=True)
class TransformersSynthID:
    """The settings of `SynthIDTextWatermarkingConfig`. keys: one number for each layer, secret."""

    keys: tuple[int, ...] = field(repr=False)
    ngram_len: int = 5
    sampling_table_size: int = 2**16
    sampling_table_seed: int = 0

    @cached_property
    def _table(self) -> npt.NDArray[np.int64]:
        return randint(self.sampling_table_seed, 2, self.sampling_table_size)

    def g_values(self, ngrams: Tokens) -> npt.NDArray[np.int64]:
        """The bits of n-grams, shape (n, ngram_len), in each layer: shape (n, layers)."""
        state = np.ones(len(ngrams), dtype=np.uint64)
        for tokens in ngrams.T:
            state = _accumulated(state, tokens.astype(np.uint64))
        keys = np.array([key % 2**64 for key in self.keys], dtype=np.uint64)
        made = _accumulated(state[:, None], keys[None, :]).view(np.int64)
        return self._table[made % self.sampling_table_size]

    def score(self, texts: Iterable[Tokens]) -> Score:
        """How many bits of distinct n-grams are 1.

        Without a mark that is binomial with the table's own share of ones, as far as the hash
        behaves at random.
        """
        grams = distinct_grams(texts, self.ngram_len)
        ones = int(self.g_values(grams).sum())
        return count(len(grams), len(grams) * len(self.keys), ones, float(self._table.mean()))


def _accumulated(
    state: npt.NDArray[np.uint64], data: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    return (state + data) * _MULTIPLIER + _ONE
