"""Joint start: the accounts of a group that came into use in the window did so at one time.

Accounts that sit at one shared address count as one: a room is one coincidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.model import About, GroupSignal, Scale
from stillwatch.signals.witnesses import witnesses

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

GAPS = 4.0
"""Mean gaps of an account's use that its silence at an end of the window must outlast."""
FEWEST = 5


def concentration(tables: GroupTables) -> ir.Table:
    """How far apart accounts start, and stop, against what chance makes of it; group, value.

    An account starts in the window if it was silent before for more than `GAPS` times the mean gap
    of its use, and stops in it likewise. Of the starts (or stops) of a group, whichever lie closer:
    the mean distance between two, over that of as many strewn over the window (a third of it):
    0 all at once, 1 by chance. Accounts in one place count as one (`witnesses`), with the first.
    """
    both = ibis.union(_ends(tables, "start"), _ends(tables, "stop"))
    return both.group_by("group").agg(value=lambda t: t.value.min())


def _ends(tables: GroupTables, end: str) -> ir.Table:
    window = tables.accounts.mutate(
        begin=seconds(tables.accounts.first_seen).min().over(ibis.window()),
        end=seconds(tables.accounts.last_seen).max().over(ibis.window()),
    )
    length = (window.end - window.begin).cast("float64").nullif(0.0)
    if end == "start":
        silent = seconds(window.first_seen) - window.begin
    else:
        silent = window.end - seconds(window.last_seen)
    own = window.filter(window.exchanges >= 5, silent > GAPS * window.gap_mean).select(
        "account_key", at=silent.cast("float64") / length
    )
    each = tables.members.join(own, "account_key").select("group", "account_key", "at")
    at = witnesses(each, tables.shared).group_by("group", "witness").agg(at=lambda t: t["at"].min())
    ranked = at.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="group", order_by="at")).cast("float64")
    )
    # The mean difference from ranks: the sum of (2 rank - n + 1) x over n (n - 1) / 2.
    sums = ranked.group_by("group").agg(
        n=lambda t: t.count().cast("float64"),
        weighted=lambda t: (t["rank"] * t["at"]).sum(),
        total=lambda t: t["at"].sum(),
    )
    judged = sums.filter(sums.n >= FEWEST)
    apart = (2.0 * judged.weighted - (judged.n - 1.0) * judged.total) / (
        judged.n * (judged.n - 1.0) / 2.0
    )
    return judged.select("group", value=3.0 * apart)


SIGNAL = GroupSignal(
    about=About(
        name="joint_start",
        title="Started or stopped together",
        group="tempo",
        needs=("time",),
        innocent="A class, a conference and a product launch start on one day as well.",
        source="SynchroTrap (Cao et al. 2014); spread as mean difference (Gini 1912).",
        atlas=("AML.T0021", "AML.T0040"),
    ),
    scale=Scale(
        edges=(0.1, 0.3, 0.6, 0.9),
        harvest=(0.12, 0.33, 0.35, 0.14, 0.06),
        ordinary=(0.10, 0.18, 0.35, 0.25, 0.12),
        reading="its accounts' starts or stops lie {value:.2f} as far apart as by chance",
        rises=False,
    ),
    measure=concentration,
)
