"""The group writes from shared templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def templated(tables: GroupTables) -> ir.Table:
    """Share of each group's exchanges that follow a template of its own; columns group, value.

    A template of its own is a masked opening, ending or system prompt that links the group:
    at least two of its accounts carry it, and it is `LIFT` times as common as elsewhere.
    """
    own = tables.shared.select("group", "kind", "node").distinct().join(tables.things, "node")
    rows = tables.exchanges.select("group", "head", "tail", "system_template")
    for kind in ("head", "tail", "system_template"):
        of_kind = own.filter(own.kind == kind).select(
            **{
                "group": own.group,
                # Tried, since an engine may cast before it filters.
                kind: own.value.try_cast("int64"),
                f"own_{kind}": ibis.literal(1),
            }
        )
        rows = rows.left_join(of_kind, ["group", kind]).drop("group_right", f"{kind}_right")
    follows = rows.own_head.notnull() | rows.own_tail.notnull() | rows.own_system_template.notnull()
    return rows.group_by("group").agg(value=follows.cast("float64").mean())


SIGNAL = GroupSignal(
    about=About(
        name="shared_wording",
        title="Shared templates",
        group="text",
        needs=("head", "tail", "system_template"),
        innocent="Users of one tool, one course or one viral prompt share its wording.",
        source="Disclosure of Feb 2026: templates over hundreds of accounts.",
        atlas=("AML.T0065",),
    ),
    scale=Scale(
        edges=(0.02, 0.15, 0.4, 0.75),
        harvest=(0.15, 0.15, 0.20, 0.25, 0.25),
        ordinary=(0.45, 0.25, 0.15, 0.08, 0.07),
        reading="{value:.0%} of its use follows templates rare elsewhere",
        rises=True,
    ),
    measure=templated,
)
