"""The evaluation: all scenarios made, scanned and measured, as a document and a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stillwatch.progress import Progress, silent
from stillwatch.range import adapt as attack
from stillwatch.range.evaluate.figures.document import Evaluation
from stillwatch.range.evaluate.figures.summary import summary
from stillwatch.range.evaluate.page import render
from stillwatch.range.evaluate.plan import QUICK, Job, Sizes, plan
from stillwatch.range.evaluate.run import run
from stillwatch.range.evaluate.source import made_by

__all__ = ["QUICK", "Evaluation", "Job", "Sizes", "evaluate", "plan", "render"]

DOCUMENT = "evaluation.json"
PAGE = "evaluation.html"
ADAPTIVE = "adaptive"
"""Where below it the search of an attacker who has the code is kept."""


def evaluate(
    out: str | Path,
    jobs: Sequence[Job],
    *,
    tries: int = 0,
    small: bool = False,
    workers: int = 2,
    progress: Progress = silent,
) -> Evaluation:
    """Does all jobs and writes `evaluation.json` and `evaluation.html` into `out`.

    Each outcome is kept below `out/jobs` as soon as it is there, and those of the attacker's search
    below `out/adaptive`; cut off and called again, it goes on with the rest.

    Parameters
    ----------
    tries
        Times that an attacker who has the code may try (`range.adapt`): level L5. 0: there is none.
    small
        Whether the page says that its figures are of a trial.
    workers
        Processes at a time.

    Raises
    ------
    OutputError, UsageError
        If `out` cannot be written, or holds outcomes of other code or weights.
    StillwatchError
        If a job fails; the message names it.
    """
    out = Path(out)
    outcomes = run(jobs, out, workers, progress)
    adapted = (
        attack.adapt(out / ADAPTIVE, evaluations=tries, small=small, progress=progress)
        if tries
        else None
    )
    document = summary(outcomes, adapted, made_by(), small=small)
    (out / DOCUMENT).write_text(
        document.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8"
    )
    (out / PAGE).write_text(render(document), encoding="utf-8")
    return document
