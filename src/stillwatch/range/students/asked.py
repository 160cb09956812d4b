"""Answers of a model to many questions at once, each marked as its account is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stillwatch.marks.scheme import Logits, Scheme
from stillwatch.marks.windows import Tokens
from stillwatch.progress import Progress, silent
from stillwatch.range.students.corpus import START
from stillwatch.range.students.model import LanguageModel

ABREAST = 1024
"""Answers that are written at the same time."""


@dataclass(frozen=True, slots=True)
class Marking:
    """How answers are marked. keys: of each question, or None for one that is left unmarked."""

    scheme: Scheme
    keys: Sequence[bytes | None] = field(repr=False)


def answers(
    model: LanguageModel,
    questions: Tokens,
    length: int,
    seed: int,
    *,
    marking: Marking | None = None,
    temperature: float = 1.0,
    progress: Progress = silent,
) -> Tokens:
    """Samples of what a model says after each question; shape (n, length).

    questions: shape (n, words), none shorter than the scheme is wide.
    """
    chance = np.random.default_rng(seed)
    made = [np.empty((0, length), dtype=np.int64)]
    for begin in range(0, len(questions), ABREAST):
        some = questions[begin : begin + ABREAST]
        keys = marking.keys[begin : begin + ABREAST] if marking else ()
        tilted = _Tilted(marking.scheme, keys, length) if marking else None
        made.append(_abreast(model, some, length, chance, tilted, temperature))
        progress("answer", min(1.0, (begin + ABREAST) / len(questions)))
    return np.concatenate(made)


def _abreast(
    model: LanguageModel,
    questions: Tokens,
    length: int,
    chance: np.random.Generator,
    tilted: _Tilted | None,
    temperature: float,
) -> Tokens:
    n, words = questions.shape
    texts = np.full((n, model.span + words + length), START, dtype=np.int64)
    texts[:, model.span : model.span + words] = questions
    for place in range(model.span + words, texts.shape[1]):
        logits = model.logits(texts[:, place - model.span : place]) / temperature
        if tilted is not None:
            logits = tilted.step(texts[:, place - tilted.scheme.width : place], logits)
        texts[:, place] = _drawn(logits, chance)
    return texts[:, model.span + words :]


def _drawn(logits: Logits, chance: np.random.Generator) -> Tokens:
    p = np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1)
    thrown = chance.random(len(p)) * p[:, -1]
    return np.asarray((p <= thrown[:, None]).sum(axis=1))


class _Tilted:
    """As `stillwatch.marks.Marker`, for answers that are written abreast."""

    def __init__(self, scheme: Scheme, keys: Sequence[bytes | None], length: int) -> None:
        self.scheme = scheme
        self._rows: Mapping[bytes, npt.NDArray[np.int64]] = {
            key: np.array([row for row, one in enumerate(keys) if one == key])
            for key in set(keys)
            if key is not None
        }
        self._seen = np.full((len(keys), length, scheme.width), -1, dtype=np.int64)
        self._step = 0

    def step(self, contexts: Tokens, logits: Logits) -> Logits:
        fresh = np.ones(len(contexts), dtype=bool)
        if self.scheme.masks:
            before = self._seen[:, : self._step]
            fresh = ~(before == contexts[:, None, :]).all(axis=2).any(axis=1)
            self._seen[:, self._step] = contexts
        self._step += 1
        made = logits.copy()
        for key, rows in self._rows.items():
            some = rows[fresh[rows]]
            if len(some):
                made[some] = self.scheme.tilt(key, contexts[some], logits[some])
        return made
