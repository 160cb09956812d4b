"""N-grams of texts, each once, of any length."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stillwatch.marks.windows import Tokens


def distinct_grams(texts: Iterable[Tokens], length: int) -> Tokens:
    """The distinct n-grams of texts; shape (n, length)."""
    grams = [
        np.lib.stride_tricks.sliding_window_view(np.asarray(text, dtype=np.int64), length)
        for text in texts
        if len(text) >= length
    ]
    return np.unique(np.concatenate(grams), axis=0) if grams else np.empty((0, length), np.int64)
