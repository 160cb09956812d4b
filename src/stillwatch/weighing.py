"""From sketches to evidence: accounts in bits, things shared, candidate groups measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import ibis.expr.types as ir

from stillwatch.campaigns.candidates import Candidates, Ground, candidates
from stillwatch.engine import Engine
from stillwatch.licences import covered_sides
from stillwatch.progress import Progress
from stillwatch.signals import accounts as account_stage
from stillwatch.signals import registry, shared
from stillwatch.signals.model import Signal
from stillwatch.signals.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Ground):
    """Everything a verdict rests on: the ground, and the candidate groups found in it."""

    found: Candidates

    def with_found(self, found: Candidates) -> Evidence:
        """The same evidence with other candidate groups."""
        return replace(self, found=found)


def evidence(
    engine: Engine,
    exchanges: ir.Table,
    columns: frozenset[str],
    weights: Weights,
    fewest_accounts: int,
    progress: Progress,
    added: Sequence[Signal] = (),
    covered: ir.Table | None = None,
) -> Evidence:
    """Measures all signals, `added` ones too, that traffic with these columns can feed.

    `covered`: the exchanges that a licence covers, which are parted from the others already.
    """
    account_signals = registry.account_signals(columns, added)
    group_signals = registry.group_signals(columns)
    links = registry.links(columns, added)

    progress("accounts", 0.0)
    measured = engine.keep("measured", account_stage.measured(exchanges, account_signals))
    sides = None if covered is None else covered_sides(engine, measured, covered)
    whole = measured
    if sides is not None:
        # What is usual is what accounts do in all, licensed or not.
        both = account_stage.measured(sides.whole(exchanges), account_signals)
        whole = sides.neither(measured).union(engine.keep("measured_whole", both))
    own = account_stage.histograms(whole, account_signals)
    every = engine.keep("accounts", account_stage.weighed(measured, account_signals, weights, own))
    accounts = every
    if sides is not None:
        accounts = engine.keep("people", every.anti_join(sides.doubled, "account_key"))
    total = int(accounts.count().to_pyarrow().as_py())

    progress("links", 0.0)
    things, edges = shared.links(engine, exchanges, every, links, total, sides)

    progress("campaigns", 0.0)
    ground = Ground(
        engine=engine,
        exchanges=exchanges,
        accounts=accounts,
        things=things,
        edges=edges,
        account_signals=account_signals,
        group_signals=group_signals,
        links=links,
        fewest=fewest_accounts,
        total=total,
        sides=sides,
    )
    found = candidates(ground)
    return Evidence(**{f.name: getattr(ground, f.name) for f in fields(ground)}, found=found)
