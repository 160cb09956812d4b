"""Looks for marks in texts: many keys in one pass, each window once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import float_info

import numpy as np

from stillwatch.marks.contexts import Contexts
from stillwatch.marks.scheme import Scheme, Score, score
from stillwatch.marks.windows import Blocks, Tokens, distinct, windows

ENOUGH = 1 << 22
"""Windows that wait to be told apart, before they are."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The distinct windows of some texts. tokens: how many were read; windows: shape (n, 4)."""

    tokens: int
    windows: Blocks


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for some keys: the score of each, and its p-value corrected for how many
    were tried (Holm 1979: the family-wise error rate holds whatever depends on what)."""

    tokens: int
    windows: int
    scores: Mapping[str, Score]
    corrected: Mapping[str, float]

    def named(self, alpha: float = 1e-3) -> list[str]:
        """The keys whose mark is there, at a family-wise error rate; the surest first."""
        return surest({n: score.log_p for n, score in self.scores.items()}, self.corrected, alpha)


def gather(texts: Iterable[Tokens], width: int, served: Contexts | None = None) -> Gathered:
    """Reads texts of token ids one after the other, and keeps each distinct window, of 16 bytes.

    served: only windows behind these contexts are kept.
    """
    tokens = waiting = 0
    whole = np.empty((0, 4), dtype=np.uint32)
    fresh: list[Blocks] = []
    for text in texts:
        ids = np.asarray(text, dtype=np.int64)
        tokens += len(ids)
        found = windows(ids, width)
        fresh.append(found if served is None else found[served.hold(found)])
        waiting += len(fresh[-1])
        # When as many again have come as there are: each is told apart a few times in all.
        if waiting >= max(ENOUGH, len(whole)):
            whole, fresh, waiting = distinct(np.concatenate([whole, *fresh])), [], 0
    return Gathered(tokens, distinct(np.concatenate([whole, *fresh])))


def detect(texts: Iterable[Tokens], scheme: Scheme, keys: Mapping[str, bytes]) -> Found:
    """Looks for the marks of keys, by name, in texts of token ids: all on the same windows."""
    return found(gather(texts, scheme.width), scheme, keys)


def found(gathered: Gathered, scheme: Scheme, keys: Mapping[str, bytes]) -> Found:
    """What keys, by name, find in windows."""
    scores = {name: score(scheme, key, gathered.windows) for name, key in keys.items()}
    corrected = holm({name: one.log_p for name, one in scores.items()})
    return Found(gathered.tokens, len(gathered.windows), scores, corrected)


def holm(log_p: Mapping[str, float]) -> dict[str, float]:
    """Corrected p-values from natural logarithms of p-values (Holm 1979)."""
    order = sorted(log_p, key=log_p.__getitem__)
    largest = 0.0
    corrected = {}
    for place, name in enumerate(order):
        # A p-value is never 0: what is smaller than a float is said to be the smallest.
        p = max(float(np.exp(log_p[name])), float_info.min)
        largest = max(largest, min(1.0, (len(order) - place) * p))
        corrected[name] = largest
    return corrected


def surest(p: Mapping[str, float], corrected: Mapping[str, float], alpha: float) -> list[str]:
    """The names whose corrected p-values are at most alpha; those with the smallest p, or logarithm
    of it, first."""
    sure = [name for name, one in corrected.items() if one <= alpha]
    return sorted(sure, key=lambda name: (p[name], name))
