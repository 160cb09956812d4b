"""How the accounts of a group rank among all accounts, by what an account signal measures.

Each account signal gives a group signal. What is usual differs from provider to provider, so the
members are compared with the provider's own accounts and not with a scale; and their mean rank
counts once, however many they are: accounts of one group behave alike for one cause.
"""

from __future__ import annotations

from dataclasses import replace

import ibis
import ibis.expr.types as ir

from stillwatch.signals.model import AccountSignal, GroupSignal, GroupTables, Scale

FEWEST = 3
"""Members that could be measured, below which a group is not."""
UNKNOWN = (0.05, 0.10, 0.20, 0.30, 0.20, 0.10, 0.05)
"""Whether harvesters rank high or low is not known before it was seen."""


def members(signal: AccountSignal) -> GroupSignal:
    """The group signal of an account signal, named `members_<name>`."""
    name = signal.about.name
    title = f"{signal.about.title}, of its accounts"
    return GroupSignal(
        about=replace(signal.about, name=f"members_{name}", title=title),
        scale=Scale(
            edges=(0.1, 0.25, 0.4, 0.6, 0.75, 0.9),
            harvest=UNKNOWN,
            ordinary=UNKNOWN,
            reading="in this a member ranks above {value:.0%} of all accounts",
            rises=signal.scale.rises,
        ),
        measure=lambda tables: mean_rank(tables, name),
        reads=(),
    )


def mean_rank(tables: GroupTables, column: str) -> ir.Table:
    """Mean rank of each group's members among all accounts; columns group, value (0 to 1).

    The chance that a member's value is above that of an account at random, ties counting half:
    the statistic of Mann and Whitney (1947, Ann. Math. Statist. 18, 50) over its largest value.
    Accounts without a value are left out.
    """
    each = tables.accounts.select("account_key", measured=tables.accounts[column])
    known = each.filter(each.measured.notnull())
    sizes = known.group_by("measured").agg(size=lambda t: t.count())
    below = ibis.cumulative_window(order_by="measured")
    placed = sizes.mutate(upto=sizes["size"].sum().over(below), whole=sizes["size"].sum().over())
    ranks = placed.select(
        "measured", rank=(placed.upto - placed["size"] / 2.0).cast("float64") / placed.whole
    )
    held = tables.members.join(known, "account_key")
    return (
        held.join(ranks, "measured")
        .group_by("group")
        .agg(value=lambda t: t["rank"].mean(), size=lambda t: t.count())
        .filter(lambda t: t["size"] >= FEWEST)
        .select("group", "value")
    )
