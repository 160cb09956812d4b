"""The exchanges a scan looks at: those in its time window, each once."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from stillwatch.engine import Engine


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
