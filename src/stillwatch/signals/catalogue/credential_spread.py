"""One credential on many clients: a key that is dealt out, relayed or stolen."""

from __future__ import annotations

import ibis.expr.types as ir

from stillwatch.signals.model import About, AccountSignal, Scale


def clients(exchanges: ir.Table) -> ir.Table:
    """account_key, credential_clients: most pairs of network and user agent with one credential."""
    used = exchanges.filter(exchanges.credential.notnull())
    pairs = used.select("account_key", "credential", "network", "user_agent").distinct()
    each = pairs.group_by("account_key", "credential").agg(clients=lambda t: t.count())
    return each.group_by("account_key").agg(credential_clients=lambda t: t.clients.max())


SIGNAL = AccountSignal(
    about=About(
        name="credential_spread",
        title="Clients of one credential",
        group="identity",
        needs=("credential", "network", "user_agent"),
        innocent="One key in a company's build runners, laptops and servers is on many clients.",
        source="Advisory AA26-251A: one credential on many addresses and user agents.",
        atlas=("AML.T0012", "AML.T0008.005"),
    ),
    scale=Scale(
        edges=(1.5, 2.5, 4.5, 8.5),
        harvest=(0.25, 0.15, 0.20, 0.22, 0.18),
        ordinary=(0.50, 0.33, 0.09, 0.05, 0.03),
        reading="pairs of network and user agent with one credential: {value:.0f}",
        rises=True,
    ),
    aggregates=lambda _: {},
    value=lambda a: (a.exchanges >= 5).ifelse(a.credential_clients, None),
    facts=clients,
)
