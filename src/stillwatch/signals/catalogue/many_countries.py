"""The group's requests come from many countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.catalogue.effective import effective_number
from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def countries(tables: GroupTables) -> ir.Table:
    """Effective number of countries of each group's requests; group, value."""
    e = tables.exchanges
    known = e.filter(e.country.notnull())
    return effective_number(known.select("group", thing=known.country, weight=1.0))


SIGNAL = GroupSignal(
    about=About(
        name="many_countries",
        title="Countries",
        group="identity",
        needs=("country",),
        innocent="Users of a popular tool live everywhere.",
        source="Disclosure of Feb 2026: proxy networks.",
        atlas=("AML.T0008.005",),
    ),
    scale=Scale(
        edges=(1.2, 2.0, 3.5, 6.0, 9.0),
        harvest=(0.10, 0.15, 0.20, 0.20, 0.20, 0.15),
        ordinary=(0.20, 0.20, 0.15, 0.15, 0.15, 0.15),
        reading="requests from {value:.1f} countries",
    ),
    measure=countries,
)
