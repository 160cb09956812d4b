"""The mean of what account signals say, over a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def members_mean(tables: GroupTables, column: str) -> ir.Table:
    """Mean of an account column over each group's members; columns group, value.

    The mean and not the sum: accounts of one group behave alike for one cause, innocent or not,
    so what they share is evidence once and not once for each account.
    """
    joined = tables.members.join(tables.accounts, "account_key")
    return joined.group_by("group").agg(value=joined[column].cast("float64").mean())


def members_scale(what: str) -> Scale:
    """The scale of such a mean, of bits of `what`: one for all, since bits are alike."""
    return Scale(
        edges=(-4.0, -2.5, -1.0, 0.0, 1.0, 2.0),
        harvest=(0.06, 0.08, 0.14, 0.18, 0.18, 0.18, 0.18),
        ordinary=(0.15, 0.20, 0.25, 0.20, 0.12, 0.05, 0.03),
        reading=f"{{value:+.1f}} bits of {what} on average over its accounts",
    )
