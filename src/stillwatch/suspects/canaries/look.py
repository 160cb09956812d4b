"""Looks for canaries in what a suspect answers to their questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stillwatch.errors import InputError
from stillwatch.marks.detection import holm, surest
from stillwatch.suspects.canaries.canary import Canary
from stillwatch.suspects.canaries.register import Register
from stillwatch.suspects.canaries.words import LISTS
from stillwatch.suspects.completions import Completions

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a suspect said to some questions.

    canaries: how many were asked; words: how many words their answers have; found: how many of
    these the suspect said most often of their list; expected: the mean of that for words drawn by
    chance; p: chance of as many or more.
    """

    canaries: int
    words: int
    found: int
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found. served: by account or cohort; corrected: their p-values for how many
    there are (Holm); never: canaries that were served to nobody, in which there is nothing to find;
    strange: prompts that belong to no canary."""

    served: Mapping[str, Sighting]
    corrected: Mapping[str, float]
    never: Sighting
    strange: int

    def leaked(self, alpha: float) -> bool:
        """Whether the suspect knows canaries that were served to nobody."""
        return self.never.p <= alpha

    def named(self, alpha: float) -> list[str]:
        """Those whose canaries show, at a family-wise error rate; the surest first. Nobody, where
        the register has leaked."""
        if self.leaked(alpha):
            return []
        return surest({to: seen.p for to, seen in self.served.items()}, self.corrected, alpha)


def look(register: Register, answers: Completions) -> Looked:
    """Looks for each canary whose question was asked, in the answers to this question alone.

    Each word of an answer was drawn from a list of equally likely ones, and all others of the list
    are its decoys (the exposure of Carlini et al. 2019, section 4.3, taken at its highest rank). So
    whatever a suspect says that has not seen the answer, the word that was drawn is among the
    words it says most often with a probability of exactly their number over the list's length,
    independently from word to word; the number found is Poisson binomial. Nothing is assumed of
    how the suspect answers.

    Raises `InputError` where no question of the register was asked.
    """
    asked = {_plain(question): given for question, given in answers.items()}
    odds = {
        canary.id: _words(canary, asked[_plain(canary.question)])
        for canary in register.canaries.values()
        if _plain(canary.question) in asked
    }
    if not odds:
        raise InputError("none of the questions of the register was asked, as it is written there")
    groups: dict[str, list[str]] = {}
    never: list[str] = []
    for canary in odds:
        owner = register.owner(canary)
        (never if owner is None else groups.setdefault(owner, [])).append(canary)
    served = {to: _sighting([odds[c] for c in those]) for to, those in groups.items()}
    with np.errstate(divide="ignore"):
        logs = {to: float(np.log(seen.p)) for to, seen in served.items()}
    return Looked(served, holm(logs), _sighting([odds[c] for c in never]), len(asked) - len(odds))


def _words(canary: Canary, given: Sequence[str]) -> list[tuple[bool, float]]:
    """For each word of the answer: whether it was found, and how likely that was by chance."""
    said = Counter(word for text in given for word in set(_WORD.findall(text.lower())))
    found = []
    for word, words in zip(canary.answer.split(), LISTS, strict=True):
        most = max(said[one] for one in words)
        foremost = [one for one in words if most and said[one] == most]
        found.append((word in foremost, len(foremost) / len(words)))
    return found


def _sighting(canaries: Iterable[list[tuple[bool, float]]]) -> Sighting:
    each = list(canaries)
    words = [word for one in each for word in one]
    if not words:
        return Sighting(0, 0, 0, 0.0, 1.0)
    found = sum(hit for hit, _ in words)
    odds = [chance for _, chance in words]
    # The tail summed up, and not one less the rest: it is small, and all of it counts.
    tail = stats.poisson_binom.pmf(np.arange(found, len(odds) + 1), odds).sum()
    return Sighting(len(each), len(words), found, float(sum(odds)), float(min(1.0, tail)))


def _plain(question: str) -> str:
    return " ".join(question.casefold().split())
