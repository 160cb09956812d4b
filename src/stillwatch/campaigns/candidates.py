"""Candidate groups, measured: the step between the graph and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stillwatch.campaigns import graph, membership
from stillwatch.campaigns.posterior import Floats
from stillwatch.engine import Engine
from stillwatch.signals.model import GroupSignal, GroupTables, Link
from stillwatch.signals.shared import NODES_A_KIND

EDGES_A_KIND = 3
"""Edges of one kind by which an account is drawn into a group."""
LEAST_WEIGHT = 0.02
"""Bits below which an edge draws nobody."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate groups and what was measured of them.

    `members`: group, account_key, link_bits. `shared`: see `membership.shared`. `exchanges`: the
    sketches of members, with `group`. `groups` (n,): group ids; `values[signal]` (n,): what each
    group signal measured, NaN where it could not judge.
    """

    members: ir.Table
    shared: ir.Table
    exchanges: ir.Table
    groups: np.ndarray[tuple[int], np.dtype[np.int64]]
    values: dict[str, Floats]


def candidates(
    engine: Engine,
    exchanges: ir.Table,
    accounts: ir.Table,
    edges: ir.Table,
    things: ir.Table,
    links: Sequence[Link],
    signals: Sequence[GroupSignal],
    fewest: int,
    total: int,
) -> Candidates:
    """Finds groups of at least `fewest` of `total` accounts and measures every group signal."""
    found = graph.communities(strongest(edges).to_pyarrow(), fewest)
    rough = engine.memtable("rough_members", found)
    wording = [link.about.name for link in links if link.text]
    drafts = engine.keep("rough_shared", membership.shared(edges, things, rough, total))
    belonging = engine.keep("belonging", membership.member_bits(drafts, rough, wording))
    sure = belonging.filter(belonging.link_bits >= membership.LEAST)
    sizes = sure.group_by("group").agg(size=lambda t: t.count())
    members = engine.keep(
        "members",
        sure.semi_join(sizes.filter(sizes["size"] >= fewest), "group"),
    )
    shared = engine.keep("shared", membership.shared(edges, things, members, total))
    inside = exchanges.join(members.select("group", "account_key"), "account_key")
    tables = GroupTables(members=members, accounts=accounts, exchanges=inside, shared=shared)
    groups = np.sort(members.select("group").distinct().to_pyarrow()["group"].to_numpy())
    return Candidates(
        members=members,
        shared=shared,
        exchanges=inside,
        groups=groups,
        values={s.about.name: _aligned(groups, s.measure(tables)) for s in signals},
    )


def strongest(edges: ir.Table) -> ir.Table:
    """account_key, node, weight: the few edges of each account and kind that say most.

    A heavy account carries thousands of common phrases; they would outnumber, not outweigh, the
    rare things that tie it to its group.
    """
    best = ibis.window(
        group_by=["account_key", edges.node // NODES_A_KIND],
        order_by=[ibis.desc(edges.weight), edges.node],
    )
    ranked = edges.filter(edges.weight >= LEAST_WEIGHT).mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place < EDGES_A_KIND).select("account_key", "node", "weight")


def _aligned(groups: np.ndarray[tuple[int], np.dtype[np.int64]], measured: ir.Table) -> Floats:
    table: pa.Table = measured.select("group", value=measured.value.cast("float64")).to_pyarrow()
    values = np.full(len(groups), np.nan)
    values[np.searchsorted(groups, table["group"].to_numpy())] = table["value"].to_numpy()
    return values
