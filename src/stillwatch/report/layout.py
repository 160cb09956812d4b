"""Where the nodes of an account graph go: computed, never simulated, so a scan draws one way only.

Accounts that share exactly the same things stand together in one cluster, so that what a force
layout leaves to chance can be read off: which accounts hang by which thread, and which thing, if
it turned out to be innocent, would let the campaign fall in two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from stillwatch.campaigns.document import Campaign, Link, Member

_GROUPS = 7
"""Clusters before the rarest combinations are put into one."""
_LEAST, _AIR, _STEP = 2.5, 0.9, 1.7
"""Radius of the smallest dot, half the gap between two, and spacing of the spiral; pixels."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Thing:
    """A shared thing that is drawn, with the letter that finds it in the table of links."""

    letter: str
    link: Link
    y: float = 0.0


@dataclass(slots=True)
class Dot:
    """An account that is drawn."""

    member: Member
    things: frozenset[int]
    x: float = 0.0
    y: float = 0.0
    radius: float = 0.0


@dataclass(slots=True)
class Cluster:
    """Accounts that share the same things; `mixed` if it gathers the rarer combinations."""

    things: frozenset[int]
    size: int
    exchanges: int
    dots: list[Dot]
    mixed: bool = False
    radius: float = 0.0
    x: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class Graph:
    """What is drawn, before it has places."""

    things: list[Thing]
    clusters: list[Cluster]
    order: list[int] = field(default_factory=list)
    """Things from top to bottom."""


def letter(rank: int) -> str:
    return _LETTERS[rank] if rank < len(_LETTERS) else ""


def carriers(link: Link) -> frozenset[str]:
    """The accounts that carry a thing, where the document names them."""
    return frozenset(link.members)


def named(campaign: Campaign, links: Sequence[Link]) -> bool:
    """Whether it is known for every thing which accounts carry it."""
    return all(carriers(link) or link.accounts >= campaign.account_count for link in links)


def arrange(campaign: Campaign, links: Sequence[Link], dots: int) -> Graph:
    """Cluster the accounts by what they share, and choose at most `dots` of them to draw."""
    carried = [carriers(link) for link in links]
    everybody = [link.accounts >= campaign.account_count for link in links]
    shares: dict[frozenset[int], list[Dot]] = {}
    for member in campaign.accounts:
        mine = frozenset(
            i
            for i, who in enumerate(carried)
            if member.account in who or (not who and everybody[i])
        )
        shares.setdefault(mine, []).append(Dot(member, mine))
    ranked = sorted(shares.items(), key=lambda item: (-len(item[1]), sorted(item[0])))
    kept = ranked if len(ranked) <= _GROUPS else ranked[: _GROUPS - 1]
    clusters = [_cluster(things, inside, mixed=False) for things, inside in kept]
    rest = [dot for _, inside in ranked[len(kept) :] for dot in inside]
    if rest:
        clusters.append(_cluster(frozenset().union(*(d.things for d in rest)), rest, mixed=True))
    _choose(clusters, dots)
    graph = Graph(
        things=[Thing(letter(i), link) for i, link in enumerate(links)],
        clusters=clusters,
    )
    _untangle(graph)
    return graph


def _cluster(things: frozenset[int], inside: list[Dot], *, mixed: bool) -> Cluster:
    inside = sorted(inside, key=lambda d: (-d.member.exchanges, d.member.account))
    return Cluster(things, len(inside), sum(d.member.exchanges for d in inside), inside, mixed)


def _choose(clusters: list[Cluster], dots: int) -> None:
    """Keep the largest accounts of each cluster, in proportion, but never lose a cluster."""
    total = sum(c.size for c in clusters)
    if total <= dots:
        return
    for cluster in clusters:
        cluster.dots = cluster.dots[: max(min(cluster.size, 3), dots * cluster.size // total)]


def _untangle(graph: Graph) -> None:
    """Order both sides by barycentre (Sugiyama et al. 1981), so that few threads cross."""
    graph.order = list(range(len(graph.things)))
    for _ in range(4):
        place = {thing: i for i, thing in enumerate(graph.order)}
        graph.clusters.sort(key=lambda c: _mean([place[t] for t in c.things], len(place)))
        pulls: dict[int, list[int]] = {t: [] for t in graph.order}
        for i, cluster in enumerate(graph.clusters):
            for dot in cluster.dots:
                for t in dot.things:
                    pulls[t].append(i)
        graph.order.sort(key=lambda t: (_mean(pulls[t], len(graph.clusters)), t))


def _mean(places: Sequence[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else float(otherwise)


def pack(cluster: Cluster, radius: float, largest: int) -> None:
    """Pack the dots round (0, 0), the largest inmost; the area of a dot tells its exchanges.

    Each takes the first free place along a sunflower spiral (Vogel 1979).
    """
    for dot in cluster.dots:
        share = dot.member.exchanges / largest if largest else 0.0
        dot.radius = max(_LEAST, radius * math.sqrt(share))
    room = sum((dot.radius + _AIR) ** 2 for dot in cluster.dots)
    turn = np.arange(int(3 * room / _STEP**2) + 60)
    angle, far = turn * math.pi * (3 - math.sqrt(5)), _STEP * np.sqrt(turn)
    xs, ys = far * np.cos(angle), far * np.sin(angle)
    free = np.full(turn.shape, np.inf)
    for dot in cluster.dots:
        place = int(np.argmax(free >= dot.radius + _AIR))
        dot.x, dot.y = float(xs[place]), float(ys[place])
        free = np.minimum(free, np.hypot(xs - dot.x, ys - dot.y) - dot.radius - _AIR)
        cluster.radius = max(cluster.radius, math.hypot(dot.x, dot.y) + dot.radius)
