"""How many things a group has, each counted by its weight."""

from __future__ import annotations

import ibis.expr.types as ir


def effective_number(held: ir.Table) -> ir.Table:
    """Inverse Simpson concentration (Hill number of order 2; Hill 1973); columns group, value.

    `held` has group, thing and weight. k things of equal weight give k, one that outweighs all
    others gives 1.
    """
    things = held.group_by("group", "thing").agg(weight=lambda t: t.weight.sum())
    return things.group_by("group").agg(
        value=lambda t: t.weight.sum() * t.weight.sum() / (t.weight * t.weight).sum()
    )
