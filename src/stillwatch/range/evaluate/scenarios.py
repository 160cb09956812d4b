"""The scenarios of an evaluation: the same harvests on each rung, and crowds without a harvest."""

from __future__ import annotations

from stillwatch.errors import UsageError
from stillwatch.range.campaign import Campaign
from stillwatch.range.drawn import SLOW, drawn
from stillwatch.range.evasion import LEVELS
from stillwatch.range.layout import LAYOUTS, lay_out
from stillwatch.range.scenario import Scenario, load_scenario

INNOCENTS = range(52_000, 54_000)
"""Seeds of the crowds without a harvest."""
HARVESTS = range(54_000, 54_300)
"""Seeds that harvests are drawn with."""
CROWDS = 54_300
"""First seed of the crowds that the harvests of rungs hide in; each rung has its own."""
FEWEST_DAYS = 2.0
"""Of the harvests of levels that are slow."""
LARGEST_SLOW = 4_000
"""Exchanges of a harvest at a level that is slow, where they would take thousands of accounts."""
WEEK = 7.0
LONG_HARVEST, SMALL_HARVEST = 12_000, 1_200
"""Exchanges of a harvest that takes a week, and of one in a trial."""


def innocents(count: int, *, small: bool) -> list[Scenario]:
    """Traffic without any campaign.

    Raises `UsageError` where there are not as many seeds.
    """
    if count > len(INNOCENTS):
        raise UsageError(f"there are seeds for {len(INNOCENTS)} populations, not for {count}")
    return [_crowd(seed, small) for seed in INNOCENTS[:count]]


def harvests(level: str, count: int, *, small: bool) -> list[Scenario]:
    """The same harvests whatever the level, each in a crowd that no other rung has.

    What is asked and how much of it stays; how many accounts it takes is the level's. Raises
    `UsageError` where there are not as many seeds.
    """
    plans = [plan for plan in (_planned(seed, small) for seed in HARVESTS) if plan.campaign][:count]
    if len(plans) < count:
        raise UsageError(f"there are {len(plans)} harvests for a rung, not {count}; take fewer")
    first = CROWDS + len(HARVESTS) * list(LEVELS).index(level)
    return [_at(plan, level, _crowd(first + i, small)) for i, plan in enumerate(plans)]


def long(level: str, count: int, *, small: bool) -> list[Scenario]:
    """Harvests that take a week, as those that were disclosed took weeks, to see when they are
    seen. In the crowds that the rung's harvests are in, too.
    """
    days = 1.0 if small else WEEK
    shorter = harvests(level, count, small=small)
    return [
        s.model_copy(
            update={
                "days": days,
                "campaign": (lay_out(SMALL_HARVEST if small else LONG_HARVEST, level, days=days),),
            }
        )
        for s in shorter
    ]


def _at(plan: Scenario, level: str, crowd: Scenario) -> Scenario:
    days = max(plan.days, FEWEST_DAYS) if LAYOUTS[level].per_day < SLOW else plan.days
    campaigns = tuple(_laid_out(c, level, days) for c in plan.campaign)
    return crowd.model_copy(update={"campaign": campaigns, "days": days})


def _laid_out(campaign: Campaign, level: str, days: float) -> Campaign:
    if LAYOUTS[level].per_day >= SLOW:
        return campaign.model_copy(update={"level": level})
    harvest = min(campaign.exchanges, LARGEST_SLOW)
    accounts = lay_out(harvest, level, days=days).accounts
    return campaign.model_copy(
        update={"level": level, "exchanges": harvest, "accounts": max(accounts, 3)}
    )


def _planned(seed: int, small: bool) -> Scenario:
    return _tiny(seed) if small else drawn(seed, "test")


def _crowd(seed: int, small: bool) -> Scenario:
    if small:
        return _tiny(seed).model_copy(update={"campaign": ()})
    return drawn(seed, "test", campaigns=False)


def _tiny(seed: int) -> Scenario:
    return load_scenario("tiny").model_copy(update={"seed": seed})
