"""A counting language model: three tokens, then two, then one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.model import spans

DISCOUNT = 0.75


@dataclass(frozen=True, slots=True)
class Trigram:
    """Interpolated absolute discounting (Ney, Essen and Kneser 1994; Chen and Goodman 1998,
    section 2.5), with token pairs below triples and single tokens below pairs.

    pairs: probabilities behind one token, dense, shape (vocabulary, vocabulary); keys: the pairs
    of tokens that were seen, as first × vocabulary + second, in order; triples: discounted
    probabilities behind each, a row a pair; left: what each row leaves to `pairs`.
    """

    pairs: npt.NDArray[np.float64]
    keys: Tokens
    triples: sparse.csr_array
    left: npt.NDArray[np.float64]

    @property
    def span(self) -> int:
        """Tokens before the next that it looks at."""
        return 2

    @property
    def vocabulary(self) -> int:
        """How many tokens it knows."""
        return len(self.pairs)

    def logits(self, contexts: Tokens) -> Logits:
        """Natural logarithms of probabilities, shape (n, vocabulary)."""
        wanted = contexts[:, 0] * self.vocabulary + contexts[:, 1]
        rows = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        seen = self.keys[rows] == wanted
        left = np.where(seen, self.left[rows], 1.0)
        made = self.pairs[contexts[:, 1]] * left[:, None]
        made[seen] += self.triples[rows[seen]].toarray()
        return np.asarray(np.log(made))

    @classmethod
    def taught(cls, texts: Sequence[Tokens], vocabulary: int) -> Trigram:
        """A model that has counted texts."""
        contexts, following = spans(texts, 2)
        singles = np.bincount(following, minlength=vocabulary) + 1.0
        counts, left = _discounted(contexts[:, 1], following, vocabulary, vocabulary)
        pairs = counts.toarray() + left[:, None] * (singles / singles.sum())
        keys, rows = np.unique(contexts[:, 0] * vocabulary + contexts[:, 1], return_inverse=True)
        triples, rest = _discounted(rows, following, len(keys), vocabulary)
        return cls(pairs, keys, triples, rest)


def _discounted(
    rows: Tokens, columns: Tokens, height: int, width: int
) -> tuple[sparse.csr_array, npt.NDArray[np.float64]]:
    """Discounted probabilities, a row each, and what each row leaves (1 where nothing was seen)."""
    counts = sparse.csr_array(
        (np.ones(len(rows)), (rows, columns)), shape=(height, width), dtype=np.float64
    )
    counts.sum_duplicates()
    seen = np.asarray(counts.sum(axis=1)).ravel()
    kinds = np.diff(counts.indptr)
    left = np.where(seen > 0, DISCOUNT * kinds / np.maximum(seen, 1), 1.0)
    counts.data = (counts.data - DISCOUNT) / np.repeat(seen, kinds)
    return counts, left
