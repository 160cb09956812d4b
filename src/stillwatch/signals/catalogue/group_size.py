"""Size: many accounts that share rare things are seldom there by chance or by custom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def accounts(tables: GroupTables) -> ir.Table:
    """Number of accounts of each group; columns group, value."""
    return tables.members.group_by("group").agg(value=lambda t: t.count().cast("float64"))


SIGNAL = GroupSignal(
    about=About(
        name="group_size",
        title="Number of accounts",
        group="links",
        needs=("time",),
        innocent="Popular tools, large companies and universities have many accounts as well.",
        source="Disclosures of 2026: campaigns held from 273 to some 25,000 accounts.",
        atlas=("AML.T0021",),
    ),
    scale=Scale(
        edges=(8.0, 25.0, 80.0, 250.0),
        harvest=(0.15, 0.25, 0.30, 0.20, 0.10),
        ordinary=(0.50, 0.30, 0.12, 0.05, 0.03),
        reading="accounts: {value:.0f}",
    ),
    measure=accounts,
)
