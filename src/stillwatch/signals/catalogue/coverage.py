"""How much of a group a kind of shared thing holds together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def coverage(tables: GroupTables, *kinds: str) -> ir.Table:
    """Share of each group's accounts, weighted by use, that hang on shared things of these kinds.

    For an account, the share of its exchanges that carry things of one kind which at least two of
    the group carry and which are `LIFT` times as common in it as outside; of several kinds, the
    kind that covers most.
    Returns group, value (0 to 1), a row for every group.
    """
    shared = tables.shared
    held = (
        shared.filter(shared.kind.isin(kinds))
        .group_by("group", "account_key", "kind")
        .agg(share=lambda t: t.share.sum())
        .group_by("group", "account_key")
        .agg(share=lambda t: ibis.least(t.share.max(), 1.0))
        .group_by("group")
        .agg(held=lambda t: t.share.sum())
    )
    return per_account(tables, held)


def per_account(tables: GroupTables, held: ir.Table) -> ir.Table:
    """`held` of each group over the number of its accounts, 0 where it has none of it.

    Returns group, value, a row for every group.
    """
    sizes = tables.members.group_by("group").agg(size=lambda t: t.count())
    joined = sizes.left_join(held, "group")
    return joined.select("group", value=joined.held.fill_null(0).cast("float64") / joined["size"])
