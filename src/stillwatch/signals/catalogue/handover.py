"""Handover: when an account of the group is blocked, a fresh one takes up its work in the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

HOUR = 3600
FEWEST = 2
"""Blocked accounts below which a group is not judged."""
SHRINK = 2.0
"""Keeps a single fresh account from saying much."""


def taken_up(tables: GroupTables) -> ir.Table:
    """How far fresh accounts come after blocked ones and not before; columns group, value.

    Blocked is an account whose last exchanges were denied, at the last denial; fresh is an account
    when it is first answered. Of all pairs of the two within an hour, a came after and b before:
    (a - b) / (a + b + `SHRINK`), 0 where accounts come as they always do.
    """
    e = tables.exchanges
    when = seconds(e.time)
    ends = e.group_by("group", "account_key").agg(
        began=when.min(where=e.status != "denied"),
        answered=when.max(where=e.status != "denied"),
        denied=when.max(where=e.status == "denied"),
    )
    gone = ends.filter(ends.denied > ends.answered)
    blocked = gone.select("group", at="denied", began="began", blocked=1, fresh=0)
    fresh = ends.filter(ends.began.notnull()).select(
        "group", at="began", began="began", blocked=0, fresh=1
    )
    events = ibis.union(blocked, fresh)
    after = ibis.range_window(group_by="group", order_by="at", following=(1, HOUR))
    before = ibis.range_window(group_by="group", order_by="at", preceding=(HOUR, 1))
    near = events.mutate(
        after=events.fresh.sum().over(after).fill_null(0),
        before=events.fresh.sum().over(before).fill_null(0),
    ).filter(lambda t: t.blocked == 1)
    # Its own first answer is no other account's.
    itself = (near["at"] - near.began <= HOUR).cast("int64")
    sums = (
        near.mutate(before=near.before - itself)
        .group_by("group")
        .agg(
            blocked=lambda t: t.count(),
            after=lambda t: t.after.sum().cast("float64"),
            before=lambda t: t.before.sum().cast("float64"),
        )
    )
    judged = sums.filter(sums.blocked >= FEWEST)
    return judged.select(
        "group", value=(judged.after - judged.before) / (judged.after + judged.before + SHRINK)
    )


SIGNAL = GroupSignal(
    about=About(
        name="handover",
        title="Blocked accounts are replaced",
        group="tempo",
        needs=("status",),
        innocent="A customer whose account lapses may open another one at once.",
        source="Advisory AA26-251A: failover when blocked; here from account to account.",
        atlas=("AML.T0021", "AML.T0012"),
    ),
    scale=Scale(
        edges=(0.2, 0.5),
        harvest=(0.45, 0.20, 0.35),
        ordinary=(0.75, 0.15, 0.10),
        reading="fresh accounts come after blocked ones and not before by {value:.0%}",
        rises=True,
    ),
    measure=taken_up,
)
