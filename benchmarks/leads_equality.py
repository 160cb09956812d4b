"""Model Equality Testing on simulated models: 25 prompts, 10 answers to each from either side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leads_models import Hand, Trigrams, hand, knowledge, said
from stillwatch.suspects.equality.hamming import kernel
from stillwatch.suspects.equality.mmd import p_value

PROMPTS, SAMPLES, LENGTH = 25, 10, 60
PERMUTATIONS = 999
ALPHA = 0.05
Answers = list[list[str]]


class Asked:
    """Answers of simulated models, each to all prompts."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.chance = chance
        known = knowledge()
        self.topics = [Trigrams([words]) for words in list(known.values())[:PROMPTS]]
        self.rest = Trigrams(list(known.values()))

    def answers(self, by: Hand, drift: float = 0.2, length: int = LENGTH) -> Answers:
        """drift: how often a word comes from another topic."""
        return [
            [self._one(topic, by, drift, length) for _ in range(SAMPLES)] for topic in self.topics
        ]

    def _one(self, topic: Trigrams, by: Hand, drift: float, length: int) -> str:
        words = said([(topic, 1 - drift), (self.rest, drift)], length, self.chance)
        return " ".join(by.write(words, self.chance))

    def mixed(self, by: Hand, share: float) -> Answers:
        """A share of requests is answered by another model."""
        pairs = zip(self.answers(by), self.answers(hand(self.chance)), strict=True)
        return [
            [b if self.chance.random() < share else a for a, b in zip(own, other, strict=True)]
            for own, other in pairs
        ]


def equality_arms(seed: int, quick: bool) -> dict[str, tuple[int, int]]:
    asked = Asked(np.random.default_rng([seed, 1]))
    chance = asked.chance
    arms: dict[str, tuple[int, Callable[[Hand], Answers]]] = {
        "false alarms: the same model": (600, asked.answers),
        "noticed: another model": (100, lambda _: asked.answers(hand(chance))),
        "noticed: a sibling, half alike": (100, lambda h: asked.answers(h.sibling(chance, 0.5))),
        "noticed: a sibling, 70 % alike": (100, lambda h: asked.answers(h.sibling(chance, 0.7))),
        "noticed: a sibling, 90 % alike": (100, lambda h: asked.answers(h.sibling(chance, 0.9))),
        "noticed: half of requests go to another model": (100, lambda h: asked.mixed(h, 0.5)),
        "noticed: a fifth of requests go to another model": (100, lambda h: asked.mixed(h, 0.2)),
        "noticed: answers a sixth shorter": (100, lambda h: asked.answers(h, length=50)),
        "noticed: strays twice as often": (100, lambda h: asked.answers(h, drift=0.4)),
    }
    found = {}
    for name, (trials, theirs) in arms.items():
        count = trials // 10 if quick else trials
        hits = 0
        for _ in range(count):
            ours = hand(chance)
            pairs = zip(asked.answers(ours), theirs(ours), strict=True)
            kernels = [kernel([*a, *b]) for a, b in pairs]
            hits += p_value(kernels, [SAMPLES] * PROMPTS, PERMUTATIONS, chance) <= ALPHA
        found[name] = (hits, count)
    return found
