"""Balance of load: a dispatcher gives every account the same work; people differ widely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def spread(tables: GroupTables) -> ir.Table:
    """Standard deviation of ln(exchanges) over each group's accounts; columns group, value."""
    used = tables.members.join(tables.accounts, "account_key")
    return (
        used.group_by("group")
        .agg(
            size=lambda t: t.count(),
            value=lambda t: t.exchanges.cast("float64").ln().std(how="pop"),
        )
        .filter(lambda t: t["size"] >= 5)
        .select("group", "value")
    )


SIGNAL = GroupSignal(
    about=About(
        name="balanced_load",
        title="Balance of load",
        group="shards",
        needs=("time",),
        innocent="Accounts that each did very little are balanced by rounding alone.",
        source="Disclosure of Feb 2026: load balancing over accounts.",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.25, 0.5, 0.8, 1.2),
        harvest=(0.30, 0.25, 0.20, 0.15, 0.10),
        ordinary=(0.05, 0.10, 0.20, 0.30, 0.35),
        reading="use of its accounts spreads by {value:.2f} (standard deviation of the log)",
    ),
    measure=spread,
)
