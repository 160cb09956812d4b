"""Harvesting intents of the group: what its prompts ask for, over all its accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def mean_bits(tables: GroupTables) -> ir.Table:
    """Mean of `intent_bits` over each group's exchanges; columns group, value."""
    e = tables.exchanges
    return (
        e.filter(e.intent_bits.notnull())
        .group_by("group")
        .agg(value=lambda t: t.intent_bits.cast("float64").mean())
    )


SIGNAL = GroupSignal(
    about=About(
        name="group_intents",
        title="Harvesting intents",
        group="text",
        needs=("intent_bits",),
        innocent="A tutoring product or a grading service asks for steps and rubrics all day.",
        source="Disclosures of Feb and Sept 2026; advisory AA26-251A.",
        atlas=("AML.T0024.002", "AML.T0065"),
    ),
    scale=Scale(
        edges=(-3.0, -1.0, 0.5, 2.0, 4.0),
        harvest=(0.10, 0.10, 0.15, 0.20, 0.20, 0.25),
        ordinary=(0.45, 0.35, 0.12, 0.05, 0.02, 0.01),
        reading="prompts carry {value:+.1f} bits of a harvesting intent on average",
    ),
    measure=mean_bits,
)
