"""Shards of one queue: accounts of a harvest hardly ever send what another has sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from stillwatch.signals.model import About, GroupSignal, Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def copies(tables: GroupTables) -> ir.Table:
    """Share of each group's prompts that repeat a prompt of another of its accounts."""
    e = tables.exchanges
    asked = (
        e.filter(e.skeleton.notnull())
        .group_by("group", "skeleton")
        .agg(
            exchanges=lambda t: t.count(),
            first=lambda t: t.account_key.min(),
            last=lambda t: t.account_key.max(),
        )
    )
    return (
        asked.group_by("group")
        .agg(
            comparable=lambda t: t.exchanges.sum(),
            copied=lambda t: ibis.ifelse(t["first"] != t["last"], t.exchanges, 0).sum(),
        )
        .filter(lambda t: t.comparable >= 20)
        .select("group", value=lambda t: t.copied.cast("float64") / t.comparable)
    )


SIGNAL = GroupSignal(
    about=About(
        name="cross_copies",
        title="Prompts copied between accounts",
        group="shards",
        needs=("skeleton",),
        innocent="Unrelated people with unrelated questions copy nothing from each other either.",
        source="Own: shards of one work queue never overlap; a class or a benchmark overlaps.",
        atlas=("AML.T0024.002",),
    ),
    scale=Scale(
        edges=(0.01, 0.05, 0.2, 0.5),
        harvest=(0.35, 0.30, 0.20, 0.10, 0.05),
        ordinary=(0.35, 0.20, 0.15, 0.10, 0.20),
        reading="{value:.1%} of its prompts repeat another account's",
    ),
    measure=copies,
)
