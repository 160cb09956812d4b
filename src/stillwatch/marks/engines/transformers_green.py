"""Green lists as `transformers` writes them (`WatermarkLogitsProcessor`; KGW, arXiv 2306.04634)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from stillwatch.marks.engines.grams import distinct_grams
from stillwatch.marks.engines.torch_random import randperm
from stillwatch.marks.scheme import Score, count
from stillwatch.marks.windows import Tokens

_TABLE = 1_000_003


@dataclass(frozen=True)
class TransformersGreen:
    """The settings of `WatermarkingConfig`. hashing_key: secret."""

    vocab_size: int
    hashing_key: int = field(default=15485863, repr=False)
    greenlist_ratio: float = 0.25
    seeding_scheme: Literal["lefthash", "selfhash"] = "lefthash"
    context_width: int = 1

    @cached_property
    def _table(self) -> npt.NDArray[np.int64]:
        return randperm(self.hashing_key, _TABLE)

    @property
    def _own(self) -> int:
        """1 where the token that is chosen is part of what seeds its list."""
        return int(self.seeding_scheme == "selfhash")

    def greenlist(self, prefix: Tokens) -> npt.NDArray[np.int64]:
        """The tokens that are green behind a prefix; with `selfhash` its last is the candidate."""
        near = np.asarray(prefix, dtype=np.int64)[-self.context_width :]
        if self._own:
            hashed = self._table[near % _TABLE] + 1
            # In 64 bits that wrap around, as torch multiplies.
            with np.errstate(over="ignore"):
                seed = int((np.int64(self.hashing_key) * hashed * hashed[-1]).min())
        else:
            seed = self.hashing_key * int(near[-1])
        return randperm(
            seed % (2**64 - 1), self.vocab_size, int(self.vocab_size * self.greenlist_ratio)
        )

    def score(self, texts: Iterable[Tokens]) -> Score:
        """How many distinct windows end in a green token, and the binomial without a mark."""
        length = self.context_width + 1 - self._own
        seen = [tuple(gram) for gram in distinct_grams(texts, length).tolist()]
        lists: dict[tuple[int, ...], frozenset[int]] = {}
        hits = 0
        for window in seen:
            prefix = window if self._own else window[:-1]
            if prefix not in lists:
                lists[prefix] = frozenset(self.greenlist(np.array(prefix)).tolist())
            hits += window[-1] in lists[prefix]
        share = int(self.vocab_size * self.greenlist_ratio) / self.vocab_size
        return count(len(seen), len(seen), hits, share)
