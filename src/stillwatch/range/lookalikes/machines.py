"""Machines that never sleep, or that ask the same again and again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.range.accounts import recruit
from stillwatch.range.clock import Visits
from stillwatch.range.habits import activity, live, spend
from stillwatch.range.lookalikes.registry import Size, lookalike
from stillwatch.range.lookalikes.stock import AGENT, EVALUATION, SERVER, fresh_places, questions
from stillwatch.range.rows import Draft
from stillwatch.range.tables import position, repeated
from stillwatch.range.world import World


@lookalike(accounts=10, per_day=120, fires="rubric grading at scale, at temperature 0")
def nightly_evaluation(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Companies that test their own product every night, the model as the judge."""
    habit = replace(
        EVALUATION, per_day=size.per_day, arrival="schedule", pace=2.0, intents=("rubric_grading",)
    )
    _, rows = live(world, rng, size.group, habit, size.accounts)
    # The suite is the same every night.
    questions(world, rows, suite=240)
    return rows


@lookalike(accounts=10, per_day=96, fires="round the clock; the same prompts from many accounts")
def drift_monitor(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Monitors that ask the same few questions all day to see whether the model has changed."""
    habit = replace(EVALUATION, workloads=("drift",))
    accounts = recruit(world, rng, habit.who, size.accounts)
    counts = np.full(size.accounts, int(size.per_day * world.days))
    owner = np.repeat(np.arange(size.accounts), counts)
    every = world.length / max(counts.max(), 1)
    phase = rng.uniform(0, every, size.accounts)
    seconds = position(owner) * every + phase[owner] + rng.exponential(0.4, len(owner))
    inside = seconds < world.length
    when = Visits(
        owner[inside],
        seconds[inside],
        np.arange(int(inside.sum())),
        np.ones(int(inside.sum()), dtype=np.int64),
    )
    rows = spend(world, rng, size.group, habit=habit, accounts=accounts, when=when)
    questions(world, rows, suite=24)
    return rows


@lookalike(accounts=8, per_day=130, fires="one credential on very many addresses")
def ci_agents(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Coding agents in continuous integration: every run a fresh runner, one key for all."""
    habit = replace(AGENT, per_day=size.per_day, skew=0.7, turns=12, gap=6.0)
    habit = replace(habit, workloads=("review", "coding_agent"))
    habit = replace(habit, who=replace(habit.who, clients={"agent": 1}, keys=True, team=1))
    _, rows = live(world, rng, size.group, habit, size.accounts)
    fresh_places(world, rng, rows, "cloud", rows.columns["conversation"])
    return rows


@lookalike(accounts=18, per_day=60, fires="failover: many accounts surge at the same minutes")
def fallback_router(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Products that turn to this provider when another one is down, all at once."""
    habit = replace(SERVER, workloads=("app", "chat", "extraction"))
    habit = replace(habit, who=replace(habit.who, clients={"tool": 1}, place={"cloud": 1}))
    accounts = recruit(world, rng, habit.who, size.accounts)
    accounts.user_agent[:] = "llm-switchboard/1.56.0"
    counts = activity(rng, size.accounts, size.per_day * world.days, 0.8)
    owner = np.repeat(np.arange(size.accounts), counts)
    # One outage elsewhere a day, of some forty minutes; a tenth of the traffic comes anyway.
    begins = rng.uniform(0, max(world.length - 3000, 1.0), max(1, round(world.days)))
    during = begins[rng.integers(len(begins), size=len(owner))] + rng.gamma(2.0, 900, len(owner))
    other = rng.uniform(0, world.length, len(owner))
    seconds = np.where(rng.random(len(owner)) < 0.1, other, during) % world.length
    when = Visits(owner, seconds, np.arange(len(owner)), np.ones(len(owner), dtype=np.int64))
    return spend(world, rng, size.group, habit=habit, accounts=accounts, when=when)


@lookalike(accounts=12, per_day=90, fires="prompts that ask for the reasoning")
def reasoning_audit(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Regulated decisions for which the model's reasons are asked and kept."""
    habit = replace(
        SERVER,
        workloads=("audit",),
        per_day=size.per_day,
        skew=0.8,
        asked=0.15,
        intents=("reasoning_elicitation",),
        curious=0.0,
    )
    habit = replace(habit, who=replace(habit.who, plans={"enterprise": 1}, best_model=0.5, team=2))
    _, rows = live(world, rng, size.group, habit, size.accounts)
    rows.columns["gateway"] = repeated(None, len(rows))
    return rows
