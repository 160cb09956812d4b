"""Candidate groups, measured: the step between the graph and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis.expr.types as ir
import ibis.util
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.campaigns import graph, membership
from stillwatch.campaigns.graph import Ints
from stillwatch.campaigns.members import Members, by_group
from stillwatch.campaigns.members import table as members_table
from stillwatch.campaigns.posterior import Floats
from stillwatch.engine import Engine
from stillwatch.licences import Sides
from stillwatch.signals.blame import blamed
from stillwatch.signals.model import AccountSignal, GroupSignal, GroupTables, Link
from stillwatch.signals.shared import LEAST_WEIGHT
from stillwatch.signals.times import times, witnessed

DRAWING = 3
"""Things of each kind by which an account is drawn into a group; the others only describe it."""
LARGEST_SHARE = 0.5
"""A group that holds more than this share of all accounts is everybody."""
WORDING = "wording"
"""The family of the kinds of things that come from the wording of prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What candidate groups are found in and measured on.

    `accounts`, `things` and `edges` are the tables of the signals stage (`signals.accounts`,
    `signals.shared`); the signals are those that could be fed; `fewest` accounts make a group, of
    `total` in all. `sides`: what licences cover; no group can have that.
    """

    engine: Engine
    exchanges: ir.Table
    accounts: ir.Table
    things: ir.Table
    edges: ir.Table
    account_signals: Sequence[AccountSignal]
    group_signals: Sequence[GroupSignal]
    links: Sequence[Link]
    fewest: int
    total: int
    sides: Sides | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate groups and what was measured of them.

    `members`: group, account_key, link_bits. `shared`: see `membership.shared`. `groups` (n,): ids
    of groups, ascending; `values[signal]` (n,): what each group signal measured, NaN where it could
    not judge.
    """

    members: ir.Table
    shared: ir.Table
    groups: Ints
    values: dict[str, Floats]

    def held(self) -> Members:
        """The accounts of each group."""
        chosen = set(self.groups.tolist())
        return {g: m for g, m in by_group(self.members).items() if g in chosen}

    def sizes(self) -> Ints:
        """How many accounts each group has; shape (n,)."""
        counted = self.members.group_by("group").agg(accounts=lambda t: t.count()).to_pyarrow()
        of = dict(zip(counted["group"].to_pylist(), counted["accounts"].to_pylist(), strict=True))
        return np.array([of[group] for group in self.groups.tolist()], dtype=np.int64)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Candidates:
        """Those of the groups that are chosen; shape (n,). The tables keep what they hold."""
        values = {name: value[chosen] for name, value in self.values.items()}
        return replace(self, groups=self.groups[chosen], values=values)

    def and_also(self, others: Candidates) -> Candidates:
        """These and others, whose ids are all larger."""
        return Candidates(
            members=self.members.union(others.members),
            shared=self.shared.union(others.shared),
            groups=np.concatenate([self.groups, others.groups]),
            values={n: np.concatenate([v, others.values[n]]) for n, v in self.values.items()},
        )


def candidates(ground: Ground) -> Candidates:
    """Finds groups of accounts and measures every group signal."""
    engine, edges, things, total = ground.engine, ground.edges, ground.things, ground.total
    drawing = edges.filter(edges.place < DRAWING, edges.weight >= LEAST_WEIGHT).select(
        "account_key", "node", "weight"
    )
    if ground.sides is not None:
        drawing = drawing.anti_join(ground.sides.table, "account_key")
    most = int(LARGEST_SHARE * total)
    found = graph.communities(drawing.to_pyarrow(), ground.fewest, most)
    rough = engine.memtable("rough_members", found)
    drafts = engine.keep("rough_shared", membership.shared(edges, things, rough, total))
    belonging = engine.keep("belonging", belong(drafts, rough, ground.links))
    sure = belonging.filter(belonging.link_bits >= membership.LEAST)
    sizes = sure.group_by("group").agg(size=lambda t: t.count())
    large = sizes.filter(sizes["size"] >= ground.fewest)
    members = engine.keep("members", sure.semi_join(large, "group"))
    shared = engine.keep("shared", membership.narrowed(drafts, members, total))
    return gathered(ground, "inside", members, shared)


def gathered(ground: Ground, name: str, members: ir.Table, shared: ir.Table) -> Candidates:
    """Groups with these members, measured; `name` is that of the table of their exchanges."""
    signals = ground.group_signals
    inside = ground.exchanges.join(members.select("group", "account_key"), "account_key")
    read = {c for s in signals for c in (s.about.needs if s.reads is None else s.reads)}
    kept = sorted({"time", *read & set(ground.exchanges.columns)})
    narrow = ground.engine.keep(name, inside.select("group", "account_key", *kept))
    when = ground.engine.keep(f"{name}_times", times(narrow))
    who = ground.engine.keep(f"{name}_witnessed", witnessed(when, shared))
    tables = GroupTables(ground.things, members, ground.accounts, narrow, when, who, shared)
    groups = np.sort(members.select("group").distinct().to_pyarrow()["group"].to_numpy())
    return Candidates(
        members=members,
        shared=shared,
        groups=groups,
        values={s.about.name: _measured(groups, s, tables) for s in signals},
    )


def measured(ground: Ground, name: str, members: Members) -> Candidates:
    """Groups of these accounts, whatever they were made of, measured."""
    # One evidence may be judged several times.
    name = ibis.util.gen_name(name)
    held = ground.engine.memtable(f"{name}_members", members_table(members))
    shared = membership.shared(ground.edges, ground.things, held, ground.total)
    shared = ground.engine.keep(f"{name}_shared", shared)
    belonging = ground.engine.keep(name, belong(shared, held, ground.links))
    return gathered(ground, f"{name}_inside", belonging, shared)


def wording(links: Sequence[Link]) -> dict[str, str]:
    """The kinds of things that come from the wording of prompts, which depend on one another."""
    return {link.about.name: WORDING for link in links if link.text}


def belong(shared: ir.Table, members: ir.Table, links: Sequence[Link]) -> ir.Table:
    """group, account_key, link_bits: how well each member fits its group."""
    pairs = members.select("group", "account_key")
    return membership.link_bits(shared, membership.covered(shared), pairs, wording(links))


def _measured(groups: Ints, signal: GroupSignal, tables: GroupTables) -> Floats:
    with blamed(signal):
        measured = signal.measure(tables)
    table: pa.Table = measured.select("group", value=measured.value.cast("float64")).to_pyarrow()
    values = np.full(len(groups), np.nan)
    values[np.searchsorted(groups, table["group"].to_numpy())] = table["value"].to_numpy()
    return values
