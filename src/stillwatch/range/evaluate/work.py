"""Does one job: makes its scenario, scans it, measures what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from stillwatch.campaigns.posterior import Judged
from stillwatch.config import Settings
from stillwatch.range.early import early
from stillwatch.range.evaluate.judging import Judging, judging
from stillwatch.range.evaluate.measure import measured
from stillwatch.range.evaluate.outcome import Outcome, Scanned
from stillwatch.range.evaluate.plan import Arm, Job
from stillwatch.range.evaluate.stripped import without_metadata, without_text
from stillwatch.range.make import Made, make
from stillwatch.range.split import fitting, measuring
from stillwatch.scan import scan
from stillwatch.signals.model import GROUPS
from stillwatch.signals.weights import Weights
from stillwatch.weighing import Evidence

EVERY = timedelta(hours=1)
"""How often the growing traffic is scanned."""

STRIP: dict[Arm, Callable[[Path, Path], Path]] = {
    "no_metadata": without_metadata,
    "no_text": without_text,
}


def outcome(job: Job, home: Path, settings: Settings) -> Outcome:
    """What comes of a job; everything is made in `home`, an empty directory."""
    # An attacker searches in crowds that anybody can draw; nothing that he sees there is told.
    allowed = fitting if job.arm == "searched" else measuring
    made = make(allowed(job.scenario), home / "range")
    watched = job.arm == "alarm"
    return Outcome(
        arm=job.arm,
        name=job.name,
        level=job.level,
        seed=job.scenario.seed,
        scanned=None if watched else _scanned(job, made, home, settings),
        alarms=early(made.traffic, made.truth, EVERY, home / "scan", settings) if watched else (),
    )


def _scanned(job: Job, made: Made, home: Path, settings: Settings) -> Scanned:
    strip = STRIP.get(job.arm)
    traffic = strip(made.traffic, home) if strip else made.traffic
    silenced = GROUPS if job.arm == "rung" else ()
    kept: list[Judging] = []

    def witness(seen: Evidence, left: Evidence, judged: Judged, known: Weights) -> None:
        kept.append(judging(seen, left, judged, known, settings, silenced))

    scan([traffic], home / "scan", settings=settings, witness=witness)
    return measured(home / "scan", made.truth, job.scenario, kept[0])
