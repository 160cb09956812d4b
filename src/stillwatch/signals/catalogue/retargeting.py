"""Retargeting: an account that moves to a new model within a day of its release."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.model import About, AccountSignal, Scale

HOUR, DAY = 3_600, 86_400
LEAST_USED = 0.005
"""Share of all exchanges that ask a model, below which nobody moves to it."""
EARLY = 0.02
"""Share of a new model's exchanges that may come before its release: staff and early access."""


def newest(exchanges: ir.Table) -> ir.Table:
    """released (the hour in which the newest model came into use, in seconds), newest (its name).

    One row, or none without a release: a model that was in use within a day of the start of the
    traffic is not known to be new.
    """
    named = exchanges.filter(exchanges.model.notnull())
    hours = (
        named.select("model", hour=seconds(named.time) // HOUR)
        .group_by("model", "hour")
        .agg(uses=lambda t: t.count())
    )
    by_then = ibis.cumulative_window(group_by="model", order_by="hour")
    grown = hours.mutate(
        by_then=hours.uses.sum().over(by_then),
        of_model=hours.uses.sum().over(ibis.window(group_by="model")),
        of_all=hours.uses.sum().over(ibis.window()),
        start=hours.hour.min().over(ibis.window()),
    )
    out = (
        grown.filter(grown.by_then >= EARLY * grown.of_model)
        .group_by("model", "of_model", "of_all", "start")
        .agg(released=lambda t: t.hour.min() * HOUR)
    )
    news = out.filter(
        out.released >= out.start * HOUR + DAY, out.of_model >= LEAST_USED * out.of_all
    )
    return news.order_by(ibis.desc("released"), "model").limit(1).select("released", newest="model")


def moves(exchanges: ir.Table) -> ir.Table:
    """account_key, before_release, release_day, moved: exchanges before, on the day after, and of
    those the ones with the new model; no rows without a release.
    """
    uses = exchanges.select("account_key", "model", seconds=seconds(exchanges.time))
    known = uses.cross_join(newest(exchanges))
    day = (known.seconds >= known.released) & (known.seconds < known.released + DAY)
    return known.group_by("account_key").agg(
        before_release=(known.seconds < known.released).sum(),
        release_day=day.sum(),
        moved=(day & (known.model == known.newest)).sum(),
    )


SIGNAL = AccountSignal(
    about=About(
        name="retargeting",
        title="Moved to a new model in a day",
        group="volume",
        needs=("model",),
        innocent="Enthusiasts, benchmarks and whoever follows an alias move at once.",
        source="Disclosure of Feb 2026: half of the traffic moved within 24 hours of a release.",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(0.02, 0.2, 0.5, 0.8),
        harvest=(0.25, 0.10, 0.15, 0.22, 0.28),
        ordinary=(0.70, 0.08, 0.06, 0.06, 0.10),
        reading="{value:.0%} of its use went to a model within a day of its release",
        rises=True,
    ),
    aggregates=lambda _: {},
    value=lambda a: ((a.before_release >= 5) & (a.release_day >= 5)).ifelse(
        a.moved.cast("float64") / a.release_day, None
    ),
    facts=moves,
)
