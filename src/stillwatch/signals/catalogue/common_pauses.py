"""Common pauses: minutes in which no account of a group works, though each is in mid-work.

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


def silences(tables: GroupTables) -> ir.Table:
    """Bins of ten minutes without use, over how many chance would leave; columns group, value.

    An account that uses o of the 6 bins of an hour leaves one of them empty with chance 1 - o / 6,
    whatever its own bursts. Were accounts independent within the hour, all would leave it empty
    with the product of these chances (occupancy; Feller 1968, IV.2). One is added on both sides.
    Accounts in one place count as one (`witnesses`).
    """
    cells = tables.witnessed
    each = cells.group_by("group", "witness", "hour").agg(used=lambda t: t.count())
    by_hour = each.group_by("group", "hour").agg(
        witnesses=lambda t: t.count(),
        # The logarithm of no chance at all is as good as any number this small.
        chance=lambda t: (1.0 - t.used.cast("float64") / BINS).clip(lower=1e-9).ln().sum().exp(),
    )
    union = cells.group_by("group", "hour").agg(used=lambda t: t.ten.nunique())
    joined = by_hour.join(union, ["group", "hour"])
    return (
        joined.filter(joined.witnesses >= 2)
        .group_by("group")
        .agg(
            hours=lambda t: t.count(),
            expected=lambda t: (BINS * t.chance).sum(),
            silent=lambda t: (BINS - t.used).sum(),
        )
        .filter(lambda t: t.hours >= LEAST_HOURS)
        .select("group", value=lambda t: (t.silent + 1.0) / (t.expected + 1.0))
    )


SIGNAL = GroupSignal(
    about=About(
        name="common_pauses",
        title="Pauses in common",
        group="tempo",
        needs=("time",),
        innocent="A fault of the provider or of one office's network silences all at once as well.",
        source="Disclosure of Feb 2026: synchronised traffic; occupancy (Feller 1968, IV.2).",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.8, 1.1, 1.5, 2.5),
        harvest=(0.12, 0.48, 0.10, 0.12, 0.18),
        ordinary=(0.08, 0.74, 0.11, 0.04, 0.03),
        reading="{value:.1f} times as often silent altogether as independent accounts would be",
        rises=True,
    ),
    measure=silences,
)
