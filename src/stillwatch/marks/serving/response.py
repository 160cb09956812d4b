"""One response that is marked, where an engine lets nothing but logits be changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.marks.marker import Marker
from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens


@dataclass
class Response:
    """Chooses the tokens of one response.

    A mark is of the distribution that is drawn from at last. Where an engine goes on to cut off
    the tail of what it is given, what it draws from is not what was marked. So the token is drawn
    here, and nothing that is done to a choice of one changes it.

    seed: of the draws, with the length of the text. Nothing else counts, so that processes that
    share a model choose alike, and whoever is asked twice for a token answers the same.
    """

    marker: Marker
    seed: tuple[int, ...]

    def choose(self, tokens: Tokens, length: int, logits: Logits) -> int | None:
        """The next token, or None where the engine is to draw it, unmarked.

        tokens: the end of the text; length: of all of it; logits: of the final distribution, after
        temperature and all that cuts off, shape (vocabulary,).
        """
        if len(tokens) and int(tokens[-self.marker.scheme.width :].min()) < 0:
            # Engines that run ahead put -1 for what they have not read back yet.
            return None
        tilted = self.marker.logits(tokens, logits, length)
        if tilted is logits:
            return None
        possible = np.flatnonzero(~np.isneginf(tilted))
        if len(possible) > 1:
            # The largest of logits and Gumbel noise is a draw from their softmax.
            noise = np.random.default_rng((*self.seed, length)).gumbel(size=len(possible))
            return int(possible[(tilted[possible] + noise).argmax()])
        return int(possible[0])
