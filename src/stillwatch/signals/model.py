"""What a signal is: one page that says what it measures, why the innocent show it, and how.

A signal measures a number on one of two units, an account or a group of accounts, and puts it
into a bin. Its weight is log2(m / u) of that bin: how often harvesters fall into it against how
often the innocent do (Fellegi and Sunter 1969). A link names a thing that accounts can share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import ibis.expr.types as ir

GROUPS = ("links", "text", "tempo", "volume", "identity", "shards")
"""Signals of one group depend on one another; a group's sum of bits is capped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What people are told about a signal, in the report and in the reference."""

    name: str
    title: str
    """What is measured, in a few words, as the label of a bar."""
    group: str
    """One of `GROUPS`."""
    needs: tuple[str, ...]
    """Sketch columns without which the signal is skipped."""
    innocent: str
    """Why an innocent customer may show it."""
    source: str
    """Where the idea comes from: paper, advisory, incident."""
    atlas: tuple[str, ...] = ()
    """MITRE ATLAS technique ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a measured number becomes a bin, and what the bins mean before any data is seen.

    `edges` has k ascending numbers and makes k + 1 bins: below the first, between, from the last
    up. `harvest` and `ordinary` have k + 1 probabilities each: the prior `m` and `u`. They count
    as `PRIOR_STRENGTH` observations against what the range and the provider's traffic show.
    """

    edges: tuple[float, ...]
    harvest: tuple[float, ...]
    ordinary: tuple[float, ...]
    reading: str
    """A format string over `value`: `active in {value:.0f} of 24 hours`."""
    rises: bool | None = None
    """Whether more of it speaks for a harvest (True) or against one (False); None where it is not
    known before it was seen. Fitted weights keep to it, whatever chance the training data show."""

    def __post_init__(self) -> None:
        bins = len(self.edges) + 1
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError(f"edges must ascend: {self.edges}")
        for name in ("harvest", "ordinary"):
            shares = getattr(self, name)
            if len(shares) != bins or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
                raise ValueError(f"{name} must be {bins} positive shares that sum to 1: {shares}")

    def spans(self) -> list[str]:
        """The bins in words: `below 1`, `1 to 2`, `2 or more`."""
        bounds = ["", *(f"{edge:g}" for edge in self.edges), ""]
        return [
            f"below {high}" if not low else f"{low} to {high}" if high else f"{low} or more"
            for low, high in pairwise(bounds)
        ]


PRIOR_STRENGTH = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSignal:
    """A number about each account, from one aggregation over its exchanges.

    `aggregates(exchanges)` gives named scalar aggregates; all signals' aggregates are computed in
    one pass. `value(accounts)` gives the number from them, and from those that every account has
    (`accounts.measured`), or null where the account has done too little to tell; null weighs
    nothing.
    """

    about: About
    scale: Scale
    aggregates: Callable[[ir.Table], Mapping[str, ir.Scalar]]
    value: Callable[[ir.Table], ir.FloatingValue]
    facts: Callable[[ir.Table], ir.Table] | None = None
    """Columns by `account_key` that take more than one aggregation of the exchanges; null for the
    accounts it leaves out. It costs a pass of its own; signals that name one function share it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A thing that accounts can share; the rarer, the more sharing it says.

    `value(exchanges)` gives, for each exchange, the thing it carries, or null. Where the thing
    belongs to the account and never changes, `of_account` is set and `value` is given the accounts
    with the aggregates of the account signals.
    """

    about: About
    value: Callable[[ir.Table], ir.Value]
    of_account: bool = False
    text: bool = False
    """Whether the thing comes from the wording of prompts: such values make template families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSignal:
    """A number about each candidate group of accounts.

    `measure(tables)` gives a table with the columns `group` and `value`, one row for each group
    it can judge.
    """

    about: About
    scale: Scale
    measure: Callable[[GroupTables], ir.Table]
    reads: tuple[str, ...] | None = None
    """Columns of the exchanges that it reads; all it needs where that is not said."""


@dataclass(frozen=True, slots=True)
class GroupTables:
    """What a group signal may read. All are keyed by `group`, `account_key` or both.

    `things`: node, kind, value, carriers. `members`: group, account_key. `accounts`: account_key
    and every aggregate and value of the account signals, with `<group of signals>_bits`.
    `exchanges`: the sketches of members, with `group`: their time, and the columns that the
    signals in use need. `times`: how many of them in each ten minutes, by account; `witnessed`: by
    witness (`signals.times`).
    `shared`: what is typical of groups and who carries it: group,
    account_key, kind, node (the thing), share (of the account's exchanges), inside and carriers
    (accounts in the group and in all that carry it) and lift (how many times as common it is in
    the group as outside of it).
    """

    things: ir.Table
    members: ir.Table
    accounts: ir.Table
    exchanges: ir.Table
    times: ir.Table
    witnessed: ir.Table
    shared: ir.Table


Signal = AccountSignal | Link | GroupSignal
