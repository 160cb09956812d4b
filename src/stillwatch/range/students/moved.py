"""How much of a teacher has moved to a student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.model import LanguageModel, surprise
from stillwatch.range.students.school import ANSWER, School

STEPS = (1 / 64, 1 / 16, 1 / 4, 1.0)
"""Shares of a harvest that students are made of, to see what each is worth."""
_ASKED = 500


class Quality(BaseModel):
    """How much of the teacher a student of some exchanges has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exchanges: int
    tokens: int
    surprise: float = Field(description="Bits a token of the teacher's answers, unread before.")
    moved: float = Field(
        description="Of the way from knowing only how frequent tokens are, 0, to the teacher, 1."
    )


@dataclass(frozen=True, slots=True)
class _Frequencies:
    """A model that knows how frequent tokens are, and nothing else."""

    logs: Logits
    span: int = 1

    @property
    def vocabulary(self) -> int:
        return len(self.logs)

    def logits(self, contexts: Tokens) -> Logits:
        return np.broadcast_to(self.logs, (len(contexts), len(self.logs)))


@dataclass(frozen=True, slots=True)
class Exam:
    """Answers of a teacher that no student has read.

    best, worst: bits a token of them to the teacher itself, and to who knows only how frequent
    tokens are in a harvest.
    """

    texts: Sequence[Tokens]
    best: float
    worst: float

    @classmethod
    def of(cls, school: School, harvest: Tokens, seed: int) -> Exam:
        """An exam of who learns from a harvest."""
        texts = list(school.harvest(_ASKED, seed))
        counts = np.bincount(harvest.ravel(), minlength=school.corpus.vocabulary) + 1.0
        frequent = _Frequencies(np.log(counts / counts.sum()))
        return cls(texts, surprise(school.teacher, texts), surprise(frequent, texts))

    def passed(self, student: LanguageModel, exchanges: int) -> Quality:
        """How a student of some exchanges does."""
        bits = surprise(student, self.texts)
        return Quality(
            exchanges=exchanges,
            tokens=exchanges * ANSWER,
            surprise=bits,
            moved=(self.worst - bits) / (self.worst - self.best),
        )
