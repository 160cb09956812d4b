"""Coverage of the union: all accounts together ask about more than any one customer would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

FEWEST = 50


def topics(tables: GroupTables) -> ir.Table:
    """Effective number of topics of each group; columns group, value (1 to 256).

    One over the chance that two exchanges agree in topic, estimated without bias (Simpson 1949),
    so that it does not grow with volume.
    """
    e = tables.exchanges
    cells = (
        e.filter(e.topic.notnull())
        .group_by("group", "topic")
        .agg(seen=lambda t: t.count().cast("float64"))
    )
    sums = cells.group_by("group").agg(
        total=lambda t: t.seen.sum(), agreeing=lambda t: (t.seen * (t.seen - 1.0)).sum()
    )
    judged = sums.filter(sums.total >= FEWEST)
    return judged.select(
        "group", value=judged.total * (judged.total - 1.0) / (judged.agreeing + 1.0)
    )


SIGNAL = GroupSignal(
    about=About(
        name="union_coverage",
        title="Topics of all together",
        group="shards",
        needs=("topic",),
        innocent="The users of a general tool ask about everything as well.",
        source="PRADA (Juuti et al. 2019): queries made to cover; Simpson (1949), Nature 163, 688.",
        atlas=("AML.T0024.002",),
    ),
    scale=Scale(
        edges=(8.0, 20.0, 40.0, 80.0),
        harvest=(0.04, 0.08, 0.13, 0.35, 0.40),
        ordinary=(0.08, 0.14, 0.13, 0.25, 0.40),
        reading="breadth, in topics asked about equally: {value:.0f}",
    ),
    measure=topics,
)
