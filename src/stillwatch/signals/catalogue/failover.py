"""Failover: when a credential or path is denied, the account goes on by another in minutes."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stillwatch.portable import seconds
from stillwatch.signals.model import About, AccountSignal, Scale

SECONDS = 600


def failovers(exchanges: ir.Table) -> ir.Table:
    """account_key, failed_over: paths that were denied and left for another within `SECONDS`.

    A path is a credential and the gateway it came through. What counts is its last denial, and
    whether another path of the account was answered in the ten minutes after it.
    """
    path = exchanges.credential.fill_null("") + "|" + exchanges.gateway.fill_null("")
    uses = exchanges.select("account_key", "status", path=path, seconds=seconds(exchanges.time))
    denied = uses.filter(uses.status == "denied").select("account_key").distinct()
    own = uses.semi_join(denied, "account_key").mutate(
        answered=lambda t: (t.status == "ok").ifelse(t.path, None)
    )
    # Another path than its own was answered if the first or the last by name is another.
    soon = ibis.range_window(group_by="account_key", order_by="seconds", following=(1, SECONDS))
    followed = own.mutate(low=own.answered.min().over(soon), high=own.answered.max().over(soon))
    left = (followed.low != followed.path) | (followed.high != followed.path)
    last = (
        followed.mutate(left=left)
        .filter(followed.status == "denied")
        .group_by("account_key", "path")
        .agg(left=lambda t: t.left.argmax(t.seconds))
    )
    return last.filter(last.left).group_by("account_key").agg(failed_over=lambda t: t.count())


SIGNAL = AccountSignal(
    about=About(
        name="failover",
        title="Other path at once when blocked",
        group="tempo",
        needs=("status", "credential"),
        innocent="Routers over several keys, and a key that is rotated on time, fail over as well.",
        source="Advisory AA26-251A: failover to another path when one is blocked.",
        atlas=("AML.T0012", "AML.T0008.005"),
    ),
    scale=Scale(
        edges=(1.5, 3.5),
        harvest=(0.50, 0.30, 0.20),
        ordinary=(0.80, 0.15, 0.05),
        reading="denied paths left for another within ten minutes: {value:.0f}",
        rises=True,
    ),
    aggregates=lambda _: {},
    # Never having failed over says nothing: hardly anybody is blocked.
    value=lambda a: a.failed_over,
    facts=failovers,
)
