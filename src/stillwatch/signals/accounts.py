"""The accounts table: what each account did, in numbers, bins and bits."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np

from stillwatch.errors import UsageError
from stillwatch.portable import seconds
from stillwatch.signals.blame import blamed
from stillwatch.signals.model import GROUPS, AccountSignal
from stillwatch.signals.weights import Weights, bits

LARGEST_GROUP = 6.0
"""Bits that one group of dependent signals may say about an account at most."""
GAPS = ("gap_mean", "gap_square", "longest_gap")


def paced(exchanges: ir.Table) -> ir.Table:
    """Of each account, the seconds between an exchange and its next one, in numbers.

    account_key, gap_mean, gap_square (mean of squares), longest_gap; null for a single exchange.
    """
    # No other column comes along: they would all be sorted with the times.
    previous = ibis.window(group_by="account_key", order_by="seconds")
    times = exchanges.select("account_key", seconds=seconds(exchanges.time))
    gaps = times.select("account_key", gap=times.seconds - times.seconds.lag().over(previous))
    return gaps.group_by("account_key").agg(
        gap_mean=lambda t: t.gap.mean(),
        gap_square=lambda t: (t.gap * t.gap).mean(),
        longest_gap=lambda t: t.gap.max(),
    )


def measured(exchanges: ir.Table, signals: Sequence[AccountSignal]) -> ir.Table:
    """One row an account: every signal's aggregates and, under the signal's name, its value.

    `exchanges` are sketches. One pass over them, whatever the number of signals, one for the gaps
    between them (`paced`), and one for each function that gives signals further facts.
    """
    aggregates: dict[str, ir.Scalar] = {
        "account": exchanges.account.arbitrary(),
        "exchanges": exchanges.count(),
        "first_seen": exchanges.time.min(),
        "last_seen": exchanges.time.max(),
    }
    for signal in signals:
        with blamed(signal):
            own = signal.aggregates(exchanges)
        if taken := sorted(own.keys() & {*aggregates, *GAPS}):
            raise _taken(signal, "aggregate", taken[0])
        aggregates |= own
    accounts = exchanges.group_by("account_key").agg(**aggregates)
    accounts = accounts.join(paced(exchanges), "account_key")
    for facts, signal in {s.facts: s for s in signals if s.facts}.items():
        with blamed(signal):
            found = facts(exchanges)
        if taken := sorted(set(found.columns) & set(accounts.columns) - {"account_key"}):
            raise _taken(signal, "fact", taken[0])
        accounts = accounts.left_join(found, "account_key").drop("account_key_right")
    hours = (seconds(accounts.last_seen) - seconds(accounts.first_seen)) / 3600.0
    accounts = accounts.mutate(
        active_hours=hours, exchanges_a_day=accounts.exchanges / ibis.greatest(hours / 24.0, 1.0)
    )
    values = {}
    for signal in signals:
        with blamed(signal):
            values[signal.about.name] = signal.value(accounts).cast("float64")
    return accounts.mutate(**values)


def _taken(signal: AccountSignal, kind: str, name: str) -> UsageError:
    return UsageError(
        f"signal {signal.about.name!r} gives the {kind} {name!r}, which another signal has "
        "already; rename it"
    )


def histograms(accounts: ir.Table, signals: Sequence[AccountSignal]) -> dict[str, list[float]]:
    """How many accounts fall into each bin of each signal; nulls are left out."""
    wanted = {
        f"{s.about.name}:{i}": (bin_of(accounts, s) == i).sum().fill_null(0)
        for s in signals
        for i in range(len(s.scale.edges) + 1)
    }
    if not wanted:
        return {}
    row = accounts.aggregate(**wanted).to_pyarrow().to_pylist()[0]
    return {
        s.about.name: [float(row[f"{s.about.name}:{i}"]) for i in range(len(s.scale.edges) + 1)]
        for s in signals
    }


def weighed(
    accounts: ir.Table,
    signals: Sequence[AccountSignal],
    weights: Weights,
    own: dict[str, list[float]],
) -> ir.Table:
    """The accounts with `<signal>:bits`, `<group>_bits` (capped) and `own_bits`, their sum.

    `own` are the provider's histograms. A null value weighs 0 bits.
    """
    per_signal = {}
    for signal in signals:
        name, scale = signal.about.name, signal.scale
        u = weights.own(name, scale, own[name])
        worth = bits(weights.harvest(name, scale), u)
        index = bin_of(accounts, signal)
        per_signal[f"{name}:bits"] = ibis.cases(
            *((index == i, float(np.round(w, 6))) for i, w in enumerate(worth)), else_=0.0
        )
    accounts = accounts.mutate(**per_signal)
    per_group = {
        f"{group}_bits": _sum(
            [accounts[f"{s.about.name}:bits"] for s in signals if s.about.group == group]
        ).clip(lower=-LARGEST_GROUP, upper=LARGEST_GROUP)
        for group in GROUPS
    }
    accounts = accounts.mutate(**per_group)
    return accounts.mutate(own_bits=_sum([accounts[name] for name in per_group]))


def bin_of(table: ir.Table, signal: AccountSignal) -> ir.IntegerValue:
    """Index of the bin an account falls into, null where the signal cannot tell."""
    value = table[signal.about.name]
    edges = signal.scale.edges
    above = _sum([(value >= edge).cast("int64") for edge in edges])
    return value.notnull().ifelse(above, None)


def _sum(values: Sequence[ir.NumericValue]) -> ir.NumericValue:
    total: ir.NumericValue = ibis.literal(0.0)
    for value in values:
        total = total + value
    return total
