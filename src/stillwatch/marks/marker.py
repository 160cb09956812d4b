"""Marks one response while it is generated."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stillwatch.marks.scheme import Logits, Scheme
from stillwatch.marks.windows import Tokens


@dataclass
class Marker:
    """The mark of one request: a scheme, the key of its account, and the contexts it has seen.

    Where the scheme draws the token itself, a context that comes again in a response is left
    unmarked (repeated-context masking, Hu et al. 2024): the same choice twice would be seen, and
    would count once all the same.
    """

    scheme: Scheme
    key: bytes = field(repr=False)
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)
    """Where each context was first: engines ask twice for one token, and must hear the same."""

    def logits(self, tokens: Tokens, logits: Logits, length: int | None = None) -> Logits:
        """Logits to sample the next token of a text from, shape (vocabulary,).

        tokens: the whole text so far; or its end, and `length` that of the whole. What is returned
        is `logits` itself where this token is not marked. What cannot be chosen (minus infinity)
        stays so, and costs nothing.
        """
        context = self._context(tokens)
        here = len(tokens) if length is None else length
        if context is None or not self._is_first(context, here):
            return logits
        possible = np.flatnonzero(~np.isneginf(logits))
        if not len(possible):
            return logits
        tilted = np.full(len(logits), -np.inf)
        tilted[possible] = self.scheme.tilt(
            self.key, context[None, :], logits[None, possible], possible
        )[0]
        return tilted

    def resume(self, tokens: Tokens, written: int) -> None:
        """Takes up a response of which the last `written` of some tokens are there already."""
        for length in range(len(tokens) - written, len(tokens)):
            context = self._context(tokens[:length])
            if context is not None:
                self._is_first(context, length)

    def _context(self, tokens: Tokens) -> Tokens | None:
        width = self.scheme.width
        return None if len(tokens) < width else np.asarray(tokens[-width:], dtype=np.int64)

    def _is_first(self, context: Tokens, length: int) -> bool:
        if not self.scheme.masks:
            return True
        return self._seen.setdefault(context.tobytes(), length) == length
