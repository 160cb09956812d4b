"""Who belongs: what each account shares with its group, weighed against everybody else."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

LIFT = 3.0
"""A thing is typical of a group if it is this many times as common in it as outside."""
LARGEST_KIND = 6.0
"""Bits that one kind of shared thing may say about membership at most."""
SMALLEST_KIND = -2.0
"""And against it."""
UNCOVERED = 0.05
"""Keeps an exchange that carries nothing shared possible in a group that shares everything."""
LEAST = 5.0
"""Bits of shared things below which an account is not a member."""


def shared(edges: ir.Table, things: ir.Table, members: ir.Table, total: int) -> ir.Table:
    """What is typical of groups, and which members carry it.

    A thing is typical of a group if at least two of its accounts carry it and it is `LIFT` times
    as common there as outside. Columns group, account_key, kind, node, share, bits; inside
    (members that carry it), carriers (all accounts that do), size (of the group), mass and
    mass_all (sums of shares, of members and of all that carry it), lift, and two likelihood ratios
    of an exchange that carries the thing: thing_ratio, within the group against outside of it, and
    ratio, the same with the account itself left out of its group.
    """
    held = edges.join(members.select("group", "account_key"), "account_key")
    typical = _found(edges, things, held, members, total)
    carried = held.select("group", "account_key", "node", "share", "bits", member=True)
    return _ratios(carried.join(typical, ["group", "node"]), total)


def fit(
    edges: ir.Table,
    things: ir.Table,
    members: ir.Table,
    pairs: ir.Table,
    families: Mapping[str, str],
    total: int,
) -> ir.Table:
    """group, account_key, kind, kind_bits: how accounts fit groups that they need not be in.

    `members` and `pairs` have group and account_key; every account in `pairs` is weighed, against
    what is typical of the members. A member is left out of its group, another is not in it.
    """
    inside = members.select("group", "account_key")
    typical = _found(edges, things, edges.join(inside, "account_key"), inside, total)
    asked = pairs.select("group", "account_key").left_join(
        inside.mutate(member=True), ["group", "account_key"]
    )
    asked = asked.select("group", "account_key", member=asked.member.fill_null(False))
    carried = edges.join(asked, "account_key").select(
        "group", "account_key", "node", "share", "bits", "member"
    )
    weighed = _ratios(carried.join(typical, ["group", "node"]), total)
    looseness = covered(weighed.semi_join(inside, ["group", "account_key"]))
    return by_kind(weighed, looseness, pairs, families)


def narrowed(shared: ir.Table, members: ir.Table, total: int) -> ir.Table:
    """What `shared` gives, for fewer members: of what was typical before, what still is.

    Members that leave are those who carry little of it, so hardly anything becomes typical.
    """
    held = shared.select(
        "group", "account_key", "node", "kind", "share", "bits", "carriers", "mass_all"
    ).semi_join(members, ["group", "account_key"])
    known = held.select("node", "kind", "carriers").distinct()
    typical = _typical(held, members, total, known)
    carried = held.select("group", "account_key", "node", "share", "bits", "mass_all", member=True)
    return _ratios(carried.join(typical, ["group", "node"]), total)


def _found(
    edges: ir.Table, things: ir.Table, held: ir.Table, members: ir.Table, total: int
) -> ir.Table:
    """What `_typical` gives of the things that members hold, with mass_all."""
    typical = _typical(held, members, total, things.select("node", "kind", "carriers"))
    everywhere = (
        edges.semi_join(typical, "node").group_by("node").agg(mass_all=lambda t: t.share.sum())
    )
    return typical.join(everywhere, "node")


def _typical(held: ir.Table, members: ir.Table, total: int, known: ir.Table) -> ir.Table:
    """group, node, kind, carriers, inside, mass, size, lift of what is typical of groups."""
    inside = (
        held.group_by("group", "node")
        .agg(inside=lambda t: t.count(), mass=lambda t: t.share.sum())
        .filter(lambda t: t.inside >= 2)
    )
    sizes = members.group_by("group").agg(size=lambda t: t.count())
    counted = inside.join(known, "node").join(sizes, "group")
    size = counted["size"].cast("float64")
    return counted.mutate(
        lift=(counted.inside / size)
        / ((counted.carriers - counted.inside + 0.5) / (float(total) - size + 1.0))
    ).filter(lambda t: t.lift >= LIFT)


def _ratios(carried: ir.Table, total: int) -> ir.Table:
    size = carried["size"].cast("float64")
    outside = (carried.mass_all - carried.mass + 0.5) / (float(total) - size + 1.0)
    own = carried.member.cast("float64")
    within = (carried.mass - own * carried.share + 0.5 * outside) / (size - own + 0.5)
    whole = (carried.mass + 0.5 * outside) / (size + 0.5)
    return carried.mutate(ratio=within / outside, thing_ratio=whole / outside).select(
        "group",
        "account_key",
        "kind",
        "node",
        "share",
        "bits",
        "inside",
        "carriers",
        "size",
        "mass",
        "mass_all",
        "lift",
        "ratio",
        "thing_ratio",
    )


def covered(shared: ir.Table) -> ir.Table:
    """group, kind, uncovered: by what kinds of things a group is held together, and how loosely.

    `uncovered` is the share of its use that carries no thing of that kind which is typical of it.
    """
    mass = shared.group_by("group", "kind", "size").agg(mass=lambda t: t.share.sum())
    return mass.select(
        "group", "kind", uncovered=ibis.greatest(1.0 - mass.mass / mass["size"], 0.0)
    )


def link_bits(
    shared: ir.Table, looseness: ir.Table, pairs: ir.Table, families: Mapping[str, str]
) -> ir.Table:
    """group, account_key, link_bits: the sum of what all kinds say (`by_kind`), for each pair."""
    summed = (
        by_kind(shared, looseness, pairs, families)
        .group_by("group", "account_key")
        # An engine adds in any order, and ranks must not hang on the last digits.
        .agg(link_bits=lambda t: t.kind_bits.sum().round(6))
    )
    joined = pairs.left_join(summed, ["group", "account_key"])
    return joined.select("group", "account_key", link_bits=joined.link_bits.fill_null(0.0))


def by_kind(
    shared: ir.Table, looseness: ir.Table, pairs: ir.Table, families: Mapping[str, str]
) -> ir.Table:
    """group, account_key, kind, kind_bits: log2 of the likelihood ratio of belonging.

    For each kind of thing that holds the group together (`looseness`, from `covered`), an
    account's exchanges are a mixture over the things they carry, so the ratio is the
    share-weighted mean of the things' ratios; what carries nothing typical is as probable as such
    exchanges are within the group. Kinds that depend on one another make a family (`families`:
    kind → family), of which only the largest counts. Each is cut to `SMALLEST_KIND` ..
    `LARGEST_KIND`.
    """
    by_thing = shared.group_by("group", "account_key", "kind").agg(
        ratio=lambda t: (t.share * t.ratio).sum(), covered=lambda t: t.share.sum()
    )
    expected = pairs.select("group", "account_key").join(looseness, "group")
    each = expected.left_join(by_thing, ["group", "account_key", "kind"])
    rest = ibis.greatest(1.0 - each.covered.fill_null(0.0), 0.0)
    ratio = each.ratio.fill_null(0.0) + rest * (each.uncovered + UNCOVERED)
    return (
        each.select(
            "group",
            "account_key",
            kind=each.kind.substitute(dict(families)),
            kind_bits=ratio.log2().clip(lower=SMALLEST_KIND, upper=LARGEST_KIND),
        )
        .group_by("group", "account_key", "kind")
        .agg(kind_bits=lambda t: t.kind_bits.max())
    )
