"""Contexts that were served: what a student that read them can have learned from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.marks.windows import Blocks, Tokens, contexts, mix, windows


@dataclass(frozen=True, slots=True)
class Contexts:
    """A set of contexts, each as one number; sorted. Which numbers are there hangs on no key."""

    numbers: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, texts: Iterable[Tokens], width: int) -> Contexts:
        """All contexts of `width` tokens that a token follows in some texts."""
        whole = np.empty(0, dtype=np.uint64)
        fresh: list[npt.NDArray[np.uint64]] = []
        waiting = 0
        for text in texts:
            fresh.append(mix(contexts(windows(np.asarray(text, dtype=np.int64), width))))
            waiting += len(fresh[-1])
            if waiting >= max(1 << 20, len(whole)):
                whole, fresh, waiting = np.unique(np.concatenate([whole, *fresh])), [], 0
        return cls(np.unique(np.concatenate([whole, *fresh])))

    def hold(self, found: Blocks) -> npt.NDArray[np.bool_]:
        """Which windows stand behind a context of these; shape (n,)."""
        if not len(self.numbers):
            return np.zeros(len(found), dtype=bool)
        wanted = mix(contexts(found))
        places = np.minimum(np.searchsorted(self.numbers, wanted), len(self.numbers) - 1)
        return np.asarray(self.numbers[places] == wanted)
