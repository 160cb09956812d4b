"""The mean of what account signals say, over a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

from stillwatch.signals.model import Scale

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def members_mean(tables: GroupTables, column: str) -> ir.Table:
    """Mean of an account column over each group's members, above the median of all accounts.

    The mean and not the sum: accounts of one group behave alike for one cause, innocent or not,
    so what they share is evidence once and not once for each account. Above the median, since
    what is usual differs from provider to provider, and a harvest is weighed against its own
    surroundings. Returns group, value.
    """
    joined = tables.members.join(tables.accounts, "account_key")
    usual = tables.accounts.aggregate(usual=tables.accounts[column].cast("float64").median())
    means = joined.group_by("group").agg(mean=joined[column].cast("float64").mean())
    return means.cross_join(usual).select("group", value=lambda t: t["mean"] - t.usual)


def members_scale(what: str) -> Scale:
    """The scale of such a mean, of bits of `what`: one for all, since bits are alike."""
    return Scale(
        edges=(-1.0, -0.3, 0.3, 1.0, 2.0, 3.5),
        harvest=(0.06, 0.08, 0.14, 0.18, 0.18, 0.18, 0.18),
        ordinary=(0.10, 0.20, 0.35, 0.20, 0.10, 0.03, 0.02),
        reading=f"{{value:+.1f}} bits of {what} a member, more than the usual account",
    )
