"""A small teacher with marks, and students that count what it said."""

from __future__ import annotations

import numpy as np

from stillwatch.marks import Scheme
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.asked import Marking, answers
from stillwatch.range.students.trigram import Trigram

WORDS = 200
QUESTION, ANSWER = 4, 60


class Teacher:
    """Logits drawn at random, by the last token."""

    span, vocabulary = 1, WORDS

    def __init__(self) -> None:
        table = np.random.default_rng(7).normal(0, 1.5, (WORDS, WORDS))
        self._table = table - np.log(np.exp(table).sum(axis=1, keepdims=True))

    def logits(self, contexts: Tokens) -> np.ndarray:
        return self._table[contexts[:, 0]]


def questions(count: int, seed: int) -> Tokens:
    return np.random.default_rng(seed).integers(2, WORDS, (count, QUESTION))


def harvest(count: int, seed: int, scheme: Scheme | None = None, *keys: bytes) -> list[Tokens]:
    """Exchanges with the teacher, marked with each of some keys in turn."""
    asked = questions(count, seed)
    marking = None
    if scheme is not None:
        marking = Marking(scheme, [keys[row % len(keys)] for row in range(count)])
    said = answers(Teacher(), asked, ANSWER, seed, marking=marking)
    return list(np.concatenate([asked, said], axis=1))


def student(*harvests: list[Tokens]) -> Trigram:
    return Trigram.taught([text for one in harvests for text in one], WORDS)


def said_by(suspect: Trigram, count: int = 600, seed: int = 99) -> list[Tokens]:
    return list(answers(suspect, questions(count, seed), ANSWER, seed))
