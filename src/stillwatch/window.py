"""The exchanges a scan looks at: those in its time window, each once."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from stillwatch.engine import Engine
from stillwatch.errors import InputError, UsageError
from stillwatch.plural import plural


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
            f"no exchange of the {plural(files, 'file')} lies in the window; "
            "move --since and --until, or leave them out"
        )


def within(sketches: ir.Table, since: datetime | None, until: datetime | None) -> ir.Table:
    """Sketches with since <= time < until."""
    if since is not None:
        sketches = sketches.filter(sketches.time >= ibis.literal(since))
    if until is not None:
        sketches = sketches.filter(sketches.time < ibis.literal(until))
    return sketches


def same_id(engine: Engine, sketches: ir.Table) -> ir.Table:
    """exchange_key, exchange_id, copies, accounts: the exchanges whose id is there more than once.

    `copies` are those within an account, and one exchange. `accounts` is how many have the id: not
    all gateways number exchanges for everybody, so those are different ones.
    """
    # Hardly any id is there twice, and counting millions of texts takes far more than their hashes.
    ids = sketches.select("exchange_key", "exchange_id", mark=sketches.exchange_id.hash())
    often = ids.group_by("mark").agg(seen=lambda t: t.count()).filter(lambda t: t.seen > 1)
    each = (
        ids.semi_join(engine.keep("repeated_ids", often), "mark")
        .group_by("exchange_key", "exchange_id")
        .agg(copies=lambda t: t.count())
        .mutate(accounts=lambda t: t.count().over(group_by="exchange_id"))
    )
    return engine.keep("same_id", each.filter((each.copies > 1) | (each.accounts > 1)))


def once(engine: Engine, sketches: ir.Table, same_id: ir.Table) -> ir.Table:
    """The sketches with only the earliest copy of each exchange."""
    repeated = same_id.filter(same_id.copies > 1)
    if int(repeated.count().to_pyarrow().as_py()) == 0:
        return sketches
    copies = sketches.semi_join(repeated, "exchange_key")
    earliest = ibis.window(
        group_by="exchange_key", order_by=["time", "account", "skeleton", "status"]
    )
    first = copies.mutate(copy=ibis.row_number().over(earliest)).filter(lambda t: t.copy == 0)
    kept = engine.keep("first_copies", first.drop("copy"))
    return sketches.anti_join(repeated, "exchange_key").union(kept)
