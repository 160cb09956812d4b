"""Who belongs: what each account shares with its group, weighed against everybody else."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from stillwatch.signals.catalogue.coverage import LIFT

LARGEST_KIND = 6.0
"""Bits that one kind of shared thing may say about membership at most."""
SMALLEST_KIND = -2.0
UNCOVERED = 0.05
"""Keeps an exchange that carries nothing shared possible in a group that shares everything."""
LEAST = 2.0
"""Bits of shared things below which an account is not a member."""


def shared(edges: ir.Table, things: ir.Table, members: ir.Table, total: int) -> ir.Table:
    """What members share with their groups; what only one member carries is left out.

    Columns group, account_key, kind, node, share, bits, inside (members that carry it), carriers
    (all accounts that do), size (of the group), lift (how many times as common it is in the group
    as outside of it), and two likelihood ratios of an exchange that
    carries the thing: thing_ratio, within the group against outside of it, and ratio, the same
    with the account itself left out of its group.
    """
    held = edges.join(members.select("group", "account_key"), "account_key")
    inside = (
        held.group_by("group", "node")
        .agg(inside=lambda t: t.count(), mass=lambda t: t.share.sum())
        .filter(lambda t: t.inside >= 2)
    )
    everywhere = (
        edges.semi_join(inside, "node").group_by("node").agg(mass_all=lambda t: t.share.sum())
    )
    sizes = members.group_by("group").agg(size=lambda t: t.count())
    known = (
        inside.join(everywhere, "node")
        .join(things.select("node", "kind", "carriers"), "node")
        .join(sizes, "group")
    )
    joined = held.join(known, ["group", "node"])
    size = joined["size"].cast("float64")
    outside = (joined.mass_all - joined.mass + 0.5) / (float(total) - size + 1.0)
    within = (joined.mass - joined.share + 0.5 * outside) / (size - 1.0 + 0.5)
    whole = (joined.mass + 0.5 * outside) / (size + 0.5)
    return joined.mutate(
        lift=(joined.inside / size)
        / ((joined.carriers - joined.inside + 0.5) / (float(total) - size + 1.0)),
        ratio=within / outside,
        thing_ratio=whole / outside,
    ).select(
        "group",
        "account_key",
        "kind",
        "node",
        "share",
        "bits",
        "inside",
        "carriers",
        "size",
        "lift",
        "ratio",
        "thing_ratio",
    )


def covered(shared: ir.Table) -> ir.Table:
    """group, kind, uncovered: by what kinds of things a group is held together, and how loosely.

    `uncovered` is the share of its use that carries no thing of that kind which is typical of it.
    """
    held = shared.filter(shared.lift >= LIFT)
    mass = held.group_by("group", "kind", "size").agg(mass=lambda t: t.share.sum())
    return mass.select(
        "group", "kind", uncovered=ibis.greatest(1.0 - mass.mass / mass["size"], 0.0)
    )


def own(shared: ir.Table) -> ir.Table:
    """What each member carries that is typical of its group, itself left out of the group."""
    held = shared.filter(shared.lift >= LIFT)
    return held.select("group", "account_key", "kind", "share", "ratio")


def others(shared: ir.Table, edges: ir.Table, pairs: ir.Table) -> ir.Table:
    """What accounts carry that is typical of a group they are not in, for pairs of both."""
    held = shared.filter(shared.lift >= LIFT)
    typical = held.group_by("group", "node", "kind").agg(ratio=lambda t: t.thing_ratio.max())
    carried = edges.select("account_key", "node", "share").join(pairs, "account_key")
    return carried.join(typical, ["group", "node"]).select(
        "group", "account_key", "kind", "share", "ratio"
    )


def link_bits(
    carried: ir.Table,
    kinds: ir.Table,
    pairs: ir.Table,
    wording: Sequence[str],
    smallest: float = SMALLEST_KIND,
) -> ir.Table:
    """group, account_key, link_bits: log2 of the likelihood ratio of belonging, for each pair.

    For each kind of thing that holds the group together (`covered`), an account's exchanges are a
    mixture over the things they carry (`own` or `others`), so the ratio is the share-weighted mean
    of the things' ratios; what carries nothing typical is as probable as such exchanges are within
    the group. The kinds that come from wording depend on one another: of them only the largest
    counts. Each is cut to `smallest` .. `LARGEST_KIND`; 0 asks only what speaks for belonging.
    """
    by_thing = carried.group_by("group", "account_key", "kind").agg(
        ratio=lambda t: (t.share * t.ratio).sum(), covered=lambda t: t.share.sum()
    )
    expected = pairs.join(kinds, "group")
    by_kind = expected.left_join(by_thing, ["group", "account_key", "kind"])
    rest = ibis.greatest(1.0 - by_kind.covered.fill_null(0.0), 0.0)
    ratio = by_kind.ratio.fill_null(0.0) + rest * (by_kind.uncovered + UNCOVERED)
    by_kind = by_kind.select(
        "group",
        "account_key",
        kind_bits=ratio.log2().clip(lower=smallest, upper=LARGEST_KIND),
        of_wording=by_kind.kind.isin(wording),
    )
    summed = by_kind.group_by("group", "account_key").agg(
        other=lambda t: ibis.ifelse(t.of_wording, 0.0, t.kind_bits).sum(),
        wording=lambda t: ibis.ifelse(t.of_wording, t.kind_bits, None).max(),
    )
    joined = pairs.left_join(summed, ["group", "account_key"])
    return joined.select(
        "group",
        "account_key",
        link_bits=joined.other.fill_null(0.0) + joined.wording.fill_null(0.0),
    )
