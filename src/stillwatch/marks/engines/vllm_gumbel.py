"""Gumbel-max as vLLM writes it (`vllm/v1/watermarking`, 0.32 and 0.33; WatermarkConfig `gumbel`).

Two functions make its uniform values. Philox4x32-10 (Salmon et al. 2011, Parallel Random Numbers:
As Easy as 1, 2, 3, section 3.3) is what these releases use; HMAC-SHA256 was in its source before.
Both keep 24 bits: (m + 1) / (2**24 + 1).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from stillwatch.marks.engines.grams import distinct_grams
from stillwatch.marks.gumbel import exponential
from stillwatch.marks.keys import Key
from stillwatch.marks.scheme import Score
from stillwatch.marks.windows import Tokens

_Words = tuple[npt.NDArray[np.uint64], ...]
_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_STEPS = 0x9E3779B9, 0xBB67AE85
_CONTEXT, _TOKEN = 0x574D4358, 0x574D544B
_DOMAIN = b"vllm-watermark-hmac-sha256-v1\0"


@dataclass(frozen=True)
class VllmGumbel:
    """The settings of `WatermarkConfig`. key: secret.

    With `dual_key_gumbel` an engine marks with two keys; `both` makes them. Each finds its share.
    """

    key: int = field(repr=False)
    context_width: int = 4
    prf: Literal["philox", "hmac_sha256"] = "philox"

    @classmethod
    def under(cls, key: Key, context_width: int = 4) -> VllmGumbel:
        """With the key that is vLLM's of one of ours, such as that of a deployment."""
        return cls(int.from_bytes(key.of(cls(0, context_width))[:8], "big"), context_width)

    @property
    def name(self) -> str:
        """As keys are derived for it."""
        return f"vllm-gumbel/1 width={self.context_width} prf={self.prf}"

    @classmethod
    def both(cls, key: int, context_width: int = 4) -> tuple[VllmGumbel, VllmGumbel]:
        """The two keys of `dual_key_gumbel`: of most tokens (drafts), and of the rest."""
        first, second = (
            int.from_bytes(hashlib.sha256(name + key.to_bytes(8, "big")).digest()[:8], "big")
            for name in (b"key_a", b"key_b")
        )
        return cls(first, context_width), cls(second, context_width)

    def numbers(self, contexts: Tokens, tokens: Tokens) -> npt.NDArray[np.uint64]:
        """24 bits for tokens, shape (n,), behind contexts, shape (n, context_width)."""
        drawn = self._philox if self.prf == "philox" else self._hmac
        return drawn(contexts, tokens) >> np.uint64(8)

    def score(self, texts: Iterable[Tokens]) -> Score:
        """The sum of -log(1 - u) over distinct windows, and its gamma tail without a mark.

        texts: responses, without their prompts. The first tokens of each are not looked at: vLLM
        marks them behind contexts filled up with -1, which all responses share.
        """
        grams = distinct_grams(texts, self.context_width + 1)
        drawn = self.numbers(grams[:, :-1], grams[:, -1]).astype(np.float64)
        return exponential(-np.log1p(-(drawn + 1.0) / (2.0**24 + 1.0)))

    def _philox(self, contexts: Tokens, tokens: Tokens) -> npt.NDArray[np.uint64]:
        n, width = contexts.shape
        low, high = self.key & int(_MASK), self.key >> 32
        words = np.asarray(contexts, dtype=np.int64).view(np.uint64) & _MASK
        state = _filled(n, _CONTEXT, width, 0, 0)
        for offset in range(0, width, 4):
            block = [
                words[:, offset + i] if offset + i < width else np.full(n, _MASK - np.uint64(i))
                for i in range(4)
            ]
            mixed = tuple(one ^ other for one, other in zip(state, block, strict=True))
            state = _rounds(mixed, _filled(n, low ^ offset, high))
        ids = np.asarray(tokens, dtype=np.int64).view(np.uint64) & _MASK
        keys = np.full(n, low, dtype=np.uint64) ^ state[3], np.full(n, high ^ _TOKEN, np.uint64)
        made = np.stack(_rounds((ids >> np.uint64(2), *state[:3]), keys))
        return np.asarray(made[(ids & np.uint64(3)).astype(np.int64), np.arange(n)])

    def _hmac(self, contexts: Tokens, tokens: Tokens) -> npt.NDArray[np.uint64]:
        secret = self.key.to_bytes(32, "little")
        width = contexts.shape[1]
        start = _DOMAIN + struct.pack("<I", width)
        rows = np.column_stack([contexts, tokens]).astype("<i8")
        digests = [hmac.digest(secret, start + row.tobytes(), "sha256")[:4] for row in rows]
        return np.frombuffer(b"".join(digests), dtype="<u4").astype(np.uint64)


def _filled(n: int, *words: int) -> _Words:
    return tuple(np.full(n, word, dtype=np.uint64) for word in words)


def _rounds(counter: _Words, key: _Words) -> _Words:
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        one, other = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (other >> _HALF) ^ c1 ^ k0,
            other & _MASK,
            (one >> _HALF) ^ c3 ^ k1,
            one & _MASK,
        )
        k0, k1 = (k0 + np.uint64(_STEPS[0])) & _MASK, (k1 + np.uint64(_STEPS[1])) & _MASK
    return c0, c1, c2, c3
