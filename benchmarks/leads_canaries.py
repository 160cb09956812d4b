"""Canaries: accounts that are named, over registers and suspects that are drawn at random.

A register has 40 canaries, served to 20 accounts. A suspect answers each question five times. What
an innocent one says is words of the lists, as one would that learned other canaries; a guilty one
knows the answers of one account, and says them in a share of cases.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from stillwatch.suspects.canaries import Register, look
from stillwatch.suspects.canaries.canary import make, serve
from stillwatch.suspects.canaries.words import LISTS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNTS, EACH, SAMPLES = 20, 2, 5
LOOSE, ALPHA = 0.05, 1e-3


def canary_arms(seed: int, quick: bool) -> dict[str, tuple[int, int]]:
    chance = np.random.default_rng([seed, 3])
    trials = 40 if quick else 400
    found = {"false: anybody, at 0.05": (_innocent(chance, 5 * trials), 5 * trials)}
    for recall in (0.1, 0.2, 0.4, 0.8):
        named = [_named(chance, recall, ALPHA) for _ in range(trials)]
        right = sum("a0" in names for names in named)
        wrong = sum(bool(set(names) - {"a0"}) for names in named)
        found[f"found: the account, recalled in {recall:.0%}, at 0.001"] = (right, trials)
        found[f"false: another account, recalled in {recall:.0%}"] = (wrong, trials)
    return found


def _innocent(chance: np.random.Generator, trials: int) -> int:
    return sum(bool(_named(chance, 0.0, LOOSE)) for _ in range(trials))


def _named(chance: np.random.Generator, recall: float, alpha: float) -> list[str]:
    canaries = [make(NOW) for _ in range(ACCOUNTS * EACH)]
    served = tuple(serve(c, f"a{n // EACH}", NOW) for n, c in enumerate(canaries))
    answers = {}
    for number, canary in enumerate(canaries):
        known = number < EACH
        answers[canary.question] = [
            canary.answer if known and chance.random() < recall else _babble(chance)
            for _ in range(SAMPLES)
        ]
    return look(Register({c.id: c for c in canaries}, served), answers).named(alpha)


def _babble(chance: np.random.Generator) -> str:
    # Some words far more often than others, as a model has favourites.
    return " ".join(words[int(len(words) * chance.random() ** 3)] for words in LISTS)
