"""Shared addresses are many: a pool, and not one office."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.catalogue.effective import effective_number
from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def pool(tables: GroupTables) -> ir.Table:
    """Effective number of shared addresses of each group that has any; group, value."""
    shared = tables.shared
    held = shared.filter(shared.kind == "address")
    return effective_number(held.select("group", thing=held.node, weight=held.share))


SIGNAL = GroupSignal(
    about=About(
        name="proxy_pool",
        title="Several shared addresses",
        group="identity",
        needs=("address",),
        innocent="A company with several offices, a mobile carrier's few gateways.",
        source="Disclosure of Feb 2026: proxy networks.",
        atlas=("AML.T0008.005",),
    ),
    scale=Scale(
        edges=(1.5, 4.0, 8.0, 16.0, 40.0),
        harvest=(0.10, 0.10, 0.20, 0.20, 0.20, 0.20),
        ordinary=(0.40, 0.20, 0.15, 0.10, 0.10, 0.05),
        reading="addresses that several of its accounts use: {value:.0f}",
        rises=True,
    ),
    measure=pool,
    reads=(),
)
