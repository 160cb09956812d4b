"""When requests are made: the rhythm of people, of services and of schedules.

Shapes follow what was published of production traffic (ServeGen, arXiv 2505.09999): machine
clients are renewal processes with gamma or Weibull gaps whose coefficient of variation lies
mostly between 1 and 2.5 and reaches 10; people come in sessions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillwatch.range.arrivals import Arrivals
from stillwatch.range.tables import Floats, Ints, position, running, starts
from stillwatch.range.world import World

STEP = 900.0
"""Resolution of the rhythms in seconds."""

RHYTHMS: dict[str, tuple[tuple[float, ...], float]] = {
    "leisure": (
        (25, 14, 7, 4, 3, 4, 8, 18, 32, 45, 52, 55, 58, 58, 57, 58, 62, 68, 76, 84, 90, 86, 68, 44),
        1.1,
    ),
    "work": (
        (5, 3, 2, 1, 1, 2, 5, 18, 55, 88, 98, 100, 72, 76, 96, 98, 92, 74, 42, 25, 20, 18, 14, 9),
        0.25,
    ),
    "served": (
        (
            45,
            38,
            33,
            30,
            30,
            33,
            40,
            52,
            66,
            80,
            88,
            92,
            92,
            92,
            94,
            95,
            96,
            97,
            98,
            98,
            95,
            85,
            70,
            55,
        ),
        0.8,
    ),
    "flat": ((1,) * 24, 1.0),
}
"""Activity by local hour from midnight, and the level of Saturday and Sunday against weekdays."""


@dataclass(frozen=True)
class Visits:
    """Requests in the order of their owners: who, when (seconds), which session, which turn."""

    owner: Ints
    seconds: Floats
    session: Ints
    turn: Ints

    def within(self, world: World) -> Visits:
        """Without what falls outside the window."""
        inside = (self.seconds >= 0) & (self.seconds < world.length)
        return Visits(
            self.owner[inside], self.seconds[inside], self.session[inside], self.turn[inside]
        )


def sample(
    world: World,
    offsets: Floats,
    rhythm: str,
    quantiles: Floats,
    span: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Moments of the window at which the given shares of an account's work are done.

    The inverse of the cumulative rhythm at each account's local time; `span` is the first and
    the last second of each account's work, the whole window by default.
    """
    out = np.empty(len(quantiles))
    for offset in np.unique(offsets).tolist():
        edges, level = _levels(world, offset, rhythm)
        done = np.append(0.0, np.cumsum(level)) / level.sum()
        here = offsets == offset
        share = quantiles[here]
        if span is not None:
            begin, end = (np.interp(moments[here], edges, done) for moments in span)
            share = begin + share * (end - begin)
        out[here] = np.interp(share, done, edges)
    return out


def weekdays(world: World, offsets: Floats, rhythm: str) -> Floats:
    """How many weekdays' work the window holds for each account; a weekend may hold less."""
    day = float(sum(RHYTHMS[rhythm][0])) * 3600
    out = np.empty(len(offsets))
    for offset in np.unique(offsets).tolist():
        out[offsets == offset] = _levels(world, offset, rhythm)[1].sum() / day
    return out


def _levels(world: World, offset: float, rhythm: str) -> tuple[Floats, Floats]:
    """Edges of the steps of the window, and the activity in each at that offset from UTC."""
    edges = np.append(np.arange(0.0, world.length, STEP), world.length)
    hours, weekend = RHYTHMS[rhythm]
    midnight = world.start.hour + world.start.minute / 60
    local = (edges[:-1] + STEP / 2) / 3600 + midnight + offset
    level = np.asarray(hours, dtype=np.float64)[(local % 24).astype(np.int64)]
    weekday = (world.start.weekday() + np.floor(local / 24)) % 7
    return edges, np.where(weekday >= 5, level * weekend, level) * np.diff(edges)


def people(
    world: World,
    rng: np.random.Generator,
    counts: Ints,
    offsets: Floats,
    *,
    rhythm: str = "leisure",
    turns: float = 3.0,
    gap: float = 50.0,
    span: tuple[Floats, Floats] | None = None,
) -> Visits:
    """Sessions of people: `turns` requests on average, `gap` seconds (median) between them.

    `span` is the first and the last second of each of them. What does not fit into the window is
    lost; into a span everything is made to fit.
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = starts(owner) | (rng.random(len(owner)) < 1 / turns)
    session = np.cumsum(first) - 1
    who = owner[first]
    limits = None if span is None else (span[0][who], span[1][who])
    begin = sample(world, offsets[who], rhythm, rng.random(len(who)), limits)
    # Gaps of people are lognormal: reading takes a minute, sometimes ten.
    gaps = np.where(first, 0.0, rng.lognormal(np.log(gap), 1.0, len(owner)))
    since = running(session, gaps)
    if limits is not None and len(session):
        # A sitting that would outlast its span begins earlier, or is a quicker one.
        longest = np.zeros(len(begin))
        np.maximum.at(longest, session, since)
        fits = np.minimum(1.0, (limits[1] - limits[0]) / np.maximum(longest, 1e-9))
        since *= fits[session]
        begin = np.minimum(begin, limits[1] - longest * fits)
    seconds = begin[session] + since
    return Visits(owner, seconds, session, position(session) + 1).within(world)


def service(
    world: World,
    rng: np.random.Generator,
    counts: Ints,
    offsets: Floats,
    *,
    rhythm: str = "served",
    cv: tuple[float, float] = (1.0, 3.0),
) -> Visits:
    """Renewal processes, one an account, with a coefficient of variation drawn from `cv`.

    Half of the accounts have gamma gaps, half Weibull; time runs with the rhythm of those served.
    """
    n = len(counts)
    shown = np.exp(rng.uniform(np.log(cv[0]), np.log(cv[1]), n))
    # One gap more than requests, so that the last one is not tied to the end of the window.
    owner = np.repeat(np.arange(n), counts + 1)
    gamma = rng.gamma((1 / shown**2)[owner]) * (shown**2)[owner]
    # Shape of a Weibull from its coefficient of variation: Justus et al. 1978, equation 22.
    weibull = rng.weibull((shown**-1.086)[owner])
    # The least gap must outlast the rounding of a sum over all accounts.
    gaps = np.where((np.arange(n) % 2 == 0)[owner], gamma, weibull) + 1e-6
    passed = running(owner, gaps)
    share = passed / passed[np.flatnonzero(np.append(starts(owner)[1:], True))][owner]
    keep = np.append(~starts(owner)[1:], False)
    owner, share = owner[keep], share[keep]
    seconds = sample(world, offsets[owner], rhythm, share)
    return Visits(owner, seconds, np.arange(len(owner)), np.ones(len(owner), dtype=np.int64))


def observed(world: World, rng: np.random.Generator, counts: Ints, arrivals: Arrivals) -> Visits:
    """Requests that come as those of real clients did, one client drawn for each account."""
    each = [arrivals.draw(rng, n, world.days) for n in counts.tolist()]
    owner = np.repeat(np.arange(len(counts)), counts)
    seconds = np.concatenate([*each, np.empty(0)])
    return Visits(owner, seconds, np.arange(len(owner)), np.ones(len(owner), dtype=np.int64))


def schedule(
    world: World,
    rng: np.random.Generator,
    counts: Ints,
    hours: Floats,
    *,
    pace: float = 1.0,
    every: float = 24.0,
    drift: float = 20.0,
) -> Visits:
    """Runs at fixed hours (UTC): an account's requests are dealt out over its runs.

    `every` is the hours between runs, `pace` the mean seconds between the requests of a run and
    `drift` the seconds by which a run starts late.
    """
    first = (hours - world.start.hour - world.start.minute / 60) % every
    runs = np.maximum(1, np.ceil((world.length / 3600 - first) / every)).astype(np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    run = np.floor(position(owner) / counts[owner] * runs[owner]).astype(np.int64)
    session = np.cumsum(starts(owner) | np.append(True, run[1:] != run[:-1])) - 1
    late = rng.exponential(drift, int(session[-1]) + 1 if len(session) else 0)
    begin = (first[owner] + run * every) * 3600 + late[session]
    seconds = begin + running(session, rng.gamma(4.0, pace / 4.0, len(owner)))
    return Visits(owner, seconds, session, np.ones(len(owner), dtype=np.int64)).within(world)
