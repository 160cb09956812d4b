"""The account graph: accounts on the left, the rare things they share on the right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillwatch.campaigns.document import Campaign, Link
from stillwatch.plural import plural
from stillwatch.report.layout import Cluster, Dot, Graph, Thing, arrange, carriers, pack
from stillwatch.report.numbers import bits, count, percent
from stillwatch.report.svg import drawing, tag
from stillwatch.report.text import shorten, wrap


@dataclass(frozen=True, slots=True)
class Shape:
    """Proportions of one drawing; text is never scaled, so a phone gets a drawing of its own."""

    width: int
    things: int
    """x of the badges of the shared things."""
    row: int
    """Height each thing needs."""
    label: int
    """Width kept left of the clusters for their labels; 0 puts the labels above."""
    letters: int
    """Characters that fit into a line right of a badge."""


LAPTOP = Shape(width=740, things=456, row=50, label=128, letters=36)
PHONE = Shape(width=326, things=158, row=66, label=0, letters=19)
_PAD = 10
_ABOVE = 32
_DENSE = 60
"""Dots beyond which threads are drawn lighter, so that they do not close into a surface."""


def graph(campaign: Campaign, links: Sequence[Link], dots: int, shape: Shape) -> Markup:
    """Draw `campaign` with the things in `links`, and at most `dots` accounts one by one."""
    plan = arrange(campaign, links, dots)
    height = place(plan, shape)
    drawn = sum(len(c.dots) for c in plan.clusters)
    label = (
        f"{plural(campaign.account_count, 'account')} and the rare things they share; "
        f"{count(drawn)} drawn. "
        + "; ".join(
            f"{t.letter}: {t.link.title}, {plural(t.link.accounts, 'account')}" for t in plan.things
        )
        + "."
    )
    # A phone has no pointer to rest on a dot; where dots are few, the table names them anyway.
    hints = shape.label > 0 and dots >= 60
    every = [dot for cluster in plan.clusters for dot in cluster.dots]
    return drawing(
        label,
        shape.width,
        height,
        # A thing and its threads are one group, so that pointing at either brings out both.
        *(
            tag("g", _threads(thing, i, every, shape), _thing(thing, shape))
            for i, thing in enumerate(plan.things)
        ),
        *_ribbons(plan, campaign.account_count, shape),
        *(_dot(dot, hints=hints) for dot in every),
        *(_caption(cluster, shape) for cluster in plan.clusters),
        class_="graph dense" if drawn > _DENSE else "graph",
    )


def place(plan: Graph, shape: Shape) -> float:
    """Give everything its place; the height that takes."""
    drawn = sum(len(c.dots) for c in plan.clusters)
    radius = (14.0 if shape.label else 9.0) * (1.0 if drawn <= 50 else 0.7)
    largest = max((d.member.exchanges for c in plan.clusters for d in c.dots), default=0)
    for cluster in plan.clusters:
        pack(cluster, radius, largest)
    above = 0 if shape.label else _ABOVE
    least = 46.0 if shape.label else 0.0
    heights = [max(2 * c.radius, least) + above + 18 for c in plan.clusters]
    tall = max(sum(heights), shape.row * len(plan.things)) + 2 * _PAD
    widest = max((c.radius for c in plan.clusters), default=0.0)
    y = (tall - sum(heights)) / 2
    for cluster, room in zip(plan.clusters, heights, strict=True):
        cluster.x = shape.label + max(widest, 24.0)
        cluster.y = y + above + (room - above) / 2
        y += room
        for dot in cluster.dots:
            dot.x += cluster.x
            dot.y += cluster.y
    # Spread over the whole height: threads run flatter, and rows get air.
    row = (tall - 2 * _PAD) / max(len(plan.things), 1)
    for i, rank in enumerate(plan.order):
        plan.things[rank].y = _PAD + row * (i + 0.5)
    return tall


def _threads(thing: Thing, rank: int, dots: Sequence[Dot], shape: Shape) -> Markup:
    """One path for all accounts that carry the thing; heavier things have darker threads."""
    curves = "".join(
        f"M{dot.x:.0f} {dot.y:.0f}{_curve(shape.things - dot.x, thing.y - dot.y)}"
        for dot in dots
        if rank in dot.things
    )
    weight = 1 + sum(thing.link.bits >= least for least in (6.0, 12.0))
    return tag("path", class_=f"thread t{weight}", d=curves) if curves else Markup("")


def _curve(dx: float, dy: float) -> str:
    return f"c{dx * 0.55:.0f} 0 {dx * 0.45:.0f} {dy:.0f} {dx:.0f} {dy:.0f}"


def _ribbons(plan: Graph, accounts: int, shape: Shape) -> list[Markup]:
    """Where it is not said who carries a thing, one band says how many do."""
    if not plan.clusters:
        return []
    heart = plan.clusters[0]
    carried = frozenset().union(*(d.things for c in plan.clusters for d in c.dots))
    return [
        tag(
            "path",
            class_="ribbon",
            stroke_width=1.5 + 12 * thing.link.accounts / max(accounts, 1),
            d=f"M{heart.x:.0f} {heart.y:.0f}{_curve(shape.things - heart.x, thing.y - heart.y)}",
        )
        for i, thing in enumerate(plan.things)
        if i not in carried and not carriers(thing.link)
    ]


def _dot(dot: Dot, *, hints: bool) -> Markup:
    """A ring as large as the account's traffic, filled as far as it belongs to the campaign."""
    member = dot.member
    share = min(1.0, member.harvest_exchanges / member.exchanges) if member.exchanges else 1.0
    words = (
        f"{shorten(member.account, 40)}: {count(member.harvest_exchanges)} of "
        f"{plural(member.exchanges, 'exchange')} ({percent(share, 1)}), {bits(member.bits)} bits"
    )
    title = [tag("title", words)] if hints else []
    place = {"cx": dot.x, "cy": dot.y}
    if share > 0.97:
        return tag("circle", *title, class_="full", r=dot.radius, **place)
    ring = tag("circle", *title, class_="ring", r=dot.radius, **place)
    return ring + tag("circle", class_="core", r=dot.radius * math.sqrt(share), **place)


def _caption(cluster: Cluster, shape: Shape) -> Markup:
    lone = cluster.size == 1
    rows = [
        shorten(cluster.dots[0].member.account, 18) if lone else plural(cluster.size, "account")
    ]
    rows.append(plural(cluster.exchanges, "exchange"))
    if cluster.mixed:
        rows.append("rarer combinations")
    if len(cluster.dots) < cluster.size:
        rows.append(f"{count(cluster.size - len(cluster.dots))} not drawn")
    if not shape.label:
        rows = [rows[0], ", ".join(rows[1:]) if len(rows) < 3 else rows[-1]]
        top = cluster.y - cluster.radius - 17
        return _lines(rows, 0, top)
    return _lines(rows, 0, cluster.y - 7.0 * len(rows) + 11)


def _thing(thing: Thing, shape: Shape) -> Markup:
    link = thing.link
    rows = wrap(link.title, shape.letters, 2)
    names = len(rows)
    facts = [f"{plural(link.accounts, 'account')}", f"{count(link.accounts_elsewhere)} elsewhere"]
    if shape.label:
        rows.append(f"{', '.join(facts)} · {bits(link.bits)} bits")
    else:
        rows += [f"{facts[0]} · {bits(link.bits)} bits"]
    badge = tag(
        "rect", class_="badge", x=shape.things - 1, y=thing.y - 9, width=18, height=18, rx=4
    )
    name = tag("text", thing.letter, class_="letter", x=shape.things + 8, y=thing.y + 4)
    return badge + name + _lines(rows, shape.things + 26, thing.y - 7.0 * len(rows) + 11, names)


def _lines(rows: Sequence[str], x: float, y: float, names: int = 1) -> Markup:
    return Markup("").join(
        tag("text", row, x=x, y=y + 14.0 * i, class_="name" if i < names else None)
        for i, row in enumerate(rows)
    )
