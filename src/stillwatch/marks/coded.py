"""A codeword for each account: tens of thousands of marks for the price of a few keys."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stillwatch.marks.keys import Key, expanded
from stillwatch.marks.prf import KEY_BYTES, values
from stillwatch.marks.scheme import Logits, Points, Scheme, Score
from stillwatch.marks.windows import Blocks, Tokens, blocks, contexts

SYMBOLS = 16
"""Keys of a book, and symbols of a codeword: one nibble each."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A scheme in which an account marks with one of a book's keys, another at each position.

    A context has a position in the codeword; the account's symbol there says which key of the
    book is used. Under no mark each window still has one pseudorandom value for an account, so
    that a score of one account is exactly that of the scheme within. What it gains is `tallies`:
    what all accounts find, from one pass over the windows for each symbol. (Codewords with
    independent symbols: Tardos 2003, Optimal Probabilistic Fingerprint Codes, with equal biases;
    here marks add up where accounts collude, as in Fernandez et al. 2023, section 5.)

    within: the scheme that marks; book: secret of the book, of `Key.of` of the deployment;
    positions: length of a codeword.
    """

    within: Scheme
    book: bytes = field(repr=False)
    positions: int = 4096

    @classmethod
    def under(cls, deployment: Key, within: Scheme, positions: int = 4096) -> Coded:
        """The codewords of a deployment's accounts."""
        return cls(within, deployment.of(cls(within, b"", positions)), positions)

    @property
    def name(self) -> str:
        """As the accounts' keys are derived for it."""
        return f"coded/1 positions={self.positions} {self.within.name}"

    @property
    def width(self) -> int:
        """Tokens before the one that is chosen, on which the choice hangs."""
        return self.within.width

    @property
    def masks(self) -> bool:
        """As the scheme within."""
        return self.within.masks

    def tilt(
        self, key: bytes, given: Tokens, logits: Logits, tokens: Tokens | None = None
    ) -> Logits:
        """Logits to sample from in place of some, both of shape (n, candidates)."""
        places = self.places(blocks(given, np.zeros(len(given), dtype=np.int64)))
        symbols = self.codeword(key)[places]
        tilted = np.empty_like(logits)
        for symbol in np.unique(symbols):
            rows = symbols == symbol
            of_symbol = self.key(int(symbol))
            tilted[rows] = self.within.tilt(of_symbol, given[rows], logits[rows], tokens)
        return tilted

    def points(self, key: bytes, distinct: Blocks) -> Points:
        """What each window counts for an account, shape (n,)."""
        symbols = self.codeword(key)[self.places(distinct)]
        made = np.empty(len(distinct))
        for symbol in range(SYMBOLS):
            rows = symbols == symbol
            made[rows] = self.within.points(self.key(symbol), distinct[rows])
        return made

    def total(self, points: Points) -> Score:
        """As of the scheme within."""
        return self.within.total(points)

    def cumulant(self, t: Points) -> Points:
        """As of the scheme within."""
        return self.within.cumulant(t)

    def key(self, symbol: int) -> bytes:
        """The key of a symbol, for the scheme within."""
        return self._derived(f"symbol\0{symbol}")

    def places(self, found: Blocks) -> npt.NDArray[np.int64]:
        """Positions of the contexts of windows, from 0, shape (n,)."""
        drawn = values(self._derived("places"), contexts(found))[:, 0]
        return np.asarray(drawn % np.uint64(self.positions)).astype(np.int64)

    def codeword(self, key: bytes) -> npt.NDArray[np.uint8]:
        """An account's symbols, shape (positions,)."""
        counters = np.zeros((-(-self.positions // 16), 4), dtype=np.uint32)
        counters[:, 0] = np.arange(len(counters))
        drawn = values(key, counters).view(np.uint8)
        return np.asarray(drawn.reshape(-1)[: self.positions] % SYMBOLS)

    def tallies(self, found: Blocks, weights: Points | None = None) -> Points:
        """What each symbol's key finds at each position, shape (positions, SYMBOLS)."""
        places = self.places(found)
        made = np.empty((self.positions, SYMBOLS))
        for symbol in range(SYMBOLS):
            points = self.within.points(self.key(symbol), found)
            points = points if weights is None else points * weights
            made[:, symbol] = np.bincount(places, points, self.positions)
        return made

    def _derived(self, label: str) -> bytes:
        return expanded(self.book, label, KEY_BYTES)
