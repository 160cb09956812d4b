"""How alike the accounts of a group are in what falls into categories.

The intraclass correlation of a category within accounts: the chance that two exchanges of one
account agree, beyond the chance that any two of the group do. From Pearson's chi-square over its
degrees of freedom (the overdispersion of a Dirichlet-multinomial; Brier 1980, Mosimann 1962).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

FEWEST = 40
"""Exchanges beyond the first of each account, below which a group cannot be judged."""


def intraclass_correlation(exchanges: ir.Table) -> ir.Table:
    """Columns group, value; `exchanges` has group, account_key, category (null: unknown) and
    `seen`, how many exchanges a row stands for.

    0 where accounts are random samples of one whole, 1 where each keeps to one category of its
    own, and a little below 0 where exchanges are dealt out more evenly than by chance.
    """
    cells = (
        exchanges.filter(exchanges.category.notnull())
        .group_by("group", "account_key", "category")
        .agg(seen=lambda t: t.seen.sum())
    )
    by_category = (
        cells.group_by("group", "category")
        .agg(seen=lambda t: t.seen.sum())
        .group_by("group")
        .agg(
            total=lambda t: t.seen.sum(),
            agreeing_all=lambda t: (t.seen.cast("float64") * (t.seen - 1)).sum(),
        )
    )
    by_account = (
        cells.group_by("group", "account_key")
        .agg(
            total=lambda t: t.seen.sum(),
            agreeing=lambda t: (t.seen.cast("float64") * (t.seen - 1)).sum(),
        )
        .group_by("group")
        .agg(
            agreeing=lambda t: t.agreeing.sum(),
            possible=lambda t: (t.total.cast("float64") * (t.total - 1)).sum(),
            beyond_first=lambda t: (t.total - 1).sum(),
        )
    )
    joined = by_category.join(by_account, "group").mutate(
        chance=lambda t: t.agreeing_all / ibis.greatest(t.total.cast("float64") * (t.total - 1), 1)
    )
    return joined.filter(
        joined.beyond_first >= FEWEST, joined.possible > 0, joined.chance < 0.999
    ).select("group", value=lambda t: (t.agreeing / t.possible - t.chance) / (1 - t.chance))
