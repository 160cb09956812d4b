"""What an evaluation does, as data: a list of jobs, each a scenario and what is done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stillwatch.range.evaluate.scenarios import harvests, innocents, long
from stillwatch.range.evasion import LEVELS
from stillwatch.range.scenario import SCENARIOS, Scenario, load_scenario

Arm = Literal[
    "rung", "innocent", "disclosed", "alarm", "no_metadata", "no_text", "searched", "adapted"
]


class Job(BaseModel):
    """One scenario, and the arm of the evaluation that it belongs to."""

    model_config = ConfigDict(frozen=True)

    arm: Arm
    name: str
    scenario: Scenario
    level: str | None = None

    @property
    def key(self) -> str:
        """Name of its file; it changes with the scenario."""
        content = self.scenario.model_dump_json().encode()
        digest = hashlib.blake2b(content, digest_size=6).hexdigest()
        return "-".join([self.arm, *([self.level] if self.level else []), self.name, digest])


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done. `stripped`: scenarios of each rung without metadata, and without text;
    `tries`: of an attacker who has the code."""

    scenarios: int = 10
    populations: int = 400
    alarms: int = 2
    stripped: int = 2
    tries: int = 40
    small: bool = False


QUICK = Sizes(scenarios=1, populations=2, alarms=1, stripped=1, tries=12, small=True)
"""Small enough to see whether all of it works; its figures say nothing."""


def plan(sizes: Sizes, levels: Sequence[str] = tuple(LEVELS)) -> list[Job]:
    """All jobs, those that take longest first, so that no process is left with one at the end."""
    jobs: list[Job] = []
    for level in levels:
        drawn = harvests(level, sizes.scenarios, small=sizes.small)
        jobs += [
            Job(arm="alarm", name=str(s.seed), scenario=s, level=level)
            for s in long(level, sizes.alarms, small=sizes.small)
        ]
        arms: dict[Arm, int] = {
            "rung": sizes.scenarios,
            "no_metadata": sizes.stripped,
            "no_text": sizes.stripped,
        }
        for arm, count in arms.items():
            jobs += [Job(arm=arm, name=str(s.seed), scenario=s, level=level) for s in drawn[:count]]
    disclosed = ("tiny",) if sizes.small else tuple(SCENARIOS)
    jobs += [Job(arm="disclosed", name=n, scenario=load_scenario(n)) for n in disclosed]
    jobs += [
        Job(arm="innocent", name=str(s.seed), scenario=s)
        for s in innocents(sizes.populations, small=sizes.small)
    ]
    first: dict[Arm, int] = {"alarm": 0, "disclosed": 1}
    return sorted(jobs, key=lambda job: first.get(job.arm, 2))
