"""One account on many addresses: a pool of proxies behind one credential."""

from __future__ import annotations

from stillwatch.signals import linear_counting
from stillwatch.signals.model import About, AccountSignal, Scale

SIGNAL = AccountSignal(
    about=About(
        name="many_origins",
        title="Many addresses",
        group="identity",
        needs=("address_key",),
        innocent="Phones, fresh build runners and cloud functions change address all the time.",
        source="Advisory AA26-251A: one credential on many addresses and user agents.",
        atlas=("AML.T0008.005", "AML.T0012"),
    ),
    scale=Scale(
        edges=(1.5, 3.5, 8.5, 25.5),
        harvest=(0.30, 0.20, 0.20, 0.20, 0.10),
        ordinary=(0.50, 0.30, 0.13, 0.05, 0.02),
        reading="addresses: about {value:.0f}",
        rises=True,
    ),
    aggregates=lambda t: {"address_slots": linear_counting.slots(t.address_key)},
    value=lambda a: ((a.exchanges >= 5) & (a.address_slots != 0)).ifelse(
        linear_counting.estimate(a.address_slots), None
    ),
)
