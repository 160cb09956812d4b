"""Who belongs: those who share much and rare, and no passer-by."""

from __future__ import annotations

from math import log2

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from stillwatch.campaigns import membership
from stillwatch.campaigns.candidates import belong
from stillwatch.engine import Engine
from stillwatch.signals.model import About, Link
from stillwatch.signals.shared import NODES_A_KIND

TOTAL = 2_000
Carried = dict[str, dict[int, float]]
"""Thing (`kind:value`) → account → share of its exchanges."""


def keep(opened: Engine, table: pa.Table) -> ir.Table:
    return opened.memtable(ibis.util.gen_name("t"), table)


def tables(opened: Engine, carried: Carried) -> tuple[ir.Table, ir.Table]:
    """`things` and `edges` as the links make them."""
    kinds = sorted({name.split(":")[0] for name in carried})
    things, edges = [], []
    for number, (name, by_account) in enumerate(sorted(carried.items())):
        kind, value = name.split(":")
        node = kinds.index(kind) * NODES_A_KIND + number
        bits = log2(TOTAL / len(by_account))
        things.append({"node": node, "carriers": len(by_account), "kind": kind, "value": value})
        edges += [
            {"account_key": a, "node": node, "share": s, "bits": bits, "weight": bits * s}
            for a, s in by_account.items()
        ]
    return keep(opened, pa.Table.from_pylist(things)), keep(opened, pa.Table.from_pylist(edges))


def link(name: str, text: bool) -> Link:
    about = About(
        name=name, title=name, group="links", needs=("time",), innocent="None.", source="A test."
    )
    return Link(about=about, value=lambda t: t.time, text=text)


def bits_of(
    opened: Engine, carried: Carried, groups: dict[int, int], wording: tuple[str, ...] = ("head",)
) -> dict[int, float]:
    """Account → bits that it belongs to its group."""
    things, edges = tables(opened, carried)
    rows = {"group": list(groups.values()), "account_key": list(groups)}
    members = keep(opened, pa.table(rows))
    held = membership.shared(edges, things, members, TOTAL)
    kinds = sorted({name.split(":")[0] for name in carried})
    found = belong(held, members, [link(k, k in wording) for k in kinds]).to_pyarrow().to_pylist()
    assert sorted(row["account_key"] for row in found) == sorted(groups), "everyone is weighed"
    return {row["account_key"]: row["link_bits"] for row in found}


ALL = dict.fromkeys(range(20), 1.0)


def test_those_who_share_everything_rare_belong(opened: Engine) -> None:
    carried = {"head:a": ALL, "address:x": ALL}
    found = bits_of(opened, carried, dict.fromkeys(range(20), 0))
    assert all(bits >= membership.LEAST for bits in found.values())


def test_a_passer_by_with_one_common_thing_is_dropped(opened: Engine) -> None:
    crowd = dict.fromkeys(range(100, 500), 1.0)
    carried = {
        "head:a": ALL,
        "address:x": ALL,
        "client:usual": {**ALL, 99: 1.0, **crowd},
    }
    found = bits_of(opened, carried, {**dict.fromkeys(range(20), 0), 99: 0})
    assert found[99] < membership.LEAST
    assert all(found[a] >= membership.LEAST for a in range(20))


def test_one_exchange_in_a_thousand_makes_no_member(opened: Engine) -> None:
    carried = {"head:a": {**ALL, 99: 0.001}, "address:x": ALL}
    found = bits_of(opened, carried, {**dict.fromkeys(range(20), 0), 99: 0})
    assert found[99] < membership.LEAST <= min(found[a] for a in range(20))


def test_what_nobody_else_in_the_group_carries_says_nothing(opened: Engine) -> None:
    base: Carried = {"head:a": ALL}
    other = {"address:own": {0: 1.0, 700: 1.0}}
    groups = dict.fromkeys(range(20), 0)
    assert bits_of(opened, base | other, groups) == pytest.approx(bits_of(opened, base, groups))


def test_the_more_of_its_exchanges_carry_it_the_more_an_account_belongs(opened: Engine) -> None:
    shares = {0: 0.0005, 1: 0.001, 2: 0.002, 3: 1.0}
    carried = {"head:a": {**ALL, **shares}}
    found = bits_of(opened, carried, dict.fromkeys(range(20), 0))
    ordered = [found[a] for a in shares]
    assert ordered == sorted(ordered)
    assert ordered[0] < ordered[-1]


def test_kinds_of_wording_count_once(opened: Engine) -> None:
    groups = dict.fromkeys(range(20), 0)
    one = bits_of(opened, {"head:a": ALL}, groups, ("head", "tail"))
    two = bits_of(opened, {"head:a": ALL, "tail:b": ALL}, groups, ("head", "tail"))
    apart = bits_of(opened, {"head:a": ALL, "tail:b": ALL}, groups, ("head",))
    assert two == pytest.approx(one)
    assert apart[0] > one[0]


def test_no_kind_says_more_than_its_cap(opened: Engine) -> None:
    carried: Carried = {f"address:{i}": dict.fromkeys(range(20), 1.0) for i in range(5)}
    found = bits_of(opened, carried, dict.fromkeys(range(20), 0))
    assert max(found.values()) <= membership.LARGEST_KIND


def test_groups_are_weighed_apart(opened: Engine) -> None:
    first, second = dict.fromkeys(range(20), 1.0), dict.fromkeys(range(20, 40), 1.0)
    groups = {**dict.fromkeys(range(20), 0), **dict.fromkeys(range(20, 40), 1)}
    both = bits_of(opened, {"head:a": first, "head:b": second}, groups)
    alone = bits_of(opened, {"head:a": first, "head:b": second}, dict.fromkeys(range(20), 0))
    assert [both[a] for a in range(20)] == pytest.approx([alone[a] for a in range(20)])


def test_shared_things_are_counted_inside_and_everywhere(opened: Engine) -> None:
    carried = {"head:a": {**ALL, 50: 1.0, 51: 1.0}, "head:lone": {3: 1.0, 60: 1.0}}
    things, edges = tables(opened, carried)
    members = keep(opened, pa.table({"group": [0] * 20, "account_key": list(range(20))}))
    rows = membership.shared(edges, things, members, TOTAL).to_pyarrow().to_pylist()
    assert {(r["inside"], r["carriers"], r["size"]) for r in rows} == {(20, 22, 20)}
    assert len(rows) == 20, "what one member carries alone is left out"
    assert min(r["lift"] for r in rows) > 10


def test_narrowed_to_all_members_nothing_changes(opened: Engine) -> None:
    carried = {"head:a": {**ALL, 50: 1.0, 51: 1.0}, "address:x": dict.fromkeys(range(6), 0.5)}
    things, edges = tables(opened, carried)
    members = keep(opened, pa.table({"group": [0] * 20, "account_key": list(range(20))}))
    held = membership.shared(edges, things, members, TOTAL)
    again = membership.narrowed(held, members, TOTAL)
    order = [("account_key", "ascending"), ("node", "ascending")]
    assert again.to_pyarrow().sort_by(order).equals(held.to_pyarrow().sort_by(order))


def test_narrowed_to_fewer_members_they_are_weighed_as_if_found_so(opened: Engine) -> None:
    carried = {"head:a": {**ALL, 50: 1.0}, "address:x": dict.fromkeys(range(6), 0.5)}
    things, edges = tables(opened, carried)
    all_of = keep(opened, pa.table({"group": [0] * 20, "account_key": list(range(20))}))
    some = keep(opened, pa.table({"group": [0] * 9, "account_key": list(range(9))}))
    narrow = membership.narrowed(membership.shared(edges, things, all_of, TOTAL), some, TOTAL)
    found = membership.shared(edges, things, some, TOTAL)
    rows = [t.order_by("account_key", "node").to_pyarrow().to_pylist() for t in (narrow, found)]
    for left, right in zip(*rows, strict=True):
        assert left == pytest.approx(right)
