"""What a language model of the range is: the next token, from some tokens before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.corpus import START


class LanguageModel(Protocol):
    """A model that looks at the last `span` tokens."""

    @property
    def span(self) -> int:
        """Tokens before the next that it looks at."""

    @property
    def vocabulary(self) -> int:
        """How many tokens it knows."""

    def logits(self, contexts: Tokens) -> Logits:
        """Logits of the next token, shape (n, vocabulary), for contexts of shape (n, span).

        They are normalised: natural logarithms of probabilities.
        """


def spans(texts: Sequence[Tokens], span: int) -> tuple[Tokens, Tokens]:
    """All contexts of texts, shape (n, span), and what followed, shape (n,).

    Before a text begins there is the token `START`.
    """
    begun = np.full(span, START, dtype=np.int64)
    contexts = [
        np.lib.stride_tricks.sliding_window_view(np.concatenate([begun, text]), span)[:-1]
        for text in texts
        if len(text)
    ]
    if not contexts:
        return np.empty((0, span), dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(contexts), np.concatenate([text for text in texts if len(text)])


def surprise(model: LanguageModel, texts: Sequence[Tokens], batch: int = 4096) -> float:
    """Cross-entropy of texts under a model, in bits a token."""
    contexts, following = spans(texts, model.span)
    nats = 0.0
    for begin in range(0, len(following), batch):
        logits = model.logits(contexts[begin : begin + batch])
        chosen = following[begin : begin + batch]
        nats -= float(logits[np.arange(len(chosen)), chosen].sum())
    return nats / len(following) / float(np.log(2))
