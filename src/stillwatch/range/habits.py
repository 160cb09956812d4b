"""A habit is what one kind of customer does: who they are, when they come and what they write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.range.accounts import Accounts, People, recruit
from stillwatch.range.clock import Visits, observed, people, schedule, service, weekdays
from stillwatch.range.rows import Draft, Writing, draft
from stillwatch.range.tables import Floats, Ints
from stillwatch.range.text import families
from stillwatch.range.world import DAY, World


@dataclass(frozen=True)
class Habit:
    """One kind of customer.

    `per_day` is the mean of an account's exchanges a day, `skew` the standard deviation of the
    log of an account's rate (1.2: the busiest of a thousand does 20 times the mean), `asked` the
    share of sessions that ask for `intents` in a harvester's very words, `curious` the share of
    those that ask for any harvesting intent.
    """

    who: People
    workloads: tuple[str, ...]
    per_day: float
    skew: float = 1.2
    intents: tuple[str, ...] = ()
    asked: float = 0.3
    curious: float = 0.002
    arrival: Literal["people", "service", "schedule"] = "people"
    rhythm: str = "leisure"
    turns: float = 3.0
    gap: float = 50.0
    cv: tuple[float, float] = (1.0, 3.0)
    pace: float = 1.0
    conversations: bool = False
    away: float = 0.15
    one_voice: bool = False
    errors: float = 0.006
    limited: float = 0.003
    tools: tuple[tuple[str, ...], ...] = field(default=())


def live(
    world: World,
    rng: np.random.Generator,
    group: str,
    habit: Habit,
    n: int,
    *,
    churn: float = 0.0,
) -> tuple[Accounts, Draft]:
    """`n` accounts of that habit and their exchanges over the window.

    `per_day` is what they do on a weekday. `churn` is the share of them that leave in a day; for
    each a new one comes, so there are `n` at any time and more over the window.
    """
    newcomers = round(n * churn * world.days)
    n += newcomers
    accounts = recruit(world, rng, habit.who, n)
    days: Floats | float = world.days
    if habit.arrival != "schedule":
        days = weekdays(world, accounts.offset, habit.rhythm)
    counts = activity(rng, n, habit.per_day * days, habit.skew)
    when = visits(world, rng, habit, accounts, counts)
    if churn:
        when = _stay(world, rng, when, accounts, newcomers, 1 / churn)
    return accounts, spend(world, rng, group, habit=habit, accounts=accounts, when=when)


def _stay(
    world: World,
    rng: np.random.Generator,
    when: Visits,
    accounts: Accounts,
    newcomers: int,
    stay: float,
) -> Visits:
    """What falls between an account's first day and its last; `stay` is its mean in days.

    Stays are exponential, so those who are there at the start have as long to go as newcomers.
    """
    n = len(accounts)
    comes = np.zeros(n)
    comes[n - newcomers :] = rng.uniform(0, world.length, newcomers)
    accounts.created[n - newcomers :] = comes[n - newcomers :]
    leaves = comes + rng.exponential(stay * DAY, n)
    there = (when.seconds >= comes[when.owner]) & (when.seconds < leaves[when.owner])
    return Visits(*(column[there] for column in vars(when).values()))


def activity(rng: np.random.Generator, n: int, mean: Floats | float, skew: float) -> Ints:
    """How many exchanges each of `n` accounts makes; lognormal rates, Poisson counts."""
    rates = mean * np.exp(rng.normal(-(skew**2) / 2, skew, n)) if skew else np.full(n, mean)
    return rng.poisson(np.minimum(rates, mean * 40)).astype(np.int64)


def visits(
    world: World, rng: np.random.Generator, habit: Habit, accounts: Accounts, counts: Ints
) -> Visits:
    """When these accounts come, in the manner of the habit."""
    if habit.arrival == "people":
        return people(
            world,
            rng,
            counts,
            accounts.offset,
            rhythm=habit.rhythm,
            turns=habit.turns,
            gap=habit.gap,
        )
    if habit.arrival == "service" and world.arrivals is not None:
        return observed(world, rng, counts, world.arrivals)
    if habit.arrival == "service":
        return service(world, rng, counts, accounts.offset, rhythm=habit.rhythm, cv=habit.cv)
    # Jobs run at round hours of the night, local time.
    hours = (rng.choice([0, 1, 2, 2, 3, 4, 5, 22], len(accounts)) - accounts.offset) % 24
    return schedule(world, rng, counts, hours, pace=habit.pace)


def spend(
    world: World,
    rng: np.random.Generator,
    group: str,
    *,
    habit: Habit,
    accounts: Accounts,
    when: Visits,
) -> Draft:
    """Exchanges at the given times, in the manner of the habit."""
    return draft(
        world,
        rng,
        group,
        accounts,
        when,
        writing=writing(world, rng, habit),
        away=habit.away,
        conversations=habit.conversations,
        errors=habit.errors,
        limited=habit.limited,
        tools=habit.tools,
    )


def writing(world: World, rng: np.random.Generator, habit: Habit) -> Writing:
    """Families of the habit's workloads in the world's split.

    A few in a thousand sessions of innocents ask what harvesters ask too.
    """
    plain = names(world, habit.workloads)
    asked = [f.name for i in habit.intents for f in families(intent=i, split=world.split)]
    odd = [f.name for f in families(split=world.split) if f.intent != "ordinary"]
    share = habit.asked if asked else 0.0
    parts = [(plain, 1 - share - habit.curious), (asked, share), (odd, habit.curious)]
    return Writing(
        families=tuple(name for part, _ in parts for name in part),
        weights=tuple(w / len(part) for part, w in parts for _ in part),
        one_voice=int(rng.integers(1 << 31)) if habit.one_voice else None,
    )


def names(world: World, workloads: tuple[str, ...]) -> list[str]:
    """Ordinary families of these workloads; any ordinary ones where there are none."""
    found = [
        f.name
        for workload in workloads
        for f in families(intent="ordinary", workload=workload, split=world.split)
    ]
    found = found or [f.name for f in families(intent="ordinary", split=world.split)]
    if not found:
        raise UsageError(f"no template family of split {world.split!r} for {', '.join(workloads)}")
    return found
