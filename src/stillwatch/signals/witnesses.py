"""Who bears witness to what a group does at one time: accounts, or the room that they sit in.

A class, a workshop and a shift come and go together, and they do so in one place. That forty
people in one room start within the hour is one coincidence and not forty.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

MOSTLY = 0.5
"""Share of an account's exchanges from one address that others of its group use, from which it
counts as being there."""
ROOM = 2**62
"""Keeps numbers of addresses apart from those of accounts."""


def witnesses(rows: ir.Table, shared: ir.Table) -> ir.Table:
    """Rows of accounts (group, account_key) with `witness` (int64) in place of the account.

    `shared`: as `GroupTables` has it. Accounts that are in one place share a witness. Any other is
    its own, and where addresses are not logged each of them is.
    """
    there = (
        shared.filter(shared.kind == "address", shared.share >= MOSTLY)
        .group_by("group", "account_key")
        .agg(place=lambda t: t.node.min() + ROOM)
    )
    joined = rows.left_join(there, ["group", "account_key"])
    kept = [name for name in rows.columns if name != "account_key"]
    return joined.select(*kept, witness=ibis.coalesce(joined.place, joined.account_key))
