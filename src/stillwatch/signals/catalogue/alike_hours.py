"""Alike hours: accounts driven by one dispatcher are busy at the same hours as one another.

People come when they come, an hour here and an hour there, each at other times than the next. A
dispatcher that deals one queue out to all its accounts keeps them all at work alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.catalogue.intraclass import intraclass_correlation
from stillwatch.signals.model import About, GroupSignal, Scale
from stillwatch.signals.times import BINS

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def hours(tables: GroupTables) -> ir.Table:
    """Intraclass correlation of hours of the calendar within accounts; columns group, value."""
    tens = tables.times
    hour = tens.ten // BINS
    return intraclass_correlation(tens.select("group", "account_key", "seen", category=hour))


SIGNAL = GroupSignal(
    about=About(
        name="alike_hours",
        title="Busy at the same hours",
        group="tempo",
        needs=("time",),
        innocent="Monitors and other machines on one schedule are busy together as well.",
        source="SynchroTrap (Cao et al. 2014): accounts of one campaign act at the same times.",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.0, 0.02, 0.08, 0.2, 0.5),
        harvest=(0.25, 0.25, 0.20, 0.15, 0.10, 0.05),
        ordinary=(0.04, 0.06, 0.15, 0.25, 0.30, 0.20),
        reading="hours cluster within accounts by {value:.3f} (0: all keep the same hours)",
        rises=False,
    ),
    measure=hours,
)
