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
    _seen: set[bytes] = field(default_factory=set, repr=False)

    def logits(self, tokens: Tokens, logits: Logits) -> Logits:
        """Logits, shape (vocabulary,), to sample the next token of a text from; shape (n,)."""
        width = self.scheme.width
        context = np.asarray(tokens[-width:], dtype=np.int64)
        if len(context) < width:
            return logits
        if self.scheme.masks:
            mark = context.tobytes()
            if mark in self._seen:
                return logits
            self._seen.add(mark)
        tilted: Logits = self.scheme.tilt(self.key, context[None, :], logits[None, :])[0]
        return tilted
