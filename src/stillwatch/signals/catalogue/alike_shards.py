"""Alike shards: accounts fed from one shuffled queue have one mixture of topics.

People differ: what one asks about tells much about what he asks next. Shards of one queue are
random samples of it, so the table of accounts against topics is as homogeneous as chance allows.
The measure is the intraclass correlation of topics within accounts, from Pearson's chi-square
over its degrees of freedom (the overdispersion of a Dirichlet-multinomial; Brier 1980, Mosimann
1962): (phi - 1) / (n - 1), near 0 for shards, larger for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

FEWEST = 40
"""Exchanges beyond the first of each account, below which a group cannot be judged."""


def intraclass_correlation(tables: GroupTables) -> ir.Table:
    """Intraclass correlation of topics within accounts, for each group; columns group, value."""
    e = tables.exchanges
    cells = (
        e.filter(e.topic.notnull())
        .group_by("group", "account_key", "topic")
        .agg(seen=lambda t: t.count())
    )
    by_account = cells.mutate(
        of_account=cells.seen.sum().over(ibis.window(group_by=["group", "account_key"])),
        of_topic=cells.seen.sum().over(ibis.window(group_by=["group", "topic"])),
        of_group=cells.seen.sum().over(ibis.window(group_by="group")),
    )
    # Pairs of exchanges of one account that agree in topic, against pairs drawn from the group:
    # an unbiased form of the chi-square that needs no expected counts for empty cells.
    topics = (
        by_account.group_by("group", "topic")
        .agg(of_topic=lambda t: t.of_topic.max(), of_group=lambda t: t.of_group.max())
        .group_by("group")
        .agg(
            chance=lambda t: (
                t.of_topic.cast("float64") * (t.of_topic - 1) / (t.of_group * (t.of_group - 1))
            ).sum(),
            of_group=lambda t: t.of_group.max(),
        )
    )
    pairs = (
        by_account.group_by("group", "account_key")
        .agg(
            agreeing=lambda t: (t.seen.cast("float64") * (t.seen - 1)).sum(),
            total=lambda t: t.of_account.max(),
        )
        .group_by("group")
        .agg(
            agreeing=lambda t: t.agreeing.sum(),
            possible=lambda t: (t.total.cast("float64") * (t.total - 1)).sum(),
            beyond_first=lambda t: (t.total - 1).sum(),
        )
    )
    joined = topics.join(pairs, "group")
    return joined.filter(
        joined.beyond_first >= FEWEST, joined.possible > 0, joined.chance < 0.999
    ).select(
        "group",
        value=lambda t: (t.agreeing / t.possible - t.chance) / (1 - t.chance),
    )


SIGNAL = GroupSignal(
    about=About(
        name="alike_shards",
        title="Accounts alike as shards",
        group="shards",
        needs=("topic",),
        innocent="Users of a tool with one purpose have one mixture of topics as well.",
        source="Dirichlet-multinomial overdispersion (Mosimann 1962; Brier 1980).",
        atlas=("AML.T0024.002",),
    ),
    scale=Scale(
        edges=(0.01, 0.03, 0.08, 0.2),
        harvest=(0.50, 0.20, 0.15, 0.10, 0.05),
        ordinary=(0.10, 0.10, 0.20, 0.30, 0.30),
        reading="topics cluster within accounts by {value:.3f} (0: shards of one queue)",
    ),
    measure=intraclass_correlation,
)
