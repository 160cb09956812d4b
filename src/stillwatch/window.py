"""The exchanges a scan looks at: those in its time window, each once."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from stillwatch.engine import Engine
from stillwatch.errors import InputError, UsageError


def check(since: datetime | None, until: datetime | None) -> None:
    """Raises `UsageError` for times without a zone and for a window that holds nothing."""
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise UsageError(f"{name} has no time zone; give it one, as in 2026-11-20T06:00:00Z")
    if since is not None and until is not None and since >= until:
        raise UsageError(f"the window ends ({until}) before it begins ({since})")


def check_filled(exchanges: ir.Table, files: int) -> None:
    """Raises `InputError` where the window has no exchange."""
    if exchanges.limit(1).count().to_pyarrow().as_py() == 0:
        raise InputError(
            f"no exchange of the {files:,} file{'s' * (files != 1)} lies in the window; "
            "move --since and --until, or leave them out"
        )


def within(sketches: ir.Table, since: datetime | None, until: datetime | None) -> ir.Table:
    """Sketches with since <= time < until."""
    if since is not None:
        sketches = sketches.filter(sketches.time >= ibis.literal(since))
    if until is not None:
        sketches = sketches.filter(sketches.time < ibis.literal(until))
    return sketches


def repeated(engine: Engine, sketches: ir.Table) -> ir.Table:
    """exchange_key, exchange_id, copies: the exchanges that are there more than once."""
    keys = (
        sketches.group_by("exchange_key")
        .agg(copies=lambda t: t.count())
        .filter(lambda t: t.copies > 1)
    )
    found = engine.keep("repeated_keys", keys)
    if int(found.count().to_pyarrow().as_py()) == 0:
        return found.mutate(exchange_id=ibis.null("string"))
    named = (
        sketches.semi_join(found, "exchange_key")
        .group_by("exchange_key")
        .agg(exchange_id=lambda t: t.exchange_id.min())
    )
    return engine.keep("repeated", found.join(named, "exchange_key"))


def once(engine: Engine, sketches: ir.Table, repeated: ir.Table) -> ir.Table:
    """The sketches with only the earliest copy of each exchange."""
    if int(repeated.count().to_pyarrow().as_py()) == 0:
        return sketches
    copies = sketches.semi_join(repeated, "exchange_key")
    earliest = ibis.window(
        group_by="exchange_key", order_by=["time", "account", "skeleton", "status"]
    )
    first = copies.mutate(copy=ibis.row_number().over(earliest)).filter(lambda t: t.copy == 0)
    kept = engine.keep("first_copies", first.drop("copy"))
    return sketches.anti_join(repeated, "exchange_key").union(kept)
