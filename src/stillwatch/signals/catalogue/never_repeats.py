"""Never asks twice: people and programs ask again; a work queue has each prompt once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def different(tables: GroupTables) -> ir.Table:
    """Different prompts for each prompt of a group, variable parts masked; columns group, value."""
    e = tables.exchanges
    asked = e.filter(e.skeleton.notnull()).group_by("group", "skeleton").agg(n=lambda t: t.count())
    return (
        asked.group_by("group")
        .agg(different=lambda t: t.count(), total=lambda t: t.n.sum())
        .filter(lambda t: t.total >= 20)
        .select("group", value=lambda t: t.different.cast("float64") / t.total)
    )


SIGNAL = GroupSignal(
    about=About(
        name="never_repeats",
        title="Never asks twice",
        group="shards",
        needs=("skeleton",),
        innocent="Many people with many different questions do not repeat themselves either.",
        source="PRADA (Juuti et al. 2019): distances between successive queries.",
        atlas=("AML.T0024.002",),
    ),
    scale=Scale(
        edges=(0.3, 0.6, 0.85, 0.97),
        harvest=(0.05, 0.10, 0.20, 0.25, 0.40),
        ordinary=(0.15, 0.15, 0.25, 0.25, 0.20),
        reading="{value:.0%} of its prompts differ from all the others",
    ),
    measure=different,
)
