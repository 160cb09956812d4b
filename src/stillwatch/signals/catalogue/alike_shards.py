"""Alike shards: accounts fed from one shuffled queue have one mixture of topics.

People differ: what one asks about tells much about what he asks next. Shards of one queue are
random samples of it, so the table of accounts against topics is as homogeneous as chance allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.signals.catalogue.intraclass import intraclass_correlation
from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def topics(tables: GroupTables) -> ir.Table:
    """Intraclass correlation of topics within accounts, for each group; columns group, value."""
    e = tables.exchanges
    one = ibis.literal(1)
    return intraclass_correlation(e.select("group", "account_key", category=e.topic, seen=one))


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
        rises=False,
    ),
    measure=topics,
)
