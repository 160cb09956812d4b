"""Lockstep: the accounts of a group speed up and pause together, within the hour.

People of one office keep the same hours, but nobody's ten minutes hang on a colleague's. Accounts
fed by one dispatcher stop when it stops and sprint when it sprints.
Accounts that sit at one shared address count as one: a room is one coincidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale
from stillwatch.signals.times import BINS

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

LEAST_HOURS = 6
"""Hours with use by at least two witnesses, below which a group is not judged."""


def variance_ratio(tables: GroupTables) -> ir.Table:
    """Variance of the group's use over that of its accounts, within hours; columns group, value.

    Both are of counts per ten minutes about the mean of their hour, so what an hour's rhythm does
    drops out; accounts in one place count as one (`witnesses`). The variances of those that are
    independent add up, whatever each one's burstiness: 1. Above it they vary together, below it
    they take turns (Schluter 1984, Ecology 65, 998: the variance ratio test).
    """
    cells = tables.witnessed
    own = (
        _within(cells, "witness")
        .group_by("group", "hour")
        .agg(own=lambda t: t.varies.sum(), witnesses=lambda t: t.count())
    )
    whole = cells.group_by("group", "hour", "ten").agg(seen=lambda t: t.seen.sum())
    joined = own.join(_within(whole).select("group", "hour", "varies"), ["group", "hour"])
    busy = joined.filter(joined.witnesses >= 2, joined.own > 0)
    return (
        busy.group_by("group")
        .agg(hours=lambda t: t.count(), whole=lambda t: t.varies.sum(), own=lambda t: t.own.sum())
        .filter(lambda t: t.hours >= LEAST_HOURS)
        .select("group", value=lambda t: t.whole / t.own)
    )


def _within(cells: ir.Table, *keys: str) -> ir.Table:
    """Sum of squares about the mean of the hour, empty bins counted, by group, hour and keys."""
    sums = cells.group_by("group", "hour", *keys).agg(
        total=lambda t: t.seen.sum().cast("float64"),
        squares=lambda t: (t.seen.cast("float64") * t.seen).sum(),
    )
    return sums.mutate(varies=sums.squares - sums.total * sums.total / BINS)


SIGNAL = GroupSignal(
    about=About(
        name="lockstep",
        title="In lockstep",
        group="tempo",
        needs=("time",),
        innocent="Machines on one schedule, and a class in one exercise, act together as well.",
        source="Disclosure of Feb 2026: synchronised traffic; variance ratio (Schluter 1984).",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.8, 1.2, 1.6, 2.5, 5.0),
        harvest=(0.04, 0.42, 0.22, 0.10, 0.07, 0.15),
        ordinary=(0.07, 0.65, 0.15, 0.06, 0.04, 0.03),
        reading="its use varies {value:.1f} times as much as that of independent accounts would",
        rises=True,
    ),
    measure=variance_ratio,
)
