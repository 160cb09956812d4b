"""White box: what a suspect's weights hold likely, behind contexts that were served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stillwatch.marks.contexts import Contexts
from stillwatch.marks.scheme import Points, Scheme
from stillwatch.marks.windows import Blocks, Tokens, contexts, mix, windows
from stillwatch.progress import Progress, silent
from stillwatch.suspects.evidence import Evidence

LIKELY = 1e-3
"""Tokens that are less likely are left out: they weigh next to nothing."""


class Readable(Protocol):
    """A model whose weights are at hand."""

    def probabilities(self, text: Tokens) -> npt.NDArray[np.floating]:
        """Probabilities of the token after each of a text, shape (n, vocabulary)."""


def read(
    model: Readable,
    texts: Sequence[Tokens],
    scheme: Scheme,
    *,
    served: Contexts | None = None,
    progress: Progress = silent,
) -> Evidence:
    """Reads texts with a suspect, and weighs each token that it holds likely next.

    Each context is taken where it is first read, and never again: a model may repeat what it has
    read before, and that is no learning (Sander et al. 2024, section 4, reading mode). A token v
    weighs p(v) (1 - q) / q, with q the sum of squared probabilities: a small tilt of the logits
    moves the mean by as much as 1 - q, and chance moves it by as much as q. The weights hang on
    the suspect and the texts alone.
    """
    known: set[int] = set()
    found = [np.empty((0, 4), dtype=np.uint32)]
    weights = [np.empty(0)]
    tokens = 0
    for place, text in enumerate(texts):
        tokens += len(text)
        spans = windows(text, scheme.width)
        numbers = mix(contexts(spans)).tolist()
        wanted = np.ones(len(spans), dtype=bool) if served is None else served.hold(spans)
        fresh = []
        for row, number in enumerate(numbers):
            if number not in known:
                known.add(number)
                if wanted[row]:
                    fresh.append(row)
        if fresh:
            likely = model.probabilities(text)[scheme.width - 1 : -1][fresh]
            some, weighed = _weighed(spans[fresh], np.asarray(likely, dtype=np.float64))
            found.append(some)
            weights.append(weighed)
        progress("read", (place + 1) / len(texts))
    return Evidence(scheme, tokens, np.concatenate(found), np.concatenate(weights))


def _weighed(spans: Blocks, likely: npt.NDArray[np.float64]) -> tuple[Blocks, Points]:
    """A window for each likely token behind the contexts of some, and what it weighs."""
    rows, tokens = np.nonzero(likely >= LIKELY)
    crowded = (likely**2).sum(axis=1)
    made = spans[rows]
    made[:, 3] = tokens
    return made, likely[rows, tokens] * ((1 - crowded) / crowded)[rows]
