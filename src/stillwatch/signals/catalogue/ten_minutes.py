"""The use of a group in bins of ten minutes, by witness and hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.catalogue.witnesses import witnesses

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables

BINS = 6
"""Of ten minutes in an hour."""


def ten_minutes(tables: GroupTables) -> ir.Table:
    """group, witness, hour, ten, seen: exchanges of each witness in each bin that has any."""
    ten = tables.exchanges.time.epoch_seconds() // 600
    own = (
        tables.exchanges.select("group", "account_key", ten=ten)
        .group_by("group", "account_key", "ten")
        .agg(seen=lambda t: t.count())
    )
    return (
        witnesses(own, tables)
        .group_by("group", "witness", "ten")
        .agg(seen=lambda t: t.seen.sum())
        .mutate(hour=lambda t: t.ten // BINS)
    )
