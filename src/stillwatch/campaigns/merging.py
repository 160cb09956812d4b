"""Pieces of one campaign, put together again.

Communities are cut where links are thin, and a campaign that pays with many cards and rents many
blocks falls into pieces. Two suspicious groups are one where the accounts of one would be members
of the other, judged by what they carry.
"""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stillwatch.campaigns import membership
from stillwatch.campaigns.candidates import belong, measured
from stillwatch.campaigns.posterior import Judged
from stillwatch.engine import Engine
from stillwatch.evidence import Evidence

AT_HOME = 0.5
"""Share of a group's accounts that must fit another group for the two to be one."""
COMMON = 4.0
"""Bits of things in common by which an account fits another group."""
MOST_PIECES = 200
"""Suspicious groups compared at most, the likeliest: the comparison is of each with each."""


def merged(
    engine: Engine, exchanges: ir.Table, seen: Evidence, judged: Judged, least: float
) -> Evidence:
    """The evidence with the pieces of campaigns put together and measured anew.

    Groups whose probability is `least` or more are compared. The rest stay as they are.
    """
    suspicious = np.flatnonzero(judged.probability >= least)
    suspicious = suspicious[np.argsort(-judged.total[suspicious], kind="stable")][:MOST_PIECES]
    labels = _labels(engine, seen, seen.found.groups[suspicious])
    if labels is None:
        return seen
    found = seen.found
    renamed = found.members.left_join(labels, "group")
    members = engine.keep(
        "merged_members",
        renamed.select(
            "account_key",
            group=renamed.whole.fill_null(renamed.group),
        ),
    )
    total = seen.total
    drafts = engine.keep("merged_rough", membership.shared(seen.edges, seen.things, members, total))
    fitting = engine.keep("merged_belonging", belong(drafts, members, seen.links))
    whole = measured(
        engine,
        "merged",
        fitting,
        exchanges,
        seen.accounts,
        seen.edges,
        seen.things,
        seen.group_signals,
        total,
    )
    return seen.with_found(whole)


def _labels(
    engine: Engine, seen: Evidence, groups: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> ir.Table | None:
    """group, whole: what each of some groups is a piece of; None where nothing is to be merged."""
    if len(groups) < 2:
        return None
    chosen = engine.memtable("suspicious", pa.table({"group": groups}))
    shared = seen.found.shared.semi_join(chosen, "group")
    members = seen.found.members.semi_join(chosen, "group")
    visiting = members.select("account_key", home="group").cross_join(chosen)
    visiting = visiting.filter(visiting.home != visiting.group)
    pairs = visiting.select("group", "account_key")
    wording = [link.about.name for link in seen.links if link.text]
    fits = membership.link_bits(
        membership.others(shared, seen.edges, pairs),
        membership.covered(shared),
        pairs,
        wording,
        # Each piece has cards and blocks of its own, that is why it is a piece: only what the
        # pieces have in common counts.
        smallest=0.0,
    )
    rates = (
        fits.join(visiting, ["group", "account_key"])
        .group_by("group", "home")
        .agg(rate=lambda t: (t.link_bits >= COMMON).cast("float64").mean())
        .filter(lambda t: t.rate >= AT_HOME)
        .to_pyarrow()
    )
    if rates.num_rows == 0:
        return None
    size = len(groups)
    order = np.argsort(groups)
    guests = order[np.searchsorted(groups[order], rates["home"].to_numpy())]
    hosts = order[np.searchsorted(groups[order], rates["group"].to_numpy())]
    joined = sparse.coo_matrix((np.ones(len(guests)), (guests, hosts)), shape=(size, size))
    _, labels = connected_components(joined, directed=False)
    wholes = np.array([groups[labels == label].min() for label in labels], dtype=np.int64)
    return engine.memtable("pieces", pa.table({"group": groups, "whole": wholes}))
