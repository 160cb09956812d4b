"""Crowds that do not know of each other and yet send the same words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stillwatch.range.accounts import recruit
from stillwatch.range.clock import Visits, people
from stillwatch.range.habits import activity, live, spend
from stillwatch.range.lookalikes.registry import Size, lookalike
from stillwatch.range.lookalikes.stock import AGENT, EVALUATION, keep, questions
from stillwatch.range.populations import POPULATIONS
from stillwatch.range.rows import Draft
from stillwatch.range.tables import repeated
from stillwatch.range.world import DAY, RELEASE, World


@lookalike(accounts=120, per_day=18, fires="the same prompts from many accounts after a release")
def release_benchmark(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Everybody tries the public questions on the new model on the day it comes out."""
    habit = replace(EVALUATION, workloads=("benchmark",), skew=0.8)
    habit = replace(
        habit,
        who=replace(
            habit.who,
            plans={"free": 4, "starter": 5, "team": 1},
            place={"home": 5, "cloud": 3, "campus": 2},
            second_place={"home": 1},
            team=1,
            best_model=1.0,
        ),
    )
    accounts = recruit(world, rng, habit.who, size.accounts)
    counts = activity(rng, size.accounts, size.per_day * min(world.days, 2.0), habit.skew)
    visits = people(world, rng, counts, accounts.offset, turns=15, gap=8)
    # Each comes some hours after the news, wherever it is night.
    news = world.release if world.release is not None else min(0.4 * world.length, 0.4 * DAY)
    begin = news + rng.exponential(5 * 3600.0, int(visits.session.max(initial=-1)) + 1)
    first = np.full(len(begin), np.inf)
    np.minimum.at(first, visits.session, visits.seconds)
    seconds = visits.seconds - first[visits.session] + begin[visits.session]
    moved = Visits(visits.owner, seconds, visits.session, visits.turn).within(world)
    rows = spend(world, rng, size.group, habit=habit, accounts=accounts, when=moved)
    questions(world, rows, suite=60)
    if world.release is not None:
        rows.columns["model"] = repeated(RELEASE, len(rows))
    return rows


@lookalike(accounts=220, per_day=9, fires="one system prompt on hundreds of accounts; tools")
def popular_agent(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """Users of one open-source agent, whose system prompt they all share."""
    habit = replace(AGENT, per_day=size.per_day, one_voice=True)
    _, rows = live(world, rng, size.group, habit, size.accounts)
    version = np.array(["opencrew/0.9.1", "opencrew/0.9.2"], dtype=object)
    rows.columns["user_agent"] = version[rows.columns["max_tokens"] % 3 % 2]
    # One program, one family of prompts.
    rows.columns["family"] = (
        repeated(rows.columns["family"][0], len(rows)) if len(rows) else (rows.columns["family"])
    )
    return rows


@lookalike(accounts=180, per_day=2.5, fires="one template on many accounts, a few requests each")
def viral_template(world: World, rng: np.random.Generator, size: Size) -> Draft:
    """A prompt that went round: strangers paste the same text with their own subject."""
    chat = replace(
        POPULATIONS["chat"], workloads=("viral",), skew=0.6, turns=2.0, one_voice=True, curious=0.0
    )
    accounts = recruit(world, rng, chat.who, size.accounts)
    counts = activity(rng, size.accounts, size.per_day * min(world.days, 3.0) * 1.6, chat.skew)
    visits = people(world, rng, counts, accounts.offset, turns=2)
    rows = spend(world, rng, size.group, habit=chat, accounts=accounts, when=visits)
    columns = rows.columns
    if len(rows):
        columns["family"] = repeated(columns["family"][0], len(rows))
    # It spreads like an epidemic: up over hours, down over days.
    peak = rng.uniform(0.2, 0.6) * min(world.length, 3 * DAY)
    wave = np.exp(-np.abs(columns["seconds"] - peak) / (0.35 * min(world.length, 3 * DAY)))
    return keep(rows, rng.random(len(rows)) < 0.3 + 0.7 * wave)
