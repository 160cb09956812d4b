"""Attribution by style on simulated teachers and students.

200 teachers in families of four, whose hands are alike in part. A student is a trigram model with a
hand of its own that learned from a teacher's answers on some topics, and is asked about others; a
share of how it speaks comes from the teacher. It is compared with one teacher and 99 others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leads_models import Hand, Trigrams, Words, elsewhere, hand, knowledge, said
from stillwatch.suspects.style.attribution import ranks
from stillwatch.suspects.style.delta import likeness
from stillwatch.suspects.style.profile import Profile, profile

TEACHERS, FAMILY, NEAR = 200, 4, 0.3
BACKGROUND = 99
LENGTH, SAMPLES, LESSONS = 120, 3, 4
VOICE = 0.7
"""How often a student's next word comes from how it learned to speak, and not from what it knows
of the topic."""
Answers = dict[str, list[str]]
ALPHA = 0.01
STUDENTS = {1.0: 130, 0.5: 130, 0.25: 130, 0.0: 130}
"""Share of the voice that is the teacher's, to the number of students."""


@dataclass(frozen=True)
class School:
    """Teachers and what they answered. learned: topics that students learn on; asked: others."""

    chance: np.random.Generator
    field: Mapping[str, Trigrams]
    families: list[int]
    hands: list[Hand]
    learned: list[str]
    asked: list[str]
    answered: list[Answers]

    def student(self, teacher: int, share: float) -> Answers:
        """What a student answers."""
        own, known, chance = hand(self.chance), knowledge(150), self.chance
        before = {topic: own.write(known[topic], chance) for topic in known}
        lessons = spoken(self.hands[teacher], self.field, self.learned, LESSONS, chance)
        voice = [
            (Trigrams([text for given in lessons.values() for text in given]), VOICE * share),
            (Trigrams(list(before.values())), VOICE * (1 - share)),
        ]
        found = {}
        for topic in self.asked:
            models = [*voice, (Trigrams([before[topic]]), 1 - VOICE)]
            found[topic] = [" ".join(said(models, LENGTH, chance)) for _ in range(SAMPLES)]
        return found

    def others(self, without: tuple[int, ...], count: int) -> list[int]:
        """Teachers drawn at random."""
        left = [t for t in range(len(self.hands)) if t not in without]
        return [int(t) for t in self.chance.choice(left, count, replace=False)]

    def sibling(self, teacher: int) -> int | None:
        """Another of the same family, if there is one."""
        for other, family in enumerate(self.families):
            if family == self.families[teacher] and other != teacher:
                return other
        return None


def modelled(known: Mapping[str, Words]) -> dict[str, Trigrams]:
    """A model of each topic, and by the empty name one of the whole field."""
    return {"": Trigrams(list(known.values())), **{t: Trigrams([w]) for t, w in known.items()}}


def spoken(
    by: Hand,
    field: Mapping[str, Trigrams],
    topics: list[str],
    count: int,
    chance: np.random.Generator,
) -> dict[str, list[Words]]:
    """What a teacher says about some topics of a field."""
    found = {}
    for topic in topics:
        models = [(field[topic], 0.8), (field[""], 0.2)]
        found[topic] = [by.write(said(models, LENGTH, chance), chance) for _ in range(count)]
    return found


def school(chance: np.random.Generator) -> School:
    roots = [hand(chance) for _ in range(TEACHERS // FAMILY)]
    families = [int(f) for f in chance.integers(0, len(roots), TEACHERS)]
    hands = [roots[family].sibling(chance, NEAR) for family in families]
    topics = list(knowledge(150))
    field = modelled(knowledge(150))
    asked = topics[1::2]
    answered = [_joined(spoken(by, field, asked, SAMPLES, chance)) for by in hands]
    return School(chance, field, families, hands, topics[::2], asked, answered)


def style_arms(seed: int, quick: bool) -> dict[str, tuple[int, int]]:
    told = school(np.random.default_rng([seed, 2]))
    known = [profile(given, told.asked) for given in told.answered]
    topics = list(elsewhere())
    field = modelled(elsewhere())
    other_field = [
        profile(_joined(spoken(by, field, topics, SAMPLES, told.chance)), topics)
        for by in told.hands
    ]
    counts: dict[str, list[int]] = {}

    def count(arm: str, hit: bool) -> None:
        both = counts.setdefault(arm, [0, 0])
        both[0] += hit
        both[1] += 1

    for share, students in STUDENTS.items():
        for number in range(students // 10 if quick else students):
            teacher = number % TEACHERS
            suspect = profile(told.student(teacher, share), told.asked)
            innocent, *rest = told.others((teacher,), BACKGROUND + 1)
            around = [known[t] for t in rest]
            accused = named(suspect, known[innocent], around)
            count(f"false: an innocent, a student at {share:.0%}", accused)
            count("false: an innocent, all students", accused)
            if not share:
                continue
            found = named(suspect, known[teacher], around)
            count(f"found: the teacher of a student at {share:.0%}", found)
            relation = told.sibling(teacher)
            if relation is not None:
                others = [t for t in (innocent, *rest) if t != relation][:BACKGROUND]
                accused = named(suspect, known[relation], [known[t] for t in others])
                count(f"false: its sibling, the teacher unseen, at {share:.0%}", accused)
            if share == 1.0:
                accused = named(suspect, known[innocent], [other_field[t] for t in rest])
                count("false: an innocent, if only it is asked in the suspect's field", accused)
    return {arm: (hits, of) for arm, (hits, of) in counts.items()}


def named(suspect: Profile, teacher: Profile, others: Sequence[Profile]) -> bool:
    """Whether `attribute` would name the teacher."""
    found = ranks(likeness([teacher, *others, suspect]), 0)
    return (1 + max(found)) / (1 + len(others)) <= ALPHA


def _joined(texts: dict[str, list[Words]]) -> Answers:
    return {topic: [" ".join(words) for words in given] for topic, given in texts.items()}
