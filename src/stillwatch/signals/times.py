"""When groups are in use, in bins of ten minutes, by account and by witness; several signals read
them."""

from __future__ import annotations

import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.witnesses import witnesses

SECONDS = 600
"""Of a bin."""
BINS = 6
"""Bins in an hour."""


def times(exchanges: ir.Table) -> ir.Table:
    """group, account_key, ten, seen: exchanges of each account in each bin that has any.

    `ten` counts the bins since 1970. `exchanges` has group, account_key and time.
    """
    ten = seconds(exchanges.time) // SECONDS
    return (
        exchanges.select("group", "account_key", ten=ten)
        .group_by("group", "account_key", "ten")
        .agg(seen=lambda t: t.count())
    )


def witnessed(times: ir.Table, shared: ir.Table) -> ir.Table:
    """group, witness, hour, ten, seen: what `times` tells, with those in one place taken together.

    `shared`: as `GroupTables` has it.
    """
    return (
        witnesses(times, shared)
        .group_by("group", "witness", "ten")
        .agg(seen=lambda t: t.seen.sum())
        .mutate(hour=lambda t: t.ten // BINS)
    )
