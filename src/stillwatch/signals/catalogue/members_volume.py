"""Volume of the members: how much each account takes."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean, members_scale
from stillwatch.signals.model import About, GroupSignal

SIGNAL = GroupSignal(
    about=About(
        name="members_volume",
        title="Volume of its accounts",
        group="volume",
        needs=("time",),
        innocent="One company's accounts were opened for one large job.",
        source="Mean of the account signals' bits: accounts of one group share causes, so once.",
        atlas=("AML.T0040",),
    ),
    scale=members_scale("volume"),
    measure=lambda tables: members_mean(tables, "volume_bits"),
)
