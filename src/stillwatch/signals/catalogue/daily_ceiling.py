"""A ceiling: the same volume day after day, as a budget or a queue metes it out."""

from __future__ import annotations

import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.catalogue.evenness import spread_beyond_chance
from stillwatch.signals.model import About, AccountSignal, Scale


def days(exchanges: ir.Table) -> ir.Table:
    """account_key, days, day_mean and day_variance of exchanges on its whole days of use.

    The first and the last day of an account are cut off somewhere, and left out.
    """
    counted = (
        exchanges.select("account_key", day=seconds(exchanges.time) // 86_400)
        .group_by("account_key", "day")
        .agg(seen=lambda t: t.count())
    )
    ends = counted.group_by("account_key").agg(
        begin=lambda t: t.day.min(), end=lambda t: t.day.max()
    )
    whole = counted.join(ends, "account_key").filter(lambda t: (t.day > t.begin) & (t.day < t.end))
    return whole.group_by("account_key").agg(
        days=lambda t: t.count(),
        day_mean=lambda t: t.seen.mean(),
        day_variance=lambda t: t.seen.cast("float64").var(how="sample"),
    )


SIGNAL = AccountSignal(
    about=About(
        name="daily_ceiling",
        title="The same volume every day",
        group="volume",
        needs=("time",),
        innocent="A nightly job over one list does the same work every day as well.",
        source="Own: daily budgets that are used up, as coefficient of variation beyond Poisson.",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.15, 0.3, 0.6, 1.0),
        harvest=(0.15, 0.25, 0.35, 0.18, 0.07),
        ordinary=(0.15, 0.12, 0.23, 0.30, 0.20),
        reading="whole days differ by {value:.2f} of their mean, chance taken off",
        rises=False,
    ),
    aggregates=lambda _: {},
    value=lambda a: ((a.days >= 4) & (a.day_mean >= 10)).ifelse(
        spread_beyond_chance(a.day_mean, a.day_variance, a.days), None
    ),
    facts=days,
)
