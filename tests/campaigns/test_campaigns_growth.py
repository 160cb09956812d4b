"""A campaign grows from its core: its own join it, a crowd that hangs on to it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from math import log2

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stillwatch.campaigns import growth
from stillwatch.campaigns.candidates import Candidates, Ground
from stillwatch.engine import Engine
from stillwatch.signals.model import About, AccountSignal, Link, Scale
from stillwatch.signals.shared import NODES_A_KIND
from stillwatch.signals.weights import Belonging

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOTAL = 3_000
CORE, REST, CROWD = range(10), range(10, 30), range(100, 120)
WHOLE = [*CORE, *REST, *CROWD]
SHARED = {
    "head": [("template", WHOLE)],
    # The campaign's proxies, and the crowd's company.
    "address": [("pool", [*CORE, *REST]), ("office", CROWD)],
    "payment": [("card", [*CORE, *REST]), ("invoice", CROWD)],
    "client": [("script", [*CORE, *REST]), ("company", CROWD)],
}


KNOWN = Belonging(
    links=dict.fromkeys(("address", "payment", "client", "wording"), (1.0, 1.0)),
    likeness={"tempo": 3.0},
    offset=-20.0,
)
HASTE = AccountSignal(
    about=About(
        name="haste",
        title="Haste",
        group="tempo",
        needs=("time",),
        innocent="None.",
        source="A test.",
    ),
    scale=Scale(edges=(1.0,), harvest=(0.5, 0.5), ordinary=(0.5, 0.5), reading="{value}"),
    aggregates=lambda _: {},
    value=lambda t: t.haste,
)


def keep(opened: Engine, table: pa.Table) -> ir.Table:
    return opened.memtable(ibis.util.gen_name("t"), table)


def ground(opened: Engine, slow: Collection[int]) -> Ground:
    things, edges = [], []
    for number, (kind, held) in enumerate(SHARED.items()):
        for place, (value, accounts) in enumerate(held):
            node = number * NODES_A_KIND + place
            bits = log2(TOTAL / len(accounts))
            things.append({"node": node, "carriers": len(accounts), "kind": kind, "value": value})
            edges += [
                {"account_key": a, "node": node, "share": 1.0, "bits": bits, "weight": bits}
                for a in accounts
            ]
    hasty = {*CORE, *REST, *CROWD} - set(slow)
    accounts = [{"account_key": a, "haste": 2.0 * (a in hasty)} for a in range(TOTAL)]
    exchanges = [{"account_key": a, "time": NOON} for a in WHOLE]
    return Ground(
        engine=opened,
        exchanges=keep(opened, pa.Table.from_pylist(exchanges)),
        accounts=keep(opened, pa.Table.from_pylist(accounts)),
        things=keep(opened, pa.Table.from_pylist(things)),
        edges=keep(opened, pa.Table.from_pylist(edges)),
        account_signals=(HASTE,),
        group_signals=(),
        links=[link(kind, text=kind == "head") for kind in SHARED],
        fewest=3,
        total=TOTAL,
    )


def link(name: str, text: bool) -> Link:
    about = About(
        name=name, title=name, group="links", needs=("time",), innocent="None.", source="A test."
    )
    return Link(about=about, value=lambda t: t.time, text=text)


def candidates(opened: Engine, groups: dict[int, Iterable[int]]) -> Candidates:
    rows = [
        {"group": group, "account_key": account, "link_bits": 9.0}
        for group, accounts in groups.items()
        for account in accounts
    ]
    schema = pa.schema(
        [("group", pa.int64()), ("account_key", pa.int64()), ("link_bits", pa.float64())]
    )
    members = keep(opened, pa.Table.from_pylist(rows, schema))
    return Candidates(members, members, np.array(sorted(groups), dtype=np.int64), {})


def grown(
    opened: Engine,
    groups: dict[int, Iterable[int]],
    total: list[float],
    slow: Collection[int] = (),
) -> dict[int, set[int]]:
    campaigns = growth.grown(
        ground(opened, slow), candidates(opened, groups), np.array(total), 0.0, KNOWN
    )
    if campaigns is None:
        return {}
    found: dict[int, set[int]] = {}
    for row in campaigns.members.to_pyarrow().to_pylist():
        found.setdefault(row["group"], set()).add(row["account_key"])
    assert sorted(found) == campaigns.groups.tolist()
    return found


def test_a_crowd_that_shares_one_thing_is_left_out(opened: Engine) -> None:
    found = grown(opened, {0: WHOLE, 1: CORE}, [5.0, 9.0])
    assert list(found.values()) == [{*CORE, *REST}]


def test_a_part_grows_in_a_whole_that_is_not_likely_itself(opened: Engine) -> None:
    found = grown(opened, {0: WHOLE, 1: CORE}, [-9.0, 9.0])
    assert list(found.values()) == [{*CORE, *REST}]


def test_what_is_left_may_be_a_campaign_of_its_own(opened: Engine) -> None:
    found = grown(opened, {0: WHOLE, 1: CORE, 2: CROWD}, [5.0, 9.0, 7.0])
    assert sorted(map(sorted, found.values())) == [sorted([*CORE, *REST]), sorted(CROWD)]
    assert min(found) > 2, "their ids are new"


def test_wholes_that_overlap_give_nobody_to_two_campaigns(opened: Engine) -> None:
    # Of the second whole, one account in twenty lies in the first as well.
    other = [*range(200, 219), 29]
    found = grown(opened, {0: [*CORE, *REST], 1: other}, [9.0, 8.0])
    accounts = [account for group in found.values() for account in group]
    assert len(accounts) == len(set(accounts))


def test_without_a_likely_part_nothing_grows(opened: Engine) -> None:
    assert grown(opened, {0: WHOLE, 1: CORE}, [-3.0, -1.0]) == {}


def test_without_candidates_nothing_grows(opened: Engine) -> None:
    assert grown(opened, {}, []) == {}


def test_who_shares_everything_and_acts_otherwise_is_left_out(opened: Engine) -> None:
    found = grown(opened, {0: WHOLE, 1: CORE}, [5.0, 9.0], slow=[29])
    assert list(found.values()) == [{*CORE, *REST} - {29}]
