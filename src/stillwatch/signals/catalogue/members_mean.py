"""The mean of what account signals say, over a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.types as ir

if TYPE_CHECKING:
    from stillwatch.signals.model import GroupTables


def members_mean(tables: GroupTables, column: str) -> ir.Table:
    """Mean of an account column over each group's members; columns group, value.

    The mean and not the sum: accounts of one group behave alike for one cause, innocent or not,
    so what they share is evidence once and not once for each account.
    """
    joined = tables.members.join(tables.accounts, "account_key")
    return joined.group_by("group").agg(value=joined[column].cast("float64").mean())
