"""The use of a group in bins of ten minutes, by witness and hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.catalogue.witnesses import witnesses
from stillwatch.signals.times import BINS

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def ten_minutes(tables: GroupTables) -> ir.Table:
    """group, witness, hour, ten, seen: exchanges of each witness in each bin that has any."""
    return (
        witnesses(tables.times, tables)
        .group_by("group", "witness", "ten")
        .agg(seen=lambda t: t.seen.sum())
        .mutate(hour=lambda t: t.ten // BINS)
    )
