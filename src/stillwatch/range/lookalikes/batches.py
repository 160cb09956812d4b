"""Batch work: one template, thousands of inputs, as fast as allowed. Most of it is innocent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.range.habits import Habit, live
from stillwatch.range.lookalikes.registry import Size, lookalike
from stillwatch.range.lookalikes.stock import SERVER
from stillwatch.range.rows import Draft
from stillwatch.range.world import World


def _jobs(size: Size, workloads: tuple[str, ...], pace: float, **changes: object) -> Habit:
    habit = replace(
        SERVER,
        workloads=workloads,
        per_day=size.per_day,
        arrival="schedule",
        pace=pace,
        skew=0.8,
        limited=0.03,
        curious=0.0,
    )
    return replace(habit, **changes)  # type: ignore[arg-type]


@lookalike(accounts=2, per_day=900, fires="task synthesis and reasoning at scale")
def licensed_synthesis(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A customer with a licence to make training data from the model's answers."""
    habit = _jobs(size, ("synthesis",), 4.0, arrival="service", rhythm="flat", skew=0.2)
    habit = replace(
        habit,
        intents=("task_synthesis", "reasoning_elicitation"),
        who=replace(
            habit.who,
            plans={"enterprise": 1},
            team=size.accounts,
            best_model=0.8,
            max_tokens={"8192": 1},
            temperature=(1.0,),
        ),
    )
    return live(world, rng, size.group, habit, size.accounts)[1]


@lookalike(accounts=5, per_day=500, fires="new use at full rate at once, then silence")
def rag_backfill(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A document store summarised once, from end to end, when a product starts."""
    habit = _jobs(size, ("rag", "summarization"), 2.5)
    habit = replace(habit, who=replace(habit.who, age=(0.5, 30.0)))
    return live(world, rng, size.group, habit, size.accounts)[1]


@lookalike(accounts=8, per_day=150, fires="one template, many languages, no conversation")
def batch_translation(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Catalogues and manuals translated overnight."""
    return live(world, rng, size.group, _jobs(size, ("translation",), 3.0), size.accounts)[1]


@lookalike(accounts=10, per_day=150, fires="one template, thousands of variations")
def batch_extraction(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Records classified and fields extracted, a file at a time."""
    habit = _jobs(size, ("extraction", "classification"), 1.5)
    return live(world, rng, size.group, habit, size.accounts)[1]
