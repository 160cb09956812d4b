"""Links: what accounts share, and how much it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2

import ibis.expr.types as ir
import pytest
from sketch_tables import Names, Row

from stillwatch.engine import Engine
from stillwatch.signals import shared
from stillwatch.signals.model import About, Link

Exchanges = Callable[[Sequence[Row]], ir.Table]


def link(name: str, column: str) -> Link:
    return Link(
        about=About(
            name=name,
            title=name,
            group="links",
            needs=(column,),
            innocent="None.",
            source="A test.",
        ),
        value=lambda t: t[column],
    )


ADDRESS, CLIENT = link("address", "address"), link("client", "user_agent")


def linked(
    opened: Engine, table: ir.Table, *kinds: Link, total: int | None = None
) -> tuple[dict[str, Row], list[Row]]:
    """Things by kind and value, and edges with the value of the thing."""
    accounts = table.group_by("account_key").agg(exchanges=lambda t: t.count())
    count = total or int(accounts.count().to_pyarrow().as_py())
    things, edges = shared.links(Names(opened), table, accounts, kinds, count)
    rows = {t["node"]: t for t in things.to_pyarrow().to_pylist()}
    held = [e | {"thing": rows[e["node"]]["value"]} for e in edges.to_pyarrow().to_pylist()]
    return {f"{t['kind']}:{t['value']}": t for t in rows.values()}, held


def test_what_one_account_carries_alone_links_nobody(opened: Engine, exchanges: Exchanges) -> None:
    rows = [{"account": 1, "address": "lonely"}] * 50 + [
        {"account": a, "address": "office"} for a in (1, 2)
    ]
    things, edges = linked(opened, exchanges(rows), ADDRESS, total=40)
    assert set(things) == {"address:office"}
    assert {e["thing"] for e in edges} == {"office"}


def test_nobody_shares_what_is_not_known(opened: Engine, exchanges: Exchanges) -> None:
    things, edges = linked(opened, exchanges([{"account": a} for a in range(5)]), ADDRESS)
    assert (things, edges) == ({}, [])


def test_the_rarer_a_thing_the_more_sharing_it_says(opened: Engine, exchanges: Exchanges) -> None:
    rows = [
        {"account": a, "address": value}
        for value, many in (("two", 2), ("three", 3), ("nine", 9))
        for a in range(many)
    ]
    _, edges = linked(opened, exchanges(rows), ADDRESS, total=40)
    said = {e["thing"]: e["bits"] for e in edges}
    assert said["two"] > said["three"] > said["nine"] > 0
    assert said["two"] == pytest.approx(log2(40 / 2))


def test_a_thing_says_the_same_of_everyone_who_carries_it(
    opened: Engine, exchanges: Exchanges
) -> None:
    rows = [{"account": a, "address": "x"} for a in range(6) for _ in range(a + 1)]
    _, edges = linked(opened, exchanges(rows), ADDRESS, total=100)
    assert len({round(e["bits"], 9) for e in edges}) == 1


def test_share_is_the_part_of_the_exchanges_that_carry_it(
    opened: Engine, exchanges: Exchanges
) -> None:
    rows = [
        *[{"account": 1, "address": "x"}] * 3,
        *[{"account": 1, "address": None}] * 9,
        {"account": 2, "address": "x"},
    ]
    _, edges = linked(opened, exchanges(rows), ADDRESS, total=8)
    assert {e["account_key"]: e["share"] for e in edges} == {1: 0.25, 2: 1.0}
    for edge in edges:
        assert edge["weight"] == pytest.approx(edge["share"] * edge["bits"])


def test_too_common_a_thing_joins_nobody(opened: Engine, exchanges: Exchanges) -> None:
    total = 40
    most = int(shared.COMMONEST * total)
    rows = [{"account": a, "address": "usual"} for a in range(most + 1)]
    rows += [{"account": a, "address": "rare"} for a in range(most)]
    things, edges = linked(opened, exchanges(rows), ADDRESS, total=total)
    assert set(things) == {"address:rare"}
    assert len(edges) == most


def test_a_thing_of_n_accounts_has_n_edges_and_no_pairs(
    opened: Engine, exchanges: Exchanges
) -> None:
    rows = [{"account": a, "address": "x"} for a in range(500) for _ in range(2)]
    things, edges = linked(opened, exchanges(rows), ADDRESS, total=10_000)
    assert len(edges) == 500 == things["address:x"]["carriers"]


def test_one_value_of_two_kinds_is_two_things(opened: Engine, exchanges: Exchanges) -> None:
    rows = [{"account": a, "address": "x", "user_agent": "x"} for a in (1, 2)]
    things, edges = linked(opened, exchanges(rows), ADDRESS, CLIENT, total=40)
    assert set(things) == {"address:x", "client:x"}
    assert len({t["node"] for t in things.values()}) == 2
    assert len(edges) == 4


def test_a_heavy_account_is_linked_by_the_few_things_that_say_most(
    opened: Engine, exchanges: Exchanges
) -> None:
    rows = [{"account": 0, "address": f"x{n}"} for n in range(2, 80)]
    rows += [{"account": a, "address": f"x{n}"} for n in range(2, 80) for a in range(1, n)]
    things, edges = linked(opened, exchanges(rows), ADDRESS, total=1_000)
    mine = [e for e in edges if e["account_key"] == 0]
    kept = {e["thing"] for e in mine}
    assert 0 < len(kept) < len(things) == 78
    rarest = sorted(things.values(), key=lambda t: t["carriers"])[: len(kept)]
    assert kept == {t["value"] for t in rarest}


def test_what_nearly_everybody_shares_with_somebody_draws_nobody(
    opened: Engine, exchanges: Exchanges
) -> None:
    # Forty pairs, as chance makes them, and one crowd of twelve.
    rows = [{"account": a, "address": f"pair {a // 2}"} for a in range(80)]
    rows += [{"account": 100 + a, "address": "crowd"} for a in range(12)]
    _, edges = linked(opened, exchanges(rows), ADDRESS, total=92)
    drawn = {e["thing"]: e["weight"] / (e["bits"] * e["share"]) for e in edges}
    assert drawn["pair 0"] == 0
    assert drawn["crowd"] == pytest.approx(1 - 1 / 11)


def test_what_few_share_draws_with_all_it_says(opened: Engine, exchanges: Exchanges) -> None:
    rows = [{"account": a, "address": f"pair {a // 2}"} for a in range(20)]
    _, edges = linked(opened, exchanges(rows), ADDRESS, total=100)
    assert all(e["weight"] == pytest.approx(e["bits"] * e["share"]) for e in edges)
