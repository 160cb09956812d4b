"""The links: which accounts carry which thing that others carry, too.

Two tables. `things` names what is shared: node (int64), kind, value (string), carriers. `edges`
says who carries it: account_key, node, share, bits, weight, and place, its rank by weight among
the edges of its account and kind. Edges hold integers alone, since
there are many of them; names are looked up at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from stillwatch.engine import Engine
from stillwatch.licences.sides import Sides
from stillwatch.signals.model import Link

COMMONEST = 0.5
"""A thing that more than this share of all accounts carries joins nobody."""
NODES_A_KIND = 2**40
MOST_WORDINGS = 4
"""Things of one kind of wording by which an account is linked: those that say most about it."""
MOST_THINGS = 16
"""Things of any other kind."""
LEAST_WEIGHT = 0.02
"""Bits times share below which a thing links nobody."""


def common(carriers: ir.Table, kind: int) -> ir.Table:
    """thing, node: what at least two accounts carry.

    `carriers` has account_key and thing. Most things are carried by one account alone; they are
    dropped before anything is counted by pairs.
    """
    several = (
        carriers.filter(carriers.thing.notnull())
        .group_by("thing")
        .agg(one=lambda t: t.account_key.min(), other=lambda t: t.account_key.max())
        .filter(lambda t: t.one != t.other)
    )
    # In the order of the things: numbers that came with the engine's threads would draw the graph
    # anew at every scan, and with it the groups.
    numbered = ibis.row_number().over(order_by="thing")
    return several.select("thing", node=numbered + kind * NODES_A_KIND)


def links(
    engine: Engine,
    exchanges: ir.Table,
    accounts: ir.Table,
    kinds: Sequence[Link],
    total: int,
    sides: Sides | None = None,
) -> tuple[ir.Table, ir.Table]:
    """The tables `things` and `edges` of some kinds of links, among `total` accounts.

    `bits` of an edge is the match weight of agreeing on the thing, log2(total / carriers): how
    surprising it is that one more account carries it (Fellegi and Sunter 1969, with m near 1 and
    u from the value's own frequency; Newcombe 1959). `share` is the part of the account's
    exchanges that carry it, so that a relay account is drawn to its harvest as far as it harvests.
    `weight` is bits times share, times what chance leaves of the carriers (`_usual`). An account
    with two `sides`, of which one is licensed, carries a thing once.
    """
    named, carried = [], []
    commonest = max(3, int(COMMONEST * total))
    used = accounts.select("account_key", "exchanges")
    for number, link in enumerate(kinds):
        name = link.about.name
        whole = accounts if link.of_account else exchanges
        uses = whole.exchanges if link.of_account else ibis.literal(1)
        rows = whole.select("account_key", thing=link.value(whole), uses=uses)
        found = engine.keep(f"common_{name}", common(rows, number))
        held = engine.keep(
            f"carried_{name}",
            rows.join(found, "thing")
            .group_by("account_key", "node")
            .agg(uses=lambda t: t.uses.sum()),
        )
        if sides is not None:
            held = engine.keep(f"carried_once_{name}", sides.once(held))
        most = MOST_WORDINGS if link.text else MOST_THINGS
        carriers = held.group_by("node").agg(carriers=lambda t: t.count())
        things = engine.keep(
            f"things_{name}",
            found.join(carriers.filter(carriers.carriers.between(2, commonest)), "node").select(
                "node", "carriers", kind=ibis.literal(name), value=lambda t: t.thing.cast("string")
            ),
        )
        named.append(things)
        borne = held.join(things.select("node", "carriers"), "node")
        usual = _usual(borne if sides is None else sides.owned(borne), total)
        carried.append(engine.keep(f"edges_{name}", _strongest(borne, used, total, most, usual)))
    return engine.keep("things", _union(named)), engine.keep("edges", _union(carried))


def _usual(borne: ir.Table, total: int) -> float:
    """With how many others an account shares the rarest thing it has of one kind: the median.

    Where nearly everybody shares the ten minutes of creation with one or two others, sharing them
    with two says nothing, however rare those minutes are; sharing them with fifty does.
    """
    rarest = borne.group_by("account_key").agg(others=lambda t: t.carriers.min() - 1)
    # Accounts that share nothing of this kind share it with nobody.
    counts = rarest.group_by("others").agg(accounts=lambda t: t.count()).order_by("others")
    rows = counts.to_pyarrow()
    below = total - sum(rows["accounts"].to_pylist())
    usual = 0
    for others, accounts in zip(
        rows["others"].to_pylist(), rows["accounts"].to_pylist(), strict=True
    ):
        if 2 * below >= total:
            break
        below += accounts
        usual = others
    return float(usual)


def _strongest(borne: ir.Table, used: ir.Table, total: int, most: int, usual: float) -> ir.Table:
    """The edges of one kind, of each account those few that say most.

    A heavy account carries thousands of common phrases; they would outnumber, not outweigh, the
    rare things that tie it to its group.
    """
    edges = (
        borne.join(used, "account_key")
        .select(
            "account_key",
            "node",
            share=lambda t: t.uses.cast("float64") / t.exchanges,
            carriers=lambda t: t.carriers,
            bits=lambda t: (float(total) / t.carriers.cast("float64")).log2(),
        )
        .mutate(says=lambda t: t.bits * t.share)
        .filter(lambda t: t.says >= LEAST_WEIGHT)
        .mutate(
            weight=lambda t: t.says * (1.0 - usual / (t.carriers - 1)).clip(lower=0.0, upper=1.0)
        )
    )
    strongest = [ibis.desc(edges.weight), ibis.desc(edges.says), edges.node]
    ranked = edges.mutate(
        place=ibis.row_number().over(ibis.window(group_by="account_key", order_by=strongest))
    )
    return ranked.filter(ranked.place < most).drop("carriers", "says")


def _union(tables: Sequence[ir.Table]) -> ir.Table:
    return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]
