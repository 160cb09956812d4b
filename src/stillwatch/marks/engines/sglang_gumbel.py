"""Gumbel-max as SGLang writes it (`sglang/srt/sampling/watermarking`, 0.5.23).

Its uniform values are 32 bits of MurmurHash3 (x86, without a seed) over the key, a hash of the
context, and the token. That is no cipher: contexts whose hashes are equal have equal values, and
values under related keys hang together. A p-value is as good as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stillwatch.errors import UsageError
from stillwatch.marks.engines.grams import distinct_grams
from stillwatch.marks.gumbel import exponential
from stillwatch.marks.keys import Key
from stillwatch.marks.scheme import Score
from stillwatch.marks.windows import Tokens

_MASK = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class SglangGumbel:
    """A key as SGLang takes it, of 1 to 16 hexadecimal digits: secret."""

    key: str = field(repr=False)
    context_window: int = 4

    @classmethod
    def under(cls, key: Key, context_window: int = 4) -> SglangGumbel:
        """With the key that is SGLang's of one of ours, such as that of an account's epoch."""
        return cls(key.of(cls("", context_window))[:8].hex(), context_window)

    @property
    def name(self) -> str:
        """As keys are derived for it."""
        return f"sglang-gumbel/1 width={self.context_window}"

    def numbers(self, contexts: Tokens, tokens: Tokens) -> npt.NDArray[np.uint64]:
        """32 bits for tokens, shape (n,), behind contexts, shape (n, context_window)."""
        try:
            key = int(self.key, 16)
        except ValueError:
            key = 2**64
        if not 0 <= key < 2**64:
            raise UsageError("a key of SGLang has 1 to 16 hexadecimal digits")
        n = len(tokens)
        hashed = _murmur([np.asarray(column, dtype=np.uint64) for column in contexts.T])
        words = [np.full(n, word, dtype=np.uint64) for word in (key & int(_MASK), key >> 32)]
        return _murmur([*words, hashed, np.asarray(tokens, dtype=np.uint64)])

    def score(self, texts: Iterable[Tokens]) -> Score:
        """The sum of -log(1 - u) over distinct windows, and its gamma tail without a mark.

        texts: responses, without their prompts; the first tokens, behind the prompt, are not
        looked at.
        """
        grams = distinct_grams(texts, self.context_window + 1)
        drawn = self.numbers(grams[:, :-1], grams[:, -1]).astype(np.float64)
        return exponential(-np.log1p(-(drawn + 0.5) / 2.0**32))


def _murmur(words: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """MurmurHash3_x86_32 of words of 32 bits, each a column, shape (n,); all below 2**32."""
    state = np.zeros(len(words[0]), dtype=np.uint64)
    for word in words:
        value = (word * np.uint64(0xCC9E2D51)) & _MASK
        value = (_rotated(value, 15) * np.uint64(0x1B873593)) & _MASK
        state = (_rotated(state ^ value, 13) * np.uint64(5) + np.uint64(0xE6546B64)) & _MASK
    state ^= np.uint64(4 * len(words))
    state ^= state >> np.uint64(16)
    state = (state * np.uint64(0x85EBCA6B)) & _MASK
    state ^= state >> np.uint64(13)
    state = (state * np.uint64(0xC2B2AE35)) & _MASK
    return state ^ (state >> np.uint64(16))


def _rotated(value: npt.NDArray[np.uint64], shift: int) -> npt.NDArray[np.uint64]:
    return ((value << np.uint64(shift)) | (value >> np.uint64(32 - shift))) & _MASK
