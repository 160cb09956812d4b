"""Gatherings: people in one place with one task, at one time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.range.accounts import People, recruit
from stillwatch.range.clock import people
from stillwatch.range.habits import Habit, activity, spend
from stillwatch.range.lookalikes.registry import Size, lookalike
from stillwatch.range.lookalikes.stock import keep
from stillwatch.range.rows import Draft
from stillwatch.range.tables import repeated
from stillwatch.range.world import DAY, World

_STUDENTS = Habit(
    People(
        clients={"browser": 8, "sdk": 2},
        place={"campus": 1},
        second_place={"home": 3, "mobile": 2},
        plans={"free": 8, "starter": 2},
        regions={"americas": 1},
        age=(1.0, 40.0),
        temperature=(1.0,),
    ),
    workloads=("homework",),
    per_day=7,
    skew=0.8,
    turns=5,
    conversations=True,
    away=0.35,
    curious=0.0,
)


@lookalike(accounts=80, per_day=7, fires="fresh accounts, one address, one task, lockstep in time")
def class_of_students(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """One assignment, one campus address, one deadline."""
    rows = _together(world, rng, size, _STUDENTS, "campus", surplus=2.4)
    columns = rows.columns
    # Work is put off: the rate grows e-fold every five hours until the deadline, then stops.
    deadline = rng.uniform(0.75, 1.0) * world.length
    left = deadline - columns["seconds"]
    return keep(rows, (left > 0) & (rng.random(len(rows)) < np.exp(-left / (5 * 3600)) + 0.25))


@lookalike(accounts=110, per_day=5, fires="accounts made in one burst, used at once")
def conference_signups(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A workshop at a conference: everybody signs up in one hour with the same voucher."""
    habit = replace(
        _STUDENTS,
        workloads=("coding",),
        rhythm="work",
        who=replace(
            _STUDENTS.who,
            clients={"sdk": 9, "browser": 1},
            place={"office": 1},
            plans={"promo": 1},
            max_tokens={"1024": 1},
        ),
    )
    rows = _together(world, rng, size, habit, "office", surplus=1.0)
    columns = rows.columns
    # The workshop lasts three hours; its accounts were made in the first of them or just before.
    begin = rng.uniform(0.3, 0.6) * min(world.length, DAY)
    columns["seconds"] = begin + rng.beta(1.3, 1.6, len(rows)) * 3 * 3600
    _, owner = np.unique(columns["account"], return_inverse=True)
    made = begin - rng.exponential(1200.0, int(owner.max(initial=-1)) + 1)
    columns["created"] = made[owner]
    columns["payment_mark"] = repeated(None, len(rows))
    return keep(rows, columns["seconds"] < world.length)


def _together(
    world: World, rng: np.random.Generator, size: Size, habit: Habit, place: str, *, surplus: float
) -> Draft:
    """People whose usual place is one and the same address; `surplus` is thinned out later."""
    accounts = recruit(world, rng, habit.who, size.accounts)
    spot = world.places.draw(rng, place, repeated("US", 1))
    accounts.places[0] = (
        repeated(spot[0][0], size.accounts),
        repeated(spot[1][0], size.accounts),
        repeated(spot[2][0], size.accounts),
    )
    mean = size.per_day * min(world.days, 2.0) * surplus
    counts = activity(rng, size.accounts, mean, habit.skew)
    visits = people(world, rng, counts, accounts.offset, rhythm=habit.rhythm, turns=habit.turns)
    rows = spend(world, rng, size.group, habit=habit, accounts=accounts, when=visits)
    if len(rows):
        # One task: the same few questions in everybody's own words.
        rows.columns["family"] = repeated(rows.columns["family"][0], len(rows))
        rows.columns["item"] = rng.integers(0, 6, len(rows))
        rows.columns["paraphrase"][:] = 0.4
    return rows
