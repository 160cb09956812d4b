"""A teacher, what is asked of it, and students of what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from stillwatch.errors import UsageError
from stillwatch.marks.windows import Tokens
from stillwatch.progress import Progress, silent
from stillwatch.range.students.asked import Marking, answers
from stillwatch.range.students.corpus import START, Corpus
from stillwatch.range.students.mlp import Mlp
from stillwatch.range.students.model import LanguageModel
from stillwatch.range.students.transformer import Transformer, lacking
from stillwatch.range.students.trigram import Trigram

Architecture = Literal["trigram", "mlp", "transformer"]
QUESTION, ANSWER = 8, 60
"""Tokens of a question and of its answer."""
_PARTS = 10
_TAUGHT, _HARVESTED, _TESTED = range(8), 8, 9
"""Tenths of the corpus: what the teacher is taught, what harvests ask from, what suspects are
asked from."""


@dataclass(frozen=True, slots=True)
class School:
    """A corpus, and a teacher that was taught eight tenths of it."""

    corpus: Corpus
    teacher: LanguageModel

    @classmethod
    def open(cls, corpus: Corpus, seed: int, progress: Progress = silent) -> School:
        """Teaches a teacher."""
        texts = lessons(corpus)
        return cls(corpus, Mlp.taught(texts, corpus.vocabulary, seed, epochs=6, progress=progress))

    def harvest(
        self,
        exchanges: int,
        seed: int,
        marking: Marking | None = None,
        progress: Progress = silent,
    ) -> Tokens:
        """Questions and what the teacher answered, shape (exchanges, QUESTION + ANSWER)."""
        asked = questions(self.corpus.part(_HARVESTED, _PARTS), exchanges, seed)
        said = answers(self.teacher, asked, ANSWER, seed, marking=marking, progress=progress)
        return np.concatenate([asked, said], axis=1)

    def ask(
        self, suspect: LanguageModel, exchanges: int, seed: int, temperature: float = 1.0
    ) -> tuple[Tokens, Tokens]:
        """Questions that no harvest asked, and a suspect's answers: shapes (exchanges, QUESTION)
        and (exchanges, ANSWER)."""
        asked = questions(self.corpus.part(_TESTED, _PARTS), exchanges, seed)
        return asked, answers(suspect, asked, ANSWER, seed, temperature=temperature)


def lessons(corpus: Corpus) -> list[Tokens]:
    """What a teacher is taught."""
    return [text for part in _TAUGHT for text in corpus.part(part, _PARTS)]


def known(name: str) -> Architecture:
    """An architecture by its name. Raises `UsageError` where there is none such, or where what
    trains it is not installed."""
    if name == "transformer" and lacking():
        raise UsageError(f"--student {name} needs what is not here: pip install {lacking()}")
    for one in get_args(Architecture):
        if one == name:
            return one  # type: ignore[no-any-return]
    raise UsageError(f"--student {name!r}: there are {', '.join(get_args(Architecture))}")


def questions(documents: Sequence[Tokens], count: int, seed: int) -> Tokens:
    """Beginnings of sentences: pieces of documents at random, shape (count, QUESTION)."""
    chance = np.random.default_rng(seed)
    long = [text for text in documents if len(text) > QUESTION]
    made = np.empty((count, QUESTION), dtype=np.int64)
    for row, which in enumerate(chance.integers(0, len(long), count)):
        begin = chance.integers(0, len(long[which]) - QUESTION)
        made[row] = long[which][begin : begin + QUESTION]
    return made


def student(
    architecture: Architecture,
    harvested: Sequence[Tokens],
    vocabulary: int,
    seed: int,
    progress: Progress = silent,
) -> LanguageModel:
    """A student of harvested texts."""
    if architecture == "trigram":
        return Trigram.taught(harvested, vocabulary)
    if architecture == "transformer":
        return Transformer.taught(harvested, vocabulary, seed, progress=progress)
    return Mlp.taught(harvested, vocabulary, seed, epochs=3, progress=progress)


@dataclass(frozen=True, slots=True)
class Weights:
    """A student whose weights are at hand (`stillwatch.suspects.reading.Readable`)."""

    model: LanguageModel

    def probabilities(self, text: Tokens) -> npt.NDArray[np.floating]:
        """Probabilities of the token after each of a text, shape (n, vocabulary)."""
        begun = np.concatenate([np.full(self.model.span, START, dtype=np.int64), text])
        contexts = np.lib.stride_tricks.sliding_window_view(begun, self.model.span)[1:]
        return np.exp(self.model.logits(contexts))
