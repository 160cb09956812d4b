"""Names the teacher whose hand a suspect writes, or says that it is none of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from stillwatch.errors import InputError
from stillwatch.marks.detection import holm
from stillwatch.suspects.completions import Completions, common
from stillwatch.suspects.style.delta import Likeness, likeness
from stillwatch.suspects.style.profile import profile

FEWEST_PROMPTS = 10
"""Prompts that all sources were asked."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """How near a teacher is. A lead, whatever it says.

    likeness: from -1 to 1, which means nothing by itself; nearer_suspect: how many other sources
    are as near to the suspect as the teacher is; nearer_teacher: how many are as near to the
    teacher as the suspect is; p: the larger of the two ranks as a share; corrected: for the number
    of teachers that were named (Holm).
    """

    likeness: float
    nearer_suspect: int
    nearer_teacher: int
    p: float
    corrected: float


@dataclass(frozen=True, slots=True)
class Attributed:
    """What came of an attribution. prompts: those that all were asked; left_out: those that only
    some were; others: sources that each teacher was compared with; teachers: by name."""

    prompts: int
    left_out: int
    others: int
    teachers: Mapping[str, Attribution]
    alpha: float

    @property
    def named(self) -> list[str]:
        """Teachers that are named at a family-wise error rate: none, as a rule one."""
        # A hair more: 0.01 is not always 0.01 after a logarithm.
        most = self.alpha * (1 + 1e-9)
        return [name for name, found in self.teachers.items() if found.corrected <= most]

    @property
    def smallest(self) -> float:
        """The smallest corrected p-value that so many sources can give."""
        return len(self.teachers) / (self.others + 1)

    @property
    def sources_needed(self) -> int:
        """How many sources there must be beside the teachers, so that one can be named at all."""
        many = len(self.teachers)
        # A hair less, so that 1 / 0.01 is a hundred.
        return max(0, ceil(many / self.alpha - 1e-9) - many)


def attribute(
    suspect: Completions,
    teachers: Mapping[str, Completions],
    background: Mapping[str, Completions],
    alpha: float = 0.01,
) -> Attributed:
    """Tests for each teacher whether the suspect writes its hand.

    Only prompts that every source was asked are compared: on different prompts, what differs is
    the topic. A teacher is compared with the background and with the other teachers, twice: is it
    nearer to the suspect than all of them, and is the suspect nearer to it than all of them? The
    first holds by exchangeability if the teacher is, to a suspect that never saw its answers, a
    source like the others; the second if the suspect is, to the teacher. The larger p-value holds
    if either is so (an intersection-union test, Berger 1982). With k others none is below
    1 / (k + 1) (conformal p-values, Vovk et al. 2005, section 2.2).

    Raises `InputError` where sources have too few prompts in common.
    """
    sources = {**teachers, **background}
    everybody = [*sources.values(), suspect]
    prompts = common(everybody)
    if len(prompts) < FEWEST_PROMPTS:
        fewest = min(sources, key=lambda name: len(common([sources[name], suspect])))
        raise InputError(
            f"{len(prompts)} prompts were asked of all sources, and at least {FEWEST_PROMPTS} are "
            f"needed: on different prompts it is the topic that differs. {fewest} has "
            f"{len(common([sources[fewest], suspect]))} in common with the suspect"
        )
    alike = likeness([profile(one, prompts) for one in everybody])
    found = [ranks(alike, place) for place in range(len(teachers))]
    p = [(1 + max(one)) / len(sources) for one in found]
    corrected = holm({name: log(one) for name, one in zip(teachers, p, strict=True)})
    return Attributed(
        len(prompts),
        len(set().union(*everybody)) - len(prompts),
        len(sources) - 1,
        {
            name: Attribution(float(alike[place, -1]), *found[place], p[place], corrected[name])
            for place, name in enumerate(teachers)
        },
        alpha,
    )


def ranks(alike: Likeness, teacher: int) -> tuple[int, int]:
    """How many others are as near to the suspect, the last, as a teacher is, and the reverse."""
    seen = alike[teacher, -1]
    others = np.delete(np.arange(len(alike) - 1), teacher)
    return int((alike[others, -1] >= seen).sum()), int((alike[teacher, others] >= seen).sum())
